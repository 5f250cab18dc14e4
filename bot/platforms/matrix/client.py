"""One Matrix account over matrix-nio: stream of events, state of rooms, encryption."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import nio
from nio.crypto import ENCRYPTION_ENABLED, decrypt_attachment, encrypt_attachment
from nio.store import SqliteStore
from peewee import PeeweeException  # type: ignore[import-untyped]

from bot.platforms.matrix.events import Batch, Event, Invitation, event_of, text_of
from bot.platforms.matrix.guarded import GuardedClient
from bot.platforms.matrix.requests import NETWORK, REQUEST_S, Requests
from bot.platforms.matrix.store import KEYS, Login, Store
from bot.platforms.matrix.trouble import MatrixTrouble, Unreachable, refuse

log = logging.getLogger(__name__)

LONG_POLL_S = 30
# The first answer holds the state of all rooms.
FIRST_SYNC_S = 300.0
_FILTER = {
    "presence": {"types": []},
    "account_data": {"types": []},
    "room": {"ephemeral": {"types": []}, "account_data": {"types": []}, "timeline": {"limit": 100}},
}


class MatrixClient(Requests):
    """Talks with a homeserver as one device of one account."""

    def __init__(self, homeserver: str, store: Store) -> None:
        if not ENCRYPTION_ENABLED:
            msg = "matrix-nio is installed without its extra e2e"
            raise ImportError(msg)
        # Its warnings name each event that cannot be read and each request that fails; we tell what matters ourselves.
        logging.getLogger("nio").setLevel(logging.CRITICAL)
        config = nio.AsyncClientConfig(
            max_limit_exceeded=0, max_timeouts=0, request_timeout=REQUEST_S, store=SqliteStore, store_name=KEYS
        )
        super().__init__(GuardedClient(homeserver, store_path=str(store.folder), config=config))
        self._since = ""
        self._needs_state = True
        self._sharing = asyncio.Lock()
        self._ready = asyncio.Event()

    @property
    def is_ready(self) -> bool:
        """Whether we know our rooms."""
        return self._ready.is_set()

    async def is_ready_within(self, seconds: float) -> bool:
        """Whether we know our rooms, or will after a short wait."""
        try:
            async with asyncio.timeout(seconds):
                return await self._ready.wait()
        except TimeoutError:
            return False

    @property
    def user_id(self) -> str:
        """Who we are."""
        return str(self._nio.user_id)

    @property
    def device_id(self) -> str:
        """Our device."""
        return str(self._nio.device_id)

    def use(self, login: Login, since: str) -> None:
        """Be a device, and begin the stream at a place; "" for its end."""
        self._nio.restore_login(login.user_id, login.device_id, login.token)
        self._since = since

    async def close(self) -> None:
        """End all connections."""
        await self._nio.close()

    async def sync(self) -> Batch:
        """Wait for what happens next, for at most half a minute.

        Raises:
            MatrixTrouble: the homeserver refused.
            Unreachable: there was no answer, or keys cannot be kept.
        """
        is_whole = self._needs_state
        try:
            async with asyncio.timeout(FIRST_SYNC_S if is_whole else 2 * LONG_POLL_S):
                response = await self._nio.sync(
                    timeout=LONG_POLL_S * 1000, since=self._since or None, full_state=is_whole, sync_filter=_FILTER
                )
            if isinstance(response, nio.SyncError):
                transport = response.transport_response
                said = {"errcode": response.status_code, "retry_after_ms": response.retry_after_ms}
                refuse(transport.status if transport is not None else 0, said)
            batch = self._batch(response, is_history=not self._since)
        except NETWORK as error:
            raise Unreachable(str(error) or type(error).__name__) from error
        except PeeweeException as error:
            # The library takes no answer twice; what it could not keep must come again.
            self._nio.next_batch = self._since
            msg = f"keys cannot be kept in {KEYS}: {error}"
            raise Unreachable(msg) from error
        except MatrixTrouble:
            raise
        except Exception:  # the library stumbles over an odd event; asking for the same again would not help
            log.exception("a part of the stream of events could not be read")
            return self._skipped(is_whole=is_whole)
        self._needs_state = False
        self._since = batch.since
        await self._keep_house()
        self._ready.set()
        return batch

    def _skipped(self, *, is_whole: bool) -> Batch:
        """Go on behind what the library could not read, once with the whole state, as a part of it may be lost.

        Raises:
            Unreachable: it did not even get to where that ends.
        """
        if not self._nio.next_batch or self._nio.next_batch == self._since:
            msg = "the answer could not be read"
            raise Unreachable(msg)
        self._since = self._nio.next_batch
        self._needs_state = not is_whole or not self.is_ready
        return Batch(self._since)

    def _batch(self, response: Any, *, is_history: bool) -> Batch:
        rooms = response.rooms
        told_ms = _told_ms(response)
        return Batch(
            since=response.next_batch,
            is_history=is_history,
            invitations=tuple(self._invitation(room_id, info) for room_id, info in rooms.invite.items()),
            timelines={
                room_id: tuple(_event(each, room_id, told_ms) for each in info.timeline.events)
                for room_id, info in rooms.join.items()
            },
            left={room_id: self._farewell(room_id, info) for room_id, info in rooms.leave.items()},
        )

    def _invitation(self, room_id: str, info: Any) -> Invitation:
        for each in info.invite_state:
            if isinstance(each, nio.InviteMemberEvent) and each.state_key == self.user_id:
                return Invitation(room_id, each.sender, each.content.get("is_direct") is True)
        return Invitation(room_id, "", False)

    def _farewell(self, room_id: str, info: Any) -> Event | None:
        self._nio.rooms.pop(room_id, None)
        events = [event_of(each.source, room_id) for each in (*info.state, *info.timeline.events)]
        return next((each for each in reversed(events) if each.is_membership_of(self.user_id)), None)

    async def _keep_house(self) -> None:
        """Upload, ask for and claim the keys that encryption needs now."""
        client = self._nio
        try:
            if client.should_upload_keys:
                await client.keys_upload()
            if client.should_query_keys:
                await client.keys_query()
            if client.should_claim_keys:
                await client.keys_claim(client.get_users_for_key_claiming())
            await client.send_to_device_messages()
        except (*NETWORK, nio.LocalProtocolError) as error:
            log.info("keys could not be brought up to date: %s", type(error).__name__)
        except Exception:  # the stream goes on; what is missing is tried again with the next batch
            log.exception("keys could not be brought up to date")

    def room(self, room_id: str) -> Any | None:
        """What is known of a room that we are in: `member_count`, `name`, `encrypted`, `replacement_room`, `users`."""
        return self._nio.rooms.get(room_id)

    async def is_in(self, room_id: str) -> bool:
        """Whether the homeserver has us in a room.

        Raises:
            MatrixError: the homeserver refused.
            Unreachable: there was no answer.
        """
        return room_id in (await self.call("GET", "/joined_rooms")).get("joined_rooms", [])

    def replacements(self) -> dict[str, str]:
        """Rooms that were replaced, and by which."""
        return {room_id: room.replacement_room for room_id, room in self._nio.rooms.items() if room.replacement_room}

    async def send_event(self, room_id: str, kind: str, content: Mapping[str, Any], transaction: str) -> str:
        """Send an event into a room, encrypted where the room is.

        Args:
            transaction: the homeserver takes each one once for a device.

        Returns:
            Its id; that of the first one where the transaction was used before.

        Raises:
            MatrixError: the homeserver refused.
            Unreachable: there was no answer; the same transaction may be sent again.
        """
        room = self._nio.rooms.get(room_id)
        # *Source*: Client-Server API, 11.12: the annotation itself must be readable to the homeserver.
        if room is not None and room.encrypted and kind != "m.reaction":
            kind, content = await self._encrypt(room, kind, dict(content))
        where = f"/rooms/{quote(room_id, safe='')}/send/{quote(kind, safe='')}/{quote(transaction, safe='')}"
        return _field(await self.call("PUT", where, content), "event_id")

    async def _encrypt(self, room: Any, kind: str, content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        client = self._nio
        try:
            async with self._sharing:
                if not room.members_synced:
                    await client.joined_members(room.room_id)
                if client.should_query_keys:
                    await client.keys_query()
                if client.olm.should_share_group_session(room.room_id):
                    await client.share_group_session(room.room_id, ignore_unverified_devices=True)
                    self._check_shared(room)
                encrypted: tuple[str, dict[str, Any]] = client.encrypt(room.room_id, kind, content)
                return encrypted
        except NETWORK as error:
            client.invalidate_outbound_session(room.room_id)
            raise Unreachable(str(error) or type(error).__name__) from error
        except (nio.LocalProtocolError, nio.EncryptionError) as error:
            raise Unreachable(str(error)) from error

    def is_encrypted(self, room_id: str) -> bool:
        """Whether what is sent into a room is encrypted."""
        room = self._nio.rooms.get(room_id)
        return room is not None and bool(room.encrypted)

    async def upload(self, room_id: str, data: bytes, mime: str) -> dict[str, Any]:
        """Upload a file for a room.

        Returns:
            Where it is, as the field of an event: `url`, or `file` with its key where the room is encrypted.

        Raises:
            MatrixError: the homeserver refused.
            Unreachable: there was no answer.
        """
        where = "/_matrix/media/v3/upload"
        if not self.is_encrypted(room_id):
            return {"url": _field(await self.call("POST", where, data, mime=mime), "content_uri")}
        encrypted, key = encrypt_attachment(data)
        answer = await self.call("POST", where, encrypted, mime="application/octet-stream")
        return {"file": {**key, "url": _field(answer, "content_uri")}}

    async def download(self, content: Mapping[str, Any], most_bytes: int) -> bytes:
        """The file of an event, decrypted.

        Raises:
            MatrixError: the homeserver does not give it.
            Unreachable: there was no answer, or nothing that can be read, or more than so many bytes.
        """
        file = content.get("file")
        address = text_of(file, "url") if isinstance(file, dict) else text_of(content, "url")
        server, _slash, media_id = address.removeprefix("mxc://").partition("/")
        where = f"/_matrix/client/v1/media/download/{quote(server, safe='')}/{quote(media_id, safe='')}"
        status, data = await self._exchange("GET", where, most_bytes=most_bytes)
        if status >= 400:
            refuse(status, {"errcode": "M_NOT_FOUND"})
        if not isinstance(file, dict):
            return data
        try:
            return bytes(decrypt_attachment(data, file["key"]["k"], file["hashes"]["sha256"], file["iv"]))
        except (nio.EncryptionError, KeyError, TypeError, ValueError) as error:
            msg = f"a file that cannot be decrypted: {type(error).__name__}"
            raise Unreachable(msg) from error

    def _check_shared(self, room: Any) -> None:
        """Look whether everybody got the key: the library (0.26) takes a session as shared although a request failed.

        Raises:
            Unreachable: somebody could not read what is encrypted with it.
        """
        olm = self._nio.olm
        session = olm.outbound_group_sessions[room.room_id]
        for user_id in room.users:
            for device in olm.device_store.active_user_devices(user_id):
                has_key = (user_id, device.id) in session.users_shared_with | session.users_ignored
                if not has_key and device.id != self.device_id and olm.session_store.get(device.curve25519):
                    self._nio.invalidate_outbound_session(room.room_id)
                    msg = "a key could not be given to everybody"
                    raise Unreachable(msg)

    async def event(self, room_id: str, event_id: str) -> Event:
        """One event, decrypted; where it was edited, with its newest content.

        Raises:
            MatrixError: the homeserver does not give it.
            Unreachable: there was no answer, or it cannot be decrypted.
        """
        where = f"/rooms/{quote(room_id, safe='')}/event/{quote(event_id, safe='')}"
        source = await self.call("GET", where)
        found = self._readable(source, room_id)
        relations = source.get("unsigned", {}).get("m.relations", {})
        edit = relations.get("m.replace") if isinstance(relations, dict) else None
        if isinstance(edit, dict) and edit.get("sender") == found.sender and "content" in edit:
            newest = self._readable(edit, room_id).content.get("m.new_content")
            if isinstance(newest, dict):  # which does not say again how the message relates to others
                return replace(found, content={**newest, "m.relates_to": found.relation})
        return found

    async def events_related_to(self, room_id: str, event_id: str, relation: str) -> list[Event]:
        """The newest events that relate to one, newest first.

        Raises:
            MatrixTrouble: they cannot be had.
        """
        where = f"/_matrix/client/v1/rooms/{quote(room_id, safe='')}/relations/{quote(event_id, safe='')}/{relation}"
        answer = await self.call("GET", where, query={"limit": "50"})
        return [self._readable(source, room_id) for source in answer.get("chunk", []) if isinstance(source, dict)]

    def _readable(self, source: Mapping[str, Any], room_id: str) -> Event:
        if source.get("type") != "m.room.encrypted":
            return event_of(source, room_id)
        native = nio.Event.parse_encrypted_event({**source, "room_id": room_id})
        return self.decrypt(event_of(source, room_id, native)) or event_of(source, room_id)

    def decrypt(self, event: Event) -> Event | None:
        """An event that could not be decrypted before; None where it still cannot be."""
        if not isinstance(event.native, nio.MegolmEvent):
            return None
        event.native.room_id = event.room_id
        read = self._nio.readable(event.native)
        return event_of(read.source, event.room_id, is_secret=True) if read is not None else None

    async def ask_for_key(self, event: Event) -> None:
        """Ask the other devices for the key of an event, once a key."""
        if isinstance(event.native, nio.MegolmEvent) and event.native.session_id not in self._nio.outgoing_key_requests:
            try:
                await self._nio.request_room_key(event.native)
            except (*NETWORK, nio.LocalProtocolError) as error:
                log.info("a key could not be asked for: %s", type(error).__name__)

    def sign(self, text: str) -> str:
        """A signature by the key of this device."""
        return str(self._nio.olm.account.sign(text))


def session_of(event: Event) -> str:
    """The session that an unreadable event was encrypted with, as a name for its key."""
    return str(getattr(event.native, "session_id", "")) or event.event_id


def _event(native: Any, room_id: str, told_ms: int) -> Event:
    if getattr(native, "decrypted", False):
        age_ms = max(0, told_ms - native.server_timestamp) if told_ms else 0
        return replace(event_of(native.source, room_id, is_secret=True), age_ms=age_ms)
    return event_of(native.source, room_id, native if isinstance(native, nio.MegolmEvent) else None)


def _told_ms(response: Any) -> int:
    """When an answer was given, by the homeserver's clock; 0 where it does not say."""
    transport = response.transport_response
    said = transport.headers.get("Date", "") if transport is not None else ""
    try:
        return int(parsedate_to_datetime(said).timestamp() * 1000)
    except ValueError:
        return 0


def _field(answer: Mapping[str, Any], name: str) -> str:
    """What an answer must say.

    Raises:
        Unreachable: somebody else answered.
    """
    found = text_of(answer, name)
    if not found:
        msg = f"an answer without {name}"
        raise Unreachable(msg)
    return found
