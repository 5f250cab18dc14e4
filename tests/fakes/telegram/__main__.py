"""The fake as a process of its own: `python -m tests.fakes.telegram --port 0 --control` prints its URL in one line."""

import argparse
import asyncio
import gc
import signal
import sys
import time

from .flood import REAL_LIMITS, FloodLimits
from .records import Options
from .server import FakeTelegram


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.telegram", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default="1:A")
    parser.add_argument("--control", action="store_true", help="offer /control/… (see README.md)")
    parser.add_argument("--real-limits", action="store_true", help="30 a second, 1 a private chat, 20 a group a minute")
    return parser.parse_args()


async def serve(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    now = int(time.time())  # noqa: TID251  a process of its own, outside the bot, has its own wall clock
    flood = REAL_LIMITS if options.real_limits else FloodLimits()
    fake = FakeTelegram(
        options.token, epoch=now, options=Options(flood=flood), port=options.port, with_control=options.control
    )
    async with fake:
        sys.stdout.write(f"{fake.api_url}\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    # All that this process is told stays in its memory: looking through it again and again finds nothing to free.
    gc.freeze()
    gc.set_threshold(100_000, 10, 1_000)
    asyncio.run(serve(arguments()))
