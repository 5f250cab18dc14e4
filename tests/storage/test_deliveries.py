"""The ledger: owed once, claimed by one, settled by who holds it, counted where it is uncertain."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import chats, deliveries
from storage.database import Database, Tx
from storage.deliveries import Claimer
from storage.states import ChatState, DeliveryKind, DeliveryState, Platform
from storage.tables import Delivery, EditionEntry
from tests import make
from tests.make import NOW

MINUTE = timedelta(minutes=1)
LEASE = 5 * MINUTE


def owed(chat_id: int, **fields: object) -> Delivery:
    values = {"slot": "07:30", "local_date": date(2026, 11, 24), "due_at": NOW, "ready_at": NOW, "created_at": NOW}
    return Delivery(chat_id=chat_id, **{**values, **fields})


async def plan_one(db: Database, **fields: object) -> int:
    async with db.write() as tx:
        chat = await make.chat(tx)
        await deliveries.plan(tx, [owed(chat.id or 0, **fields)])
        (row,) = await deliveries.of_chat(tx, chat.id or 0, 1)
    return row.id or 0


async def ready(tx: Tx, minutes: float = 0, limit: int = 10, platform: Platform = Platform.TERMINAL) -> list[int]:
    now = NOW + minutes * MINUTE
    return [row.id or 0 for row, _ in await deliveries.ready(tx, platform=platform, now=now, limit=limit)]


async def claim(tx: Tx, owner: str = "a", minutes: float = 0, limit: int = 10) -> list[int]:
    ids = await ready(tx, minutes, limit)
    taken = await deliveries.claim(tx, ids, Claimer(owner), now=NOW + minutes * MINUTE, lease=LEASE)
    assert taken == set(ids)
    return ids


async def row_of(tx: Tx, delivery_id: int) -> Delivery:
    found = await deliveries.get(tx, delivery_id)
    assert found is not None
    await tx.refresh(found[0])
    return found[0]


async def test_digest_of_a_chat_day_and_slot_is_owed_once(db: Database) -> None:
    async with db.write() as tx:
        chat = await make.chat(tx)
        rows = [
            owed(chat.id or 0),
            owed(chat.id or 0),
            owed(chat.id or 0, slot="18:00"),
            owed(chat.id or 0, local_date=date(2026, 11, 25)),
            owed(chat.id or 0, kind=DeliveryKind.BROADCAST),
        ]
        assert await deliveries.plan(tx, rows) == 4
        assert await deliveries.plan(tx, rows) == 0


async def test_claim_takes_what_is_ready_and_what_was_abandoned_oldest_first(db: Database) -> None:
    async with db.write() as tx:
        chat = await make.chat(tx)
        for name, minutes in (("later", 1), ("first", -9), ("second", -2)):
            await deliveries.plan(tx, [owed(chat.id or 0, slot=name, ready_at=NOW + minutes * MINUTE)])
        (first,) = await claim(tx, limit=1)
        assert (await row_of(tx, first)).slot == "first"
        (second,) = await claim(tx, "b")
        assert (await row_of(tx, second)).slot == "second"
        again = await claim(tx, "b", minutes=6)
        rows = [await row_of(tx, each) for each in again]
    assert {row.slot: (row.attempts, row.uncertain_count) for row in rows} == {
        "first": (2, 1),
        "second": (2, 1),
        "later": (1, 0),
    }


async def test_alert_goes_before_the_digests_that_wait_and_a_correction_behind_them(db: Database) -> None:
    async with db.write() as tx:
        chat = await make.chat(tx)
        kinds = (DeliveryKind.CORRECTION, DeliveryKind.BROADCAST, DeliveryKind.DIGEST, DeliveryKind.ALERT)
        for age, kind in enumerate(kinds):
            await deliveries.plan(tx, [owed(chat.id or 0, kind=kind, ready_at=NOW - (9 - age) * MINUTE)])
        found = [(await row_of(tx, each)).kind for each in await ready(tx)]
        first = [(await row_of(tx, each)).kind for each in await ready(tx, limit=1)]
    assert found == list(reversed(kinds))
    assert first == [DeliveryKind.ALERT]


async def steps_of_claiming(db: Database, planned: int) -> int:
    """How many steps SQLite's virtual machine takes to claim ten deliveries among so many that are planned."""
    async with db.write() as tx:
        chat = await make.chat(tx)
        await deliveries.plan(tx, [owed(chat.id or 0, slot=f"{number}") for number in range(planned)])
        ids = await ready(tx)
        connection = (await (await tx.connection()).get_raw_connection()).driver_connection
        assert connection is not None
        ticks = count()
        await connection.set_progress_handler(lambda: next(ticks) < 0, 10)
        taken = await deliveries.claim(tx, ids, Claimer("a"), now=NOW, lease=LEASE)
        await connection.set_progress_handler(None, 10)
    assert len(taken) == len(ids) == 10
    return next(ticks)


