"""/addsource: found by feed or page, shown, asked, kept once."""

import pytest

from handlers.ports import Page, PageError
from handlers.reply import Action
from handlers.request import Person
from storage import clips, feeds
from storage.database import Database
from storage.feeds import SourceView
from tests import make
from tests.dialogue import Talk
from tests.make import PreparedPages

OPERATOR = Person("1", "Olga", language="en", is_operator=True)
FEED = "https://bote.example/feed.xml"
RSS = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Der Bote</title>
<link>https://www.bote.example/</link><language>de-DE</language>
<item><title>Alte Mühle verkauft</title><link>https://bote.example/1</link><guid>1</guid>
<pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate><description>Die Stadt verkauft die Mühle.</description></item>
<item><title>Fähre fährt wieder</title><link>https://bote.example/2</link><guid>2</guid>
<pubDate>Tue, 24 Nov 2026 05:30:00 GMT</pubDate><description>Die Fähre nach Wismar fährt wieder.</description></item>
</channel></rss>""".encode()
PAGE = """<html><head><title>Bote</title>
<link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body><p>Start</p></body></html>"""


@pytest.fixture
def operator(talk: Talk, pages: PreparedPages) -> Talk:
    pages.at[FEED] = RSS
    return talk.beside(OPERATOR)


async def sources(db: Database) -> list[SourceView]:
    async with db.read() as tx:
        return await feeds.sources(tx)


async def test_a_feed_is_shown_with_its_newest_item_and_kept_on_yes(operator: Talk, db: Database) -> None:
    await operator.says(f"/addsource {FEED}")
    operator.hears("Der Bote", FEED, "bote.example", "German", "Items now – 2", "Newest item", "Fähre fährt wieder")
    operator.hears("2 hours ago", "Shall I read this feed from now on?", "[Yes, read it] [No]")
    assert await sources(db) == []

    await operator.presses("Yes, read it")
    operator.hears("Der Bote is read from now on.", "/source der-bote")
    (view,) = await sources(db)
    assert (view.source.slug, view.source.language, view.source.home_url) == (
        "der-bote",
        "de",
        "https://www.bote.example/",
    )
    assert [feed.url for feed in view.feeds] == [FEED]
    assert view.clip_count == 2


async def test_the_buttons_fit_into_sixty_four_bytes_however_long_the_address(
    operator: Talk, pages: PreparedPages
) -> None:
    address = f"{FEED}?q={'x' * 900}"
    pages.at[address] = RSS
    await operator.says(f"/addsource {address}")
    actions = [button.action for button in operator.buttons() if button.action]
    assert len(actions) == 2
    assert all(len(" ".join((each.command, *each.args)).encode()) <= 48 for each in actions)
    await operator.presses("Yes, read it")
    operator.hears("is read from now on")


async def test_no_keeps_nothing_and_closes_the_question(operator: Talk, db: Database) -> None:
    await operator.says(f"/addsource {FEED}")
    yes = operator.buttons()[0].action
    assert yes is not None
    await operator.presses("No")
    operator.hears("The feed is not added.")
    await operator.acts(yes)
    operator.hears("This question is closed")
    assert await sources(db) == []


async def test_a_second_press_of_yes_adds_nothing(operator: Talk, db: Database) -> None:
    await operator.says(f"/addsource {FEED}")
    yes = operator.buttons()[0].action
    assert yes is not None
    await operator.acts(yes)
    await operator.acts(yes)
    operator.hears("This question is closed")
    assert len(await sources(db)) == 1


async def test_a_failure_after_yes_leaves_the_question_open(operator: Talk, pages: PreparedPages, db: Database) -> None:
    await operator.says(f"/addsource {FEED}")
    yes = operator.buttons()[0].action
    assert yes is not None
    pages.at[FEED] = PageError.TIMEOUT
    await operator.acts(yes)
    operator.hears("takes too long")
    pages.at[FEED] = RSS
    await operator.acts(yes)
    operator.hears("is read from now on")
    assert len(await sources(db)) == 1


async def test_a_page_leads_to_the_feed_that_it_announces(operator: Talk, pages: PreparedPages) -> None:
    pages.at["https://bote.example/"] = PAGE.encode()
    await operator.says("/addsource bote.example/")
    operator.hears("Der Bote", FEED)


async def test_a_page_that_announces_nothing_is_looked_at_in_the_usual_places(
    operator: Talk, pages: PreparedPages
) -> None:
    pages.at["https://bote.example/news"] = b"<html><body><p>Nothing here</p></body></html>"
    await operator.says("/addsource https://bote.example/news")
    operator.hears("Der Bote", FEED)
    assert "https://bote.example/feed" in pages.asked


async def test_a_page_without_any_feed_is_declined(operator: Talk, pages: PreparedPages) -> None:
    pages.at["https://leer.example/"] = b"<html><body><p>Nothing here</p></body></html>"
    await operator.says("/addsource https://leer.example/")
    operator.hears("I found no feed at this address.")
    assert len(pages.asked) < 10


async def test_a_feed_without_items_is_a_feed(operator: Talk, pages: PreparedPages) -> None:
    pages.at[FEED] = b"<rss version='2.0'><channel><title>Still</title></channel></rss>"
    await operator.says(f"/addsource {FEED}")
    operator.hears("Still", "Items now – 0", "Shall I read")


@pytest.mark.parametrize("error", list(PageError))
async def test_each_failure_to_fetch_is_one_sentence(operator: Talk, pages: PreparedPages, error: PageError) -> None:
    pages.at[FEED] = error
    heard = await operator.says(f"/addsource {FEED}")
    assert heard.endswith(".")
    assert "\n" not in heard
    assert operator.buttons() == []


@pytest.mark.parametrize(
    "words", ["javascript:alert(1)", "ftp://a.example/x", "http://", "https://[::1", "file:///etc/passwd"]
)
async def test_what_is_no_web_address_is_never_fetched(operator: Talk, pages: PreparedPages, words: str) -> None:
    await operator.says(f"/addsource {words}")
    operator.hears("not an address")
    assert pages.asked == []


@pytest.mark.parametrize(
    "body", [b"", b"\x00\x01\x02" * 50, b"<rss", b"{", b"<!DOCTYPE r [<!ENTITY a 'b'>]><rss>&a;</rss>"]
)
async def test_rubbish_at_the_address_is_no_feed(operator: Talk, pages: PreparedPages, body: bytes) -> None:
    pages.at[FEED] = Page(FEED, body, "application/rss+xml")
    await operator.says(f"/addsource {FEED}")
    operator.hears("I found no feed")


async def test_a_feed_that_is_read_already_is_said_to_be(operator: Talk, pages: PreparedPages) -> None:
    await operator.through((f"/addsource {FEED}", "Der Bote"), ("[Yes, read it]", "is read"))
    asked = len(pages.asked)
    await operator.says(f"/addsource {FEED}")
    operator.hears("Der Bote is read already.", "/source der-bote")
    assert len(pages.asked) == asked


async def test_a_feed_behind_a_redirect_is_recognised_too(operator: Talk, pages: PreparedPages) -> None:
    await operator.through((f"/addsource {FEED}", "Der Bote"), ("[Yes, read it]", "is read"))
    pages.at["https://short.example/b"] = Page(FEED, RSS, "application/rss+xml")
    await operator.says("/addsource https://short.example/b")
    operator.hears("Der Bote is read already.")


async def test_another_site_of_the_same_name_does_not_inherit_the_label(
    operator: Talk, db: Database, pages: PreparedPages
) -> None:
    async with db.write() as tx:
        await make.source(tx, "bote", name="Der Bote", home_url="https://staat.example/", ownership="state_controlled")
    await operator.through((f"/addsource {FEED}", "Der Bote"), ("[Yes, read it]", "is read"))
    labels = {view.source.name: view.source.ownership for view in await sources(db)}
    assert labels == {"Der Bote": "state_controlled", "Der Bote (bote.example)": "unknown"}


async def test_present_items_are_known_to_the_next_poll(operator: Talk, db: Database) -> None:
    await operator.through((f"/addsource {FEED}", "Der Bote"), ("[Yes, read it]", "is read"))
    (view,) = await sources(db)
    item = make.item("Fähre fährt wieder", "Die Fähre nach Wismar fährt wieder.", external_id="2")
    report = await operator.services.intake.take_in([item], source=view.source, now=make.NOW)
    assert report.new == 0
    async with db.read() as tx:
        assert await clips.count(tx) == 2


async def test_without_an_address_it_shows_how_it_is_written(operator: Talk) -> None:
    await operator.says("/addsource")
    operator.hears("Which feed?", "/addsource https://")


async def test_it_is_for_the_operator_only_also_by_button(talk: Talk, operator: Talk, db: Database) -> None:
    await operator.says(f"/addsource {FEED}")
    yes = operator.buttons()[0].action
    assert yes is not None
    await talk.says(f"/addsource {FEED}")
    talk.hears("Only the operator")
    await talk.acts(yes)
    talk.hears("Only the operator")
    assert await sources(db) == []


async def test_an_invented_button_does_nothing(operator: Talk, db: Database) -> None:
    await operator.acts(Action("addsource", ("yes", "00000000")))
    operator.hears("This question is closed")
    assert await sources(db) == []


async def test_the_shell_names_a_source_itself(operator: Talk, db: Database) -> None:
    from handlers import sourcing

    found = await sourcing.discover(operator.services, FEED, make.NOW)
    source = await sourcing.keep(operator.services, found, name=" Bote\n(Husum) ", now=make.NOW)
    assert (source.name, source.slug) == ("Bote (Husum)", "bote-husum")
