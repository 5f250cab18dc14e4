"""What a person was asked and has not answered yet, where it is too long to travel inside a button.

Each chat has at most one open question of a command; a newer one takes its place, and its buttons then say so.
"""

import hashlib
import json

from handlers.context import Context
from handlers.errors import Declined
from handlers.reply import _
from storage import facts
from storage.database import Tx
from storage.privacy import question_name


async def ask(tx: Tx, context: Context, subject: str, about: str) -> str:
    """Remember what a question is about.

    Returns:
        The token that its buttons carry.
    """
    token = hashlib.sha256(f"{context.now.isoformat()}{context.request.message_id}{about}".encode()).hexdigest()[:8]
    await facts.put(tx, question_name(context.chat_id, subject), json.dumps([token, about]))
    return token


async def recall(tx: Tx, context: Context, subject: str, token: str) -> str:
    """What the question of a token is about; it stays open.

    Raises:
        Declined: it was answered already, or another one took its place.
    """
    stored = await facts.get(tx, question_name(context.chat_id, subject))
    asked, about = json.loads(stored) if stored else ("", "")
    if not asked or asked != token:
        raise Declined(_("This question is closed; please ask again."))
    return str(about)


async def close(tx: Tx, context: Context, subject: str) -> None:
    """Forget the open question of a command."""
    await facts.drop(tx, question_name(context.chat_id, subject))
