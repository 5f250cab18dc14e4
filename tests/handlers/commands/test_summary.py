"""/summary: of a number, of a link known or new, of the message that is answered."""

import pytest

from handlers.ports import Page, PageError
from storage import chats, clips
from storage.database import Database
from tests import make
from tests.dialogue import Talk
from tests.make import PreparedPages

URL = "https://zeitung.example/energie/trassen"
ARTICLE = """<!doctype html><html lang="de"><head><title>Zwei Trassen früher am Netz</title>
<meta property="og:site_name" content="Die Zeitung"></head><body><article><h1>Zwei Trassen früher am Netz</h1>
<p>Der Netzbetreiber nimmt zwei Stromtrassen in Sachsen ein Jahr früher in Betrieb als geplant. Das teilte das
Unternehmen am Montag in Leipzig mit.</p>
<p>Die Leitungen sollen Windstrom aus dem Norden in den Süden bringen. Sie sind zusammen 240 Kilometer lang und kosten
rund 900 Millionen Euro. Die Bundesnetzagentur hatte den Bau im Frühjahr genehmigt.</p>
<p>Anwohner hatten gegen eine der Trassen geklagt. Das Bundesverwaltungsgericht wies die Klagen im Sommer ab.</p>
</article></body></html>"""


async def test_summary_tells_source_age_topics_and_references(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx, name="Der Bote")
        target = await make.clip(tx, bote, "Rückbau dauert Jahrzehnte")
        await make.clip(
            tx,
            bote,
            "Kühlturm gesprengt",
            "Der Kühlturm fiel am Mittag.",
            topics={"energie": 0.9},
            references=(make.reference("Rückbau dauert Jahrzehnte"),),
            url="https://bote.example/2",
        )
    await talk.says("/summary #2")
    talk.hears(
        "Kühlturm gesprengt",
        "Der Kühlturm fiel am Mittag.",
        "Der Bote · 1 hour ago · #2",
        "Topics: Energy",
        "Read more",
        f"• Rückbau dauert Jahrzehnte (#{target})",
        "[Shorter] [Full text] [Related] [Save] [Options] [Open <https://bote.example/2>]",
    )


async def test_summary_becomes_short_and_long_again_in_place(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        text = ("Der Kühlturm fiel am Mittag.", "Viele sahen zu.")
        await make.clip(tx, await make.source(tx), "Kühlturm gesprengt", *text, topics={"energie": 0.9})
    await talk.says("/summary 1")
    assert not talk.reply.edits  # a typed command never changes what stands there
    await talk.presses("Shorter")
    talk.hears("Der Kühlturm fiel am Mittag.", "[Summary] [Full text]")
    talk.hears_not("Viele sahen zu.", "Topics:")
    assert talk.reply.edits
    await talk.presses("Summary")
    talk.hears("Viele sahen zu.", "Topics:", "[Shorter]")
    assert talk.reply.edits
    await talk.says("/summary 1 kurz")
    talk.hears_not("Viele sahen zu.")


async def test_options_leave_out_the_source_or_a_topic_and_lead_back(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx, "energie", name="Der Bote")  # a source that is called as a topic is
        await make.clip(tx, bote, "Kühlturm gesprengt", topics={"energie": 0.9, "ki": 0.5, "klima": 0.2})
    await talk.says("/summary 1")
    await talk.presses("Options")
    assert talk.labels() == [
        *("Follow this story", "Leave out: Der Bote", "Leave out: Energy", "Leave out: AI", "About the source", "Back"),
    ]
    options = talk.answer
    await talk.presses("Leave out: Der Bote")
    talk.hears("Der Bote is left out from now on.")
    talk.answer = options
    await talk.presses("Leave out: Energy")
    talk.hears("Energy is left out from now on.")
    async with db.read() as tx:
        assert {(row.kind, row.value) for row in await chats.mutes(tx, 1)} == {
            ("source", "energie"),
            ("topic", "energie"),
        }
    talk.answer = options
    await talk.presses("Back")
    talk.hears("Kühlturm gesprengt", "[Summary]")


async def test_clip_without_text_says_so_instead_of_inventing(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx), summary_line="", summary_short="", summary_long="", paragraphs=[])
    await talk.through(("/summary 1", "This clip has no text to sum up."))


async def test_known_link_is_answered_without_asking_the_web(talk: Talk, db: Database, pages: PreparedPages) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx), "Kühlturm gesprengt", url="https://bote.example/2?id=7")
    await talk.through(("/summary https://www.bote.example/2?utm_source=x&id=7#oben", "Kühlturm gesprengt"))
    assert pages.asked == []


