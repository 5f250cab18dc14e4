"""matrix-nio's client, guarded against events that it would believe or stumble over.

Version 0.26 takes an event for a part of the room's state by its type alone: one that anybody may send into the
timeline, or that came out of an encrypted message, would switch encryption on, rename the room or replace it.
"""

import logging
from typing import Any

import nio
from peewee import PeeweeException  # type: ignore[import-untyped]

log = logging.getLogger(__name__)


class GuardedClient(nio.AsyncClient):  # type: ignore[misc]
    """Takes for state only what is state, and goes on behind an event that cannot be handled."""

    def _handle_timeline_event(self, event: Any, room_id: str, room: Any, encrypted_rooms: set[str]) -> Any:
        """The decrypted event where it is one; what was encrypted is never state."""
        if isinstance(event, nio.MegolmEvent):
            event.room_id = room_id
            return self.readable(event)
        if "state_key" not in event.source:
            return None
        return super()._handle_timeline_event(event, room_id, room, encrypted_rooms)

    def _handle_decrypt_to_device(self, to_device_event: Any) -> Any:
        try:
            return super()._handle_decrypt_to_device(to_device_event)
        except PeeweeException:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a stranger's device sends
            log.info("a message to this device could not be read: %s", type(error).__name__)
            return None

    def readable(self, event: Any) -> Any | None:
        """A decrypted event; None where it cannot be decrypted, or says nothing that can be read.

        Raises:
            PeeweeException: the keys cannot be read or kept.
        """
        try:
            found = self.decrypt_event(event)
        except nio.EncryptionError:
            return None
        except PeeweeException:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a stranger's client encrypts
            log.info("an encrypted event could not be read: %s", type(error).__name__)
            return None
        # What is not well formed comes back as its sender wrote it, whoever that claims to be.
        return found if getattr(found, "decrypted", False) else None
