"""Adds tables to the text of a site file; all else in it, comments too, stays as it is."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from ioc.errors import IocError
from ioc.sweep_site import parts_of, read_toml
from ioc.toml_text import to_toml

Tables = Mapping[str, Sequence[Mapping[str, Any]]]


def with_tables(text: str, camera: str, below: Tables, rules: Sequence[Mapping[str, Any]]) -> str:
    """Return the site file with further tables below the `[[camera]]` of that id, and further rules at its end.

    Raises IocError when the text is not laid out so that this can be done: what the result says is read back and
    compared.
    """
    wanted = _wanted(text, camera, below, rules)
    more = to_toml({"camera": [below]}).removeprefix("[[camera]]\n")
    parts = parts_of(text.splitlines())
    last = parts[_last_of(parts, camera)]
    end_of_keys = max((n for n, line in enumerate(last, 1) if line.strip() and not line.startswith("#")), default=0)
    last[end_of_keys:end_of_keys] = more.rstrip("\n").split("\n")
    end = "\n" + to_toml({"rule": rules}) if rules else ""
    changed = "\n".join(line for part in parts for line in part) + "\n" + end
    if read_toml(changed) != wanted:
        raise IocError(f"the cameras are not written as [[camera]] tables: write this into it yourself:\n{more}{end}")
    return changed


def _wanted(text: str, camera: str, below: Tables, rules: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    wanted = tomllib.loads(text)
    for table in wanted.get("camera", []):
        if table.get("id") == camera:
            table.update({name: [*table.get(name, []), *map(dict, more)] for name, more in below.items()})
    return {**wanted, "rule": [*wanted.get("rule", []), *map(dict, copy.deepcopy(rules))]} if rules else wanted


def _last_of(parts: Sequence[Sequence[str]], camera: str) -> int:
    """Return the number of the last part that belongs to the camera; the last of all when it is not found."""
    inside, last = False, len(parts) - 1
    for number, part in enumerate(parts):
        head = part[0].lstrip() if part else ""
        if head.startswith("[[camera]]"):
            inside = (read_toml("\n".join(part)) or {"camera": [{}]})["camera"][0].get("id") == camera
        elif not head.startswith(("[camera.", "[[camera.")):
            inside = False
        last = number if inside else last
    return last