@pytest.mark.databases("sqlite")
async def test_what_a_claim_costs_does_not_grow_with_what_is_planned(db: Database, tmp_path: Path) -> None:
    few = await steps_of_claiming(db, 20)
    async with await Database.open(f"sqlite:///{tmp_path / 'many.db'}") as other:
        assert await steps_of_claiming(other, 2000) < few * 1.5


@pytest.mark.parametrize("state", [ChatState.BLOCKED, ChatState.GONE, ChatState.LEFT])
async def test_chat_that_cannot_be_written_to_keeps_its_deliveries_unclaimed(db: Database, state: ChatState) -> None:
    delivery_id = await plan_one(db)
    async with db.write() as tx:
        row = await row_of(tx, delivery_id)
        await chats.set_state(tx, row.chat_id, state)
        assert await ready(tx) == []
        assert await deliveries.claim(tx, [delivery_id], Claimer("a"), now=NOW, lease=LEASE) == set()
        await chats.set_state(tx, row.chat_id, ChatState.ACTIVE)
        assert await claim(tx) == [delivery_id]


async def test_other_platforms_deliveries_are_not_ready(db: Database) -> None:
    await plan_one(db)
    async with db.read() as tx:
        assert await ready(tx, platform=Platform.TELEGRAM) == []


async def test_what_one_sender_claimed_or_what_waits_for_later_is_not_claimed_by_another(db: Database) -> None:
    delivery_id = await plan_one(db)
    async with db.write() as tx:
        await claim(tx, "a")
        assert await deliveries.claim(tx, [delivery_id], Claimer("b"), now=NOW, lease=LEASE) == set()
        await deliveries.record_retry(tx, delivery_id, "a", NOW + MINUTE, "flood", "")
        assert await deliveries.claim(tx, [delivery_id], Claimer("b"), now=NOW, lease=LEASE) == set()


async def test_retry_comes_back_at_its_instant_with_the_reason(db: Database) -> None:
    delivery_id = await plan_one(db)
    async with db.write() as tx:
        await claim(tx)
        await deliveries.record_retry(tx, delivery_id, "a", NOW + 2 * MINUTE, "flood", "wait", is_uncertain=True)
        assert await claim(tx, minutes=1) == []
        assert await claim(tx, minutes=2) == [delivery_id]
        row = await row_of(tx, delivery_id)
    assert (row.error_code, row.attempts, row.uncertain_count) == ("flood", 2, 1)


async def test_sender_that_lost_its_lease_cannot_settle_what_another_holds(db: Database) -> None:
    delivery_id = await plan_one(db)
    async with db.write() as tx:
        await claim(tx, "slow")
        await claim(tx, "quick", minutes=6)
        await deliveries.record_retry(tx, delivery_id, "slow", NOW, "flood", "")
        await deliveries.record_end(tx, delivery_id, "slow", DeliveryState.GIVEN_UP, "x", "")
        assert (await row_of(tx, delivery_id)).state == DeliveryState.SENDING
        await deliveries.record_sent(tx, {delivery_id: ["1"]}, NOW)
        await deliveries.record_retry(tx, delivery_id, "quick", NOW, "flood", "")
        assert (await row_of(tx, delivery_id)).state == DeliveryState.SENT


def entry(clip_id: int, story_id: int | None, sources: int = 1) -> EditionEntry:
    return EditionEntry(edition_id=0, position=clip_id, clip_id=clip_id, story_id=story_id, source_count=sources)


async def edition(tx: Tx, key: str, entries: Sequence[EditionEntry]) -> int:
    return await deliveries.save_edition(tx, key, entries, NOW)


async def some_clips(tx: Tx, count: int) -> list[int]:
    bote = await make.source(tx)
    return [await make.clip(tx, bote, f"Nummer {n} im Hafen von Husum") for n in range(count)]


async def test_edition_of_a_known_key_stays_as_it_is(db: Database) -> None:
    async with db.write() as tx:
        first, second = await some_clips(tx, 2)
        number = await edition(tx, "k", [entry(first, 7)])
        assert await edition(tx, "k", [entry(second, 8)]) == number
        assert [row.clip_id for row in await deliveries.entries(tx, number)] == [first]


