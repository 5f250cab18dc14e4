"""Groups, channels and topics: who is meant, who may change what, and what becomes of the bot in a chat.

Long, since all that can become of the bot in a chat is read as one list.
"""

import asyncio
from collections.abc import Sequence

import pytest
from sqlmodel import col, select

from bot.platforms.telegram.account import TelegramAccount
from storage import chat_moves, chats
from storage.database import Database
from storage.states import ChatState
from storage.tables import Chat
from tests.bot.telegram.conftest import Open
from tests.fakes.telegram import FakeTelegram, Person, Room, Status, faults
from tests.make import MovableClock


async def rows(db: Database, native_id: int) -> Sequence[Chat]:
    async with db.read() as tx:
        query = select(Chat).where(Chat.native_id == str(native_id)).order_by(col(Chat.thread_id))
        return (await tx.exec(query)).all()


async def state_of(db: Database, native_id: int) -> set[tuple[str, str]]:
    return {(row.state, row.state_reason) for row in await rows(db, native_id)}


async def becomes(db: Database, native_id: int, *state: tuple[str, str]) -> None:
    """Wait until a chat is written down so; another chat's answer says nothing about when that is."""
    async with asyncio.timeout(5):
        while await state_of(db, native_id) != set(state):  # noqa: ASYNC110 - the database has no event
            await asyncio.sleep(0.01)


@pytest.fixture
def group(fake: FakeTelegram) -> Room:
    return fake.supergroup("Redaktion").has_bot()


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
    pressed = await ben.presses(menu, "Noch")  # told to Ben alone
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


