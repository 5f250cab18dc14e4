"""Full text in place of a teaser: which items tease, and whether a page is really the article they tease."""

from collections.abc import Sequence
from dataclasses import replace

from handlers.news.items import RawItem
from handlers.news.language import identify
from handlers.news.terms import stem, words

# A short clip of its own is longer than most teasers, and most articles are several times as long.
TEASER_CHARS = 500
MIN_CHARS = 400
MIN_GROWTH = 1.5
# Of the teaser's longer words, how many an article repeats; consent pages and lists of headlines repeat few.
MIN_OVERLAP = 0.5
_WORD_CHARS = 4
_SAMPLE_CHARS = 220


def teases(item: RawItem) -> bool:
    """Whether the feed gives only the beginning of an item, or a line about it, and a page to read on."""
    text = item.paragraphs or (item.teaser,)
    size = sum(map(len, text))
    is_cut = text[-1].rstrip(" ]").endswith(("…", "..."))
    return bool(item.url) and (size < TEASER_CHARS or is_cut and size < 2 * TEASER_CHARS)


def completed(item: RawItem, page: RawItem, *, languages: Sequence[str]) -> RawItem | None:
    """The item with the text of its page; None where that is no better, or another text.

    Args:
        item: as the feed has it.
        page: the article of its address.
        languages: the languages that clips are told apart in.
    """
    told = " ".join((item.title, *(item.paragraphs or (item.teaser,))))
    text = " ".join(page.paragraphs)
    if len(text) < max(MIN_CHARS, MIN_GROWTH * sum(map(len, item.paragraphs))):
        return None
    language = identify(text[:_SAMPLE_CHARS], allowed=languages, stated=item.language)
    if identify(told[:_SAMPLE_CHARS], allowed=languages, stated=item.language) != language:
        return None
    teased = _stems(told, language)
    if teased and len(teased & _stems(f"{page.title} {text}", language)) < MIN_OVERLAP * len(teased):
        return None
    has_image = any(medium.kind == "image" for medium in item.media)
    images = () if has_image else tuple(medium for medium in page.media if medium.kind == "image")
    return replace(item, full_text=page.paragraphs, author=item.author or page.author, media=(*item.media, *images))


def _stems(text: str, language: str) -> set[str]:
    return {stem(word, language) for word in words(text) if len(word) >= _WORD_CHARS}
