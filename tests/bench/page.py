"""`make bench`, or `python -m tests.bench.page [--quick] [FILE]`: all benchmarks, and one page with plots of them.

Each runs in a process of its own, one after the other; what they print is what the page shows, as tables and plots.
"""

import argparse
import html
import io
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from tests.bench.__main__ import ROOT, machine

MOST_S = 3_600
ARCHIVES = (10_000, 30_000, 100_000)
RATES = (30, 100, 300, 1_000)
FEEDS = (500, 2_000, 5_000)
QUICK_ARCHIVES, QUICK_RATES, QUICK_FEEDS = (4_000, 8_000), (30, 300), (100, 300)
SHOWN = ("/latest", "/search, one word", "/search, a question of six words", "inline search", "/related")
_TIMES = re.compile(r"^\| (?P<what>.+), median / p95 \| (?P<median>[\d.]+) / (?P<p95>[\d.]+) ms", re.MULTILINE)
_REACHED = re.compile(r"messages a second, answers included: ([\d.]+)")
_BOT = re.compile(r"the bot: (\d+)% of one core, [\d.]+ ms a message, (\d+) MB")
_PEAK = re.compile(r"peak (\d+) MB|(\d+) MB at most")
STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "pre{background:#f4f4f4;padding:1em;overflow:auto}"
)


@dataclass(slots=True)
class Series:
    """Points of one line of a plot."""

    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)

    def add(self, x: float, y: float) -> None:
        """One point more."""
        self.x.append(x)
        self.y.append(y)


class Page:
    """What is shown, piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def heading(self, words: str) -> None:
        """Begin a section."""
        self._pieces.append(f"<h2>{html.escape(words)}</h2>")

    def told(self, command: str, said: str) -> None:
        """What a command printed."""
        self._pieces.append(f"<p><code>{html.escape(command)}</code></p><pre>{html.escape(said.strip())}</pre>")

    def plot(self, title: str, x: str, y: str, lines: dict[str, Series], *, is_log: bool) -> None:
        """Lines over one axis, drawn into the page itself."""
        figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
        assert isinstance(axes, Axes)
        for name, series in lines.items():
            axes.plot(series.x, series.y, marker="o", label=name)
        if is_log:
            axes.set_xscale("log")
            axes.set_yscale("log")
        axes.set(title=title, xlabel=x, ylabel=y)
        axes.grid(visible=True, alpha=0.3)
        axes.legend(fontsize="small")
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg")
        plt.close(figure)
        self._pieces.append(drawn.getvalue().partition("<svg")[1] + drawn.getvalue().partition("<svg")[2])

    def text(self) -> str:
        """The whole page."""
        return (
            f"<!doctype html><meta charset='utf-8'><title>Kurzclips: figures</title><style>{STYLE}</style>"
            f"<h1>Kurzclips: figures</h1><p>{html.escape(machine())}; {datetime.now(UTC):%Y-%m-%d}.</p>"  # noqa: TID251, DTZ - a report
            + "\n".join(self._pieces)
        )


def run(page: Page, *words: str) -> str:
    """Run one benchmark and put what it prints on the page."""
    began = time.monotonic()
    done = subprocess.run(  # noqa: S603 - our own benchmarks
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, timeout=MOST_S, check=False
    )
    said = done.stdout if done.returncode == 0 else f"failed: {done.stderr[-500:]}"
    command = f"python -m {' '.join(words)}"
    print(f"{command}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)  # noqa: T201 - minutes long
    page.told(command, said)
    return said


def archives(page: Page, sizes: Sequence[int]) -> None:
    """How long people wait, against the size of the archive, on both databases."""
    page.heading("Answers against the size of the archive")
    for database in ("sqlite", "postgres"):
        lines = {name: Series() for name in SHOWN}
        for size in sizes:
            said = run(page, "tests.bench.archive", "--clips", str(size), "--database", database)
            for found in _TIMES.finditer(said):
                if found["what"] in lines:
                    lines[found["what"]].add(size, float(found["p95"]))
        page.plot(f"95th percentile on {database}", "clips", "milliseconds", lines, is_log=True)


def fanouts(page: Page, rates: Sequence[int]) -> None:
    """What is reached of the limit of messages a second, and what it costs."""
    page.heading("Fan-out against the limit")
    reached, core = Series(), Series()
    for rate in rates:
        said = run(page, "tests.bench.fanout", str(max(300, rate * 8)), str(rate))
        if (sent := _REACHED.search(said)) and (bot := _BOT.search(said)):
            reached.add(rate, float(sent[1]))
            core.add(rate, float(bot[1]))
    page.plot("messages a second", "limit", "reached", {"reached": reached}, is_log=True)
    page.plot("processor time", "limit, messages a second", "% of one core", {"the bot": core}, is_log=False)


def feeds(page: Page, counts: Sequence[int]) -> None:
    """Memory against the number of feeds."""
    page.heading("Memory against feeds")
    peak = Series()
    for count in counts:
        said = run(page, "tests.bench.feeds", str(count))
        found = [float(first or second) for first, second in _PEAK.findall(said)]
        if found:
            peak.add(count, max(found))
    page.plot("peak memory of both sweeps", "feeds", "MB", {"the bot": peak}, is_log=False)


def main() -> None:
    """Run everything and write the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.page")
    parser.add_argument("file", nargs="?", type=Path, default=Path("bench.html"))
    parser.add_argument("--quick", action="store_true", help="small sizes: whether it works, not how it does")
    chosen = parser.parse_args()
    page = Page()
    page.heading("The program")
    if not chosen.quick:
        run(page, "tests.bench")
        run(page, "tests.bench.stories")
    archives(page, QUICK_ARCHIVES if chosen.quick else ARCHIVES)
    fanouts(page, QUICK_RATES if chosen.quick else RATES)
    feeds(page, QUICK_FEEDS if chosen.quick else FEEDS)
    chosen.file.write_text(page.text(), encoding="utf-8")
    print(f"Written to {chosen.file}.")  # noqa: T201


if __name__ == "__main__":
    main()
