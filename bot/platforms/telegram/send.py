"""Rendered answers → the Bot API; what it answers becomes a SendError that says what it means."""

import logging
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from telegram import Bot, InputFile, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, RetryAfter, TelegramError

from bot.clock import Clock
from bot.lanes import Begin, Lane, Lanes
from bot.once import Once
from bot.platforms.outgoing import Failure, Outgoing, Progress, SendError
from bot.platforms.telegram.failures import failure_of
from bot.platforms.telegram.render import CAPTION_LIMIT_UTF16, Part, Rendered, render
from handlers.reply import Media, MediaKind, Reply
from handlers.request import ChatAddress
from storage.states import ChatKind

log = logging.getLogger(__name__)


_NOT_MODIFIED = "not modified"
_KEYBOARD_WORDS = ("button", "keyboard", "reply markup")


def preview(url: str) -> LinkPreviewOptions:
    """The one link that is shown large, or none."""
    return LinkPreviewOptions(url=url, prefer_large_media=True) if url else LinkPreviewOptions(is_disabled=True)


class TelegramSender:
    """Sends messages to chats, and changes them."""

    def __init__(self, bot: Bot, clock: Clock, lanes: Lanes) -> None:
        self._bot = bot
        self._clock = clock
        self._lanes = lanes
        self._rendered_once: Once[Rendered] = Once()
        self._keyboards_once: Once[dict[str, Any]] = Once()

    def render(self, reply: Reply, language: str, timezone: str) -> Rendered:
        """The answer as this account can send it."""
        try:
            has_inline = self._bot.supports_inline_queries
        except RuntimeError:  # the account was not asked yet who it is
            has_inline = False
        return render(reply, language=language, timezone=timezone, now=self._clock(), has_inline=bool(has_inline))

    async def send(self, outgoing: Outgoing, progress: Progress) -> tuple[str, ...]:
        """Send all parts of a message that are missing, or change the messages that it edits.

        Raises:
            SendError: what happened instead.
            Withdrawn: `progress` wants nothing to be sent.
        """
        parts = [part for part in self._rendered(outgoing).parts if not part.is_bare]
        if outgoing.edits:
            return await self._correct(outgoing, parts, progress)
        sent = list(outgoing.sent_parts)
        begin: Begin | None = progress.begin
        for part in parts[len(sent) :]:
            try:
                sent.append(await self.post(outgoing.address, part, lane=Lane.BULK, begin=begin))
            except SendError as error:
                error.parts = tuple(sent)
                raise
            begin = None
            if len(sent) < len(parts):
                await progress.part_sent(tuple(sent))
        return tuple(sent)

    def _rendered(self, outgoing: Outgoing) -> Rendered:
        """What is sent, rendered once for all who get the same within a minute."""
        key = (outgoing.language, outgoing.timezone, self._clock().replace(second=0, microsecond=0))
        return self._rendered_once(
            outgoing.reply, key, lambda: self.render(outgoing.reply, outgoing.language, outgoing.timezone).said()
        )

    async def _correct(self, outgoing: Outgoing, parts: Sequence[Part], progress: Progress) -> tuple[str, ...]:
        """Change messages in place; one that cannot be changed stays as it is, since a second one would be noise.

        Raises:
            SendError: what happened instead.
        """
        done = outgoing.sent_parts
        if len(parts) != len(outgoing.edits):
            raise SendError(Failure.REJECTED, "other_length")
        begin: Begin | None = progress.begin
        for message_id, part in zip(outgoing.edits[len(done) :], parts[len(done) :], strict=True):
            try:
                # The ledger does not say whether a message is a picture; Telegram does, by refusing the other edit.
                is_done = await self.edit(
                    outgoing.address, message_id, part, has_media=part.media is not None, lane=Lane.BULK, begin=begin
                ) or await self.edit(
                    outgoing.address, message_id, part, has_media=part.media is None, lane=Lane.BULK
                )  # fmt: skip
            except SendError as error:
                error.parts = done
                raise
            if not is_done:
                raise SendError(Failure.REJECTED, "not_editable", parts=done)
            begin = None
            done = outgoing.edits[: len(done) + 1]
            await progress.part_sent(done)
        return done

    async def post(
        self,
        address: ChatAddress,
        part: Part,
        *,
        reply_to: str = "",
        lane: Lane = Lane.INTERACTIVE,
        begin: Begin | None = None,
    ) -> str:
        """Send one message in its turn; what Telegram does not take of it is left out, so that the words arrive.

        Args:
            begin: called when its turn has come or is near, before anything is sent; what it raises ends the send.

        Returns:
            Its native id.

        Raises:
            SendError: what happened instead.
        """
        target = _target(address, reply_to)
        while True:
            try:
                async with self._turn(address, lane, begin):
                    begin = None
                    message_id = await self._send(target, part)
            except RetryAfter as error:
                raise self._flooded(address, error) from error
            except BadRequest as error:
                weaker = _weaker(part, str(error).lower())
                if weaker is None:
                    raise self._failure(error, address) from error
                part = weaker
            except TelegramError as error:
                raise self._failure(error) from error
            else:
                return str(message_id)

    def _flooded(self, address: ChatAddress, error: RetryAfter) -> SendError:
        """Let bulk to a chat wait as long as Telegram asks for."""
        failure = self._failure(error)
        wait_s = (failure.retry_at - self._clock()).total_seconds() if failure.retry_at else 1.0
        self._lanes.flooded(address.native_id, wait_s)
        return failure

    async def show_typing(self, address: ChatAddress) -> None:
        """Show in a chat for some seconds that an answer is on its way; not shown where that is refused."""
        place = {name: value for name, value in _target(address, "").items() if name != "reply_parameters"}
        with suppress(TelegramError):
            await self._bot.send_chat_action(**place, action=ChatAction.TYPING)

    async def edit(
        self,
        address: ChatAddress,
        message_id: str,
        part: Part,
        *,
        has_media: bool = False,
        lane: Lane = Lane.INTERACTIVE,
        begin: Begin | None = None,
    ) -> bool:
        """Replace what a message of ours says.

        Args:
            has_media: the message is a picture or video, whose caption is replaced.
            begin: called when its turn has come or is near, before anything is sent; what it raises ends the edit.

        Returns:
            False where it can't be replaced any more, so that a new one is needed.

        Raises:
            SendError: the Bot API could not be reached, or the chat is gone.
        """
        place = {"chat_id": _native(address.native_id), "message_id": int(message_id)}
        async with self._turn(address, lane, begin):
            return await self._edit(place, part, has_media=has_media, address=address)

    def _turn(self, address: ChatAddress, lane: Lane, begin: Begin | None = None) -> AbstractAsyncContextManager[None]:
        is_group = address.kind is not ChatKind.PRIVATE
        return self._lanes.turn(address.native_id, is_group=is_group, lane=lane, begin=begin)

    async def edit_inline(self, inline_message_id: str, part: Part) -> bool:
        """Replace a message that somebody sent through inline search.

        Returns:
            False where it can't be replaced any more.

        Raises:
            SendError: the Bot API could not be reached.
        """
        return await self._edit({"inline_message_id": inline_message_id}, part, has_media=False)

    async def _edit(
        self, place: dict[str, Any], part: Part, *, has_media: bool, address: ChatAddress | None = None
    ) -> bool:
        part = part.as_text()
        if part.document is not None:
            return False
        try:
            if not part.html:
                await self._bot.edit_message_reply_markup(**place, reply_markup=part.keyboard)
            elif has_media:
                if len(part.as_plain().html) > CAPTION_LIMIT_UTF16:
                    return False
                await self._bot.edit_message_caption(
                    **place, caption=part.html, parse_mode=ParseMode.HTML, reply_markup=part.keyboard
                )
            else:
                await self._bot.edit_message_text(
                    part.html,
                    **place,
                    parse_mode=ParseMode.HTML,
                    link_preview_options=preview(part.preview_url),
                    reply_markup=part.keyboard,
                )
        except BadRequest as error:
            if self._failure(error).failure is not Failure.REJECTED:
                raise self._failure(error) from error
            return _NOT_MODIFIED in str(error).lower()
        except RetryAfter as error:
            raise (self._flooded(address, error) if address is not None else self._failure(error)) from error
        except TelegramError as error:
            raise self._failure(error) from error
        return True

    def _failure(self, error: TelegramError, address: ChatAddress | None = None) -> SendError:
        return failure_of(error, self._clock(), address=address)

    async def _send(self, target: dict[str, Any], part: Part) -> int:
        """Send a part as it is.

        Returns:
            The number of the message.
        """
        if part.document is None and part.media is None:
            return await self._send_text(target, part)
        parse_mode = None if part.is_plain else ParseMode.HTML
        captioned = {
            **target,
            "caption": part.html or None,
            "parse_mode": parse_mode if part.html else None,
            "api_kwargs": self._markup(part),
        }
        if part.document is not None:
            document = InputFile(part.document.content, filename=part.document.name)
            return (await self._bot.send_document(**captioned, document=document)).message_id
        assert part.media is not None  # noqa: S101 - one of the two is there
        return (await self._send_media(part.media, captioned)).message_id

    async def _send_text(self, target: dict[str, Any], part: Part) -> int:
        """Send a text as most messages are; the library's own method would take twice as long for objects unread."""
        fields = {
            **target,
            "text": part.html,
            "parse_mode": None if part.is_plain else ParseMode.HTML,
            "link_preview_options": preview(part.preview_url),
            **self._markup(part),
        }
        # The Bot API knows its methods in any case of letters; written as usual, the library points to its own method.
        return int((await self._bot.do_api_request("SendMessage", api_kwargs=fields))["message_id"])

    def _markup(self, part: Part) -> dict[str, Any]:
        """The keyboard in the form of the Bot API; thousands get the same one."""
        shown = part.keyboard
        return {"reply_markup": self._keyboards_once(shown, (), shown.to_dict)} if shown is not None else {}

    async def _send_media(self, media: Media, captioned: dict[str, Any]) -> Message:
        if media.kind is MediaKind.VIDEO:
            return await self._bot.send_video(
                **captioned, video=media.url, duration=media.duration_s, supports_streaming=True
            )
        # As a photo, a picture that moves would stand still.
        if urlsplit(media.url).path.lower().endswith(".gif"):
            return await self._bot.send_animation(**captioned, animation=media.url)
        return await self._bot.send_photo(**captioned, photo=media.url)


def _weaker(part: Part, words: str) -> Part | None:
    """The part without what Telegram refused, None where the message itself is refused."""
    if "parse entities" in words and not part.is_plain and part.html:
        log.error("our own markup was refused, the text goes plain: %s", words)
        return part.as_plain()
    if part.keyboard is not None and any(word in words for word in _KEYBOARD_WORDS):
        log.error("our own buttons were refused, the text goes without them: %s", words)
        return replace(part, keyboard=None) if part.html or part.media else None
    if part.media is not None and part.html and "chat not found" not in words:
        # Many words for one thing: the address cannot be fetched, is no picture, or pictures are not allowed here.
        log.info("a picture was not taken, the text goes without it: %s", words)
        return part.without_media()
    return None


def _native(chat_id: str) -> int | str:
    return int(chat_id) if chat_id.lstrip("-").isdigit() else chat_id


def _target(address: ChatAddress, reply_to: str) -> dict[str, Any]:
    reply = ReplyParameters(int(reply_to), allow_sending_without_reply=True) if reply_to.isdigit() else None
    thread = int(address.thread_id) if address.thread_id.isdigit() else None
    return {"chat_id": _native(address.native_id), "message_thread_id": thread, "reply_parameters": reply}
