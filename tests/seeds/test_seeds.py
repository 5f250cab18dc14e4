"""The seeds, which a newcomer reads first, are complete, consistent, well set and honest about where they come from."""

import re
import tomllib
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

SEEDS = Path(__file__).parents[2] / "seeds"
LANGUAGES = ("de", "en", "ru", "fr")
OWNERSHIP = {
    "public",
    "private",
    "nonprofit",
    "state_funded",
    "state_controlled",
    "agency",
    "institution",
    "community",
}
CLIP_KEYS = {
    "id",
    "source",
    "language",
    "age_hours",
    "title",
    "text",
    "url",
    "references",
    "image_url",
    "video_url",
    "video_seconds",
}
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# A custom of every year; it has no date.
TIMELESS = {"spargel-johannistag"}
NBSP = "\u00a0"


def load(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


CLIPS: list[dict[str, Any]] = [clip for path in sorted((SEEDS / "clips").glob("*.toml")) for clip in load(path)["clip"]]
BY_ID = {clip["id"]: clip for clip in CLIPS}
SOURCES: list[dict[str, Any]] = load(SEEDS / "sources.toml")["source"]
BY_SLUG = {source["slug"]: source for source in SOURCES}
TOPICS: list[dict[str, Any]] = load(SEEDS / "topics.toml")["topic"]
STORIES: list[dict[str, Any]] = load(SEEDS / "stories.toml")["story"]

each_clip = pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip["id"])
each_source = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source["slug"])
each_topic = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic["id"])
each_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story["id"])


def paragraphs(clip: dict[str, Any]) -> list[str]:
    return str(clip["text"]).strip().split("\n\n")


def sentences(paragraph: str) -> int:
    """How many sentences end in the paragraph; the stop of "9. Juli" or "Ludwig II. ließ" ends none."""
    inner = re.sub(r"\b(\d{1,2}|[IVX]+|e)\.(?=\s)", r"\1", paragraph)
    return len(re.findall(r"[.?!][“”»]?(?=\s|$)", inner))


def mentions(clip: dict[str, Any], *words: str) -> bool:
    return any(word in f"{clip['title']} {clip['text']}".lower() for word in words)


# --- the whole set ---


def test_ids_and_titles_are_unique() -> None:
    assert len(BY_ID) == len(CLIPS)
    assert len({clip["title"] for clip in CLIPS}) == len(CLIPS)
    assert len({clip["url"] for clip in CLIPS}) == len(CLIPS)


@pytest.mark.parametrize(("language", "least"), [("de", 42), ("en", 8), ("ru", 7), ("fr", 7)])
def test_every_language_has_enough_clips(language: str, least: int) -> None:
    assert sum(clip["language"] == language for clip in CLIPS) >= least


