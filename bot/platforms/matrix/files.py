"""Files in rooms: pictures and documents that we upload, encrypted where the room is, and files that people send.

*Source*: Client-Server API, 11.7 "Content repository" and 11.12.1.5 "Sending encrypted attachments".
"""

import logging
from collections import OrderedDict
from typing import Any

from bot.platforms.matrix.client import MatrixClient
from bot.platforms.matrix.events import Event, text_of
from bot.platforms.matrix.incoming import MAX_ATTACHMENT_BYTES
from bot.platforms.matrix.trouble import MatrixError, MatrixTrouble
from handlers.ports import Page, Pages
from handlers.reply import Document, Media, MediaKind
from handlers.request import Attachment

log = logging.getLogger(__name__)

PICTURES = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}
MOST_PICTURE_BYTES = 8 * 1024 * 1024
# One story goes to many rooms; its picture is uploaded once.
KEPT_PICTURES = 200


class Files:
    """Uploads and downloads."""

    def __init__(self, client: MatrixClient, pages: Pages) -> None:
        self._client = client
        self._pages = pages
        self._uploaded: OrderedDict[str, dict[str, Any]] = OrderedDict()

    async def of_document(self, room_id: str, document: Document) -> dict[str, Any]:
        """The fields of an event that shows a document.

        Raises:
            MatrixTrouble: it could not be uploaded.
        """
        place = await self._client.upload(room_id, document.content, document.mime)
        info = {"mimetype": document.mime, "size": len(document.content)}
        return {"msgtype": "m.file", "filename": document.name, "info": info, **place}

    async def of_media(self, room_id: str, media: Media) -> dict[str, Any]:
        """The fields that make a text the caption of a picture; empty where it cannot be had, so that the words go.

        Raises:
            MatrixError: the homeserver wants us to wait.
            Unreachable: there was no answer.
        """
        if media.kind is not MediaKind.IMAGE:  # videos are too large to be copied; their article links to them
            return {}
        is_encrypted = self._client.is_encrypted(room_id)
        if not is_encrypted and media.url in self._uploaded:
            self._uploaded.move_to_end(media.url)
            return self._uploaded[media.url]
        page = await self._pages.get(media.url)
        mime = page.content_type.partition(";")[0].strip().lower() if isinstance(page, Page) else ""
        if not isinstance(page, Page) or mime not in PICTURES or len(page.content) > MOST_PICTURE_BYTES:
            return {}
        try:
            place = await self._client.upload(room_id, page.content, mime)
        except MatrixError as error:
            if error.is_limit or error.status >= 500:
                raise
            log.info("a picture was not taken: %s", error)
            return {}
        info = {"mimetype": mime, "size": len(page.content)}
        made = {"msgtype": "m.image", "filename": f"picture.{PICTURES[mime]}", "info": info, **place}
        if not is_encrypted:
            self._uploaded[media.url] = made
            while len(self._uploaded) > KEPT_PICTURES:
                self._uploaded.popitem(last=False)
        return made

    async def sent_with(self, event: Event | None) -> Attachment | None:
        """A small file that somebody sent; None where it cannot be had, so that the words are answered."""
        if event is None:
            return None
        try:
            content = await self._client.download(event.content, MAX_ATTACHMENT_BYTES)
        except MatrixTrouble as trouble:
            log.warning("a file could not be had: %s", trouble)
            return None
        return Attachment(text_of(event.content, "filename") or text_of(event.content, "body") or "file", content)
