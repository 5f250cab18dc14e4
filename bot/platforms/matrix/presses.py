"""Reactions under our messages → what their emoji stand for, with the rights of whoever reacted."""

import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.clock import Clock
from bot.platforms.matrix import choices
from bot.platforms.matrix.answers import Answers
from bot.platforms.matrix.client import MatrixClient
from bot.platforms.matrix.incoming import Reaction
from bot.platforms.matrix.narrowing import SEARCH
from bot.platforms.matrix.reactions import redact
from bot.platforms.matrix.render import Part
from bot.platforms.matrix.send import MatrixSender, Place
from bot.platforms.matrix.trouble import MatrixTrouble
from bot.platforms.outgoing import SendError
from handlers.dispatch import Answer, Dispatcher
from handlers.reply import Action
from handlers.request import ChatAddress, Person, Replied, Request

log = logging.getLogger(__name__)

MOST_KEPT = 5000
MOST_ASKED_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class _Shown:
    """A message of ours, as far as reactions need it."""

    actions: Mapping[str, Action]
    anchors: tuple[str, ...]
    thread_root: str


class Presses:
    """Answers reactions."""

    def __init__(
        self, client: MatrixClient, dispatcher: Dispatcher, sender: MatrixSender, answers: Answers, clock: Clock
    ) -> None:
        self._client = client
        self._dispatcher = dispatcher
        self._sender = sender
        self._answers = answers
        self._clock = clock
        self._shown: OrderedDict[str, _Shown] = OrderedDict()

    async def action_of(self, address: ChatAddress, reaction: Reaction) -> Action | None:
        """What a reaction stands for; None where it is under another's message, or stands for nothing."""
        shown = self._shown.get(reaction.target_id) or await self._look_up(address.native_id, reaction.target_id)
        return shown.actions.get(choices.plain(reaction.key)) if shown is not None else None

    async def _look_up(self, room_id: str, event_id: str) -> _Shown | None:
        try:
            event = await self._client.event(room_id, event_id)
        except MatrixTrouble as trouble:
            log.info("a message that somebody reacted to cannot be read: %s", trouble)
            return None
        if event.sender != self._client.user_id:
            return self._keep(event_id, _Shown({}, (), ""))
        found = event.content.get(choices.FIELD)
        anchors = tuple(found) if isinstance(found, Mapping) else ()
        return self._keep(event_id, _Shown(choices.read(event.content), anchors, event.thread_root))

    def _keep(self, event_id: str, shown: _Shown) -> _Shown:
        self._shown[event_id] = shown
        while len(self._shown) > MOST_KEPT:
            self._shown.popitem(last=False)
        return shown

    async def press(self, address: ChatAddress, reaction: Reaction, action: Action, person: Person) -> None:
        """Do what a reaction stands for."""
        request = Request(
            chat=address,
            person=person,
            now=self._clock(),
            action=action,
            message_id=reaction.target_id,
            replied=Replied(reaction.target_id),
        )
        answer = await self._dispatcher.answer(request)
        if answer is not None:
            await self._show(request, answer, reaction, action)
        # Where we may, the person need not take it back before the next press.
        try:
            await redact(self._client, address.native_id, reaction.event_id)
        except MatrixTrouble as trouble:
            log.debug("a reaction stays: %s", trouble)

    async def _show(self, request: Request, answer: Answer, reaction: Reaction, action: Action) -> None:
        rendered = self._sender.render(answer.reply, answer.language, answer.timezone)
        target, key = reaction.target_id, f"press-{reaction.event_id}"
        shown = self._shown.get(target)
        root = shown.thread_root if shown is not None else ""
        parts = (rendered.toasted(),) if rendered.toast else rendered.parts
        if action.command == "search" and action.args:
            parts = asked_by(f"{SEARCH}{action.args[0]}", parts)
        edited = ""
        if answer.reply.edits and parts and not rendered.toast and await self._edited(request, parts[0], target, key):
            edited, parts = target, parts[1:]
        is_group = request.chat.kind != "private"
        place = Place(thread_root=root, reply_to=target if is_group or root else "")
        await self._answers.say(request, answer, parts, place, key, shown=edited)

    async def _edited(self, request: Request, part: Part, target: str, key: str) -> bool:
        shown = self._shown.get(target)
        before = shown.anchors if shown is not None else ()
        try:
            await self._sender.edit(request.chat, target, part, f"{key}-edit", before=before)
        except SendError as error:
            log.info("a message was not edited: %s %s", error.failure, error.code)
            return False
        actions = {choices.plain(anchor): action for anchor, action in part.actions}
        self._keep(target, _Shown(actions, part.anchors, shown.thread_root if shown is not None else ""))
        return True


def asked_by(text: str, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts with the search that they answer, where what was typed is one; a very long one is not narrowed."""
    if not text.startswith(SEARCH) or len(text) > MOST_ASKED_CHARACTERS or not parts:
        return parts
    return (replace(parts[0], asked=text), *parts[1:])
