"""What a camera's rules remember when the program ends, in a file: clocks go on when it begins anew.

The file says for each rule what it was made of; a rule whose zone or settings have changed since begins afresh. It is
written whole or not at all, every SAVED_EVERY while pictures come and at once when an alert was told, so that a program
that is killed knows at the next start what it told.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from ioc.errors import IocError
from ioc.ports import Remembering, Rule
from ioc.types import Json
from ioc.whole_file import write_whole

log = logging.getLogger(__name__)

SAVED_EVERY = timedelta(seconds=1)
POLICY = ""
"""Stands for what decides which alerts are told; no rule has that name."""


class RuleMemory:
    """One camera's file; `made_of` says of each of its rules, by name and in their order, what decides what it does."""

    def __init__(self, path: Path, made_of: Mapping[str, Json]) -> None:
        self._path, self._made_of = path, made_of
        self._saved: datetime | None = None
        self._failed = False

    def restore(self, rules: Sequence[Rule], policy: object) -> None:
        """Have the rules and the policy go on from what is in the file; what cannot be used is logged and left."""
        try:
            held = json.loads(self._path.read_text(encoding="utf-8"))
            for name, made_of, member in self._members(rules, policy):
                if name in held and held[name]["made_of"] == made_of:
                    member.restore(held[name]["state"])
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("%s cannot be used, clocks begin anew: %s", self._path, error)

    def keep(self, at: datetime, rules: Sequence[Rule], policy: object, *, now: bool) -> None:
        """Write down what they remember at that time, when it is due or `now`; a failure is logged once."""
        if not now and self._saved is not None and timedelta(0) <= at - self._saved < SAVED_EVERY:
            return
        self._saved = at
        states = {
            name: {"made_of": made_of, "state": member.state()}
            for name, made_of, member in self._members(rules, policy)
        }
        try:
            write_whole(self._path, [json.dumps(states)])
        except IocError as error:
            if not self._failed:
                log.warning("%s; clocks will begin anew when the program does", error)
            self._failed = True
        else:
            self._failed = False

    def _members(self, rules: Sequence[Rule], policy: object) -> Iterator[tuple[str, Json, Remembering]]:
        """Yield what remembers, by its name and with what it was made of."""
        named = [*zip(self._made_of.items(), rules, strict=True), ((POLICY, None), policy)]
        for (name, made_of), member in named:
            if isinstance(member, Remembering):
                yield name, made_of, member
