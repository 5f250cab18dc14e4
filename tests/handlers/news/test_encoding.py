"""Bytes become the text that was meant."""

import codecs

import pytest

from handlers.news.encoding import decode

GERMAN = "Größe „Maß“ – übermäßig schön, sagt die Behörde in Köln"
RUSSIAN = "Москва объявила о запуске новой программы: энергия и технологии"
POLISH = "Łódź ogłosiła nowy program źródeł energii, żółw"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "utf-8"),
        (GERMAN, "utf-8-sig"),
        (GERMAN, "utf-16"),
        (GERMAN, "utf-32"),
        (GERMAN, "windows-1252"),
        (GERMAN.translate({0x201E: '"', 0x201C: '"', 0x2013: "-"}), "iso-8859-1"),
        (RUSSIAN, "windows-1251"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "iso-8859-5"),
        ("Новости", "koi8-r"),
        ("Новости", "windows-1251"),
        (POLISH, "iso-8859-2"),
        ("北京今天宣布新的能源计划，将在明年三月开始实施", "gbk"),
        ("台北今天宣布新的能源計畫，將在明年三月開始實施", "big5"),
        ("東京で新しい計画が発表されました。", "shift_jis"),
        ("東京で新しい計画が発表されました。", "euc_jp"),
        ("서울에서 새로운 계획을 발표했다", "euc_kr"),
    ],
)
def test_text_that_says_nothing_of_its_encoding_is_detected(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "iso-8859-5", "windows-1253", "cp866"])
@pytest.mark.parametrize("place", ["xml", "http", "meta"])
def test_a_declared_encoding_is_used(encoding: str, place: str) -> None:
    body = "Νέα" if encoding == "windows-1253" else "ёж МИР"
    text = {
        "xml": f'<?xml version="1.0" encoding="{encoding}"?><rss>{body}</rss>',
        "meta": f'<html><meta charset="{encoding}"><body>{body}',
        "http": body,
    }[place]
    header = f"text/xml; charset={encoding}" if place == "http" else ""
    assert decode(text.encode(encoding), content_type=header).text == text


def test_the_document_is_believed_before_the_server() -> None:
    data = '<?xml version="1.0" encoding="koi8-r"?><rss>МИР</rss>'.encode("koi8-r")
    assert "МИР" in decode(data, content_type="text/xml; charset=iso-8859-1").text


def test_utf8_is_recognised_under_a_wrong_declaration() -> None:
    data = f'<?xml version="1.0" encoding="iso-8859-1"?><rss>{GERMAN}</rss>'.encode()
    assert GERMAN in decode(data, content_type="text/xml; charset=iso-8859-1").text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_xml_without_a_mark_is_recognised(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="utf-16"?><rss>{GERMAN}</rss>'
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize("label", ["utf-7", "hex", "rot13", "zlib", "idna", "nonsense", "unicode_escape", "utf-16"])
def test_a_label_that_is_no_usable_charset_is_ignored(label: str) -> None:
    data = f'<?xml version="1.0" encoding="{label}"?><rss>{RUSSIAN}</rss>'.encode("windows-1251")
    assert RUSSIAN in decode(data).text


def test_damaged_bytes_are_replaced_and_told() -> None:
    decoded = decode(codecs.BOM_UTF8 + b"gut \xff schlecht")
    assert (decoded.text, decoded.is_damaged) == ("gut \ufffd schlecht", True)
