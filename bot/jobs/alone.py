"""Who sends for a platform alone: a lock beside the database file that the kernel takes from a process that dies."""

import fcntl
import logging
import os
import weakref

log = logging.getLogger(__name__)


class Alone:
    """The locks of one process, each a file `<database>.<name>.lock`; they end with the process or this object.

    *Source*: flock(2): the lock belongs to the open file, and goes when its last descriptor is closed, also by SIGKILL.
    The descriptors are not inherited by child processes (PEP 446), so none of them outlives us with it.
    """

    def __init__(self, database: str) -> None:
        """Take nothing yet.

        Args:
            database: the path of the database file.
        """
        self._database = database
        self._held: set[str] = set()

    def holds(self, name: str) -> bool:
        """Whether we have the lock of this name."""
        return name in self._held

    def take(self, name: str) -> bool:
        """Take a lock without waiting; False where somebody else has it, or where the file system knows no locks."""
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
