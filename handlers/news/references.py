"""Finds the "read more on this" lines inside a text and takes them out as references."""

import re
from collections.abc import Sequence

from handlers.news.items import RawReference

_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_DASH = re.escape(_DASHES)
# These are ordinary speech too, so that a colon, a dash or the end of the line must follow …
_LABELS = (
    "mehr zum thema", "mehr zu diesem thema", "mehr dazu", "mehr lesen", "weiterlesen", "siehe auch",
    "auch interessant", "passend (?:dazu|zum thema)", "lesetipps?(?: der redaktion)?", "empfohlen von der redaktion",
    "das könnte (?:sie|dich|euch) auch interessieren", "mehr infos?", "alles zum thema",
    "mehr lesen über [\\w -]{2,30}",
    "weitere (?:artikel|meldungen|beiträge|themen|infos?|informationen)(?: zum thema)?",
    "mehr (?:nachrichten|meldungen|themen|artikel) aus [\\w -]{2,30}",
    "read more", "also read", "read also", "read next", "up next", "see also", "don['’]t miss", "must[ -]read",
    "you (?:may|might) also (?:like|be interested in)", "more on this(?: story| topic)?", "further reading",
    "related(?: articles?| stories| story| news)?", "читать также", "по теме", "ещ[её] по теме", "подробнее",
    "смотрите также", "см\\. также", "материалы по теме", "другие материалы", "ранее мы писали", "мы писали ранее",
    "рекомендуем(?: прочитать)?", "читать далее", "читать полностью", "sur le même sujet", "(?:à )?voir aussi",
    "à voir également", "notre dossier", "en savoir plus", "pour aller plus loin", "lire la suite(?: de l['’]article)?",
)  # fmt: skip
# These only begin a line.
_BARE_LABELS = (
    "zum thema", "à lire", "(?:hier )?lesen sie (?:hier|in [^:]{2,25})", "hier lesen sie mehr", "more", "watch",
    "recommended",
)  # fmt: skip
# … while these speak to the reader and need none.
_REQUESTS = (
    "lesen sie (?:auch|dazu|mehr|hierzu)(?: auch| dazu| hier| zum thema)*", "lies (?:auch|dazu)", "schon gelesen\\?",
    "читайте (?:также|ещ[её]|подробнее)", "(?:à )?lire (?:aussi|également)", "lisez (?:aussi|également)",
    "read the full (?:story|article|report|interview|post)", "continue reading",
)  # fmt: skip
_SEPARATOR = rf"\s*(?:[:|»>→{_DASH}]+|\.{{3}}|…)\s*"
_LABEL = "|".join((*_LABELS, *_BARE_LABELS))
_REQUEST = "|".join(_REQUESTS)
_START = re.compile(
    rf"^\s*(?:[•*▶►▸→»>\[({_DASH}]\s*)*"
    rf"(?:(?:{_LABEL})(?:{_SEPARATOR}|\s*$)|(?:{_REQUEST})(?:{_SEPARATOR}|\s*$|\s+(?=[^\W\d_])))",
    re.IGNORECASE,
)
# Inside a line a reference begins only after the end of a sentence, or where a second one follows the first.
_WITHIN = rf"\s+(?<!à\s)(?=(?:{'|'.join((*_LABELS, *_REQUESTS))})\s*[:{_DASH}])"
# What ends a teaser needs neither a colon nor a title.
_CLOSERS = (
    "weiterlesen", "mehr lesen", "read more", "continue reading", "lire la suite(?: de l['’]article)?",
    "en savoir plus",
    "читать далее", "читать полностью", "подробнее", "read the full (?:story|article|report|interview|post)",
)  # fmt: skip
_CLOSING = rf"\s+(?=(?:{'|'.join(_CLOSERS)})[\s.…»>→]*$)"
_INSIDE = re.compile(rf"(?<=[.!?…“”\"»)\]])(?:{_WITHIN}|{_CLOSING})", re.IGNORECASE)
_AGAIN = re.compile(_WITHIN, re.IGNORECASE)
_QUICK = (
    "mehr", "zum thema", "lesen", "lies ", "siehe", "lesetipp", "weiter", "interess", "passend", "more", "also",
    "related", "further", "чита", "теме", "подробнее", "смотрите", "см.", "другие", "lire", "sujet", "voir", "savoir",
    "plus loin", "lisez", "dossier", "recommended", "miss", "watch", "read", "next", "alles", "empfohlen",
    "писали", "рекоменд",
)  # fmt: skip
_BULLET = re.compile(rf"^\s*(?:[•*▶►▸→»>·‣]|[{_DASH}](?=\s)|\d{{1,2}}[.)](?=\s))\s*")
# An arrow points to another page wherever it stands.
_ARROWS = frozenset("→►▶▸➜➔➡")
_ARROW = re.compile(r"^[→►▶▸➜➔➡\ufe0f\s]+")
_URL = re.compile(r"https?://[^\s<>()\[\]\"']+[^\s<>()\[\]\"'.,;:!?]")
_MARKDOWN = re.compile(r"\[([^\]\n]{1,300})\]\((https?://[^\s)]+)\)")
_BETWEEN_TITLES = re.compile(r"\s+[|•·]\s+|\s*[\r\n]+\s*")
_MAX_TITLE = 220
_PROSE_END = re.compile(r"[.!…][\"“”»)]*$")


