"""A plain document: section line, headline, paragraphs, reference line, notice.

    Kurzclips

    Headline of the clip

    First paragraph …

References and notices stay paragraphs here; the text functions tell them apart.
"""

import re

from handlers.news.items import Parsed, RawItem, Refusal, Refused
from handlers.news.plain import fold, text_paragraphs, unify_lines

# A section is a name ("Kurzclips", "Aus aller Welt"), not a sentence.
MAX_SECTION_CHARS = 40
MAX_HEADLINE_CHARS = 300
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$")
_UNDERLINE = re.compile(r"^(?:=+|-{3,})$")
_SENTENCE_END = (".", ":", ";", ",", "!", "?", "…", "»", "“", '"')


def read_document(text: str) -> Parsed:
    """The one item of a document; refused where it has no headline or nothing below it."""
    blocks = _blocks(text)
    if not blocks:
        return Parsed(refused=(Refusal(Refused.EMPTY),))
    section, title, body = _split(blocks)
    if not title:
        return Parsed(refused=(Refusal(Refused.NO_TITLE, detail=body[0][:60] if body else ""),))
    if not body:
        return Parsed(refused=(Refusal(Refused.NO_TEXT, detail=title[:60]),))
    return Parsed(items=(RawItem(title=title, paragraphs=body, section=section),))


def _blocks(text: str) -> list[str]:
    """The paragraphs, Markdown headings always standing alone and underlines of headings left out."""
    lines = []
    for line in unify_lines(text.removeprefix("\ufeff")).split("\n"):
        stripped = line.strip()
        if _UNDERLINE.match(stripped):
            lines.append("")
        elif _HEADING.match(stripped):
            lines.extend(("", stripped, ""))
        else:
            lines.append(line)
    return list(text_paragraphs("\n".join(lines)))


def _split(blocks: list[str]) -> tuple[str, str, tuple[str, ...]]:
    """Section, headline and body."""
    headings = [_HEADING.match(block) for block in blocks]
    plain = [match.group(1) if match else block for match, block in zip(headings, blocks, strict=True)]
    at = 0
    if headings[0] is None and _is_section(plain):
        at = 1
    section = fold(plain[0]) if at else ""
    title = plain[at]
    return (
        (section, title, tuple(plain[at + 1 :]))
        if len(title) <= MAX_HEADLINE_CHARS
        else (section, "", tuple(plain[at:]))
    )


def _is_section(blocks: list[str]) -> bool:
    """Whether a short first line stands above another short one, with text after both."""
    if len(blocks) < 3:
        return False
    first, second, *rest = blocks
    is_name = len(first) <= MAX_SECTION_CHARS and not first.endswith(_SENTENCE_END)
    return is_name and len(second) <= MAX_HEADLINE_CHARS and len(second) < max(len(paragraph) for paragraph in rest)
