"""A few commands of the tests' own, so that the platform is tested and not the news."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from handlers.arguments import Page, Rest, Word, to_page
from handlers.context import Context
from handlers.registry import Group, Registry, Right, command
from handlers.reply import (
    Action,
    Button,
    Code,
    Document,
    Entry,
    Heading,
    Media,
    MediaKind,
    Paragraph,
    Reply,
    Strong,
    _,
    say,
)

LETTER = Word(_("word"))
WORDS = Rest(_("words"))
HELP = _("a test")


@dataclass
class Stub:
    """The commands with what they heard; `/slow` waits until `is_over` is set."""

    heard: list[str] = field(default_factory=list)
    is_over: asyncio.Event = field(default_factory=asyncio.Event)

    def registry(self) -> Registry:
        """The commands as the bot knows them."""
        declared = (
            start,
            help_,
            echo,
            search,
            summary,
            page,
            same,
            picture,
            poster,
            file,
            change,
            whoami,
            keep,
            boom,
            tied,
        )
        commands = [vars(each)["__kurzclips_command__"] for each in (*declared, self._slow())]
        return Registry(iter(commands))

    def _slow(self) -> object:
        stub = self

        @command("slow", help=HELP, group=Group.READ)
        async def slow(context: Context, words: Annotated[str, WORDS] = "") -> Reply:
            stub.heard.append(words)
            await stub.is_over.wait()
            return Reply((Paragraph(f"done {words}"),), toast=_("Done"))

        return slow


@command("start", help=_("what this bot can do"), group=Group.READ)
async def start(context: Context, payload: Annotated[str, WORDS] = "") -> Reply:
    buttons = (Button("Seiten", Action("page")), Button("Website", url="https://example.org/a?b=1&c=2"))
    return Reply((Heading(_("Good day. {name}", name=payload)), Paragraph(Code("/help"))), (buttons,))


@command("help", help=_("everything else"), group=Group.READ)
async def help_(context: Context) -> Reply:
    return say("help")


@command("echo", help=HELP, group=Group.READ)
async def echo(context: Context, words: Annotated[str, WORDS] = "") -> Reply:
    return Reply((Heading(Strong(words)), Entry(words, "https://example.org/", words, (words, "x"), 1)), clips=())


@command("search", help=HELP, group=Group.READ)
async def search(
    context: Context, words: Annotated[str, WORDS] = "", page: Annotated[int, Page(_("page"))] = 1
) -> Reply:
    return say(f"search {words} {page}").with_buttons((Button("Mehr", Action("search", (words, to_page(page + 1)))),))


@command("summary", help=HELP, group=Group.READ)
async def summary(context: Context, what: Annotated[str, WORDS] = "") -> Reply:
    replied = context.request.replied
    about = f"{replied.message_id} {' '.join(replied.urls)}" if replied else "nothing"
    return Reply((Paragraph(f"summary of {what or about}"),), clips=(1,) if what == "1" else ())


@command("page", help=HELP, group=Group.READ)
async def page(context: Context, number: Annotated[int, Page(_("page"))] = 1) -> Reply:
    more = Button("Mehr", Action("page", (to_page(number + 1),)))
    return Reply((Paragraph(f"page {number}"),), ((more,),), edits=True, clips=(number,))


@command("same", help=HELP, group=Group.READ)
async def same(context: Context) -> Reply:
    return Reply((Paragraph("always the same"),), ((Button("Noch einmal", Action("same")),),), edits=True)


@command("picture", help=HELP, group=Group.READ)
async def picture(context: Context, url: Annotated[str, LETTER], words: Annotated[str, WORDS] = "") -> Reply:
    kind = MediaKind.VIDEO if url.endswith(".mp4") else MediaKind.IMAGE
    told = Entry("A picture", "https://example.org/article", words)
    return Reply((told,), ((Button("Seite", Action("page")),),), media=Media(kind, url, 12))


@command("poster", help=HELP, group=Group.READ)
async def poster(context: Context, url: Annotated[str, LETTER]) -> Reply:
    return Reply((Paragraph("Long words. " * 100),), media=Media(MediaKind.IMAGE, url))


@command("file", help=HELP, group=Group.READ)
async def file(context: Context) -> Reply:
    return Reply((Paragraph("all of it"),), document=Document("chat.json", b"{}", "application/json"))


@command("change", help=_("change the chat"), group=Group.SETTINGS, right=Right.MANAGER)
async def change(context: Context) -> Reply:
    return say("changed").with_buttons((Button("Noch", Action("change")),))


@command("whoami", help=HELP, group=Group.ADMIN, right=Right.OPERATOR)
async def whoami(context: Context) -> Reply:
    return say("the operator")


@command("keep", help=HELP, group=Group.KEEP)
async def keep(context: Context) -> Reply:
    return Reply((Paragraph("kept at length"),), toast=_("Kept"))


@command("boom", help=HELP, group=Group.READ)
async def boom(context: Context) -> Reply:
    raise RuntimeError("boom")


@command("tied", help=HELP, group=Group.READ)
async def tied(context: Context, words: Annotated[str, WORDS] = "") -> Reply:
    sentences = " ".join(f"Sentence number {number} says something about {words}." for number in range(90))
    paragraphs = tuple(Paragraph(f"{letter}: {sentences[:900]}") for letter in "ABCDEFGH")
    return Reply(paragraphs, ((Button("Seite", Action("page")),),), clips=(1, 2))
