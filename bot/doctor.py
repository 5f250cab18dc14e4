"""Checks what an operator would look at first; each check gives a verdict and, where it is bad, the mend."""

import json
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import clock as wall
from bot.app import Core, open_core
from bot.checkup import contents, machine, world
from bot.checkup.verdict import Verdict
from bot.clock import Clock
from bot.config import Settings
from storage import facts
from storage.errors import StorageError

HEARTBEAT = "heartbeat"
TROUBLE = "trouble"
HEARTBEAT_EVERY = timedelta(minutes=1)
HEARTBEAT_LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an operator wants to know, and how.

    Attributes:
        is_quick: only whether `kurzclips run` is alive.
        is_thorough: the file of the database is read as a whole.
        as_json: for machines.
    """

    is_quick: bool = False
    is_thorough: bool = False
    as_json: bool = False


async def beat(core: Core, trouble: str = "") -> int:
    """Write down that the bot is alive, for the health check.

    Args:
        trouble: what an operator has to mend before the bot can listen again, "" where it does listen.
    """
    async with core.db.write() as tx:
        await facts.put(tx, HEARTBEAT, core.clock().isoformat())
        await facts.put(tx, TROUBLE, trouble)
    return 1


async def check(settings: Settings, wanted: Wanted = Wanted(), clock: Clock = wall.now) -> int:
    """Print the verdicts; 1 where one of them is bad."""
    found: list[Verdict] = []

    def tell(verdict: Verdict) -> None:
        found.append(verdict)
        if not wanted.as_json:
            sys.stdout.write(f"{'ok ' if verdict.is_good else 'BAD'} {verdict.name}: {verdict.words}\n")

    if not wanted.is_quick:
        for verdict in machine.configuration(settings):
            tell(verdict)
    try:
        async with open_core(settings, clock) as core:
            for each in _checks(core, wanted):
                async for verdict in each:
                    tell(verdict)
    except StorageError as error:  # without a database there is nothing more to look at
        tell(Verdict("database", False, f"{error}"))
    is_good = all(verdict.is_good for verdict in found)
    if wanted.as_json:
        checks = [{"name": each.name, "good": each.is_good, "words": each.words} for each in found]
        sys.stdout.write(json.dumps({"good": is_good, "checks": checks}, ensure_ascii=False) + "\n")
    return 0 if is_good else 1


def _checks(core: Core, wanted: Wanted) -> Iterator[AsyncIterator[Verdict]]:
    if wanted.is_quick:
        yield _alive(core)
        return
    yield machine.database(core, is_thorough=wanted.is_thorough)
    first = (machine.disk, machine.time_zones, world.clock, contents.news, contents.rights)
    for each in (*first, world.telegram, world.matrix, world.websub, world.models):
        yield each(core)


async def _alive(core: Core) -> AsyncIterator[Verdict]:
    async with core.db.read() as tx:
        said = await facts.get(tx, HEARTBEAT)
        trouble = await facts.get(tx, TROUBLE)
    age = core.clock() - datetime.fromisoformat(said) if said else None
    if age is None:
        yield Verdict("alive", False, "kurzclips run has never been up on this database.")
    elif age < -HEARTBEAT_LATE:
        yield Verdict("alive", False, "the last sign of life is of a later time; the clock of this machine went back.")
    elif age > HEARTBEAT_LATE:
        yield Verdict("alive", False, f"the last sign of life is {int(age.total_seconds() // 60)} minutes old.")
    elif trouble:
        yield Verdict("alive", False, f"kurzclips run is up, but does not listen: {trouble.rstrip('.')}.")
    else:
        yield Verdict("alive", True, "kurzclips run is up.")
