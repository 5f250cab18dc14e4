"""The account's own cross-signing keys, with which it vouches for the bot's device.

Clients hide messages of devices that nobody vouches for, and give them no keys (MSC4153); nio has no part for this.
*Source*: Client-Server API, 11.12.3.3 "Cross-signing", and Appendices, "Signing JSON".
"""

import json
import logging
import secrets
from typing import Any

from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa
from unpaddedbase64 import decode_base64, encode_base64

from bot.platforms.matrix.client import MatrixClient
from bot.platforms.matrix.store import Store
from bot.platforms.matrix.trouble import MatrixError, Unreachable

log = logging.getLogger(__name__)

USES = ("master", "self_signing", "user_signing")
_UNSIGNED_PARTS = ("signatures", "unsigned")


class SigningKey:
    """An Ed25519 key made of a seed of 32 bytes."""

    def __init__(self, seed: str) -> None:
        self._key = ECC.construct(curve="Ed25519", seed=decode_base64(seed))
        self.public = encode_base64(self._key.public_key().export_key(format="raw"))

    @property
    def name(self) -> str:
        """How signatures and key lists call it."""
        return f"ed25519:{self.public}"

    def sign(self, content: dict[str, Any]) -> str:
        """The signature of an object."""
        return str(encode_base64(eddsa.new(self._key, "rfc8032").sign(canonical(content).encode())))


def canonical(content: dict[str, Any]) -> str:
    """An object as it is signed: without signatures, sorted, and without spaces."""
    signed = {name: value for name, value in content.items() if name not in _UNSIGNED_PARTS}
    return json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


async def ensure(client: MatrixClient, store: Store, password: str | None) -> bool:
    """See to it that our device is signed by our account.

    Nothing is replaced: where somebody else set cross-signing up for this account, that stays.

    Args:
        password: of the account, for homeservers that want it again.

    Returns:
        Whether our device is signed now.

    Raises:
        MatrixTrouble: the homeserver refused, or could not be asked.
        Unreachable: it does not know our keys yet.
    """
    me = client.user_id
    found = await client.call("POST", "/keys/query", {"device_keys": {me: []}})
    device = found.get("device_keys", {}).get(me, {}).get(client.device_id)
    if device is None:
        msg = "the keys of this device are not uploaded yet"
        raise Unreachable(msg)
    masters = found.get("master_keys", {}).get(me, {}).get("keys", {})
    keys = _keys(store)
    if not masters:
        keys = keys or _new_keys(store)
        await _upload(client, keys, password)
    elif not keys or keys["master"].name not in masters:
        log.warning("cross-signing of %s was set up elsewhere; verify the bot's device %s there", me, client.device_id)
        return False
    if keys["self_signing"].name not in device.get("signatures", {}).get(me, {}):
        device["signatures"] = {me: {keys["self_signing"].name: keys["self_signing"].sign(device)}}
        answer = await client.call("POST", "/keys/signatures/upload", {me: {client.device_id: device}})
        if answer.get("failures"):
            log.warning("the homeserver did not take the signature of our device")
            return False
        log.info("the bot's device %s is cross-signed", client.device_id)
    return True


def _keys(store: Store) -> dict[str, SigningKey]:
    seeds = store.signing_seeds()
    return {use: SigningKey(seeds[use]) for use in USES} if all(use in seeds for use in USES) else {}


def _new_keys(store: Store) -> dict[str, SigningKey]:
    # Kept before they are published: the other way round a crash would leave keys that nobody has.
    store.keep_signing_seeds({use: encode_base64(secrets.token_bytes(32)) for use in USES})
    return _keys(store)


async def _upload(client: MatrixClient, keys: dict[str, SigningKey], password: str | None) -> None:
    me = client.user_id
    made: dict[str, Any] = {
        f"{use}_key": {"user_id": me, "usage": [use], "keys": {key.name: key.public}} for use, key in keys.items()
    }
    master = made["master_key"]
    for use in USES[1:]:
        signed = made[f"{use}_key"]
        signed["signatures"] = {me: {keys["master"].name: keys["master"].sign(signed)}}
    master["signatures"] = {me: {f"ed25519:{client.device_id}": client.sign(canonical(master))}}
    where = "/keys/device_signing/upload"
    try:
        await client.call("POST", where, made)
    except MatrixError as error:
        # Some homeservers ask who is there before the first keys of an account are taken.
        session = error.body.get("session") if isinstance(error.body, dict) else None
        if error.status != 401 or session is None or password is None:
            raise
        who = {"type": "m.id.user", "user": me}
        auth = {"type": "m.login.password", "session": session, "identifier": who, "password": password}
        await client.call("POST", where, {**made, "auth": auth})
