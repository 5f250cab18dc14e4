"""`python -m tests.bot.matrix.look FOLDER`: a first evening in an encrypted room, as a page that looks like Element.

A real homeserver, the real bot with the demo news, and a second client that decrypts what the page shows: notices
dimmed, threads below their roots, reactions with their counts, earlier states of edited messages.
"""

import asyncio
import logging
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import running, seeds
from bot.app import open_core
from bot.config import Settings
from tests.bot.matrix.person import Json, Person
from tests.bot.matrix.secret_person import SecretPerson, open_secret_person
from tests.fakes.synapse import Account, open_synapse
from tests.make import MovableClock

EVENING = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)  # 20:00 in Berlin
STYLE = """
body{margin:0;background:#fff;color:#1b1d22;font:15px/22px Inter,"Noto Sans",system-ui,sans-serif}
main{width:720px;margin:0 auto;padding:16px}
h1{font-size:15px;border-bottom:1px solid #e3e8f0;padding-bottom:10px}
.e{margin:10px 0}.s{font-weight:600;font-size:14px;color:#0f7a5b}.me .s{color:#7a4fd0}
.c>p,.c>ul,.c>blockquote{margin:0 0 10px}.c>:last-child{margin-bottom:0}
.n{color:#61656d}.n b{color:#4c5159}
.c a{color:#0467dd;text-decoration:none}.c code{background:#f0f2f5;border-radius:3px;padding:1px 4px;font-size:13px}
.c blockquote{border-left:2px solid #ccd;padding-left:10px}
.c.plain{white-space:pre-wrap}
.r span{display:inline-block;border:1px solid #d9dde4;background:#f5f7fa;border-radius:12px;padding:0 8px;
margin:4px 4px 0 0;font-size:13px}
.t{margin:6px 0 6px 16px;padding-left:12px;border-left:2px solid #e3e8f0}
.q{color:#8a8f98;font-size:13px;border-left:2px solid #ccd;padding-left:8px;margin-bottom:3px}
.f{background:#f0f2f5;border-radius:8px;padding:8px 12px;display:inline-block}
details{color:#8a8f98;font-size:13px}
"""
# What Anna does: a line is said, "[emoji]" reacts with it to the last message with buttons, ">" speaks in a thread.
LINES = (
    *(
        "start",
        "!latest",
        "[1️⃣]",
        "!search Kernkraft",
        "> !search Frankreich",
        "!subscribe energie 07:30",
        "!subscriptions",
    ),
    *(
        "!settings",
        "[1️⃣]",
        "!topics",
        "!help",
        "!strat",
        "!mute sport",
        "!save 1",
        "!saved",
        "!timezone Wien",
        "!export",
    ),
)
MORNING_LINES = ("[1️⃣]", "!related 1")


def page(person: Person, room: str, title: str) -> str:
    """What somebody sees of a room, as HTML."""
    told = [each for each in person.events[room] if _is_shown(each)]
    threads: dict[str, list[Json]] = {}
    for each in told:
        threads.setdefault(_relation(each, "m.thread"), []).append(each)
    tiles = "\n".join(_tile(person, room, each, threads) for each in threads.get("", []))
    head = f'<!doctype html><meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f"{head}<main><h1>{escape(title)} 🔒</h1>\n{tiles}\n</main>\n"


def _is_shown(event: Json) -> bool:
    return event["type"] == "m.room.message" and "body" in event["content"] and not _relation(event, "m.replace")


def _relation(event: Json, kind: str) -> str:
    relation = event["content"].get("m.relates_to", {})
    return str(relation["event_id"]) if relation.get("rel_type") == kind else ""


def _tile(person: Person, room: str, event: Json, threads: dict[str, list[Json]]) -> str:
    event_id = event["event_id"]
    edits = [
        each["content"]["m.new_content"] for each in person.events[room] if _relation(each, "m.replace") == event_id
    ]
    states = [event["content"], *edits]
    earlier = "".join(_content(each) for each in states[:-1])
    edited = f"<details><summary>{len(edits)} × edited</summary>{earlier}</details>" if edits else ""
    answered = event["content"].get("m.relates_to", {})
    quoted = "" if answered.get("is_falling_back") else answered.get("m.in_reply_to", {}).get("event_id", "")
    quotation = next((each["content"]["body"] for each in person.events[room] if each["event_id"] == quoted), "")
    told = f'<div class="q">{escape(quotation[:80])}</div>' if quotation else ""
    whose = " me" if event["sender"] == person.id else ""
    below = "".join(_tile(person, room, each, {}) for each in threads.get(event_id, []))
    thread = f'<div class="t">{below}</div>' if below else ""
    return (
        f'<div class="e{whose}"><div class="s">{escape(event["sender"].partition("-")[0][1:])}</div>{edited}{told}'
        f"{_content(states[-1])}{_reactions(person, room, event_id)}"
        f"{thread}</div>"
    )


