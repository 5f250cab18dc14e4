"""Short names of sources: ASCII letters, digits and hyphens."""

import re
import unicodedata


def slug_of(name: str) -> str:
    """A short name: "Le Monde" → "le-monde", "Süddeutsche" → "suddeutsche"."""
    folded = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    letters = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return re.sub(r"[^\w]+", "-", letters).strip("-")[:60] or "source"
