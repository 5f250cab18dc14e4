"""What commands there are: each declares itself once, and help, usage, menus and completion derive from it.

@command("latest", group=Group.READ, help=_("the newest clips"))
async def latest(context: Context, count: Annotated[int, Integer(_("number"), 1, 20)] = 5) -> Reply: ...
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, get_args, get_origin, get_type_hints

from handlers.arguments import Page, Parameter
from handlers.reply import Code, Inline, Message, Reply, Seq, _

Run = Callable[..., Awaitable[Reply]]


class Group(StrEnum):
    """Where a command stands in /help."""

    READ = "read"
    DIGEST = "digest"
    KEEP = "keep"
    SETTINGS = "settings"
    PRIVACY = "privacy"
    ADMIN = "admin"


class Right(StrEnum):
    """Who may use a command."""

    EVERYONE = "everyone"
    MANAGER = "manager"
    OPERATOR = "operator"


@dataclass(frozen=True)
class Command:
    """One command as it declared itself.

    Attributes:
        in_menu: shown in the short menus of chat apps.
        rank: its place within its group.
    """

    name: str
    run: Run
    help: Message
    group: Group
    right: Right
    aliases: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    in_menu: bool
    rank: int


_ATTRIBUTE = "__kurzclips_command__"


def command(
    name: str,
    *,
    help: Message,
    group: Group,
    right: Right = Right.EVERYONE,
    aliases: tuple[str, ...] = (),
    in_menu: bool = True,
    rank: int = 50,
) -> Callable[[Run], Run]:
    """Declare a function as a command; its annotated parameters behind the context are its arguments."""

    def declare(run: Run) -> Run:
        declared = Command(name, run, help, group, right, aliases, _parameters(run), in_menu, rank)
        setattr(run, _ATTRIBUTE, declared)
        return run

    return declare


def _parameters(run: Run) -> tuple[Parameter, ...]:
    hints = get_type_hints(run, include_extras=True)
    found = []
    for key, parameter in list(inspect.signature(run).parameters.items())[1:]:
        hint = hints[key]
        if get_origin(hint) is not Annotated:
            msg = f"{run.__name__}: {key} does not say what kind of argument it is"
            raise TypeError(msg)
        found.append(Parameter(key, get_args(hint)[1], parameter.default is not inspect.Parameter.empty))
    return tuple(found)


class Registry:
    """All commands by name and alias, in the order of their groups."""

    def __init__(self, commands: Iterator[Command]) -> None:
        order = list(Group)
        self.commands = tuple(sorted(commands, key=lambda c: (order.index(c.group), c.rank, c.name)))
        self._by_name: dict[str, Command] = {}
        for each in self.commands:
            for name in (each.name, *each.aliases):
                # Bot API, BotCommand: 1-32 characters, lowercase English letters, digits and underscores.
                if not re.fullmatch(r"[a-z0-9_]{1,32}", name) or name in self._by_name:
                    msg = f"the command name {name!r} is taken or not of the form [a-z0-9_]{{1,32}}"
                    raise ValueError(msg)
                self._by_name[name] = each

    def find(self, name: str) -> Command | None:
        """The command of a name or alias, whatever its case."""
        return self._by_name.get(name.lower())

    def names(self) -> tuple[str, ...]:
        """All names, without aliases."""
        return tuple(each.name for each in self.commands)


def load() -> Registry:
    """All commands of `handlers/commands/`.

    Raises:
        ValueError: two commands share a name.
    """
    package = importlib.import_module("handlers.commands")
    modules = [
        importlib.import_module(f"handlers.commands.{found.name}") for found in pkgutil.iter_modules(package.__path__)
    ]
    return Registry(
        getattr(thing, _ATTRIBUTE)
        for module in modules
        for thing in vars(module).values()
        if hasattr(thing, _ATTRIBUTE)
    )


def usage(command: Command) -> Message:
    """How to write a command: "/latest [topic] [number]"."""
    parts: list[Inline] = [Code(f"/{command.name}")]
    for parameter in command.parameters:
        if isinstance(parameter.kind, Page):
            continue
        before, after = ("[", "]") if parameter.is_optional else ("<", ">")
        parts += [" " + before, parameter.kind.name, after]
    return _("Write it like this: {pattern}", pattern=Seq(tuple(parts)))
