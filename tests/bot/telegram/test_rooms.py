"""Groups, channels and topics: who is meant, who may change what, and what becomes of the bot in a chat."""

from collections.abc import Sequence

import pytest
from sqlmodel import col, select

from bot.platforms.telegram.account import TelegramAccount
from storage import chats
from storage.database import Database
from storage.states import ChatState
from storage.tables import Chat
from tests.bot.telegram.conftest import Open
from tests.fakes.telegram import FakeTelegram, Person, Room, Status
from tests.make import MovableClock


async def rows(db: Database, native_id: int) -> Sequence[Chat]:
    async with db.read() as tx:
        query = select(Chat).where(Chat.native_id == str(native_id)).order_by(col(Chat.thread_id))
        return (await tx.exec(query)).all()


async def state_of(db: Database, native_id: int) -> set[tuple[str, str]]:
    return {(row.state, row.state_reason) for row in await rows(db, native_id)}


@pytest.fixture
def group(fake: FakeTelegram) -> Room:
    room = fake.supergroup("Redaktion")
    room.set_bot(Status.MEMBER)
    return room


async def is_quiet_after(fake: FakeTelegram, person: Person, room: Room, text: str) -> bool:
    """Whether something said in a room is left without an answer; what is said after it is answered."""
    before = len(room.messages)
    await person.says(text, chat=room)
    await person.says("/help@kurzclips_bot", chat=room)
    await fake.until(lambda: room.messages[-1:] and room.messages[-1].text == "help" and len(room.messages) > before)
    return len(room.messages) == before + 1


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("/echo@kurzclips_bot Netz", "Netz\n\n1. Netz\nNetz\nNetz · x"),
        ("/echo@KURZCLIPS_BOT Netz", "Netz\n\n1. Netz\nNetz\nNetz · x"),
        ("/help", "help"),
        ("@kurzclips_bot Netzausbau", "search Netzausbau 1"),
        ("was gibt es zu Netzausbau, @Kurzclips_Bot", "search was gibt es zu Netzausbau, 1"),
    ],
)
async def test_in_a_group_commands_and_the_bots_name_are_answered_as_replies(
    fake: FakeTelegram, group: Room, said: str, answered: str
) -> None:
    anna = fake.user()
    group.add(anna)
    question = await anna.says(said, chat=group)
    answer = await group.hears()
    assert (answer.text, answer.payload["reply_to_message"]["message_id"]) == (answered, question.message_id)
    assert fake.complaints == []


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    "said", ["/echo@other_bot Netz", "/weather", "Guten Morgen", "!help", "/", "/var/log kernkraft"]
)
async def test_in_a_group_that_it_hears_in_full_the_bot_keeps_out_of_what_is_not_its_own(
    fake: FakeTelegram, group: Room, said: str
) -> None:
    group.promotes_bot()
    anna = fake.user()
    group.add(anna)
    assert await is_quiet_after(fake, anna, group, said)
    assert fake.complaints == []


@pytest.mark.usefixtures("account")
async def test_a_reply_to_the_bot_in_a_group_is_meant_for_it(fake: FakeTelegram, group: Room) -> None:
    anna = fake.user()
    group.add(anna)
    await anna.says("/help", chat=group)
    answer = await group.hears()
    await anna.says("Netzausbau", chat=group, reply_to=answer)
    assert (await group.hears()).text == "search Netzausbau 1"


@pytest.mark.usefixtures("account")
async def test_settings_of_a_group_are_for_its_administrators_by_command_and_by_button(
    fake: FakeTelegram, group: Room, clock: MovableClock
) -> None:
    fake.user("Operator")
    anna, ben = fake.user("Anna", language_code="en"), fake.user("Ben", language_code="en")
    group.add(anna, Status.ADMINISTRATOR).add(ben)
    await anna.says("/change", chat=group)
    menu = await group.hears()
    await ben.says("/change", chat=group)
    refusal = await group.hears()
    await ben.presses(menu, "Noch")
    pressed = await group.hears()
    assert (menu.text, refusal.text) == ("changed", "Only administrators of this chat may change its settings.")
    assert pressed.text == refusal.text
    asked = fake.calls["getChatMember"]
    group.add(ben, Status.ADMINISTRATOR)
    clock.move(seconds=61)
    await ben.says("/change", chat=group)
    assert ((await group.hears()).text, asked, fake.calls["getChatMember"]) == ("changed", 2, 3)
    assert fake.complaints == []


@pytest.mark.usefixtures("account")
async def test_an_anonymous_administrator_may_change_settings_and_a_channel_that_speaks_may_not(
    fake: FakeTelegram, group: Room
) -> None:
    for speaker in (group, fake.channel("Anders")):
        fake.updates.add("message", spoken_as(fake, group, speaker))
    first, second = await group.hears(), await group.hears()
    assert (first.text, second.text == "changed") == ("changed", False)


def spoken_as(fake: FakeTelegram, group: Room, speaker: Room) -> dict[str, object]:
    proxy = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    body: dict[str, object] = {"message_id": 1000 + speaker.id % 7, "date": fake.unix_time(), "text": "/change"}
    return body | {"chat": group.chat.as_json(), "from": proxy, "sender_chat": speaker.chat.as_json()}


@pytest.mark.usefixtures("account")
async def test_the_operators_commands_are_for_the_operator_only(fake: FakeTelegram) -> None:
    operator, ben = fake.user("Operator"), fake.user("Ben", language_code="en")
    await operator.says("/whoami")
    await ben.says("/whoami")
    assert (await operator.hears()).text == "the operator"
    assert (await ben.hears()).text == "Only the operator of this bot may do that."


