"""Writes methods.json: every Bot API method and nested object with its parameters, types, required flags and limits.

Not run by the tests. Run it by hand when the Bot API has news, in a throw-away environment, because aiogram
(whose classes are generated from the official documentation) must not become a dependency of the project::

    python -m venv /tmp/aiogram && /tmp/aiogram/bin/pip install aiogram
    /tmp/aiogram/bin/python tests/fakes/telegram/generate_methods.py > tests/fakes/telegram/methods.json

*Source*: https://core.telegram.org/bots/api, as carried by aiogram.methods and aiogram.types.
"""

import ast
import datetime as dt
import enum
import inspect
import json
import re
import sys
import textwrap
import types
import typing

_PLAIN = {bool: "Boolean", int: "Integer", str: "String", float: "Float"}
_LIMIT = re.compile(r"(\d+)-(\d+) (characters|bytes)", re.IGNORECASE)
_VALUE_RANGE = re.compile(r"[Vv]alues between (\d+)-(\d+)|must be between (\d+) and (\d+)(?!,)")
_AT_MOST_BYTES = re.compile(r"can't exceed (\d+) bytes")


def type_names(annotation: object, found: dict[str, type]) -> list[str]:
    """The Bot API names of an annotation's alternatives; classes met on the way are put into `found`."""
    if annotation is type(None):
        return []
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return type_names(typing.get_args(annotation)[0], found)
    if origin in (typing.Union, types.UnionType):
        names = [name for part in typing.get_args(annotation) for name in type_names(part, found)]
        return list(dict.fromkeys(names))
    if origin is list:
        (part,) = typing.get_args(annotation)
        return ["Array<" + "|".join(type_names(part, found)) + ">"]
    if origin is typing.Literal:
        kinds = {type(value) for value in typing.get_args(annotation)}
        return [_PLAIN.get(kind, "String") for kind in kinds]
    if isinstance(annotation, type):
        return class_name(annotation, found)
    return ["String"]


def class_name(annotation: type, found: dict[str, type]) -> list[str]:
    """As `type_names`, for one class."""
    if annotation in _PLAIN:
        return [_PLAIN[annotation]]
    if issubclass(annotation, dt.datetime | dt.timedelta):
        return ["Integer"]
    if issubclass(annotation, enum.Enum):
        return ["String"]
    if annotation.__name__ == "Default":
        return []
    if annotation.__name__ != "InputFile":
        found[annotation.__name__] = annotation
    return [annotation.__name__]


def docs_of(cls: type) -> dict[str, str]:
    """The doc string below each field, from the class's own source."""
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0].body  # type: ignore[attr-defined]
    pairs = zip(body, body[1:], strict=False)
    return {
        field.target.id: text.value.value
        for field, text in pairs
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def limits(doc: str) -> dict[str, object]:
    """What the documentation states of a length or a value, as min, max and unit."""
    if match := _LIMIT.search(doc):
        unit = match[3].lower()
        rest = doc[match.end() :]
        if re.match(r" after entit(y|ies) parsing", rest):
            unit = "parsed"
        return {"min": int(match[1]), "max": int(match[2]), "unit": unit}
    if match := _AT_MOST_BYTES.search(doc):
        return {"min": 0, "max": int(match[1]), "unit": "bytes"}
    if match := _VALUE_RANGE.search(doc):
        low, high = (int(part) for part in match.groups() if part is not None)
        return {} if "0x7FFFFFFF" in doc else {"min": low, "max": high, "unit": "value"}
    return {}


def constant_of(default: object) -> dict[str, str]:
    """The fixed value of a discriminating field, such as type="article"."""
    if isinstance(default, enum.Enum):
        return {"const": str(default.value)}
    return {"const": default} if isinstance(default, str) else {}


def fields_of(cls: typing.Any, found: dict[str, type]) -> dict[str, object]:
    """Name → {type, required, min, max, unit, const, deprecated} of one method or object."""
    docs = docs_of(cls)
    fields: dict[str, object] = {}
    for name, info in cls.model_fields.items():
        const = constant_of(info.default) if name in {"type", "source", "status"} else {}
        entry: dict[str, object] = {"type": "|".join(type_names(info.annotation, found))}
        if info.is_required() or const:
            entry["required"] = True
        entry |= const | limits(docs.get(name, ""))
        if (info.json_schema_extra or {}).get("deprecated"):
            entry["deprecated"] = True
        fields[{"from_user": "from"}.get(name, name)] = entry
    return fields


def main() -> None:
    """Print the table as JSON, one method or object a line so that changes read well."""
    import aiogram  # type: ignore[import-not-found]  # only in the throw-away environment
    from aiogram import methods

    found: dict[str, type] = {}
    named = (getattr(methods, name) for name in methods.__all__)
    method_classes = [cls for cls in named if isinstance(getattr(cls, "__api_method__", None), str)]
    method_table: dict[str, object] = {cls.__api_method__: fields_of(cls, found) for cls in method_classes}
    objects: dict[str, object] = {}
    while missing := sorted(set(found) - set(objects)):
        for name in missing:
            objects[name] = fields_of(found[name], found)
    sections: dict[str, dict[str, object]] = {"methods": method_table, "objects": objects}
    heading = {"source": "https://core.telegram.org/bots/api", "bot_api": aiogram.__api_version__}
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in heading.items()]
    for key, table in sections.items():
        rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(table[name])}" for name in sorted(table))
        lines.append(f"{json.dumps(key)}: {{\n{rows}\n}}")
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
