"""Full-text search over stems: what a query finds, which words contain a part, which clips resemble one.

Ranking all hits of a common word is what costs in a large archive, so only the newest hits are ranked, and older ones
follow in order of age.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlmodel import col, select

from storage import facts, postgres_search
from storage.clips import ClipFilter
from storage.database import Tx
from storage.rows import raw
from storage.sqlite import (
    AGE_DAYS,
    BEST_FIRST,
    BEST_OF_ALL,
    CONTAINING,
    FROM_CLIP,
    MATCHES,
    NEWEST_FIRST,
    PREFERRED,
    RESEMBLING,
    SINCE_CLIP,
)
from storage.tables import Clip, ClipSearch, TermCount

RANKED_HITS = 600
HALF_LIFE_DAYS = 30.0
_CHOSEN = "inline_chosen"
LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """What is looked for; all words are folded stems.

    Attributes:
        groups: every group must be met, by any of its stems.
        prefix: the last word as far as it is typed, "" where it is finished; met by any stem that begins so, or by
            the stems of `prefix_or`.
        own: as groups, but only the stems of the words themselves, without longer words that contain them; clips that
            have them come first.
        phrases: every phrase must occur, in any of its forms; a form is stems that follow each other.
        excluded: stems that must not occur.
    """

    groups: tuple[tuple[str, ...], ...] = ()
    prefix: str = ""
    prefix_or: tuple[str, ...] = ()
    own: tuple[tuple[str, ...], ...] = ()
    phrases: tuple[tuple[tuple[str, ...], ...], ...] = ()
    excluded: tuple[str, ...] = ()
    where: ClipFilter = ClipFilter()

    @property
    def is_empty(self) -> bool:
        """Nothing is asked for that could be matched."""
        return not (self.groups or self.prefix or self.phrases)


@dataclass(frozen=True, slots=True)
class Hit:
    """A clip that was found; the higher the score, the better."""

    clip_id: int
    score: float


def _quoted(words: Sequence[str]) -> str:
    return '"' + " ".join(word.replace('"', "") for word in words) + '"'


def _any_of(query: SearchQuery) -> str:
    stems = dict.fromkeys(stem for group in (*query.groups, query.prefix_or) for stem in group)
    parts = [_quoted([stem]) for stem in stems] + [_quoted(form) for phrase in query.phrases for form in phrase]
    return _without(" OR ".join(parts), query.excluded)


def _alternatives(groups: Sequence[Sequence[str]]) -> list[str]:
    return ["(" + " OR ".join(_quoted([stem]) for stem in group) + ")" for group in groups if group]


def _without(expression: str, excluded: Sequence[str]) -> str:
    for stem in excluded:
        expression = f"({expression}) NOT {_quoted([stem])}"
    return expression


def _expression(query: SearchQuery) -> str:
    parts = _alternatives(query.groups)
    parts += ["(" + " OR ".join(_quoted(form) for form in phrase) + ")" for phrase in query.phrases]
    if query.prefix:
        parts.append("(" + " OR ".join([_quoted([query.prefix]) + "*", *(_quoted([s]) for s in query.prefix_or)]) + ")")
    return _without(" AND ".join(parts), query.excluded)


def _is_sqlite(tx: Tx) -> bool:
    return tx.get_bind().dialect.name == "sqlite"


def _restrictions(where: ClipFilter, *, on_sqlite: bool) -> tuple[str, dict[str, object]]:
    """The filter as SQL over `clips`; only fixed words of ours enter the statement, values are bound."""
    stored = _stored if on_sqlite else _as_it_is
    # Looked up for each hit, before its clip is: a topic has a quarter of all clips, or hits without it are many.
    number = "clip_fts.rowid" if on_sqlite else "clip_search.clip_id"
    has_topic = f"EXISTS (SELECT 1 FROM clip_topics WHERE clip_id = {number} AND topic_id = :topic_id)"  # noqa: S608
    tests = (
        ("source_id", where.source_id, "clips.source_id = :source_id"),
        ("language", where.language or None, "clips.language = :language"),
        ("since", where.since and stored(where.since), "clips.published_at >= :since"),
        ("until", where.until and stored(where.until), "clips.published_at <= :until"),
        ("topic_id", where.topic_id or None, has_topic),
    )
    used = [test for test in tests if test[1] is not None]
    return "".join(f" AND {test}" for _, _, test in used), {name: value for name, value, _ in used}


def _stored(instant: datetime) -> str:
    """An instant as SQLite keeps it."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


