"""Two programs on one PostgreSQL and one account; the one that sends is hurt in the middle of a fan-out.

Killed, stopped for longer than its lease and woken, or cut off from the database; or the database itself is killed and
its standby promoted. Afterwards each message that the Bot API server took is compared with the ledger.
"""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from sqlmodel import select

from storage.database import Database
from storage.tables import Lease
from tests.chaos import ledger
from tests.chaos.fanout import Fanout, Verdict
from tests.chaos.processes import Json, Program, Server, open_server
from tests.fakes.postgres import PostgresServer
from tests.fakes.wire import Wire

TAKEOVER_S = 30.0
STANDS_BY = "standing by"
# What a poll hears that waited while its program was stopped: somebody else listens by now.
OTHER_POLLER = "terminated by other getUpdates"


class Hurt(StrEnum):
    """What happens to the program that sends, or to its database."""

    KILL = "kill"
    STOP = "stop"
    CUT = "cut"
    FAILOVER = "failover"


@dataclass(slots=True)
class Course:
    """How it went.

    Attributes:
        takeover_s: from the hurt to the next message that the server took.
        fanout: what came of the digests.
        answers: what a person read who asked for news all the time.
        complaints: what should not have been.
    """

    takeover_s: float = 0.0
    fanout: Verdict = field(default_factory=lambda: Verdict(0, 0))
    answers: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """What must not be, in words; empty where all is as it should be."""
        late = [f"takeover took {self.takeover_s:.1f} s"] if self.takeover_s > TAKEOVER_S else []
        return [*late, *self.complaints, *self.fanout.wrong]

    def rows(self) -> list[tuple[str, str]]:
        """The figures as what → figure."""
        read = Counter(answer.partition("\n")[0] for answer in self.answers)
        return [
            ("seconds until the next message", f"{self.takeover_s:.1f}"),
            ("answers to who asked meanwhile", "; ".join(f"{count} × {words}" for words, count in read.items())),
            *self.fanout.rows(),
        ]


@dataclass(frozen=True, slots=True)
class Stage:
    """All that takes part.

    Attributes:
        first: the program that sends.
        second: the one that stands by.
        wire: between the first program and the database.
    """

    server: Server
    first: Program
    second: Program
    wire: Wire
    primary: PostgresServer
    standby: PostgresServer | None


async def run(folder: Path, hurt: Hurt, *, chats: int, rate: int, primary: PostgresServer | None = None) -> Course:
    """One whole run.

    Args:
        primary: the server to use; where it is to be killed, one of our own is.
    """
    course = Course()
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        standby = None
        if hurt is Hurt.FAILOVER or primary is None:
            primary = stack.enter_context(PostgresServer(is_safe=True))
        name = primary.make_database().rsplit("/", 1)[1]
        if hurt is Hurt.FAILOVER:
            standby = stack.enter_context(primary.follower())
        url = _url([primary.port, *([standby.port] if standby else [])], name)
        server = await stack.enter_async_context(open_server(folder))
        people = await server.ask("users", count=chats)
        await ledger.prepare(url, people)
        wire = await stack.enter_async_context(Wire(primary.port))
        first_url = _url([wire.port], name) if hurt is Hurt.CUT else url
        first, second = [
            await stack.enter_async_context(_program(folder / name, server, rate, each))
            for name, each in (("first", first_url), ("second", url))
        ]
        stage = Stage(server, first, second, wire, primary, standby)
        fanout = Fanout(url, server, second, people)
        await _begin(stage, fanout)
        if not await fanout.sends(chats // 3, 5.0 + chats / rate):
            course.complaints.append("all was sent before anything happened")
        asking = asyncio.create_task(_ask(server, course))
        await _hurt(hurt, stage, course, fanout)
        await fanout.finish()
        await first.stop()
        asking.cancel()
        course.fanout = await fanout.judge()
        course.fanout.complaints = [each for each in course.fanout.complaints if OTHER_POLLER not in each]
        course.complaints += [*first.defects(), *await _left(url)]
    course.fanout.seconds = time.monotonic() - began
    return course


def _url(ports: Sequence[int], name: str) -> str:
    return f"postgresql://bot@{','.join(f'127.0.0.1:{port}' for port in ports)}/{name}"


def _program(folder: Path, server: Server, rate: int, url: str) -> Program:
    folder.mkdir()
    return Program(folder, server.url, rate, url=url)


async def _begin(stage: Stage, fanout: Fanout) -> None:
    """The first sends before the second is started, which then stands by."""
    await stage.first.start()
    assert await fanout.sends(1)
    await stage.second.start()
    async with asyncio.timeout(TAKEOVER_S):
        # Another process writes that log.
        while STANDS_BY not in stage.second.log:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def _hurt(hurt: Hurt, stage: Stage, course: Course, fanout: Fanout) -> None:
    if hurt is Hurt.KILL:
        await stage.first.kill()
    elif hurt is Hurt.STOP:
        stage.first.tell(signal.SIGSTOP)
    elif hurt is Hurt.CUT:
        stage.wire.cut()
    else:
        await asyncio.to_thread(stage.primary.stop)
    await _take_over(stage, course, fanout)
    if hurt is Hurt.STOP:
        stage.first.tell(signal.SIGCONT)
    stage.wire.mend()


async def _take_over(stage: Stage, course: Course, fanout: Fanout) -> None:
    began = time.monotonic()
    if stage.standby is not None:
        await asyncio.to_thread(stage.standby.promote)
    else:
        # What was on its way arrives, and what could not be written down is known by the rows.
        await asyncio.sleep(1.0)
    await fanout.note_kill()
    if not await fanout.sends(1, TAKEOVER_S + 30):
        course.complaints.append("nobody took over")
    course.takeover_s = time.monotonic() - began


async def _ask(server: Server, course: Course) -> None:
    """A person who asks again and again, and reads the answers."""
    person: Json = await server.ask("user", first_name="Berta", is_started=True)
    while True:
        await server.ask("says", user=person["id"], text="/latest")
        await asyncio.sleep(3.0)
        course.answers = [each["text"] for each in await server.ask("messages", chat=person["id"])]


async def _left(url: str) -> list[str]:
    async with await Database.open(url) as db, db.read() as tx:
        leases = (await tx.exec(select(Lease.name))).all()
    return [f"lease not given back: {name}" for name in leases]
