"""`python -m tests.journeys.look FOLDER [language]`: talks with the real bot as pages that look like a phone chat.

Beside a whole evening there is a short talk for each of the pictures that people are shown (start, latest, digest, …);
where a Chromium is installed, these become PNG files.

`pages` writes what every chat of a strict Bot API server shows: bubbles with their markup, buttons in rows, pictures
and large previews as boxes, earlier states of edited messages, what was shown beside pressed buttons, inline results.
"""

import asyncio
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot import running, seeds
from bot.app import open_core
from bot.config import Settings
from bot.lanes import Lanes
from bot.platforms.telegram.account import TelegramAccount
from storage.states import Platform
from tests.fakes.telegram import CallbackAnswer, FakeTelegram, InlineAnswer, Message
from tests.fakes.telegram.marks import as_html
from tests.make import MovableClock

STYLE = """
body{margin:0;background:#cfd8e3;font:15px/1.35 system-ui,"Noto Sans",sans-serif}
main{width:390px;margin:0 auto;padding:12px 8px;background:#8fb4d0;box-sizing:border-box}
h1{font-size:15px;text-align:center;color:#fff;margin:0 0 10px}
.b{background:#fff;border-radius:14px;padding:7px 11px;margin:6px 40px 2px 0;
white-space:pre-wrap;overflow-wrap:anywhere}
.me{background:#e3fdd3;margin:6px 0 2px 90px}
.b a{color:#2678b6;text-decoration:none}.b code{background:#eef;border-radius:3px;padding:0 2px}
.b blockquote{margin:4px 0;padding:2px 8px;border-left:3px solid #4a90c2;background:#eef5fa}
.m{background:#dbe3ea;border-radius:10px;padding:34px 8px;text-align:center;color:#567;font-size:12px;margin:2px 0}
.k{display:flex;gap:4px;margin:2px 40px 2px 0}
.k span{flex:1;background:#5d86a5cc;color:#fff;border-radius:8px;padding:6px 4px;text-align:center;font-size:14px}
.t{background:#334;color:#fff;border-radius:10px;padding:6px 12px;margin:4px 60px;text-align:center;font-size:13px}
.alert{background:#fff;color:#000;border:1px solid #99a}
details{opacity:.75;font-size:13px}summary{color:#fff;cursor:pointer}
.i{background:#fff;border-bottom:1px solid #dde;padding:6px 10px;display:flex;gap:8px}
.i b,.i small{display:block}.i small{color:#667}.i u{width:44px;height:44px;
background:#dbe3ea;flex:none;text-decoration:none}
"""
# Says how tall the page is, for whoever makes a picture of it.
MEASURE = "<script>document.body.dataset.height = document.querySelector('main').scrollHeight</script>"
MEDIA = ("photo", "video", "animation")
WIDTH = 390
MAX_HEIGHT = 4_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
Json = dict[str, Any]
EVENING = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)  # 20:00 in Berlin


def pages(fake: FakeTelegram) -> dict[str, str]:
    """Name → HTML page of each chat that shows something."""
    pictures = {
        (entry.chat_id, entry.message_id): next((str(entry.params[each]) for each in MEDIA if each in entry.params), "")
        for entry in fake.accepted
        if entry.message_id
    }
    found = {}
    for chat in fake.world.chats.values():
        shown = [message for message in chat.messages.values() if not message.is_deleted]
        pieces = [_message(message, pictures.get((chat.id, message.message_id), ""), fake) for message in shown]
        if chat.is_private:
            pieces += [_inline(query) for query in fake.queries.values() if _is_inline_of(query, chat.id)]
        if pieces:
            name = chat.title or (chat.user.first_name if chat.user else str(chat.id))
            found[f"{name}-{abs(chat.id)}"] = _page(name, "\n".join(pieces))
    return found


def _page(title: str, body: str) -> str:
    head = f'<!doctype html><meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f"{head}<main><h1>{escape(title)}</h1>\n{body}\n</main>{MEASURE}\n"


def _message(message: Message, picture: str, fake: FakeTelegram) -> str:
    earlier = "".join(_state(payload, picture, is_ours=message.is_from_bot) for payload in message.edits)
    if earlier:
        earlier = f"<details><summary>{len(message.edits)} × edited</summary>{earlier}</details>"
    beside = [
        query.answer
        for query in fake.queries.values()
        if query.message is message and isinstance(query.answer, CallbackAnswer) and query.answer.text
    ]
    toasts = "".join(f'<div class="t{" alert" * each.show_alert}">{escape(each.text)}</div>' for each in beside)
    return earlier + _state(message.payload, picture, is_ours=message.is_from_bot) + toasts


def _state(payload: Json, picture: str, *, is_ours: bool) -> str:
    words = str(payload.get("text", payload.get("caption", "")))
    html = as_html(words, payload.get("entities") or payload.get("caption_entities") or [])
    kind = next((each for each in (*MEDIA, "document") if each in payload), "")
    box = f'<div class="m">{kind} {escape(picture[:80])}</div>' if kind else ""
    preview = payload.get("link_preview_options", {})
    large = f'<div class="m">preview: {escape(preview["url"][:80])}</div>' if preview.get("url") else ""
    bubble = f'<div class="b{"" if is_ours else " me"}">{box}{html}{large}</div>'
    rows = payload.get("reply_markup", {}).get("inline_keyboard", [])
    return bubble + "".join(f'<div class="k">{"".join(_button(each) for each in row)}</div>' for row in rows)


