"""Figures of a running bot for Prometheus. No label holds a chat, an address or a secret, and each has few values.

The library is Prometheus' own: no dependencies, made for this format. What it keeps is kept for each process alone.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, Info, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from storage.states import ChatState, DeliveryState, FeedState
from storage.status import Overview

QUICK_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
LONG_S = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
# Some codes are words of a server, which may say anything.
MOST_CODES = 50
OTHER = "other"
_CODE = re.compile(r"[a-z0-9_]{1,40}")
Numbers = Mapping[str, float]


class Metrics:
    """All figures of one process; what is in the database comes from `hold`, what is looked up from `look`."""

    def __init__(self, version: str, database: str) -> None:
        """Begin at nothing.

        Args:
            database: its kind.
        """
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        self._held = _Held()
        registry.register(self._held)
        self._codes: set[str] = set()
        Info("kurzclips_build", "What runs here.", registry=registry).info({"version": version, "database": database})
        self._sends = Counter(
            "kurzclips_sends",
            "Tries to send a delivery: sent, or what the failure means for it, and why.",
            ("platform", "outcome", "code"),
            registry=registry,
        )
        self._send_s = _seconds("kurzclips_send", "From a delivery's turn until the platform answered.", registry)
        self._replies = Counter(
            "kurzclips_replies",
            "Answers to people, by command.",
            ("platform", "command", "outcome"),
            registry=registry,
        )
        self._reply_s = _seconds("kurzclips_reply", "From a request until its answer can be rendered.", registry)
        self._polls = Counter("kurzclips_feed_polls", "Feeds asked, by what came of it.", ("code",), registry=registry)
        self._clips = Counter("kurzclips_clips_taken_in", "Items that feeds brought.", ("outcome",), registry=registry)
        self._job_s = Histogram("kurzclips_job_seconds", "Runs of a job.", ("job",), buckets=LONG_S, registry=registry)
        self._job_failures = Counter("kurzclips_job_failures", "Runs that failed.", ("job",), registry=registry)
        self._write_wait_s = Histogram(
            "kurzclips_database_write_wait_seconds", "Waits for the turn to write.", buckets=QUICK_S, registry=registry
        )

    def hold(self, overview: Overview | None, database_bytes: int = 0) -> None:
        """Show these counts of the database from now on; none where it cannot be asked."""
        self._held.overview, self._held.database_bytes = overview, database_bytes

    def look(self, name: str, words: str, label: str, numbers: Callable[[], Numbers]) -> None:
        """Show what a function gives at each look: label value → number."""
        self._held.looks.append((name, words, label, numbers))

    def sent(self, platform: str, outcome: str, code: str, seconds: float | None) -> None:
        """A delivery was tried.

        Args:
            seconds: since its turn came; None where it did not come.
        """
        self._sends.labels(platform, outcome, self._few(code)).inc()
        if seconds is not None:
            self._send_s.labels(platform).observe(seconds)

    def replied(self, platform: str, command: str, outcome: str, seconds: float) -> None:
        """Somebody was answered; `command` is one of ours."""
        self._replies.labels(platform, command, outcome).inc()
        self._reply_s.labels(platform).observe(seconds)

    def polled(self, code: str) -> None:
        """A feed was asked: why it could not be had, "" where it answered."""
        self._polls.labels(self._few(code or "answered")).inc()

    def brought(self, new: int, updated: int, refused: int) -> None:
        """A feed's items were taken in."""
        for outcome, count in (("new", new), ("updated", updated), ("refused", refused)):
            self._clips.labels(outcome).inc(count)

    def ran(self, job: str, seconds: float, *, has_failed: bool) -> None:
        """A job ran."""
        self._job_s.labels(job).observe(seconds)
        self._job_failures.labels(job).inc(has_failed)

    def waited(self, seconds: float) -> None:
        """Somebody waited for the turn to write."""
        self._write_wait_s.observe(seconds)

    def write(self, accept: str) -> tuple[bytes, str]:
        """All figures in the form that an Accept header asks for, with its content type."""
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type

    def _few(self, code: str) -> str:
        if code and code not in self._codes:
            if len(self._codes) >= MOST_CODES or not _CODE.fullmatch(code):
                return OTHER
            self._codes.add(code)
        return code


def _seconds(name: str, words: str, registry: CollectorRegistry) -> Histogram:
    return Histogram(f"{name}_seconds", words, ("platform",), buckets=QUICK_S, registry=registry)


class _Held(Collector):
    """What is the same for all processes on a database, and what is looked up."""

    def __init__(self) -> None:
        self.overview: Overview | None = None
        self.database_bytes = 0
        self.looks: list[tuple[str, str, str, Callable[[], Numbers]]] = []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give each figure; those of a database that cannot be asked are left out."""
        yield _gauge("kurzclips_database_up", "Whether the database answers.", float(self.overview is not None))
        if self.overview is not None:
            yield from self._counts(self.overview)
        for name, words, label, numbers in self.looks:
            yield _gauges(name, words, label, numbers())

    def _counts(self, found: Overview) -> Iterator[GaugeMetricFamily]:
        yield _gauges("kurzclips_deliveries", "Deliveries.", "state", _all(DeliveryState, found.deliveries))
        yield _gauge("kurzclips_deliveries_due", "Deliveries that could go now.", found.ready)
        yield _gauge("kurzclips_deliveries_oldest_due_seconds", "Since the oldest of them could go.", found.late_s)
        yield _gauges("kurzclips_chats", "Chats.", "state", _all(ChatState, found.chats))
        yield _gauges("kurzclips_feeds", "Feeds.", "state", _all(FeedState, found.feeds))
        yield _gauge("kurzclips_feeds_failing", "Feeds that are read and failed at their last poll.", found.failing)
        yield _gauge("kurzclips_clips", "Clips.", found.clips)
        yield _gauge("kurzclips_subscriptions", "Subscriptions.", found.subscriptions)
        yield _gauge("kurzclips_database_bytes", "Room that the database takes.", self.database_bytes)


def _all(states: type[DeliveryState] | type[ChatState] | type[FeedState], found: Mapping[str, int]) -> Numbers:
    return {str(state): 0 for state in states} | dict(found)


def _gauge(name: str, words: str, number: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=number)


def _gauges(name: str, words: str, label: str, numbers: Numbers) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=(label,))
    for value, number in numbers.items():
        family.add_metric((value,), number)
    return family
