"""/channel: a channel set up from the private chat of one of its administrators."""

from typing import Annotated

from handlers.arguments import Rest
from handlers.context import Context
from handlers.errors import Declined
from handlers.registry import Group, Right, command
from handlers.reply import Code, Heading, Paragraph, Points, Quiet, Reply, _
from storage.states import Platform


@command("channel", help=_("set up a channel of yours"), group=Group.SETTINGS, right=Right.MANAGER, rank=90)
async def channel(context: Context, what: Annotated[str, Rest(_("@name and command"))] = "") -> Reply:
    """Say how it is done; the platform itself carries out what is said about a channel it knows."""
    if context.request.chat.platform is not Platform.TELEGRAM:
        raise Declined(_("Only Telegram has channels."))
    return Reply(
        (
            Heading(_("News in your channel")),
            Points(
                (
                    _("Make me an administrator of the channel, with the right to post messages."),
                    _("Write to me in private: {command}", command=Code("/channel @name subscribe energie 07:30")),
                )
            ),
            Paragraph(Quiet(_("Every command works that way; its answer stays in our private chat."))),
        )
    )
