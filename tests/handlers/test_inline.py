"""Inline search: while somebody types, newest on nothing, pages to the end, and never an error."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.i18n import Speech
from handlers.context import Services
from handlers.inline import PER_PAGE, InlineAnswer, answer_inline, count_chosen
from storage import search
from storage.database import Database
from storage.errors import DatabaseBusy
from tests import make
from tests.make import NOW


async def ask(services: Services, query: str, offset: str = "") -> InlineAnswer:
    return await answer_inline(services, query=query, offset=offset, language="en", now=NOW)


def ids(answer: InlineAnswer) -> list[int]:
    return [result.clip_id for result in answer.results]


@pytest.fixture
async def told(services: Services, db: Database) -> Services:
    async with db.write() as tx:
        bote = await make.source(tx, "bote", name="Der Bote", ownership="state_controlled", country="RU")
        await make.clip(
            tx,
            bote,
            "Kernkraftwerke werden abgebaut",
            "Der Rückbau hat begonnen.",
            hours=2,
            topics={"energie": 0.9},
            url="https://bote.example/1",
            image_url="https://bote.example/1.jpg",
        )
        await make.clip(tx, bote, "Fähre nach Wismar fährt wieder", hours=1)
    return services


async def test_nothing_typed_gives_the_newest(told: Services) -> None:
    for query in ("", "   ", "\n"):
        assert ids(await ask(told, query)) == [2, 1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kern", [1]),
        ("kernkraftw", [1]),
        ("Kernkraftwerk", [1]),
        ("rückbau kern", [1]),
        ("wism", [2]),
        ("k", [1]),
        ("topic:energie", [1]),
        ("source:bote fähr", [2]),
        ("Kernkraftwreke", [1]),
        ("topic:quatsch", []),
        ("qwertzuiop", []),
    ],
)
async def test_last_word_counts_as_begun_and_operators_count(told: Services, query: str, found: list[int]) -> None:
    assert ids(await ask(told, query)) == found


async def test_result_shows_headline_source_age_picture_and_carries_buttons(told: Services) -> None:
    (result,) = (await ask(told, "kern")).results
    speech = Speech("en", "Europe/Berlin", NOW)
    assert speech.plain(result.title) == "Kernkraftwerke werden abgebaut"
    assert speech.plain(result.description) == "Der Bote (state-controlled, Russia) · 2 hours ago"
    assert result.thumbnail_url == "https://bote.example/1.jpg"
    labels = [speech.plain(button.label) for row in result.reply.buttons for button in row]
    assert labels == ["Summary", "Related", "Open"]
    assert result.reply.clips == (1,)


async def test_pages_walk_to_the_end_without_gap_or_repeat(services: Services, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        for number in range(2 * PER_PAGE + 5):
            await make.clip(tx, bote, f"Brücke Nummer {number} ist offen", hours=number / 10)
    for query in ("", "brück", "Brückke"):
        seen: list[int] = []
        offset = ""
        for _ in range(4):
            answer = await ask(services, query, offset)
            seen += ids(answer)
            offset = answer.next_offset
            if not offset:
                break
        assert sorted(seen) == list(range(1, 2 * PER_PAGE + 6)), query


async def test_what_comes_in_while_pages_are_turned_moves_nothing(services: Services, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        for number in range(PER_PAGE + 5):
            await make.clip(tx, bote, f"Brücke Nummer {number} ist offen", hours=1 + number / 10)
    for query in ("", "brück"):
        first = await ask(services, query)
        async with db.write() as tx:
            await make.clip(tx, bote, f"Neue Brücke, {query}", now=NOW + timedelta(minutes=1), hours=0)
        second = await answer_inline(
            services, query=query, offset=first.next_offset, language="en", now=NOW + timedelta(minutes=2)
        )
        assert len({*ids(first), *ids(second)}) == len(ids(first)) + len(ids(second)) == PER_PAGE + 5


@pytest.mark.parametrize(
    ("query", "says", "payload"),
    [
        ("", "", ""),
        ("-", "", ""),
        ("kernkraftwerke", "Subscribe to “kernkraftwerke”", "sub_kernkraftwerke"),
        ("topic:energie", "Subscribe to “topic:energie”", "sub_energie"),
        ("source:bote", "Subscribe to “source:bote”", "sub_bote"),
        ("fähre lang:de", "Subscribe to “fähre lang:de”", "find_ZsOkaHJlIGxhbmc6ZGU"),
        ("Kernkraftwreke", "", ""),
        ("qwertzuiop", "Nothing on “qwertzuiop” yet – subscribe", "sub_qwertzuiop"),
        ("topic:quatsch", "I know no topic called “quatsch”.", "help"),
        ("q" * 60, "I found nothing for “qqqqqqqqqqqqqqqqqqqqqqq…”.", "help"),
        ("fähre " * 20, "", ""),
    ],
)
async def test_search_offers_what_can_be_subscribed_to_and_says_why_it_is_empty(
    told: Services, query: str, says: str, payload: str
) -> None:
    offer = (await ask(told, query)).offer
    speech = Speech("en", "Europe/Berlin", NOW)
    assert (speech.plain(offer.label), offer.payload) == (says, payload) if offer else not payload


async def test_chosen_results_are_counted(told: Services, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        await count_chosen(told)
    async with db.read() as tx:
        assert await search.chosen(tx) == 3

    def refuse() -> None:
        raise DatabaseBusy("locked")

    monkeypatch.setattr(db, "write", refuse)
    await count_chosen(told)  # costs nobody anything


@pytest.mark.parametrize(
    "offset", ["x", "-1", "99999999999999999999", "١", " 1", "1.5", "1-", "9-0", "1-99999999999", "1-1-1", "1-x"]
)
async def test_strange_offset_is_no_error(told: Services, offset: str) -> None:
    assert len(ids(await ask(told, "kern", offset))) <= 1


async def test_database_that_is_busy_gives_an_empty_answer(
    told: Services, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise DatabaseBusy("locked")

    monkeypatch.setattr(db, "read", refuse)
    answer = await ask(told, "kern")
    assert (ids(answer), answer.cache_s) == ([], 0)  # asked again as soon as the next letter is typed


async def test_clip_of_tomorrow_is_not_shown_today(services: Services, db: Database) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx), "Brücke offen", now=NOW + timedelta(days=2))
    assert ids(await ask(services, "brücke")) == ids(await ask(services, "")) == []


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=256) | st.text(alphabet="\"-*()':^ topic:since:7d🙈«»\u202e", max_size=256))
async def test_whatever_is_typed_is_answered(told: Services, query: str) -> None:
    assert isinstance(await ask(told, query), InlineAnswer)