def _is_marked(line: str) -> re.Match[str] | None:
    if line[:1] in _ARROWS and len(line) <= _MAX_TITLE and not _PROSE_END.search(line):
        return _ARROW.match(line)
    lowered = line[:60].lower()
    if not any(map(lowered.__contains__, _QUICK)):
        return None
    return _START.match(line)


def _titled(text: str) -> list[RawReference]:
    """The references in what follows a marker: markdown links, titles with or without a bare link."""
    found = [RawReference(title.strip(), url) for title, url in _MARKDOWN.findall(text)]
    for piece in _BETWEEN_TITLES.split(_MARKDOWN.sub(" | ", text)):
        urls = _URL.findall(piece)
        title = _BULLET.sub("", _URL.sub("", piece)).strip(f" \t{_DASHES}:|()[]<>→»")
        if title or urls:
            found.append(RawReference(title[:_MAX_TITLE], urls[0] if urls else ""))
    return found


def _is_link_line(line: str, *, bullets_only: bool) -> bool:
    """Whether a line after a marker continues its list: a bare link, a bullet, or a headline in an open list."""
    stripped = line.strip()
    if not stripped or len(stripped) > _MAX_TITLE + 80:
        return False
    bare = _URL.sub("", stripped).strip(f" {_DASHES}:|()[]")
    if not bare or _MARKDOWN.fullmatch(stripped):
        return True
    if _BULLET.match(stripped) and len(bare) <= _MAX_TITLE:
        return not _PROSE_END.search(bare) or bool(_URL.search(stripped))
    return not bullets_only and len(bare) <= 160 and not _PROSE_END.search(bare)


def _merged(found: Sequence[RawReference]) -> list[RawReference]:
    """A title and the bare link below it are one reference."""
    merged: list[RawReference] = []
    for reference in found:
        last = merged[-1] if merged else None
        if last and not reference.title and not last.url:
            merged[-1] = RawReference(last.title, reference.url)
        elif last and not last.title and not reference.url:
            merged[-1] = RawReference(reference.title, last.url)
        else:
            merged.append(reference)
    return [RawReference(reference.title or reference.url, reference.url) for reference in merged]


def _lines(paragraph: str) -> list[str]:
    """The paragraph cut where a reference may begin: at line breaks, after sentences, at a second marker."""
    lines = []
    for line in paragraph.splitlines() or [paragraph]:
        lowered = line.lower()
        if any(map(lowered.__contains__, _QUICK)):
            for piece in _INSIDE.split(line):
                match = _is_marked(piece)
                first, *others = _AGAIN.split(piece[match.end() :]) if match else [piece]
                lines += [piece[: match.end()] + first if match else first, *others]
        else:
            lines.append(line)
    return [line for line in lines if line.strip()]


def extract(paragraphs: Sequence[str]) -> tuple[tuple[str, ...], tuple[RawReference, ...]]:
    """The paragraphs without their reference lines, and the references in order, each once.

    A marker ("Mehr zum Thema - …", "Read more:", "Читайте также:", "À lire aussi :") makes its line a reference; bare
    links and list items below it belong to it, and so do headlines where the marker stands alone on its line.
    """
    kept: list[str] = []
    found: list[RawReference] = []
    state = ""
    for paragraph in paragraphs:
        rest = []
        for line in _lines(paragraph):
            state = _next_state(line, state)
            if state:
                match = _is_marked(line)
                found += _titled(line[match.end() :] if match else line)
            else:
                rest.append(line.strip())
        if rest:
            kept.append(" ".join(rest) if len(rest) > 1 else rest[0])
    unique = dict.fromkeys(_merged(found))
    return tuple(kept), tuple(unique)


def _next_state(line: str, state: str) -> str:
    """What a line leaves behind: "open" after a lone marker, "closed" after a titled one, "" in the text."""
    match = _is_marked(line)
    if match:
        title = line[match.end() :].strip()
        if len(title) > _MAX_TITLE + 80:
            return ""
        return "closed" if title else "open"
    if state and _is_link_line(line, bullets_only=state == "closed"):
        return state
    return ""
