"""A real Matrix homeserver for tests: Synapse on SQLite, on a free port of loopback, with its users.

with open_synapse(folder) as synapse:
    anna = synapse.register("anna")
"""

import hashlib
import hmac
import json
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

SERVER_NAME = "localhost"
PASSWORD = "correct horse"
START_S = 60.0
_SECRET = "test-secret"
_SIGNING_KEY = "ed25519 a_test MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE\n"
_NO_LIMIT = {"per_second": 10_000, "burst_count": 10_000}
RELAXED: Mapping[str, Any] = {
    "rc_message": _NO_LIMIT,
    "rc_registration": _NO_LIMIT,
    "rc_joins": {"local": _NO_LIMIT, "remote": _NO_LIMIT},
    "rc_joins_per_room": _NO_LIMIT,
    "rc_login": {"address": _NO_LIMIT, "account": _NO_LIMIT, "failed_attempts": _NO_LIMIT},
    "rc_room_creation": _NO_LIMIT,
    "rc_invites": {"per_room": _NO_LIMIT, "per_user": _NO_LIMIT, "per_issuer": _NO_LIMIT},
    "rc_admin_redaction": _NO_LIMIT,
    "rc_key_requests": _NO_LIMIT,
    "rc_presence": {"per_user": _NO_LIMIT},
}


@dataclass(frozen=True)
class Account:
    """A user of the homeserver, logged in on one device."""

    user_id: str
    device_id: str
    token: str
    password: str = PASSWORD


class Synapse:
    """A homeserver process that can be stopped and started again on the same data."""

    def __init__(self, folder: Path, limits: Mapping[str, Any]) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "signing.key").write_text(_SIGNING_KEY)
        (folder / "log.yaml").write_text(json.dumps(_logging(folder / "synapse.log")))
        # JSON is valid YAML.
        (folder / "homeserver.yaml").write_text(json.dumps(_configuration(folder, self.port, limits)))

    def limit(self, limits: Mapping[str, Any]) -> None:
        """Begin anew with other limits."""
        self.stop()
        (self._folder / "homeserver.yaml").write_text(json.dumps(_configuration(self._folder, self.port, limits)))
        self.start()

    def start(self) -> None:
        """Begin, and wait until it answers."""
        with (self._folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "synapse.app.homeserver", "--config-path", "homeserver.yaml"],
                cwd=self._folder,
                stdout=output,
                stderr=output,
                env={"PATH": "/usr/bin:/bin", "PYTHONWARNINGS": "ignore"},
            )
        end = time.monotonic() + START_S
        while time.monotonic() < end and self._process.poll() is None:
            try:
                if httpx.get(f"{self.url}/health", trust_env=False, timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)  # a process of its own that starts; it tells nobody when it is ready
        self.stop()
        message = f"Synapse did not start:\n{(self._folder / 'output.log').read_text(errors='replace')[-2000:]}"
        raise RuntimeError(message)

    def stop(self) -> None:
        """End it; its data stay."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def register(self, name: str = "user", *, is_admin: bool = False) -> Account:
        """A new user, whose name no other test has."""
        name = f"{name}-{uuid.uuid4().hex[:8]}"
        with httpx.Client(base_url=self.url, trust_env=False, timeout=30) as http:
            nonce = http.get("/_synapse/admin/v1/register").json()["nonce"]
            parts = (nonce, name, PASSWORD, "admin" if is_admin else "notadmin")
            mac = hmac.new(_SECRET.encode(), "\0".join(parts).encode(), hashlib.sha1).hexdigest()
            body = {"nonce": nonce, "username": name, "password": PASSWORD, "admin": is_admin, "mac": mac}
            answer = http.post("/_synapse/admin/v1/register", json=body).raise_for_status().json()
        return Account(answer["user_id"], answer["device_id"], answer["access_token"])


@contextmanager
def open_synapse(folder: Path, limits: Mapping[str, Any] = RELAXED) -> Iterator[Synapse]:
    """Run a homeserver meanwhile.

    Args:
        limits: settings of its rate limits; those that are left out have Synapse's defaults.
    """
    synapse = Synapse(folder, limits)
    synapse.start()
    try:
        yield synapse
    finally:
        synapse.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _configuration(folder: Path, port: int, limits: Mapping[str, Any]) -> dict[str, Any]:
    listener = {
        "bind_addresses": ["127.0.0.1"],
        "port": port,
        "type": "http",
        "tls": False,
        "x_forwarded": False,
        "resources": [{"names": ["client"], "compress": False}],
    }
    return {
        "server_name": SERVER_NAME,
        "report_stats": False,
        "pid_file": str(folder / "homeserver.pid"),
        "listeners": [listener],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "log_config": str(folder / "log.yaml"),
        "registration_shared_secret": _SECRET,
        "macaroon_secret_key": "m",
        "form_secret": "f",
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "federation_domain_whitelist": [],
        "enable_registration": False,
        "presence": {"enabled": False},
        "bcrypt_rounds": 4,
        **limits,
    }


def _logging(path: Path) -> dict[str, Any]:
    handler = {"class": "logging.FileHandler", "filename": str(path)}
    return {"version": 1, "handlers": {"file": handler}, "root": {"level": "WARNING", "handlers": ["file"]}}
