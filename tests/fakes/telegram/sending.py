"""The methods that make new messages.

*Source*: https://core.telegram.org/bots/api#sendmessage and the sections after it, #sending-files.
"""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING, Any

from .entities import Formatted
from .failures import ApiError, bad_request
from .rights import check_access, check_may_send, check_thread
from .rules import (
    FILE_LIMIT_BYTES,
    PHOTO_LIMIT_BYTES,
    QUOTE_LIMIT_UTF16,
    check_caption,
    check_markup,
    check_text,
    formatted,
)
from .schema import Upload, utf16_length
from .world import Chat, Kind, Message, User

if TYPE_CHECKING:
    from .backend import Backend

Json = dict[str, Any]

_ACTIONS = {
    *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document"),
    *("choose_sticker", "find_location", "record_video_note", "upload_video_note"),
}
_FOLDERS = {"photo": "photos", "video": "videos", "animation": "animations", "document": "documents", "audio": "music"}
_URL_WORDS = {"wrong type of the web page content": "WEBPAGE_MEDIA_EMPTY"}
ALBUM_SIZES = range(2, 11)


def add_message(backend: Backend, chat: Chat, sender: User | None, content: Json, *, by_bot: bool) -> Message:
    """A new message in a chat, whoever wrote it."""
    message_id = backend.world.new_message_id(chat)
    payload: Json = {"message_id": message_id, "date": backend.unix_time(), "chat": chat.as_json()}
    if chat.kind is Kind.CHANNEL:
        payload["sender_chat"] = chat.as_json()
    elif sender is not None:
        payload["from"] = sender.as_json()
    payload |= content
    message = Message(chat, message_id, payload, sender, by_bot)
    chat.messages[message_id] = message
    if by_bot:
        chat.untaken[message_id] = message
    return message


def deliver(backend: Backend, chat: Chat, params: Json, content: Json) -> Json:
    """The bot's message with everything that all kinds share: thread, reply, keyboard."""
    common = frame(backend, chat, params)
    markup = check_markup(params.get("reply_markup"), backend.warn)
    backend.flood.take(chat)
    if markup:
        common["reply_markup"] = markup
    return add_message(backend, chat, backend.bot, content | common, by_bot=True).payload


def frame(backend: Backend, chat: Chat, params: Json) -> Json:
    """Thread and reply of a new message, checked."""
    common: Json = {}
    thread_id = params.get("message_thread_id")
    check_thread(backend.world, chat, thread_id)
    if thread_id is not None:
        common |= {"message_thread_id": thread_id, "is_topic_message": True}
    if params.get("protect_content"):
        common["has_protected_content"] = True
    return common | _reply(backend, chat, params)


def _reply(backend: Backend, chat: Chat, params: Json) -> Json:
    wanted = params.get("reply_parameters")
    if wanted is None and "reply_to_message_id" in params:
        wanted = {"message_id": params["reply_to_message_id"]}
        wanted["allow_sending_without_reply"] = params.get("allow_sending_without_reply", False)
    if wanted is None:
        return {}
    home = backend.world.chat(wanted.get("chat_id", chat.id))
    original = home.messages.get(wanted.get("message_id", 0))
    if original is None or original.is_deleted:
        if wanted.get("allow_sending_without_reply") and home is chat:
            return {}
        raise bad_request("message to be replied not found")
    reply = {key: value for key, value in original.payload.items() if key not in {"reply_to_message", "reply_markup"}}
    return {"reply_to_message": reply} | _quote(backend, original, wanted)


def _quote(backend: Backend, original: Message, wanted: Json) -> Json:
    if not wanted.get("quote"):
        return {}
    quote = formatted(wanted["quote"], wanted.get("quote_parse_mode"), wanted.get("quote_entities"), backend.warn)
    if utf16_length(quote.text) > QUOTE_LIMIT_UTF16 or quote.text not in original.text:
        raise bad_request("QUOTE_TEXT_INVALID")
    return {"quote": {"text": quote.text, "position": original.text.find(quote.text)}}


def text_content(found: Formatted, params: Json) -> Json:
    """Text and entities of a message; the link preview only where the caller said something about it."""
    content: Json = {"text": found.text}
    if found.entities:
        content["entities"] = found.entities
    if preview := params.get("link_preview_options"):
        content["link_preview_options"] = preview
    return content


def caption_content(backend: Backend, params: Json) -> Json:
    """Caption and entities, {} for none."""
    found = formatted(params.get("caption", ""), params.get("parse_mode"), params.get("caption_entities"), backend.warn)
    check_caption(found)
    content: Json = {"caption": found.text} if found.text else {}
    if found.entities:
        content["caption_entities"] = found.entities
    if params.get("show_caption_above_media"):
        content["show_caption_above_media"] = True
    return content


def send_message(backend: Backend, params: Json) -> Json:
    """The method sendMessage."""
    params["text"] = intern(params["text"])  # a digest goes to many chats, and the ledger keeps it for each
    found = formatted(params["text"], params.get("parse_mode"), params.get("entities"), backend.warn)
    check_text(found)
    chat = backend.world.chat(params["chat_id"])
    check_may_send(backend.world, chat)
    return deliver(backend, chat, params, text_content(found, params))