@pytest.mark.usefixtures("account")
async def test_a_channel_is_written_to_by_command_and_its_posts_are_left_alone(fake: FakeTelegram) -> None:
    channel = fake.channel("Kanal")
    channel.promotes_bot()
    await channel.posts("Heute neu: @kurzclips_bot")
    await channel.posts("/weather")
    await channel.posts("/change")
    assert (await channel.hears()).text == "changed"
    assert len(channel.messages) == 1
    assert fake.complaints == []


@pytest.mark.usefixtures("account")
async def test_each_forum_topic_is_a_chat_of_its_own_and_is_answered_in_place(
    fake: FakeTelegram, group: Room, db: Database
) -> None:
    anna = fake.user()
    group.add(anna)
    energy = group.topic("Energie")
    await anna.says("/page@kurzclips_bot", chat=group, thread=energy)
    answer = await group.hears()
    await anna.says("/help", chat=group)
    general = await group.hears()
    await anna.presses(answer, "Mehr")
    await fake.edited(answer)
    assert (answer.thread_id, general.thread_id) == (energy.thread_id, None)
    assert [row.thread_id for row in await rows(db, group.id)] == ["", str(energy.thread_id)]
    assert fake.complaints == []


@pytest.mark.usefixtures("account")
async def test_blocked_and_unblocked_is_written_down_and_nothing_is_lost(fake: FakeTelegram, db: Database) -> None:
    anna, ben = fake.user("Anna"), fake.user("Ben")
    await anna.says("/start")
    await anna.hears()
    anna.blocks()
    await ben.says("/start")
    await ben.hears()
    assert await state_of(db, anna.id) == {(ChatState.BLOCKED, "blocked")}
    anna.unblocks()
    await anna.says("/help")
    await anna.hears()
    assert await state_of(db, anna.id) == {(ChatState.ACTIVE, "")}
    assert fake.complaints == []


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("status", "state"),
    [
        (Status.KICKED, (ChatState.LEFT, "kicked")),
        (Status.LEFT, (ChatState.LEFT, "left")),
        (Status.ADMINISTRATOR, (ChatState.ACTIVE, "")),
        (Status.MEMBER, (ChatState.ACTIVE, "")),
    ],
)
async def test_what_the_bot_becomes_in_a_group_holds_for_all_its_topics(
    fake: FakeTelegram, group: Room, db: Database, status: Status, state: tuple[str, str]
) -> None:
    anna = fake.user()
    group.add(anna)
    topic = group.topic("Energie")
    await anna.says("/help", chat=group)
    await anna.says("/help", chat=group, thread=topic)
    await group.hears()
    await group.hears()
    group.set_bot(status)
    await anna.says("/help")
    await anna.hears()
    assert await state_of(db, group.id) == {state}
    assert len(await rows(db, group.id)) == 2


@pytest.mark.usefixtures("account")
async def test_a_channel_that_takes_the_right_to_post_away_is_not_written_to(fake: FakeTelegram, db: Database) -> None:
    channel = fake.channel("Kanal")
    channel.promotes_bot()
    await channel.posts("/help")
    await channel.hears()
    channel.promotes_bot(can_edit_messages=True)
    anna = fake.user()
    await anna.says("/help")
    await anna.hears()
    assert await state_of(db, channel.id) == {(ChatState.BLOCKED, "no_rights")}


@pytest.mark.usefixtures("account")
async def test_a_group_that_becomes_a_supergroup_keeps_everything(fake: FakeTelegram, db: Database) -> None:
    anna = fake.user()
    old = fake.group("Familie", anna)
    old.adds_bot()
    await anna.says("/help", chat=old)
    await old.hears()
    (before,) = await rows(db, old.id)
    async with db.write() as tx:
        await chats.change(tx, before.id or 0, language="en", options={"length": "short"})
        await chats.save_clip(tx, before.id or 0, 1, before.seen_at)
    new = old.upgrade()
    await anna.says("/help", chat=new)
    await new.hears()
    (after,) = await rows(db, new.id)
    assert (after.language, after.options) == ("en", {"length": "short"})
    async with db.read() as tx:
        assert await chats.saved_clips(tx, after.id or 0, 5) == [1]
    assert await rows(db, old.id) == []
    assert fake.complaints == []


async def test_an_answer_to_a_group_that_moved_meanwhile_follows_it(
    fake: FakeTelegram, db: Database, account: TelegramAccount
) -> None:
    anna = fake.user()
    old = fake.group("Familie", anna)
    old.adds_bot()
    await anna.says("/help", chat=old)
    await old.hears()
    message = await anna.says("/help", chat=old)
    new = old.upgrade()
    assert (await new.hears()).text == "help"
    assert message.chat.migrated_to is new.chat
    assert len(await rows(db, new.id)) == 1
    assert await rows(db, old.id) == []


async def test_only_the_allowed_chats_are_answered(fake: FakeTelegram, account_on: Open) -> None:
    anna, ben = fake.user("Anna"), fake.user("Ben")
    async with account_on(allowed_chats=(f"telegram:{ben.id}",)):
        await anna.says("/help")
        await ben.says("/help")
        assert (await ben.hears()).text == "help"
        assert (await ben.inline("kernkraft")).results
    assert anna.messages == []


async def test_what_people_said_while_the_bot_was_down_is_answered_once_when_it_is_back(
    fake: FakeTelegram, account_on: Open
) -> None:
    anna = fake.user()
    async with account_on():
        await anna.says("/help")
        await anna.hears()
    await anna.says("/page")
    async with account_on(wait=False):
        assert (await anna.hears()).text == "page 1"
    assert len(anna.messages) == 2