async def test_new_link_is_read_stored_and_summed_up_once(talk: Talk, db: Database, pages: PreparedPages) -> None:
    pages.at[URL] = ARTICLE.encode()
    await talk.says(f"Schau mal: {URL}")
    assert pages.asked == []  # three words and a link: people talk about it; only a bare link is an order
    await talk.says(URL)
    talk.hears("Zwei Trassen früher am Netz", "Netzbetreiber", "#1")
    await talk.says(f"/summary {URL}")
    talk.hears("Zwei Trassen früher am Netz")
    assert pages.asked == [URL]
    async with db.read() as tx:
        (view,) = await clips.views(tx, [1])
    assert view.source.slug == "zeitung.example"


async def test_page_reached_through_a_redirect_is_known_by_its_own_address(
    talk: Talk, db: Database, pages: PreparedPages
) -> None:
    pages.at["https://kurz.example/x"] = Page(URL, ARTICLE.encode(), "text/html")
    pages.at[URL] = ARTICLE.encode()
    await talk.says("https://kurz.example/x")
    await talk.says(URL)
    async with db.read() as tx:
        assert await clips.count(tx) == 1


@pytest.mark.parametrize("error", list(PageError))
async def test_page_that_cannot_be_had_gets_one_sentence(talk: Talk, pages: PreparedPages, error: PageError) -> None:
    pages.at[URL] = error
    heard = await talk.says(URL)
    assert heard.endswith(".")
    assert "\n" not in heard
    assert "went wrong" not in heard


@pytest.mark.parametrize(
    ("content", "answered"),
    [
        (b"", "I found no article on this page."),
        (b"\x00\x01\x02" * 500, "I found no article on this page."),
        (b"<html><body><p>Kurz</p></body></html>", "I found no article on this page."),
        (
            b"<rss version='2.0'><channel><title>N</title><item><title>Eine Meldung</title>"
            b"<description>Text.</description></item></channel></rss>",
            "This is a feed.",
        ),
    ],
)
async def test_page_without_an_article_is_said_to_be_so(
    talk: Talk, db: Database, pages: PreparedPages, content: bytes, answered: str
) -> None:
    pages.at[URL] = content
    await talk.through((URL, answered))
    async with db.read() as tx:
        assert await clips.count(tx) == 0


async def test_reply_to_a_message_with_one_clip_means_that_clip(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx), "Kühlturm gesprengt")
    await talk.says("/clip 1")
    shown = talk.last_id
    await talk.says("/help")
    await talk.says("/summary", reply_to=shown)
    talk.hears("Kühlturm gesprengt", "[Full text]")


async def test_reply_to_a_list_asks_which_clip_is_meant(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        await make.clip(tx, bote, "Kühlturm gesprengt", hours=1)
        await make.clip(tx, bote, "Fähre fährt wieder", hours=2)
    await talk.says("/latest")
    await talk.says("/summary", reply_to=talk.last_id)
    talk.hears("Which one do you mean?", "[1. Kühlturm gesprengt]", "[2. Fähre fährt wieder]")
    await talk.presses("2. Fähre fährt wieder")
    talk.hears("Fähre fährt wieder", "[Full text]")


async def test_reply_in_one_chat_does_not_show_what_another_chat_was_shown(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx))
    await talk.says("/clip 1")
    stranger = talk.beside(address=type(talk.address)(talk.address.platform, "200"))
    assert "Which clip?" in await stranger.says("/summary", reply_to=talk.last_id)


async def test_reply_to_a_forwarded_link_reads_its_page(talk: Talk, pages: PreparedPages) -> None:
    pages.at[URL] = ARTICLE.encode()
    await talk.says("/summary", reply_to="77", reply_urls=(URL,))
    talk.hears("Zwei Trassen früher am Netz")


@pytest.mark.parametrize("said", ["/summary", "/summary   "])
async def test_nothing_to_sum_up_is_asked_for(talk: Talk, said: str) -> None:
    await talk.through((said, "Which clip? Write its number (/summary 1) or a link"))


async def test_summary_of_a_clip_that_others_tell_too_quotes_what_they_add(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote, kurier = await make.source(tx), await make.source(tx, "kurier", name="Kurier")
        first = await make.clip(tx, bote, "Kühlturm in Kassel gesprengt", "Der Kühlturm in Kassel fiel am Mittag.")
        text = "Den Kühlturm in Kassel sahen 30.000 Menschen von drei Hügeln im Westen fallen."
        second = await make.clip(tx, kurier, "Tausende sehen Kühlturm in Kassel fallen", text)
        await make.story(tx, first, second)
    await talk.says(f"/summary {first}")
    talk.hears("Der Kühlturm in Kassel fiel am Mittag.", "What other sources add", f"{text} [Kurier, #{second}]")
