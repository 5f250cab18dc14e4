"""Sections in the addresses of articles."""

import pytest

from handlers.news.iptc import iptc_topics
from handlers.news.lexicon import load
from handlers.news.sections import topic_of


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://www.example.com/politik/ausland/ein-gipfel-1.123", "11"),
        ("https://www.example.com/Sport/bundesliga/kiel-siegt.html", "15"),
        ("https://www.example.com/de/wirtschaft/artikel-1", "04"),
        ("https://www.example.com/news/technology/story-1", "13"),
        ("https://www.example.com/panorama/sport-1", ""),
        ("https://www.example.com/sport", ""),
        ("https://www.example.com/2026/11/27/kultur-im-wandel", ""),
        ("https://[broken/politik/x", ""),
        ("", ""),
    ],
)
def test_section_in_the_path_is_a_topic_and_headlines_are_not(url: str, code: str) -> None:
    assert topic_of(url) == (f"medtop:{code}000000" if code else "")


def test_every_section_belongs_to_one_topic_of_the_iptc() -> None:
    table = load("sections")
    parts = [part for line in table.values() for part in line.split()]
    assert set(table) <= {topic.id for topic in iptc_topics()}
    assert len(parts) == len(set(parts))
