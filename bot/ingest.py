"""Files, folders and addresses → clips, with a progress bar and one line that says what became of them."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bot.app import Core, offload
from bot.fetch import Fetched, FetchError
from handlers.intake import IntakeReport
from handlers.news.items import Parsed, RawItem, Refusal, Refused
from handlers.news.jsonl import read_lines
from handlers.news.parse import MAX_DOCUMENT_BYTES, parse
from handlers.slugs import slug_of
from storage import feeds
from storage.tables import Source

PORTION = 2_000
DEFAULT_SOURCE = "Documents"
_SKIPPED_SUFFIXES = frozenset({".pyc", ".db", ".db-wal", ".db-shm", ".lock"})

REASONS = {
    Refused.EMPTY: "it is empty",
    Refused.TOO_LARGE: f"it is larger than {MAX_DOCUMENT_BYTES // 1024 // 1024} MB",
    Refused.BINARY: "it is not text",
    Refused.NOT_UTF8: "its characters cannot be read",
    Refused.UNKNOWN_FORMAT: "its format is not known",
    Refused.BROKEN_JSON: "its JSON is broken",
    Refused.BROKEN_XML: "its XML is broken",
    Refused.UNSAFE_XML: "its XML declares entities, which is not safe to read",
    Refused.NO_TITLE: "it has no title",
    Refused.NO_TEXT: "it has no text",
    Refused.WRONG_TYPE: "a field has the wrong type",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one ingest came to.

    Attributes:
        problems: one sentence each, for standard error.
    """

    report: IntakeReport
    problems: tuple[str, ...]

    def line(self) -> str:
        """The summary: how many were new, updated, known and refused, and why."""
        report = self.report
        reasons = Counter(str(refusal.code) for refusal in report.refused)
        why = ", ".join(f"{number} {reason.replace('_', ' ')}" for reason, number in sorted(reasons.items()))
        refused = len(report.refused)
        return (
            f"{report.new} new, {report.updated} updated, {report.known} already known, {refused} refused"
            + (f" ({why})" if why else "")
            + "."
        )


@dataclass(frozen=True, slots=True)
class _Portion:
    """Some items of one place."""

    place: str
    parsed: Parsed
    read_bytes: int


class Ingest:
    """Takes in what an operator points at.

    Args:
        source: name of the source that all items belong to; "" lets each document say.
        progress: called with the bytes that were read and the bytes there are.
    """

    def __init__(self, core: Core, *, source: str = "", progress: Callable[[int, int], None] | None = None) -> None:
        self._core = core
        self._source = source
        self._progress = progress or (lambda done, total: None)
        self._sources: dict[str, Source] = {}

    async def run(self, places: Sequence[str]) -> Outcome:
        """Ingest paths and addresses.

        Raises:
            StorageError: the database refused; what was kept before stays.
        """
        files, problems = _files([place for place in places if not _is_url(place)])
        urls = [place for place in places if _is_url(place)]
        total = sum(size for _, size in files) + len(urls)
        done = 0
        report = IntakeReport()
        async for portion in self._portions(files, urls):
            report += IntakeReport(refused=portion.parsed.refused)
            problems += [_sentence(portion.place, refusal) for refusal in portion.parsed.refused]
            report += await self._keep(portion)
            done += portion.read_bytes
            self._progress(done, total)
        return Outcome(report, tuple(problems))

    async def _portions(self, files: Iterable[tuple[Path, int]], urls: Iterable[str]) -> AsyncIterator[_Portion]:
        now = self._core.clock()
        for path, size in files:
            if path.suffix.lower() in {".jsonl", ".ndjson"}:
                for part, read_bytes in _jsonl_portions(path, lambda stream: read_lines(stream, now=now)):
                    yield _Portion(str(path), part, read_bytes)
            else:
                yield _Portion(str(path), await offload(_reading(path, self._core)), size)
        for url in urls:
            yield _Portion(url, await self._page(url), 1)

    async def _page(self, url: str) -> Parsed:
        outcome = await self._core.fetcher.fetch(url, is_prompt=True)
        if isinstance(outcome, Fetched):
            now = self._core.clock()
            return await offload(
                lambda: parse(outcome.body, content_type=outcome.content_type, url=outcome.url, now=now)
            )
        code = outcome.code if isinstance(outcome, FetchError) else "not modified"
        return Parsed(refused=(Refusal(Refused.UNKNOWN_FORMAT, detail=f"not fetched: {str(code).replace('_', ' ')}"),))

    async def _keep(self, portion: _Portion) -> IntakeReport:
        report = IntakeReport()
        feed = portion.parsed.feed
        usual = self._source or (feed.title if feed else "")
        by_source: dict[str, list[RawItem]] = {}
        for item in portion.parsed.items:
            by_source.setdefault(self._name(item, usual), []).append(item)
        brought = []
        for name, items in by_source.items():
            source = await self._ensure_source(name, feed.language if feed else "", feed.home_url if feed else "")
            brought.append((source, items))
        return sum(await self._core.intake.take_in_all(brought, now=self._core.clock()), report)

    def _name(self, item: RawItem, usual: str) -> str:
        return self._source or item.source or usual or item.section or DEFAULT_SOURCE

    async def _ensure_source(self, name: str, language: str, home_url: str) -> Source:
        slug = slug_of(name)
        if slug not in self._sources:
            async with self._core.db.write() as tx:
                known = await feeds.find_source(tx, name)
                self._sources[slug] = known or await feeds.ensure_source(
                    tx,
                    Source(
                        slug=slug,
                        name=name[:120],
                        language=language,
                        home_url=home_url,
                        added_at=self._core.clock(),
                    ),
                )
        return self._sources[slug]


