"""Every table, with its constraints and indexes.

Rows are plain values to the callers: no lazy loads, no open session behind them. Times are aware UTC, local wall
times are "HH:MM" text beside an IANA zone. The order of the classes is the order of their dependencies. The file
is long on purpose: the tables are one design, and are read side by side.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Index, MetaData, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.states import (
    ChatKind,
    ChatState,
    DeliveryKind,
    DeliveryState,
    FeedState,
    MuteKind,
    Ownership,
    Platform,
    SubscriptionKind,
    TopicKind,
)
from storage.types import Id, Json, UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)


class Table(SQLModel):
    """The base of all tables: one metadata with named constraints, so that migrations can change them."""

    metadata = metadata


def _key() -> Any:
    return Field(default=None, primary_key=True, sa_type=Id)


def _ref(target: str, **options: Any) -> Any:
    return Field(foreign_key=target, sa_type=Id, ondelete="CASCADE", **options)


def _at(**options: Any) -> Any:
    return Field(sa_type=UtcDateTime, **options)


def _json(default: type[list[Any]] | type[dict[str, Any]]) -> Any:
    return Field(default_factory=default, sa_column=Column(Json, nullable=False))


class Source(Table, table=True):
    """A publisher and where its ownership label is documented."""

    __tablename__ = "sources"
    id: int | None = _key()
    slug: str = Field(unique=True)
    name: str
    home_url: str = ""
    language: str = ""
    country: str = ""
    owner: str = ""
    ownership: str = Ownership.UNKNOWN
    ownership_url: str = ""
    is_demo: bool = False
    is_paused: bool = False
    wants_full_text: bool = True
    added_at: datetime = _at()


class Feed(Table, table=True):
    """One address that a source publishes at, with what the last polls taught.

    `interval_s` is learnt from how often it publishes, `stated_pause_s` is what it asks for itself; `skip_hours` are
    hours of UTC, "0,1,23"; `moved_count` says how often in a row it was sent on to `moved_to_url` for good.
    """

    __tablename__ = "feeds"
    id: int | None = _key()
    source_id: int = _ref("sources.id", index=True)
    url: str = Field(unique=True)
    title: str = ""
    state: str = FeedState.ACTIVE
    etag: str = ""
    last_modified: str = ""
    interval_s: int = 1800
    next_due_at: datetime = _at()
    polled_at: datetime | None = _at(default=None)
    changed_at: datetime | None = _at(default=None)
    error_count: int = 0
    error_code: str = ""
    error_detail: str = ""
    moved_to_url: str = ""
    moved_count: int = 0
    hub_url: str = ""
    self_url: str = ""
    stated_pause_s: int = 0
    skip_hours: str = ""
    added_at: datetime = _at()
    __table_args__ = (Index("ix_feeds_due", "state", "next_due_at"),)


class Topic(Table, table=True):
    """A topic that clips carry and people subscribe to."""

    __tablename__ = "topics"
    id: str = Field(primary_key=True)
    kind: str = TopicKind.CUSTOM
    position: int = 0
    labels: dict[str, str] = _json(dict)
    terms: dict[str, list[str]] = _json(dict)
    unless: list[str] = _json(list)


class Story(Table, table=True):
    """The clips of several sources about one event; `moved_at` is when a source last joined."""

    __tablename__ = "stories"
    id: int | None = _key()
    title: str = ""
    language: str = ""
    clip_count: int = 0
    source_count: int = 0
    first_at: datetime = _at()
    last_at: datetime = _at()
    moved_at: datetime = _at(index=True)


class Clip(Table, table=True):
    """One short news item of a source, with everything that was computed when it was taken in."""

    __tablename__ = "clips"
    id: int | None = _key()
    source_id: int = _ref("sources.id")
    story_id: int | None = Field(default=None, foreign_key="stories.id", sa_type=Id, ondelete="SET NULL", index=True)
    external_id: str = ""
    url: str = ""
    title: str
    title_key: str = Field(default="", index=True)
    paragraphs: list[str] = _json(list)
    teaser: str = ""
    author: str = ""
    language: str
    published_at: datetime = _at()
    added_at: datetime = _at(index=True)
    updated_at: datetime = _at()
    revision: int = 1
    content_hash: str
    summary_line: str = ""
    summary_short: str = ""
    summary_long: str = ""
    keywords: list[str] = _json(list)
    terms: dict[str, float] = _json(dict)
    signature: int = Field(default=0, sa_type=Id)
    image_url: str = ""
    video_url: str = ""
    video_s: int | None = None
    __table_args__ = (
        Index("ix_clips_published", "published_at", "id"),
        Index("ix_clips_source_published", "source_id", "published_at"),
    )


class ClipKey(Table, table=True):
    """One of the names by which a clip is recognised; its uniqueness decides what is new."""

    __tablename__ = "clip_keys"
    key: str = Field(primary_key=True)
    clip_id: int = _ref("clips.id", index=True)


class Tombstone(Table, table=True):
    """A name of a clip that was forgotten, so that its feed does not bring it back; and when the feed last had it."""

    __tablename__ = "tombstones"
    key: str = Field(primary_key=True)
    seen_at: datetime = _at(index=True)


class ClipRevision(Table, table=True):
    """What a clip said before its source changed it."""

    __tablename__ = "clip_revisions"
    clip_id: int = _ref("clips.id", primary_key=True)
    revision: int = Field(primary_key=True)
    title: str
    paragraphs: list[str] = _json(list)
    replaced_at: datetime = _at(index=True)


class ClipTopic(Table, table=True):
    """How sure we are that a clip is about a topic; published_at is repeated so that one index answers /latest."""

    __tablename__ = "clip_topics"
    clip_id: int = _ref("clips.id", primary_key=True)
    topic_id: str = Field(foreign_key="topics.id", primary_key=True, ondelete="CASCADE")
    score: float
    published_at: datetime = _at()
    __table_args__ = (Index("ix_clip_topics_topic_published", "topic_id", "published_at"),)


class Reference(Table, table=True):
    """A "read more on this" link of a clip, resolved to another clip where we have it."""

    __tablename__ = "references"
    id: int | None = _key()
    clip_id: int = _ref("clips.id", index=True)
    position: int
    title: str
    url: str = ""
    url_key: str = ""
    title_key: str = Field(default="", index=True)
    target_id: int | None = Field(default=None, foreign_key="clips.id", sa_type=Id, ondelete="SET NULL", index=True)


class Notice(Table, table=True):
    """A paragraph that a source repeats under its clips."""

    __tablename__ = "notices"
    id: int | None = _key()
    source_id: int = _ref("sources.id")
    fingerprint: str
    text: str
    first_seen_at: datetime = _at()
    __table_args__ = (UniqueConstraint("source_id", "fingerprint"),)


class ClipNotice(Table, table=True):
    """Which notices stood under a clip, in order."""

    __tablename__ = "clip_notices"
    clip_id: int = _ref("clips.id", primary_key=True)
    notice_id: int = _ref("notices.id", primary_key=True)
    position: int


class SeenParagraph(Table, table=True):
    """Where a source first used a paragraph, so that its second use is recognised as a notice."""

    __tablename__ = "seen_paragraphs"
    source_id: int = _ref("sources.id", primary_key=True)
    fingerprint: str = Field(primary_key=True)
    clip_id: int = _ref("clips.id", index=True)


class TermCount(Table, table=True):
    """In how many clips a stem occurs; weighs related items, and is the vocabulary that search looks parts up in."""

    __tablename__ = "term_counts"
    id: int | None = _key()
    term: str = Field(unique=True)
    documents: int


class Chat(Table, table=True):
    """A person, group, channel, forum topic or room that the bot talks to, with its settings."""

    __tablename__ = "chats"
    id: int | None = _key()
    platform: str = Platform.TERMINAL
    native_id: str
    thread_id: str = ""
    kind: str = ChatKind.PRIVATE
    title: str = ""
    state: str = ChatState.ACTIVE
    state_reason: str = ""
    language: str
    timezone: str
    options: dict[str, str] = _json(dict)
    paused_until: datetime | None = _at(default=None)
    history_key: str = ""
    created_at: datetime = _at()
    seen_at: datetime = _at()
    __table_args__ = (UniqueConstraint("platform", "native_id", "thread_id"),)


class Schedule(Table, table=True):
    """One digest slot of a chat: a local wall time on some weekdays, and the next instant it is due.

    `days` is seven characters Monday to Sunday, "1" where the digest comes ("1111100" is weekdays).
    """

    __tablename__ = "schedules"
    id: int | None = _key()
    chat_id: int = _ref("chats.id", index=True)
    at_local: str
    days: str = "1111111"
    next_due_at: datetime = _at(index=True)
    __table_args__ = (UniqueConstraint("chat_id", "at_local", "days"),)


class Subscription(Table, table=True):
    """What a chat follows: in the digest of a schedule, or at once where there is none (an alert)."""

    __tablename__ = "subscriptions"
    id: int | None = _key()
    chat_id: int = _ref("chats.id", index=True)
    schedule_id: int | None = Field(
        default=None, foreign_key="schedules.id", sa_type=Id, ondelete="CASCADE", index=True
    )
    kind: str = SubscriptionKind.TOPIC
    value: str
    label: str = ""
    created_at: datetime = _at()
    __table_args__ = (
        UniqueConstraint("chat_id", "schedule_id", "kind", "value"),
        Index("ix_subscriptions_wanted", "kind", "value"),
        Index(
            "uq_subscriptions_alert",
            "chat_id",
            "kind",
            "value",
            unique=True,
            sqlite_where=text("schedule_id IS NULL"),
            postgresql_where=text("schedule_id IS NULL"),
        ),
    )


class Mute(Table, table=True):
    """What a chat does not want to read."""

    __tablename__ = "mutes"
    id: int | None = _key()
    chat_id: int = _ref("chats.id")
    kind: str = MuteKind.SOURCE
    value: str
    label: str = ""
    created_at: datetime = _at()
    __table_args__ = (UniqueConstraint("chat_id", "kind", "value"),)


class Bookmark(Table, table=True):
    """A clip that a chat saved."""

    __tablename__ = "bookmarks"
    chat_id: int = _ref("chats.id", primary_key=True)
    clip_id: int = _ref("clips.id", primary_key=True, index=True)
    saved_at: datetime = _at()


class Edition(Table, table=True):
    """A composed choice of stories; chats with equal wishes and equal memory share one."""

    __tablename__ = "editions"
    id: int | None = _key()
    key: str = Field(unique=True)
    composed_at: datetime = _at(index=True)


class EditionEntry(Table, table=True):
    """One story of an edition, in order, with the clip that tells it."""

    __tablename__ = "edition_entries"
    edition_id: int = _ref("editions.id", primary_key=True)
    position: int = Field(primary_key=True)
    heading: str = ""
    story_id: int | None = Field(default=None, sa_type=Id, index=True)
    clip_id: int = _ref("clips.id", index=True)
    revision: int = 1
    source_count: int = 1
    is_update: bool = False


class Delivery(Table, table=True):
    """The row that says that a message is owed to a chat, and what became of it."""

    __tablename__ = "deliveries"
    id: int | None = _key()
    chat_id: int = _ref("chats.id")
    kind: str = DeliveryKind.DIGEST
    slot: str
    local_date: date
    edition_id: int | None = Field(default=None, foreign_key="editions.id", sa_type=Id, ondelete="SET NULL", index=True)
    body: dict[str, Any] = _json(dict)
    state: str = DeliveryState.PLANNED
    due_at: datetime = _at()
    ready_at: datetime = _at()
    lease_until: datetime | None = _at(default=None)
    lease_owner: str = ""
    attempts: int = 0
    uncertain_count: int = 0
    parts: list[str] = _json(list)
    error_code: str = ""
    error_detail: str = ""
    sent_at: datetime | None = _at(default=None)
    created_at: datetime = _at()
    __table_args__ = (
        UniqueConstraint("chat_id", "local_date", "kind", "slot"),
        Index("ix_deliveries_ready", "state", "kind", "ready_at"),
        Index("ix_deliveries_chat_sent", "chat_id", "sent_at"),
        # A number is never given again: who sends a delivery that is gone by now must not settle another one's row.
        {"sqlite_autoincrement": True},
    )


class MessageClip(Table, table=True):
    """Which clips a sent message shows, so that a reply to it can be understood."""

    __tablename__ = "message_clips"
    chat_id: int = _ref("chats.id", primary_key=True)
    message_id: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    clip_id: int = _ref("clips.id", index=True)
    sent_at: datetime = _at(index=True)


class Lease(Table, table=True):
    """Who may do a thing that only one replica may do, and until when."""

    __tablename__ = "leases"
    name: str = Field(primary_key=True)
    owner: str
    until: datetime = _at()


class Fact(Table, table=True):
    """Small remembered values of the bot itself, such as the update offset or the menus last sent."""

    __tablename__ = "facts"
    name: str = Field(primary_key=True)
    value: str


class ClipSearch(Table, table=True):
    """The folded stems that search matches; the full-text index of each database is built over this table."""

    __tablename__ = "clip_search"
    clip_id: int = _ref("clips.id", primary_key=True)
    title: str
    body: str


class ModelSummary(Table, table=True):
    """What a language model wrote of one revision of a clip; an empty text was asked for and refused."""

    __tablename__ = "model_summaries"
    clip_id: int = _ref("clips.id", primary_key=True)
    revision: int = Field(primary_key=True)
    language: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    text: str
    made_at: datetime = _at()


class ClipVector(Table, table=True):
    """What an encoder made of a clip: numbers whose nearness is nearness of meaning."""

    __tablename__ = "clip_vectors"
    clip_id: int = _ref("clips.id", primary_key=True)
    model: str
    vector: bytes


class HubSubscription(Table, table=True):
    """What was asked of the hub of a feed (WebSub): `state` is asked, verified, denied or leaving.

    `token` is the part of our address that only this hub knows, `secret` what it signs with.
    """

    __tablename__ = "hub_subscriptions"
    feed_id: int = _ref("feeds.id", primary_key=True)
    topic_url: str
    hub_url: str
    secret: str
    token: str = Field(unique=True)
    state: str = "asked"
    lease_until: datetime | None = _at(default=None)
    next_at: datetime = _at(index=True)
    attempts: int = 0
