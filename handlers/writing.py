"""Summaries that a language model writes of clips: asked for once, checked against the clip, or not shown at all."""

from dataclasses import dataclass
from datetime import UTC

from handlers.context import Context
from handlers.news.faithful import flaw
from storage import written
from storage.clips import ClipView
from storage.tables import Clip

# What is hardly longer than a summary needs none in other words.
_WORTH_IT_LETTERS = 400


@dataclass(frozen=True, slots=True)
class Written:
    """A summary and the name of the model that wrote it."""

    text: str
    model: str


async def written_summary(context: Context, view: ClipView) -> Written | None:
    """What the operator's model wrote of a clip, None where the clip's own sentences are to be shown.

    That is so without a model, when the day's calls are used up, when it gives nothing in time, and when what it wrote
    says more than the clip. What was written or refused is kept, so that a clip is asked for once.
    """
    writer, clip = context.services.writer, view.clip
    if writer is None or sum(map(len, clip.paragraphs)) < _WORTH_IT_LETTERS:
        return None
    async with context.db.read() as tx:
        known = await written.find(tx, clip, writer.name)
    if known is not None:
        return _if_faithful(context, clip, known, writer.name)
    async with context.db.write() as tx:
        most = context.services.desk.writings_per_day
        if not await written.count_call(tx, context.now.astimezone(UTC).date(), most):
            return None
    text = await writer.write(clip.title, clip.paragraphs, clip.language)
    if text is None:
        return None
    shown = _if_faithful(context, clip, text, writer.name)
    async with context.db.write() as tx:
        await written.keep(tx, clip, writer.name, shown.text if shown else "", context.now)
    return shown


def _if_faithful(context: Context, clip: Clip, text: str, model: str) -> Written | None:
    """The text where it holds against the clip; a kept one too, since a notice may have been taken out meanwhile."""
    allowed = context.services.desk.news_languages
    wrong = flaw(text, title=clip.title, paragraphs=clip.paragraphs, language=clip.language, allowed=allowed)
    return None if wrong else Written(text, model)