async def find(tx: Tx, query: SearchQuery, *, now: datetime, limit: int, offset: int = 0) -> list[Hit]:
    """The clips that meet a query, best first: BM25 with title words first, and newer before older.

    The ranking covers the newest 600 hits; behind them the rest follows, newest first.
    """
    if query.is_empty:
        return []
    if not _is_sqlite(tx):
        return await _find_there(tx, query, now=now, limit=limit, offset=offset)
    restriction, values = _restrictions(query.where, on_sqlite=True)
    values["expression"] = _expression(query)
    matches = f"{MATCHES}{restriction}"
    if query.where.since is not None:
        first = await _first_since(tx, query.where.since)
        if first is None:
            return []
        matches, values["first"] = f"{matches} {FROM_CLIP}", first
    newest = NEWEST_FIRST.replace(":limit", ":ranked").replace(":offset", "0")
    weight = f"(0.5 + 0.5 / (1.0 + {AGE_DAYS} / :half_life)){_preference(query, values)}"
    ranked = f"""SELECT clip_id, score * {weight} AS score FROM ({matches} {newest}) AS hits
        ORDER BY score DESC, clip_id DESC LIMIT :limit OFFSET :offset"""  # noqa: S608 - only fixed words of ours
    recency = {"now": _stored(now), "half_life": HALF_LIFE_DAYS, "ranked": RANKED_HITS}
    found = await raw(tx, ranked, **values, **recency, limit=limit, offset=offset)
    hits = [Hit(row.clip_id, row.score) for row in found]
    if len(hits) < limit and offset + limit > RANKED_HITS:
        start = max(RANKED_HITS, offset)
        rest = await raw(tx, f"{matches} {NEWEST_FIRST}", **values, limit=limit - len(hits), offset=start)
        hits += [Hit(row.clip_id, row.score) for row in rest]
    return hits


async def is_met(tx: Tx, query: SearchQuery) -> bool:
    """Whether any clip meets a query; costs little, however many do."""
    if query.is_empty:
        return False
    if not _is_sqlite(tx):
        restriction, values = _restrictions(query.where, on_sqlite=False)
        groups = postgres_search.groups_of(query)
        expression = postgres_search.without(" & ".join(part for part, _ in groups), query.excluded)
        wanted = postgres_search.Matching(groups, expression, restriction, values)
        return bool(await postgres_search.newest(tx, wanted, limit=1, offset=0))
    restriction, values = _restrictions(query.where, on_sqlite=True)
    return bool(await raw(tx, f"{MATCHES}{restriction} LIMIT 1", **values, expression=_expression(query)))


def _preference(query: SearchQuery, values: dict[str, object]) -> str:
    """The factor by which clips with the words themselves are preferred; "" where no longer words are looked for."""
    if not query.own or query.own == query.groups:
        return ""
    values["own"] = " AND ".join(_alternatives(query.own))
    return PREFERRED


async def _find_there(tx: Tx, query: SearchQuery, *, now: datetime, limit: int, offset: int) -> list[Hit]:
    restriction, values = _restrictions(query.where, on_sqlite=False)
    groups = postgres_search.groups_of(query)
    expression = postgres_search.without(" & ".join(part for part, _ in groups), query.excluded)
    weighing = dict(values)
    weight = postgres_search.recency(HALF_LIFE_DAYS, now, weighing)
    if query.own and query.own != query.groups:
        own = postgres_search.groups_of(SearchQuery(groups=query.own))
        weight += postgres_search.preference(" & ".join(part for part, _ in own), weighing)
    wanted = postgres_search.Matching(groups, expression, restriction, weighing, weight)
    found = await postgres_search.ranked(tx, wanted, candidates=RANKED_HITS, limit=limit, offset=offset)
    hits = [Hit(row.clip_id, row.score) for row in found]
    if len(hits) < limit and offset + limit > RANKED_HITS:
        start = max(RANKED_HITS, offset)
        left = limit - len(hits)
        rest = await postgres_search.newest(tx, replace(wanted, values=values), limit=left, offset=start)
        hits += [Hit(row.clip_id, 0.0) for row in rest]
    return hits


async def _find_any_there(tx: Tx, query: SearchQuery, *, limit: int, offset: int) -> list[Hit]:
    restriction, values = _restrictions(query.where, on_sqlite=False)
    groups = postgres_search.groups_of(replace(query, prefix=""))
    if query.prefix_or:
        groups += postgres_search.groups_of(SearchQuery(groups=(query.prefix_or,)))
    expression = postgres_search.without(postgres_search.any_of([part for part, _ in groups]), query.excluded)
    wanted = postgres_search.Matching(groups, expression, restriction, values)
    most = postgres_search.RANKED_ANY
    found = await postgres_search.ranked(tx, wanted, candidates=most, limit=limit, offset=offset)
    return [Hit(row.clip_id, row.score) for row in found]


