"""Writes TOML, which the standard library only reads: tables, arrays of tables, and plain values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def to_toml(value: Mapping[str, Any]) -> str:
    """Return a table as TOML 1.0 text that reads back as the same; what is None is left out.

    Holds strings, numbers, booleans, and lists and mappings of these: what pydantic's `model_dump(mode="json")` gives.
    Raises TypeError for anything else.
    """
    return "\n".join(_table(value, ())).strip("\n") + "\n"


def _table(value: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of a table's own values, then those of the tables below it."""
    below: list[tuple[str, Any]] = []
    for key, item in value.items():
        if isinstance(item, Mapping) or _is_array_of_tables(item):
            below.append((key, item))
        elif item is not None:
            yield f"{_key(key)} = {_plain(item)}"
    for key, item in below:
        name = ".".join(map(_key, (*path, key)))
        tables, heading = ([item], f"[{name}]") if isinstance(item, Mapping) else (item, f"[[{name}]]")
        for table in tables:
            yield ""
            yield heading
            yield from _table(table, (*path, key))


def _is_array_of_tables(item: Any) -> bool:
    return isinstance(item, list | tuple) and len(item) > 0 and all(isinstance(part, Mapping) for part in item)


def _key(name: str) -> str:
    return name if BARE_KEY.fullmatch(name) else _text(name)


def _plain(item: Any) -> str:
    match item:
        case bool():
            return "true" if item else "false"
        case str():
            return _text(item)
        case int() | float():
            return repr(item)
        case Mapping():
            return "{" + ", ".join(f"{_key(key)} = {_plain(part)}" for key, part in item.items()) + "}"
        case Sequence():
            return "[" + ", ".join(map(_plain, item)) + "]"
    raise TypeError(f"TOML cannot hold {item!r}")


def _text(text: str) -> str:
    # JSON escapes as TOML does, but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
