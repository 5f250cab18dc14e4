"""Which function carries out which method. A method of the table that is missing here answers 501."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import answering, chats, editing, profile, sending

if TYPE_CHECKING:
    from .backend import Backend

BEHAVIOUR: dict[str, Callable[[Backend, dict[str, Any]], Any]] = {
    "answerCallbackQuery": answering.answer_callback_query,
    "answerInlineQuery": answering.answer_inline_query,
    "closeForumTopic": chats.close_forum_topic,
    "copyMessage": sending.copy_message,
    "createForumTopic": chats.create_forum_topic,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "deleteMyCommands": profile.delete_my_commands,
    "deleteWebhook": profile.delete_webhook,
    "editForumTopic": chats.edit_forum_topic,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageMedia": editing.edit_message_media,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "editMessageText": editing.edit_message_text,
    "forwardMessage": sending.forward_message,
    "getChat": chats.get_chat,
    "getChatAdministrators": chats.get_chat_administrators,
    "getChatMember": chats.get_chat_member,
    "getChatMemberCount": chats.get_chat_member_count,
    "getFile": chats.get_file,
    "getMe": profile.get_me,
    "getMyCommands": profile.get_my_commands,
    "getMyDescription": profile.get_my_description,
    "getMyName": profile.get_my_name,
    "getMyShortDescription": profile.get_my_short_description,
    "getWebhookInfo": profile.get_webhook_info,
    "leaveChat": chats.leave_chat,
    "pinChatMessage": editing.pin_chat_message,
    "sendAnimation": sending.send_animation,
    "sendChatAction": sending.send_chat_action,
    "sendDocument": sending.send_document,
    "sendMediaGroup": sending.send_media_group,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendVideo": sending.send_video,
    "setMessageReaction": editing.set_message_reaction,
    "setMyCommands": profile.set_my_commands,
    "setMyDescription": profile.set_my_description,
    "setMyName": profile.set_my_name,
    "setMyShortDescription": profile.set_my_short_description,
    "setWebhook": profile.set_webhook,
}
