"""Reads the gold: the clips of `seeds/` and of `gold/`, with what a person says of them. See `gold/README.md`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.eval.metrics import pairs

FOLDER = Path(__file__).parent / "gold"
SEEDS = Path(__file__).resolve().parents[2] / "seeds"


@dataclass(frozen=True, slots=True)
class Source:
    """A demo desk."""

    slug: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class GoldClip:
    """A clip and what is true of it.

    Attributes:
        paragraphs: the news itself, without pointers and notices.
        pointers: paragraphs that only point to another clip ("Mehr zum Thema: …"), which follow the news.
        notices: paragraphs that the source repeats, which come last.
        references: ids of clips that the source links to.
        topics: ids of IPTC topics, the main one first.
        story: the name of its event; its own id where it is alone.
        line: what happened, in at most 120 characters, by a person.
    """

    id: str
    source: str
    language: str
    age_hours: float
    title: str
    url: str
    paragraphs: tuple[str, ...]
    pointers: tuple[str, ...]
    notices: tuple[str, ...]
    references: tuple[str, ...]
    topics: tuple[str, ...]
    story: str
    line: str

    @property
    def text(self) -> str:
        """The title and the news."""
        return " ".join((self.title, *self.paragraphs))


@dataclass(frozen=True, slots=True)
class Question:
    """What a reader looks for, and the clips that answer it."""

    text: str
    language: str
    clips: frozenset[str]


@dataclass(frozen=True, slots=True)
class Gold:
    """Everything.

    Attributes:
        clips: oldest first.
        related: pairs of stories on one matter, each given by a clip of it.
    """

    sources: Mapping[str, Source]
    clips: tuple[GoldClip, ...]
    related: frozenset[tuple[str, str]]
    questions: tuple[Question, ...]

    @property
    def story_of(self) -> dict[str, str]:
        """Clip → story."""
        return {clip.id: clip.story for clip in self.clips}

    @property
    def language_of(self) -> dict[str, str]:
        """Clip → language."""
        return {clip.id: clip.language for clip in self.clips}

    @property
    def across(self) -> set[tuple[str, str]]:
        """Pairs of clips that tell the same event in two languages."""
        language = self.language_of
        return {(a, b) for a, b in pairs(self.story_of) if language[a] != language[b]}

    def related_to(self, clip_id: str) -> set[str]:
        """The stories that a reader of a clip would want to read too."""
        story = self.story_of
        joined = [(story[a], story[b]) for a, b in self.related]
        mine = story[clip_id]
        return {b if a == mine else a for a, b in joined if mine in {a, b}}


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def load() -> Gold:
    """The gold, read once."""
    labels = _read(FOLDER / "seeds.toml")
    stories = {clip: story["id"] for story in _read(SEEDS / "stories.toml")["story"] for clip in story["clips"]}
    of_seeds = [
        _clip({**entry, **labels["label"][entry["id"]], "story": stories.get(entry["id"], "")}, labels["notices"])
        for path in sorted((SEEDS / "clips").glob("*.toml"))
        for entry in _read(path)["clip"]
    ]
    own = [_clip(entry, ()) for path in sorted(FOLDER.glob("clips-*.toml")) for entry in _read(path)["clip"]]
    demo = [entry for entry in _read(SEEDS / "sources.toml")["source"] if entry.get("demo")]
    desks = [*demo, *_read(FOLDER / "sources.toml")["source"]]
    related = {(min(pair), max(pair)) for pair in _read(FOLDER / "related.toml")["pairs"]}
    questions = [
        Question(text, language, frozenset(clips))
        for language, asked in _read(FOLDER / "questions.toml").items()
        for text, *clips in asked
    ]
    return Gold(
        sources={desk["slug"]: Source(desk["slug"], desk["name"], desk["language"]) for desk in desks},
        clips=tuple(sorted((*of_seeds, *own), key=lambda clip: (-clip.age_hours, clip.id))),
        related=frozenset(related),
        questions=tuple(questions),
    )


def _clip(entry: Mapping[str, Any], repeated: tuple[str, ...]) -> GoldClip:
    told = [" ".join(part.split()) for part in entry["text"].strip().split("\n\n")]
    return GoldClip(
        id=entry["id"],
        source=entry["source"],
        language=entry["language"],
        age_hours=entry["age_hours"],
        title=entry["title"],
        url=entry.get("url", f"https://kurzclips.example/gold/{entry['id']}"),
        paragraphs=tuple(part for part in told if part not in repeated),
        pointers=tuple(entry.get("pointers", ())),
        notices=(*(part for part in told if part in repeated), *entry.get("notices", ())),
        references=tuple(reference["clip"] for reference in entry.get("references", ())),
        topics=tuple(f"medtop:{code}000000" for code in entry["topics"]),
        story=entry.get("story") or entry["id"],
        line=entry["line"],
    )
