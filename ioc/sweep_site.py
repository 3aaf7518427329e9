"""Writes settings into the text of a site file; all else in it, comments too, stays as it is."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from ioc.errors import IocError
from ioc.types import Json

RULE = re.compile(r"\s*\[\[\s*rule\s*\]\]\s*(#.*)?")
KEY = re.compile(r"(\s*)[\w.\"'-]+\s*=")
TABLE = re.compile(r"\s*\[")


def with_settings(text: str, kind: str, values: Mapping[str, Json]) -> str:
    """Return the site file with these values in every `[[rule]]` of the kind.

    A value that stands there is replaced and its comment kept; another is added below the rule's last key. Raises
    IocError when the text is not laid out so that this can be done: what the result says is read back and compared.
    """
    wanted = tomllib.loads(text)
    for rule in wanted.get("rule", []):
        if rule["kind"] == kind:
            rule.update(copy.deepcopy(dict(values)))
    lines = text.splitlines()
    done: list[str] = []
    for part in parts_of(lines):
        done += _changed(part, values) if _is_of(part, kind) else part
    changed = "\n".join(done) + "\n"
    if read_toml(changed) != wanted:
        said = ", ".join(f"{name} = {_toml(value)}" for name, value in values.items())
        raise IocError(f"the rules are not written as [[rule]] tables, key by key: write into them yourself: {said}")
    return changed


def parts_of(lines: Sequence[str]) -> list[list[str]]:
    """Return the lines cut before each table's head."""
    parts: list[list[str]] = [[]]
    for line in lines:
        if TABLE.match(line):
            parts.append([])
        parts[-1].append(line)
    return parts


def _is_of(part: Sequence[str], kind: str) -> bool:
    if not part or not RULE.fullmatch(part[0]):
        return False
    return bool((read_toml("\n".join(part)) or {"rule": [{}]})["rule"][0].get("kind") == kind)


def _changed(part: Sequence[str], values: Mapping[str, Json]) -> list[str]:
    lines = list(part)
    for name, value in values.items():
        said = f"{name} = {_toml(value)}"
        places = [n for n, line in enumerate(lines) if re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=", line)]
        if places:
            lines = _replaced(lines, places[0], said)
        else:
            last = max(n for n, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#"))
            indents = [found.group(1) for line in lines if (found := KEY.match(line))]
            lines.insert(last + 1, indents[-1] + said)
    return lines


def _replaced(lines: list[str], place: int, said: str) -> list[str]:
    """Return the lines with the value that begins at `place` replaced; it ends where it is whole."""
    for end in range(place + 1, len(lines) + 1):
        value = "\n".join(lines[place:end])
        cuts = [found.start() for found in re.finditer("#", value)]
        for cut in (*cuts, len(value)):
            if read_toml(value[:cut]) is not None:
                indent = value[: len(value) - len(value.lstrip())]
                return [*lines[:place], (indent + said + _gap(value[:cut]) + value[cut:]).rstrip(), *lines[end:]]
    return lines


def _gap(value: str) -> str:
    return value[len(value.rstrip()) :]


def read_toml(text: str) -> dict[str, Any] | None:
    """Return what the text says; None when it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _toml(value: Json) -> str:
    """Return a number, a word, a truth value or a list of them in TOML, which writes these as JSON does."""
    return json.dumps(value, ensure_ascii=False)
