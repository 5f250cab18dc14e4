"""The one way from a message to an answer: text → command → allowed? → typed arguments → call → Reply.

Also the one error boundary: what goes wrong below is logged with ids, and the person reads one calm sentence.
"""

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rapidfuzz import fuzz, process

from handlers import arguments
from handlers.context import Context, Services
from handlers.errors import BadArgument, HandlerError
from handlers.flood import Flood, Verdict
from handlers.inline import InlineAnswer, answer_inline
from handlers.options import PICTURES, value_of
from handlers.registry import Command, Right, usage
from handlers.reply import Action, Button, Code, Message, Reply, _, say
from handlers.request import Request
from storage import chats, clips
from storage.errors import DatabaseBusy, DatabaseFull, DatabaseReadOnly, StorageError
from storage.states import ChatKind, ChatState
from storage.tables import Chat

log = logging.getLogger(__name__)

_COMMAND = re.compile(r"^[/!]([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]+))?(?:\s+(.*))?$", re.DOTALL)
_LINK = re.compile(r"https?://[^\s<>\"“”„«»]+", re.IGNORECASE)
SEEN_EVERY = timedelta(days=1)
UNKNOWN = "unknown"


class Outcome(StrEnum):
    """How a request ended.

    DECLINED: the wish can't be met, and the reply says why.
    REFUSED: the database did not take part.
    FAILED: a fault of ours.
    """

    ANSWERED = "answered"
    DECLINED = "declined"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply with the language and time zone that it is to be rendered in.

    Attributes:
        command: the name of the command that was meant, `UNKNOWN` where there is none of that name.
    """

    reply: Reply
    language: str
    timezone: str
    command: str = ""
    outcome: Outcome = Outcome.ANSWERED


class Dispatcher:
    """Answers requests of all platforms."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._flood = Flood()
        self._registry = services.registry

    async def answer(self, request: Request) -> Answer | None:
        """Give the answer to a message or button press; None where the bot was not meant, or nothing is to be said.

        Who asks too much is told so once and then not answered for a while; a banned chat is never answered.
        Never raises for anything that a person, a feed or the database does.
        """
        chat: Chat | None = None
        name, outcome = UNKNOWN, Outcome.ANSWERED
        try:
            parsed = self._read(request)
            if parsed is None:
                return None
            command, words = parsed
            name = UNKNOWN if isinstance(command, str) else command.name
            if not self._has_patience(request):
                return None
            chat = await self._chat(request)
            if chat.state == ChatState.BANNED:
                return None
            context = Context(self.services, request, chat, chat.id or 0)
            reply = await self._run(command, words, context)
        except HandlerError as error:
            reply, outcome = say(error.message), Outcome.DECLINED
        except StorageError as error:
            log.error("storage refused: %s", error, extra=_ids(request))
            reply, outcome = say(_storage_sentence(error)), Outcome.REFUSED
        except Exception:  # the one boundary: nothing of ours may reach a person as a traceback
            log.exception("command failed", extra=_ids(request))
            reply = say(_("Something went wrong on my side. It has been noted; please try again in a moment."))
            outcome = Outcome.FAILED
        if chat is None:
            language, zone = self.language_of(request.person.language), self.services.desk.default_timezone
            return Answer(reply, language, zone, name, outcome)
        if value_of(chat.options, PICTURES) == "off":
            reply = reply.without_pictures()
        return Answer(reply, chat.language, chat.timezone, name, outcome)

    async def inline(self, query: str, offset: str, language: str, now: datetime) -> InlineAnswer:
        """Give the clips for what a person typed so far behind the bot's name; as `answer_inline`."""
        return await answer_inline(self.services, query=query, offset=offset, language=language, now=now)

    async def sent(self, request: Request, reply: Reply, message_id: str) -> None:
        """Remember which clips the sent answer shows, so that a reply to it can be understood."""
        if not reply.clips:
            return
        try:
            async with self.services.db.write() as tx:
                address = request.chat
                chat = await chats.find(tx, address.platform, address.native_id, address.thread_id)
                if chat is not None:
                    present = [view.id for view in await clips.views(tx, reply.clips)]
                    await chats.remember_message(tx, chat.id or 0, message_id, present, request.now)
        except StorageError as error:
            log.error("shown clips not remembered: %s", error, extra=_ids(request))

    def _read(self, request: Request) -> tuple[Command | str, list[str]] | None:
        """What is wanted: a command (or the name of an unknown one) and its words."""
        if request.action is not None:
            return self._registry.find(request.action.command) or request.action.command, list(request.action.args)
        text = request.text.strip()[: arguments.MAX_INPUT_CHARACTERS]
        match = _COMMAND.match(text)
        if match is not None:
            return self._registry.find(match[1]) or match[1], arguments.words(match[3] or "")
        if not request.is_addressed:
            return None
        return self._read_plain(text, request)

    def _read_plain(self, text: str, request: Request) -> tuple[Command | str, list[str]] | None:
        """Words without a command sign: a link is summarised, a command's name runs it, the rest is searched."""
        links = _LINK.findall(text) or list(request.urls)
        if links and (len(text.split()) <= 2 or request.urls):
            return self._named("summary"), [links[0].rstrip(".,;:!?)")]
        words = arguments.words(text)
        if not words:
            return self._named("help"), []
        named = self._registry.find(words[0])
        if named is not None and request.chat.kind is ChatKind.PRIVATE:
            return named, words[1:]
        return self._named("search"), words

    def _has_patience(self, request: Request) -> bool:
        """Whether a person is to be answered.

        Raises:
            HandlerError: the word that is said once to a person who asks too much.
        """
        person = request.person
        if person.is_operator:
            return True
        verdict = self._flood.judge(
            f"{request.chat.platform}:{person.native_id or request.chat.native_id}", request.now
        )
        if verdict is Verdict.TOLD:
            raise HandlerError(_("That was a lot at once. I answer again in half a minute."))
        return verdict is Verdict.HEARD

    def _named(self, name: str) -> Command:
        found = self._registry.find(name)
        assert found is not None, name  # noqa: S101 - commands of ours
        return found

    async def _chat(self, request: Request) -> Chat:
        """The chat's row, made at its first message; a chat that speaks again can be written to again."""
        address, now = request.chat, request.now
        async with self.services.db.read() as tx:
            chat = await chats.find(tx, address.platform, address.native_id, address.thread_id)
            is_new_thread = chat is None and bool(address.thread_id)
            group = await chats.find(tx, address.platform, address.native_id) if is_new_thread else None
        if chat is None:
            async with self.services.db.write() as tx:
                return await chats.add(tx, self._new_chat(request, group))
        if chat.state == ChatState.BANNED:
            return chat
        if chat.state != ChatState.ACTIVE or now - chat.seen_at >= SEEN_EVERY:
            async with self.services.db.write() as tx:
                await chats.change(tx, chat.id or 0, state=ChatState.ACTIVE, state_reason="", seen_at=now)
            chat.state, chat.state_reason, chat.seen_at = ChatState.ACTIVE, "", now
        return chat

    def _new_chat(self, request: Request, group: Chat | None) -> Chat:
        """A chat as it begins; a thread begins with the settings of its group."""
        address = request.chat
        return Chat(
            platform=address.platform,
            native_id=address.native_id,
            thread_id=address.thread_id,
            kind=address.kind,
            title=address.title[:200],
            state=ChatState.BANNED if group is not None and group.state == ChatState.BANNED else ChatState.ACTIVE,
            language=group.language if group is not None else self.language_of(request.person.language),
            timezone=group.timezone if group is not None else self.services.desk.default_timezone,
            options=dict(group.options) if group is not None else {},
            created_at=request.now,
            seen_at=request.now,
        )

    def language_of(self, tag: str) -> str:
        """The language of ours that fits a client's language tag best."""
        languages = self.services.desk.languages
        primary = tag.replace("_", "-").split("-")[0].lower()
        if primary in languages or not primary:
            return primary or languages[0]
        return "en" if "en" in languages else languages[0]

    async def _run(self, command: Command | str, words: list[str], context: Context) -> Reply:
        if isinstance(command, str):
            return self._unknown(command, context)
        self._check_right(command, context)
        try:
            values = arguments.parse(command.parameters, words)
        except BadArgument as error:
            return say(error.message, usage(command))
        return await command.run(context, **values)

    def _check_right(self, command: Command, context: Context) -> None:
        person = context.request.person
        if command.right is Right.OPERATOR and not person.is_operator:
            raise HandlerError(_("Only the operator of this bot may do that."))
        if command.right is Right.MANAGER and not (person.may_manage or person.is_operator):
            raise HandlerError(_("Only administrators of this chat may change its settings."))

    def _unknown(self, name: str, context: Context) -> Reply:
        known = [
            each.name
            for each in self._registry.commands
            if each.right is not Right.OPERATOR or context.request.person.is_operator
        ]
        nearest = process.extractOne(name.lower(), known, scorer=fuzz.ratio, score_cutoff=50)
        if nearest is None:
            return say(
                _("I do not know the command {name}. {help} lists all of them.", name=_typed(name), help=Code("/help"))
            )
        suggestion = str(nearest[0])
        button = Button(Code(f"/{suggestion}"), Action(suggestion), anchor="▶️")
        return say(
            _(
                "I do not know the command {name}. Did you mean {nearest}?",
                name=_typed(name),
                nearest=_typed(suggestion),
            )
        ).with_buttons((button,))


def _typed(name: str) -> Code:
    return Code("/" + name[:40])


def _storage_sentence(error: StorageError) -> Message:
    if isinstance(error, DatabaseFull | DatabaseReadOnly):
        return _("I cannot store anything at the moment; the operator has to look after it. Nothing was changed.")
    if isinstance(error, DatabaseBusy):
        return _("I am very busy right now. Please try again in a moment.")
    return _("I cannot reach my memory at the moment. Please try again later.")


def _ids(request: Request) -> dict[str, str]:
    return {"platform": request.chat.platform, "chat": request.chat.native_id, "message_id": request.message_id}
