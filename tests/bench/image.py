"""The steps of the Dockerfile without a container: `python -m tests.bench.image`, by hand, for it downloads everything.

Carries out COPY, RUN and ENV in a temporary folder that stands for `/`, with a fresh virtual environment, then does
what an operator does first, as the image's user where root runs this. What only a container has is named and left out.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A path that stands at the beginning of a word: that of an option, an address or a place of its own.
_ABSOLUTE = re.compile(r"(?<![\w./-])(/(?:src|opt|data)\b)")


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """The instructions of a Dockerfile in order, as (name, rest)."""
    joined = re.sub(r"\\\n\s*", "", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
    for line in joined.splitlines():
        if line.strip():
            name, _, rest = line.partition(" ")
            yield name, rest.strip()


class Image:
    """What the instructions make in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.place = root
        self.user: int | None = None
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        self.environment = {**kept, "PATH": os.environ["PATH"]}

    def here(self, path: str) -> Path:
        """A path of the image on this machine."""
        return self.root / path.lstrip("/") if path.startswith("/") else self.place / path

    def inside(self, words: str) -> str:
        """Words with the image's absolute paths led into the folder."""
        return _ABSOLUTE.sub(lambda match: f"{self.root}{match[1]}", words)

    def build(self, text: str) -> None:
        """Carry out the instructions."""
        for name, rest in instructions(text):
            _say(f"{name} {rest[:110]}")
            getattr(self, f"do_{name.lower()}", self.leave_out)(rest)

    def leave_out(self, rest: str) -> None:
        _say("    left out")

    def do_workdir(self, rest: str) -> None:
        self.place = self.here(rest)
        self.place.mkdir(parents=True, exist_ok=True)

    def do_env(self, rest: str) -> None:
        for name, value in re.findall(r"(\w+)=(\S+)", rest):
            # Four slashes before the path are those of an address.
            filled = value.replace("$PATH", self.environment["PATH"]).replace("sqlite:////", f"sqlite:///{self.root}/")
            self.environment[name] = self.inside(filled)

    def do_copy(self, rest: str) -> None:
        if rest.startswith("--from"):
            _say("    the same folder here")
            return
        *sources, target = rest.split()
        for source in sources:
            found, to = ROOT / source, self.here(target)
            ignored = shutil.ignore_patterns("__pycache__")
            if found.is_dir():
                shutil.copytree(found, to, dirs_exist_ok=True, ignore=ignored)
            else:
                shutil.copy(found, to)

    def do_run(self, rest: str) -> None:
        if rest.startswith("useradd"):
            self.here("/data").mkdir()
            _say("    left out, but for its folder")
            return
        began = time.monotonic()
        command = self.inside(rest).replace("python -m venv", f"{_python()} -m venv")
        options = {"cwd": self.place, "env": self.environment, "stdout": subprocess.DEVNULL}
        subprocess.run(["/bin/sh", "-c", command], check=True, **options)  # noqa: S603
        _say(f"    {time.monotonic() - began:.0f} s")

    def do_user(self, rest: str) -> None:
        if os.getuid() == 0:
            self.user = int(rest)
            os.chown(self.here("/data"), self.user, self.user)
        else:
            _say("    left out: only root can become somebody else")

    def call(self, *words: str, said: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the image as its user."""
        environment: Mapping[str, str] = {**self.environment, "HOME": str(self.here("/data")), **settings}
        ids = {} if self.user is None else {"user": self.user, "group": self.user, "extra_groups": []}
        done = subprocess.run(  # noqa: S603 - what the image runs
            ["/usr/bin/env", *words],
            cwd=self.place,
            env=environment,
            input=said,
            capture_output=True,
            text=True,
            check=False,
            **ids,  # type: ignore[call-overload]
        )
        _say(f"$ {' '.join(words)}\n{_shortened(done.stdout + done.stderr)}    status {done.returncode}")
        return done


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def _python() -> str:
    """Python as the image has it, where another user can reach it too."""
    places = (Path(folder) / "python3.11" for folder in ("/usr/bin", "/usr/local/bin"))
    return next((str(place) for place in places if place.exists()), "python3.11")


def _shortened(text: str) -> str:
    lines = text.splitlines()
    more = [f"    … {len(lines) - 14} more lines"] if len(lines) > 14 else []
    return "".join(f"    {line[:150]}\n" for line in (*lines[:14], *more))


def main() -> int:
    """Build and try; 1 where a step does not do what it should."""
    with tempfile.TemporaryDirectory(prefix="kurzclips-image-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        image = Image(root)
        image.build((ROOT / "Dockerfile").read_text(encoding="utf-8"))
        size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink())
        _say(f"size of all: {size // 1024 // 1024} MB")
        tried = [
            (image.call("kurzclips", "doctor", "--quick"), 1),
            (image.call("kurzclips", "run"), 2),
            (image.call("kurzclips", "seed"), 0),
            (image.call("kurzclips", "chat", said="/latest 3\n/quit\n"), 0),
            (image.call("kurzclips", "db", "info"), 0),
            (image.call("kurzclips", "doctor", "--thorough"), 0),
        ]
    return int(any(done.returncode != wanted for done, wanted in tried))


if __name__ == "__main__":
    sys.exit(main())
