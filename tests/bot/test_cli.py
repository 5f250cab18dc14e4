"""The shell as an operator meets it: the real program in an empty folder, with bad and good input."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Shell:
    """Runs `kurzclips` in a folder of its own, without the settings of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KURZCLIPS_")}
        self.environment = {**kept, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}

    def run(self, *words: str, said: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "bot", *words],
            cwd=self.folder,
            env={**self.environment, **{f"KURZCLIPS_{name}": value for name, value in settings.items()}},
            input=said,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert "Traceback" not in done.stderr + done.stdout
        return done

    def write(self, name: str, content: bytes | str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return name

    def export(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.run("export", "--jsonl").stdout.splitlines()]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def line(**fields: object) -> str:
    return json.dumps(fields, ensure_ascii=False)


def test_piped_lines_get_sensible_answers_and_the_database_is_kept(shell: Shell) -> None:
    assert shell.run("seed", "--if-empty").returncode == 0
    said = "/latest\n/topics\n/summary 1\n/related 1\n/search kernkraft\n/subscribe energie 07:30\n/digest\n/quit\n"
    first = shell.run("chat", said=said)
    assert first.returncode == 0
    assert first.stderr == ""
    for part in (
        "Neueste Meldungen",
        "Energie (",
        "Gundremmingen",
        "Ähnliches zu",
        "Suche: kernkraft",
        "täglich um 07:30",
    ):
        assert part in first.stdout
    assert "Ihr Überblick" in first.stdout
    again = shell.run("chat", said="/subscriptions\n/quit\n")
    assert "täglich um 07:30" in again.stdout
    assert (shell.folder / "data" / "kurzclips.db").is_file()


def test_run_without_a_platform_says_how_to_configure_one_and_exits_2(shell: Shell) -> None:
    done = shell.run("run")
    assert done.returncode == 2
    assert "KURZCLIPS_TELEGRAM_TOKEN" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("TELEGRAM_TOKEN", "geheim-und-falsch", "not a bot token"),
        ("DEFAULT_TIMEZONE", "Mars/Olympus", "not a time zone"),
        ("DEFAULT_LANGUAGE", "tlh", "is none of"),
        ("ADMINS", "anna", "not of the form"),
        ("TELEGRAM_RATE_PER_SECOND", "viele", "TELEGRAM_RATE_PER_SECOND"),
        ("ALLOW_PRIVATE_NETWORK", "hier:99999", "host:port"),
        ("DATABASE_URL", "mysql://a/b", "not supported"),
    ],
)
def test_absurd_setting_is_one_sentence_without_the_secret(shell: Shell, setting: str, value: str, words: str) -> None:
    done = shell.run("db", "info", **{setting: value})
    assert done.returncode != 0
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert "geheim" not in done.stderr


def test_jsonl_with_broken_lines_keeps_the_good_ones_and_names_the_bad(shell: Shell) -> None:
    lines = [
        line(title="Brücke in Husum offen", text="Die Brücke ist offen. Der Bau dauerte zwei Jahre.", source="Bote"),
        "{broken",
        line(title="", text="Ohne Titel."),
        line(title=7, text="Der Titel ist eine Zahl."),
        "[]",
        line(title="Fähre fährt wieder", text="Die Fähre fährt wieder.\n\nSie war kaputt.", source="Bote"),
    ]
    shell.write("news.jsonl", "\n".join(lines))
    done = shell.run("ingest", "news.jsonl")
    assert done.returncode == 1
    assert "2 new" in done.stdout
    assert "4 refused" in done.stdout
    assert "item 2" in done.stderr
    assert {record["title"] for record in shell.export()} == {"Brücke in Husum offen", "Fähre fährt wieder"}
    again = shell.run("ingest", "news.jsonl")
    assert "0 new, 0 updated, 2 already known" in again.stdout


BOMB = """<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>
<rss version="2.0"><channel><title>x</title><item><title>&b;</title></item></channel></rss>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<rss version="2.0"><channel><title>x</title><item><title>&x;</title></item></channel></rss>"""


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.txt", b"", "it is empty"),
        ("blank.txt", b" \n \n", "it is empty"),
        ("image.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00" * 20, "it is not text"),
        ("bomb.xml", BOMB.encode(), "not safe to read"),
        ("outside.xml", OUTSIDE.encode(), "not safe to read"),
        ("word.txt", b"nur ein Wort", "it has no text"),
        ("page.html", b"<html><body><nav>a</nav></body></html>", "it has no text"),
    ],
)
def test_document_that_is_none_is_one_sentence_and_a_status(
    shell: Shell, name: str, content: bytes, words: str
) -> None:
    shell.write(name, content)
    done = shell.run("ingest", name)
    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert "0 new" in done.stdout
    assert "root:" not in done.stdout + done.stderr


def test_document_of_fifty_megabytes_is_refused_quickly(shell: Shell) -> None:
    shell.write("large.txt", b"Titel\n\n" + b"Wort " * 10_000_000)
    done = shell.run("ingest", "large.txt")
    assert done.returncode == 1
    assert "larger than 20 MB" in done.stderr


def test_text_in_another_encoding_is_read_and_not_garbled(shell: Shell) -> None:
    text = "Häuser am Hang gesichert\n\nDie Häuser über dem Fluss sind sicher. Das sagte die Behörde in Görlitz.\n"
    shell.write("latin.txt", text.encode("iso-8859-1"))
    assert shell.run("ingest", "latin.txt").returncode == 0
    (record,) = shell.export()
    assert record["title"] == "Häuser am Hang gesichert"


