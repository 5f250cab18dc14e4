"""What is new, what changed, what is known; notices learnt from repetition; references and stories joined."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import seeds
from bot.app import offload
from handlers.intake import Intake, IntakeReport
from handlers.news.items import RawItem, RawReference
from handlers.news.parse import parse
from handlers.ports import Desk
from storage import clips, feeds, search
from storage.clips import ClipFilter
from storage.database import Database
from storage.search import SearchQuery
from storage.tables import Clip, Source

NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
APPEAL = (
    "Diese Meldung gehört zu einer Reihe, die unsere Leserinnen und Leser möglich machen. Wer sie weiter lesen möchte,"
    " findet alle Folgen in unserem Verzeichnis und kann sie dort bestellen."
)


class Newsroom:
    """A database with an intake and one source."""

    def __init__(self, db: Database, source: Source) -> None:
        self.db = db
        self.source = source
        self.intake = Intake(db, Desk(), offload)

    async def takes(self, *items: RawItem, source: Source | None = None, now: datetime = NOW) -> IntakeReport:
        return await self.intake.take_in(items, source=source or self.source, now=now)

    async def clip(self, clip_id: int) -> Clip:
        async with self.db.read() as tx:
            found = await clips.get(tx, clip_id)
        assert found is not None
        return found

    async def finds(self, *stems: str) -> list[int]:
        async with self.db.read() as tx:
            query = SearchQuery(groups=tuple((stem,) for stem in stems))
            return [hit.clip_id for hit in await search.find(tx, query, now=NOW, limit=50)]

    async def new_source(self, slug: str) -> Source:
        async with self.db.write() as tx:
            return await feeds.ensure_source(tx, Source(slug=slug, name=slug.title(), language="de", added_at=NOW))


@pytest.fixture
async def newsroom(db: Database) -> Newsroom:
    async with db.write() as tx:
        source = await feeds.ensure_source(tx, Source(slug="bote", name="Bote", language="de", added_at=NOW))
    return Newsroom(db, source)


def item(number: int, *more: str, title: str = "", body: str = "", hours: float = 1.0) -> RawItem:
    towns = ("Lübeck", "Passau", "Görlitz", "Husum", "Speyer", "Wismar", "Fulda", "Coburg")
    things = ("Brücke", "Bibliothek", "Schleuse", "Markthalle", "Sternwarte", "Orgel", "Fähre", "Mühle")
    town, thing = towns[number % 8], things[(number * 3) % 8]
    text = body or f"In {town} ist die {thing} Nummer {number} wieder offen. Die Arbeiten dauerten {number + 2} Monate."
    return RawItem(
        title=title or f"{town}: {thing} Nummer {number} ist wieder offen",
        paragraphs=(text, *more),
        external_id=f"bote-{number}",
        url=f"https://bote.example/{number}",
        published_at=NOW - timedelta(hours=hours),
    )


async def test_items_taken_in_twice_are_known_the_second_time(newsroom: Newsroom) -> None:
    first = await newsroom.takes(item(1), item(2))
    second = await newsroom.takes(item(1), item(2))
    assert (first.new, first.known) == (2, 0)
    assert (second.new, second.updated, second.known) == (0, 0, 2)
    assert second.clip_ids == first.clip_ids


async def test_same_item_twice_in_one_document_is_one_clip(newsroom: Newsroom) -> None:
    report = await newsroom.takes(item(1), item(1))
    assert report.new == 1


async def test_changed_headline_makes_a_revision_and_search_follows_it(newsroom: Newsroom) -> None:
    (clip_id,) = (await newsroom.takes(item(1))).clip_ids
    changed = item(1, title="Passau: Wasserturm statt Markthalle eröffnet")
    report = await newsroom.takes(changed, now=NOW + timedelta(hours=1))
    clip = await newsroom.clip(clip_id)
    assert (report.updated, clip.revision, clip.title) == (1, 2, changed.title)
    assert clip.published_at == NOW - timedelta(hours=1)
    assert await newsroom.finds("wasserturm") == [clip_id]


async def test_item_whose_guid_was_renumbered_is_known_by_its_address(newsroom: Newsroom) -> None:
    await newsroom.takes(item(1))
    renumbered = RawItem(**{**_fields(item(1)), "external_id": "other-77"})
    assert (await newsroom.takes(renumbered)).new == 0


async def test_live_blog_whose_entries_share_one_address_gives_a_clip_each(newsroom: Newsroom) -> None:
    entries = [RawItem(**{**_fields(item(n)), "url": "https://bote.example/live"}) for n in (1, 2, 3)]
    assert (await newsroom.takes(*entries)).new == 3
    assert (await newsroom.takes(*entries)).new == 0


async def test_paragraph_that_repeats_later_is_a_notice_in_both_clips(newsroom: Newsroom) -> None:
    (first,) = (await newsroom.takes(item(1, APPEAL))).clip_ids
    assert APPEAL in (await newsroom.clip(first)).paragraphs
    (second,) = (await newsroom.takes(item(2, APPEAL))).clip_ids
    for clip_id in (first, second):
        clip = await newsroom.clip(clip_id)
        assert APPEAL not in clip.paragraphs
        assert "Verzeichnis" not in clip.summary_long
        async with newsroom.db.read() as tx:
            assert await clips.notices(tx, clip_id) == [APPEAL]
    assert await newsroom.finds("verzeichnis") == []
    assert (await newsroom.clip(first)).revision == 1


async def test_article_published_again_under_another_name_teaches_no_notice(newsroom: Newsroom) -> None:
    paragraphs = tuple(f"Absatz {n} über den Umbau der Schleuse in Husum mit vielen Einzelheiten." for n in range(3))
    again = RawItem(title="Husum: Schleuse fertig (aktualisiert)", paragraphs=paragraphs, external_id="neu")
    (first,) = (await newsroom.takes(RawItem(title="Husum: Schleuse fertig", paragraphs=paragraphs))).clip_ids
    (second,) = (await newsroom.takes(again)).clip_ids
    assert len((await newsroom.clip(first)).paragraphs) == 3
    assert len((await newsroom.clip(second)).paragraphs) == 3


async def test_reference_points_to_the_clip_of_that_title_whichever_comes_first(newsroom: Newsroom) -> None:
    target = item(1)
    before = RawItem(**{**_fields(item(2)), "references": (RawReference(target.title.upper()),)})
    after = RawItem(**{**_fields(item(3)), "references": (RawReference("Anders", target.url + "?utm_source=x"),)})
    (earlier,) = (await newsroom.takes(before)).clip_ids
    (clip_id,) = (await newsroom.takes(target)).clip_ids
    (later,) = (await newsroom.takes(after)).clip_ids
    async with newsroom.db.read() as tx:
        assert [row.target_id for row in await clips.references(tx, earlier)] == [clip_id]
        assert [row.target_id for row in await clips.references(tx, later)] == [clip_id]


async def test_one_event_of_two_sources_is_one_story_and_another_event_is_not(newsroom: Newsroom) -> None:
    other = await newsroom.new_source("anzeiger")
    one = "Der Kühlturm des Kraftwerks Mehlingen ist am Morgen gesprengt worden. Zehntausend Menschen sahen zu."
    two = "Am Morgen ist in Mehlingen der Kühlturm des Kraftwerks gefallen. Die Sprengung sahen viele Menschen."
    (first,) = (await newsroom.takes(item(1, title="Kühlturm des Kraftwerks Mehlingen gesprengt", body=one))).clip_ids
    (twin,) = (
        await newsroom.takes(item(2, title="Mehlingen: Kühlturm gesprengt", body=two, hours=0.5), source=other)
    ).clip_ids
    (apart,) = (await newsroom.takes(item(3), source=other)).clip_ids
    stories = [(await newsroom.clip(each)).story_id for each in (first, twin, apart)]
    assert stories[0] == stories[1]
    assert stories[2] != stories[0]
    async with newsroom.db.read() as tx:
        (view,) = await clips.views(tx, [twin])
    assert view.source_count == 2


async def test_date_in_the_future_becomes_now_and_no_date_too(newsroom: Newsroom) -> None:
    future = RawItem(**{**_fields(item(1)), "published_at": NOW + timedelta(days=3)})
    undated = RawItem(**{**_fields(item(2)), "published_at": None})
    for clip_id in (await newsroom.takes(future, undated)).clip_ids:
        assert (await newsroom.clip(clip_id)).published_at == NOW


async def test_undated_item_keeps_its_first_date_when_it_is_read_again(newsroom: Newsroom) -> None:
    undated = RawItem(**{**_fields(item(2)), "published_at": None})
    (clip_id,) = (await newsroom.takes(undated)).clip_ids
    await newsroom.takes(undated, now=NOW + timedelta(days=1))
    assert (await newsroom.clip(clip_id)).published_at == NOW


@pytest.mark.parametrize(
    ("text", "title", "stem"),
    [
        ("de", "Alte Kernkraftwerke werden abgebaut", "kernkraftwerk"),
        ("de", "Viele Häuser am Hang sind sicher", "haus"),
    ],
)
async def test_other_forms_of_a_word_are_found_by_its_stem(
    newsroom: Newsroom, text: str, title: str, stem: str
) -> None:
    from handlers.news.terms import query_stems

    (clip_id,) = (await newsroom.takes(item(1, title=title))).clip_ids
    stems = query_stems("Kernkraftwerk" if stem == "kernkraftwerk" else "hauser", ["de", "en", "ru", "fr"])
    async with newsroom.db.read() as tx:
        hits = await search.find(tx, SearchQuery(groups=(tuple(stems),)), now=NOW, limit=5)
    assert [hit.clip_id for hit in hits] == [clip_id]


async def test_part_of_a_compound_leads_to_it(newsroom: Newsroom) -> None:
    (clip_id,) = (await newsroom.takes(item(1, title="Bundesverfassungsgericht prüft das Gesetz"))).clip_ids
    async with newsroom.db.read() as tx:
        longer = await search.containing(tx, "gericht")
        hits = await search.find(tx, SearchQuery(groups=(tuple(longer),)), now=NOW, limit=5)
    assert [hit.clip_id for hit in hits] == [clip_id]


async def test_demo_news_loads_once_and_is_of_today_and_yesterday(newsroom: Newsroom) -> None:
    first = await seeds.load(newsroom.db, newsroom.intake, NOW)
    second = await seeds.load(newsroom.db, newsroom.intake, NOW)
    assert first.new >= 60
    assert (second.new, second.known) == (0, first.new)
    async with newsroom.db.read() as tx:
        today = await clips.latest(tx, ClipFilter(since=NOW - timedelta(hours=24)), 100)
        (view,) = await clips.views(tx, [1])
        targets = [row.target_id for row in await clips.references(tx, 1)]
    assert len(today) >= 10
    assert "energie" in {topic.id for topic, _ in view.topics}
    assert all(targets)


DOCUMENT = Path(__file__).resolve().parents[3] / "shared" / "seeds" / "kurzclip-ai-journey.txt"


@pytest.mark.skipif(not DOCUMENT.is_file(), reason="the document of the first source is not beside this checkout")
async def test_document_of_the_first_source_is_told_apart_from_its_notice(newsroom: Newsroom) -> None:
    parsed = parse(DOCUMENT.read_bytes(), name=DOCUMENT.name, now=NOW)
    (clip_id,) = (await newsroom.takes(*parsed.items)).clip_ids
    clip = await newsroom.clip(clip_id)
    async with newsroom.db.read() as tx:
        (reference,) = await clips.references(tx, clip_id)
        (notice,) = await clips.notices(tx, clip_id)
        (view,) = await clips.views(tx, [clip_id])
    assert clip.title.startswith("Moskau startet")
    assert clip.language == "de"
    assert 0 < len(clip.paragraphs) <= 4
    assert reference.title.startswith("Sacharowa: ")
    assert "Sperrung von RT" in notice
    assert {"medtop:13000000", "medtop:11000000"} & {topic.id for topic, _ in view.topics}
    assert any(word in clip.summary_long for word in ("Moskau", "Souveränität", "Energie"))
    told = " ".join([clip.summary_line, clip.summary_short, clip.summary_long, *clip.keywords, *clip.paragraphs])
    assert not any(word in told for word in ("Sperrung", "Mainstream", "Österreich", "Mehr zum Thema"))
    assert await newsroom.finds("osterreich") == []
    assert json.dumps(clip.paragraphs)


def _fields(raw: RawItem) -> dict[str, object]:
    names: Sequence[str] = RawItem.__slots__
    return {name: getattr(raw, name) for name in names}
