"""What handlers need of the world, as protocols that `bot` fulfils."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
Vectors = NDArray[np.float32]


class PageError(StrEnum):
    """Why a page could not be had, as far as a person can do something with it."""

    BAD_URL = "bad_url"
    PRIVATE = "private"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    REFUSED = "refused"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Page:
    """What was at an address: raw bytes, and the address after redirects."""

    url: str
    content: bytes
    content_type: str = ""


class Pages(Protocol):
    """Fetches what a person points at, from public addresses only."""

    async def get(self, url: str) -> Page | PageError:
        """Give the page, or why it can't be had; never raises for what the network does."""
        ...


class Offload(Protocol):
    """Runs a slow pure function beside the event loop."""

    async def __call__(self, function: Callable[[], T]) -> T:
        """Give the function's result."""
        ...


class Encoder(Protocol):
    """Turns texts into vectors whose nearness is nearness of meaning, in whatever languages the texts are.

    Attributes:
        name: of the model; vectors of two models cannot be compared, so it is stored beside each.
    """

    name: str

    async def encode(self, texts: Sequence[str]) -> Vectors | None:
        """Give one row of length 1 for each text, or None where the model cannot be had now; never raises for that."""
        ...


class Writer(Protocol):
    """Has a language model write summaries.

    Attributes:
        name: of the model; it is shown beside what it wrote.
    """

    name: str

    async def write(self, title: str, paragraphs: Sequence[str], language: str) -> str | None:
        """Give what the model wrote, unchecked, or None where it gave nothing in time; never raises for that."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What the operator decided, as far as handlers care.

    Attributes:
        languages: the languages that the bot speaks, first is the default.
        news_languages: the languages that clips are told apart in.
        contact: how to reach the operator, "" where not given.
        messages_per_second: what the account may send over all chats.
        writings_per_day: how many summaries a language model may be asked for in a day.
    """

    name: str = "Kurzclips"
    languages: Sequence[str] = ("de", "en")
    news_languages: Sequence[str] = ("de", "en", "ru", "fr")
    default_timezone: str = "Europe/Berlin"
    contact: str = ""
    version: str = ""
    messages_per_second: int = 30
    writings_per_day: int = 500
