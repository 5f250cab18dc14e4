"""Short names of sources: ASCII letters, digits and hyphens, so that they can be typed and fit into a button."""

import hashlib
import re
import unicodedata
from collections.abc import Container

MAX_CHARS = 40
# Letters that lose nothing but their sign are handled by Unicode; these have no Latin letter inside.
_LATIN = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i"}
_CYRILLIC = {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya"}
_CYRILLIC |= dict(zip("абвгдезиклмнопрстуфыэієґ", "abvgdeziklmnoprstufyeieg", strict=True))
_LETTERS = str.maketrans(_LATIN | _CYRILLIC)


def slug_of(name: str) -> str:
    """A short name: "Le Monde" → "le-monde", "Süddeutsche" → "suddeutsche", "Новая газета" → "novaya-gazeta".

    A name in another script gets one made of its digest, so that two such names never share one.
    """
    folded = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(letter for letter in folded if not unicodedata.combining(letter)).translate(_LETTERS)
    slug = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:MAX_CHARS].rstrip("-")
    if any(letter.isalpha() for letter in slug) or not any(letter.isalpha() for letter in letters):
        return slug or "source"
    return f"source-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}"


def free_slug(name: str, taken: Container[str]) -> str:
    """The short name of a name, with a number where it is taken: "news", "news-2"."""
    slug, number = slug_of(name), 1
    candidate = slug
    while candidate in taken:
        number += 1
        candidate = f"{slug[: MAX_CHARS - 6]}-{number}"
    return candidate
