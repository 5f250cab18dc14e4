"""`python -m tests.chaos.matrix --rooms 200 --kills 20`: a fan-out to Matrix rooms whose program is killed on the way.

A real homeserver, the real program in a process of its own, SIGKILL at chance moments in the middle of sending. What a
member of the rooms sees at the end is compared with the ledger: nothing may be lost, and nothing doubled, because every
message has its transaction id. With `--limits` the homeserver keeps the limits that it has by itself; with
`--encrypted` the rooms are, and the member reads them with another crypto library.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import select

from bot import clock, seeds
from bot.app import offload
from bot.platforms.matrix.store import Login, Store
from handlers.intake import Intake
from handlers.ports import Desk
from storage import chats, subscriptions
from storage.database import Database
from storage.states import DeliveryState, Platform
from storage.tables import Chat, Delivery, Schedule, Subscription
from tests.bot.matrix.person import Person
from tests.bot.matrix.secret_person import open_secret_person
from tests.chaos.ledger import address, end_pauses
from tests.chaos.processes import Program
from tests.fakes.synapse import RELAXED, Account, Synapse, open_synapse

BERLIN = "Europe/Berlin"
# One topic is a thread of two messages.
TOPIC = "energie"
PARTS = 2
STUCK_S = 90.0
LAPS = 6


class MatrixProgram(Program):
    """The program on a homeserver."""

    def __init__(self, folder: Path, url: str, bot: Account) -> None:
        super().__init__(folder, url, 30)
        ours = {"MATRIX_HOMESERVER": url, "MATRIX_USER": bot.user_id, "MATRIX_PASSWORD": bot.password}
        kept = {name: value for name, value in self._environment.items() if "TELEGRAM" not in name}
        self._environment = {**kept, **{f"KURZCLIPS_{name}": value for name, value in ours.items()}}


@dataclass
class Verdict:
    """What a run found; lost and doubled count digests, told from what a member of the rooms sees."""

    rooms: int = 0
    kills: int = 0
    lost: int = 0
    doubled: int = 0
    interrupted: list[int] = field(default_factory=list)
    messages: int = 0
    seconds: float = 0.0
    states: Counter[str] = field(default_factory=Counter)
    exits: list[int] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The figures for people."""
        return [
            f"{self.rooms} rooms, {self.kills} SIGKILLs, of which {sum(map(bool, self.interrupted))} hit a send",
            f"lost {self.lost}, doubled {self.doubled}; ledger: {dict(self.states)}",
            f"{self.messages} messages in {self.seconds:.1f} s: {self.messages / max(self.seconds, 0.01):.2f} a second",
            f"exits {self.exits}; complaints {self.complaints[:5]}",
        ]


async def prepare(folder: Path, rooms: list[str]) -> None:
    """Give every room a digest that was due a minute ago, of the demo news; no feed is polled."""
    now = clock.now()
    due_at = (now - timedelta(minutes=1)).replace(second=0, microsecond=0)
    at_local = f"{due_at.astimezone(ZoneInfo(BERLIN)):%H:%M}"
    async with await Database.open(f"sqlite:///{folder / 'data' / 'kurzclips.db'}") as db:
        await seeds.ensure_topics(db)
        await seeds.load(db, Intake(db, Desk(), offload), now, with_feeds=False)
        async with db.write() as tx:
            for room in rooms:
                new = Chat(platform=Platform.MATRIX, native_id=room, language="de", timezone=BERLIN)
                new.created_at = new.seen_at = now
                chat = await chats.add(tx, new)
                slot = Schedule(chat_id=chat.id or 0, at_local=at_local, next_due_at=due_at)
                slot_id = (await subscriptions.ensure_schedule(tx, slot)).id
                wish = Subscription(chat_id=chat.id or 0, schedule_id=slot_id, value=TOPIC, created_at=now)
                await subscriptions.add(tx, wish)


@asynccontextmanager
async def open_person(synapse: Synapse, folder: Path, *, is_encrypted: bool) -> AsyncIterator[Person]:
    """Somebody who reads what the bot says."""
    account = synapse.register("anna")
    if is_encrypted:
        async with open_secret_person(account, synapse.url, folder) as anna:
            yield anna
        return
    plain = Person.of(account, synapse.url)
    async with plain.http:
        yield plain


async def make_rooms(anna: Person, synapse: Synapse, bot: Account, count: int, *, is_encrypted: bool) -> list[str]:
    """Rooms of one person with the bot in them."""
    rooms = []
    async with Person.of(bot, synapse.url).http as http:
        for _ in range(count):
            rooms.append(await anna.makes_room(bot.user_id, is_direct=True, encrypted=is_encrypted))
            await Person(bot, http).does(rooms[-1], "join")
    return rooms


def seen(anna: Person, rooms: list[str], bot: Account) -> int:
    """How many messages of the bot have arrived."""
    return sum(len(anna.messages(room, bot.user_id)) for room in rooms)


async def wait_for(anna: Person, rooms: list[str], bot: Account, count: int) -> bool:
    """Follow the rooms until so many messages are there; False where they stop coming."""
    moved_at, before = time.monotonic(), seen(anna, rooms, bot)
    while (now := seen(anna, rooms, bot)) < count:
        if now > before:
            moved_at, before = time.monotonic(), now
        if time.monotonic() - moved_at > STUCK_S:
            return False
        await anna.syncs(500)
    return True


