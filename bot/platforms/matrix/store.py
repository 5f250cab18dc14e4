"""What an account keeps between runs, in files that only its owner can read: login, sync token, signing keys."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.errors import ConfigError

_OWNER_ONLY = 0o600
KEYS = "keys.db"


@dataclass(frozen=True, slots=True)
class Login:
    """A device of the account, as the homeserver knows it."""

    user_id: str
    device_id: str
    token: str

    def __repr__(self) -> str:
        return f"Login({self.user_id}, {self.device_id})"


class Store:
    """A folder with a few small files; each is replaced as a whole, so that a crash leaves the old or the new one.

    Raises:
        ConfigError: the folder cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._since: str | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # The library makes its database with the rights of the process; what exists keeps its own.
            os.close(os.open(folder / KEYS, os.O_CREAT | os.O_RDWR, _OWNER_ONLY))
        except OSError as error:
            msg = f"KURZCLIPS_MATRIX_STORE: {folder} cannot be used: {error.strerror or error}."
            raise ConfigError(msg) from error

    def login(self) -> Login | None:
        """The login of earlier runs; None where there is none.

        Raises:
            ConfigError: what is kept cannot be read.
        """
        kept = self._read("login.json")
        try:
            return Login(**kept) if kept else None
        except TypeError:
            msg = f"KURZCLIPS_MATRIX_STORE: {self.folder / 'login.json'} does not hold a login."
            raise ConfigError(msg) from None

    def keep_login(self, login: Login) -> None:
        """Remember a login; the place in the stream belongs to it and starts anew with another device."""
        before = self.login()
        if before is not None and before.device_id != login.device_id:
            self.keep_since("")
        self._write("login.json", asdict(login))

    def since(self) -> str:
        """Up to where the stream of events was worked off, "" at the very first time."""
        self._since = str(self._read("sync.json").get("since", ""))
        return self._since

    def keep_since(self, token: str) -> None:
        """Remember how far we are; does nothing where nothing changed.

        Raises:
            OSError: it could not be written.
        """
        if token != self._since:
            self._write("sync.json", {"since": token})
            self._since = token

    def signing_seeds(self) -> dict[str, str]:
        """The secret halves of our cross-signing keys by their use, empty where there are none."""
        return {name: str(seed) for name, seed in self._read("cross_signing.json").items()}

    def keep_signing_seeds(self, seeds: dict[str, str]) -> None:
        """Remember them."""
        self._write("cross_signing.json", seeds)

    def _read(self, name: str) -> dict[str, Any]:
        path = self.folder / name
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            msg = f"KURZCLIPS_MATRIX_STORE: {path} cannot be read: {error}."
            raise ConfigError(msg) from None
        return found if isinstance(found, dict) else {}

    def _write(self, name: str, content: dict[str, Any]) -> None:
        path = self.folder / name
        beside = path.with_suffix(".new")
        with os.fdopen(os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, _OWNER_ONLY), "w") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
