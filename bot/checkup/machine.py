"""Checks of this machine: settings, the database and its disk, time zones."""

import shutil
from collections.abc import AsyncIterator, Iterator
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from bot.app import Core
from bot.checkup.verdict import Verdict
from bot.config import PREFIX, Settings, given_names
from storage import clips, sizes, soundness
from storage.errors import StorageError
from storage.migrations import HEAD

LEAST_FREE_BYTES = 200 * 1024 * 1024
MEGABYTE = 1024 * 1024
# The database of zones has about 600; some machines have a stump of it.
FEWEST_ZONES = 400


def configuration(settings: Settings) -> Iterator[Verdict]:
    """Which settings are given, and which names mean nothing to us."""
    fields = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    given = given_names()
    known = sorted(name.removeprefix(PREFIX) for name in given & fields)
    listed = f"{len(known)} set ({', '.join(known)})" if known else "nothing is set, all is as it comes"
    unknown = [_told(name, fields) for name in sorted(given - fields)]
    if unknown:
        yield Verdict("configuration", False, f"{listed}; unknown: {', '.join(unknown)}.")
    else:
        yield Verdict("configuration", True, f"{listed}.")


def _told(name: str, fields: set[str]) -> str:
    near = get_close_matches(name, fields, n=1, cutoff=0.75)
    return f"{name} (did you mean {near[0]}?)" if near else name


async def database(core: Core, *, is_thorough: bool) -> AsyncIterator[Verdict]:
    """Whether it can be read and written, and what it is."""
    try:
        async with core.db.read() as tx:
            kind = await soundness.kind(tx)
            count, size = await clips.count(tx), await sizes.total_bytes(tx)
        async with core.db.write() as tx:
            await soundness.probe(tx)
        damages = await _damages(core) if is_thorough and core.db.is_file else []
    except StorageError as error:
        yield Verdict("database", False, f"{error}")
        return
    words = (
        f"{core.db.address}, {kind.name} {kind.version}, schema {HEAD}, {size // MEGABYTE} MB, {count} clips; opens, is"
        f" up to date and can be written"
    )
    if kind.lacks:
        yield Verdict("database", False, f"{words}, but {kind.lacks} is not there; search by parts of words needs it.")
    elif damages:
        mend = "stop the bot and restore a backup"
        yield Verdict("database", False, f"{words}, but its file is damaged ({'; '.join(damages)}); {mend}.")
    else:
        yield Verdict("database", True, f"{words}{', and is whole' if is_thorough and core.db.is_file else ''}.")


async def _damages(core: Core) -> list[str]:
    async with core.db.read() as tx:
        return list(await soundness.damages(tx))


async def disk(core: Core) -> AsyncIterator[Verdict]:
    """Whether there is room for more beside a file."""
    if not core.db.is_file:
        return
    free = shutil.disk_usage(Path(core.db.address).parent).free
    words = f"{free // MEGABYTE} MB free beside the database"
    mend = "" if free >= LEAST_FREE_BYTES else "; make room, or nothing more can be stored"
    yield Verdict("disk", free >= LEAST_FREE_BYTES, f"{words}{mend}.")


async def time_zones(core: Core) -> AsyncIterator[Verdict]:
    """Whether the database of time zones is there."""
    count, zone = len(available_timezones()), core.settings.default_timezone
    offset = core.clock().astimezone(ZoneInfo(zone)).strftime("%H:%M, UTC%z")
    if count < FEWEST_ZONES:
        mend = "install tzdata anew: pip install --force-reinstall tzdata"
        yield Verdict("time zones", False, f"only {count} are known, so that people cannot set theirs; {mend}.")
    else:
        words = f"{count} known (tzdata {version('tzdata')}); in {zone} it is {offset}"
        yield Verdict("time zones", True, f"{words}.")
