"""Inline search: what a person types behind the bot's name in any chat → clips to send there."""

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from handlers import compose, payloads
from handlers.context import Services
from handlers.errors import Declined
from handlers.news import query as queries
from handlers.news.query import Wanted
from handlers.reply import Inline, Reply, Seq, _
from handlers.searching import Search
from storage import clips, search
from storage.clips import ClipView
from storage.errors import StorageError

log = logging.getLogger(__name__)

PER_PAGE = 20
LAST_PAGE = 9_999
CACHE_S = 60
WORDS_SHOWN = 24
# A person who still turns pages after this long sees the news of now, with what moved in between.
LONGEST_WALK = timedelta(hours=1)
_HELP = "help"
_OFFSET = re.compile(r"([0-9]{1,4})-([0-9]{1,11})")


@dataclass(frozen=True, slots=True)
class InlineResult:
    """One clip to choose: what the list shows of it, and the message that choosing it sends."""

    clip_id: int
    title: Inline
    description: Inline
    reply: Reply
    thumbnail_url: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A way into the private chat, above the results: what it says, and what /start is given there."""

    label: Inline
    payload: str


@dataclass(frozen=True, slots=True)
class InlineAnswer:
    """A page of results.

    Attributes:
        next_offset: where the next page begins, "" at the end.
        cache_s: for how long the answer may be kept for this person.
        offer: to subscribe to the search, or why it found nothing; None where nothing was typed.
    """

    results: tuple[InlineResult, ...]
    next_offset: str
    language: str
    timezone: str
    cache_s: int
    offer: Offer | None = None


async def answer_inline(services: Services, *, query: str, offset: str, language: str, now: datetime) -> InlineAnswer:
    """The clips for what was typed so far, the newest for nothing typed; never raises for anything typed.

    Args:
        language: of the person, one of ours.
        offset: of an earlier answer, "" for the first page.
    """
    page, begun_at = _read_offset(offset, now)
    wanted = queries.read(query, now=now, is_typing=True)
    views: list[ClipView] = []
    has_more = False
    cache_s = CACHE_S
    try:
        async with services.db.read() as tx:
            engine = Search(services.desk, language, begun_at)
            found = await engine.find(tx, wanted, limit=PER_PAGE, offset=page * PER_PAGE, may_loosen=True)
            views = await clips.views(tx, found.clip_ids)
            has_more = found.has_more and page < LAST_PAGE
        # What was typed wrongly, or is a whole question, is nothing to wait for.
        is_meant = not (found.instead or found.is_loose)
        offer = _offer(query, wanted, has_hits=bool(views) or page > 0) if is_meant else None
    except Declined as declined:
        offer = Offer(declined.message, _HELP)
    except StorageError as error:
        log.error("inline search failed: %s", error)
        offer, cache_s = None, 0
    return InlineAnswer(
        tuple(_result(view) for view in views),
        f"{page + 1}-{int(begun_at.timestamp())}" if has_more else "",
        language,
        services.desk.default_timezone,
        cache_s,
        offer,
    )


async def count_chosen(services: Services) -> None:
    """Count that somebody sent an inline result."""
    try:
        async with services.db.write() as tx:
            await search.count_chosen(tx)
    except StorageError as error:
        log.error("a chosen inline result was not counted: %s", error)


def _read_offset(offset: str, now: datetime) -> tuple[int, datetime]:
    """The page, from 0, and the instant of the first page: what comes in later must not move what was shown."""
    match = _OFFSET.fullmatch(offset)
    if match is None:
        return 0, now
    begun_at = datetime.fromtimestamp(int(match[2]), UTC)
    return min(int(match[1]), LAST_PAGE), begun_at if now - LONGEST_WALK <= begun_at <= now else now


def _offer(query: str, wanted: Wanted, *, has_hits: bool) -> Offer | None:
    if wanted.says_nothing:
        return None
    words = " ".join(query.split())
    only_topic = wanted.topic if wanted.is_empty and not (wanted.source or wanted.language) else ""
    only_source = wanted.source if wanted.is_empty and not (wanted.topic or wanted.language) else ""
    payload = payloads.to_subscribe(only_topic or only_source or words)
    shown = words if len(words) <= WORDS_SHOWN else words[: WORDS_SHOWN - 1] + "…"
    if not payload:
        return None if has_hits else Offer(_("I found nothing for “{words}”.", words=shown), _HELP)
    if has_hits:
        return Offer(_("Subscribe to “{words}”", words=shown), payload)
    return Offer(_("Nothing on “{words}” yet – subscribe", words=shown), payload)


def _result(view: ClipView) -> InlineResult:
    meta = compose.meta(view, with_number=False)
    line: list[Inline] = []
    for part in meta:
        line += [" · ", part] if line else [part]
    told = compose.entry(view)
    buttons = compose.clip_buttons(view, without=("clip", "save", "options"))
    return InlineResult(
        view.id,
        view.clip.title,
        Seq(tuple(line)),
        Reply((told,), (buttons,), clips=(view.id,), preview_url=view.clip.url),
        view.clip.image_url,
    )
