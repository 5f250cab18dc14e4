"""What a command works with: the request, the chat's row, storage, and the few things of the world that it may use."""

from dataclasses import dataclass
from datetime import datetime

from handlers.intake import Intake
from handlers.nearby import Nearby
from handlers.ports import Desk, Encoder, Offload, Pages, Writer
from handlers.registry import Registry
from handlers.request import Request
from storage.database import Database
from storage.tables import Chat


@dataclass(frozen=True)
class Services:
    """The parts that every request shares; built once by the composition root.

    Attributes:
        encoder: compares texts by meaning; None where there is none.
        nearby: finds clips by meaning; None where there is no encoder.
        writer: writes summaries; None where there is none.
    """

    db: Database
    desk: Desk
    pages: Pages
    offload: Offload
    registry: Registry
    intake: Intake
    encoder: Encoder | None = None
    nearby: Nearby | None = None
    writer: Writer | None = None


@dataclass(frozen=True)
class Context:
    """One request with everything it needs.

    Attributes:
        chat: the chat's row as it was when the request came.
        chat_id: its number.
    """

    services: Services
    request: Request
    chat: Chat
    chat_id: int

    @property
    def db(self) -> Database:
        """Where transactions come from; a command opens them itself, so that none is open while a page is fetched."""
        return self.services.db

    @property
    def now(self) -> datetime:
        """The instant of the request."""
        return self.request.now
