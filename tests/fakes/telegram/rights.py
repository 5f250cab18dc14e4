"""Whether the bot is in a chat, may write there, and into which topic.

*Source*: https://core.telegram.org/bots/api#chatmember, #forumtopic, #responseparameters.
"""

from .failures import ApiError, bad_request, forbidden
from .world import Chat, Kind, Member, Status, User, World

_CHAT_WORDS = {Kind.GROUP: "group", Kind.SUPERGROUP: "supergroup", Kind.CHANNEL: "channel"}


def check_access(world: World, chat: Chat) -> Member:
    """Proof that the bot is in the chat at all.

    Raises:
        ApiError: blocked, deactivated, never started, kicked, left, or upgraded to a supergroup.
    """
    if chat.migrated_to is not None:
        words = "Bad Request: group chat was upgraded to a supergroup chat"
        raise ApiError(400, words, migrate_to_chat_id=chat.migrated_to.id)
    if chat.user is not None:
        return _check_private(world, chat, chat.user)
    member = world.bot_member(chat)
    if member.status is Status.KICKED:
        raise forbidden(f"bot was kicked from the {_CHAT_WORDS[chat.kind]} chat")
    if member.status is Status.LEFT:
        raise forbidden(f"bot is not a member of the {_CHAT_WORDS[chat.kind]} chat")
    return member


def _check_private(world: World, chat: Chat, user: User) -> Member:
    if user.is_deactivated:
        raise forbidden("user is deactivated")
    if chat.is_blocked:
        raise forbidden("bot was blocked by the user")
    if user.is_bot:
        raise forbidden("bot can't send messages to bots")
    if not chat.is_started:
        raise forbidden("bot can't initiate conversation with a user")
    return Member(world.bot)


def check_may_send(world: World, chat: Chat, what: str = "text messages") -> None:
    """Proof that the bot may send this kind of thing to the chat.

    Raises:
        ApiError: as `check_access`, or missing rights.
    """
    member = check_access(world, chat)
    if chat.is_private:
        return
    if chat.kind is Kind.CHANNEL:
        if not member.is_admin:
            raise bad_request("need administrator rights in the channel chat")
        if not member.may("can_post_messages"):
            raise bad_request("not enough rights to post messages in the channel chat")
    elif member.status is Status.RESTRICTED or not (chat.may_members_write or member.is_admin):
        raise bad_request(f"not enough rights to send {what} to the chat")


def check_thread(world: World, chat: Chat, thread_id: int | None) -> None:
    """Proof that a message_thread_id names an open topic of the chat.

    Raises:
        ApiError: "message thread not found", also for the id 1 of the General topic, which must be left out.
    """
    if thread_id is None:
        return
    topic = chat.topics.get(thread_id) if chat.is_forum else None
    if topic is None:
        raise bad_request("message thread not found")
    if topic.is_closed and not world.bot_member(chat).may("can_manage_topics"):
        raise bad_request("TOPIC_CLOSED")
