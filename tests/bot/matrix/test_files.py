"""Files that people send."""

import pytest

from bot.platforms.matrix.account import MatrixAccount
from bot.platforms.matrix.events import event_of
from bot.platforms.matrix.incoming import MAX_ATTACHMENT_BYTES
from handlers.request import Attachment
from tests.bot.matrix.person import Person


@pytest.mark.parametrize(("size", "is_taken"), [(20, True), (MAX_ATTACHMENT_BYTES + 1, False)])
async def test_a_file_is_read_to_its_real_size_whatever_its_sender_says(
    account: MatrixAccount, anna: Person, size: int, is_taken: bool
) -> None:
    answer = await anna.http.post("/_matrix/media/v3/upload", content=b"x" * size)
    content = {"msgtype": "m.file", "body": "a.opml", "info": {"size": 10}, "url": answer.json()["content_uri"]}
    found = await account.sender.files.sent_with(event_of({"type": "m.room.message", "content": content}, "!room"))
    assert found == (Attachment("a.opml", b"x" * size) if is_taken else None)


@pytest.mark.parametrize("content", [{}, {"url": 7}, {"url": "mxc://localhost/none"}, {"file": {"url": "mxc://"}}])
async def test_a_file_that_is_none_is_left_out(account: MatrixAccount, content: dict[str, object]) -> None:
    assert await account.sender.files.sent_with(event_of({"content": content}, "!room")) is None
