"""Who sends for a platform alone: a lock beside the database file that the kernel takes from a process that dies."""

import fcntl
import logging
import os
import secrets
import weakref
from typing import Protocol

log = logging.getLogger(__name__)

# How those sign their rows who know that nobody else does what they do.
SIGNED_ALONE = "alone:"


class Sole(Protocol):
    """Knows whether this process alone does a thing."""

    def is_needed(self, name: str) -> bool:
        """Whether a thing must be left alone by those who do not have it to themselves."""
        ...

    def term(self, name: str) -> int:
        """The how-many-th time we have a thing to ourselves, taking it where it is free; 0 where we do not."""
        ...

    def sign(self, name: str) -> str:
        """How we sign rows."""
        ...


class Alone:
    """The locks of one process, each a file `<database>.<name>.lock`; they end with the process or this object.

    *Source*: flock(2): the lock belongs to the open file, and goes when its last descriptor is closed, also by SIGKILL.
    The descriptors are not inherited by child processes (PEP 446), so none of them outlives us with it.
    """

    def __init__(self, database: str | None) -> None:
        """Take nothing yet.

        Args:
            database: the path of the database file; None where there is none, and so no lock either.
        """
        self._database = database
        self._held: set[str] = set()
        self._name = secrets.token_hex(8)

    def is_needed(self, name: str) -> bool:
        """Nothing is: some file systems know no locks, and rows have leases of their own."""
        return False

    def term(self, name: str) -> int:
        """1 where we have the lock of this name, or get it now."""
        return int(name in self._held or self.take(name))

    def sign(self, name: str) -> str:
        """Signed as the holder of the lock, so that the next holder knows that we are dead."""
        return f"{SIGNED_ALONE}{self._name}" if name in self._held else self._name

    def take(self, name: str) -> bool:
        """Take a lock without waiting; False where somebody else has it, or where the file system knows no locks."""
        if self._database is None:
            return False
        try:
            file = os.open(f"{self._database}.{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            log.debug("no lock for %s: %s", name, error)
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            log.debug("no lock for %s: %s", name, error)
            os.close(file)
            return False
        weakref.finalize(self, os.close, file)
        self._held.add(name)
        return True
