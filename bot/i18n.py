"""From nodes to words: gettext catalogs, plurals, dates, lists and names through Babel.

The catalogs are read from their .po files, so that there is nothing to compile and nothing that can be stale.
"""

import gettext
import io
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta, get_timezone
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from handlers.reply import (
    Code,
    CountryName,
    Day,
    Label,
    LanguageName,
    Link,
    Listing,
    Message,
    Moment,
    Quiet,
    Seq,
    Strong,
    TimeStyle,
    Value,
    Weekday,
)

FOLDER = Path(__file__).parent / "locales"
DOMAIN = "kurzclips"
SOURCE_LANGUAGE = "en"
AGE_LIMIT_DAYS = 6


def languages() -> tuple[str, ...]:
    """The languages that have a catalog, and the one that the program is written in."""
    found = sorted(path.parent.parent.name for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
    return tuple(dict.fromkeys(("de", SOURCE_LANGUAGE, *found))) if "de" in found else (SOURCE_LANGUAGE, *found)


@cache
def catalog(language: str) -> gettext.NullTranslations:
    """The translations of a language; the source language and unknown ones give the English text itself."""
    path = FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not path.is_file():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        entries = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, entries)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def locale_of(language: str) -> Locale:
    """Babel's locale of a language; English is written as in Europe, with 24 hours and the day before the month."""
    return Locale.parse("en_GB" if language == "en" else language)


# Direction overrides and isolates of foreign text would turn our own words around it (UAX #9, section 2);
# other control characters are refused by chat servers.
_UNTAMED: dict[int, str | None] = {
    code: None for code in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
_UNTAMED |= {0x09: " ", 0x0A: "\n", 0x200E: None, 0x200F: None, 0xFEFF: None}


def tame(words: str) -> str:
    """Foreign text without the characters that act on what stands around it."""
    return words.translate(_UNTAMED)


class Markup(Protocol):
    """How one platform writes words; `text` is the only way that plain words enter, and it escapes them."""

    def text(self, words: str) -> str:
        """Plain words, escaped."""
        ...

    def strong(self, inner: str) -> str:
        """Emphasised."""
        ...

    def quiet(self, inner: str) -> str:
        """Standing back."""
        ...

    def code(self, words: str) -> str:
        """To be typed exactly so; takes plain words and escapes them."""
        ...

    def link(self, inner: str, url: str) -> str:
        """Leading somewhere; takes a plain address and escapes it."""
        ...


class Plain:
    """Words without any markup, for button labels, menus and inline titles."""

    def text(self, words: str) -> str:
        """The words."""
        return words

    def strong(self, inner: str) -> str:
        """The words."""
        return inner

    def quiet(self, inner: str) -> str:
        """The words."""
        return inner

    def code(self, words: str) -> str:
        """The words."""
        return words

    def link(self, inner: str, url: str) -> str:
        """The words without the address."""
        return inner


class Speech:
    """Speaks one language, in one time zone, at one instant, in the markup of one platform."""

    def __init__(self, language: str, timezone: str, now: datetime, markup: Markup | None = None) -> None:
        self.language = language
        self.now = now
        self._locale = locale_of(language)
        self._zone = ZoneInfo(timezone)
        self._catalog = catalog(language)
        self._markup = markup or Plain()

    def plain(self, content: Value) -> str:
        """The words without markup, not escaped."""
        return Speech(self.language, str(self._zone), self.now).speak(content)

    def speak(self, content: Value) -> str:
        """The words of a node, marked up and escaped."""
        markup = self._markup
        match content:
            case str():
                return markup.text(tame(content))
            case Message():
                return self._sentence(content)
            case Strong(inner):
                return markup.strong(self.speak(inner))
            case Quiet(inner):
                return markup.quiet(self.speak(inner))
            case Code(words):
                return markup.code(tame(words))
            case Link(inner, url):
                return markup.link(self.speak(inner), url) if url else self.speak(inner)
            case Seq(parts):
                return "".join(self.speak(part) for part in parts)
            case Listing(parts):
                return self._joined([self.speak(part) for part in parts])
            case _:
                return markup.text(self._value(content))

    def _value(self, content: object) -> str:
        match content:
            case Moment(at, style):
                return self._moment(at, style)
            case Day(day):
                return str(format_date(day, "full", locale=self._locale))
            case Weekday(index):
                return str(self._locale.days["format"]["wide"][index])
            case Label(texts):
                return texts.get(self.language) or texts.get(SOURCE_LANGUAGE) or next(iter(texts.values()), "")
            case LanguageName(code):
                name = self._locale.languages.get(code, code)
                return str(name)
            case CountryName(code):
                return str(self._locale.territories.get(code, code))
            case int():
                return str(format_decimal(content, locale=self._locale))
            case float():
                return str(format_decimal(content, format="#,##0.00", locale=self._locale))
            case _:
                msg = f"no words for {content!r}"
                raise TypeError(msg)

    def _sentence(self, message: Message) -> str:
        if message.plural:
            pattern = self._catalog.ngettext(message.text, message.plural, message.count)
        else:
            pattern = self._catalog.gettext(message.text)
        values = {"count": message.count, **message.values} if message.plural else message.values
        return "".join(
            self._markup.text(literal) + (self.speak(values[name]) if name else "")
            for literal, name, _, _ in Formatter().parse(pattern)
        )

    def _joined(self, parts: list[str]) -> str:
        # The parts are marked up already, and no list pattern of CLDR contains a character that needs escaping.
        return str(format_list(parts, locale=self._locale)) if parts else ""

    def _moment(self, at: datetime, style: TimeStyle) -> str:
        local = at.astimezone(self._zone)
        if style is TimeStyle.CLOCK:
            return str(format_time(local, "HH:mm", tzinfo=self._zone, locale=self._locale))
        if style is TimeStyle.DATE:
            return str(format_date(local.date(), "full", locale=self._locale))
        if style is TimeStyle.FULL:
            return str(
                format_datetime(
                    local,
                    "d. MMMM, HH:mm" if self.language == "de" else "d MMMM, HH:mm",
                    tzinfo=get_timezone(str(self._zone)),
                    locale=self._locale,
                )
            )
        return self._age(at, local)

    def _age(self, at: datetime, local: datetime) -> str:
        """How long ago: minutes, hours, yesterday, days, and the date from a week on."""
        today = self.now.astimezone(self._zone).date()
        days = (today - local.date()).days
        passed = max(self.now - at, self.now - self.now)
        if days > AGE_LIMIT_DAYS or at > self.now and days < 0:
            skeleton = "d MMMM" if local.year == today.year else "d MMMM y"
            pattern = skeleton.replace("d ", "d. ") if self.language == "de" else skeleton
            return str(format_date(local.date(), pattern, locale=self._locale))
        if passed.total_seconds() < 60:
            return self._catalog.gettext("just now")
        if days == 1 and passed.total_seconds() >= 6 * 3600:
            return self._catalog.gettext("yesterday")
        unit: Literal["day", "minute"] = "day" if days >= 2 else "minute"
        # By the calendar: what was said late on the day before yesterday is two days old, though only 30 hours passed.
        ago = timedelta(days=days) if days >= 2 else passed
        age = format_timedelta(-ago, granularity=unit, threshold=1.0, add_direction=True, locale=self._locale)
        return str(age)
