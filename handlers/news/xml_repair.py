"""XML as feeds really are, made well-formed where that is certain, and refused where it is an attack."""

import re
from dataclasses import dataclass
from html.entities import html5
from itertools import islice

from handlers.news.items import Refusal, Refused

_PROLOG = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?(?:rss|rdf|feed|channel)(?=[\s>/])", re.IGNORECASE)
_SUBSET_END = re.compile(r"\]\s*>")
# Not those with a percent sign and a public name, HTML's own: nobody reads that file, and we know its entities.
_ENTITY = re.compile(r"<!ENTITY(?!\s+%\s+\S+\s+PUBLIC\s)", re.IGNORECASE)
# Not allowed in XML 1.0 at all. Source: XML 1.0, 2.2 "Characters".
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SOFT_BREAK = re.compile("[\x0b\x0c]")  # what word processors write between lines
_AMPERSAND = re.compile(r"&(#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)?")
_XML_NAMES = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
_OPENED = re.compile(r"<(?:item|entry)[\s>]", re.IGNORECASE)
_CLOSED = re.compile(r"</(?:item|entry)\s*>", re.IGNORECASE)
_LAST_CHARACTER = 0x10FFFF
# What a thousand items never need; beyond it a parser would be busy for minutes with tags that carry nothing.
_MOST_TAGS = 100_000
_MOST_REFERENCES = 1_000_000
# feedparser compares each category of an item with all before it: ten thousand of them would take minutes.
_MOST_CATEGORIES = 100
_CATEGORY = re.compile(
    r"<(?:item|entry)(?=[\s>])|(</?)(?:[\w.-]+:)?(?:category|subject|keywords)(?=[\s>/])", re.IGNORECASE
)
_LONG_KEYWORDS = re.compile(
    r"(<(?:[\w.-]+:)?(?:keywords|tags)[^<>]{0,200}>(?:<!\[CDATA\[)?[^<\]]{2000})[^<\]]*", re.IGNORECASE
)
# And its search for a mail address in a name takes the square of the length of that.
_MOST_NAME_CHARS = 500
_NAME = re.compile(
    r"(<(?:[\w.-]+:)?(author|creator|contributor|publisher|managingeditor|webmaster|owner|name|email)"
    r"(?:\s[^<>]*)?(?<!/)>)"
    r"(.*?)(?=</(?:[\w.-]+:)?\2[\s>]|</?(?:item|entry)[\s>]|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"<!\[CDATA\[|\]\]>?|<[^<>]*>?")


@dataclass(frozen=True, slots=True)
class Repaired:
    """A feed from its root element on: no declaration, no document type, no illegal character, no endless markup.

    Attributes:
        is_cut_off: the last item is not whole.
    """

    text: str
    is_cut_off: bool


def repair(text: str, *, most_items: int) -> Repaired | Refusal:
    """The feed inside a decoded document, or why it is none.

    A document type that declares entities is refused, whatever they are; any other is dropped, so no
    parser behind this one ever sees a declaration. Bare ampersands and the names of HTML become what
    they mean, except inside CDATA.

    Args:
        text: the decoded document.
        most_items: those after them are left out.
    """
    at = _skip(text, 0)
    if text[at : at + 9].upper() == "<!DOCTYPE":
        end = _doctype_end(text, at)
        if _ENTITY.search(text, at, end):
            return Refusal(Refused.UNSAFE_XML, detail="the document type declares entities")
        at = end
    root = _ROOT.search(text, at)
    if root is None:
        return Refusal(Refused.UNKNOWN_FORMAT, detail="no RSS, RDF or Atom element")
    if _ENTITY.search(text, at, root.start()):
        return Refusal(Refused.UNSAFE_XML, detail="entities are declared before the feed")
    bounded = _bounded(text[root.start() :], root.group(), most_items)
    body = _ampersands(_ILLEGAL.sub("", _SOFT_BREAK.sub(" ", bounded)))
    return Repaired(body, is_cut_off=_is_cut_off(body))


def _bounded(text: str, root: str, most_items: int) -> str:
    """The text up to the items that are read, closed again; up to the most markup where there is far too much."""
    following = next(islice(_OPENED.finditer(text), most_items, None), None)
    if following is not None:
        channel = "</channel>" if root.lower() == "<rss" else ""
        text = f"{text[: following.start()]}{channel}</{root[1:]}>"
    if text.count("&") > _MOST_REFERENCES:
        text = text[: _place(text, "&", _MOST_REFERENCES)]
    if text.count("<") > _MOST_TAGS:
        text = text[: _end_of_markup(text)]
    return _CATEGORY.sub(_Surplus(), _NAME.sub(_short_name, _LONG_KEYWORDS.sub(r"\1", text)))


def _short_name(match: re.Match[str]) -> str:
    return match[0] if len(match[3]) <= _MOST_NAME_CHARS else match[1] + _TAG.sub(" ", match[3])[:_MOST_NAME_CHARS]


class _Surplus:
    """Gives the categories of an item beyond the most another name, which no reader of feeds looks at."""

    def __init__(self) -> None:
        self._seen = 0
        self._is_over = False

    def __call__(self, match: re.Match[str]) -> str:
        bracket = match[1]
        if bracket is None:
            self._seen, self._is_over = 0, False
        elif bracket == "<":
            self._seen += 1
            self._is_over = self._seen > _MOST_CATEGORIES
        return f"{bracket}surplus" if self._is_over else match[0]


def _end_of_markup(text: str) -> int:
    """Where the most tags are reached; what stands in CDATA is text."""
    left, at = _MOST_TAGS, 0
    for piece in text.split("]]>"):
        markup = piece.partition("<![CDATA[")[0]
        if markup.count("<") > left:
            return at + _place(markup, "<", left)
        left -= markup.count("<")
        at += len(piece) + len("]]>")
    return len(text)


def _place(text: str, char: str, number: int) -> int:
    """Where a character stands for the time after `number` times."""
    return len(text) - len(text.split(char, number + 1)[-1]) - 1


def _skip(text: str, at: int) -> int:
    while match := _PROLOG.match(text, at):
        at = match.end()
    return at


def _doctype_end(text: str, at: int) -> int:
    close = text.find(">", at)
    subset = text.find("[", at)
    if 0 <= subset < close:
        match = _SUBSET_END.search(text, subset)
        return match.end() if match else len(text)
    return close + 1 if close >= 0 else len(text)


def _ampersands(text: str) -> str:
    if "&" not in text:
        return text
    pieces = []
    for piece in text.split("]]>"):  # up to each end of CDATA: markup, and perhaps one section
        markup, start, literal = piece.partition("<![CDATA[")
        pieces.append(_AMPERSAND.sub(_reference, markup) + start + literal)
    return "]]>".join(pieces)


def _reference(match: re.Match[str]) -> str:
    name = match.group(1)
    if name is None:
        return "&amp;"
    if name in _XML_NAMES:
        return match.group()
    if name.startswith("#"):
        number = int(name[2:-1], 16) if name[1] in "xX" else int(name[1:-1])
        return match.group() if _is_character(number) else ""
    return html5.get(name, "&amp;" + name)


def _is_character(number: int) -> bool:
    return (
        0 < number <= _LAST_CHARACTER
        and (chr(number) in "\t\n\r" or number >= ord(" "))
        and not _ILLEGAL.match(chr(number))
    )


def _is_cut_off(text: str) -> bool:
    """Whether an item is open at the end; only looked at where the feed itself is not closed."""
    tail = text[-200:].lower()
    if any(end in tail for end in ("</rss", "</feed", ":rdf>", "</channel")):
        return False
    return len(_OPENED.findall(text)) > len(_CLOSED.findall(text))
