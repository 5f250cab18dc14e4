"""Lists of feeds: what is read, what is refused, and that what is written is read again."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handlers import opml
from handlers.errors import Declined
from handlers.opml import Listed
from handlers.sourcing import clean_name
from storage import feeds
from storage.database import Database
from storage.feeds import SourceView
from storage.tables import Feed, Source
from tests import make
from tests.make import NOW


def document(body: str, encoding: str = "utf-8") -> bytes:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    return f'{head}<opml version="2.0"><head><title>x</title></head><body>{body}</body></opml>'.encode(encoding)


def feed(url: str = "https://bote.example/feed", title: str = "Bote") -> str:
    return f'<outline type="rss" text="{title}" xmlUrl="{url}"/>'


async def sources(db: Database) -> list[SourceView]:
    async with db.read() as tx:
        return await feeds.sources(tx)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_letters_survive_whatever_the_encoding(encoding: str) -> None:
    listed = opml.read(document(feed(title="Äußerst &amp; früh"), encoding))
    assert listed == [Listed("Äußerst & früh", "https://bote.example/feed")]


def test_folders_are_walked_and_a_repeated_address_counts_once() -> None:
    inner = (
        f'<outline text="Folder"><outline text="Deeper">{feed()}</outline>{feed("https://b.example/", "B")}</outline>'
    )
    assert [each.title for each in opml.read(document(inner + feed()))] == ["Bote", "B"]


@pytest.mark.timeout(20)
def test_a_quarter_of_a_million_categories_cost_nothing() -> None:
    many = ",".join(str(number) for number in range(250_000))
    body = f'<outline text="Bote" CATEGORY = "{many}" xmlUrl="https://bote.example/feed"/>'
    assert opml.read(document(body)) == [Listed("Bote", "https://bote.example/feed")]


def test_a_file_that_is_cut_off_gives_what_is_whole() -> None:
    whole = document(feed() + feed("https://b.example/", "B"))
    assert opml.read(whole[: whole.index(b'<outline type="rss" text="B"') + 20])[0].title == "Bote"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no list of feeds"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "no list of feeds"),
        (b'{"feeds": []}', "no list of feeds"),
        (b"<rss><channel><title>x</title></channel></rss>", "no list of feeds"),
        (document(""), "no feed in this list"),
        (document('<outline text="just a folder"/>'), "no feed in this list"),
        (b'<!DOCTYPE opml [<!ENTITY a "aaaa">]>' + document(feed(title="&a;")), "not safe"),
        (b'<?xml version="1.0"?><!doctype opml SYSTEM "http://evil.example/x.dtd">' + document(feed()), "not safe"),
        ('<!DOCTYPE opml [<!ENTITY a "b">]><opml/>'.encode("utf-16"), "not safe"),
        (b" " * (opml.MAX_BYTES + 1), "larger than"),
        (document("".join(feed(f"https://x/{n}", "") for n in range(opml.MAX_FEEDS + 1))), "more than"),
        (document("".join(feed(title="") for _ in range(2 * opml.MAX_FEEDS + 1))), "more than"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_sound_list_is_declined_in_one_sentence(content: bytes, reason: str) -> None:
    with pytest.raises(Declined) as caught:
        opml.read(content)
    assert reason in caught.value.message.text


@given(st.binary(max_size=300) | st.text(alphabet="<>/=\"'&; outlinexmlUrlopmlbody\n", max_size=200).map(str.encode))
@example(b"<opml version='2.0'></outline></outline><outline xmlUrl='x'>")
@example(b"<opml>" + b"<outline text='x'>" * 2000)
def test_any_bytes_are_read_or_declined(content: bytes) -> None:
    try:
        listed = opml.read(content)
    except Declined:
        return
    assert listed


async def test_new_known_and_unusable_entries_are_counted_apart(db: Database) -> None:
    await opml.take_in(db, document(feed()), NOW)
    again = feed() + feed("https://b.example/rss", "B") + feed("javascript:alert(1)", "Bad") + feed("nonsense", "Worse")
    report = await opml.take_in(db, document(again), NOW)
    assert (report.added, report.known, report.refused) == (1, 1, 2)
    assert report.refusals == ("Bad", "Worse")
    assert [view.source.name for view in await sources(db)] == ["B", "Bote"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("feed://b.example/rss", "http://b.example/rss"),
        ("feed:https://b.example/rss", "https://b.example/rss"),
        ("feed://https://b.example/rss", "https://b.example/rss"),
        (" https://b.example/a b ", "https://b.example/a%20b"),
    ],
)
async def test_an_address_as_old_readers_wrote_it_becomes_one_that_can_be_asked(
    db: Database, written: str, kept: str
) -> None:
    await opml.take_in(db, document(feed(written)), NOW)
    assert [each.url for view in await sources(db) for each in view.feeds] == [kept]


async def test_one_name_on_two_sites_makes_two_sources(db: Database) -> None:
    async with db.write() as tx:
        await make.source(tx, "news", name="News", home_url="https://www.news.example/", ownership="state_controlled")
    listed = feed("https://rss.news.example/all", "News") + feed("https://other.example/all", "News")
    await opml.take_in(db, document(listed), NOW)
    found = {view.source.name: [each.url for each in view.feeds] for view in await sources(db)}
    assert found == {
        "News": ["https://rss.news.example/all"],
        "News (other.example)": ["https://other.example/all"],
    }


async def test_a_long_list_is_asked_one_after_the_other(db: Database) -> None:
    count = 2 * opml.PORTION + 1
    body = "".join(feed(f"https://f{number}.example/", f"F{number}") for number in range(count))
    report = await opml.take_in(db, document(body), NOW)
    due = sorted(each.next_due_at for view in await sources(db) for each in view.feeds)
    assert report.added == count
    assert due[0] == NOW
    assert due[-1] - due[0] == timedelta(seconds=count - 1)


def view(name: str, *urls: str) -> SourceView:
    rows = tuple(Feed(source_id=1, url=url, next_due_at=NOW, added_at=NOW) for url in urls)
    return SourceView(Source(slug="s", name=name, language="de", added_at=NOW), rows, 0)


def test_the_written_list_is_well_formed_and_names_language_and_page() -> None:
    source = Source(slug="s", name="A & <B>", language="de", home_url="https://a.example/?x=1&y=2", added_at=NOW)
    row = Feed(source_id=1, url="https://a.example/feed?a=1&b=2", next_due_at=NOW, added_at=NOW)
    outline = ElementTree.fromstring(opml.write([SourceView(source, (row,), 0)])).find("body/outline")  # noqa: S314 - our own
    assert outline is not None
    assert outline.attrib == {
        "type": "rss",
        "text": "A & <B>",
        "title": "A & <B>",
        "xmlUrl": "https://a.example/feed?a=1&b=2",
        "htmlUrl": "https://a.example/?x=1&y=2",
        "language": "de",
    }


@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=5))
@example(["\x00\x85\ud800 <&\"'> \u202e\ufffe"])
def test_what_is_written_is_read_again(names: list[str]) -> None:
    views = [view(name, f"https://f{number}.example/") for number, name in enumerate(names)]
    listed = opml.read(opml.write(views))
    assert [each.url for each in listed] == [f"https://f{number}.example/" for number in range(len(names))]
    assert [each.title for each in listed] == [clean_name(opml._writable(name)) for name in names]
