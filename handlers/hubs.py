"""WebSub, the side of the subscriber: when a hub is asked, how long its word holds, and what it has signed.

Source: WebSub, W3C Recommendation of 23 January 2018, sections 5 (subscribing), 5.3 (verification) and 8 (signatures).
"""

import hashlib
import hmac
from datetime import datetime, timedelta

# What is asked for; a hub may give less.
WANTED = timedelta(days=10)
SHORTEST = timedelta(hours=1)
LONGEST = timedelta(days=30)
# A hub that has not verified by then is asked again.
ANSWER_WITHIN = timedelta(minutes=15)
LATEST = timedelta(hours=24)
# Between two polls of a feed whose hub calls without end.
APART = timedelta(minutes=2)
_MOST_DOUBLINGS = 7
_HASHES = frozenset({"sha1", "sha256", "sha384", "sha512"})


def ask_again_at(now: datetime, attempts: int) -> datetime:
    """When a hub that did not answer as it should is asked again: later and later, once a day at last."""
    doublings: int = 2 ** min(attempts, _MOST_DOUBLINGS)
    return now + min(LATEST, ANSWER_WITHIN * doublings)


def lease_of(seconds: str) -> timedelta:
    """How long a hub says that it will call, within bounds; what we asked for where it says nothing readable."""
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 10):
        return WANTED
    return min(LONGEST, max(SHORTEST, timedelta(seconds=int(seconds))))


def renew_at(now: datetime, lease: timedelta) -> datetime:
    """When a subscription is renewed: with a tenth of it left."""
    return now + lease * 0.9


def told_of_news(now: datetime, polled_at: datetime | None, due_at: datetime, *, is_failing: bool) -> datetime:
    """When a feed is asked whose hub tells of news: at once, but not again and again, and a failing one as planned."""
    if is_failing or due_at <= now:
        return due_at
    return min(due_at, max(now, polled_at + APART) if polled_at is not None else now)


def is_signed(header: str, body: bytes, secret: str) -> bool:
    """Whether a body was signed with the secret that only the hub and we know.

    Args:
        header: X-Hub-Signature, "sha256=<hex>".
    """
    method, _, signature = header.strip().partition("=")
    if method.lower() not in _HASHES:
        return False
    made = hmac.new(secret.encode(), body, getattr(hashlib, method.lower())).hexdigest()
    return hmac.compare_digest(made.encode(), signature.strip().lower().encode("utf-8", "surrogateescape"))
