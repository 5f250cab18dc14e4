"""`make chaos`, or `python -m tests.chaos [scenario …]`: the long runs; a table each, and status 1 if one is wrong.

Scenarios: kills (SIGKILL at random moments, with every fault of the network), answers (only lost and late answers),
full and quota (nothing can be written for some seconds), jumps (the clock of the machine, over weeks); and two programs
on one PostgreSQL: kill, stop and cut (the one that sends is killed, stopped for longer than its lease, cut off from the
database), failover (the database is killed and its standby promoted). `bot.log` and `server.log` of a run that went
wrong stay where the table says.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.chaos import disk, fanout, jumps, replicas

Rows = list[tuple[str, str]]
# A second longer than the program waits for an answer.
TOO_LATE_S = 31.0
LOST = {"reset_before": 0.02, "reset_after": 0.03, "gateway_after": 0.04, "slow": 0.002, "slow_s": TOO_LATE_S}


async def kills(folder: Path, chosen: argparse.Namespace) -> tuple[Rows, list[str]]:
    """A fan-out under fire."""
    verdict = await fanout.run(folder, chats=chosen.chats, kills=chosen.kills, seed=chosen.seed, rate=chosen.rate)
    return verdict.rows(), verdict.wrong


async def answers(folder: Path, chosen: argparse.Namespace) -> tuple[Rows, list[str]]:
    """A fan-out of which some answers are lost or come too late."""
    verdict = await fanout.run(folder, chats=chosen.chats, kills=0, seed=chosen.seed, rate=chosen.rate, trouble=LOST)
    return verdict.rows(), verdict.wrong


async def full(folder: Path, chosen: argparse.Namespace) -> tuple[Rows, list[str]]:
    """A disk without any space left."""
    if not disk.may_mount():
        return [("not run", "this machine gives nobody a mount namespace")], []
    return await quota(folder, chosen, disk.Kind.FULL)


async def quota(folder: Path, chosen: argparse.Namespace, kind: disk.Kind = disk.Kind.QUOTA) -> tuple[Rows, list[str]]:
    """Files that may not grow."""
    verdict = await disk.run_apart(kind, folder, chosen.starving)
    return verdict.figures, verdict.wrong


async def jumping(folder: Path, chosen: argparse.Namespace) -> tuple[Rows, list[str]]:
    """A clock that cannot be relied on."""
    made = [*jumps.short(), *jumps.long(chosen.jumps, chosen.seed)]
    verdict = await jumps.run(folder, made, per_zone=chosen.readers)
    return verdict.rows(), verdict.wrong


def hurting(hurt: replicas.Hurt) -> Callable[[Path, argparse.Namespace], Awaitable[tuple[Rows, list[str]]]]:
    """Two programs on one database, of which the one that sends is hurt."""

    async def run(folder: Path, chosen: argparse.Namespace) -> tuple[Rows, list[str]]:
        course = await replicas.run(folder, hurt, chats=chosen.chats, rate=chosen.rate)
        return course.rows(), course.wrong

    return run


SCENARIOS: dict[str, Callable[[Path, argparse.Namespace], Awaitable[tuple[Rows, list[str]]]]] = {
    "kills": kills,
    "answers": answers,
    "full": full,
    "quota": quota,
    "jumps": jumping,
    **{hurt.value: hurting(hurt) for hurt in replicas.Hurt},
}


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scenario", nargs="*", help=f"some of {', '.join(SCENARIOS)}; all where none is named")
    parser.add_argument("--chats", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--rate", type=int, default=fanout.FASTEST, help="messages a second; up to 30 with the real limits"
    )
    parser.add_argument("--starving", type=int, default=300, help="chats of full and quota")
    parser.add_argument("--jumps", type=int, default=80, help="random jumps, one in each four hours that pass")
    parser.add_argument("--readers", type=int, default=3, help="chats in each of the zones of jumps")
    chosen = parser.parse_args()
    if unknown := set(chosen.scenario) - SCENARIOS.keys():
        parser.error(f"no scenario {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}")
    return chosen


def main() -> int:
    """Run what was chosen, one after the other, and say what came of it."""
    chosen = arguments()
    is_fine = True
    for name in chosen.scenario or SCENARIOS:
        folder = Path(tempfile.mkdtemp(prefix=f"chaos-{name}-"))
        rows, wrong = asyncio.run(SCENARIOS[name](folder, chosen))
        rows += [("wrong", each) for each in wrong] or [("verdict", "nothing lost, nothing doubled without a reason")]
        if wrong:
            rows.append(("logs", str(folder)))
        else:
            shutil.rmtree(folder)
        is_fine &= not wrong
        print(f"\n| {name} | |\n|---|---|", *(f"| {what} | {figure} |" for what, figure in rows), sep="\n", flush=True)  # noqa: T201 - this is a report
    return 0 if is_fine else 1


if __name__ == "__main__":
    sys.exit(main())
