"""Bytes to text: byte order mark, then what the document and its server say, then detection."""

import codecs
import re
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# A document that starts with "<" and has no mark. Source: XML 1.0, appendix F.1.
_UNMARKED = (
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
# Labels that the web reads as a wider set. Source: WHATWG Encoding Standard, 4.2 "Names and labels".
_WIDER = {
    "iso-8859-1": "windows-1252",
    "iso8859-1": "windows-1252",
    "latin1": "windows-1252",
    "latin-1": "windows-1252",
    "us-ascii": "windows-1252",
    "ascii": "windows-1252",
    "iso-8859-9": "windows-1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "koi8-r": "koi8-r",
}
# Codecs of Python that are no character sets, or that a hostile file could use to hide its text.
_NOT_CHARSETS = frozenset({"utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs"})
_DECLARED_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{1,40})[\"']")
_DECLARED_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_DECLARED_HTTP = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_HEAD_BYTES = 2048
_SAMPLE_BYTES = 65_536
_CYRILLIC_COMMON = frozenset("оеаинтсрвлкмдпуяыьгзбч")
_LATIN_COMMON = frozenset("äöüßéèêàâçôîùûëïñóíáúæøåœÄÖÜÉÀ„“”‚‘’–—…«»°§€\xa0")
_CENTRAL_COMMON = frozenset("ąćęłńóśźżŁŚŻčďěňřšťůýžáéíőűöüäôľĺăâîșț„”–")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the encoding that gave it, and whether bytes had to be replaced."""

    text: str
    encoding: str
    is_damaged: bool = False


def decode(data: bytes, *, content_type: str = "") -> Decoded:
    """The text of a document, without its byte order mark; line ends stay as they are.

    UTF-8 that is valid wins over a declared one-byte set: text in another set that happens to be
    valid UTF-8 is very rare, a wrong declaration is not.

    Args:
        data: the whole document.
        content_type: the HTTP header, "" where the bytes come from a file.
    """
    wide = wide_encoding(data)
    if wide:
        return _lenient(data, wide)
    if data.startswith(codecs.BOM_UTF8):
        return _lenient(data[len(codecs.BOM_UTF8) :], "utf-8")
    for name in ("utf-8", *_declared(data, content_type)):
        if name == "utf-8" and b"\x1b" in data[:_SAMPLE_BYTES]:
            continue  # ISO-2022 sets are seven-bit, so they would pass as UTF-8
        text = _strict(data, name)
        if text is not None:
            return Decoded(text, name)
    return _lenient(data, detect(data))


def wide_encoding(data: bytes) -> str:
    """The UTF-16 or UTF-32 form of a document, "" where it is in neither."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return "" if name == "utf-8" else name
    for start, name in _UNMARKED:
        if data.startswith(start):
            return name
    return ""


def detect(data: bytes) -> str:
    """The most likely set of text that is not valid UTF-8 and says nothing of itself.

    Letters that are common in the languages of a set speak for it, upper case inside words speaks
    against it: windows-1251 and koi8-r read each other's text with the cases swapped.
    """
    sample = data[:_SAMPLE_BYTES]
    likely = {name: _likelihood(sample, name) for name in _CANDIDATES}
    best = max(likely, key=likely.__getitem__)
    return (_east_asian(sample) if likely[best] < _UNLIKELY else "") or best


def _east_asian(sample: bytes) -> str:
    """The set of two-byte characters that a text is most likely in, "" where it is in none."""
    import charset_normalizer

    found = charset_normalizer.from_bytes(sample, cp_isolation=list(_EAST_ASIAN)).best()
    return found.encoding if found else ""


def _likelihood(sample: bytes, name: str) -> float:
    text = sample.decode(name, errors="replace")
    common = _CANDIDATES[name]
    wide = [i for i, char in enumerate(text) if ord(char) > 127]
    if not wide:
        return 0.0
    good = sum(text[i] in common for i in wide)
    bad = sum(text[i] == "\ufffd" or (ord(text[i]) < 160) for i in wide)
    shouted = sum(text[i].isupper() and i > 0 and text[i - 1].islower() for i in wide)
    return (good - 3 * bad - 2 * shouted) / len(wide)


_UNLIKELY = 0.4
_EAST_ASIAN = ("gb18030", "big5", "cp932", "euc_jp", "cp949")
# In order of preference where the likelihood is equal.
_CANDIDATES: dict[str, frozenset[str]] = {
    "windows-1252": _LATIN_COMMON,
    "windows-1251": _CYRILLIC_COMMON,
    "koi8-r": _CYRILLIC_COMMON,
    "iso-8859-5": _CYRILLIC_COMMON,
    "iso-8859-2": _CENTRAL_COMMON,
    "windows-1250": _CENTRAL_COMMON,
}


def _declared(data: bytes, content_type: str) -> list[str]:
    """The sets that document and server name, usable ones only, the document's first."""
    head = data[:_HEAD_BYTES]
    found = [m.group(1).decode("ascii") for p in (_DECLARED_XML, _DECLARED_META) if (m := p.search(head))]
    if match := _DECLARED_HTTP.search(content_type):
        found.append(match.group(1))
    return [name for raw in found if (name := _usable(raw))]


def _usable(label: str) -> str:
    name = _WIDER.get(label.lower(), label.lower())
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    # The bytes-to-bytes codecs (zlib, hex, …) and UTF-16 without its mark are not for us.
    is_text = getattr(codec, "_is_text_encoding", True)
    is_wide = codec.name.startswith(("utf-16", "utf-32"))
    return name if is_text and not is_wide and codec.name.replace("-", "_") not in _NOT_CHARSETS_FOLDED else ""


_NOT_CHARSETS_FOLDED = frozenset(name.replace("-", "_") for name in _NOT_CHARSETS)


def _strict(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return None


def _lenient(data: bytes, name: str) -> Decoded:
    text = data.decode(name, errors="replace")
    return Decoded(text.removeprefix("\ufeff"), name, is_damaged="\ufffd" in text)
