"""Plain text out of text and HTML: white space folded, NFC, one string a paragraph."""

import re
import unicodedata
from collections.abc import Iterator
from html import unescape

from lxml import etree

MAX_PARAGRAPHS = 500
# Marks that change the direction of what follows, and controls: neither is news. Tab and line ends are white space.
_REMOVED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_SPACES = re.compile(r"\s+")
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
_LINE_ENDS = re.compile("\r\n?|\u2028|\u0085|\x0b|\x0c")
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|br|cite|code|del|div|em|font|h[1-6]|hr|i|img|ins|kbd|li|mark|nobr|ol|p|q|s|small|span|strike"
    r"|strong|sub|sup|table|td|tr|tt|u|ul|wbr)\b[^<>]*>",
    re.IGNORECASE,
)
_SKIPPED = frozenset({
    "script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "math", "head", "title",
    "form", "button", "select", "textarea",
})  # fmt: skip
_BLOCKS = frozenset({
    "p", "div", "section", "article", "header", "footer", "aside", "main", "nav", "ul", "ol", "li", "dl", "dt",
    "dd", "table", "tr", "thead", "tbody", "caption", "figure", "figcaption", "blockquote", "pre", "h1", "h2",
    "h3", "h4", "h5", "h6", "hr", "address", "details", "summary", "body", "html",
})  # fmt: skip
_BREAK = "\n"
_BORDER = "\n\n"


def fold(text: str) -> str:
    """One line of text: NFC, without controls and direction marks, white space folded."""
    return _SPACES.sub(" ", _REMOVED.sub("", unicodedata.normalize("NFC", text))).strip()


def unify_lines(text: str) -> str:
    """The text with every kind of line end as a line feed."""
    return _LINE_ENDS.sub("\n", text)


def text_paragraphs(text: str) -> tuple[str, ...]:
    """Paragraphs of a text in which blank lines stand between them; lines of one paragraph are joined."""
    pieces = (fold(piece) for piece in _BLANK_LINES.split(unify_lines(text)))
    return tuple(piece for piece in pieces if piece)[:MAX_PARAGRAPHS]


def title_text(text: str) -> str:
    """A title as people read it; markup and entities that a publisher left in it are resolved.

    A `<` that opens no HTML element known in titles is text and stays.
    """
    return fold(unescape(_TAG.sub(" " if "<br" in text.lower() else "", text)))


def looks_like_html(text: str) -> bool:
    """Whether a text holds HTML elements or entities."""
    return bool(_TAG.search(text) or re.search(r"&(?:[a-z]{2,8}|#\d{1,7});", text, re.IGNORECASE))


def html_paragraphs(html: str) -> tuple[str, ...]:
    """Paragraphs of an HTML fragment: blocks and double line breaks part them, scripts and forms are left out."""
    root = parse_html(html)
    if root is None:
        return ()
    return text_paragraphs("".join(_pieces(root)))


def parse_html(html: str) -> "etree._Element | None":
    """The tree of an HTML text, None where there is none.

    libxml2 stops at 256 levels, so text nested deeper than that is lost; cleaners that build the whole
    tree take minutes on a megabyte of unclosed elements.
    """
    parser = etree.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, encoding="utf-8")
    data = _REMOVED.sub("", html).encode("utf-8")
    try:
        return etree.fromstring(data, parser) if data.strip() else None
    except (etree.LxmlError, ValueError):
        return None


def _pieces(root: "etree._Element") -> Iterator[str]:
    """Text in order, with a blank line at each border of a block."""
    skipping: etree._Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if skipping is not None and not (event == "end" and element is skipping):
            continue
        if event == "start":
            if tag in _SKIPPED:
                skipping = element
                continue
            yield from (_BREAK if tag == "br" else _edge(tag), _SPACES.sub(" ", element.text or ""))
        else:
            skipping = None
            yield from (_edge(tag), _SPACES.sub(" ", element.tail or ""))


def _edge(tag: object) -> str:
    if tag in _BLOCKS:
        return _BORDER
    return " " if tag in {"td", "th"} else ""
