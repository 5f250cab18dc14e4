"""Inline search: what a person types behind the bot's name in any chat → clips to send there."""

import logging
from dataclasses import dataclass
from datetime import datetime

from handlers import compose
from handlers.context import Services
from handlers.errors import Declined
from handlers.news import query as queries
from handlers.reply import Inline, Reply, Seq
from handlers.searching import Search
from storage import clips
from storage.clips import ClipView
from storage.errors import StorageError

log = logging.getLogger(__name__)

PER_PAGE = 20
LAST_PAGE = 50
CACHE_S = 60


@dataclass(frozen=True, slots=True)
class InlineResult:
    """One clip to choose: what the list shows of it, and the message that choosing it sends."""

    clip_id: int
    title: Inline
    description: Inline
    reply: Reply
    thumbnail_url: str


@dataclass(frozen=True, slots=True)
class InlineAnswer:
    """A page of results.

    Attributes:
        next_offset: where the next page begins, "" at the end.
        cache_s: for how long the answer may be kept for this person.
    """

    results: tuple[InlineResult, ...]
    next_offset: str
    language: str
    timezone: str
    cache_s: int


async def answer_inline(services: Services, *, query: str, offset: str, language: str, now: datetime) -> InlineAnswer:
    """The clips for what was typed so far, the newest for nothing typed; never raises for anything typed.

    Args:
        language: of the person, one of ours.
        offset: of an earlier answer, "" for the first page.
    """
    page = min(int(offset), LAST_PAGE) if offset.isascii() and offset.isdigit() else 0
    wanted = queries.read(query, now=now, is_typing=True)
    views: list[ClipView] = []
    has_more = False
    try:
        async with services.db.read() as tx:
            search = Search(services.desk, language, now)
            found = await search.find(tx, wanted, limit=PER_PAGE, offset=page * PER_PAGE, may_loosen=True)
            views = await clips.views(tx, found.clip_ids)
            has_more = found.has_more and page < LAST_PAGE
    except Declined:
        log.debug("an inline query names a topic or source that does not exist")
    except StorageError as error:
        log.error("inline search failed: %s", error)
    return InlineAnswer(
        tuple(_result(view) for view in views),
        str(page + 1) if has_more else "",
        language,
        services.desk.default_timezone,
        CACHE_S,
    )


def _result(view: ClipView) -> InlineResult:
    meta = compose.meta(view, with_number=False)
    line: list[Inline] = []
    for part in meta:
        line += [" · ", part] if line else [part]
    told = compose.entry(view)
    buttons = compose.clip_buttons(view, without=("clip", "save"))
    return InlineResult(
        view.id,
        view.clip.title,
        Seq(tuple(line)),
        Reply((told,), (buttons,), clips=(view.id,), preview_url=view.clip.url),
        view.clip.image_url,
    )
