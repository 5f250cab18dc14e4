"""The disk below the database becomes full in the middle of a fan-out, and has room again some seconds later.

`python -m tests.chaos.disk FOLDER` runs it and prints its verdict as JSON. The disk is a small tmpfs, which nobody can
mount but in a mount namespace of their own: `command` says how to get one without any privilege.
"""

import argparse
import asyncio
import errno
import json
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from tests.chaos import ledger
from tests.chaos.fanout import SENDS, Fanout, Verdict
from tests.chaos.processes import ROOT, Program, Server, open_server

# A fan-out to 120 chats takes two seconds, so that the disk is full in the middle of it.
RATE = 60
DISK_MIB = 48
BLOCK = bytes(1 << 20)
NOTICED_WITHIN_S = 20.0
# As long as several jobs have their turns.
FULL_FOR_S = 5.0
# Two jobs that write have several turns meanwhile; what is said at each must not be said of each message.
MOST_LINES = 12
SAID = "The disk that holds"
UNSHARE = ("unshare", "--user", "--map-root-user", "--mount")


class Kind(StrEnum):
    """Why nothing can be written."""

    FULL = "full"
    """No space is left on the file system (ENOSPC)."""
    QUOTA = "quota"
    """The process may not let files grow (EFBIG); SQLite treats a used up quota (EDQUOT) the same."""


class Shortage(Protocol):
    """Takes the room away and gives it back."""

    def begin(self, program: Program) -> None:
        """From now on nothing can be written."""

    def end(self, program: Program) -> None:
        """There is room again."""


@dataclass(slots=True)
class DiskVerdict:
    """What a run came to, as plain values.

    Attributes:
        figures: what → figure.
        wrong: what must not be, in words.
        log: what the program said between the shortage and its end.
    """

    figures: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    log: str = ""


class SmallDisk:
    """A file system in memory for the database."""

    def __init__(self, mount: Path) -> None:
        self._ballast = mount / "ballast"

    def begin(self, program: Program) -> None:
        with self._ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(BLOCK)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def end(self, program: Program) -> None:
        self._ballast.unlink()


class Quota:
    """A limit on the size of files: the write-ahead log of the database has it already, the log of the program not."""

    def __init__(self, folder: Path) -> None:
        self._growing = folder / "data" / "kurzclips.db-wal"

    def begin(self, program: Program) -> None:
        size = max(self._growing.stat().st_size, 1 << 16)
        resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def end(self, program: Program) -> None:
        if program.is_up:
            resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextmanager
def shortage(kind: Kind, folder: Path) -> Iterator[Shortage]:
    """A disk for the data of the program in a folder."""
    if kind is Kind.QUOTA:
        yield Quota(folder)
        return
    mount = folder / "data"
    mount.mkdir()
    options = ("-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(mount))
    subprocess.run(["mount", *options], check=True)  # noqa: S603, S607 - of util-linux, wherever it is
    try:
        yield SmallDisk(mount)
    finally:
        subprocess.run(["umount", "--lazy", str(mount)], check=True)  # noqa: S603, S607


def may_mount() -> bool:
    """Whether this machine lets us have a mount namespace."""
    if shutil.which(UNSHARE[0]) is None:
        return False
    tried = subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], check=False, capture_output=True)  # noqa: S603
    return tried.returncode == 0


def command(kind: Kind, folder: Path, chats: int) -> list[str]:
    """What runs this module in a process of its own, and in a namespace of its own where it needs one."""
    words = [sys.executable, "-m", "tests.chaos.disk", str(folder), "--kind", kind, "--chats", str(chats)]
    return [*UNSHARE, *words] if kind is Kind.FULL else words


async def run_apart(kind: Kind, folder: Path, chats: int) -> DiskVerdict:
    """One whole run in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *command(kind, folder, chats), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    said, trouble = await process.communicate()
    assert process.returncode == 0, trouble.decode(errors="replace")
    return DiskVerdict(**json.loads(said))


async def run(kind: Kind, folder: Path, chats: int) -> DiskVerdict:
    """One whole run."""
    began = time.monotonic()
    with shortage(kind, folder) as scarce:
        async with open_server(folder) as server:
            people = await server.ask("users", count=chats)
            await ledger.prepare(ledger.address(folder), people)
            async with Program(folder, server.url, RATE) as program:
                await program.start()
                fanout = Fanout(ledger.address(folder), server, program, people)
                await fanout.sends(chats // 4)
                course = await _starve(scarce, server, program)
                await fanout.finish()
                verdict = await fanout.judge()
    verdict.seconds = time.monotonic() - began
    return _verdict(course, verdict)


@dataclass(frozen=True, slots=True)
class _Course:
    """How it went while nothing could be written.

    Attributes:
        taken: how many messages were taken meanwhile, and in the later half of the time.
        log: what the program said meanwhile.
        was_up: whether it was still up at the end.
    """

    taken: tuple[int, int]
    log: str
    was_up: bool


async def _starve(scarce: Shortage, server: Server, program: Program) -> _Course:
    """Take the room away until the program noticed it, and some seconds longer."""
    before = len(program.log)
    taken = [await _accepted(server)]
    scarce.begin(program)
    with suppress(TimeoutError):
        async with asyncio.timeout(NOTICED_WITHIN_S):
            # Another process writes that log.
            while SAID not in program.log[before:] and program.is_up:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    for _ in range(2):
        await asyncio.sleep(FULL_FOR_S / 2)
        taken.append(await _accepted(server))
    was_up = program.is_up
    scarce.end(program)
    return _Course((taken[1] - taken[0], taken[2] - taken[1]), program.log[before:], was_up)


async def _accepted(server: Server) -> int:
    state = await server.ask("state")
    return sum(count for name, count in state["calls"].items() if name in SENDS)


def _verdict(course: _Course, fanout: Verdict) -> DiskVerdict:
    said = [line for line in course.log.splitlines() if SAID in line]
    loud = [line for line in course.log.splitlines() if re.search(r"\[(?:error|critical) *\]", line)]
    wrong = {
        "the program did not say that the disk is full": not said,
        f"{len(loud)} lines of errors in {FULL_FOR_S:.0f} s": len(loud) > MOST_LINES,
        "a traceback in the log": "Traceback" in course.log,
        f"{course.taken[1]} messages sent though nothing could be written down": course.taken[1],
        f"{fanout.doubled} messages doubled although the program never died": course.was_up and fanout.doubled,
    }
    figures = [
        ("the program meanwhile", "stayed up" if course.was_up else "ended"),
        ("messages taken after the disk was full / some seconds later", f"{course.taken[0]} / {course.taken[1]}"),
        ("lines of errors in its log", str(len(loud))),
        ("what it said first", said[0].partition("] ")[2] if said else "nothing"),
        *fanout.rows(),
    ]
    return DiskVerdict(figures, [words for words, is_so in wrong.items() if is_so] + fanout.wrong, course.log)


def main() -> None:
    """Run in this process."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.disk")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", type=Kind, choices=list(Kind), default=Kind.FULL)
    parser.add_argument("--chats", type=int, default=120)
    chosen = parser.parse_args()
    print(json.dumps(asdict(asyncio.run(run(chosen.kind, chosen.folder, chosen.chats)))))  # noqa: T201


if __name__ == "__main__":
    main()
