"""Inline queries → results to choose from.

*Source*: Bot API, answerInlineQuery: at most 50 results, ids of 1-64 bytes, next_offset at most 64 bytes.
"""

import logging

from telegram import (
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.clock import Clock
from bot.i18n import Speech
from bot.platforms.telegram.markup import clean, web_address
from bot.platforms.telegram.send import TelegramSender, preview
from handlers.dispatch import Dispatcher
from handlers.inline import InlineAnswer, InlineResult, count_chosen

log = logging.getLogger(__name__)

LINE_CHARACTERS = 200
# Telegram names no limit; a phone shows no more.
BUTTON_CHARACTERS = 64
MOST_RESULTS = 50


class InlineQueries:
    """Answers what people type behind the bot's name."""

    def __init__(self, dispatcher: Dispatcher, sender: TelegramSender, clock: Clock) -> None:
        self._dispatcher = dispatcher
        self._sender = sender
        self._clock = clock

    async def answer(self, query: InlineQuery, language: str) -> None:
        """Answer one query in the person's language, one of ours."""
        found = await self._dispatcher.inline(query.query, query.offset, language, self._clock())
        articles = [self._article(result, found) for result in found.results[:MOST_RESULTS]]
        try:
            await query.answer(
                [article for article in articles if article is not None],
                cache_time=found.cache_s,
                # The answer is in the person's language, and the server's cache knows only the query.
                is_personal=True,
                next_offset=found.next_offset,
                button=self._button(found),
            )
        except BadRequest as error:
            # Mostly one that the person has typed on from; the server takes no answer to it any more.
            log.info("an inline answer was not taken: %s", error)

    async def chosen(self) -> None:
        """Count that somebody sent one of our results."""
        await count_chosen(self._dispatcher.services)

    def _button(self, found: InlineAnswer) -> InlineQueryResultsButton | None:
        if found.offer is None:
            return None
        words = _line(Speech(found.language, found.timezone, self._clock()).plain(found.offer.label))
        return InlineQueryResultsButton(words[:BUTTON_CHARACTERS], start_parameter=found.offer.payload)

    def _article(self, result: InlineResult, found: InlineAnswer) -> InlineQueryResultArticle | None:
        rendered = self._sender.render(result.reply, found.language, found.timezone)
        speech = Speech(found.language, found.timezone, self._clock())
        title = _line(speech.plain(result.title))
        if not title or not rendered.parts or not rendered.parts[0].html:
            return None
        part = rendered.parts[0].as_text()
        return InlineQueryResultArticle(
            id=str(result.clip_id),
            title=title,
            description=_line(speech.plain(result.description)) or None,
            input_message_content=InputTextMessageContent(
                part.html, parse_mode=ParseMode.HTML, link_preview_options=preview(part.preview_url)
            ),
            reply_markup=rendered.parts[-1].keyboard,
            thumbnail_url=web_address(result.thumbnail_url) or None,
        )


def _line(words: str) -> str:
    words = " ".join(clean(words).split())
    return words if len(words) <= LINE_CHARACTERS else words[: LINE_CHARACTERS - 1] + "…"
