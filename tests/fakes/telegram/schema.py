"""Parameters of every method: names, types, required ones and documented lengths, compiled once from methods.json.

*Source*: methods.json, which generate_methods.py writes from https://core.telegram.org/bots/api.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .failures import ApiError, bad_request

Check = Callable[[Any, str], Any]

_WHOLE = re.compile(r"[+-]?\d{1,19}\Z", re.ASCII)
_YES = {"true", "True", "1", "yes"}
_NO = {"false", "False", "0", "no"}
_MISSING = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
}
_TOO_LONG = {
    "callback_data": "BUTTON_DATA_INVALID",
    "id": "RESULT_ID_INVALID",
    "start_parameter": "START_PARAM_INVALID",
}
"""Where the real server has its own word for a wrong length."""
_MEASURED_LATER = {("InputTextMessageContent", "message_text"), ("answerCallbackQuery", "text")}
"""Measured by the behaviour: after parsing, or with the real server's own words."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file part of a multipart request."""

    name: str
    file_name: str
    mime: str
    content: bytes


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, the unit of every limit and offset of the Bot API."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _wrong_type(where: str, expected: str) -> ApiError:
    return bad_request(f'can\'t parse parameter: Field "{where}" must be of type {expected}')


def _integer(value: Any, where: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _WHOLE.match(value):
        return int(value)
    raise _wrong_type(where, "Integer")


def _number(value: Any, where: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise _wrong_type(where, "Number") from None


def _string(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise _wrong_type(where, "String")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise bad_request("strings must be encoded in UTF-8") from None
    return value


def _boolean(value: Any, where: str) -> bool:
    if isinstance(value, bool):
        return value
    if value in _YES or value in _NO:
        return value in _YES
    raise _wrong_type(where, "Boolean")


def _input_file(value: Any, where: str) -> Upload | str:
    if isinstance(value, Upload):
        return value
    return _string(value, where)


def _chat_id(value: Any, where: str) -> int | str:
    if isinstance(value, str) and not _WHOLE.match(value):
        return value
    return _integer(value, where)


_PRIMITIVES: dict[str, Check] = {
    "Integer": _integer,
    "Integer|String": _chat_id,
    "String": _string,
    "Boolean": _boolean,
    "Float": _number,
    "InputFile": _input_file,
    "String|InputFile": _input_file,
}


def _measure(text: str, unit: str) -> int:
    return len(text.encode()) if unit == "bytes" else utf16_length(text)


def _limited(check: Check, rule: Mapping[str, Any]) -> Check:
    low, high, unit = rule["min"], rule["max"], rule["unit"]

    def limited(value: Any, where: str) -> Any:
        checked = check(value, where)
        size = checked if unit == "value" else _measure(checked, unit)
        if low <= size <= high:
            return checked
        name = where.rpartition(".")[2]
        if name in _TOO_LONG:
            raise bad_request(_TOO_LONG[name])
        raise bad_request(f'parameter "{where}" must be {low}-{high} {unit}, but is {size}')

    return limited


def _constant(expected: str) -> Check:
    def constant(value: Any, where: str) -> Any:
        if value != expected:
            raise bad_request(f'field "{where}" must be "{expected}"')
        return value

    return constant


def _array(item: Check) -> Check:
    def array(value: Any, where: str) -> list[Any]:
        if not isinstance(value, list):
            raise _wrong_type(where, "Array")
        return [item(entry, where) for entry in value]

    return array


@dataclass(frozen=True, slots=True)
class Fields:
    """The checked fields of one method or nested object."""

    name: str
    checks: dict[str, Check]
    required: tuple[str, ...]
    constants: dict[str, str]
    structured: frozenset[str]
    deprecated: frozenset[str]

    def read(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of a call with their real types.

        Raises:
            ApiError: an unknown, missing, mistyped or too long parameter.
        """
        params: dict[str, Any] = {}
        for name, value in raw.items():
            check = self.checks.get(name)
            if check is None:
                raise bad_request(f'unknown parameter "{name}" of {self.name}')
            if name in self.structured and isinstance(value, str):
                value = _decode(value, name)
            params[name] = check(value, name)
        for name in self.required:
            if name not in params:
                raise bad_request(_MISSING.get(name, f'parameter "{name}" is required'))
        return params

    def read_object(self, value: Any, where: str) -> dict[str, Any]:
        """As `read`, for an object inside a parameter."""
        if not isinstance(value, dict):
            raise bad_request(f'can\'t parse parameter: Field "{where}" must be an Object')
        for name in value:
            if name not in self.checks:
                raise bad_request(f'unknown field "{where}.{name}" of {self.name}')
        for name in self.required:
            if name not in value:
                raise bad_request(f'can\'t find field "{where}.{name}" of {self.name}')
        return {name: self.checks[name](entry, f"{where}.{name}") for name, entry in value.items()}


def _decode(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise bad_request(f"can't parse {name} JSON object") from None


def _one_of(candidates: list[Fields]) -> Check:
    """The object alternatives of a union: first by their fixed `type`, then by the fields they share."""

    def one_of(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise _wrong_type(where, "Object")
        fitting = [c for c in candidates if all(value.get(key) == const for key, const in c.constants.items())]
        if not fitting:
            raise bad_request(f'unknown type of "{where}" specified')
        ranked = sorted(fitting, key=lambda c: (len(value.keys() - c.checks.keys()), -len(c.required)))
        first: ApiError | None = None
        for candidate in ranked:
            try:
                return candidate.read_object(value, where)
            except ApiError as error:
                first = first or error
        raise first or _wrong_type(where, "Object")

    return one_of


class Schema:
    """The whole table; checks of an object are compiled when first needed."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._objects: Mapping[str, Any] = table["objects"]
        self._compiled: dict[str, Fields] = {}
        self.methods = {name.lower(): self._fields(name, rules) for name, rules in table["methods"].items()}

    def _fields(self, name: str, rules: Mapping[str, Any]) -> Fields:
        return Fields(
            name=name,
            checks={field: self._check(rule, (name, field)) for field, rule in rules.items()},
            required=tuple(field for field, rule in rules.items() if rule.get("required")),
            constants={field: rule["const"] for field, rule in rules.items() if "const" in rule},
            structured=frozenset(field for field, rule in rules.items() if rule["type"] not in _PRIMITIVES),
            deprecated=frozenset(field for field, rule in rules.items() if rule.get("deprecated")),
        )

    def _check(self, rule: Mapping[str, Any], place: tuple[str, str]) -> Check:
        if "const" in rule:
            return _constant(rule["const"])
        check = self._type(rule["type"])
        limited = rule.get("unit") in {"characters", "bytes", "value"} and rule["type"] in {"String", "Integer"}
        return _limited(check, rule) if limited and place not in _MEASURED_LATER else check

    def _type(self, name: str) -> Check:
        if name in _PRIMITIVES:
            return _PRIMITIVES[name]
        if name.startswith("Array<") and name.endswith(">"):
            return _array(self._type(name[6:-1]))
        names = name.split("|")
        if "String" in names:
            rest = self._type("|".join(part for part in names if part != "String"))
            return lambda value, where: _string(value, where) if isinstance(value, str) else rest(value, where)
        return self._objects_check(tuple(names))

    def _objects_check(self, names: tuple[str, ...]) -> Check:
        compiled: list[Check] = []

        def lazy(value: Any, where: str) -> Any:
            if not compiled:  # objects refer to each other, so they are compiled at the first use
                found = [self._object(name) for name in names]
                compiled.append(found[0].read_object if len(found) == 1 else _one_of(found))
            return compiled[0](value, where)

        return lazy

    def _object(self, name: str) -> Fields:
        if name not in self._compiled:
            self._compiled[name] = self._fields(name, self._objects[name])
        return self._compiled[name]


@cache
def schema() -> Schema:
    """The compiled table, read once a process."""
    return Schema(json.loads((Path(__file__).parent / "methods.json").read_text("utf-8")))