async def test_told_is_what_was_sent_or_is_about_to_be_but_not_what_failed(db: Database) -> None:
    async with db.write() as tx:
        chat = await make.chat(tx)
        one, two, three, four = await some_clips(tx, 4)
        told = [(DeliveryState.SENT, one, 1, 3), (DeliveryState.PLANNED, two, 2, 1), (DeliveryState.GONE, three, 3, 1)]
        for state, clip_id, story, sources in told:
            number = await edition(tx, str(state), [entry(clip_id, story, sources)])
            await deliveries.plan(tx, [owed(chat.id or 0, slot=str(state), state=state, edition_id=number)])
        alone = await edition(tx, "alone", [entry(four, None)])
        await deliveries.plan(tx, [owed(chat.id or 0, slot="alone", edition_id=alone)])
        assert await deliveries.told_stories(tx, chat.id or 0, NOW) == {1: 3, 2: 1, -four: 1}
        assert await deliveries.told_stories(tx, chat.id or 0, NOW + MINUTE) == {}


async def test_chat_whose_digest_failed_no_longer_shares_its_memory(db: Database) -> None:
    delivery_id = await plan_one(db)
    async with db.write() as tx:
        chat_id = (await row_of(tx, delivery_id)).chat_id
        await deliveries.remember(tx, {chat_id: "same"})
        await claim(tx)
        await deliveries.record_end(tx, delivery_id, "a", DeliveryState.GIVEN_UP, "x", "")
    async with db.read() as tx:
        chat = await chats.get(tx, chat_id)
    assert chat is not None
    assert chat.history_key not in {"", "same"}


async def test_skipping_leaves_broadcasts_and_what_is_being_sent(db: Database) -> None:
    async with db.write() as tx:
        chat = await make.chat(tx)
        await deliveries.plan(tx, [owed(chat.id or 0, slot="held")])
        await claim(tx)
        await deliveries.plan(tx, [owed(chat.id or 0, slot="new"), owed(chat.id or 0, kind=DeliveryKind.BROADCAST)])
        assert await deliveries.skip_planned(tx, chat.id or 0, "paused") == 1
        assert await deliveries.count(tx) == {"sending": 1, "planned": 1, "skipped": 1}


async def test_old_rows_go_in_portions_and_used_ones_stay(db: Database) -> None:
    async with db.write() as tx:
        chat = await make.chat(tx)
        (clip_id,) = await some_clips(tx, 1)
        for number in range(3):
            await chats.remember_message(tx, chat.id or 0, str(number), [clip_id], NOW - number * MINUTE)
        old = await edition(tx, "old", [entry(clip_id, 1)])
        await deliveries.plan(tx, [owed(chat.id or 0, slot=str(n), edition_id=old) for n in range(3)])
    soon = NOW + MINUTE
    counts = []
    for _ in range(5):
        async with db.write() as tx:
            counts.append(await deliveries.forget_old(tx, shown_before=NOW, settled_before=soon, limit=1))
    assert counts == [2, 2, 2, 0, 0]
    async with db.read() as tx:
        assert await chats.clips_of_message(tx, chat.id or 0, "0") == [clip_id]


STEPS = st.lists(st.sampled_from(["claim a", "claim b", "send a", "send b", "retry a", "retry b", "wait"]), max_size=25)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_no_interleaving_of_claim_crash_and_retry_loses_a_delivery_or_sends_it_after_its_record(
    db: Database, steps: list[str]
) -> None:
    """A worker that claims may crash (do nothing), fail, or send; the row is held by one worker at a time."""
    async with db.write() as tx:
        chat = await make.chat(tx)
        slot = f"run {await deliveries.count(tx)}"
        await deliveries.plan(tx, [owed(chat.id or 0, slot=slot)])
        delivery_id = (await deliveries.of_chat(tx, chat.id or 0, 1))[0].id or 0
        minutes, holds, sends = 0, dict[str, bool](), 0
        for step in [*steps, "wait", "claim a", "send a"]:
            action, _, owner = step.partition(" ")
            row = await row_of(tx, delivery_id)
            if action == "wait":
                minutes += 6
            elif action == "claim":
                now = NOW + minutes * MINUTE
                got = bool(await deliveries.claim(tx, [delivery_id], Claimer(owner), now=now, lease=LEASE))
                assert not (got and row.state == DeliveryState.SENT)
                holds[owner] = holds.get(owner, False) or got
            elif action == "retry" and holds.pop(owner, False):
                await deliveries.record_retry(tx, delivery_id, owner, NOW + minutes * MINUTE, "flood", "")
            elif action == "send" and holds.pop(owner, False):
                sends += 1
                await deliveries.record_sent(tx, {delivery_id: [str(sends)]}, NOW)
        row = await row_of(tx, delivery_id)
        assert row.state == DeliveryState.SENT
        assert 1 <= sends <= 1 + row.uncertain_count
        assert await claim(tx, "c", minutes + 60) == []
        await tx.rollback()
