"""A strict Telegram Bot API server for the tests; README.md says what it checks."""

from . import faults
from .flood import REAL_LIMITS, FloodLimits
from .people import Person
from .queries import CallbackAnswer, InlineAnswer, InlineResult
from .records import EPOCH, Accepted, Options, Rejected
from .rooms import Room
from .server import FakeTelegram
from .world import Button, Message, Status

__all__ = [
    "EPOCH",
    "REAL_LIMITS",
    "Accepted",
    "Button",
    "CallbackAnswer",
    "FakeTelegram",
    "FloodLimits",
    "InlineAnswer",
    "InlineResult",
    "Message",
    "Options",
    "Person",
    "Rejected",
    "Room",
    "Status",
    "faults",
]