def _as_it_is(instant: datetime) -> object:
    return instant


async def find_any(tx: Tx, query: SearchQuery, *, limit: int, offset: int = 0) -> list[Hit]:
    """The clips that meet any part of a query, best first; for questions that no clip answers word for word."""
    expression = _any_of(query)
    if not expression:
        return []
    if not _is_sqlite(tx):
        return await _find_any_there(tx, query, limit=limit, offset=offset)
    restriction, values = _restrictions(query.where, on_sqlite=True)
    # Next to nothing is published later than now, so that those can be left out afterwards.
    is_whole = replace(query.where, until=None) == ClipFilter()
    matches = f"{BEST_OF_ALL}{restriction} ORDER BY score DESC, clip_id DESC"
    found = await raw(
        tx,
        matches if is_whole else f"{MATCHES}{restriction} {BEST_FIRST} OFFSET :offset",
        **values,
        expression=expression,
        limit=limit,
        offset=offset,
    )
    return [Hit(row.clip_id, row.score) for row in found]


async def texts(tx: Tx, clip_ids: Sequence[int]) -> dict[int, str]:
    """What is searched of some clips: clip → its folded stems, title first."""
    query = select(ClipSearch.clip_id, ClipSearch.title, ClipSearch.body).where(col(ClipSearch.clip_id).in_(clip_ids))
    return {clip_id: f"{title} {body}" for clip_id, title, body in (await tx.exec(query)).all()}


async def containing(tx: Tx, part: str, limit: int = 40) -> list[str]:
    """Stems of the archive that contain a part of at least three letters ("gericht"), the most used first."""
    if len(part) < 3:
        return []
    if not _is_sqlite(tx):
        return await postgres_search.containing(tx, part, limit)
    return [row.term for row in await raw(tx, CONTAINING, expression=_quoted([part]), limit=limit)]


async def beginning(tx: Tx, letter: str, limit: int = 40) -> list[str]:
    """Stems of the archive that begin with a letter, the most used first; the full-text index has longer ones only."""
    if not _is_sqlite(tx):
        return await postgres_search.beginning(tx, letter, limit)
    query = select(col(TermCount.term)).where(col(TermCount.term) >= letter, col(TermCount.term) < letter + LAST)
    return list((await tx.exec(query.order_by(col(TermCount.documents).desc()).limit(limit))).all())


async def resembling(tx: Tx, word: str, limit: int = 60) -> list[tuple[str, int]]:
    """Stems that share most three-letter pieces with a word, with the number of clips they occur in."""
    pieces = [word[start : start + 3] for start in range(len(word) - 2)]
    if not pieces:
        return []
    if not _is_sqlite(tx):
        return await postgres_search.resembling(tx, word, pieces, limit)
    expression = " OR ".join(_quoted([piece]) for piece in pieces)
    return [(row.term, row.documents) for row in await raw(tx, RESEMBLING, expression=expression, limit=limit)]


async def similar(tx: Tx, stems: Sequence[str], *, since: datetime | None, limit: int) -> list[int]:
    """Numbers of the clips that share most of some stems; those published before `since` are left out."""
    if not stems:
        return []
    if not _is_sqlite(tx):
        query = SearchQuery(groups=tuple((stem,) for stem in stems), where=ClipFilter(since=since))
        return [hit.clip_id for hit in await _find_any_there(tx, query, limit=limit, offset=0)]
    values: dict[str, object] = {"expression": " OR ".join(_quoted([stem]) for stem in stems), "limit": limit}
    if since is None:
        return [row.clip_id for row in await raw(tx, f"{BEST_OF_ALL} ORDER BY score DESC", **values, offset=0)]
    first = await _first_since(tx, since)
    if first is None:
        return []
    bounds = {"first": first, "since": _stored(since)}
    return [row.clip_id for row in await raw(tx, f"{MATCHES} {SINCE_CLIP} {BEST_FIRST}", **values, **bounds)]


async def _first_since(tx: Tx, since: datetime) -> int | None:
    """The first clip that can have been published since an instant, None where there is none yet.

    No clip is taken in before it is published, and numbers rise with time: so the full-text index can begin late.
    """
    oldest = select(col(Clip.id)).where(Clip.added_at >= since).order_by(col(Clip.added_at)).limit(1)
    return (await tx.exec(oldest)).first()


async def count_chosen(tx: Tx) -> None:
    """Count one result of inline search that somebody sent."""
    await facts.put(tx, _CHOSEN, str(1 + await chosen(tx)))


async def chosen(tx: Tx) -> int:
    """How many results of inline search were sent so far."""
    return int(await facts.get(tx, _CHOSEN) or 0)
