"""Decisions about news: pure functions from bytes and text to clips, stories and digests."""
