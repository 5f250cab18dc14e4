"""Somebody whose client encrypts: mautrix with libolm, so that nothing of the bot's own encryption judges itself."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from mautrix.client import Client
from mautrix.client.state_store.asyncpg import PgStateStore
from mautrix.crypto import OlmMachine, PgCryptoStateStore, PgCryptoStore
from mautrix.types import EventType, RoomID, TrustState, UserID
from mautrix.util.async_db import Database

from tests.bot.matrix.person import Json, Person
from tests.fakes.synapse import Account

logging.getLogger("mau").setLevel(logging.CRITICAL)


@dataclass
class SecretPerson(Person):
    """A person whose messages are encrypted where the room is, and who sees what could be decrypted."""

    client: Client = field(default=None)  # type: ignore[assignment]
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def syncs(self, timeout_ms: int = 0) -> None:
        """Wait for something new; the client follows the stream itself."""
        self.news.clear()
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                await self.news.wait()
        except TimeoutError:
            return

    async def sends(self, room: str, content: Json, kind: str = "m.room.message") -> str:
        event_type = EventType.find(kind, EventType.Class.MESSAGE)
        return str(await self.client.send_message_event(RoomID(room), event_type, content))

    async def raw(self, room: str, event_id: str) -> Json:
        """An event as the homeserver has it."""
        return await self.call("GET", f"/rooms/{quote(room, safe='')}/event/{quote(event_id, safe='')}")

    async def trust_in(self, user_id: str, device_id: str) -> TrustState:
        """How far this client trusts a device."""
        machine = self.client.crypto
        assert machine is not None
        device = await machine.get_or_fetch_device(UserID(user_id), device_id)
        assert device is not None
        return await machine.resolve_trust(device)

    async def forgets_its_session(self, room: str) -> None:
        """Let the next message begin a new session, as after a change of members."""
        await self.client.crypto.crypto_store.remove_outbound_group_session(RoomID(room))


@asynccontextmanager
async def open_secret_person(account: Account, url: str, folder: Path) -> AsyncIterator[SecretPerson]:
    """Follow the stream meanwhile."""
    database = Database.create(
        f"sqlite:///{folder / (account.device_id + '.db')}", upgrade_table=PgCryptoStore.upgrade_table
    )
    await database.start()
    await PgStateStore.upgrade_table.upgrade(database)
    # One database for both, because the library keeps the current one in a context variable.
    keys, state = PgCryptoStore(account.user_id, "pickle", database), PgCryptoStateStore(database)
    await keys.open()
    client = Client(
        mxid=UserID(account.user_id),
        device_id=account.device_id,
        base_url=url,
        token=account.token,
        sync_store=keys,
        state_store=state,
    )
    client.ignore_initial_sync = False
    client.ignore_first_sync = False
    machine = OlmMachine(client, keys, state)
    client.crypto = machine
    await machine.load()
    headers = {"Authorization": f"Bearer {account.token}"}
    http = httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=60)
    person = SecretPerson(account, http, client=client)

    async def see(event: Any) -> None:
        person.events.setdefault(str(event.room_id), []).append(event.serialize())
        person.news.set()

    for kind in (EventType.ROOM_MESSAGE, EventType.REACTION, EventType.ROOM_MEMBER, EventType.ROOM_REDACTION):
        client.add_event_handler(kind, see)
    await machine.share_keys()
    following = client.start(None)
    try:
        yield person
    finally:
        client.stop()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await http.aclose()
        await client.api.session.close()
        await database.stop()
