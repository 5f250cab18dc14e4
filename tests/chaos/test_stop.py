"""The program is asked to end in the middle of its work: it does so in time, and leaves nothing half done."""

import asyncio
import time
from pathlib import Path

import pytest

from bot import clock
from storage import feeds
from storage.database import Database
from storage.states import DeliveryState
from storage.tables import Feed
from tests import make
from tests.chaos import ledger
from tests.chaos.processes import Program, open_server
from tests.fakes.feeds import Answer, FeedServer

IN_TIME_S = 15.0
CHATS = 120
FEEDS = 20


async def stopped(program: Program) -> float:
    """Ask it to end; gives how long it took."""
    began = time.monotonic()
    assert await program.stop() == 0
    assert program.defects() == []
    return time.monotonic() - began


@pytest.mark.slow
@pytest.mark.parametrize("is_held", [False, True], ids=["answers come late", "answers never come"])
async def test_a_stop_in_the_middle_of_a_fan_out_leaves_no_delivery_on_its_way(
    tmp_path: Path, empty_url: str, *, is_held: bool
) -> None:
    async with open_server(tmp_path) as server:
        people = await server.ask("users", count=CHATS)
        await ledger.prepare(empty_url, people)
        await server.ask("chance", seed=1, methods=["sendMessage"], delay=1.0, max_delay_s=0.5)
        async with Program(tmp_path, server.url, 300, url=empty_url) as program:
            await program.start()
            assert await server.wait(40)
            if is_held:
                await server.ask("chance")
                await server.ask("fault", method="sendMessage", kind="hold", times=1000)
                while not (await server.ask("state"))["faults"].get("hold"):  # noqa: ASYNC110 - the next send is held
                    await asyncio.sleep(0.05)
            assert await stopped(program) < IN_TIME_S
        rows = await ledger.owed(empty_url)
    assert len(rows) == CHATS
    assert {row.state for row in rows} == {DeliveryState.SENT, DeliveryState.PLANNED}
    assert any(row.uncertain_count for row in rows) is is_held


@pytest.mark.slow
async def test_a_stop_in_the_middle_of_a_poll_leaves_no_feed_that_is_not_asked_again(
    tmp_path: Path, empty_url: str
) -> None:
    async with open_server(tmp_path) as server, FeedServer() as news:
        async with await Database.open(empty_url) as db, db.write() as tx:
            source = await make.source(tx)
            times = {"next_due_at": clock.now(), "added_at": clock.now()}
            for number in range(FEEDS):
                url = news.put(f"/{number}", Answer(hangs="headers"))
                await feeds.add_feed(tx, Feed(source_id=source.id or 0, url=url, **times))
        private = {"KURZCLIPS_ALLOW_PRIVATE_NETWORK": news.here}
        async with Program(tmp_path, server.url, 30, url=empty_url, extra=private) as program:
            await program.start()
            while not news.seen:  # noqa: ASYNC110 - it asks as soon as it is up
                await asyncio.sleep(0.05)
            assert await stopped(program) < IN_TIME_S
        async with await Database.open(empty_url) as db, db.read() as tx:
            assert len(await feeds.due_addresses(tx, clock.now())) == FEEDS
