"""The methods about chats, members, topics and files.

*Source*: https://core.telegram.org/bots/api#getchat, #createforumtopic, #getfile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .failures import bad_request
from .rights import check_access
from .world import Chat, Kind, Member, Status, Topic

if TYPE_CHECKING:
    from .backend import Backend

Json = dict[str, Any]

DOWNLOAD_LIMIT_BYTES = 20 * 2**20
_ICON_COLORS = {7322096, 16766590, 13338331, 9367192, 16749490, 16478047}


def _known(backend: Backend, params: Json) -> Chat:
    chat = backend.world.chat(params["chat_id"])
    if not chat.is_private:
        check_access(backend.world, chat)
    return chat


def get_chat(backend: Backend, params: Json) -> Json:
    """The method getChat."""
    chat = _known(backend, params)
    pinned = [chat.messages[i].payload for i in chat.pinned[-1:]]
    return chat.as_full_json() | ({"pinned_message": pinned[0]} if pinned else {})


def get_chat_member(backend: Backend, params: Json) -> Json:
    """The method getChatMember."""
    chat = _known(backend, params)
    user = backend.world.users.get(params["user_id"])
    if user is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    if chat.user is not None:
        return Member(user).as_json()
    return (chat.members.get(user.id) or Member(user, Status.LEFT)).as_json()


def get_chat_administrators(backend: Backend, params: Json) -> list[Json]:
    """The method getChatAdministrators."""
    chat = _known(backend, params)
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    return [m.as_json() for m in chat.members.values() if m.is_admin and (not m.user.is_bot or m.user is backend.bot)]


def get_chat_member_count(backend: Backend, params: Json) -> int:
    """The method getChatMemberCount."""
    chat = _known(backend, params)
    return 2 if chat.is_private else sum(member.is_present for member in chat.members.values())


def leave_chat(backend: Backend, params: Json) -> bool:
    """The method leaveChat."""
    chat = backend.world.chat(params["chat_id"])
    if chat.is_private:
        raise bad_request("chat can't be left")
    check_access(backend.world, chat)
    chat.members[backend.bot.id] = Member(backend.bot, Status.LEFT)
    return True


def _forum(backend: Backend, params: Json, what: str) -> Chat:
    chat = backend.world.chat(params["chat_id"])
    member = check_access(backend.world, chat)
    if chat.kind is not Kind.SUPERGROUP or not chat.is_forum:
        raise bad_request("the chat is not a forum")
    if not member.may("can_manage_topics"):
        raise bad_request(f"not enough rights to {what}")
    return chat


def _topic(chat: Chat, params: Json) -> Topic:
    topic = chat.topics.get(params["message_thread_id"])
    if topic is None:
        raise bad_request("message thread not found")
    return topic


def create_forum_topic(backend: Backend, params: Json) -> Json:
    """The method createForumTopic."""
    chat = _forum(backend, params, "create a topic")
    color = params.get("icon_color", 7322096)
    if color not in _ICON_COLORS:
        raise bad_request("invalid icon color specified")
    topic = Topic(backend.world.new_message_id(chat), params["name"], color)
    chat.topics[topic.thread_id] = topic
    return {"message_thread_id": topic.thread_id, "name": topic.name, "icon_color": topic.icon_color}


def edit_forum_topic(backend: Backend, params: Json) -> bool:
    """The method editForumTopic."""
    topic = _topic(_forum(backend, params, "edit the topic"), params)
    if params.get("name", topic.name) == topic.name and "icon_custom_emoji_id" not in params:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name = params.get("name") or topic.name
    return True


def close_forum_topic(backend: Backend, params: Json) -> bool:
    """The method closeForumTopic."""
    topic = _topic(_forum(backend, params, "close the topic"), params)
    if topic.is_closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.is_closed = True
    return True


def get_file(backend: Backend, params: Json) -> Json:
    """The method getFile."""
    file_id = params["file_id"]
    if file_id not in backend.world.files:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    path, content = backend.world.files[file_id]
    if len(content) > DOWNLOAD_LIMIT_BYTES:
        raise bad_request("file is too big")
    return {"file_id": file_id, "file_unique_id": f"AQAD{file_id[-8:]}", "file_size": len(content), "file_path": path}
