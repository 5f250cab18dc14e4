"""The methods that change, remove or mark messages.

*Source*: https://core.telegram.org/bots/api#updating-messages, #deletemessage, #setmessagereaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .failures import bad_request
from .rights import check_access
from .rules import check_markup, check_text, formatted
from .sending import caption_content, media_content, text_content
from .world import Kind, Message

if TYPE_CHECKING:
    from .backend import Backend

Json = dict[str, Any]

DELETABLE_FOR_S = 48 * 3600
DELETE_MANY = range(1, 101)
_MEDIA = {"photo", "video", "animation", "document", "audio"}
_CAPTION = {"caption", "caption_entities", "show_caption_above_media"}
_TEXT = {"text", "entities", "link_preview_options"}
_SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


def _to_edit(backend: Backend, params: Json) -> Message:
    if inline_id := params.get("inline_message_id"):
        if inline_id not in backend.world.inline_messages:
            raise bad_request("MESSAGE_ID_INVALID")
        return backend.world.inline_messages[inline_id]
    if "chat_id" not in params:
        raise bad_request("chat_id is empty")
    if "message_id" not in params:
        raise bad_request("message identifier is not specified")
    chat = backend.world.chat(params["chat_id"])
    member = check_access(backend.world, chat)
    message = chat.messages.get(params["message_id"])
    if message is None or message.is_deleted:
        raise bad_request("message to edit not found")
    if not message.is_from_bot and not (chat.kind is Kind.CHANNEL and member.may("can_edit_messages")):
        raise bad_request("message can't be edited")
    return message


def _apply(backend: Backend, message: Message, gone: set[str], content: Json, params: Json) -> Json | bool:
    """Replace the fields in `gone`; the keyboard goes too unless it is given again, as with the real server."""
    markup = check_markup(params.get("reply_markup"), backend.warn)
    old = message.payload
    new = {key: value for key, value in old.items() if key not in gone | {"reply_markup"}} | content
    if markup:
        new["reply_markup"] = markup
    if {k: v for k, v in new.items() if k != "edit_date"} == {k: v for k, v in old.items() if k != "edit_date"}:
        raise bad_request(_SAME)
    backend.flood.take(message.chat)
    new["edit_date"] = backend.unix_time()
    message.edits.append(old)
    message.payload = new
    return True if "inline_message_id" in params else new


def edit_message_text(backend: Backend, params: Json) -> Json | bool:
    """The method editMessageText."""
    if "text" not in params:
        raise bad_request("message text is empty")
    found = formatted(params["text"], params.get("parse_mode"), params.get("entities"), backend.warn)
    check_text(found)
    message = _to_edit(backend, params)
    if "text" not in message.payload:
        raise bad_request("there is no text in the message to edit")
    return _apply(backend, message, _TEXT, text_content(found, params), params)


def edit_message_caption(backend: Backend, params: Json) -> Json | bool:
    """The method editMessageCaption."""
    content = caption_content(backend, params)
    message = _to_edit(backend, params)
    if not message.media:
        raise bad_request("there is no caption in the message to edit")
    return _apply(backend, message, _CAPTION, content, params)


def edit_message_reply_markup(backend: Backend, params: Json) -> Json | bool:
    """The method editMessageReplyMarkup."""
    return _apply(backend, _to_edit(backend, params), set(), {}, params)


def edit_message_media(backend: Backend, params: Json) -> Json | bool:
    """The method editMessageMedia."""
    media = params["media"]
    message = _to_edit(backend, params)
    if media["type"] not in _MEDIA:
        raise bad_request("unsupported media type")
    content = caption_content(backend, media)
    content |= media_content(backend, media["type"], media["media"], params.get("_uploads", {}))
    return _apply(backend, message, _MEDIA | _CAPTION | _TEXT, content, params)


def delete_message(backend: Backend, params: Json) -> bool:
    """The method deleteMessage."""
    chat = backend.world.chat(params["chat_id"])
    member = check_access(backend.world, chat)
    message = chat.messages.get(params["message_id"])
    if message is None or message.is_deleted:
        raise bad_request("message to delete not found")
    is_old = backend.unix_time() - message.payload["date"] >= DELETABLE_FOR_S
    may_any = member.may("can_delete_messages")
    if not may_any and not (message.is_from_bot or chat.is_private):
        raise bad_request("message can't be deleted")
    if is_old and not may_any:
        raise bad_request("message can't be deleted for everyone")
    _remove(message)
    return True


def _remove(message: Message) -> None:
    message.is_deleted = True
    message.chat.untaken.pop(message.message_id, None)


def delete_messages(backend: Backend, params: Json) -> bool:
    """The method deleteMessages; messages that do not exist are skipped."""
    if len(params["message_ids"]) not in DELETE_MANY:
        raise bad_request("message identifiers must be 1-100")
    chat = backend.world.chat(params["chat_id"])
    check_access(backend.world, chat)
    for message_id in params["message_ids"]:
        if message_id in chat.messages and not chat.messages[message_id].is_deleted:
            delete_message(backend, {"chat_id": chat.id, "message_id": message_id})
    return True


def pin_chat_message(backend: Backend, params: Json) -> bool:
    """The method pinChatMessage."""
    chat = backend.world.chat(params["chat_id"])
    member = check_access(backend.world, chat)
    right = "can_edit_messages" if chat.kind is Kind.CHANNEL else "can_pin_messages"
    if not chat.is_private and not member.may(right):
        raise bad_request("not enough rights to manage pinned messages in the chat")
    message = chat.messages.get(params["message_id"])
    if message is None or message.is_deleted:
        raise bad_request("message to pin not found")
    chat.pinned.append(message.message_id)
    return True


def set_message_reaction(backend: Backend, params: Json) -> bool:
    """The method setMessageReaction; bots may set one reaction."""
    chat = backend.world.chat(params["chat_id"])
    check_access(backend.world, chat)
    message = chat.messages.get(params["message_id"])
    if message is None or message.is_deleted:
        raise bad_request("message to react not found")
    reactions: list[Json] = params.get("reaction") or []
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if any(not reaction.get("emoji", "x").strip() for reaction in reactions):
        raise bad_request("REACTION_INVALID")
    message.reactions = reactions
    return True
