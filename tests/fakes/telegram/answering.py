"""Answers to button presses and inline queries.

*Source*: https://core.telegram.org/bots/api#answercallbackquery, #answerinlinequery, #inlinequeryresult.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .entities import Formatted, normal_url
from .failures import bad_request
from .queries import CallbackAnswer, InlineAnswer, InlineResult, Query
from .rules import CALLBACK_ANSWER_LIMIT, check_caption, check_markup, check_text, formatted
from .schema import utf16_length

if TYPE_CHECKING:
    from .backend import Backend

Json = dict[str, Any]

RESULT_LIMIT = 50
_URLS = ("url", "thumbnail_url", "photo_url", "gif_url", "video_url", "mpeg4_url", "document_url", "audio_url")
_TITLED = {"article", "document", "video", "audio", "location", "venue"}


def _open_query(backend: Backend, query_id: str, kind: str) -> Query:
    query = backend.queries.get(query_id)
    if query is None or query.kind != kind or query.answer is not None or backend.clock() > query.until:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    return query


def answer_callback_query(backend: Backend, params: Json) -> bool:
    """The method answerCallbackQuery."""
    text = params.get("text", "")
    if utf16_length(text) > CALLBACK_ANSWER_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    query = _open_query(backend, params["callback_query_id"], "callback")
    if params.get("url") and not params["url"].startswith(f"https://t.me/{backend.bot.username}"):
        raise bad_request("URL_INVALID")
    query.answer = CallbackAnswer(text, params.get("show_alert", False), params.get("url", ""))
    return True


def answer_inline_query(backend: Backend, params: Json) -> bool:
    """The method answerInlineQuery."""
    results: list[Json] = params["results"]
    if len(results) > RESULT_LIMIT:
        raise bad_request("RESULTS_TOO_MUCH")
    ids = [result["id"] for result in results]
    if len(set(ids)) != len(ids):
        raise bad_request("RESULT_ID_DUPLICATE")
    if params.get("cache_time", 0) < 0:
        raise bad_request("cache_time must be non-negative")
    button = params.get("button") or {}
    _check_button(button)
    for name in ("switch_pm_parameter", "switch_pm_text"):
        if name in params:
            backend.warn(f"{name} was replaced by button in Bot API 6.7")
    query_text = ""
    if query := backend.queries.get(params["inline_query_id"]):
        query_text = query.text
    checked = tuple(_result(backend, result, query_text) for result in results)
    answered = _open_query(backend, params["inline_query_id"], "inline")
    answered.answer = InlineAnswer(
        checked, params.get("next_offset", ""), params.get("cache_time", 300), params.get("is_personal", False), button
    )
    return True


def _check_button(button: Json) -> None:
    if not button:
        return
    if not button["text"].strip():
        raise bad_request("inline query results button text must be non-empty")
    if ("web_app" in button) == ("start_parameter" in button):
        raise bad_request("inline query results button must have exactly one of web_app and start_parameter")
    start = button.get("start_parameter", "x")
    if not all(character.isascii() and (character.isalnum() or character in "_-") for character in start):
        raise bad_request("START_PARAM_INVALID")


def _result(backend: Backend, result: Json, query_text: str) -> InlineResult:
    kind = result["type"]
    title = result.get("title", "")
    if kind in _TITLED and not title.strip():
        raise bad_request("ARTICLE_TITLE_EMPTY" if kind == "article" else "title must be non-empty")
    for name in _URLS:
        if name in result and not _is_web(result[name]):
            raise bad_request("WEBDOCUMENT_URL_INVALID" if name != "url" else "ARTICLE_URL_INVALID")
    check_markup(result.get("reply_markup"), backend.warn)
    content = _content(backend, result)
    return InlineResult(result["id"], kind, title, result.get("description", ""), result, content, query_text)


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://")) and normal_url(url) is not None


def _content(backend: Backend, result: Json) -> Formatted | None:
    content: Json = result.get("input_message_content") or {}
    if "message_text" in content:
        found = formatted(content["message_text"], content.get("parse_mode"), content.get("entities"), backend.warn)
        check_text(found)
        return found
    if "caption" in result:
        caption = formatted(result["caption"], result.get("parse_mode"), result.get("caption_entities"), backend.warn)
        check_caption(caption)
    return None
