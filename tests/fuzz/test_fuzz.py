"""The feeds that the fuzzer starts from are sound, and a short run of it ends without a crash."""

import pytest

from handlers.news.parse import parse
from tests.fuzz.__main__ import run
from tests.fuzz.feeds import FEEDS
from tests.make import NOW


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_as_programs_make_them_is_read_whole(name: str) -> None:
    parsed = parse(FEEDS[name], url="https://bote.example/f", now=NOW)
    assert parsed.refused == ()
    assert len(parsed.items) == (1 if name == "page" else 4)
    for item in parsed.items:
        assert item.title
        assert item.paragraphs
        assert item.url
        assert item.published_at is not None
        assert "<" not in " ".join((item.title, *item.paragraphs))


def test_a_short_run_finds_no_crash() -> None:
    tally = run(2, None, seed=7)
    assert tally.crashes == []
    assert tally.tried > len(FEEDS)
