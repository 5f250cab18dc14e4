"""Messages that nobody asked for: threads, edits, and what a failure means."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from bot.platforms.matrix.account import MatrixAccount
from bot.platforms.outgoing import Failure, Outgoing, SendError, Withdrawn
from handlers.reply import Action, Button, Entry, Heading, Paragraph, Reply, say
from handlers.request import ChatAddress
from storage import chats
from storage.database import Database
from storage.states import Platform
from tests import make
from tests.bot.matrix.conftest import Open
from tests.bot.matrix.person import Person
from tests.fakes.synapse import Account

DIGEST = Reply(
    (
        Heading("Ihr Überblick"),
        Heading("Energie", 2),
        Entry("Netzausbau beginnt", "https://example.org/1", "Zwei Trassen.", ("DW", "#1"), 1),
        Entry("Kernkraft endet", "https://example.org/2", "Der letzte Meiler.", ("ORF",), 2),
        Heading("Technik", 2),
        Entry("Neue Chips", "https://example.org/3", "Kleiner als je.", ("RT",), 3),
        Paragraph("2 Themen, 3 Meldungen"),
    ),
    (
        (Button("1", Action("summary", ("1",)), anchor="1\ufe0f\u20e3"),),
        (Button("Neueste", Action("latest"), anchor="📰"),),
    ),
    clips=(1, 2, 3),
)


@dataclass
class Told:
    """What a sender told of its progress; `stops` refuses to begin."""

    begun: int = 0
    parts: list[tuple[str, ...]] = field(default_factory=list)
    stops: bool = False

    async def begin(self) -> None:
        if self.stops:
            raise Withdrawn
        self.begun += 1

    async def part_sent(self, parts: tuple[str, ...]) -> None:
        self.parts.append(parts)


def outgoing(room: str, reply: Reply, key: str = "delivery-7", **more: object) -> Outgoing:
    address = ChatAddress(Platform.MATRIX, room)
    return replace(Outgoing(address, reply, "de", "Europe/Berlin", key), **more)


async def test_a_digest_is_a_thread_with_the_headlines_as_its_root(
    account: MatrixAccount, anna: Person, direct: str, bot: Account
) -> None:
    told = Told()
    parts = await sent(account, outgoing(direct, DIGEST), told)
    assert (told.begun, told.parts) == (1, [parts[:1], parts[:2], parts])
    root, energy, technics = [await anna.hears(direct, bot.user_id, number) for number in (1, 2, 3)]
    assert root["content"]["body"] == (
        "Ihr Überblick\n\nEnergie\n1. Netzausbau beginnt\n2. Kernkraft endet\n\n"
        "Technik\n3. Neue Chips\n\n2 Themen, 3 Meldungen\n\n📰\N{NO-BREAK SPACE}Neueste"
    )
    for part in (energy, technics):
        assert part["content"]["m.relates_to"] == {
            "rel_type": "m.thread",
            "event_id": root["event_id"],
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": root["event_id"]},
        }
    assert "Der letzte Meiler." in energy["content"]["body"]
    assert "Kleiner als je." in technics["content"]["body"]
    assert parts == (root["event_id"], energy["event_id"], technics["event_id"])
    assert await anna.sees_reactions(direct, parts[0], bot.user_id, 2) == ["1\ufe0f\u20e3", "📰"]


async def test_a_room_that_wants_it_flat_gets_one_message(
    account: MatrixAccount, anna: Person, direct: str, bot: Account, db: Database
) -> None:
    async with db.write() as tx:
        chat = await make.chat(tx, direct, platform=Platform.MATRIX)
        await chats.change(tx, chat.id or 0, options={"threads": "off"})
    parts = await sent(account, outgoing(direct, DIGEST), Told())
    assert len(parts) == 1
    assert "Der letzte Meiler." in (await anna.hears(direct, bot.user_id))["content"]["body"]


async def test_a_message_that_is_sent_again_arrives_once(
    account: MatrixAccount, anna: Person, direct: str, bot: Account
) -> None:
    first = await sent(account, outgoing(direct, DIGEST), Told())
    again = Told()
    assert await sent(account, outgoing(direct, DIGEST), again) == first
    rest = Told()
    assert await sent(account, outgoing(direct, DIGEST, sent_parts=first[:2]), rest) == first
    assert rest.parts == [first]
    await sent(account, outgoing(direct, say("the end"), "delivery-8"), Told())
    await anna.hears(direct, bot.user_id, 4)
    assert [each["event_id"] for each in anna.messages(direct, bot.user_id)[:3]] == list(first)
    assert len(anna.messages(direct, bot.user_id)) == 4


async def test_a_message_whose_sending_is_withdrawn_does_not_arrive(
    account: MatrixAccount, anna: Person, direct: str, bot: Account
) -> None:
    with pytest.raises(Withdrawn):
        await sent(account, outgoing(direct, DIGEST), Told(stops=True))
    await sent(account, outgoing(direct, say("the end"), "delivery-8"), Told())
    assert (await anna.hears(direct, bot.user_id))["content"]["body"] == "the end"


async def test_a_correction_changes_the_messages_that_were_sent(
    account: MatrixAccount, anna: Person, direct: str, bot: Account
) -> None:
    first = await sent(account, outgoing(direct, DIGEST), Told())
    entry = DIGEST.blocks[2]
    assert isinstance(entry, Entry)
    better = replace(DIGEST, blocks=(*DIGEST.blocks[:2], replace(entry, title="Netzausbau endet"), *DIGEST.blocks[3:]))
    told = Told()
    assert await sent(account, outgoing(direct, better, "delivery-9", edits=first), told) == first
    assert "Netzausbau endet" in (await anna.sees_edit(direct, first[0]))["body"]
    assert "Netzausbau endet" in (await anna.sees_edit(direct, first[1]))["body"]
    assert (told.begun, len(anna.messages(direct, bot.user_id))) == (1, 3)


async def test_a_correction_keeps_the_form_of_what_was_sent_whatever_the_room_wants_since(
    account: MatrixAccount, anna: Person, direct: str, db: Database
) -> None:
    thread = await sent(account, outgoing(direct, DIGEST), Told())
    async with db.write() as tx:
        chat = await make.chat(tx, direct, platform=Platform.MATRIX)
        await chats.change(tx, chat.id or 0, options={"threads": "off"})
    assert await sent(account, outgoing(direct, DIGEST, "delivery-9", edits=thread), Told()) == thread
    assert "Kleiner als je." in (await anna.sees_edit(direct, thread[2]))["body"]
    assert "Kleiner als je." not in (await anna.sees_edit(direct, thread[0]))["body"]


async def sent(account: MatrixAccount, message: Outgoing, told: Told) -> tuple[str, ...]:
    """Send as the job does it: again where a room is too new to be known."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await account.sender.send(message, told)
            except SendError as error:
                if error.code != "not_synced":
                    raise
            await asyncio.sleep(0.05)


