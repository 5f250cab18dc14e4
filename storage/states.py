"""The named states of rows; the database holds exactly these words."""

from enum import StrEnum


class Ownership(StrEnum):
    """Who stands behind a source, as its label is documented."""

    PUBLIC = "public"
    PRIVATE = "private"
    NONPROFIT = "nonprofit"
    STATE_FUNDED = "state_funded"
    STATE_CONTROLLED = "state_controlled"
    AGENCY = "agency"
    INSTITUTION = "institution"
    COMMUNITY = "community"
    UNKNOWN = "unknown"


class FeedState(StrEnum):
    """Whether a feed is polled: `retired` after the server said that it is gone for good."""

    ACTIVE = "active"
    PAUSED = "paused"
    RETIRED = "retired"


class Platform(StrEnum):
    """Where a chat lives."""

    TELEGRAM = "telegram"
    MATRIX = "matrix"
    TERMINAL = "terminal"


class ChatKind(StrEnum):
    """What sort of conversation a chat is."""

    PRIVATE = "private"
    GROUP = "group"
    CHANNEL = "channel"


class ChatState(StrEnum):
    """Whether a chat can be written to; anything but `active` keeps its subscriptions.

    `banned` is the operator's word: nothing that the chat or its platform does lifts it.
    """

    ACTIVE = "active"
    BLOCKED = "blocked"
    LEFT = "left"
    GONE = "gone"
    BANNED = "banned"


class SubscriptionKind(StrEnum):
    """What a subscription follows; a story only at once, never in a digest."""

    TOPIC = "topic"
    KEYWORD = "keyword"
    SOURCE = "source"
    STORY = "story"


class MuteKind(StrEnum):
    """What a mute keeps out of digests."""

    TOPIC = "topic"
    KEYWORD = "keyword"
    SOURCE = "source"
    STORY = "story"


class DeliveryKind(StrEnum):
    """Why a message is owed to a chat."""

    DIGEST = "digest"
    ALERT = "alert"
    CORRECTION = "correction"
    BROADCAST = "broadcast"


class DeliveryState(StrEnum):
    """What became of a delivery.

    planned → sending (under a lease) → sent | planned again at retry_at | gone | moved | skipped | given_up.
    """

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    GONE = "gone"
    SKIPPED = "skipped"
    GIVEN_UP = "given_up"


class TopicKind(StrEnum):
    """An IPTC Media Topic of the top level, or one that the operator defined."""

    IPTC = "iptc"
    CUSTOM = "custom"
