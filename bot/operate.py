"""What the operator's commands do; each opens the parts that it needs and gives an exit status."""

import asyncio
import gc
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bot import running, seeds
from bot.app import Core, open_core
from bot.check import check_feeds
from bot.config import Settings
from bot.errors import ConfigError, OperatorError
from bot.export import records
from bot.i18n import SOURCE_LANGUAGE
from bot.ingest import Ingest
from bot.platforms.terminal.listen import TerminalListener, language_of_environment
from bot.platforms.terminal.render import render
from bot.platforms.terminal.send import TerminalSender
from handlers import explained, explaining, labelling, opml, planning, sourcing
from storage import chats, clips, copying, deliveries, feeds, sizes, soundness
from storage.database import Database
from storage.migrations import HEAD
from storage.states import Platform
from storage.tables import Chat, Feed, Source


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")


def _complain(words: str) -> None:
    sys.stderr.write(words + "\n")


async def run_platforms(settings: Settings) -> int:
    """Talk on the platforms that are configured, until a signal says stop.

    Raises:
        ConfigError: no platform is configured.
    """
    if not settings.has_platform:
        msg = (
            "No platform is configured. Put KURZCLIPS_TELEGRAM_TOKEN=<token from @BotFather> into the environment or"
            " into .env, or KURZCLIPS_MATRIX_HOMESERVER with KURZCLIPS_MATRIX_USER, and start again; or talk to the bot"
            " here with: kurzclips chat."
        )
        raise ConfigError(msg)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with open_core(settings) as core, running.open_platforms(core):
        # What is there by now stays; looking it over for garbage held everybody up for 70 ms each time.
        gc.collect()
        gc.freeze()
        await stop.wait()
    return 0


async def run_terminal(settings: Settings) -> int:
    """Talk at the terminal until /quit or the end of the input; digests that are due meanwhile are shown."""
    async with open_core(settings) as core:
        sender = TerminalSender(core.clock)
        listener = TerminalListener(core.dispatcher, sender, core.clock, language=language_of_environment())
        if sys.stdin.isatty():
            await listener.answer("/start")
        async with running.open_jobs(core, {Platform.TERMINAL: sender}, polls=False):
            await listener.run()
    return 0


async def seed(settings: Settings, *, if_empty: bool) -> int:
    """Load the demo news."""
    async with open_core(settings) as core:
        if if_empty:
            async with core.db.read() as tx:
                if await clips.count(tx):
                    return 0
        report = await seeds.load(core.db, core.intake, core.clock())
        _say(f"Demo news: {report.new} new, {report.updated} updated, {report.known} already known.")
    return 0


async def ingest(settings: Settings, places: Sequence[str], source: str) -> int:
    """Take in what is at some places; 1 where anything was refused."""
    async with open_core(settings) as core:
        with _progress() as progress:
            task = progress.add_task("Reading", total=None)

            def moved(done: int, total: int) -> None:
                progress.update(task, completed=done, total=max(total, 1))

            outcome = await Ingest(core, source=source, progress=moved).run(places)
        for problem in outcome.problems[:20]:
            _complain(problem)
        if len(outcome.problems) > 20:
            _complain(f"… and {len(outcome.problems) - 20} more that were not taken.")
        _say(outcome.line())
    return 1 if outcome.problems else 0


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )


async def export(settings: Settings) -> int:
    """Write all clips as JSONL."""
    async with open_core(settings) as core:
        async for record in records(core.db, core.services.nearby):
            sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
    return 0


async def _find_chat(core: Core, name: str) -> Chat:
    platform, _, native_id = name.partition(":")
    async with core.db.read() as tx:
        if name.isascii() and name.isdigit():
            found = await chats.get(tx, int(name))
        else:
            found = await chats.find(tx, platform, native_id or platform)
    if found is None:
        msg = f"There is no chat {name}. Name it by its number or as platform:id, such as terminal:terminal."
        raise OperatorError(msg)
    return found


async def digest(settings: Settings, name: str, *, dry_run: bool) -> int:
    """Show the digest that a chat would get now; without `dry_run` it is also owed to the chat from now on."""
    async with open_core(settings) as core:
        chat = await _find_chat(core, name)
        now = core.clock()
        if not dry_run:
            msg = "Digests are sent by kurzclips run; with --dry-run this shows what a chat would get now."
            raise OperatorError(msg)
        reply, _entries = await planning.preview(core.db, core.services.desk, chat, now)
        TerminalSender(core.clock).show(render(reply, language=chat.language, timezone=chat.timezone, now=now))
    return 0


async def explain(settings: Settings, clip_id: int) -> int:
    """Show why a clip is understood as it is.

    Raises:
        Declined: there is no such clip.
    """
    async with open_core(settings) as core:
        reply = explained.told(await explaining.explain(core.services, clip_id))
        shown = render(reply, language=SOURCE_LANGUAGE, timezone=settings.default_timezone, now=core.clock())
        TerminalSender(core.clock).show(shown)
    return 0


async def list_sources(settings: Settings) -> int:
    """Show a table of the sources."""
    async with open_core(settings) as core, core.db.read() as tx:
        found = await feeds.sources(tx)
    table = Table("Short name", "Name", "Country", "Kind", "Clips", "Feed", "State", box=None, pad_edge=False)
    for view in found:
        feed = view.feeds[0] if view.feeds else None
        state = _state(view.source, feed) if feed else "–"
        table.add_row(
            view.source.slug,
            view.source.name,
            view.source.country,
            view.source.ownership.replace("_", " "),
            str(view.clip_count),
            feed.url if feed else "–",
            state,
        )
    _show(table)
    return 0


