"""/help: all commands on one phone screen, or one of them in detail."""

from typing import Annotated

from handlers.arguments import Word
from handlers.context import Context
from handlers.errors import Declined
from handlers.registry import Command, Group, Right, command, usage
from handlers.reply import (
    Block,
    Code,
    Heading,
    Inline,
    Listing,
    Message,
    Pairs,
    Paragraph,
    Points,
    Quiet,
    Reply,
    Seq,
    _,
)

TITLES: dict[Group, Message] = {
    Group.READ: _("Read"),
    Group.DIGEST: _("Digests"),
    Group.KEEP: _("Keep"),
    Group.SETTINGS: _("Settings"),
    Group.PRIVACY: _("Privacy"),
    Group.ADMIN: _("Operator"),
}
# The words that follow a command; each is tried by a test.
EXAMPLES: dict[str, tuple[str, ...]] = {
    "latest": ("10", "energie", "energie 3"),
    "clip": ("12", "12 notice"),
    "summary": ("12", "https://www.tagesschau.de/"),
    "related": ("12",),
    "search": ("kernkraft", '"künstliche Intelligenz" -Nobelpreis', "netzausbau topic:energie lang:de since:7d"),
    "source": ("dw",),
    "subscribe": ("energie 07:30", '"Kernkraft" 18:00 weekdays', "ki now"),
    "unsubscribe": ("energie", "all"),
    "time": ("07:30",),
    "pause": ("3",),
    "follow": ("12",),
    "unfollow": ("12",),
    "save": ("12", "12 off"),
    "saved": ("remove 12",),
    "language": ("de",),
    "timezone": ("Europe/Berlin", "Wien"),
    "quiet": ("22:00-07:00", "off"),
    "mute": ("sport", "dw"),
    "settings": ("length short",),
    "ban": ("telegram:123456", "telegram:123456 off"),
}
# What a newcomer needs; the others stand in one line below their group.
_MAIN = {"latest", "topics", "summary", "related", "search", "subscribe", "digest", "subscriptions", "save", "settings"}


@command("help", help=_("this overview"), group=Group.READ, rank=9)
async def help_(context: Context, name: Annotated[str, Word(_("command"))] = "") -> Reply:
    """Show all commands, or how one of them is written."""
    registry = context.services.registry
    if name:
        found = registry.find(name.lstrip("/!"))
        if found is None:
            raise Declined(
                _(
                    "I do not know the command {name}. {help} lists all of them.",
                    name=Code("/" + name.lstrip("/!")[:40]),
                    help=Code("/help"),
                )
            )
        return _one(found)
    blocks: list[Block] = []
    for group in Group:
        shown = [each for each in registry.commands if each.group is group and _may_see(each, context)]
        if shown:
            blocks += _group(group, shown)
    blocks.append(Paragraph(Quiet(_("{command} says how a command is written.", command=Code("/help subscribe")))))
    return Reply(tuple(blocks))


def _one(found: Command) -> Reply:
    """A command in detail: what it does, how it is written, some examples, its other names."""
    blocks: list[Block] = [Heading(Seq((Code(f"/{found.name}"), " – ", found.help)))]
    if found.parameters:
        blocks.append(Paragraph(usage(found)))
    if any(parameter.is_optional for parameter in found.parameters):
        blocks.append(Paragraph(Quiet(_("What stands in [ ] may be left out."))))
    if found.name in EXAMPLES:
        title = _("For example:")
        blocks += [Paragraph(title), Points(tuple(Code(f"/{found.name} {words}") for words in EXAMPLES[found.name]))]
    if found.aliases:
        names = Listing(tuple(Code(f"/{alias}") for alias in found.aliases))
        blocks.append(Paragraph(Quiet(_("Also known as {names}.", names=names))))
    return Reply(tuple(blocks))


def _may_see(each: Command, context: Context) -> bool:
    return each.right is not Right.OPERATOR or context.request.person.is_operator


def _group(group: Group, commands: list[Command]) -> list[Block]:
    main = tuple((Code(f"/{each.name}"), each.help) for each in commands if each.name in _MAIN)
    others: list[Inline] = []
    for each in commands:
        if each.name not in _MAIN:
            others += [" ", Code(f"/{each.name}")] if others else [Code(f"/{each.name}")]
    blocks: list[Block] = [Heading(TITLES[group], 2)]
    if main:
        blocks.append(Pairs(main))
    if others:
        blocks.append(Paragraph(Seq(tuple(others))))
    return blocks