def media_content(backend: Backend, kind: str, value: Upload | str, uploads: dict[str, Upload]) -> Json:
    """The media field of a message, from an upload, a URL or a known file_id.

    Raises:
        ApiError: an unreachable URL, an unknown file, an empty or too large upload.
    """
    if isinstance(value, str) and value.startswith("attach://"):
        name = value.removeprefix("attach://")
        if name not in uploads:
            raise bad_request(f'file part "{name}" not found in the request')
        value = uploads[name]
    if isinstance(value, Upload):
        limit = PHOTO_LIMIT_BYTES if kind == "photo" else FILE_LIMIT_BYTES
        if not value.content:
            raise bad_request("file must be non-empty")
        if len(value.content) > limit:
            raise ApiError(413, "Request Entity Too Large")
        file_id, unique = backend.world.keep_file(value.content, _FOLDERS[kind], value.file_name)
    elif value.startswith(("http://", "https://")):
        if value in backend.world.unfetchable:
            raise bad_request(backend.world.unfetchable[value])
        file_id, unique = backend.world.keep_file(value.encode(), _FOLDERS[kind], "remote.jpg")
    elif value in backend.world.files:
        file_id, unique = value, f"AQAD{value[-8:]}"
    else:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return _media_object(kind, file_id, unique, len(backend.world.files[file_id][1]))


def _media_object(kind: str, file_id: str, unique: str, size: int) -> Json:
    core: Json = {"file_id": file_id, "file_unique_id": unique, "file_size": size}
    if kind == "photo":
        return {"photo": [core | {"width": 1280, "height": 720}]}
    if kind in {"video", "animation"}:
        return {kind: core | {"width": 1280, "height": 720, "duration": 10}}
    return {kind: core | ({"duration": 10} if kind == "audio" else {})}


def _send_media(backend: Backend, params: Json, kind: str) -> Json:
    caption = caption_content(backend, params)
    chat = backend.world.chat(params["chat_id"])
    check_may_send(backend.world, chat, f"{kind}s")
    content = media_content(backend, kind, params[kind], params.get("_uploads", {}))
    if kind == "animation":
        content["document"] = content["animation"]
    if params.get("has_spoiler"):
        content["has_media_spoiler"] = True
    return deliver(backend, chat, params, content | caption)


def send_photo(backend: Backend, params: Json) -> Json:
    """The method sendPhoto."""
    return _send_media(backend, params, "photo")


def send_video(backend: Backend, params: Json) -> Json:
    """The method sendVideo."""
    return _send_media(backend, params, "video")


def send_animation(backend: Backend, params: Json) -> Json:
    """The method sendAnimation."""
    return _send_media(backend, params, "animation")


def send_document(backend: Backend, params: Json) -> Json:
    """The method sendDocument."""
    return _send_media(backend, params, "document")


def send_media_group(backend: Backend, params: Json) -> list[Json]:
    """The method sendMediaGroup."""
    media: list[Json] = params["media"]
    if len(media) not in ALBUM_SIZES:
        raise bad_request("there must be 2-10 items in an album")
    kinds = {item["type"] for item in media}
    if len(kinds) > 1 and kinds & {"document", "audio"}:
        raise bad_request("documents and audio files can't be mixed with other media types in an album")
    captions = [caption_content(backend, item) for item in media]
    chat = backend.world.chat(params["chat_id"])
    check_may_send(backend.world, chat, "photos")
    contents: list[Json] = []
    for number, item in enumerate(media, 1):
        try:
            contents.append(media_content(backend, item["type"], item["media"], params.get("_uploads", {})))
        except ApiError as error:
            words = error.description.removeprefix("Bad Request: ")
            words = _URL_WORDS.get(words, words)
            raise bad_request(f'failed to send message #{number} with the error message "{words}"') from error
    common = frame(backend, chat, params)
    backend.flood.take(chat, len(media))
    group = {"media_group_id": f"{backend.unix_time()}{len(backend.accepted)}"}
    pairs = zip(contents, captions, strict=True)
    return [
        add_message(backend, chat, backend.bot, content | caption | common | group, by_bot=True).payload
        for content, caption in pairs
    ]


def send_chat_action(backend: Backend, params: Json) -> bool:
    """The method sendChatAction."""
    if params["action"] not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = backend.world.chat(params["chat_id"])
    check_may_send(backend.world, chat)
    check_thread(backend.world, chat, params.get("message_thread_id"))
    return True


def _original(backend: Backend, params: Json, what: str) -> Message:
    home = backend.world.chat(params["from_chat_id"])
    check_access(backend.world, home)
    message = home.messages.get(params["message_id"])
    if message is None or message.is_deleted:
        raise bad_request(f"message to {what} not found")
    if message.payload.get("has_protected_content"):
        raise bad_request(f"message can't be {'copied' if what == 'copy' else 'forwarded'}")
    return message


_CARRIED = {"text", "entities", "caption", "caption_entities", "photo", "video", "animation", "document", "audio"}


def _carried(message: Message) -> Json:
    return {key: value for key, value in message.payload.items() if key in _CARRIED}


def copy_message(backend: Backend, params: Json) -> Json:
    """The method copyMessage."""
    chat = backend.world.chat(params["chat_id"])
    check_may_send(backend.world, chat)
    content = _carried(_original(backend, params, "copy"))
    if "caption" in params and "text" not in content:
        content = {key: value for key, value in content.items() if not key.startswith("caption")}
        content |= caption_content(backend, params)
    sent = deliver(backend, chat, params, content)
    return {"message_id": sent["message_id"]}


def forward_message(backend: Backend, params: Json) -> Json:
    """The method forwardMessage."""
    chat = backend.world.chat(params["chat_id"])
    check_may_send(backend.world, chat)
    original = _original(backend, params, "forward")
    origin: Json = {"date": original.payload["date"], "type": "user"}
    if original.sender is None:
        origin |= {"type": "channel", "chat": original.chat.as_json(), "message_id": original.message_id}
    else:
        origin["sender_user"] = original.sender.as_json()
    return deliver(backend, chat, params, _carried(original) | {"forward_origin": origin})