def _content(content: Json) -> str:
    notice = " n" if content["msgtype"] == "m.notice" else ""
    if "filename" in content:
        return f'<div class="f">📎 {escape(content["filename"])}</div>'
    if "formatted_body" in content:
        return f'<div class="c{notice}">{content["formatted_body"]}</div>'
    return f'<div class="c plain{notice}">{escape(content["body"])}</div>'


def _reactions(person: Person, room: str, event_id: str) -> str:
    gone = person.redacted(room)
    keys = Counter(
        each["content"]["m.relates_to"]["key"]
        for each in person.events[room]
        if _relation(each, "m.annotation") == event_id and each["event_id"] not in gone
    )
    chips = "".join(f"<span>{escape(key)} {count}</span>" for key, count in keys.items())
    return f'<div class="r">{chips}</div>' if chips else ""


class _Talk:
    """What Anna does, one thing after the other."""

    def __init__(self, anna: SecretPerson, bot: Account, room: str) -> None:
        self._anna = anna
        self._bot = bot
        self._room = room

    async def acts(self, line: str) -> None:
        """Do something, and wait for what comes of it."""
        before = self._signs()
        last = self._anna.messages(self._room, self._bot.user_id)[-1:]
        if line.startswith("["):
            target = await self._anna.until(lambda: self._with_emoji(line[1:-1]), what=line)
            await self._anna.reacts(self._room, target, line[1:-1])
        elif line.startswith("> "):
            await self._anna.says(self._room, line[2:], thread=last[0]["event_id"])
        else:
            await self._anna.says(self._room, line)
        await self._anna.until(lambda: self._signs() > before, what=f"what comes of {line}")

    async def rests(self) -> None:
        """Wait until nothing more comes: the emoji are put and taken away behind everything else."""
        while True:
            before = len(self._anna.events[self._room])
            await self._anna.syncs(3000)
            if len(self._anna.events[self._room]) == before:
                return

    def _signs(self) -> int:
        told = self._anna.events.get(self._room, [])
        return sum(each["sender"] == self._bot.user_id and each["type"] == "m.room.message" for each in told)

    def _with_emoji(self, emoji: str) -> str:
        """The last message under which the bot put an emoji, "" while there is none under the newest that has some."""
        told = self._anna.events.get(self._room, [])
        reactions = [each for each in told if each["type"] == "m.reaction" and each["sender"] == self._bot.user_id]
        with_choices = [each for each in told if "org.kurzclips.choices" in each["content"]]
        if not with_choices:
            return ""
        newest = str(with_choices[-1]["event_id"])
        keys = {
            each["content"]["m.relates_to"]["key"] for each in reactions if _relation(each, "m.annotation") == newest
        }
        return newest if emoji in keys else ""


async def talk(folder: Path) -> str:
    """Play a first evening with the demo news and the digest of the next morning; the page of the room."""
    clock = MovableClock(EVENING)
    with open_synapse(folder / "synapse") as synapse:
        bot = synapse.register("kurzclips")
        settings = Settings.model_validate(
            {
                "database_url": f"sqlite:///{folder / 'look.db'}",
                "matrix_homeserver": synapse.url,
                "matrix_user": bot.user_id,
                "matrix_password": bot.password,
                "matrix_store": folder / "matrix",
            }
        )
        async with (
            open_secret_person(synapse.register("anna"), synapse.url, folder) as anna,
            open_core(settings, clock) as core,
            running.open_platforms(core, polls=False) as jobs,
        ):
            await seeds.load(core.db, core.intake, clock())
            room = await anna.makes_room(
                bot.user_id, is_direct=True, encrypted=True, power_level_content_override={"redact": 0}
            )
            await anna.until(lambda: bot.user_id in anna.members(room), what="the bot")
            acting = _Talk(anna, bot, room)
            for line in LINES:
                await acting.acts(line)
            before = len(anna.messages(room, bot.user_id))
            clock.move_to(EVENING + timedelta(hours=11, minutes=30))
            await jobs.run_once()
            await jobs.run_once()
            await anna.hears(room, bot.user_id, before + 2)
            for line in MORNING_LINES:
                await acting.acts(line)
            await acting.rests()
            return page(anna, room, "Kurzclips")


def main() -> None:
    """Write the page of a talk into a folder."""
    logging.disable(logging.WARNING)
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "look")
    target.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        (target / "matrix.html").write_text(asyncio.run(talk(Path(folder))), encoding="utf-8")
    print(target / "matrix.html")  # noqa: T201 - says where the page is


if __name__ == "__main__":
    main()
