"""Settings written into a site file: only they change, and what cannot be edited as text is not guessed at."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ioc.errors import IocError
from ioc.sweep_site import with_settings

EXAMPLE = Path(__file__).parents[2] / "config" / "site.example.toml"

HARD = """\
# Layouts that people use.
[[rule]]   # the first
  name = "a # b"   # no comment in the name
  kind = 'illegal_parking'
  camera = "c"
  labels = [   # several lines
     "car",  # cars
     "bus"]  # and buses

  # What follows is another kind's.
[[rule]]
name = "b"
kind = "overcrowding"
camera = "c"
sure = 1

[[rule]]
name = "c"
kind = "illegal_parking"
"labels"=["car"]
sure=0.3#tight
"""


def test_a_value_is_replaced_its_comment_kept_and_all_else_is_as_it_was() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    before, after = text.splitlines(), with_settings(text, "illegal_parking", {"after": "PT45S"}).splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    ((old, new),) = changed
    assert old.startswith('after = "PT60S"  ')
    assert new == old.replace("PT60S", "PT45S")


def test_a_value_that_is_not_there_is_added_to_each_rule_of_the_kind() -> None:
    changed = with_settings(HARD, "illegal_parking", {"queue": 0})
    added = [line for line in changed.splitlines() if line not in HARD.splitlines()]
    assert added == ["  queue = 0", "queue = 0"]
    assert changed.index("  queue = 0") < changed.index("# What follows")
    assert [rule.get("queue") for rule in tomllib.loads(changed)["rule"]] == [0, None, 0]


def test_values_of_several_lines_quoted_keys_and_tight_comments_are_understood() -> None:
    changed = with_settings(HARD, "illegal_parking", {"labels": ["truck"], "sure": 0.55})
    assert '  labels = ["truck"]  # and buses\n  sure = 0.55\n' in changed
    assert 'labels = ["truck"]\nsure = 0.55#tight\n' in changed
    assert '"bus"' not in changed
    rules = tomllib.loads(changed)["rule"]
    assert [(rule.get("labels"), rule.get("sure")) for rule in rules] == [
        (["truck"], 0.55),
        (None, 1),
        (["truck"], 0.55),
    ]
    assert rules[0]["name"] == "a # b"


@pytest.mark.parametrize(
    "text",
    [
        'rule = [{name = "a", kind = "illegal_parking", camera = "c"}]\n',
        '[[rule]]\nkind = "illegal_parking"\nnote = """\n[[rule]]\nkind = "illegal_parking"\n"""\n',
    ],
)
def test_a_layout_that_cannot_be_edited_is_told_with_what_to_write(text: str) -> None:
    with pytest.raises(IocError, match=r"write into them yourself: sure = 0.5, severity = \"low\"$"):
        with_settings(text, "illegal_parking", {"sure": 0.5, "severity": "low"})