@pytest.mark.usefixtures("account")
async def test_what_the_linked_channel_posts_in_its_group_is_left_alone(fake: FakeTelegram, group: Room) -> None:
    channel = fake.channel("Kanal")
    fake.updates.add("message", spoken_as(fake, group, channel) | {"is_automatic_forward": True})
    anna = fake.user()
    group.add(anna)
    await anna.says("/help", chat=group)
    assert (await group.hears()).text == "help"
    assert len(group.messages) == 1


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
    anna = fake.user("Anna")
    await anna.says("/start")
    await anna.hears()
    anna.blocks()
    await becomes(db, anna.id, (ChatState.BLOCKED, "blocked"))
    anna.unblocks()
    await becomes(db, anna.id, (ChatState.ACTIVE, ""))
    assert fake.complaints == []


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("status", "state"),
    [
        (Status.KICKED, (ChatState.LEFT, "kicked")),
        (Status.LEFT, (ChatState.LEFT, "left")),
        (Status.ADMINISTRATOR, (ChatState.ACTIVE, "")),
        (Status.RESTRICTED, (ChatState.BLOCKED, "no_rights")),
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
    async with db.write() as tx:
        await chat_moves.set_state(tx, "telegram", str(group.id), ChatState.GONE, "before")
    group.set_bot(status)
    await becomes(db, group.id, state)
    assert len(await rows(db, group.id)) == 2


@pytest.mark.usefixtures("account")
async def test_a_channel_that_takes_the_right_to_post_away_is_not_written_to(fake: FakeTelegram, db: Database) -> None:
    channel = fake.channel("Kanal")
    channel.promotes_bot()
    await channel.posts("/help")
    await channel.hears()
    channel.promotes_bot(can_edit_messages=True)
    await becomes(db, channel.id, (ChatState.BLOCKED, "no_rights"))
    channel.promotes_bot()
    await becomes(db, channel.id, (ChatState.ACTIVE, ""))
    channel.kicks_bot()
    await becomes(db, channel.id, (ChatState.LEFT, "kicked"))


@pytest.mark.usefixtures("account")
async def test_a_group_that_becomes_a_supergroup_keeps_everything(fake: FakeTelegram, db: Database) -> None:
    anna = fake.user()
    old = fake.group("Familie", anna)
    old.has_bot()
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
    old.has_bot()
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


# The bot comes in


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("kind", ["group", "supergroup"])
async def test_a_group_that_the_bot_is_added_to_is_greeted_once_in_the_language_of_who_added_it(
    fake: FakeTelegram, db: Database, kind: str
) -> None:
    anna = fake.user(language_code="en")
    room = fake.group("Familie", anna) if kind == "group" else fake.supergroup("Redaktion", anna)
    room.adds_bot(anna)
    assert (await room.hears()).text.startswith("Good day.")
    room.kicks_bot()
    room.adds_bot(anna)
    await anna.says("/help", chat=room)
    assert (await room.hears()).text == "help"
    assert len(room.messages) == 2
    assert {(row.language, row.state) for row in await rows(db, room.id)} == {("en", ChatState.ACTIVE)}
    assert fake.complaints == []


@pytest.mark.usefixtures("account")
async def test_a_group_where_the_bot_may_not_write_is_not_greeted(fake: FakeTelegram) -> None:
    anna = fake.user()
    room = fake.supergroup("Redaktion", anna)
    room.restricts_bot()
    await anna.says("/help")
    await anna.hears()
    assert fake.calls["sendMessage"] == 1


async def test_a_group_that_is_not_allowed_is_not_greeted(fake: FakeTelegram, account_on: Open) -> None:
    anna = fake.user()
    async with account_on(allowed_chats=(f"telegram:{anna.id}",)):
        fake.supergroup("Fremde", anna).adds_bot(anna)
        await anna.says("/help")
        await anna.hears()
    assert fake.calls["sendMessage"] == 1


# Channels


@pytest.fixture
async def owner(fake: FakeTelegram, account: TelegramAccount) -> Person:
    """Somebody who talked to the bot, in German."""
    person = fake.user("Berta", language_code="de")
    await person.says("/help")
    await person.hears()
    return person


def channel_of(fake: FakeTelegram, owner: Person, username: str = "nachrichten") -> Room:
    return fake.channel("Kanal", username=username).add(owner, Status.CREATOR)


async def test_who_gives_the_bot_a_channel_is_told_in_private_how_to_set_it_up(
    fake: FakeTelegram, owner: Person
) -> None:
    channel = channel_of(fake, owner)
    channel.promotes_bot(owner)
    told = await owner.hears()
    assert told.text.startswith("In „Kanal“ darf ich veröffentlichen.")
    assert "/channel @nachrichten subscribe energie 07:30" in told.text
    channel.promotes_bot(owner, can_edit_messages=True)
    assert (await owner.hears()).text.startswith("In „Kanal“ darf ich nichts veröffentlichen.")
    assert channel.messages == []
    assert fake.complaints == []


async def test_who_never_talked_to_the_bot_is_not_written_to(fake: FakeTelegram, owner: Person) -> None:
    stranger = fake.user("Ben")
    channel_of(fake, stranger).promotes_bot(stranger)
    await owner.says("/help")
    await owner.hears()
    assert stranger.messages == []
    assert fake.complaints == []


@pytest.mark.parametrize("name", ["@nachrichten", "nachrichten", "https://t.me/nachrichten", "{id}"])
async def test_a_channel_is_set_up_from_the_private_chat_of_its_administrator(
    fake: FakeTelegram, owner: Person, db: Database, name: str
) -> None:
    channel = channel_of(fake, owner).has_bot(Status.ADMINISTRATOR, can_post_messages=True)
    for said in ("/change", "change"):
        await owner.says(f"/channel {name.format(id=channel.id)} {said}")
        answer = await owner.hears()
        assert (answer.text, answer.buttons) == ("Kanal „Kanal“:\n\nchanged", [])
    (row,) = await rows(db, channel.id)
    assert (row.kind, row.title, channel.messages) == ("channel", "Kanal", [])
    await owner.says(f"/channel {name.format(id=channel.id)}")
    assert (await owner.hears()).text.startswith("In „Kanal“ darf ich veröffentlichen.")
    assert fake.complaints == []


async def test_a_strangers_channel_is_refused_without_its_title(fake: FakeTelegram, owner: Person) -> None:
    channel = fake.channel("Geheim").has_bot(Status.ADMINISTRATOR, can_post_messages=True)
    await owner.says(f"/channel {channel.id} /change")
    assert (await owner.hears()).text == f"„{channel.id}“ können nur Administratoren einrichten."
    channel.add(owner)
    await owner.says(f"/channel {channel.id}")
    assert "Geheim" not in (await owner.hears()).text
    assert fake.complaints == []


async def test_a_channel_without_the_bot_or_without_its_right_to_post_says_what_to_do(
    fake: FakeTelegram, owner: Person
) -> None:
    absent = channel_of(fake, owner, "ohnebot")
    mute = channel_of(fake, owner, "stumm").has_bot(Status.ADMINISTRATOR, can_edit_messages=True)
    for said, told in (
        ("@ohnebot", "Ich sehe keinen Kanal „ohnebot“."),
        ("@gibtesnicht", "Ich sehe keinen Kanal „gibtesnicht“."),
        ("@stumm change", "In „Kanal“ darf ich nichts veröffentlichen."),
    ):
        await owner.says(f"/channel {said}")
        assert (await owner.hears()).text.startswith(told)
    assert (absent.messages, mute.messages) == ([], [])


async def test_a_channel_cannot_be_looked_at_while_telegram_is_down(fake: FakeTelegram, owner: Person) -> None:
    fake.fail_next("getChat", faults.error(502))
    await owner.says("/channel @nachrichten change")
    assert (await owner.hears()).text.startswith("Ich kann diesen Kanal im Augenblick nicht ansehen.")


async def test_a_channel_that_is_not_allowed_is_not_set_up(fake: FakeTelegram, account_on: Open) -> None:
    anna = fake.user(language_code="de")
    channel_of(fake, anna).has_bot(Status.ADMINISTRATOR, can_post_messages=True)
    async with account_on(allowed_chats=(f"telegram:{anna.id}",)):
        await anna.says("/channel @nachrichten change")
        assert (await anna.hears()).text.startswith("Ich sehe keinen Kanal „nachrichten“.")


@pytest.mark.parametrize(
    ("data", "payload"),
    [
        ("1|summary|12", "clip_12"),
        ("1|related|3", "clip_3"),
        ("1|follow|3", "clip_3"),
        ("1|subscribe|energie", "sub_energie"),
        ("1|change", "hello"),
        ("1|page|2", "hello"),
        ("1|summary|²", "hello"),
        ("9|alt", "hello"),
    ],
)
async def test_a_press_under_a_post_opens_the_private_chat_and_leaves_the_channel_alone(
    fake: FakeTelegram, owner: Person, data: str, payload: str
) -> None:
    channel = channel_of(fake, owner).has_bot(Status.ADMINISTRATOR, can_post_messages=True)
    await channel.posts("/change")
    post = await channel.hears()
    post.buttons[0].payload["callback_data"] = data
    for reader in (fake.user("Ben"), owner):
        answer = await reader.presses(post, "Noch")
        assert answer.url == f"https://t.me/kurzclips_bot?start={payload}"
    assert (len(channel.messages), post.edits) == (1, [])
    assert fake.complaints == []


# Ids that change, topics that close


async def test_a_group_that_moves_stays_allowed_and_the_operator_reads_the_new_id(
    fake: FakeTelegram, account_on: Open, caplog: pytest.LogCaptureFixture
) -> None:
    anna = fake.user()
    old = fake.group("Familie", anna).has_bot()
    async with account_on(allowed_chats=(f"telegram:{old.id}",)):
        new = old.upgrade()
        await anna.says("/help", chat=new)
        assert (await new.hears()).text == "help"
    assert caplog.messages == [f"telegram:{old.id} is telegram:{new.id} now; put that into KURZCLIPS_ALLOWED_CHATS"]


@pytest.mark.usefixtures("account")
async def test_a_group_that_moves_can_be_written_to_though_the_bot_left_the_old_one_before(
    fake: FakeTelegram, db: Database
) -> None:
    anna = fake.user()
    old = fake.group("Familie", anna).has_bot()
    await anna.says("/help", chat=old)
    await old.hears()
    old.set_bot(Status.LEFT)
    old.has_bot()
    new = old.upgrade()
    await becomes(db, new.id, (ChatState.ACTIVE, ""))


@pytest.mark.usefixtures("account")
async def test_a_topic_that_is_opened_again_can_be_written_to_again(
    fake: FakeTelegram, group: Room, db: Database
) -> None:
    anna = fake.user()
    group.add(anna)
    topic = group.topic("Energie")
    await anna.says("/help", chat=group, thread=topic)
    await group.hears()
    (row,) = await rows(db, group.id)
    async with db.write() as tx:
        await chats.set_state(tx, row.id or 0, ChatState.BLOCKED, "topic_gone")
    service = {"message_id": 4711, "date": fake.unix_time(), "chat": group.chat.as_json(), "from": anna.user.as_json()}
    place = {"message_thread_id": topic.thread_id, "is_topic_message": True, "forum_topic_reopened": {}}
    fake.updates.add("message", service | place)
    await becomes(db, group.id, (ChatState.ACTIVE, ""))


@pytest.mark.usefixtures("account")
async def test_a_topic_of_a_private_chat_is_a_chat_of_its_own_and_is_answered_in_place(
    fake: FakeTelegram, db: Database
) -> None:
    anna = fake.user()
    anna.chat.is_forum = True
    topic = Room(fake, anna.chat).topic("Energie")
    await anna.says("/page", thread=topic)
    answer = await anna.hears()
    await anna.presses(answer, "Mehr")
    await fake.edited(answer)
    assert answer.thread_id == topic.thread_id
    assert [row.thread_id for row in await rows(db, anna.id)] == [str(topic.thread_id)]
    assert fake.complaints == []
