"""Rendered answers → the Bot API; what it answers becomes a SendError that says what it means."""

import logging
from collections.abc import Awaitable, Callable

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from bot.clock import Clock
from bot.platforms.outgoing import Outgoing, PartSent
from bot.platforms.telegram.failures import failure_of
from bot.platforms.telegram.render import Key, Rendered, render
from bot.platforms.telegram.split import visible
from handlers.reply import Media, MediaKind

log = logging.getLogger(__name__)

_MEDIA_WORDS = ("web page content", "http url content", "wrong file identifier", "wrong type of", "media")


def keyboard(rows: tuple[tuple[Key, ...], ...]) -> InlineKeyboardMarkup | None:
    """The buttons as the Bot API takes them."""
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(
                    key.label, callback_data=key.data, url=key.url, switch_inline_query_current_chat=key.query
                )
                for key in row
            ]
            for row in rows
        ]
    )


def preview(url: str) -> LinkPreviewOptions:
    """The one link that may be shown large, or none."""
    if not url.lower().startswith(("http://", "https://")):
        return LinkPreviewOptions(is_disabled=True)
    return LinkPreviewOptions(url=url, prefer_large_media=True)


class TelegramSender:
    """Sends messages to chats."""

    def __init__(self, bot: Bot, clock: Clock) -> None:
        self._bot = bot
        self._clock = clock

    async def send(self, outgoing: Outgoing, part_sent: PartSent) -> tuple[str, ...]:
        """Send all parts of a message that are missing.

        Raises:
            SendError: what happened instead.
        """
        address = outgoing.address
        rendered = render(outgoing.reply, language=outgoing.language, timezone=outgoing.timezone, now=self._clock())
        return await self.send_rendered(
            address.native_id, address.thread_id, rendered, sent=outgoing.sent_parts, part_sent=part_sent
        )

    async def send_rendered(
        self,
        chat_id: str,
        thread_id: str,
        rendered: Rendered,
        *,
        sent: tuple[str, ...] = (),
        part_sent: PartSent | None = None,
        reply_to: str = "",
    ) -> tuple[str, ...]:
        """Send the parts behind those that were sent already.

        Returns:
            The message ids of all parts.

        Raises:
            failure_of: what happened instead, a SendError; it names the parts that were sent before.
        """
        ids = list(sent)
        target = _Target(chat_id, thread_id, reply_to)
        for place, part in enumerate(rendered.parts):
            if place < len(sent):
                continue
            is_last = place == len(rendered.parts) - 1
            try:
                ids.append(await self._send_part(target, part, rendered, is_last=is_last))
            except TelegramError as error:
                raise failure_of(error, self._clock(), parts=tuple(ids)) from error
            if part_sent is not None:
                await part_sent(tuple(ids))
        if rendered.document is not None:
            await self._send_document(target, rendered)
        return tuple(ids)

    async def _send_part(self, target: "_Target", part: str, rendered: Rendered, *, is_last: bool) -> str:
        markup = keyboard(rendered.keyboard) if is_last else None
        if rendered.media is not None:
            try:
                return await self._send_media(target, part, rendered.media, markup)
            except BadRequest as error:
                if not any(words in str(error).lower() for words in _MEDIA_WORDS):
                    raise
                log.info("a picture was not taken by Telegram, the text goes without it: %s", error)
        options = preview(rendered.media.url if rendered.media else rendered.preview_url)

        async def write(text: str, parse_mode: str | None) -> str:
            message = await self._bot.send_message(
                target.chat_id,
                text,
                parse_mode=parse_mode,
                message_thread_id=target.thread,
                link_preview_options=options,
                reply_markup=markup,
                reply_parameters=target.reply,
            )
            return str(message.message_id)

        return await _plain_if_refused(write, part)

    async def _send_media(
        self, target: "_Target", caption: str, media: Media, markup: InlineKeyboardMarkup | None
    ) -> str:
        if media.kind is MediaKind.VIDEO:
            message = await self._bot.send_video(
                target.chat_id,
                media.url,
                duration=media.duration_s,
                caption=caption,
                parse_mode=ParseMode.HTML,
                message_thread_id=target.thread,
                reply_markup=markup,
                reply_parameters=target.reply,
            )
        else:
            message = await self._bot.send_photo(
                target.chat_id,
                media.url,
                caption=caption,
                parse_mode=ParseMode.HTML,
                message_thread_id=target.thread,
                reply_markup=markup,
                reply_parameters=target.reply,
            )
        return str(message.message_id)

    async def _send_document(self, target: "_Target", rendered: Rendered) -> None:
        document = rendered.document
        assert document is not None  # noqa: S101 - the caller looked
        try:
            await self._bot.send_document(
                target.chat_id, InputFile(document.content, filename=document.name), message_thread_id=target.thread
            )
        except TelegramError as error:
            raise failure_of(error, self._clock()) from error

    async def edit(self, chat_id: str, message_id: str, rendered: Rendered) -> bool:
        """Replace what a message of ours says.

        Returns:
            False where it can't be replaced any more, so that a new one is needed.

        Raises:
            failure_of: a SendError: the Bot API could not be reached, or the chat is gone.
        """
        if len(rendered.parts) != 1 or rendered.media is not None:
            return False
        try:
            await self._bot.edit_message_text(
                rendered.parts[0],
                chat_id=chat_id,
                message_id=int(message_id),
                parse_mode=ParseMode.HTML,
                link_preview_options=preview(rendered.preview_url),
                reply_markup=keyboard(rendered.keyboard),
            )
        except BadRequest as error:
            return "not modified" in str(error).lower()
        except TelegramError as error:
            raise failure_of(error, self._clock()) from error
        return True


async def _plain_if_refused(write: Callable[[str, str | None], Awaitable[str]], part: str) -> str:
    """Write HTML; where Telegram cannot read it, which is a fault of ours, the words alone.

    Raises:
        BadRequest: it was refused for another reason.
    """
    try:
        return await write(part, ParseMode.HTML)
    except BadRequest as error:
        if "parse entities" not in str(error).lower():
            raise
        log.error("our own markup was refused, the text goes plain: %s", error)
        return await write(visible(part), None)


class _Target:
    """Where a message goes."""

    def __init__(self, chat_id: str, thread_id: str, reply_to: str) -> None:
        self.chat_id = int(chat_id) if chat_id.lstrip("-").isdigit() else chat_id
        self.thread = int(thread_id) if thread_id else None
        self.reply = ReplyParameters(int(reply_to), allow_sending_without_reply=True) if reply_to.isdigit() else None
