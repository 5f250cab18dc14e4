"""A real PostgreSQL server in a folder of its own, as Debian packages it; fast rather than safe."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

_START_S = 30
# Tests lose nothing by losing data, and much time by waiting for disks.
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "shared_buffers=64MB")


class PostgresMissing(Exception):
    """PostgreSQL's programs are not on this machine."""


def programs() -> Path:
    """The folder of initdb and pg_ctl, the newest version first.

    Raises:
        PostgresMissing: there is none.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]), reverse=True)
    named = shutil.which("initdb")
    if not found and not named:
        raise PostgresMissing("PostgreSQL is not installed; on Debian: apt-get install postgresql postgresql-contrib")
    return found[0].parent if found else Path(named or "").resolve().parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PostgresServer:
    """`with PostgresServer() as server: server.make_database()` gives the address of an empty database.

    Args:
        settings: "name=value" of the server's own, after those that make it fast.
    """

    def __init__(self, settings: tuple[str, ...] = (), *, is_safe: bool = False) -> None:
        self._settings = (() if is_safe else _FAST) + settings
        self._bin = programs()
        # initdb refuses root.
        self._user = "postgres" if os.getuid() == 0 else ""
        self.folder = Path(tempfile.mkdtemp(prefix="kurzclips-pg-"))
        self.port = free_port()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the server's user."""
        return subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            [str(self._bin / program), *arguments],
            check=True,
            capture_output=True,
            text=True,
            user=self._user or None,
            group=pwd.getpwnam(self._user).pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
            cwd=self.folder,
            timeout=60,
        )

    def __enter__(self) -> Self:
        if self._user:
            shutil.chown(self.folder, self._user)
        try:
            self.make_data()
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.remove()

    def make_data(self) -> None:
        """Begin a cluster of its own."""
        self.call("initdb", "-D", str(self.data), "-U", "bot", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = " ".join(f"-c {setting}" for setting in ("listen_addresses=127.0.0.1", *self._settings))
        # The log goes to a file: a pipe would keep the caller waiting for as long as the server lives.
        log = ("-l", str(self.folder / "log"))
        control = ("-D", str(self.data), "-w", "-s", "-t", str(_START_S), *log)
        self.call("pg_ctl", *control, "-o", f"-p {self.port} -k {self.folder} {options}", "start")

    def stop(self, mode: str = "immediate") -> None:
        """End the server; "immediate" as if its power was cut."""
        subprocess_mode = ("-D", str(self.data), "-m", mode, "-s", "-w")
        try:
            self.call("pg_ctl", *subprocess_mode, "stop")
        except subprocess.CalledProcessError:
            return  # it has ended already

    def follower(self) -> "PostgresServer":
        """A standby, to be entered: nothing counts as committed here from then on that is not written there too."""
        return _Follower(self)

    def promote(self) -> None:
        """Make a standby the primary, and wait until it is."""
        self.call("pg_ctl", "-D", str(self.data), "-w", "-s", "-t", str(_START_S), "promote")

    def remove(self) -> None:
        """Take its folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        return f"postgresql://bot@127.0.0.1:{self.port}/{name}"

    def make_database(self, template: str = "template0") -> str:
        """A new database, empty or a copy of another one that nobody is connected to; gives its address."""
        name = f"k{uuid.uuid4().hex[:12]}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Take a database away, whoever is connected to it."""
        self.sql(f"DROP DATABASE {url.rsplit('/', 1)[1]} (FORCE)")

    def sql(self, statement: str, name: str = "postgres") -> str:
        """Run a statement and give what it prints."""
        return self.call(
            "psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "bot", "-d", name, "-AtXqc", statement
        ).stdout.strip()


class _Follower(PostgresServer):
    """A standby of another server.

    *Source*: PostgreSQL, 26.2.8 "Synchronous Replication".
    """

    def __init__(self, primary: PostgresServer) -> None:
        super().__init__(is_safe=True)
        self._primary = primary

    def make_data(self) -> None:
        source = ("-h", "127.0.0.1", "-p", str(self._primary.port), "-U", "bot", "-X", "stream", "-c", "fast", "-R")
        self.call("pg_basebackup", "-D", str(self.data), *source)

    def start(self) -> None:
        super().start()
        self._primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self._primary.sql("SELECT pg_reload_conf()")