def test_folder_with_good_and_bad_files_keeps_the_good(shell: Shell) -> None:
    shell.write("news/a.txt", "Mühle steht still\n\nDie Mühle in Fulda steht still. Der Wind fehlt.\n")
    shell.write("news/b.bin", b"\x00\x01\x02" * 100)
    shell.write(
        "news/deep/c.json",
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "F",
                "items": [
                    {"id": "1", "title": "Orgel klingt wieder", "content_text": "Die Orgel klingt wieder. Sie ist alt."}
                ],
            }
        ),
    )
    shell.write("news/.hidden", "nicht lesen")
    done = shell.run("ingest", "news")
    assert done.returncode == 1
    assert "2 new" in done.stdout
    assert {record["title"] for record in shell.export()} == {"Mühle steht still", "Orgel klingt wieder"}


def test_path_that_leads_nowhere_is_named(shell: Shell) -> None:
    done = shell.run("ingest", "nirgends.txt")
    assert done.returncode == 1
    assert "there is no such file or folder" in done.stderr


def test_private_address_is_not_fetched(shell: Shell) -> None:
    done = shell.run("ingest", "http://127.0.0.1:9/feed.xml")
    assert done.returncode == 1
    assert "private address" in done.stderr or "port refused" in done.stderr


def test_export_has_everything_that_is_promised(shell: Shell) -> None:
    shell.run("seed")
    records = shell.export()
    first = records[0]
    wanted = (
        "id external_id title text summary language topics keywords notices references story_id related source url"
        " published_at revision"
    )
    assert set(wanted.split()) <= set(first)
    assert first["related"]
    assert any(record["notices"] for record in records)
    assert {record["language"] for record in records} == {"de", "en", "ru", "fr"}


def test_a_clip_is_explained_and_an_unknown_one_is_one_sentence(shell: Shell) -> None:
    shell.run("seed")
    done = shell.run("explain", "1", EMBEDDINGS="off")
    assert (done.returncode, done.stderr) == (0, "")
    assert "How #1 is understood: Kernkraftwerk Gundremmingen" in done.stdout
    assert "because of" in done.stdout
    unknown = shell.run("explain", "9999", EMBEDDINGS="off")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert unknown.stderr == "There is no clip #9999.\n"


def test_hostile_messages_are_answered_calmly(shell: Shell) -> None:
    said = [
        "/time 25:99",
        "/latest -1",
        "/timezone Mars/Olympus",
        "/summary 999999",
        "/summary 99999999999999999999999999",
        "x" * 10_000,
        "/subscribe",
        "/latset",
        '/clip "unclosed',
        "/search <b>&*_[]`",
        "/pause 9999",
        "/settings length riesig",
        "/language klingonisch",
        "\u202e/search abc",
        "/quit",
    ]
    done = shell.run("chat", said="\n".join(said) + "\n")
    assert done.returncode == 0
    assert done.stderr == ""
    answers = [part for part in re.split(r"\n\n+", done.stdout) if part.strip()]
    assert len(answers) >= len(said) - 1
    assert "25:99 ist keine Uhrzeit" in done.stdout
    assert "Meinen Sie /latest" in done.stdout
    assert "Eine Meldung #999999 gibt es nicht." in done.stdout


def test_read_only_folder_is_one_sentence(shell: Shell) -> None:
    done = shell.run("db", "info", DATABASE_URL="sqlite:////proc/version/k.db")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


def test_backup_never_overwrites(shell: Shell) -> None:
    assert shell.run("db", "backup", "copy.db").returncode == 0
    again = shell.run("db", "backup", "copy.db")
    assert again.returncode == 1
    assert "exists already" in again.stderr


def test_a_bot_is_copied_into_an_empty_database_once(shell: Shell) -> None:
    shell.run("seed")
    done = shell.run("db", "copy", "sqlite:///data/kurzclips.db", "sqlite:///new.db")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^Copied and compared \d+ rows from data/kurzclips.db to new.db.$", done.stdout, re.MULTILINE)
    assert "  clips: 94\n" in done.stdout
    again = shell.run("db", "copy", "sqlite:///data/kurzclips.db", "sqlite:///new.db")
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr == "The database new.db is in use: it has clips already. Copy into an empty one.\n"


@pytest.mark.parametrize("password", ["geheimnis", "ge/h@heimnis"])
def test_the_password_of_a_copy_is_not_shown(shell: Shell, password: str) -> None:
    shell.run("seed")
    done = shell.run("db", "copy", "sqlite:///data/kurzclips.db", f"postgresql://bot:{password}@127.0.0.1:1/x")
    assert done.returncode == 1
    assert "127.0.0.1" in done.stderr
    assert "heimnis" not in done.stdout + done.stderr


def test_sources_go_out_and_in_as_opml(shell: Shell) -> None:
    shell.run("seed")
    out = shell.run("sources", "export").stdout
    assert "<opml" in out
    other = Shell(shell.folder / "other")
    other.folder.mkdir()
    other.write("feeds.opml", out)
    done = other.run("sources", "import", "feeds.opml")
    assert done.returncode == 0
    assert re.match(r"\d\d added, 0 already known, 0 refused", done.stdout)
    listed = other.run("sources", "list").stdout
    assert "active" in listed


def test_a_source_is_paused_labelled_and_read_again(shell: Shell) -> None:
    shell.run("seed")
    assert shell.run("sources", "pause", "dw").returncode == 0
    assert re.search(r"^dw .* paused", shell.run("sources", "list").stdout, re.MULTILINE)
    assert shell.run("sources", "resume", "DW").returncode == 0
    done = shell.run("sources", "set", "dw", "country", "at")
    assert done.stdout.endswith(": country: AT.\n")
    assert re.search(r"^dw .* AT .* active", shell.run("sources", "list").stdout, re.MULTILINE)


def test_an_absurd_label_is_one_sentence(shell: Shell) -> None:
    done = shell.run("sources", "set", "nowhere", "country", "Österreich")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "not the code of a country" in done.stderr
