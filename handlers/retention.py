"""For how long the bot remembers what it need not know for ever; /privacy tells it, cleaning keeps to it."""

from datetime import timedelta

SHOWN_FOR = timedelta(days=60)
LEDGER_FOR = timedelta(days=90)
CLIPS_FOR = timedelta(days=180)
# A feed may be out of reach for months and then show the same items again.
TOMBSTONES_FOR = timedelta(days=180)
SEEN_AGAIN_AFTER = timedelta(days=7)
