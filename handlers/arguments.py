"""The kinds of arguments that commands take, and how words become them.

A command's signature says what it wants: `count: Annotated[int, Integer(1, 20)] = 5`. Words fill the parameters in
order; those behind a `Rest` are looked for at the end of the line first, so that a phrase needs no quotes
("/subscribe künstliche intelligenz 07:30 weekdays").
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from handlers.errors import BadArgument
from handlers.reply import Message, _

MAX_INPUT_CHARACTERS = 1000
_WORD = re.compile(r"\"([^\"]*)\"?|„([^“”\"]*)[“”\"]?|“([^”]*)”?|«([^»]*)»?|»([^«]*)«?|(\S+)")


def words(text: str) -> list[str]:
    """The words of a line; what stands in quotation marks of any language is one word."""
    return [next(group for group in match.groups() if group is not None) for match in _WORD.finditer(text)]


class Kind(Protocol):
    """A kind of argument.

    Attributes:
        name: the word that stands for it in a usage line.
    """

    name: Message

    def read(self, word: str) -> Any:
        """The value of a word, or None where the word is not of this kind.

        Raises:
            BadArgument: the word is meant to be of this kind, but its value is absurd.
        """
        ...


@dataclass(frozen=True)
class Word:
    """Any single word."""

    name: Message

    def read(self, word: str) -> str | None:
        """The word itself."""
        return word or None


@dataclass(frozen=True)
class Choice:
    """One of some fixed words, which people may also write in their language.

    Attributes:
        values: what may be typed → what it means.
    """

    name: Message
    values: dict[str, str]

    def read(self, word: str) -> str | None:
        """The meaning of the word."""
        return self.values.get(word.casefold())


@dataclass(frozen=True)
class Integer:
    """A whole number within bounds; a "#" before it is allowed."""

    name: Message
    least: int
    most: int

    def read(self, word: str) -> int | None:
        """The number.

        Raises:
            BadArgument: it is out of bounds.
        """
        match = re.fullmatch(r"#?([+-]?\d+)", word, re.ASCII)
        if match is None:
            return None
        value = int(match[1]) if len(match[1]) < 12 else self.most + 1
        if not self.least <= value <= self.most:
            raise BadArgument(
                _("{word} is not a number from {least} to {most}.", word=_short(word), least=self.least, most=self.most)
            )
        return value


@dataclass(frozen=True)
class Page:
    """A page of a longer answer, as the buttons write it (">2"); nobody types it."""

    name: Message

    def read(self, word: str) -> int | None:
        """The number of the page, from 1."""
        match = re.fullmatch(r">(\d{1,4})", word, re.ASCII)
        return max(1, int(match[1])) if match else None


def to_page(number: int) -> str:
    """The word that stands for a page in a button."""
    return f">{number}"


@dataclass(frozen=True)
class Clock:
    """A wall time of 24 hours: 07:30, 7.30, 7h30, 7 pm is not one; the value is "HH:MM"."""

    name: Message

    def read(self, word: str) -> str | None:
        """The time as "HH:MM".

        Raises:
            BadArgument: there is no such time.
        """
        match = re.fullmatch(r"(\d{1,4})(?:[:.h](\d{1,4}))", word, re.ASCII | re.IGNORECASE)
        if match is None:
            return None
        hour, minute = int(match[1]), int(match[2])
        if hour > 23 or minute > 59:
            raise BadArgument(_("{word} is not a time of day; write it like 07:30.", word=_short(word)))
        return f"{hour:02}:{minute:02}"


_DAY_WORDS = {
    day: index
    for index, forms in enumerate(
        (
            "mon monday mo montag lun lundi пн понедельник",
            "tue tuesday di dienstag mar mardi вт вторник",
            "wed wednesday mi mittwoch mer mercredi ср среда",
            "thu thursday do donnerstag jeu jeudi чт четверг",
            "fri friday fr freitag ven vendredi пт пятница",
            "sat saturday sa samstag sonnabend sam samedi сб суббота",
            "sun sunday so sonntag dim dimanche вс воскресенье",
        )
    )
    for day in forms.split()
}
_DAY_GROUPS = {
    **dict.fromkeys(("daily", "everyday", "täglich", "taeglich", "quotidien", "ежедневно"), "1111111"),
    **dict.fromkeys(("weekdays", "workdays", "werktags", "wochentags", "semaine", "будни", "по-будням"), "1111100"),
    **dict.fromkeys(("weekend", "weekends", "wochenende", "wochenends", "week-end", "выходные"), "0000011"),
    **dict.fromkeys(("weekly", "wöchentlich", "woechentlich", "hebdo", "еженедельно"), "1000000"),
}


@dataclass(frozen=True)
class Days:
    """Days of the week: daily, weekdays, weekend, weekly (Mondays), or names joined by commas; value "1111100"."""

    name: Message

    def read(self, word: str) -> str | None:
        """Seven characters from Monday to Sunday."""
        folded = word.casefold()
        if folded in _DAY_GROUPS:
            return _DAY_GROUPS[folded]
        names = [name for name in folded.split(",") if name]
        if not names or any(name not in _DAY_WORDS for name in names):
            return None
        chosen = {_DAY_WORDS[name] for name in names}
        return "".join("1" if day in chosen else "0" for day in range(7))


@dataclass(frozen=True)
class Rest:
    """All words that no other argument takes, as one phrase."""

    name: Message

    def read(self, word: str) -> str | None:
        """The phrase itself."""
        return word or None


@dataclass(frozen=True)
class Parameter:
    """One parameter of a command: its name in code, its kind, and whether it may be left out."""

    key: str
    kind: Kind
    is_optional: bool


def parse(parameters: Sequence[Parameter], given: Sequence[str]) -> dict[str, Any]:
    """Fill parameters from words.

    Raises:
        BadArgument: a word is absurd or one too many, or a required argument is missing.
    """
    rest_at = next((i for i, parameter in enumerate(parameters) if isinstance(parameter.kind, Rest)), None)
    if rest_at is None:
        values, left = _fill(parameters, list(given))
    else:
        values, left = _fill(parameters[:rest_at], list(given))
        tail, left = _fill_from_end(parameters[rest_at + 1 :], left)
        values |= tail
        if left:
            values[parameters[rest_at].key] = " ".join(left)
            left = []
    for parameter in parameters:
        if parameter.key not in values and not parameter.is_optional:
            if left:
                break
            raise BadArgument(_("Something is missing: {name}.", name=parameter.kind.name))
    if left:
        raise BadArgument(_("I do not understand “{word}” here.", word=_short(left[0])))
    return values


def _fill(parameters: Sequence[Parameter], left: list[str]) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    for parameter in parameters:
        if left and (value := parameter.kind.read(left[0])) is not None:
            values[parameter.key] = value
            left = left[1:]
    return values, left


def _fill_from_end(parameters: Sequence[Parameter], left: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Take the longest run of words at the end that are all of the asked kinds, in the order of the parameters.

    Raises:
        BadArgument: the last word is meant to be of such a kind, but absurd.
    """
    for size in range(min(len(parameters), len(left)), 0, -1):
        try:
            values, unread = _assign(parameters, left[-size:])
        except BadArgument:
            if size == 1:
                raise
            continue
        if not unread:
            return values, left[:-size]
    return {}, left


def _assign(parameters: Sequence[Parameter], given: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    unread = []
    for word in given:
        for parameter in parameters:
            if parameter.key not in values and (value := parameter.kind.read(word)) is not None:
                values[parameter.key] = value
                break
        else:
            unread.append(word)
    return values, unread


def _short(word: str) -> str:
    return word if len(word) <= 40 else word[:39] + "…"
