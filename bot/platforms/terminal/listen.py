"""Lines typed or piped → requests; a number alone presses the button of the last answer."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable

from bot.clock import Clock
from bot.platforms.terminal.render import render
from bot.platforms.terminal.send import TerminalSender
from handlers.dispatch import Dispatcher
from handlers.reply import Action
from handlers.request import ChatAddress, Person, Replied, Request
from storage.states import Platform

PROMPT = "› "
_ENDS = frozenset({"/quit", "/exit", "/q", "!quit", "quit", "exit"})
_LONGEST_LINE = 100_000


class TerminalListener:
    """Holds the conversation at a terminal, or with lines from a pipe, until its end."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        sender: TerminalSender,
        clock: Clock,
        *,
        read_line: Callable[[], str] | None = None,
        language: str = "",
    ) -> None:
        self._dispatcher = dispatcher
        self._sender = sender
        self._clock = clock
        self._read_line = read_line or _standard_input()
        self._actions: tuple[Action | None, ...] = ()
        self._last_id = ""
        self._person = Person("terminal", language=language, is_operator=True)

    async def run(self) -> None:
        """Answer line by line until /quit or the end of the input."""
        async for line in self._lines():
            if line.strip().lower() in _ENDS:
                return
            if line.strip():
                await self.answer(line)

    async def answer(self, line: str) -> None:
        """Answer one line."""
        request = self._request(line)
        answer = await self._dispatcher.answer(request)
        if answer is None:
            return
        rendered = render(answer.reply, language=answer.language, timezone=answer.timezone, now=self._clock())
        if answer.reply.document is not None:
            _store(answer.reply.document.name, answer.reply.document.content)
        self._last_id = self._sender.show(rendered)
        if rendered.actions:
            self._actions = rendered.actions
        await self._dispatcher.sent(request, answer.reply, self._last_id)

    def _request(self, line: str) -> Request:
        address = ChatAddress(Platform.TERMINAL, "terminal")
        now = self._clock()
        number = line.strip()
        if number.isascii() and number.isdigit() and 0 < int(number[:4]) <= len(self._actions):
            action = self._actions[int(number[:4]) - 1]
            if action is not None:
                return Request(chat=address, person=self._person, now=now, action=action, message_id=self._last_id)
        replied = Replied(self._last_id) if self._last_id else None
        return Request(chat=address, person=self._person, now=now, text=line, replied=replied)

    async def _lines(self) -> AsyncIterator[str]:
        while True:
            try:
                line = await asyncio.to_thread(self._read_line)
            except (EOFError, KeyboardInterrupt):
                return
            if not line:
                return
            yield line[:_LONGEST_LINE]


def _store(name: str, content: bytes) -> None:
    """Keep a file that the bot gives in the working directory."""
    with open(os.path.basename(name), "wb") as file:
        file.write(content)


def _standard_input() -> Callable[[], str]:
    if not sys.stdin.isatty():
        return _read_piped
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - gives input() history and editing
    return lambda: input(PROMPT) + "\n"


def _read_piped() -> str:
    """One line, whatever its bytes; "" at the end."""
    return sys.stdin.buffer.readline(_LONGEST_LINE).decode("utf-8", "replace")


def language_of_environment() -> str:
    """The language tag of the terminal, "" where it says none ("C")."""
    tag = (os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "").split(".")[0]
    return "" if tag in {"C", "POSIX"} else tag
