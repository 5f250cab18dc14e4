"""A clip that is sent to others: the link leads to the clip, and its headline stays words."""

from urllib.parse import parse_qs, urlsplit

import pytest

from handlers.request import ChatAddress, Person, Request
from handlers.sharing import MAX_WORDS, share_buttons
from storage import clips
from storage.database import Database
from storage.states import Platform
from tests import make
from tests.dialogue import Talk
from tests.make import NOW

SHARE = "https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fkurz_bot%3Fstart%3D{payload}&text={words}"


@pytest.mark.parametrize("title", ["Netz: {Ausbau} & 100 % #neu", "Ü" * 400, "<b>x</b>\n?url=https://evil.example"])
async def test_whatever_the_headline_is_the_link_leads_to_the_clip(db: Database, title: str) -> None:
    async with db.write() as tx:
        clip_id = await make.clip(tx, await make.source(tx), title)
        (view,) = await clips.views(tx, [clip_id])
    here = ChatAddress(Platform.TELEGRAM, "1")
    (button,) = share_buttons(Request(chat=here, person=Person("1"), now=NOW, share_link=SHARE), view)
    asked = parse_qs(urlsplit(button.url).query)
    assert asked == {"url": [f"https://t.me/kurz_bot?start=clip_{clip_id}"], "text": [title[:MAX_WORDS]]}


async def test_where_nothing_can_be_shared_there_is_no_button(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        clip_id = await make.clip(tx, await make.source(tx))
    await talk.says(f"/clip {clip_id}")
    assert "Share" not in talk.labels()
