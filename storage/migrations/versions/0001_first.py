"""The first schema."""

import sqlalchemy as sa
from alembic import op

from storage import sqlite
from storage.types import Id, Json, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "chats",
        sa.Column("id", Id, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("native_id", sa.String(), nullable=False),
        sa.Column("thread_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_reason", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("paused_until", UtcDateTime(), nullable=True),
        sa.Column("history_key", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chats")),
        sa.UniqueConstraint("platform", "native_id", "thread_id", name=op.f("uq_chats_platform_native_id_thread_id")),
    )
    op.create_table(
        "editions",
        sa.Column("id", Id, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("composed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
        sa.UniqueConstraint("key", name=op.f("uq_editions_key")),
    )
    op.create_index(op.f("ix_editions_composed_at"), "editions", ["composed_at"], unique=False)
    op.create_table(
        "facts",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "sources",
        sa.Column("id", Id, nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("home_url", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("ownership", sa.String(), nullable=False),
        sa.Column("ownership_url", sa.String(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("wants_full_text", sa.Boolean(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("slug", name=op.f("uq_sources_slug")),
    )
    op.create_table(
        "stories",
        sa.Column("id", Id, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("clip_count", sa.Integer(), nullable=False),
        sa.Column("source_count", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("moved_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
    )
    op.create_index(op.f("ix_stories_moved_at"), "stories", ["moved_at"], unique=False)
    op.create_table(
        "term_counts",
        sa.Column("id", Id, nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term_counts")),
        sa.UniqueConstraint("term", name=op.f("uq_term_counts_term")),
    )
    op.create_table(
        "topics",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("labels", Json, nullable=False),
        sa.Column("terms", Json, nullable=False),
        sa.Column("unless", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
    )
    op.create_table(
        "clips",
        sa.Column("id", Id, nullable=False),
        sa.Column("source_id", Id, nullable=False),
        sa.Column("story_id", Id, nullable=True),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_key", sa.String(), nullable=False),
        sa.Column("paragraphs", Json, nullable=False),
        sa.Column("teaser", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("summary_line", sa.String(), nullable=False),
        sa.Column("summary_short", sa.String(), nullable=False),
        sa.Column("summary_long", sa.String(), nullable=False),
        sa.Column("keywords", Json, nullable=False),
        sa.Column("terms", Json, nullable=False),
        sa.Column("signature", Id, nullable=False),
        sa.Column("image_url", sa.String(), nullable=False),
        sa.Column("video_url", sa.String(), nullable=False),
        sa.Column("video_s", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_clips_source_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_clips_story_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clips")),
    )
    op.create_index(op.f("ix_clips_added_at"), "clips", ["added_at"], unique=False)
    op.create_index("ix_clips_published", "clips", ["published_at", "id"], unique=False)
    op.create_index("ix_clips_source_published", "clips", ["source_id", "published_at"], unique=False)
    op.create_index(op.f("ix_clips_story_id"), "clips", ["story_id"], unique=False)
    op.create_index(op.f("ix_clips_title_key"), "clips", ["title_key"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", Id, nullable=False),
        sa.Column("chat_id", Id, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("edition_id", Id, nullable=True),
        sa.Column("body", Json, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("ready_at", UtcDateTime(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("lease_owner", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("uncertain_count", sa.Integer(), nullable=False),
        sa.Column("parts", Json, nullable=False),
        sa.Column("error_code", sa.String(), nullable=False),
        sa.Column("error_detail", sa.String(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_deliveries_chat_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name=op.f("fk_deliveries_edition_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "chat_id", "local_date", "kind", "slot", name=op.f("uq_deliveries_chat_id_local_date_kind_slot")
        ),
    )
    op.create_index("ix_deliveries_chat_sent", "deliveries", ["chat_id", "sent_at"], unique=False)
    op.create_index("ix_deliveries_claim", "deliveries", ["state", "ready_at"], unique=False)
    op.create_index(op.f("ix_deliveries_edition_id"), "deliveries", ["edition_id"], unique=False)
    op.create_table(
        "feeds",
        sa.Column("id", Id, nullable=False),
        sa.Column("source_id", Id, nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("etag", sa.String(), nullable=False),
        sa.Column("last_modified", sa.String(), nullable=False),
        sa.Column("interval_s", sa.Integer(), nullable=False),
        sa.Column("next_due_at", UtcDateTime(), nullable=False),
        sa.Column("polled_at", UtcDateTime(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=True),
        sa.Column("error_count", sa.Integer(), nullable=False),
        sa.Column("error_code", sa.String(), nullable=False),
        sa.Column("error_detail", sa.String(), nullable=False),
        sa.Column("moved_to_url", sa.String(), nullable=False),
        sa.Column("moved_count", sa.Integer(), nullable=False),
        sa.Column("hub_url", sa.String(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_feeds_source_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
        sa.UniqueConstraint("url", name=op.f("uq_feeds_url")),
    )
    op.create_index("ix_feeds_due", "feeds", ["state", "next_due_at"], unique=False)
    op.create_index(op.f("ix_feeds_source_id"), "feeds", ["source_id"], unique=False)
    op.create_table(
        "mutes",
        sa.Column("id", Id, nullable=False),
        sa.Column("chat_id", Id, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_mutes_chat_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mutes")),
        sa.UniqueConstraint("chat_id", "kind", "value", name=op.f("uq_mutes_chat_id_kind_value")),
    )
    op.create_table(
        "notices",
        sa.Column("id", Id, nullable=False),
        sa.Column("source_id", Id, nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_notices_source_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("source_id", "fingerprint", name=op.f("uq_notices_source_id_fingerprint")),
    )
    op.create_table(
        "schedules",
        sa.Column("id", Id, nullable=False),
        sa.Column("chat_id", Id, nullable=False),
        sa.Column("at_local", sa.String(), nullable=False),
        sa.Column("days", sa.String(), nullable=False),
        sa.Column("next_due_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_schedules_chat_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.UniqueConstraint("chat_id", "at_local", "days", name=op.f("uq_schedules_chat_id_at_local_days")),
    )
    op.create_index(op.f("ix_schedules_chat_id"), "schedules", ["chat_id"], unique=False)
    op.create_index(op.f("ix_schedules_next_due_at"), "schedules", ["next_due_at"], unique=False)
    op.create_table(
        "bookmarks",
        sa.Column("chat_id", Id, nullable=False),
        sa.Column("clip_id", Id, nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_bookmarks_chat_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["clip_id"], ["clips.id"], name=op.f("fk_bookmarks_clip_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("chat_id", "clip_id", name=op.f("pk_bookmarks")),
    )
    op.create_index(op.f("ix_bookmarks_clip_id"), "bookmarks", ["clip_id"], unique=False)
    op.create_table(
        "clip_keys",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("clip_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["clip_id"], ["clips.id"], name=op.f("fk_clip_keys_clip_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_clip_keys")),
    )
    op.create_index(op.f("ix_clip_keys_clip_id"), "clip_keys", ["clip_id"], unique=False)
    op.create_table(
        "clip_notices",
        sa.Column("clip_id", Id, nullable=False),
        sa.Column("notice_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["clip_id"], ["clips.id"], name=op.f("fk_clip_notices_clip_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_clip_notices_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("clip_id", "notice_id", name=op.f("pk_clip_notices")),
    )
    op.create_table(
        "clip_revisions",
        sa.Column("clip_id", Id, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("paragraphs", Json, nullable=False),
        sa.Column("replaced_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["clip_id"], ["clips.id"], name=op.f("fk_clip_revisions_clip_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("clip_id", "revision", name=op.f("pk_clip_revisions")),
    )
    op.create_table(
        "clip_search",
        sa.Column("clip_id", Id, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["clip_id"], ["clips.id"], name=op.f("fk_clip_search_clip_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("clip_id", name=op.f("pk_clip_search")),
    )
    op.create_table(
        "clip_topics",
        sa.Column("clip_id", Id, nullable=False),
        sa.Column("topic_id", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["clip_id"], ["clips.id"], name=op.f("fk_clip_topics_clip_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_clip_topics_topic_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("clip_id", "topic_id", name=op.f("pk_clip_topics")),
    )
    op.create_index("ix_clip_topics_topic_published", "clip_topics", ["topic_id", "published_at"], unique=False)
    op.create_table(
        "edition_entries",
        sa.Column("edition_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("heading", sa.String(), nullable=False),
        sa.Column("story_id", Id, nullable=True),
        sa.Column("clip_id", Id, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("source_count", sa.Integer(), nullable=False),
        sa.Column("is_update", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["clip_id"], ["clips.id"], name=op.f("fk_edition_entries_clip_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name=op.f("fk_edition_entries_edition_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("edition_id", "position", name=op.f("pk_edition_entries")),
    )
    op.create_index(op.f("ix_edition_entries_clip_id"), "edition_entries", ["clip_id"], unique=False)
    op.create_index(op.f("ix_edition_entries_story_id"), "edition_entries", ["story_id"], unique=False)
    op.create_table(
        "message_clips",
        sa.Column("chat_id", Id, nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("clip_id", Id, nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_message_clips_chat_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["clip_id"], ["clips.id"], name=op.f("fk_message_clips_clip_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("chat_id", "message_id", "position", name=op.f("pk_message_clips")),
    )
    op.create_index(op.f("ix_message_clips_clip_id"), "message_clips", ["clip_id"], unique=False)
    op.create_index(op.f("ix_message_clips_sent_at"), "message_clips", ["sent_at"], unique=False)
    op.create_table(
        "references",
        sa.Column("id", Id, nullable=False),
        sa.Column("clip_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("url_key", sa.String(), nullable=False),
        sa.Column("title_key", sa.String(), nullable=False),
        sa.Column("target_id", Id, nullable=True),
        sa.ForeignKeyConstraint(["clip_id"], ["clips.id"], name=op.f("fk_references_clip_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["clips.id"], name=op.f("fk_references_target_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_references")),
    )
    op.create_index(op.f("ix_references_clip_id"), "references", ["clip_id"], unique=False)
    op.create_index(op.f("ix_references_target_id"), "references", ["target_id"], unique=False)
    op.create_index(op.f("ix_references_title_key"), "references", ["title_key"], unique=False)
    op.create_table(
        "seen_paragraphs",
        sa.Column("source_id", Id, nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("clip_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["clip_id"], ["clips.id"], name=op.f("fk_seen_paragraphs_clip_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_seen_paragraphs_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", "fingerprint", name=op.f("pk_seen_paragraphs")),
    )
    op.create_index(op.f("ix_seen_paragraphs_clip_id"), "seen_paragraphs", ["clip_id"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("id", Id, nullable=False),
        sa.Column("chat_id", Id, nullable=False),
        sa.Column("schedule_id", Id, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_subscriptions_chat_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedules.id"], name=op.f("fk_subscriptions_schedule_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint(
            "chat_id", "schedule_id", "kind", "value", name=op.f("uq_subscriptions_chat_id_schedule_id_kind_value")
        ),
    )
    op.create_index(op.f("ix_subscriptions_chat_id"), "subscriptions", ["chat_id"], unique=False)
    op.create_index(op.f("ix_subscriptions_schedule_id"), "subscriptions", ["schedule_id"], unique=False)
    op.create_index("ix_subscriptions_wanted", "subscriptions", ["kind", "value"], unique=False)
    op.create_index(
        "uq_subscriptions_alert",
        "subscriptions",
        ["chat_id", "kind", "value"],
        unique=True,
        sqlite_where=sa.text("schedule_id IS NULL"),
        postgresql_where=sa.text("schedule_id IS NULL"),
    )
    if op.get_bind().dialect.name == "sqlite":
        sqlite.create_search_index(op.get_bind())
    else:
        from storage import postgres

        postgres.create_search_index(op.get_bind())
