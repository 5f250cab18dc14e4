"""JSON lines: each line for itself, none held longer than needed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from handlers.news.items import RawItem, Refusal, Refused
from handlers.news.jsonl import MAX_LINE_BYTES, read_lines

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def line(**fields: object) -> bytes:
    return json.dumps({"title": "Neue Trasse", "text": "Der Bau beginnt.", **fields}).encode() + b"\n"


def test_every_field_is_read() -> None:
    (item,) = read_lines(
        [
            line(
                text="Eins\nzwei.\n\nDrei.",
                url="https://example.org/a",
                source="DW",
                published_at="2026-03-01T10:00:00+01:00",
                language="de-AT",
                id=7,
            )
        ],
        now=NOW,
    )
    assert item == RawItem(
        title="Neue Trasse",
        paragraphs=("Eins zwei.", "Drei."),
        external_id="7",
        url="https://example.org/a",
        published_at=datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
        language="de",
        source="DW",
    )


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (b"{oops\n", Refused.BROKEN_JSON),
        (b'{"title": "abgeschn\n', Refused.BROKEN_JSON),
        (b"[" * 100_000 + b"\n", Refused.BROKEN_JSON),
        (b'{"id": ' + b"1" * 10_000 + b"}\n", Refused.BROKEN_JSON),
        (b"[1, 2]\n", Refused.WRONG_TYPE),
        (b'"text"\n', Refused.WRONG_TYPE),
        ('{"title": "Größe"}\n'.encode("latin-1"), Refused.NOT_UTF8),
        (line(title=7), Refused.WRONG_TYPE),
        (line(text=["a"]), Refused.WRONG_TYPE),
        (line(id=True), Refused.WRONG_TYPE),
        (line(title="  "), Refused.NO_TITLE),
        (line(title=None), Refused.NO_TITLE),
        (line(text=""), Refused.NO_TEXT),
        (line(text="x" * MAX_LINE_BYTES), Refused.TOO_LARGE),
    ],
)
def test_a_broken_line_costs_its_neighbours_nothing(broken: bytes, code: Refused) -> None:
    before, refusal, after = read_lines([line(id="1"), broken, line(id="3")], now=NOW)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.where) == (code, "2")
    assert len(refusal.detail) <= 120
    assert [item.external_id for item in (before, after) if isinstance(item, RawItem)] == ["1", "3"]


@pytest.mark.parametrize(
    "fields",
    [{"url": "javascript:alert(1)"}, {"published_at": "2999-01-01"}, {"published_at": "bald"}, {"language": None}],
)
def test_an_unusable_value_is_left_out(fields: dict[str, object]) -> None:
    (item,) = read_lines([line(**fields)], now=NOW)
    assert item == RawItem(title="Neue Trasse", paragraphs=("Der Bau beginnt.",))


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_pieces_of_any_size_give_the_same_lines(size: int) -> None:
    whole = b"\xef\xbb\xbf" + line(id="1") + b"\r\n\n" + line(id="2") + b"{oops\n" + line(id="3").rstrip()
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    outcomes = list(read_lines(pieces, now=NOW))
    assert outcomes == list(read_lines([whole], now=NOW))
    assert [getattr(outcome, "external_id", getattr(outcome, "where", "")) for outcome in outcomes] == [
        "1",
        "2",
        "5",
        "3",
    ]


def test_lines_are_given_while_the_file_is_still_coming() -> None:
    came: list[int] = []

    def endless() -> Iterator[bytes]:
        for number in range(1_000_000):
            came.append(number)
            yield line(id=number)

    lines = read_lines(endless(), now=NOW)
    next(lines)
    assert len(came) == 1


def test_a_line_without_end_is_not_held() -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(300):
            yield b"x" * 100_000
        yield b"\n" + line(id="2")

    refusal, item = read_lines(endless(), now=NOW)
    assert isinstance(refusal, Refusal)
    assert refusal.code is Refused.TOO_LARGE
    assert isinstance(item, RawItem)
