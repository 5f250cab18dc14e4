"""/channel: how a channel is set up."""

from handlers.request import ChatAddress
from storage.states import Platform
from tests.dialogue import Talk


async def test_what_has_to_be_done_is_said_in_two_steps(talk: Talk) -> None:
    for said in ("/channel", "/channel nonsense", "/channel @name"):
        await talk.says(said)
        talk.hears(
            "News in your channel",
            "• Make me an administrator of the channel",
            "• Write to me in private: /channel @name subscribe energie 07:30",
        )


async def test_where_there_are_no_channels_that_is_said(talk: Talk) -> None:
    elsewhere = talk.beside(address=ChatAddress(Platform.TERMINAL, "terminal"))
    assert await elsewhere.says("/channel") == "Only Telegram has channels."