def test_ages_cover_the_last_hours_and_more_than_a_week() -> None:
    ages = [clip["age_hours"] for clip in CLIPS]
    assert sum(age < 6 for age in ages) >= 6
    assert sum(age < 24 for age in ages) >= 20
    assert {int(age // 24) for age in ages} >= set(range(7))
    assert 150 < max(ages) <= 190


def test_the_first_clip_is_german_energy_news_with_relatives() -> None:
    first = CLIPS[0]
    assert first["language"] == "de"
    assert mentions(first, "kernkraft")
    assert first["references"]
    assert any(first["id"] in story["clips"] for story in STORIES)


def test_energy_and_nuclear_power_have_several_german_clips() -> None:
    german = [clip for clip in CLIPS if clip["language"] == "de"]
    assert sum(mentions(clip, "kernkraft") for clip in german) >= 6
    assert sum(mentions(clip, "strom", "kernkraft", "energie") for clip in german) >= 12


def test_one_picture_and_one_film_are_linked() -> None:
    assert sum("image_url" in clip for clip in CLIPS) == 1
    films = [clip for clip in CLIPS if "video_url" in clip]
    assert len(films) == 1
    assert films[0]["video_seconds"] > 0


def test_at_least_ten_references_lead_to_other_clips() -> None:
    assert sum(len(clip.get("references", [])) for clip in CLIPS) >= 10


def test_one_german_source_repeats_its_notice() -> None:
    last = Counter((clip["source"], paragraphs(clip)[-1]) for clip in CLIPS)
    repeated = {key: count for key, count in last.items() if count > 1}
    assert [source for source, _ in repeated] == ["beispielredaktion"]
    assert min(repeated.values()) >= 6
    assert sum(clip["source"] == "beispielredaktion" for clip in CLIPS) == sum(repeated.values())


# --- each clip ---


@each_clip
def test_a_clip_has_the_documented_fields(clip: dict[str, Any]) -> None:
    assert set(clip) <= CLIP_KEYS
    assert SLUG.fullmatch(clip["id"])
    assert 0 < len(clip["title"]) <= 110
    assert clip["age_hours"] > 0
    address = urlsplit(clip["url"])
    assert (address.scheme, address.netloc) == ("https", "kurzclips.example")
    assert ("video_url" in clip) == ("video_seconds" in clip)


@each_clip
def test_a_clip_comes_from_a_demo_desk_of_its_language(clip: dict[str, Any]) -> None:
    source = BY_SLUG[clip["source"]]
    assert source.get("demo") is True
    assert source["language"] == clip["language"]


@each_clip
def test_a_clip_is_short_and_in_paragraphs_of_two_to_four_sentences(clip: dict[str, Any]) -> None:
    assert 60 <= len(clip["text"].split()) <= 180
    assert 2 <= len(paragraphs(clip)) <= 4
    assert [p for p in paragraphs(clip) if "\n" in p or not 2 <= sentences(p) <= 4] == []


@each_clip
def test_references_name_other_clips_of_the_same_language(clip: dict[str, Any]) -> None:
    for reference in clip.get("references", []):
        target = BY_ID[reference["clip"]]
        assert target is not clip
        assert target["language"] == clip["language"]
        assert target["title"].startswith(reference["title"])


@each_clip
def test_text_is_set_as_its_language_sets_it(clip: dict[str, Any]) -> None:
    text = f"{clip['title']}\n{clip['text']}"
    assert unicodedata.normalize("NFC", text) == text
    assert re.findall(r"""["'`]|\.\.\.|  | [.,]|(?<!\.)\.\.(?!\.)""", text) == []
    assert text.count("„") == (text.count("“") if clip["language"] == "de" else 0)
    assert text.count("«") == text.count("»")
    if clip["language"] == "fr":
        assert re.findall(rf"[^{NBSP}][;:?!%](?=\s)|«(?!{NBSP})|(?<!{NBSP})»", text) == []
    if clip["language"] == "ru":
        assert re.findall(r"[а-яё][a-z]|[a-z][а-яё]| – ", text, re.IGNORECASE) == []
        assert "«\u0020" not in text
    if clip["language"] == "de":
        assert re.findall(r" - |\d – \d|\d\.\d(?!\d\d)", text) == []


@each_clip
def test_an_event_is_dated_in_the_text_because_the_clip_is_always_fresh(clip: dict[str, Any]) -> None:
    assert clip["id"] in TIMELESS or re.search(r"\b20(0[0-9]|1[0-9]|2[0-6])\b|\b19[0-9][0-9]\b", clip["text"])


# --- stories ---


def test_enough_stories_are_told_by_several_sources_and_across_languages() -> None:
    assert len(STORIES) >= 6
    across = [story for story in STORIES if len({BY_ID[clip]["language"] for clip in story["clips"]}) > 1]
    assert len(across) >= 2
    named = [clip for story in STORIES for clip in story["clips"]]
    assert len(named) == len(set(named))


@each_story
def test_a_story_joins_different_sources_within_two_days(story: dict[str, Any]) -> None:
    clips = [BY_ID[clip] for clip in story["clips"]]
    assert 2 <= len(clips) <= 4
    assert len({clip["source"] for clip in clips}) == len(clips)
    ages = [clip["age_hours"] for clip in clips]
    assert max(ages) - min(ages) <= 48


# --- sources ---


def test_sources_are_distinct_and_enough() -> None:
    assert len(BY_SLUG) == len(SOURCES)
    assert len({source["name"] for source in SOURCES}) == len(SOURCES)
    assert sum(source.get("demo", False) for source in SOURCES) >= 6
    assert sum(not source.get("demo", False) for source in SOURCES) >= 25
    assert {source["ownership"] for source in SOURCES} == OWNERSHIP


@each_source
def test_a_source_names_its_owner_and_the_page_that_documents_the_label(source: dict[str, Any]) -> None:
    assert SLUG.fullmatch(source["slug"])
    assert source["ownership"] in OWNERSHIP
    assert source["owner"]
    assert re.fullmatch(r"[A-Z]{2}", source["country"])
    assert source["language"] in LANGUAGES
    assert urlsplit(source["home_url"]).scheme == "https"
    if source.get("demo"):
        assert "feed_url" not in source
        page, anchor = source["ownership_url"].split("#")
        headings = re.findall(r"^## (.+)$", (SEEDS.parent / page).read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in {heading.lower().replace(" ", "-") for heading in headings}
    else:
        assert urlsplit(source["ownership_url"]).scheme == "https"
        assert urlsplit(source.get("feed_url", "https:")).scheme == "https"


# --- topics ---


@each_topic
def test_a_topic_has_labels_and_terms_in_every_language(topic: dict[str, Any]) -> None:
    assert SLUG.fullmatch(topic["id"])
    assert set(topic["labels"]) == set(topic["terms"]) == set(LANGUAGES)
    assert topic["why"].endswith(".")
    for terms in topic["terms"].values():
        assert 15 <= len(terms) <= 40
        assert len(terms) == len(set(terms))
        assert [term for term in terms if term != term.lower() or term != term.strip()] == []


@each_topic
def test_a_topic_has_german_clips(topic: dict[str, Any]) -> None:
    german = [clip for clip in CLIPS if clip["language"] == "de"]
    terms = [term for term in topic["terms"]["de"] if len(term) > 3]
    assert sum(mentions(clip, *terms) for clip in german) >= 2


def test_topics_are_about_ten_with_labels_of_their_own() -> None:
    assert 8 <= len(TOPICS) <= 14
    for language in LANGUAGES:
        assert len({topic["labels"][language] for topic in TOPICS}) == len(TOPICS)


# --- README ---


def test_readme_gives_the_public_basis_of_every_clip() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", (SEEDS / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    documented = {key for key, basis in rows if basis and not key.endswith((".toml", "/"))}
    assert documented == set(BY_ID)
    for key, basis in rows:
        for other in re.findall(r"\bas ([a-z0-9-]+)$", basis):
            assert other in BY_ID, key
