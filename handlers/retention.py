"""For how long the bot remembers what it need not know for ever; /privacy tells it, cleaning keeps to it."""

from datetime import timedelta

SHOWN_FOR = timedelta(days=60)
LEDGER_FOR = timedelta(days=90)
