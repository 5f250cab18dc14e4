"""Clips that are near in meaning, out of memory that follows the database."""

import numpy as np

from handlers.nearby import Nearby
from handlers.news.vectors import pack
from storage import vectors
from storage.database import Database
from tests import make


async def add(db: Database, title: str, *numbers: float) -> int:
    row = np.array(numbers, dtype=np.float32)
    async with db.write() as tx:
        clip_id = await make.clip(tx, await make.source(tx), title)
        await vectors.keep(tx, "m", {clip_id: pack(row / np.linalg.norm(row))})
    return clip_id


async def test_the_nearest_come_first_and_what_comes_later_is_found_too(db: Database) -> None:
    nearby = Nearby("m")
    one = await add(db, "Eins", 1, 0, 0)
    far = await add(db, "Fern", 0, 0, 1)
    near = await add(db, "Nah", 1, 0.2, 0)
    async with db.read() as tx:
        assert list(await nearby.of(tx, one, 9)) == [near, far]
    nearer = await add(db, "Näher", 1, 0.1, 0)
    async with db.read() as tx:
        found = await nearby.of(tx, one, 2)
    assert list(found) == [nearer, near]
    assert 0.9 < found[near] < found[nearer] <= 1.001


async def test_a_clip_without_a_vector_has_no_neighbours(db: Database) -> None:
    await add(db, "Eins", 1, 0)
    async with db.write() as tx:
        bare = await make.clip(tx, await make.source(tx), "Ohne")
    async with db.read() as tx:
        assert await Nearby("m").of(tx, bare, 9) == {}
        assert await Nearby("other").of(tx, bare, 9) == {}