async def failure_of(account: MatrixAccount, message: Outgoing) -> SendError:
    with pytest.raises(SendError) as caught:
        await sent(account, message, Told())
    return caught.value


async def test_a_room_that_we_are_not_in_or_may_not_speak_in_is_gone(
    account: MatrixAccount, anna: Person, direct: str
) -> None:
    elsewhere = await failure_of(account, outgoing("!nowhere", DIGEST))
    assert (elsewhere.failure, elsewhere.code) == (Failure.GONE, "left")
    await anna.sets(direct, "m.room.power_levels", {"users": {}, "events_default": 50})
    silenced = await failure_of(account, outgoing(direct, DIGEST))
    assert (silenced.failure, silenced.code) == (Failure.GONE, "no_rights")


async def test_a_message_right_after_a_start_waits_until_the_rooms_are_known(
    account_on: Open, anna: Person, bot: Account
) -> None:
    async with account_on():
        room = await anna.makes_room(bot.user_id, is_direct=True)
        await anna.until(lambda: bot.user_id in anna.members(room), what="the bot")
    async with account_on(wait=False) as account:
        assert not account.is_ready
        assert account.hindrance == "the rooms are being read"
        await account.sender.send(outgoing(room, say("good morning")), Told())
    assert (await anna.hears(room, bot.user_id))["content"]["body"] == "good morning"


@pytest.fixture
def long_words() -> Callable[[int], Reply]:
    return lambda count: Reply(tuple(Paragraph("Слово и дело. " * 60) for _ in range(count)))


@pytest.mark.parametrize("is_encrypted", [False, True])
async def test_long_answers_come_in_parts_that_the_homeserver_takes(
    account: MatrixAccount,
    anna: Person,
    bot: Account,
    long_words: Callable[[int], Reply],
    is_encrypted: bool,
) -> None:
    room = await anna.makes_room(bot.user_id, encrypted=is_encrypted)
    await anna.until(lambda: bot.user_id in anna.members(room), what="the bot")
    await anna.says(room, "ready")
    await anna.until(lambda: anna.receipts or is_encrypted)
    parts = await sent(account, outgoing(room, long_words(12)), Told())
    assert len(parts) > 1
    edited = await sent(account, outgoing(room, long_words(12), "again", edits=parts), Told())
    assert edited == parts
