"""The search of storage/search.py on PostgreSQL: the same hits out of tsvectors over the same stems.

PostgreSQL ranks without knowing how rare a word is, so each group of stems is ranked on its own and weighed by the
logarithm of how few clips have it, which comes close to BM25.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, String, literal_column, text
from sqlmodel import col, func, select

from storage.database import Tx
from storage.rows import raw
from storage.tables import TermCount

if TYPE_CHECKING:
    from storage.search import SearchQuery

# Of the hits of a whole question only so many of the newest are ranked.
RANKED_ANY = 5_000
# Weights of the labels D, C, B, A: what four times as many words in the title come to in BM25, which saturates; 1
# divides by the logarithm of the length.
_RANK = "ts_rank('{0.55, 0.55, 0.55, 1.0}', words, CAST(:g%d AS tsquery), 1) * :w%d"
_AGE_DAYS = "greatest(0.0, extract(epoch FROM CAST(:now AS timestamptz) - published_at) / 86400.0)"
_MATCHES = """SELECT clip_search.clip_id, clip_search.words, clips.published_at
FROM clip_search JOIN clips ON clips.id = clip_search.clip_id WHERE clip_search.words @@ CAST(:expression AS tsquery)"""
# As the index of parts has it. Were it on the stems themselves, whole ones would be looked up by their parts as well.
_PARTED: ColumnElement[str] = literal_column("(term_counts.term || '')", String)
_ALIKE = 0.2
_PARTS = re.compile(r"[ .,:]+")
_NEWEST = "ORDER BY clip_search.clip_id DESC LIMIT :ranked"


def quoted(stem: str) -> str:
    """A stem as a lexeme, a number like 12,5 as two that follow each other.

    Source: PostgreSQL, 8.11.2 tsquery: quotes and backslashes are doubled.
    """
    parts = [part.replace("\\", "\\\\").replace("'", "''") for part in _PARTS.split(stem) if part]
    return "(" + " <-> ".join(f"'{part}'" for part in parts) + ")" if len(parts) > 1 else f"'{''.join(parts)}'"


def _begins(prefix: str) -> str:
    parts = [quoted(part) for part in _PARTS.split(prefix) if part]
    return "(" + " <-> ".join([*parts[:-1], parts[-1] + ":*"]) + ")" if parts else quoted(prefix)


def phrase(stems: Sequence[str]) -> str:
    """Stems that follow each other."""
    return "(" + " <-> ".join(map(quoted, stems)) + ")"


def any_of(parts: Sequence[str]) -> str:
    """Any of some expressions."""
    return "(" + " | ".join(parts) + ")"


def groups_of(query: "SearchQuery") -> list[tuple[str, tuple[str, ...]]]:
    """What must occur: each part as an expression, with the stems that it may be met by."""
    found = [(any_of([quoted(stem) for stem in group]), tuple(group)) for group in query.groups if group]
    for forms in query.phrases:
        found.append((any_of([phrase(form) for form in forms]), tuple(stem for form in forms for stem in form)))
    if query.prefix:
        begun = [_begins(query.prefix), *(quoted(stem) for stem in query.prefix_or)]
        found.append((any_of(begun), (query.prefix, *query.prefix_or)))
    return found


def without(expression: str, excluded: Sequence[str]) -> str:
    """An expression, and none of some stems."""
    return " & ".join([expression, *(f"!{quoted(stem)}" for stem in excluded)])


async def weighed(tx: Tx, groups: Sequence[tuple[str, tuple[str, ...]]]) -> tuple[str, dict[str, Any]]:
    """The score as SQL with its values: what each group ranks, by how rare its commonest stem is."""
    stems = {stem for _, group in groups for stem in group}
    query = select(TermCount.term, TermCount.documents).where(col(TermCount.term).in_([*stems, ""]))
    counts = dict((await tx.exec(query)).all())
    total = counts.get("", 0) + 1
    values: dict[str, Any] = {}
    for number, (expression, group) in enumerate(groups):
        most = max((counts.get(stem, 0) for stem in group), default=0)
        values[f"g{number}"] = expression
        values[f"w{number}"] = math.log(1.0 + (total - most + 0.5) / (most + 0.5))
    return " + ".join(_RANK % (number, number) for number in range(len(groups))), values


@dataclass(frozen=True, slots=True)
class Matching:
    """What a search looks for, as PostgreSQL takes it.

    Attributes:
        groups: what is ranked: expressions, with the stems that each may be met by.
        expression: what a clip has to match.
        restriction: further conditions as SQL over `clips`, only fixed words of ours.
        values: what is bound in restriction and weight.
        weight: a factor of the score as SQL.
    """

    groups: Sequence[tuple[str, tuple[str, ...]]]
    expression: str
    restriction: str
    values: dict[str, Any]
    weight: str = "1.0"


async def ranked(tx: Tx, wanted: Matching, *, candidates: int, limit: int, offset: int = 0) -> Sequence[Any]:
    """Rows (clip_id, score), best first, out of the newest clips that match."""
    score, weights = await weighed(tx, wanted.groups)
    statement = f"""SELECT clip_id, CAST((({score}) * {wanted.weight}) AS double precision) AS score
        FROM ({_MATCHES}{wanted.restriction} {_NEWEST}) AS hits
        ORDER BY score DESC, clip_id DESC LIMIT :limit OFFSET :offset"""  # noqa: S608 - only fixed words of ours
    bound = {**wanted.values, **weights, "expression": wanted.expression, "ranked": candidates}
    return await raw(tx, statement, **bound, limit=limit, offset=offset)


async def newest(tx: Tx, wanted: Matching, *, limit: int, offset: int) -> Sequence[Any]:
    """Rows (clip_id) of the clips that match, the newest first."""
    statement = f"{_MATCHES}{wanted.restriction} {_NEWEST} OFFSET :offset"
    return await raw(tx, statement, **wanted.values, expression=wanted.expression, ranked=limit, offset=offset)


def recency(half_life: float, now: datetime, values: dict[str, Any]) -> str:
    """The factor by which newer clips are preferred, with its values added."""
    values |= {"now": now, "half_life": half_life}
    return f"(0.5 + 0.5 / (1.0 + {_AGE_DAYS} / CAST(:half_life AS double precision)))"


def preference(expression: str, values: dict[str, Any]) -> str:
    """The factor by which clips with the words themselves are preferred, with its values added."""
    values["own"] = expression
    return " * CASE WHEN words @@ CAST(:own AS tsquery) THEN 2.5 ELSE 1.0 END"


async def containing(tx: Tx, part: str, limit: int) -> list[str]:
    """Stems that contain a part, the most used first."""
    query = select(TermCount.term).where(_PARTED.contains(part, autoescape=True))
    return list(
        (await tx.exec(query.order_by(col(TermCount.documents).desc(), col(TermCount.term)).limit(limit))).all()
    )


async def beginning(tx: Tx, letter: str, limit: int) -> list[str]:
    """Stems that begin with a letter, the most used first."""
    query = select(TermCount.term).where(_PARTED.startswith(letter, autoescape=True))
    return list(
        (await tx.exec(query.order_by(col(TermCount.documents).desc(), col(TermCount.term)).limit(limit))).all()
    )


async def resembling(tx: Tx, word: str, pieces: Sequence[str], limit: int) -> list[tuple[str, int]]:
    """Stems that share many three-letter pieces with a word, most alike first, with the number of clips they occur in.

    Source: PostgreSQL, F.35 pg_trgm: what `%` finds shares more than this; words of four letters with a slip do.
    """
    await (await tx.connection()).execute(text(f"SET LOCAL pg_trgm.similarity_threshold = {_ALIKE}"))
    escaped = [piece.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for piece in pieces]
    # To `%` a number like 12,5 is two words.
    shares = col(TermCount.term).op("LIKE")(func.any_([f"%{piece}%" for piece in escaped]))
    query = select(TermCount.term, TermCount.documents).where(_PARTED.op("%")(word), shares)
    nearest = func.similarity(TermCount.term, word).desc()
    return [
        (row[0], row[1]) for row in (await tx.exec(query.order_by(nearest, col(TermCount.term)).limit(limit))).all()
    ]
