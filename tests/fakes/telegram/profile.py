"""The bot about itself: getMe, commands, name and descriptions; and the webhook's settings.

*Source*: https://core.telegram.org/bots/api#getme, #setmycommands, #setmyname, #setwebhook.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .rules import check_commands, check_language

if TYPE_CHECKING:
    from .backend import Backend

Json = dict[str, Any]


def get_me(backend: Backend, _params: Json) -> Json:
    """The method getMe."""
    flags = {"can_join_groups": True, "can_read_all_group_messages": not backend.options.privacy_mode}
    more = {"supports_inline_queries": True, "can_connect_to_business": False, "has_main_web_app": False}
    return backend.bot.as_json() | flags | more


def _command_key(backend: Backend, params: Json) -> tuple[str, str]:
    scope: Json = params.get("scope") or {"type": "default"}
    language = params.get("language_code", "")
    check_language(language)
    if "chat_id" in scope:
        backend.world.chat(scope["chat_id"])
    return "commands " + json.dumps(scope, sort_keys=True), language


def set_my_commands(backend: Backend, params: Json) -> bool:
    """The method setMyCommands."""
    check_commands(params["commands"])
    key = _command_key(backend, params)
    backend.profile[key] = [
        command | {"command": command["command"].removeprefix("/")} for command in params["commands"]
    ]
    return True


def get_my_commands(backend: Backend, params: Json) -> list[Json]:
    """The method getMyCommands."""
    found: list[Json] = backend.profile.get(_command_key(backend, params), [])
    return found


def delete_my_commands(backend: Backend, params: Json) -> bool:
    """The method deleteMyCommands."""
    backend.profile.pop(_command_key(backend, params), None)
    return True


def _set(backend: Backend, params: Json, field: str) -> bool:
    language = params.get("language_code", "")
    check_language(language)
    backend.profile[field, language] = params.get(field, "")
    return True


def _get(backend: Backend, params: Json, field: str) -> Json:
    check_language(params.get("language_code", ""))
    default = backend.bot.first_name if field == "name" else ""
    general = backend.profile.get((field, "")) or default
    return {field: backend.profile.get((field, params.get("language_code", ""))) or general}


def set_my_name(backend: Backend, params: Json) -> bool:
    """The method setMyName."""
    return _set(backend, params, "name")


def get_my_name(backend: Backend, params: Json) -> Json:
    """The method getMyName."""
    return _get(backend, params, "name")


def set_my_description(backend: Backend, params: Json) -> bool:
    """The method setMyDescription."""
    return _set(backend, params, "description")


def get_my_description(backend: Backend, params: Json) -> Json:
    """The method getMyDescription."""
    return _get(backend, params, "description")


def set_my_short_description(backend: Backend, params: Json) -> bool:
    """The method setMyShortDescription."""
    return _set(backend, params, "short_description")


def get_my_short_description(backend: Backend, params: Json) -> Json:
    """The method getMyShortDescription."""
    return _get(backend, params, "short_description")


def set_webhook(backend: Backend, params: Json) -> bool:
    """The method setWebhook."""
    return backend.updates.set_webhook(params)


def delete_webhook(backend: Backend, params: Json) -> bool:
    """The method deleteWebhook."""
    return backend.updates.delete_webhook(params)


def get_webhook_info(backend: Backend, _params: Json) -> Json:
    """The method getWebhookInfo."""
    return backend.updates.webhook_info()
