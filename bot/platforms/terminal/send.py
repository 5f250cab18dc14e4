"""Rendered answers → the terminal, or plain lines where the output is none."""

import sys

from rich.console import Console

from bot.clock import Clock
from bot.platforms.outgoing import Outgoing, Progress
from bot.platforms.terminal.render import Rendered, render


class TerminalSender:
    """Prints answers, and the digests that are due while the chat is open."""

    def __init__(self, clock: Clock, console: Console | None = None) -> None:
        self._clock = clock
        # Piped output keeps a paragraph on one line, so that other programs can read it.
        self._console = console or Console(
            file=sys.stdout, emoji=False, highlight=False, soft_wrap=not sys.stdout.isatty()
        )
        self._count = 0

    def show(self, rendered: Rendered) -> str:
        """Print an answer.

        Returns:
            A number for the message, as other platforms have one.
        """
        self._count += 1
        self._console.print(rendered.text)
        self._console.print()
        return f"{self._clock().timestamp():.0f}-{self._count}"

    async def send(self, outgoing: Outgoing, progress: Progress) -> tuple[str, ...]:
        """Print a message that was owed; what stands on a screen already cannot be changed and is left."""
        await progress.begin()
        if outgoing.edits:
            return outgoing.edits
        rendered = render(outgoing.reply, language=outgoing.language, timezone=outgoing.timezone, now=self._clock())
        return (self.show(rendered),)
