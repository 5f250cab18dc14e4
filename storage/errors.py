"""Everything that storage raises.

StorageError
├── DatabaseNewer      the file was written by a newer version of the program
├── DatabaseReadOnly   the file or its disk cannot be written
├── DatabaseFull       no space is left
├── DatabaseBusy       another process holds the one writer for too long
└── DatabaseUnusable   not a database, wrong address, no permission, no server
"""


class StorageError(Exception):
    """The root: one sentence for the operator in `str(error)`, the driver's error as its cause."""


class DatabaseNewer(StorageError):
    """The database was written by a newer version of the program and is left untouched."""


class DatabaseReadOnly(StorageError):
    """The database, or the folder it lies in, cannot be written."""


class DatabaseFull(StorageError):
    """The disk below the database is full; nothing of the failed transaction was kept."""


class DatabaseBusy(StorageError):
    """Another process kept the writer for longer than the busy timeout."""


class DatabaseUnusable(StorageError):
    """The address does not lead to a database that can be opened."""