def _button(button: Json) -> str:
    sign = " ↗" if "url" in button else " ⌕" if "switch_inline_query_current_chat" in button else ""
    return f'<span title="{escape(button.get("callback_data", ""))}">{escape(button["text"])}{sign}</span>'


def _is_inline_of(query: Any, user_id: int) -> bool:
    return query.user.id == user_id and isinstance(query.answer, InlineAnswer)


def _inline(query: Any) -> str:
    answer: InlineAnswer = query.answer
    top = f'<div class="b me">@bot {escape(query.text)}</div>'
    if answer.button:
        top += f'<div class="k"><span>{escape(answer.button["text"])} ▸</span></div>'
    rows = (
        f'<div class="i">{"<u></u>" if "thumbnail_url" in each.payload else ""}<div><b>{escape(each.title)}</b>'
        f"<small>{escape(each.description)}</small></div></div>"
        for each in answer.results[:8]
    )
    return top + "".join(rows)


async def talk(folder: Path, language: str) -> dict[str, str]:
    """Play a first evening with the demo news and the digest of the next morning; the pages of all chats."""
    clock = MovableClock(EVENING)
    async with FakeTelegram() as fake:
        anna = fake.user("Anna", language_code=language)
        settings = Settings.model_validate(
            {
                "database_url": f"sqlite:///{folder / 'look.db'}",
                "telegram_token": fake.token,
                "telegram_api_url": fake.api_url,
            }
        )
        async with (
            open_core(settings, clock) as core,
            TelegramAccount(
                settings, core.dispatcher, core.services, clock, lanes=Lanes(1000, private_spacing_s=0.0)
            ) as account,
            running.open_jobs(core, {Platform.TELEGRAM: account.sender}, polls=False) as jobs,
        ):
            await seeds.load(core.db, core.intake, clock())
            for line in LINES:
                clock.move(seconds=5)
                await _act(fake, anna, line)
            for name, lines in SCENES.items():
                person = fake.user(name, language_code=language)
                for line in lines:
                    await _act(fake, person, line)
            clock.move_to(EVENING + timedelta(hours=11, minutes=30))
            await jobs.run_once()
            await anna.says("/mute", reply_to=anna.messages[-1])
            await anna.hears()
            for query in ("", "kernkr", "Reaktro", "topic:energie lang:de", "qwertzuiop", "topic:nirgendwo"):
                await anna.inline(query)
        assert fake.complaints == [], fake.complaints
        return pages(fake)


# What is done: a line is said, "[#2]" presses the third button of the last message that calls the bot, "@bot words"
# searches inline.
SCENES = {
    "start": ("/start",),
    "latest": ("/latest",),
    "summary": ("/summary 1",),
    "related": ("/related 1",),
    "search": ("/search netzausbau",),
    "settings": ("/settings",),
    "digest": ("/subscribe energie 07:30",),
    "inline": ("@bot kernkraft",),
}
LINES = (
    *("/start", "/help", "/latest", "[#1]", "[#0]", "[#0]", "[#4]", "[#0]", "[#3]", "/mute", "[#0]"),
    *("/related 1", "/clip 1", "/search Kernkraft", "[#5]", "/search Kernkraftwreke", "/search qwertzuiop", "/topics"),
    *("/source demo-energie", "/sources", "/save 1", "[#0]", "/saved", "/subscribe energie 07:30"),
    *("/subscribe KI 18:00 weekdays", "/subscriptions", "/unsubscribe", "/settings", "[#0]", "[#2]", "/language"),
    *("/timezone", "/privacy", "/delete", "[#1]", "/summary 99999", "/strat", "/latest energie 3", "/summary"),
    *("/time 07:30",),
)


async def _act(fake: FakeTelegram, anna: Any, line: str) -> None:
    before = len(fake.accepted)
    if line.startswith("@bot"):
        await anna.inline(line.removeprefix("@bot").strip())
    elif line.startswith("[#"):
        message = anna.messages[-1]
        calling = [button for button in message.buttons if button.callback_data]
        confirmed = await anna.presses(message, calling[int(line[2:-1])].text)
        if not confirmed.text:
            await fake.until(lambda: len(fake.accepted) > before + 1, what=f"the answer to {line}")
    else:
        await anna.says(line)
        await fake.until(lambda: len(fake.accepted) > before, what=f"the answer to {line}")


def draw(page: Path, browser: str) -> Path:
    """A PNG of a page beside it, as tall as the page is.

    Raises:
        subprocess.CalledProcessError: the browser failed.
    """
    call = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    measured = subprocess.run([*call, "--dump-dom", page.as_uri()], capture_output=True, text=True, check=True)  # noqa: S603
    height = re.search(r'data-height="(\d+)"', measured.stdout)
    picture = page.with_suffix(".png")
    size = f"--window-size={WIDTH},{min(int(height[1]) if height else 800, MAX_HEIGHT)}"
    subprocess.run([*call, size, f"--screenshot={picture}", page.as_uri()], capture_output=True, check=True)  # noqa: S603
    return picture


def main() -> None:
    """Write the pages of a talk into a folder, and pictures of the short ones."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "look").resolve()
    language = sys.argv[2] if len(sys.argv) > 2 else "de"
    target.mkdir(parents=True, exist_ok=True)
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    with TemporaryDirectory() as folder:
        for chat, page in asyncio.run(talk(Path(folder), language)).items():
            name = chat.partition("-")[0]
            file = target / f"{name}-{language}.html"
            file.write_text(page, encoding="utf-8")
            print(file)  # noqa: T201 - says where the pages are
            if browser and name in SCENES:
                print(draw(file, browser))  # noqa: T201


if __name__ == "__main__":
    main()
