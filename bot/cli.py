"""The operator's commands. What goes wrong is one sentence on standard error and an exit status, never a traceback."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.config import Settings, load
from bot.errors import OperatorError
from handlers.errors import HandlerError
from storage.errors import StorageError

app = typer.Typer(
    name="kurzclips",
    help="A news bot for Telegram, Matrix and the terminal.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
sources_app = typer.Typer(help="The publishers that the bot reads.", no_args_is_help=True)
db_app = typer.Typer(help="The database.", no_args_is_help=True)
app.add_typer(sources_app, name="sources")
app.add_typer(db_app, name="db")


def main() -> None:
    """Run the command line; the console script `kurzclips`."""
    # Read when numpy is loaded, which happens behind this line; our matrices are too small to be shared among threads.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        app()
    except (OperatorError, StorageError) as error:
        typer.echo(str(error), err=True)
        sys.exit(getattr(error, "exit_code", 1))
    except HandlerError as error:
        typer.echo(_in_english(error), err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(0)
    except Exception:  # a fault of ours goes the way of all logs, which hides secrets
        logging.getLogger(__name__).critical("ended by a fault of the program", exc_info=True)
        sys.exit(1)


def _in_english(error: HandlerError) -> str:
    """The sentence that a chat would get, in the language of the shell."""
    from bot import clock
    from bot.i18n import SOURCE_LANGUAGE, Speech

    return Speech(SOURCE_LANGUAGE, "UTC", clock.now()).plain(error.message)


def _run(work: Coroutine[Any, Any, int], loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None) -> None:
    try:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            status = runner.run(work)
    except KeyboardInterrupt:
        status = 130
    if status:
        raise typer.Exit(status)


def _settings() -> Settings:
    from bot.logs import set_up

    settings = load()
    set_up(settings.log_format, settings.log_level, settings.secrets)
    return settings


@app.command()
def run() -> None:
    """Talk on the platforms that are configured, until stopped."""
    import uvloop

    from bot.operate import run_platforms

    _run(run_platforms(_settings()), uvloop.new_event_loop)


@app.command()
def chat() -> None:
    """Talk to the bot here; lines on standard input work too."""
    from bot.operate import run_terminal

    _run(run_terminal(_settings()))


@app.command()
def seed(
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Only when there is no clip yet.")] = False,
) -> None:
    """Load the demo news of seeds/, with its dates moved to now."""
    from bot.operate import seed as work

    _run(work(_settings(), if_empty=if_empty))


@app.command()
def ingest(
    places: Annotated[list[str], typer.Argument(metavar="PATH|URL…", help="Files, folders or addresses.")],
    source: Annotated[str, typer.Option(help="Name of the source that all items belong to.")] = "",
) -> None:
    """Take in documents, feeds, web pages or JSONL."""
    from bot.operate import ingest as work

    _run(work(_settings(), places, source))


@app.command()
def export(
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One clip a line, with everything computed.")] = False,
) -> None:
    """Write all clips to standard output."""
    from bot.operate import export as work

    if not jsonl:
        msg = "Say in which form: kurzclips export --jsonl."
        raise OperatorError(msg)
    _run(work(_settings()))


@app.command()
def digest(
    chat_name: Annotated[str, typer.Argument(metavar="CHAT", help="Number of a chat, or platform:id.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it here and send nothing.")] = False,
) -> None:
    """Show the digest that a chat would get now, or plan it to be sent."""
    from bot.operate import digest as work

    _run(work(_settings(), chat_name, dry_run=dry_run))


@app.command()
def explain(clip: Annotated[int, typer.Argument(metavar="ID", help="Number of a clip.")]) -> None:
    """Show why a clip is understood as it is: language, topics, sentences, story, related clips."""
    from bot.operate import explain as work

    _run(work(_settings(), clip))


@app.command()
def doctor(
    quick: Annotated[
        bool, typer.Option("--quick", help="Only whether kurzclips run is alive; for health checks.")
    ] = False,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Read the whole file of the database for damage too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The same for machines.")] = False,
) -> None:
    """Check the configuration, the database, the clock, the feeds and the platforms."""
    from bot.doctor import Wanted, check

    _run(check(_settings(), Wanted(is_quick=quick, is_thorough=thorough, as_json=as_json)))


@sources_app.command("list")
def sources_list() -> None:
    """Show the sources with their labels and feeds."""
    from bot.operate import list_sources

    _run(list_sources(_settings()))


@sources_app.command("add")
def sources_add(
    url: Annotated[str, typer.Argument(help="Address of a feed or of a page that links to one.")],
    name: Annotated[str, typer.Option(help="Name of the source; the feed's own title by default.")] = "",
) -> None:
    """Add a source by the address of its feed or home page."""
    from bot.operate import add_source

    _run(add_source(_settings(), url, name))


@sources_app.command("remove")
def sources_remove(name: Annotated[str, typer.Argument(help="Short name or name of the source.")]) -> None:
    """Forget a source with its feeds and clips."""
    from bot.operate import remove_source

    _run(remove_source(_settings(), name))


@sources_app.command("set")
def sources_set(
    name: Annotated[str, typer.Argument(help="Short name or name of the source.")],
    setting: Annotated[
        str,
        typer.Argument(help="name, language, country, owner, kind, page (that documents the kind), home or fulltext."),
    ],
    value: Annotated[str, typer.Argument(help='The new value; "-" empties a label.')],
) -> None:
    """Set a label of a source, or whether its articles are read."""
    from bot.operate import change_source

    _run(change_source(_settings(), name, setting, value))


@sources_app.command("pause")
def sources_pause(name: Annotated[str, typer.Argument(help="Short name or name of the source.")]) -> None:
    """Ask the feeds of a source no longer, and keep its clips."""
    from bot.operate import change_source

    _run(change_source(_settings(), name, "pause", "on"))


@sources_app.command("resume")
def sources_resume(name: Annotated[str, typer.Argument(help="Short name or name of the source.")]) -> None:
    """Ask the feeds of a paused source again."""
    from bot.operate import change_source

    _run(change_source(_settings(), name, "pause", "off"))


@sources_app.command("check")
def sources_check() -> None:
    """Ask every feed now and show how each does; nothing is kept."""
    from bot.operate import check_sources

    _run(check_sources(_settings()))


@sources_app.command("import")
def sources_import(file: Annotated[Path, typer.Argument(help="An OPML file.")]) -> None:
    """Add the feeds of an OPML file."""
    from bot.operate import import_opml

    _run(import_opml(_settings(), file))


@sources_app.command("export")
def sources_export() -> None:
    """Write all feeds as OPML to standard output."""
    from bot.operate import export_opml

    _run(export_opml(_settings()))


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the newest schema; every start does it too."""
    from bot.operate import database_info

    _run(database_info(_settings()))


@db_app.command("info")
def db_info() -> None:
    """Say what is in the database."""
    from bot.operate import database_info

    _run(database_info(_settings()))


@db_app.command("backup")
def db_backup(target: Annotated[Path, typer.Argument(help="The file to write; must not exist.")]) -> None:
    """Copy the database to a file, also while the bot is running."""
    from bot.operate import backup

    _run(backup(_settings(), target))


@db_app.command("copy")
def db_copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="Address of the database to copy.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="Address of an empty one, such as postgresql://….")],
) -> None:
    """Copy everything into another, empty database, from SQLite to PostgreSQL or back: all of it or nothing.

    Stop the bot to move it: what it writes while the copy is made is not in the copy.
    """
    from bot.operate import copy_database

    _settings()
    _run(copy_database(source, target))
