"""What watchers of a running bot hear: that it lives, whether it is ready, and figures without anything private."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import health, running
from bot.app import Core, open_core
from bot.config import Settings
from bot.errors import ConfigError
from bot.health import Health
from bot.jobs.scheduler import Job, Jobs
from bot.metered import Meter
from bot.metrics import MOST_CODES, Metrics
from bot.serving import Place, Server
from storage import feeds
from storage.database import Database, Tx
from storage.errors import DatabaseBusy
from storage.tables import Feed
from tests import make
from tests.fakes.feeds import Answer, FeedServer
from tests.fakes.telegram import FakeTelegram, faults
from tests.make import NOW, MovableClock
from tests.polling import rss

Answered = tuple[int, str]


async def get(port: int, path: str) -> Answered:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.text()


async def figures(port: int) -> dict[str, float]:
    """All samples, as "name value-of-label …" → number."""
    found = {}
    for family in text_string_to_metric_families((await get(port, "/metrics"))[1]):
        for sample in family.samples:
            found[" ".join((sample.name, *(sample.labels[name] for name in sorted(sample.labels))))] = sample.value
    return found


@asynccontextmanager
async def told(db: Database, metrics: Metrics | None = None) -> AsyncIterator[tuple[int, Health]]:
    """A port at which watchers are answered about a database."""
    teller = Health(db, MovableClock(), metrics or Metrics("1.2.3", "sqlite"))
    async with Server(teller.app(), Place("127.0.0.1", 0), "METRICS_LISTEN") as server:
        yield server.port, teller
        await teller.close()


class Whole:
    """The whole bot as `kurzclips run` builds it, but that its feeds are polled when a test says so."""

    core: Core
    jobs: Jobs
    port: int

    def __init__(self, folder: Path, fake: FakeTelegram, feed_server: FeedServer) -> None:
        self.settings = Settings.model_validate(
            {
                "database_url": f"sqlite:///{folder / 'k.db'}",
                "telegram_token": fake.token,
                "telegram_api_url": fake.api_url,
                "metrics_listen": "127.0.0.1:0",
                "allow_private_network": feed_server.here,
                "embeddings": "off",
            }
        )

    @asynccontextmanager
    async def up(self, caplog: pytest.LogCaptureFixture) -> AsyncIterator["Whole"]:
        caplog.set_level("INFO", "bot.metered")
        async with AsyncExitStack() as stack:
            self.core = await stack.enter_async_context(open_core(self.settings, MovableClock()))
            self.jobs = await stack.enter_async_context(running.open_platforms(self.core, polls=False))
            match = re.search(r"are told at 127\.0\.0\.1, port (\d+)", caplog.text)
            assert match is not None
            self.port = int(match[1])
            yield self

    async def poll(self, feed_server: FeedServer, path: str, answer: Answer) -> None:
        async with self.core.db.write() as tx:
            source = await make.source(tx)
            feed = Feed(source_id=source.id or 0, url=feed_server.put(path, answer), next_due_at=NOW, added_at=NOW)
            await feeds.add_feed(tx, feed)
        await self.core.poller.tick()


async def test_a_day_of_the_bot_in_figures_names_no_chat_no_address_and_no_token(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with FakeTelegram() as fake, FeedServer() as news, Whole(tmp_path, fake, news).up(caplog) as whole:
        anna = fake.user("Anna", language_code="en")
        for words in ("/subscribe energy 08:30", "/nonsense", "/status"):
            await anna.says(words)
            await anna.hears()
        await anna.inline("strom")
        await whole.poll(news, "/good", Answer(body=rss("Strom wird billiger", "Windkraft wächst")))
        await whole.poll(news, "/bad", Answer(status=500))
        whole.core.clock.move(days=1)  # type: ignore[attr-defined]
        fake.fail_next("sendMessage", faults.reset_after())
        await whole.jobs.run_once()
        await fake.until(lambda: len(anna.messages) == 4)
        found = await figures(whole.port)
        _status, text = await get(whole.port, "/metrics")
    expected = {
        "kurzclips_replies_total subscribe answered telegram": 1,
        "kurzclips_replies_total unknown answered telegram": 1,
        "kurzclips_replies_total status declined telegram": 1,
        "kurzclips_replies_total inline answered telegram": 1,
        "kurzclips_reply_seconds_count telegram": 4,
        "kurzclips_sends_total cut_off uncertain telegram": 1,
        "kurzclips_send_seconds_count telegram": 1,
        "kurzclips_feed_polls_total answered": 1,
        "kurzclips_feed_polls_total http_status": 1,
        "kurzclips_clips_taken_in_total new": 2,
        "kurzclips_deliveries planned": 1,
        "kurzclips_feeds_failing": 1,
        "kurzclips_clips": 2,
        "kurzclips_chats active": 1,
        "kurzclips_subscriptions": 1,
        "kurzclips_database_up": 1,
        "kurzclips_platform_ready telegram": 1,
    }
    assert {name: found.get(name) for name in expected} == expected
    assert found["kurzclips_job_seconds_count deliver"] >= 1
    assert found["kurzclips_database_write_wait_seconds_count"] > 5
    assert found["process_resident_memory_bytes"] > 0
    for private in (str(anna.id), fake.token, "http:", "127.0.0.1", "Anna"):
        assert private not in text


async def test_it_is_ready_while_it_listens_and_says_in_a_sentence_why_it_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with FakeTelegram() as fake, FeedServer() as news, Whole(tmp_path, fake, news).up(caplog) as whole:
        assert await get(whole.port, "/ready") == (200, "ready\n")
        fake.fail_next("getUpdates", faults.error(502), times=3)
        await fake.user("Anna").says("/start")
        while (heard := await get(whole.port, "/ready"))[0] == 200:  # noqa: ASYNC110 - the next poll is about to fail
            await asyncio.sleep(0.01)
        assert heard == (503, "telegram: Telegram cannot be polled at the moment; trying on: Bad Gateway.\n")
        assert await get(whole.port, "/live") == (200, "alive\n")
        assert (await get(whole.port, "/other"))[0] == 404


async def test_it_is_not_ready_before_its_platforms_are_connected(db: Database) -> None:
    async with told(db) as (port, teller):
        assert await get(port, "/ready") == (503, "The platforms are being connected.\n")
        teller.started(lambda: {"telegram": "", "matrix": "the token 123456:ABCDEFGHIJKLMNOPQRSTUVWX is wrong"})
        assert await get(port, "/ready") == (503, "matrix: the token [secret] is wrong.\n")


class Unsteady(Database):
    """A database that refuses, or answers when it is let."""

    def __init__(self, db: Database) -> None:
        super().__init__(db._backend)
        self.refuses = False
        self.may_answer = asyncio.Event()
        self.looks = 0

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        self.looks += 1
        if self.refuses:
            msg = "The database k cannot be reached at the moment."
            raise DatabaseBusy(msg)
        await self.may_answer.wait()
        async with super().read() as tx:
            yield tx


async def test_a_database_that_refuses_makes_it_unready_and_its_figures_are_left_out(db: Database) -> None:
    unsteady = Unsteady(db)
    unsteady.refuses = True
    async with told(unsteady) as (port, teller):
        teller.started(dict)
        assert await get(port, "/ready") == (503, "The database k cannot be reached at the moment.\n")
        found = await figures(port)
        assert (found["kurzclips_database_up"], "kurzclips_clips" in found) == (0, False)
        unsteady.refuses = False
        unsteady.may_answer.set()
        assert await get(port, "/ready") == (200, "ready\n")
        assert (await figures(port))["kurzclips_database_up"] == 1


async def test_a_database_that_is_slow_is_asked_once_by_however_many_watchers(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE_S", 0.05)
    unsteady = Unsteady(db)
    async with told(unsteady) as (port, teller):
        teller.started(dict)
        heard = await asyncio.gather(*(get(port, "/ready") for _ in range(5)))
        assert set(heard) == {(503, f"{health.SLOW}\n")}
        assert await get(port, "/live") == (200, "alive\n")
        unsteady.may_answer.set()
        await asyncio.gather(*(get(port, "/ready") for _ in range(5)))
        assert await get(port, "/ready") == (200, "ready\n")
        assert unsteady.looks == 1


async def test_words_of_a_server_make_no_more_than_so_many_series(db: Database) -> None:
    metrics = Metrics("1.2.3", "sqlite")
    for number in range(200):
        metrics.sent("matrix", "rejected", f"m_code_{number}", None)
    metrics.sent("matrix", "rejected", "M CODE https://private.example/", None)
    async with told(db, metrics) as (port, _):
        found = await figures(port)
    codes = [name for name in found if name.startswith("kurzclips_sends_total")]
    assert len(codes) == MOST_CODES + 1
    assert found["kurzclips_sends_total other rejected matrix"] == 200 - MOST_CODES + 1


async def test_a_failed_run_of_a_job_is_counted_and_still_logged(
    db: Database, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    async def fails() -> int:
        raise RuntimeError("boom")

    async with FakeTelegram() as fake, FeedServer() as news, Whole(tmp_path, fake, news).up(caplog) as whole:
        meter = Meter(whole.core)
        (job,) = meter.jobs([Job("plan", running.PLAN_EVERY, fails)])
        await Jobs([job]).run_once()
        async with told(db, meter.metrics) as (port, _):
            assert (await figures(port))["kurzclips_job_failures_total plan"] == 1
    assert "job plan failed" in caplog.text


async def test_a_place_that_is_taken_is_one_sentence(db: Database) -> None:
    async with told(db) as (port, teller):
        with pytest.raises(ConfigError) as caught:
            await Server(teller.app(), Place("127.0.0.1", port), "METRICS_LISTEN").open()
    assert str(caught.value).startswith(f"KURZCLIPS_METRICS_LISTEN: 127.0.0.1:{port} cannot be listened on: ")