def _state(source: Source, feed: Feed) -> str:
    state = "paused" if source.is_paused else feed.state
    return f"{state}, {feed.error_code}" if feed.error_code else state


async def check_sources(settings: Settings) -> int:
    """Ask every feed once, and show a table of how each does; 1 where any cannot be read."""
    async with open_core(settings) as core:
        with _progress() as progress:
            task = progress.add_task("Asking", total=None)

            def moved(done: int, total: int) -> None:
                progress.update(task, completed=done, total=max(total, 1))

            checks = await check_feeds(core.db, core.fetcher, core.clock, moved)
    table = Table("Source", "Feed", "Result", "Items", "Newest", "Seconds", box=None, pad_edge=False)
    for each in sorted(checks, key=lambda check: (not check.trouble, check.source.lower(), check.url)):
        newest = each.newest_at.strftime("%Y-%m-%d %H:%M") if each.newest_at else "–"
        table.add_row(each.source, each.url, each.trouble or "good", str(each.items), newest, f"{each.seconds:.1f}")
    _show(table)
    failed = sum(bool(each.trouble) for each in checks)
    _say(f"{len(checks)} feeds asked, {len(checks) - failed} good, {failed} with trouble.")
    return 1 if failed else 0


async def add_source(settings: Settings, url: str, name: str) -> int:
    """Add a source by an address; its present items are taken in at once."""
    async with open_core(settings) as core:
        found = await sourcing.discover(core.services, url, core.clock())
        source = await sourcing.keep(core.services, found, name=name, now=core.clock())
        _say(f"Added {source.name} ({source.slug}).")
    return 0


async def remove_source(settings: Settings, name: str) -> int:
    """Forget a source."""
    async with open_core(settings) as core, core.db.write() as tx:
        source = await feeds.find_source(tx, name)
        if source is None:
            msg = f"There is no source {name}; kurzclips sources list shows all."
            raise OperatorError(msg)
        await feeds.remove_source(tx, source.id or 0)
        _say(f"Removed {source.name}.")
    return 0


async def change_source(settings: Settings, name: str, setting: str, value: str) -> int:
    """Set one thing of a source."""
    values = labelling.read_setting(setting, value)
    async with open_core(settings) as core, core.db.write() as tx:
        source = await labelling.change(tx, name, values)
    words = ", ".join(f"{column.replace('_', ' ')}: {set_to}" for column, set_to in values.items())
    _say(f"{source.name}: {words}.")
    return 0


async def import_opml(settings: Settings, file: Path) -> int:
    """Add the feeds of an OPML file."""
    try:
        content = await asyncio.to_thread(file.read_bytes)
    except OSError as error:
        msg = f"{file}: cannot be read: {error.strerror or error}."
        raise OperatorError(msg) from error
    async with open_core(settings) as core:
        report = await opml.take_in(core.db, content, core.clock())
    _say(f"{report.added} added, {report.known} already known, {report.refused} refused.")
    return 1 if report.refused else 0


async def export_opml(settings: Settings) -> int:
    """Write all feeds as OPML."""
    async with open_core(settings) as core, core.db.read() as tx:
        sys.stdout.write(opml.write(await feeds.sources(tx)).decode())
    return 0


async def database_info(settings: Settings) -> int:
    """Say what is in the database and how much room it takes, after bringing it up to date."""
    async with open_core(settings) as core:
        async with core.db.read() as tx:
            kind = await soundness.kind(tx)
            size, free = await sizes.total_bytes(tx), await sizes.free_bytes(tx)
            span, ledger = await clips.span(tx), await deliveries.count(tx)
            tables = await sizes.by_table(tx)
        inside = f", {_megabytes(free)} MB of it free for what comes" if free is not None else ""
        _say(f"Database {core.db.address}, {kind.name} {kind.version}, schema {HEAD}")
        _say(f"  size: {_megabytes(size)} MB{inside}")
        _say("  clips: " + (f"published {span[0]:%Y-%m-%d %H:%M} to {span[1]:%Y-%m-%d %H:%M} UTC" if span else "none"))
        _say("  deliveries: " + (", ".join(f"{number} {state}" for state, number in sorted(ledger.items())) or "0"))
        table = Table("Table", box=None, pad_edge=False)
        for name in ("Rows", "MB", "Indexes MB"):
            table.add_column(name, justify="right")
        for each in tables:
            table.add_row(each.name, str(each.rows), _megabytes(each.own_bytes), _megabytes(each.index_bytes))
        _show(table)
    return 0


def _megabytes(size_bytes: int | None) -> str:
    return "–" if size_bytes is None else f"{size_bytes / 1024 / 1024:.1f}"


def _show(table: Table) -> None:
    console = Console(highlight=False, emoji=False, markup=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = 240
    console.print(table)


async def backup(settings: Settings, target: Path) -> int:
    """Copy the database to a file, also while others write to it."""
    if await asyncio.to_thread(target.exists):
        msg = f"{target} exists already; a backup never overwrites."
        raise OperatorError(msg)
    async with open_core(settings) as core:
        await core.db.backup(target)
    _say(f"Saved to {target}.")
    return 0


async def copy_database(source: str, target: str) -> int:
    """Copy all of a database into an empty one."""
    async with await Database.open(source, is_there=True) as here, await Database.open(target) as there:
        rows = sum((await copying.sizes(here)).values())
        with _progress() as progress:
            # Each row is copied, and read again where it arrived.
            task = progress.add_task("Copying", total=max(2 * rows, 1))
            copied = await copying.copy(here, there, lambda _, count: progress.advance(task, count))
        for each in copied:
            if each.rows:
                _say(f"  {each.table}: {each.rows}")
        _say(f"Copied and compared {sum(each.rows for each in copied)} rows from {here.address} to {there.address}.")
    return 0
