"""What events say to us, hostile ones included, and who may manage a room."""

from typing import Any

import pytest

from bot.platforms.matrix.events import Event, event_of
from bot.platforms.matrix.incoming import Heard, hear, reaction_of
from bot.platforms.matrix.rights import is_manager
from handlers.request import Replied

ME = "@kurz:localhost"


def message(body: object = "help", sender: str = "@anna:localhost", **content: Any) -> Event:
    made = {"msgtype": "m.text", "body": body, **content}
    source = {"type": "m.room.message", "sender": sender, "event_id": "$e", "content": made}
    return event_of(source, "!room")


def heard(event: Event, *, is_private: bool = False) -> Heard | None:
    return hear(event, ME, ("kurz", "Kurzclips"), is_private=is_private, knows=lambda name: name in {"help", "latest"})


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ("!help", "!help"),
        ("!latest 3", "!latest 3"),
        ("!unknown", None),
        ("help", None),
        ("kurz: latest 3", "!latest 3"),
        ("Kurzclips, was gibt es?", "was gibt es?"),
        ("KURZCLIPS latest", "!latest"),
        ("@kurz:localhost", ""),
        ("sag mal @kurz:localhost latest", "sag mal   latest"),
        ("kurzum: latest", None),
        ("Kurz gesagt ist es so", None),
        ("kurz", None),
        ("@kurz was gibt es", "was gibt es"),
    ],
)
def test_in_a_room_of_many(said: str, understood: str | None) -> None:
    found = heard(message(said))
    assert (found.text if found else None) == understood


@pytest.mark.parametrize(
    "event",
    [
        message(sender=ME),
        message(msgtype="m.notice"),
        message(msgtype=["m.text"]),
        message(**{"m.relates_to": {"rel_type": "m.replace", "event_id": "$x"}}),
        event_of({"type": "m.sticker", "content": {"body": "help"}}, "!room"),
        event_of({"type": "m.room.message", "content": "help"}, "!room"),
        event_of({}, "!room"),
    ],
)
def test_programs_edits_and_broken_events_say_nothing(event: Event) -> None:
    assert heard(event, is_private=True) is None


@pytest.mark.parametrize(
    ("relation", "replied"),
    [
        ({"m.in_reply_to": {"event_id": "$a"}}, Replied("$a")),
        ({"rel_type": "m.thread", "event_id": "$root"}, Replied("$root")),
        (
            {
                "rel_type": "m.thread",
                "event_id": "$root",
                "is_falling_back": True,
                "m.in_reply_to": {"event_id": "$last"},
            },
            Replied("$root"),
        ),
        ({"m.in_reply_to": {"event_id": 7}}, None),
        ("nonsense", None),
    ],
)
def test_what_a_message_answers(relation: object, replied: Replied | None) -> None:
    found = heard(message(**{"m.relates_to": relation}), is_private=True)
    assert found is not None
    assert found.replied == replied


@pytest.mark.parametrize(
    ("content", "text", "has_file"),
    [
        ({"body": "feeds.opml", "info": {"size": 10}}, "!importopml", True),
        ({"body": "a.pdf", "info": {"size": 10}}, "", True),
        ({"body": "take this", "filename": "a.opml", "info": {"size": 10}}, "take this", True),
        ({"body": "feeds.opml", "info": {"size": 10_000_000}}, "", False),
        ({"body": "feeds.opml"}, "", False),
    ],
)
def test_files(content: dict[str, Any], text: str, has_file: bool) -> None:
    found = heard(message(msgtype="m.file", **content), is_private=True)
    assert found is not None
    assert (found.text, found.file is not None) == (text, has_file)


@pytest.mark.parametrize("relation", [{}, {"rel_type": "m.annotation"}, {"rel_type": "m.annotation", "key": 1}])
def test_broken_reactions_are_none(relation: object) -> None:
    source = {"type": "m.reaction", "sender": "@a:b", "content": {"m.relates_to": relation}}
    assert reaction_of(event_of(source, "!room"), ME) is None


@pytest.mark.parametrize(
    ("levels", "creation", "may"),
    [
        ({"users": {"@a:b": 50}}, {}, True),
        ({"users": {"@a:b": 49}}, {}, False),
        ({"users": {"@a:b": "60"}}, {}, True),
        ({"users": {"@a:b": "much"}}, {}, False),
        ({"users": {"@a:b": 50}, "state_default": 75}, {}, False),
        ({"users_default": 50}, {}, True),
        ({"users": []}, {"sender": "@a:b", "room_version": "11"}, False),
        ({"users": {}}, {"sender": "@a:b", "room_version": "12"}, True),
        ({"users": {}}, {"sender": "@x:b", "additional_creators": ["@a:b"], "room_version": "12"}, True),
        ({}, {"sender": "@a:b", "room_version": "10"}, True),
        ({}, {"sender": "@x:b"}, False),
    ],
)
def test_who_may_change_a_room(levels: dict[str, Any], creation: dict[str, Any], may: bool) -> None:
    assert is_manager("@a:b", levels, creation) is may


def test_what_was_encrypted_is_no_state_whatever_it_says() -> None:
    source = {"type": "m.room.tombstone", "state_key": "", "content": {"replacement_room": "!new"}}
    assert event_of(source, "!room").is_tombstone
    assert not event_of(source, "!room", is_secret=True).is_tombstone
    assert not event_of({**source, "state_key": None}, "!room").is_tombstone


def test_mentions_that_are_none_mention_nobody() -> None:
    for mentions in (5, {"user_ids": 5}, {"user_ids": {ME: 1}}, [ME]):
        assert heard(message("x", **{"m.mentions": mentions})) is None
