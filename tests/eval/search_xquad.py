"""Whole questions to passages: XQuAD through the door of /search, beside BM25 over words, stems and parts of words.

The passages are read from ../shared/eval where they lie and are not copied: XQuAD (Artetxe, Ruder and Yogatama 2020,
google-deepmind/xquad) is licensed CC BY-SA 4.0.
"""

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bot.app import open_core
from bot.config import Settings
from bot.encoders import is_local_there
from handlers.news import query
from handlers.news.items import RawItem
from handlers.news.terms import stem, words
from handlers.searching import Search, meaning_of
from storage import feeds
from storage.tables import Source
from tests.eval.baselines import Bm25
from tests.eval.metrics import mean, reciprocal_rank
from tests.make import NOW

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "eval"
LANGUAGES = ("de", "en", "ru")
TITLE_WORDS = 6
PIECE = 4
Terms = Callable[[str], list[str]]


def pieces(language: str) -> Terms:
    """Stems, and the pieces of four letters of each word."""

    def cut(text: str) -> list[str]:
        found = []
        for word in words(text):
            found.append(stem(word, language))
            found += [f"_{word[at : at + PIECE]}" for at in range(len(word) - PIECE + 1)]
        return found

    return cut


async def rows() -> list[tuple[str, str, float]]:
    """(task, method, MRR@10) for each language whose file is there."""
    found = []
    for language in LANGUAGES:
        path = FOLDER / f"xquad_{language}.json"
        if path.is_file():
            found += await _of_language(language, json.loads(path.read_text(encoding="utf-8")))
    return found


async def _of_language(language: str, data: dict[str, Any]) -> list[tuple[str, str, float]]:
    passages: list[str] = data["passages"]
    asked: list[tuple[str, int]] = [(text, place) for text, place in data["questions"]]
    task = f"questions, {language}"
    methods: dict[str, Terms] = {
        "BM25, words": lambda text: list(words(text)),
        "BM25, stems": lambda text: [stem(word, language) for word in words(text)],
        "BM25, stems and pieces": pieces(language),
    }
    found = []
    for name, cut in methods.items():
        index = Bm25([cut(passage) for passage in passages])
        ranked = [index.ranking(cut(text)) for text, _ in asked]
        found.append((task, name, _mrr(ranked, asked)))
    for name, extra in (("ours", "off"), ("ours, with encoder", "auto")):
        if extra == "off" or is_local_there():
            found.append((task, name, await _through_the_door(language, passages, asked, extra)))
    return found


def _mrr(ranked: Sequence[Sequence[int]], asked: Sequence[tuple[str, int]]) -> float:
    return mean(
        [
            reciprocal_rank([str(hit) for hit in hits], {str(right)})
            for hits, (_, right) in zip(ranked, asked, strict=True)
        ]
    )


async def _through_the_door(
    language: str, passages: Sequence[str], asked: Sequence[tuple[str, int]], embeddings: str
) -> float:
    with tempfile.TemporaryDirectory() as folder:
        values = {"database_url": f"sqlite:///{Path(folder) / 'x.db'}", "embeddings": embeddings}
        async with open_core(Settings.model_validate(values), lambda: NOW) as core:
            async with core.db.write() as tx:
                source = await feeds.ensure_source(tx, Source(slug="x", name="X", language=language, added_at=NOW))
            items = [
                RawItem(
                    title=" ".join(text.split()[:TITLE_WORDS]),
                    paragraphs=(text,),
                    external_id=str(place),
                    published_at=NOW,
                    language=language,
                )
                for place, text in enumerate(passages)
            ]
            report = await core.intake.take_in(items, source=source, now=NOW)
            place_of = {clip_id: place for place, clip_id in enumerate(report.clip_ids)}
            ranked = []
            for text, _ in asked:
                engine = Search(core.services.desk, language, NOW, await meaning_of(core.services, text))
                async with core.db.read() as tx:
                    hits = await engine.find(tx, query.read(text, now=NOW), limit=10, may_loosen=True)
                ranked.append([place_of[clip_id] for clip_id in hits.clip_ids])
    return _mrr(ranked, asked)
