"""Feeds of all kinds, changed at random and read: how many, how many crashed, and which was the slowest.

`python -m tests.fuzz [seconds] [folder]`: what lies in the folder is taken as it is once, and changed beside ours.
Inputs that crashed or took long are kept in the folder `fuzz-found` for a look.
"""

import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from handlers.news.page import feed_links
from handlers.news.parse import parse
from tests.fuzz.feeds import FEEDS
from tests.make import NOW

FOUND = Path("fuzz-found")
SLOW_S = 5.0
MOST_BYTES = 400_000
_PIECES = (
    b"<", b">", b"&", b"&amp;", b"&#0;", b"&#xFFFF;", b"&nbsp;", b"&x;", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3",
    b"\x1b$B", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?x ", b"?>", b"<!DOCTYPE rss [<!ENTITY a 'b'>]>", b"<item>",
    b"</item>", b"<entry>", b"</entry>", b"<title>", b"</title>", b"<author>", b"<category>", b"<link/>", b"</channel>",
    b'xml:base="//"', b"xmlns=''", b'"', b"'", b"{", b"}", b"[", b"]", b"null", b"1e999", b"9" * 300, b"\\ud800",
    b"\n\r",    b" " * 3000, b"a" * 3000, b"encoding='utf-16'", b"encoding='koi8-r'", b"2026-13-45T99:99:99Z", b"http://[",
    b"javascript:", b"<div>" * 300, "\u202e\u0301".encode() * 50,
)  # fmt: skip
_TYPES = ("", "text/xml; charset=windows-1251", "application/rss+xml", "application/json", "text/html; charset=x-none")


@dataclass
class Tally:
    """What a run came to."""

    tried: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    crashes: list[str] = field(default_factory=list)
    slowest: tuple[float, str, int] = (0.0, "", 0)

    def read(self, name: str, data: bytes, content_type: str) -> None:
        """Read one input and note what became of it."""
        began = time.process_time()
        try:
            parsed = parse(data, content_type=content_type, url="https://bote.example/f", now=NOW)
            feed_links(data[:20_000].decode("utf-8", "replace"), "https://bote.example/")
            assert all(item.title for item in parsed.items), "an item without a title"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what this program looks for
            self.crashes.append(f"{name}: {type(error).__name__}: {error}"[:200])
            keep(f"crash-{self.tried}-{name}", data)
            parsed = None
        seconds = time.process_time() - began
        self.tried += 1
        self.slowest = max(self.slowest, (seconds, name, len(data)))
        if seconds > SLOW_S:
            keep(f"slow-{self.tried}-{name}", data)
        if parsed is not None:
            self.outcomes["with items" if parsed.items else "a feed without items" if parsed.feed else "refused"] += 1
            # What the door catches inside is named by the exception: worth a look.
            self.outcomes.update(f"caught {r.detail}" for r in parsed.refused if r.detail.endswith("Error"))


def keep(name: str, data: bytes) -> None:
    FOUND.mkdir(exist_ok=True)
    (FOUND / name.replace("/", "_")[:100]).write_bytes(data)


def changed(data: bytes, others: list[bytes], dice: random.Random) -> bytes:
    """The bytes after one to eight changes: cuts, copies, splices from another feed, pieces that mean something."""
    for _ in range(dice.choice((1, 1, 2, 3, 8))):
        at = dice.randrange(len(data) + 1)
        span = dice.choice((1, 5, 40, 400))
        kind = dice.randrange(7)
        if kind == 0:
            data = data[:at] + data[at + span :]
        elif kind == 1:
            data = data[:at]
        elif kind == 2:
            data = data[:at] + data[at : at + span] * dice.choice((2, 3, 200)) + data[at + span :]
        elif kind == 3:
            other = dice.choice(others)
            start = dice.randrange(len(other) + 1)
            data = data[:at] + other[start : start + span] + data[at:]
        elif kind == 4:
            data = data[:at] + dice.randbytes(dice.randrange(1, 9)) + data[at + span :]
        else:
            data = data[:at] + dice.choice(_PIECES) * dice.choice((1, 1, 1, 50)) + data[at:]
    return data[:MOST_BYTES]


def run(seconds: float, folder: Path | None, seed: int) -> Tally:
    """Read what is there once, then changes of it until the time is over."""
    tally = Tally()
    started = dict(FEEDS)
    if folder is not None:
        started |= {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.*")) if p.is_file()}
    for name, data in started.items():
        tally.read(name, data, "")
    names, bodies = list(started), list(started.values())
    dice = random.Random(seed)  # noqa: S311 - nothing secret hangs on it
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        # Half of the inputs come from the feeds here, however large the folder is.
        name = dice.choice(list(FEEDS)) if dice.random() < 0.5 else dice.choice(names)
        tally.read(name, changed(started[name], bodies, dice), dice.choice(_TYPES))
    return tally


def main() -> None:
    """Run and print what it came to."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(1 << 30)
    tally = run(seconds, folder, seed)
    slow_s, name, size = tally.slowest
    lines = [
        f"inputs tried: {tally.tried:,} (seed {seed})",
        *(f"  {what}: {number:,}" for what, number in tally.outcomes.most_common()),
        f"crashes: {len(tally.crashes)}",
        *(f"  {crash}" for crash in tally.crashes[:20]),
        f"slowest input: {slow_s:.2f} s of processor time, {size:,} bytes, from {name}",
    ]
    print("\n".join(lines))  # noqa: T201 - this is a report
    sys.exit(1 if tally.crashes else 0)


if __name__ == "__main__":
    main()