def _is_url(place: str) -> bool:
    return place.lower().startswith(("http://", "https://"))


def _files(places: Iterable[str]) -> tuple[list[tuple[Path, int]], list[str]]:
    """All files of some paths with their sizes, in order, and a sentence for each path that leads nowhere."""
    found: list[tuple[Path, int]] = []
    problems: list[str] = []
    for place in places:
        path = Path(place)
        try:
            for file in _walk(path):
                found.append((file, file.stat().st_size))
        except OSError as error:
            problems.append(f"{place}: cannot be read: {error.strerror or error}.")
            continue
        if not path.exists():
            problems.append(f"{place}: there is no such file or folder.")
    return found, problems


def _walk(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        for child in sorted(path.iterdir()):
            hidden = child.name.startswith(".") or child.suffix.lower() in _SKIPPED_SUFFIXES
            if not hidden and not child.is_symlink():
                yield from _walk(child)


def _reading(path: Path, core: Core) -> Callable[[], Parsed]:
    now = core.clock()

    def read() -> Parsed:
        try:
            if path.stat().st_size > MAX_DOCUMENT_BYTES:
                return Parsed(refused=(Refusal(Refused.TOO_LARGE),))
            return parse(path.read_bytes(), name=path.name, now=now)
        except OSError as error:
            return Parsed(refused=(Refusal(Refused.UNKNOWN_FORMAT, detail=error.strerror or str(error)),))

    return read


def _jsonl_portions(
    path: Path, read: Callable[[Iterable[bytes]], Iterator[RawItem | Refusal]]
) -> Iterator[tuple[Parsed, int]]:
    """A file of lines in portions, so that none is ever held as a whole."""
    try:
        with path.open("rb") as stream:
            entries = read(stream)
            before = 0
            while portion := list(islice(entries, PORTION)):
                items = tuple(entry for entry in portion if isinstance(entry, RawItem))
                refused = tuple(entry for entry in portion if isinstance(entry, Refusal))
                at = stream.tell()
                yield Parsed(items=items, refused=refused), at - before
                before = at
            if before == 0:
                yield Parsed(refused=(Refusal(Refused.EMPTY),)), 0
    except OSError as error:
        yield Parsed(refused=(Refusal(Refused.UNKNOWN_FORMAT, detail=error.strerror or str(error)),)), 0


def _sentence(place: str, refusal: Refusal) -> str:
    where = f", item {refusal.where}" if refusal.where else ""
    detail = f" ({refusal.detail})" if refusal.detail else ""
    return f"{place}{where}: not taken, {REASONS[refusal.code]}{detail}."
