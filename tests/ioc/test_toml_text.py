"""What is written as TOML reads back as the same."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.site import parse_site
from ioc.toml_text import to_toml

PLAIN = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"])),
)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
VALUES: st.SearchStrategy[Any] = st.recursive(
    PLAIN,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=12,
)


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_any_table_reads_back_as_it_was(table: dict[str, Any]) -> None:
    assert tomllib.loads(to_toml(table)) == table


def test_it_reads_as_a_person_would_write_it() -> None:
    text = to_toml({"camera": [{"id": "a", "name": None, "zone": [{"name": "k", "polygon": [[0.1, 0.2]]}]}], "x": 1})
    assert text == ('x = 1\n\n[[camera]]\nid = "a"\n\n[[camera.zone]]\nname = "k"\npolygon = [[0.1, 0.2]]\n')


def test_a_site_file_reads_back_as_the_same_site(tmp_path: Path) -> None:
    site = parse_site(
        {
            "camera": [{"id": "a", "name": 'Ngã "tư"', "zone": [{"name": "k", "polygon": [[0, 0], [1, 0], [1, 1]]}]}],
            "rule": [{"name": "r", "kind": "illegal_parking", "camera": "a", "zone": "k", "after": "PT9S"}],
        },
        tmp_path / "site.toml",
    )
    text = to_toml(site.model_dump(mode="json", exclude_unset=True))
    assert parse_site(tomllib.loads(text), tmp_path / "site.toml") == site


def test_what_toml_has_no_word_for_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot hold"):
        to_toml({"day": date(2026, 1, 1)})
