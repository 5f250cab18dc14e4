"""The settings of a chat beside its language and time zone: key, default, allowed values and what they mean."""

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.reply import Message, _
from storage.states import Platform


@dataclass(frozen=True, slots=True)
class Option:
    """One setting.

    Attributes:
        values: what it may be → how that is called; empty where `pattern` says more.
        pattern: a regular expression for free values, with an example.
        only_on: the one platform where it means something, None where it does everywhere.
    """

    key: str
    title: Message
    default: str
    values: Mapping[str, Message]
    pattern: str = ""
    example: str = ""
    only_on: Platform | None = None


_HOUR = r"([01]\d|2[0-3]):[0-5]\d"

LENGTH = Option(
    "length",
    _("Length of digests"),
    "normal",
    {"short": _("short"), "normal": _("normal"), "long": _("long")},
)
QUIET = Option("quiet", _("Quiet hours"), "off", {"off": _("none")}, rf"{_HOUR}-{_HOUR}", "22:00-07:00")
EMPTY = Option(
    "empty",
    _("When there is nothing new"),
    "say",
    {"say": _("say so in one line"), "silent": _("stay silent")},
)
PICTURES = Option("pictures", _("Pictures"), "on", {"on": _("on"), "off": _("off")})
NEWS = Option(
    "news",
    _("Languages of the news"),
    "all",
    {"all": _("all, mine first"), "mine": _("only mine")},
)

THREADS = Option(
    "threads", _("Digest as a thread (Matrix)"), "on", {"on": _("on"), "off": _("off")}, only_on=Platform.MATRIX
)

OPTIONS: tuple[Option, ...] = (LENGTH, QUIET, EMPTY, PICTURES, NEWS, THREADS)


def offered_on(platform: str) -> dict[str, Option]:
    """The settings that mean something on a platform, by their keys."""
    return {option.key: option for option in OPTIONS if option.only_on in {None, platform}}


def value_of(options: Mapping[str, str], option: Option) -> str:
    """What a chat chose, or the default."""
    return options.get(option.key, option.default)
