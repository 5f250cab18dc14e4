"""The README names every setting, every command of the chat and of the shell."""

import re
from pathlib import Path

from typer.main import get_command

from bot.cli import app
from bot.config import PREFIX, Settings
from handlers import registry

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def settings_table() -> str:
    """The table of all settings as the README has it."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.get_default()
        shown = "–" if default in (None, "", ()) else f"`{default}`"
        rows.append(f"| `{PREFIX}{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(rows)


def test_settings_of_the_readme_are_those_of_the_program() -> None:
    found = re.search(r"<!-- settings -->\n(.*?)\n<!-- /settings -->", README, re.DOTALL)
    assert found is not None
    assert found[1] == settings_table()


def test_readme_names_every_command_of_the_chat() -> None:
    missing = [each.name for each in registry.load().commands if f"/{each.name}" not in README]
    assert set(missing) <= {"start", "help"}


def test_readme_names_every_command_of_the_shell() -> None:
    commands = getattr(get_command(app), "commands")  # noqa: B009 - not in the type of a plain command
    missing = [name for name in commands if f"kurzclips {name}" not in README]
    assert missing == []