async def states(folder: Path) -> Counter[str]:
    """How many deliveries are in which state, as the ledger has it."""
    async with await Database.open(f"sqlite:///{folder / 'data' / 'kurzclips.db'}") as db, db.read() as tx:
        return Counter((await tx.exec(select(Delivery.state))).all())


async def judge(folder: Path, url: str, anna: Person, rooms: list[str], bot: Account, verdict: Verdict) -> None:
    """Compare what a member of the rooms sees, and what the homeserver has, with what the ledger says."""
    server = Person.of(anna.account, url)
    async with server.http:
        await server.syncs(1)  # Synapse keeps the answer to a first request of the same form for two minutes
    async with await Database.open(f"sqlite:///{folder / 'data' / 'kurzclips.db'}") as db, db.read() as tx:
        found = (await tx.exec(select(Delivery, Chat).join(Chat))).all()
    parts = {chat.native_id: list(delivery.parts) for delivery, chat in found}
    verdict.states = Counter(delivery.state for delivery, _chat in found)
    verdict.messages = seen(anna, rooms, bot)
    if len(found) != len(rooms):
        verdict.complaints.append(f"{len(found)} deliveries")
    for room in rooms:
        ids = [each["event_id"] for told in (server.messages, server.secrets) for each in told(room, bot.user_id)]
        words = [each["content"]["body"] for each in anna.messages(room, bot.user_id)]
        owed = parts.get(room) or [""]
        verdict.lost += len(words) < len(owed) or not set(owed) <= set(ids)
        verdict.doubled += len(set(words)) != len(words) or len(ids) > len(owed)


async def finish(folder: Path, program: Program, anna: Person, rooms: list[str], bot: Account) -> list[int]:
    """Let the program send the rest, lap after lap until no delivery waits for another try; gives its exit statuses."""
    exits = []
    for _ in range(LAPS):
        await program.start()
        moved_at, before = time.monotonic(), -1
        # A homeserver that wants less makes all of them wait a little.
        while (await states(folder))[DeliveryState.SENT] < len(rooms) and time.monotonic() - moved_at < STUCK_S:
            await anna.syncs(500)
            if seen(anna, rooms, bot) != before:
                moved_at, before = time.monotonic(), seen(anna, rooms, bot)
        exits.append(await program.stop())
        if not await end_pauses(address(folder)):
            break
    return exits


async def run(
    folder: Path, *, rooms: int, kills: int, seed: int, has_limits: bool = False, is_encrypted: bool = False
) -> Verdict:
    """One whole run."""
    verdict = Verdict(rooms=rooms)
    # Without limits while the rooms are made; where they are asked for, the homeserver begins anew with them.
    with open_synapse(folder / "synapse") as synapse:
        async with open_person(synapse, folder, is_encrypted=is_encrypted) as anna:
            bot = synapse.register("kurz")
            ids = await make_rooms(anna, synapse, bot, rooms, is_encrypted=is_encrypted)
            if has_limits:
                synapse.limit({name: value for name, value in RELAXED.items() if name != "rc_message"})
            await prepare(folder, ids)
            Store(folder / "data" / "matrix").keep_login(Login(bot.user_id, bot.device_id, bot.token))
            await anna.syncs()
            began = time.monotonic()
            async with MatrixProgram(folder, synapse.url, bot) as program:
                await kill(folder, program, anna, ids, bot, verdict, kills, seed)
                verdict.exits = await finish(folder, program, anna, ids, bot)
                verdict.seconds = time.monotonic() - began
                verdict.complaints += program.defects()
            await wait_for(anna, ids, bot, PARTS * rooms)
            await judge(folder, synapse.url, anna, ids, bot, verdict)
    return verdict


async def kill(
    folder: Path, program: Program, anna: Person, ids: list[str], bot: Account, verdict: Verdict, kills: int, seed: int
) -> None:
    """Start the program and kill it at a chance moment in the middle of sending, so many times."""
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    for left in range(kills, 0, -1):
        before = seen(anna, ids, bot)
        await program.start()
        step = max(1, (PARTS * len(ids) - before) // (left + 1))
        if not await wait_for(anna, ids, bot, before + chance.randint(1, step)):
            verdict.complaints.append(f"nothing came in lap {kills - left}")
        await asyncio.sleep(chance.random() * 0.1)
        await program.kill()
        verdict.kills += 1
        verdict.interrupted.append((await states(folder))[DeliveryState.SENDING])


def main() -> int:
    """Run once and say what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.matrix", description=__doc__)
    parser.add_argument("--rooms", type=int, default=200)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limits", action="store_true", help="with the homeserver's own limits of messages")
    parser.add_argument("--encrypted", action="store_true", help="in encrypted rooms")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = run(
            Path(name),
            rooms=chosen.rooms,
            kills=chosen.kills,
            seed=chosen.seed,
            has_limits=chosen.limits,
            is_encrypted=chosen.encrypted,
        )
        verdict = asyncio.run(work)
    print("\n".join(verdict.lines()))  # noqa: T201 - this is a report
    return 0 if verdict.lost == verdict.doubled == 0 and not verdict.complaints else 1


if __name__ == "__main__":
    sys.exit(main())
