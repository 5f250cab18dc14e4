"""What an operator may say of a source: its labels, whether it is read, and whether its articles are."""

import re
from collections.abc import Mapping
from typing import Any

from handlers.errors import Declined
from handlers.news.links import web_url
from handlers.reply import Code, Listing, Message, _
from handlers.sourcing import MAX_NAME_CHARS, clean_name
from storage import feeds
from storage.database import Tx
from storage.states import Ownership
from storage.tables import Source

MAX_OWNER_CHARS = 200
ON_OFF = {
    "on": True, "yes": True, "true": True, "an": True, "ja": True, "ein": True,
    "off": False, "no": False, "false": False, "aus": False, "nein": False,
}  # fmt: skip
# What may be set, as people write it → the column.
COLUMNS = {
    "name": "name",
    "language": "language",
    "country": "country",
    "owner": "owner",
    "kind": "ownership",
    "page": "ownership_url",
    "home": "home_url",
    "pause": "is_paused",
    "fulltext": "wants_full_text",
}


def read_setting(setting: str, words: str) -> dict[str, Any]:
    """The column that a setting means, with the value that the words mean; "-" empties a label.

    Raises:
        Declined: there is no such setting, or the words are no value for it.
    """
    column = COLUMNS.get(setting.casefold())
    if column is None:
        known = Listing(tuple(Code(name) for name in COLUMNS))
        raise Declined(
            _("There is no setting “{name}” of a source; there are {known}.", name=setting[:40], known=known)
        )
    text = clean_name(words)
    value = "" if text == "-" else text
    return {column: _READERS.get(column, _owner)(value)}


def _flag(text: str) -> bool:
    value = ON_OFF.get(text.casefold())
    if value is None:
        raise Declined(_("Please write {on} or {off} behind it.", on=Code("on"), off=Code("off")))
    return value


def _name(text: str) -> str:
    if not text:
        raise Declined(_("A source needs a name."))
    return text[:MAX_NAME_CHARS]


def _language(text: str) -> str:
    return _coded(text.lower(), "[a-z]{2,3}", _("This is not the code of a language, such as {code}.", code=Code("de")))


def _country(text: str) -> str:
    return _coded(text.upper(), "[A-Z]{2}", _("This is not the code of a country, such as {code}.", code=Code("DE")))


def _coded(text: str, pattern: str, complaint: Message) -> str:
    if text and not re.fullmatch(pattern, text):
        raise Declined(complaint)
    return text


def _ownership(text: str) -> str:
    kind = re.sub(r"[\s-]+", "_", text.lower())
    if not kind:
        return Ownership.UNKNOWN
    if kind not in set(Ownership):
        known = Listing(tuple(Code(str(each)) for each in Ownership))
        raise Declined(_("There is no kind “{name}”; there are {known}.", name=text[:40], known=known))
    return kind


def _address(text: str) -> str:
    url = web_url(text)
    if text and not url:
        raise Declined(_("This is not an address that begins with http:// or https://."))
    return url


def _owner(text: str) -> str:
    return text[:MAX_OWNER_CHARS]


_READERS: Mapping[str, Any] = {
    "name": _name,
    "language": _language,
    "country": _country,
    "owner": _owner,
    "ownership": _ownership,
    "ownership_url": _address,
    "home_url": _address,
    "is_paused": _flag,
    "wants_full_text": _flag,
}


def no_source(name: str) -> Message:
    """What to say where there is no source of a name."""
    return _("I know no source called “{name}”. {command} lists all.", name=name[:60], command=Code("/sources"))


async def change(tx: Tx, name: str, values: Mapping[str, Any]) -> Source:
    """Set columns of the source of a slug or name; without any the source is only found.

    Returns:
        The source as it is from now on.

    Raises:
        Declined: there is no such source.
    """
    source = await feeds.find_source(tx, name)
    if source is None:
        raise Declined(no_source(name))
    if values:
        await feeds.change_source(tx, source.id or 0, **values)
    return source.model_copy(update=dict(values))
