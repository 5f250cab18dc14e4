"""Dialogues as people have them: what is said, what is pressed, what is answered, as plain text.

    await talk.says("/latest")
    talk.hears("Latest clips", "Kühlturm gesprengt")
    await talk.presses("More")

The dispatcher, the commands and the database are the real ones; only the clock and the web are prepared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.i18n import Speech
from handlers.context import Services
from handlers.dispatch import Answer, Dispatcher
from handlers.reply import (
    Action,
    Block,
    Button,
    Entry,
    Heading,
    Pairs,
    Paragraph,
    Points,
    Quotation,
    Reply,
)
from handlers.request import Attachment, ChatAddress, Person, Replied, Request
from storage.states import ChatKind, Platform
from tests.make import Lines, MovableClock

ANNA = Person("7", "Anna", language="en")


@dataclass
class Talk:
    """One person in one chat.

    Attributes:
        answer: the last answer, None where the bot kept silent.
        heard: its words as a person reads them, buttons in brackets in the last lines.
    """

    services: Services
    clock: MovableClock
    person: Person = ANNA
    address: ChatAddress = field(default_factory=lambda: ChatAddress(Platform.TELEGRAM, "100"))
    answer: Answer | None = None
    heard: str = ""
    last_id: str = ""
    _count: int = 0

    def beside(self, person: Person | None = None, address: ChatAddress | None = None) -> "Talk":
        """Another talk with the same bot: of another person, or in another chat."""
        return Talk(self.services, self.clock, person or self.person, address or self.address, _count=1000)

    async def says(
        self,
        text: str,
        *,
        reply_to: str = "",
        reply_urls: Sequence[str] = (),
        urls: Sequence[str] = (),
        attachment: Attachment | None = None,
        is_addressed: bool | None = None,
    ) -> str:
        """Say something, as a reply to the message of an id where one is given; gives the words of the answer."""
        replied = Replied(reply_to, tuple(reply_urls)) if reply_to or reply_urls else None
        addressed = self.address.kind is ChatKind.PRIVATE if is_addressed is None else is_addressed
        return await self._ask(
            self._request(text=text, replied=replied, urls=tuple(urls), attachment=attachment, is_addressed=addressed)
        )

    async def presses(self, label: str) -> str:
        """Press the button of the last answer that is called so."""
        for button in self.buttons():
            if self._plain(button) == label and button.action is not None:
                return await self.acts(button.action)
        msg = f"there is no button [{label}] below:\n{self.heard}"
        raise AssertionError(msg)

    async def acts(self, action: Action) -> str:
        """Press a button that stands for this, wherever it came from."""
        return await self._ask(self._request(action=action, message_id=self.last_id))

    async def through(self, *pairs: tuple[str, str]) -> None:
        """Hold a whole dialogue: (said, a part of what must be answered); "[Label]" presses a button."""
        for said, answered in pairs:
            heard = await (self.presses(said[1:-1]) if said.startswith("[") else self.says(said))
            assert answered in heard, f"to {said!r} it was answered:\n{heard}"

    def hears(self, *parts: str) -> None:
        """Check that the last answer says all of this, in this order."""
        at = 0
        for part in parts:
            found = self.heard.find(part, at)
            assert found >= 0, f"{part!r} is not (or not here) in:\n{self.heard}"
            at = found + len(part)

    def hears_not(self, *parts: str) -> None:
        """Check that the last answer says nothing of this."""
        for part in parts:
            assert part not in self.heard, f"{part!r} is in:\n{self.heard}"

    @property
    def reply(self) -> Reply:
        """The last answer as a structure."""
        assert self.answer is not None, "the bot kept silent"
        return self.answer.reply

    def buttons(self) -> list[Button]:
        """The buttons of the last answer."""
        return [button for row in self.reply.buttons for button in row] if self.answer else []

    def labels(self) -> list[str]:
        """What the buttons of the last answer are called."""
        return [self._plain(button) for button in self.buttons()]

    def _request(self, **fields: object) -> Request:
        base = Request(chat=self.address, person=self.person, now=self.clock())
        return replace(base, **{"message_id": f"in-{self._count}", **fields})  # type: ignore[arg-type]

    async def _ask(self, request: Request) -> str:
        dispatcher = Dispatcher(self.services)
        self.answer = await dispatcher.answer(request)
        if self.answer is None:
            self.heard = ""
            return ""
        self._count += 1
        self.last_id = f"{self.address.native_id}-{self._count}"
        self.heard = plain(self.answer, self.clock)
        await dispatcher.sent(request, self.answer.reply, self.last_id)
        return self.heard

    def _plain(self, button: Button) -> str:
        assert self.answer is not None
        return Speech(self.answer.language, self.answer.timezone, self.clock()).speak(button.label)


def plain(answer: Answer, clock: MovableClock) -> str:
    """An answer as lines of text: blocks apart, numbers before entries, links with their address, buttons last."""
    speech = Speech(answer.language, answer.timezone, clock(), Lines())
    reply = answer.reply
    parts = [_block(block, speech) for block in reply.blocks]
    if reply.toast is not None:
        parts.append(f"({speech.speak(reply.toast)})")
    if reply.media is not None:
        parts.append(f"<{reply.media.kind} {reply.media.url}>")
    if reply.document is not None:
        parts.append(f"<file {reply.document.name}>")
    parts.append("\n".join(" ".join(_button(button, speech) for button in row) for row in reply.buttons))
    return "\n\n".join(part for part in parts if part)


def _button(button: Button, speech: Speech) -> str:
    return f"[{speech.speak(button.label)}{f' <{button.url}>' if button.url else ''}]"


def _block(block: Block, speech: Speech) -> str:
    match block:
        case Heading(content) | Paragraph(content):
            return speech.speak(content)
        case Quotation(content):
            return f"> {speech.speak(content)}"
        case Points(items):
            return "\n".join(f"• {speech.speak(item)}" for item in items)
        case Pairs(rows):
            return "\n".join(f"{speech.speak(name)} – {speech.speak(value)}" for name, value in rows)
        case Entry():
            number = f"{block.number}. " if block.number else ""
            title = speech.speak(block.title) + (f" <{block.url}>" if block.url else "")
            meta = " · ".join(speech.speak(part) for part in block.meta)
            return "\n".join(line for line in (number + title, speech.speak(block.body), meta) if line)
