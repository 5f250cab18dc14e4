"""The two processes of a chaos run: the fake Bot API server with its control door, and the real program."""

import os
import re
import signal
import sys
from asyncio import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "1:A"
_DEFECT = r"^(?:\S+Z )?(Traceback.*|.*(?:refused, the text goes|(?:job|delivery) \S+ failed).*)$"
Json = dict[str, Any]


class Server:
    """The fake as a test drives it from outside, and all that it accepted so far."""

    def __init__(self, url: str, control: httpx.AsyncClient) -> None:
        self.url = url
        self._control = control
        self.accepted: list[Json] = []

    async def ask(self, action: str, **arguments: Any) -> Any:
        """One action of the control door."""
        answer = await self._control.post(f"/{action}", json=arguments)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def wait(self, accepted: int, timeout_s: float = 60.0) -> bool:
        """Wait until so many calls were accepted in all; False where they did not come."""
        answer = await self._control.post("/wait", json={"accepted": accepted, "timeout_s": timeout_s})
        return answer.status_code == 200

    async def news(self) -> list[Json]:
        """What was accepted since somebody asked last."""
        lines: list[Json] = await self.ask("ledger", since=len(self.accepted))
        self.accepted += lines
        return lines

    async def read_again(self) -> None:
        """All that was accepted, as it stands now: that an answer comes too late shows long after its call."""
        self.accepted.clear()
        await self.news()


@asynccontextmanager
async def open_server(folder: Path, *options: str) -> AsyncIterator[Server]:
    """Run the fake meanwhile; its log is `server.log` in the folder (a killed caller is an error to it)."""
    with (folder / "server.log").open("ab") as log:
        process = await subprocess.create_subprocess_exec(
            *(sys.executable, "-m", "tests.fakes.telegram", "--control", *options),
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=ROOT,
        )
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        async with httpx.AsyncClient(base_url=f"{url}/control", timeout=120, trust_env=False) as control:
            yield Server(url, control)
    finally:
        process.terminate()
        await process.wait()


class Program:
    """`kurzclips run` in a folder, started and ended again and again; its log is `bot.log` there."""

    def __init__(
        self,
        folder: Path,
        api_url: str,
        rate: int,
        module: str = "bot",
        *,
        extra: Mapping[str, str] | None = None,
        url: str = "",
    ) -> None:
        """Start nothing yet.

        Args:
            rate: messages a second that it may send.
            module: what `python -m` runs; anything but "bot" stands in for it.
            extra: more of its environment.
            url: its database; "" for a file in the folder.
        """
        self.rate = rate
        self._folder = folder
        self._module = module
        self._process: subprocess.Process | None = None
        ours = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": api_url, "TELEGRAM_RATE_PER_SECOND": str(rate)}
        if url:
            ours["DATABASE_URL"] = url
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KURZCLIPS_", "COV_"))}
        settings = {f"KURZCLIPS_{name}": value for name, value in ours.items()}
        self._environment = {**kept, **settings, **(extra or {}), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": ""}

    @property
    def is_up(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    @property
    def log(self) -> str:
        """All that it wrote."""
        return (self._folder / "bot.log").read_text(encoding="utf-8", errors="replace")

    def defects(self) -> Sequence[str]:
        """Kinds of lines of its log that should not be there, with how often each is."""
        found = re.findall(_DEFECT, self.log, re.MULTILINE)
        return [f"in the log: {line} ({count} times)" for line, count in Counter(found).items()]

    @property
    def pid(self) -> int:
        """Its process number."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Begin; does not wait for anything."""
        assert self._process is None
        with (self._folder / "bot.log").open("ab") as log:
            self._process = await subprocess.create_subprocess_exec(
                *(sys.executable, "-m", self._module, "run"),
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=self._environment,
            )

    def tell(self, number: signal.Signals) -> None:
        """Give it a signal and go on."""
        os.kill(self.pid, number)

    async def kill(self) -> int:
        """End it as the kernel ends a process: without a word."""
        return await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Ask it to end; gives its exit status."""
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        if process.returncode is None:
            process.send_signal(how)
        return await process.wait()

    async def __aenter__(self) -> "Program":
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.kill()
