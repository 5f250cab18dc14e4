"""The other side of the chat: what persons do.

*Source*: https://core.telegram.org/bots/api#update, https://core.telegram.org/bots/features#privacy-mode.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from .marks import detect
from .queries import CallbackAnswer, InlineAnswer, InlineResult, Query
from .rooms import Room
from .sending import add_message
from .world import Chat, Member, Message, Status, Topic, User

if TYPE_CHECKING:
    from .backend import Backend

Json = dict[str, Any]


class Person:
    """Somebody with the bot's private chat open, and maybe a member of rooms.

    Attributes:
        chat: the private chat; not started before the person has said something.
    """

    def __init__(self, backend: Backend, user: User, chat: Chat) -> None:
        self._backend = backend
        self.user = user
        self.chat = chat

    @property
    def id(self) -> int:
        return self.user.id

    async def says(
        self,
        text: str,
        *,
        chat: Place | None = None,
        thread: Topic | int | None = None,
        reply_to: Message | None = None,
    ) -> Message:
        """Write something; the bot gets an update if the chat's rules let it see the message."""
        content: Json = {"text": text}
        if found := detect(text):
            content["entities"] = found
        return self._write(content, chat, thread, reply_to)

    async def sends_document(
        self, content: bytes, name: str, *, mime: str = "application/octet-stream", caption: str = ""
    ) -> Message:
        """Send a file to the bot in private."""
        file_id, unique = self._backend.world.keep_file(content, "documents", name)
        document: Json = {"file_id": file_id, "file_unique_id": unique, "file_name": name, "mime_type": mime}
        body: Json = {"document": document | {"file_size": len(content)}}
        if caption:
            body |= {"caption": caption, "caption_entities": detect(caption)}
        return self._write(body, None, None, None)

    async def sends_album(self, *captions: str) -> list[Message]:
        """Send a picture for each caption to the bot in private, all together."""
        album = {"media_group_id": str(self._backend.world.new_message_id(self.chat))}
        sizes = [{"file_id": "p", "file_unique_id": "p", "width": 90, "height": 90}]
        bodies = [{**album, "photo": sizes, "caption": each, "caption_entities": detect(each)} for each in captions]
        kept = [{key: value for key, value in body.items() if value} for body in bodies]
        return [self._write(body, None, None, None) for body in kept]

    def _write(
        self, content: Json, place: Place | None, thread: Topic | int | None, reply_to: Message | None
    ) -> Message:
        chat = chat_of(place) if place is not None else self.chat
        if chat is self.chat:
            chat.is_started, chat.is_blocked = True, False  # writing to a bot starts and unblocks it
        if thread is not None:
            thread_id = thread.thread_id if isinstance(thread, Topic) else thread
            content |= {"message_thread_id": thread_id, "is_topic_message": True}
        if reply_to is not None:
            content["reply_to_message"] = {k: v for k, v in reply_to.payload.items() if k != "reply_to_message"}
        message = add_message(self._backend, chat, self.user, content, by_bot=False)
        if self._is_seen(message, reply_to):
            self._backend.updates.add("message", message.payload)
        return message

    def _is_seen(self, message: Message, reply_to: Message | None) -> bool:
        backend, chat = self._backend, message.chat
        member = backend.world.bot_member(chat)
        if chat.is_private:
            return True
        if not member.is_present:
            return False
        if not backend.options.privacy_mode or member.is_admin or (reply_to is not None and reply_to.is_from_bot):
            return True
        command = re.match(r"/\w+(?:@(\w+))?", message.text)
        name = backend.bot.username.lower()
        is_for_bot = command is not None and (command[1] or name).lower() == name
        return is_for_bot or f"@{name}" in message.text.lower()

    async def hears(self, timeout_s: float = 5.0) -> Message:
        """The bot's next private message that was not taken yet.

        Raises:
            TimeoutError: the bot said nothing.
        """
        return await self._backend.next_message_in(self.chat, timeout_s)

    def press(self, message: Message, text: str) -> Query:
        """Press the button with this text and do not wait.

        Raises:
            LookupError: no such button, or one that does not ask the bot.
        """
        button = message.button(text)
        if not button.callback_data:
            raise LookupError(f"the button {text!r} does not call the bot: {button.payload}")
        query = self._backend.new_query("callback", self.user, message)
        content: Json = {"id": query.id, "from": self.user.as_json(), "chat_instance": str(message.chat.id)}
        content["data"] = button.callback_data
        if message.inline_message_id:
            content["inline_message_id"] = message.inline_message_id
        else:
            content["message"] = message.payload
        self._backend.updates.add("callback_query", content)
        return query

    async def presses(self, message: Message, text: str, timeout_s: float = 5.0) -> CallbackAnswer:
        """Press the button with this text; what the bot answers to the press.

        Raises:
            LookupError: no such button.
            TimeoutError: the bot did not answer the press.
        """
        query = self.press(message, text)
        await self._backend.until(lambda: query.answer is not None, timeout_s, f"the answer to the button {text!r}")
        if not isinstance(query.answer, CallbackAnswer):
            raise TypeError("a button press was answered as something else")
        return query.answer

    def asks_inline(self, text: str, offset: str = "", chat_type: str = "sender") -> Query:
        """Type an inline query and do not wait."""
        query = self._backend.new_query("inline", self.user, text=text)
        content: Json = {"id": query.id, "from": self.user.as_json(), "query": text, "offset": offset}
        self._backend.updates.add("inline_query", content | {"chat_type": chat_type})
        return query

    async def inline(self, text: str, offset: str = "", timeout_s: float = 5.0) -> InlineAnswer:
        """Type an inline query; the results below the input line.

        Raises:
            TimeoutError: the bot did not answer.
        """
        query = self.asks_inline(text, offset)
        await self._backend.until(lambda: query.answer is not None, timeout_s, f"results for {text!r}")
        if not isinstance(query.answer, InlineAnswer):
            raise TypeError("an inline query was answered as something else")
        return query.answer

    async def chooses(self, result: InlineResult, chat: Place | None = None) -> Message:
        """Send an inline result to a chat (the private one by default); the message that stands there then."""
        place = chat_of(chat) if chat is not None else self.chat
        content: Json = {"via_bot": self._backend.bot.as_json()}
        if result.content is not None:
            content |= {"text": result.content.text}
            content |= {"entities": result.content.entities} if result.content.entities else {}
        if markup := result.payload.get("reply_markup"):
            content["reply_markup"] = markup
        message = add_message(self._backend, place, self.user, content, by_bot=False)
        message.inline_message_id = f"CAAqAAA{len(self._backend.world.inline_messages):08d}"
        self._backend.world.inline_messages[message.inline_message_id] = message
        chosen: Json = {"result_id": result.id, "from": self.user.as_json(), "query": result.query}
        if markup:
            chosen["inline_message_id"] = message.inline_message_id
        self._backend.updates.add("chosen_inline_result", chosen)
        return message

    def blocks(self) -> None:
        """Block the bot; it learns of it by a my_chat_member update."""
        self._set_blocked(is_blocked=True)

    def unblocks(self) -> None:
        """Unblock the bot."""
        self._set_blocked(is_blocked=False)

    def _set_blocked(self, *, is_blocked: bool) -> None:
        self.chat.is_blocked = is_blocked
        states = [Member(self._backend.bot), Member(self._backend.bot, Status.KICKED)]
        change: Json = {"chat": self.chat.as_json(), "from": self.user.as_json(), "date": self._backend.unix_time()}
        change["old_chat_member"] = states[not is_blocked].as_json()
        change["new_chat_member"] = states[is_blocked].as_json()
        self._backend.updates.add("my_chat_member", change)

    def deactivates(self) -> None:
        """The account is deleted."""
        self.user.is_deactivated = True

    @property
    def messages(self) -> list[Message]:
        """All private messages of the bot that still exist."""
        return self._backend.messages(self.chat)


Place: TypeAlias = Person | Room | Chat


def chat_of(place: Place) -> Chat:
    """The chat of a person, a room or itself."""
    return place if isinstance(place, Chat) else place.chat
