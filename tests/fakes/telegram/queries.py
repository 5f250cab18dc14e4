"""Button presses and inline queries that wait for an answer, and the answers a person sees."""

from dataclasses import dataclass, field
from typing import Any

from .entities import Formatted
from .world import Message, User

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """What a person sees after pressing a button; text "" is a silent confirmation."""

    text: str = ""
    show_alert: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class InlineResult:
    """One row of an inline answer.

    Attributes:
        content: the message that choosing it would send; None where it is no text.
        query: what the person had typed.
    """

    id: str
    kind: str
    title: str
    description: str
    payload: Json
    content: Formatted | None
    query: str

    @property
    def text(self) -> str:
        """Text of the message that choosing it would send."""
        return self.content.text if self.content else ""


@dataclass(frozen=True, slots=True)
class InlineAnswer:
    """What a person sees below the input line."""

    results: tuple[InlineResult, ...]
    next_offset: str = ""
    cache_time_s: int = 300
    is_personal: bool = False
    button: Json = field(default_factory=dict)


@dataclass(slots=True)
class Query:
    """One question of a person to the bot; `until` is on the fake's clock."""

    id: str
    kind: str
    user: User
    until: float
    message: Message | None = None
    text: str = ""
    answer: CallbackAnswer | InlineAnswer | None = None
