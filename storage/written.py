"""Summaries that a language model wrote, and how many were asked for in a day."""

from datetime import date, datetime

from sqlmodel import select

from storage import facts
from storage.database import Tx
from storage.rows import upsert
from storage.tables import Clip, ModelSummary

CALLS = "model_calls"


async def find(tx: Tx, clip: Clip, model: str) -> str | None:
    """What a model wrote of a clip as it is now: "" where that was refused, None where it was not asked."""
    query = select(ModelSummary.text).where(
        ModelSummary.clip_id == clip.id,
        ModelSummary.revision == clip.revision,
        ModelSummary.language == clip.language,
        ModelSummary.model == model,
    )
    return (await tx.exec(query)).first()


async def keep(tx: Tx, clip: Clip, model: str, text: str, now: datetime) -> None:
    """Keep what a model wrote of a clip, "" where that was refused."""
    row = {
        "clip_id": clip.id,
        "revision": clip.revision,
        "language": clip.language,
        "model": model,
        "text": text,
        "made_at": now,
    }
    await upsert(tx, ModelSummary, [row], key=("clip_id", "revision", "language", "model"), change=("text", "made_at"))


async def count_call(tx: Tx, day: date, most: int) -> bool:
    """Whether one more call fits into the day; then it is counted."""
    calls = await calls_of(tx, day)
    if calls >= most:
        return False
    await facts.put(tx, CALLS, f"{day.isoformat()} {calls + 1}")
    return True


async def calls_of(tx: Tx, day: date) -> int:
    """How many calls were counted in a day, 0 where another one was counted last."""
    counted_day, _space, counted = (await facts.get(tx, CALLS)).partition(" ")
    return int(counted) if counted_day == day.isoformat() else 0
