"""/timezone: the zone in which a chat's times are meant."""

from datetime import datetime, timedelta
from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from rapidfuzz import fuzz, process

from handlers import subscribing, zones
from handlers.arguments import Rest
from handlers.context import Context
from handlers.news.terms import fold
from handlers.registry import Group, Right, command
from handlers.reply import Action, Button, Code, Heading, Inline, Moment, Paragraph, Reply, TimeStyle, _
from storage import chats

# Cities that people name, and the zones that hold them.
_CITIES = {
    "wien": "Europe/Vienna", "zuerich": "Europe/Zurich", "zurich": "Europe/Zurich", "bern": "Europe/Zurich",
    "genf": "Europe/Zurich", "hamburg": "Europe/Berlin", "muenchen": "Europe/Berlin", "munchen": "Europe/Berlin",
    "koeln": "Europe/Berlin", "koln": "Europe/Berlin", "frankfurt": "Europe/Berlin", "deutschland": "Europe/Berlin",
    "oesterreich": "Europe/Vienna", "osterreich": "Europe/Vienna", "schweiz": "Europe/Zurich",
    "moskau": "Europe/Moscow", "москва": "Europe/Moscow", "петербург": "Europe/Moscow",
    "санкт-петербург": "Europe/Moscow", "киев": "Europe/Kyiv", "kiew": "Europe/Kyiv", "минск": "Europe/Minsk",
    "новосибирск": "Asia/Novosibirsk", "екатеринбург": "Asia/Yekaterinburg", "warschau": "Europe/Warsaw",
    "prag": "Europe/Prague", "rom": "Europe/Rome", "athen": "Europe/Athens", "lissabon": "Europe/Lisbon",
    "bruessel": "Europe/Brussels", "brussel": "Europe/Brussels", "bruxelles": "Europe/Brussels",
    "geneve": "Europe/Zurich", "lyon": "Europe/Paris", "marseille": "Europe/Paris", "kairo": "Africa/Cairo",
    "washington": "America/New_York", "boston": "America/New_York", "san francisco": "America/Los_Angeles",
    "peking": "Asia/Shanghai", "tokio": "Asia/Tokyo", "neu-delhi": "Asia/Kolkata", "delhi": "Asia/Kolkata",
}  # fmt: skip
_OFFERED = ("Europe/Berlin", "Europe/Vienna", "Europe/Zurich", "Europe/London", "Europe/Paris", "Europe/Moscow")
MAX_CITIES = 5


@command("timezone", help=_("your time zone"), group=Group.SETTINGS, right=Right.MANAGER, rank=2, aliases=("tz",))
async def timezone(context: Context, place: Annotated[str, Rest(_("zone or city"))] = "") -> Reply:
    """Show the chat's zone, or change it by a zone's name or a city; all digests keep their local times."""
    if not place.strip():
        at = Moment(context.now, TimeStyle.CLOCK)
        told = _("Your time zone is {zone}; it is {time} there.", zone=zones.label(context.chat.timezone), time=at)
        return Reply((Heading(told), *_how()), _buttons(_OFFERED))
    zone = _exact(place.strip())
    offset = zones.offset_of(place)
    if offset is not None and zone is None:
        return _cities_at(offset, context.now)
    if zone is None:
        return _suggest(place.strip())
    async with context.db.write() as tx:
        await chats.change(tx, context.chat_id, timezone=zone)
        context.chat.timezone = zone
        await subscribing.reschedule(tx, context.chat, context.now)
    at = Moment(context.now, TimeStyle.CLOCK)
    return Reply((Paragraph(_("Your time zone is now {zone}; it is {time} there.", zone=zones.label(zone), time=at)),))


def _how() -> tuple[Paragraph, ...]:
    return (Paragraph(_("Write a city or a zone behind the command: {example}.", example=Code("/timezone Wien"))),)


@cache
def _zones() -> dict[str, str]:
    return {fold(zone).replace("_", " "): zone for zone in available_timezones() if "/" in zone or zone == "UTC"}


def _exact(place: str) -> str | None:
    folded = fold(place).replace("_", " ")
    known = _zones()
    if folded in known:
        return known[folded]
    if folded in _CITIES:
        return _CITIES[folded]
    cities = [zone for name, zone in known.items() if name.rsplit("/", 1)[-1] == folded and not name.startswith("etc/")]
    return sorted(cities)[0] if cities else None


def _cities_at(offset: timedelta, now: datetime) -> Reply:
    """Ask for a city at an offset, since most of them are at another one in summer or winter."""
    here = zones.with_offset((*_OFFERED, *_CITIES.values()), offset, now)[:MAX_CITIES]
    always = zones.fixed(offset)
    told = _("Many places change their offset in summer, so a city is better. Which one has your time?")
    if not (here or always):
        return Reply((Paragraph(told), *_how()))
    return Reply((Paragraph(told),), _buttons((*here, *((always,) if always else ()))))


def _suggest(place: str) -> Reply:
    names: dict[str, str] = {**_CITIES, **{name.rsplit("/", 1)[-1]: zone for name, zone in _zones().items()}}
    folded = fold(place).replace("_", " ").rsplit("/", 1)[-1]
    near = process.extract(folded, list(names), scorer=fuzz.ratio, limit=3, score_cutoff=65)
    meant = tuple(dict.fromkeys(names[name] for name, _score, _place in near))
    unknown: Inline = _("I know no time zone or city “{name}”.", name=place[:60])
    if not meant:
        return Reply((Paragraph(unknown), *_how()), _buttons(_OFFERED))
    return Reply((Paragraph(unknown), Paragraph(_("Did you mean one of these?"))), _buttons(meant))


def _buttons(offered: tuple[str, ...]) -> tuple[tuple[Button, ...], ...]:
    each = [
        Button(zones.label(zone).split("/", 1)[-1].replace("_", " "), Action("timezone", (zone,))) for zone in offered
    ]
    return tuple(tuple(each[start : start + 3]) for start in range(0, len(each), 3))
