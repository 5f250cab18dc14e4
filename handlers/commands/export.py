"""/export: everything about the chat as a file."""

import json

from handlers.context import Context
from handlers.registry import Group, Right, command
from handlers.reply import Document, Paragraph, Reply, _
from storage import privacy


@command("export", help=_("everything about this chat, as a file"), group=Group.PRIVACY, right=Right.MANAGER, rank=1)
async def export(context: Context) -> Reply:
    """Give all that is stored about the chat as JSON."""
    async with context.db.read() as tx:
        found = await privacy.everything(tx, context.chat_id)
    stated = {"program": "Kurzclips", "exported_at": context.now.isoformat(), **found}
    content = json.dumps(stated, ensure_ascii=False, indent=2).encode("utf-8", "replace")
    document = Document("kurzclips-export.json", content, "application/json")
    return Reply((Paragraph(_("This file holds all that I have stored about this chat.")),), document=document)
