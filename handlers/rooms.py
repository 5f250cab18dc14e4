"""What is said to the administrators of a channel, in their private chat."""

from dataclasses import replace

from handlers.reply import Code, Heading, Paragraph, Points, Quiet, Reply, _, say


def can_post(title: str, name: str) -> Reply:
    """A channel can be written to; `name` is what it is called in commands."""
    commands = ("subscribe energie 07:30", "subscriptions", "language de", "timezone Europe/Berlin")
    return Reply(
        (
            Heading(_("I may post in “{title}”.", title=title)),
            Paragraph(_("Set it up here; only the news are shown in the channel:")),
            Points(tuple(Code(f"/channel {name} {words}") for words in commands)),
        )
    )


def cannot_post(title: str) -> Reply:
    """The bot has not the right to write in a channel."""
    return say(
        _("I may not post in “{title}”. Make me an administrator there with the right to post messages.", title=title)
    )


def not_yours(title: str) -> Reply:
    """Somebody else's channel."""
    return say(_("Only administrators of “{title}” may set it up.", title=title))


def unseen(name: str) -> Reply:
    """A channel that the bot is not in, or that does not exist."""
    words = _("I see no channel “{name}”. Make me an administrator there with the right to post messages.", name=name)
    return say(words)


def about(title: str, reply: Reply) -> Reply:
    """An answer that concerns a channel, with its name above; without buttons, which would act on the private chat."""
    above = Paragraph(Quiet(_("Channel “{title}”:", title=title)))
    return replace(reply, blocks=(above, *reply.blocks), buttons=())


def unreachable() -> Reply:
    """The platform does not say what a channel is."""
    return say(_("I cannot look at this channel at the moment. Please try again later."))
