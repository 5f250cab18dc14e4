"""Vectors of clips, packed as the caller likes."""

from datetime import timedelta

from storage import vectors
from storage.database import Database
from tests import make
from tests.make import NOW


async def test_vectors_come_back_for_their_model_only_and_a_second_one_takes_the_place_of_the_first(
    db: Database,
) -> None:
    async with db.write() as tx:
        clip_id = await make.clip(tx, await make.source(tx))
        await vectors.keep(tx, "one", {clip_id: b"old"})
        await vectors.keep(tx, "one", {clip_id: b"new"})
    async with db.read() as tx:
        assert await vectors.of_clips(tx, "one", [clip_id, clip_id + 1]) == {clip_id: b"new"}
        assert await vectors.of_clips(tx, "two", [clip_id]) == {}
        assert await vectors.newest(tx, "one", since=NOW - timedelta(days=365), limit=9) == {clip_id: b"new"}
        assert await vectors.newest(tx, "one", since=NOW + timedelta(days=1), limit=9) == {}
