"""The clock of the machine jumps, forward and back, while days pass and digests are sent.

What is true is the time that the run lets pass; what the program sees is that time and an error. Whatever was due while
the clock was right must have come exactly once. A digest that an error brought early counts as that of its day.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from pathlib import Path
from zoneinfo import ZoneInfo

from bot import clock
from storage.database import Database
from tests.chaos import ledger
from tests.chaos.processes import Program, Server, open_server

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "Etc/UTC")
# The first does not exist in Berlin on the day the clocks go forward, and comes twice on the day they go back.
SLOTS = ("02:30", "07:30", "21:15")
# Less than the grace, so that nothing that was due is too late; no slot is due within a quarter of an hour of an end.
STEP = timedelta(hours=4)
# An evening before the clocks go forward in Berlin.
BEFORE_SPRING = datetime(2027, 3, 27, 18, 5, tzinfo=UTC)
RATE = 30
TURNS = 2
STUCK_S = 20.0
HOURS = timedelta(hours=1)
DAYS = timedelta(days=1)
SHORT = (-5 * HOURS, 2 * DAYS, -30 * HOURS)


@dataclass(slots=True)
class JumpVerdict:
    """What a run came to."""

    days: float = 0.0
    jumps: int = 0
    amid: int = 0
    restarts: int = 0
    expected: int = 0
    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    counted: int = 0
    astray: list[str] = field(default_factory=list)
    early: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def rows(self) -> list[tuple[str, str]]:
        """The figures as what → figure."""
        return [
            ("days that passed, seconds", f"{self.days:.1f}, {self.seconds:.0f}"),
            ("jumps, of them in the middle of a fan-out, and restarts", f"{self.jumps}, {self.amid}, {self.restarts}"),
            ("digests due while the clock was right", str(self.expected)),
            ("of them missing", str(len(self.missing))),
            ("chats with messages doubled for no reason", str(len(self.doubled))),
            ("messages on their way at a restart, doubled and counted as uncertain", str(self.counted)),
            ("messages in another chat than the ledger says", str(len(self.astray))),
            ("sent too early under a wrong clock", str(self.early)),
        ]


class Machine:
    """Its clock, as a file that `moved.py` reads."""

    def __init__(self, file: Path, true_at: datetime) -> None:
        self._file = file
        self._shift = true_at - clock.now()
        self._error = timedelta()
        self._write()

    @property
    def true_at(self) -> datetime:
        """What time it really is."""
        return clock.now() + self._shift

    def let_pass(self, span: timedelta) -> None:
        """Some true time passes at once."""
        self._shift += span
        self._write()

    def show(self, error: timedelta) -> None:
        """The clock is wrong by so much from now on."""
        self._error = error
        self._write()

    def _write(self) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str((self._shift + self._error).total_seconds()), encoding="ascii")
        fresh.replace(self._file)


@dataclass(frozen=True, slots=True)
class Reader:
    """A chat of the run."""

    chat: int
    zone: str


def due(reader: Reader, since: datetime, until: datetime) -> set[ledger.Key]:
    """The digests of a chat that are due after an instant and until another, by their wall times."""
    zone = ZoneInfo(reader.zone)
    found = set()
    day = since.astimezone(zone).date() - DAYS
    while day <= until.astimezone(zone).date():
        for slot in SLOTS:
            at = datetime.combine(day, wall_time.fromisoformat(slot), zone)
            if since < at.astimezone(UTC) <= until:
                found.add(ledger.Key(reader.chat, day, slot))
        day += DAYS
    return found


class Days:
    """A run in a folder."""

    def __init__(self, folder: Path, db: Database, server: Server, program: Program, machine: Machine) -> None:
        self._folder = folder
        self._db = db
        self._server = server
        self._program = program
        self._machine = machine
        self._began_at = machine.true_at
        self.readers: list[Reader] = []
        self.verdict = JumpVerdict()

    async def prepare(self, per_zone: int) -> None:
        """Give every zone its readers."""
        people = await self._server.ask("users", count=per_zone * len(ZONES))
        self.readers = [Reader(chat, ZONES[place % len(ZONES)]) for place, chat in enumerate(people)]
        zones = {each.chat: each.zone for each in self.readers}
        await ledger.subscribe(self._db, zones, SLOTS, self._machine.true_at)

    @property
    def expected(self) -> set[ledger.Key]:
        """What was due so far."""
        until = self._machine.true_at
        return set().union(*(due(each, self._began_at, until) for each in self.readers))

    async def turns(self, what: str) -> None:
        """Wait until all jobs had their turns since now."""
        seen: set[str] = set()
        ends_at = time.monotonic() + STUCK_S
        while len(seen) <= TURNS:
            seen.add(await ledger.heartbeat(self._db))
            if time.monotonic() > ends_at:
                self.verdict.wrong.append(f"the program stood still for {STUCK_S:.0f} s {what}")
                await self.restart()
                return
            await asyncio.sleep(0.05)

    async def settle(self, what: str) -> None:
        """Wait until all that was due was sent."""
        expected = self.expected
        ends_at = time.monotonic() + STUCK_S
        while expected - (await ledger.sent(self._db)).keys():
            if time.monotonic() > ends_at:
                self.verdict.wrong.append(f"not all that was due was sent within {STUCK_S:.0f} s {what}")
                return
            await asyncio.sleep(0.1)  # the database of a process of its own tells nobody

    async def restart(self) -> None:
        """Kill the program and start it again."""
        await self._program.kill()
        await self._program.start()
        self.verdict.restarts += 1

    async def jump(self, error: timedelta, *, is_amid: bool, restarts: bool = False) -> None:
        """Some true time passes; while the clock is wrong the program has its turns, and then it is right again."""
        what = f"at {self._machine.true_at:%d %b %H:%M}, the clock wrong by {error}"
        before = len(self._server.accepted)
        self._machine.let_pass(STEP)
        if is_amid and len(self.expected) > len(await ledger.sent(self._db)):
            self.verdict.amid += await self._server.wait(before + 2, 5.0)
        self._machine.show(error)
        if restarts:
            await self.restart()
        await self.turns(what)
        self._machine.show(timedelta())
        await self.turns(f"{what} and right again")
        await self.settle(what)
        await self._server.news()
        self.verdict.jumps += 1

    async def judge(self) -> JumpVerdict:
        """Compare what was due with what was sent."""
        verdict = self.verdict
        rows = await ledger.sent(self._db)
        await self._server.news()
        arrived = Counter((line["chat_id"], line["message_id"]) for line in self._server.accepted if line["message_id"])
        owed = await ledger.owed(ledger.address(self._folder))
        named = Counter((row.chat, part) for row in owed for part in row.parts)
        uncertain = Counter[int]()
        for row in owed:
            uncertain[row.chat] += row.uncertain_count
        beyond = Counter(chat for chat, _ in (arrived - named).elements())
        expected = self.expected
        verdict.expected = len(expected)
        verdict.missing = sorted(str(key) for key in expected - rows.keys())
        verdict.doubled = [
            f"chat {chat}: {count} messages too many, {uncertain[chat]} counted as uncertain"
            for chat, count in beyond.items()
            if count > uncertain[chat]
        ]
        verdict.counted = min(beyond.total(), uncertain.total())
        verdict.astray = [f"message {part} is not in chat {chat}" for chat, part in named - arrived]
        verdict.early = len(rows.keys() - expected)
        verdict.days = (self._machine.true_at - self._began_at) / DAYS
        verdict.wrong += [f"missing: {each}" for each in verdict.missing[:5]]
        verdict.wrong += [f"doubled: {each}" for each in verdict.doubled[:5]]
        verdict.wrong += [f"astray: {each}" for each in verdict.astray[:5]]
        verdict.wrong += self._program.defects()
        return verdict


@dataclass(frozen=True, slots=True)
class Jump:
    """One error of the clock."""

    error: timedelta
    is_amid: bool = False
    restarts: bool = False


def short() -> list[Jump]:
    """The night in which the clocks go forward in Berlin, with a jump in each four hours."""
    return [Jump(error, is_amid=place > 0) for place, error in enumerate(SHORT)]


def long(count: int, seed: int) -> list[Jump]:
    """Many jumps by chance, some of them while the program starts."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    spans = (timedelta(minutes=1), timedelta(minutes=15), HOURS, 7 * HOURS, 11 * HOURS)
    made = []
    for _ in range(count):
        error = chance.choice((-1, 1)) * chance.choice(spans) * chance.randint(1, 5)
        made.append(Jump(error, is_amid=chance.random() < 0.5, restarts=chance.random() < 0.2))
    return made


async def run(folder: Path, jumps: Sequence[Jump], *, per_zone: int, true_at: datetime = BEFORE_SPRING) -> JumpVerdict:
    """One whole run.

    Args:
        true_at: when it begins.
    """
    began = time.monotonic()
    machine = Machine(folder / "clock", true_at)
    async with (
        await Database.open(ledger.address(folder)) as db,
        open_server(folder) as server,
        Program(folder, server.url, RATE, "tests.chaos.moved", extra={"CHAOS_CLOCK": str(folder / "clock")}) as program,
    ):
        days = Days(folder, db, server, program, machine)
        await days.prepare(per_zone)
        await server.ask("chance", delay=1.0, max_delay_s=0.2, methods=["sendMessage"])
        await program.start()
        for each in jumps:
            await days.jump(each.error, is_amid=each.is_amid, restarts=each.restarts)
        # It ends what it began, so that nothing is on its way any more.
        status = await program.stop()
        verdict = await days.judge()
        verdict.wrong += [f"exit status {status}"] if status else []
    verdict.seconds = time.monotonic() - began
    return verdict
