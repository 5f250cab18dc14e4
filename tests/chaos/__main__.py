"""`python -m tests.chaos --chats 2000 --kills 30`: a longer run; prints figures, and ends with 1 where one is wrong."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.chaos.fanout import FASTEST, run


def main() -> int:
    """Run once and say what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--chats", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=int, default=FASTEST, help="messages a second; up to 30 with the real limits")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = run(Path(name), chats=chosen.chats, kills=chosen.kills, seed=chosen.seed, rate=chosen.rate)
        verdict = asyncio.run(work)
    print("\n".join(verdict.lines()))  # noqa: T201 - this is a report
    is_fine = (
        verdict.lost == verdict.uncounted == 0
        and verdict.kills == chosen.kills
        and verdict.doubled <= verdict.may_double
        and set(verdict.exits) == {0}
        and not verdict.complaints
    )
    return 0 if is_fine else 1


if __name__ == "__main__":
    sys.exit(main())
