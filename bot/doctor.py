"""Checks what an operator would look at first; each check gives a verdict and, where it is bad, the mend."""

import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.app import Core, open_core
from bot.config import Settings
from bot.encoders import EndpointEncoder
from bot.errors import ConfigError, PlatformRefused
from bot.models import EndpointWriter
from storage import clips, facts, feeds

HEARTBEAT = "heartbeat"
TROUBLE = "trouble"
HEARTBEAT_EVERY = timedelta(minutes=1)
HEARTBEAT_LATE = timedelta(minutes=5)
LEAST_FREE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check found.

    Attributes:
        is_good: nothing has to be done.
        words: one sentence, with the mend where it is bad.
    """

    name: str
    is_good: bool
    words: str


async def beat(core: Core, trouble: str = "") -> int:
    """Write down that the bot is alive, for the health check.

    Args:
        trouble: what an operator has to mend before the bot can listen again, "" where it does listen.
    """
    async with core.db.write() as tx:
        await facts.put(tx, HEARTBEAT, core.clock().isoformat())
        await facts.put(tx, TROUBLE, trouble)
    return 1


async def check(settings: Settings, *, is_quick: bool = False) -> int:
    """Print the verdicts; 1 where one of them is bad."""
    async with open_core(settings) as core:
        whole = (_database, _news, _disk, _telegram, _matrix, _models)
        checks = [each(core) for each in ((_alive,) if is_quick else whole)]
        bad = 0
        for each in checks:
            async for verdict in each:
                mark = "ok " if verdict.is_good else "BAD"
                sys.stdout.write(f"{mark} {verdict.name}: {verdict.words}\n")
                bad += not verdict.is_good
    return 1 if bad else 0


async def _alive(core: Core) -> AsyncIterator[Verdict]:
    async with core.db.read() as tx:
        said = await facts.get(tx, HEARTBEAT)
        trouble = await facts.get(tx, TROUBLE)
    age = core.clock() - datetime.fromisoformat(said) if said else None
    if age is None:
        yield Verdict("alive", False, "kurzclips run has never been up on this database.")
    elif age < -HEARTBEAT_LATE:
        yield Verdict("alive", False, "the last sign of life is of a later time; the clock of this machine went back.")
    elif age > HEARTBEAT_LATE:
        yield Verdict("alive", False, f"the last sign of life is {int(age.total_seconds() // 60)} minutes old.")
    elif trouble:
        yield Verdict("alive", False, f"kurzclips run is up, but does not listen: {trouble.rstrip('.')}.")
    else:
        yield Verdict("alive", True, "kurzclips run is up.")


async def _database(core: Core) -> AsyncIterator[Verdict]:
    async with core.db.read() as tx:
        count = await clips.count(tx)
    words = f"{core.db.address} opens and is up to date; {count} clips."
    yield Verdict("database", True, words)


async def _news(core: Core) -> AsyncIterator[Verdict]:
    async with core.db.read() as tx:
        found = await feeds.sources(tx)
    polled = [feed for view in found for feed in view.feeds]
    if not polled:
        yield Verdict("feeds", False, "there is none; add one with kurzclips sources add URL.")
    failing = [feed for feed in polled if feed.error_count]
    if failing:
        worst = max(failing, key=lambda feed: feed.error_count)
        words = (
            f"{len(failing)} of {len(polled)} fail; {worst.url} failed {worst.error_count} times: {worst.error_code}."
        )
        yield Verdict("feeds", len(failing) < len(polled), words)
    elif polled:
        yield Verdict("feeds", True, f"{len(polled)} known, none fails.")


async def _disk(core: Core) -> AsyncIterator[Verdict]:
    if not core.db.is_file:
        return
    free = shutil.disk_usage(Path(core.db.address).parent).free
    words = f"{free // 1024 // 1024} MB free beside the database"
    mend = "" if free >= LEAST_FREE_BYTES else "; make room, or nothing more can be stored"
    yield Verdict("disk", free >= LEAST_FREE_BYTES, f"{words}{mend}.")


async def _telegram(core: Core) -> AsyncIterator[Verdict]:
    settings = core.settings
    if settings.telegram_token is None:
        yield Verdict("telegram", True, "not configured; KURZCLIPS_TELEGRAM_TOKEN switches it on.")
        return
    from bot.platforms.telegram.account import diagnose

    try:
        name, trouble = await diagnose(settings, core.clock())
    except PlatformRefused as error:
        yield Verdict("telegram", False, f"{error}")
    else:
        words = f"; {trouble}" if trouble else ""
        yield Verdict("telegram", not trouble, f"the token belongs to @{name}{words}.")


async def _matrix(core: Core) -> AsyncIterator[Verdict]:
    if not core.settings.matrix_homeserver:
        yield Verdict("matrix", True, "not configured; KURZCLIPS_MATRIX_HOMESERVER switches it on.")
        return
    from bot.platforms.matrix.account import who_am_i

    try:
        user_id = await who_am_i(core.settings)
    except (PlatformRefused, ConfigError) as error:
        yield Verdict("matrix", False, f"{error}")
    else:
        yield Verdict("matrix", True, f"{core.settings.matrix_homeserver} knows us as {user_id}.")


async def _models(core: Core) -> AsyncIterator[Verdict]:
    writer, encoder = core.services.writer, core.services.encoder
    if isinstance(writer, EndpointWriter):
        trouble = await writer.trouble()
        words = (
            f"{trouble}; look at KURZCLIPS_LLM_URL, KURZCLIPS_LLM_MODEL and KURZCLIPS_LLM_API_KEY" if trouble else ""
        )
        yield Verdict("language model", not trouble, f"{words or writer.name + ' answers'}.")
    else:
        yield Verdict("language model", True, "not configured; KURZCLIPS_LLM_URL switches it on.")
    if isinstance(encoder, EndpointEncoder):
        trouble = await encoder.trouble()
        words = f"{trouble}; look at KURZCLIPS_EMBEDDINGS_URL and KURZCLIPS_EMBEDDINGS_MODEL" if trouble else ""
        yield Verdict("embeddings", not trouble, f"{words or encoder.name + ' answers'}.")
    else:
        words = f"{encoder.name} on this machine" if encoder is not None else "none; texts are compared by words alone"
        yield Verdict("embeddings", True, f"{words}.")
