"""/topics: what there is to read and to subscribe to."""

from datetime import timedelta

from handlers import compose
from handlers.context import Context
from handlers.registry import Group, command
from handlers.reply import Action, Block, Button, Code, Heading, Inline, Paragraph, Points, Quiet, Reply, Seq, _, n_
from storage import clips
from storage.states import TopicKind
from storage.tables import Topic

WINDOW = timedelta(days=7)
BUTTONS = 6


@command("topics", help=_("all topics"), group=Group.READ, rank=2)
async def topics(context: Context) -> Reply:
    """List the topics with the number of their clips in the last seven days, the operator's own first."""
    async with context.db.read() as tx:
        known = await clips.topics(tx)
        counts = await clips.topic_counts(tx, context.now - WINDOW)
    blocks: list[Block] = [Heading(_("Topics of the last seven days"))]
    for kind, title in ((TopicKind.CUSTOM, _("Themes")), (TopicKind.IPTC, _("Sections"))):
        rows = [topic for topic in known if topic.kind == kind and counts.get(topic.id)]
        rows.sort(key=lambda topic: -counts[topic.id])
        if rows:
            blocks += [Heading(title, 2), Points(tuple(_row(topic, counts[topic.id]) for topic in rows))]
    if len(blocks) == 1:
        blocks.append(Paragraph(_("There is nothing here yet.")))
    example = next((topic.id for topic in known if topic.id in counts and topic.kind == TopicKind.CUSTOM), "energie")
    hint = _(
        "{latest} shows a topic, {subscribe} brings it every day.",
        latest=Code(f"/latest {example}"),
        subscribe=Code(f"/subscribe {example} 07:30"),
    )
    blocks.append(Paragraph(hint))
    busiest = sorted((t for t in known if counts.get(t.id)), key=lambda t: (t.kind != TopicKind.CUSTOM, -counts[t.id]))
    buttons = [Button(compose.topic_label(topic), Action("latest", (topic.id,))) for topic in busiest[:BUTTONS]]
    keys = [tuple(buttons[start : start + 3]) for start in range(0, len(buttons), 3)]
    keys.append((Button(_("Subscribe"), Action("subscribe"), anchor="➕"),))
    return Reply(tuple(blocks), tuple(keys))


def _row(topic: Topic, count: int) -> Inline:
    return Seq((compose.topic_label(topic), " ", Quiet(n_("({count} clip)", "({count} clips)", count))))
