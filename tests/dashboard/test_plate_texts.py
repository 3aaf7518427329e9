"""The texts of plates: each once, with its endings, found by any part."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL, Connection, inspect, select, text

from dashboard.database import Database
from dashboard.plate_texts import endings, fitting_texts, forget_texts, ids_of_texts
from dashboard.schema import plate_endings, plates
from dashboard.store import Store
from ioc.plate_pattern import parse_pattern


def fitting(connection: Connection, typed: str) -> list[str]:
    found = fitting_texts(parse_pattern(typed))
    return sorted(connection.scalars(select(plates.c.text).where(plates.c.id.in_(found))))


def by_index(connection: Connection, typed: str) -> str:
    query = str(fitting_texts(parse_pattern(typed)).compile(compile_kwargs={"literal_binds": True}))
    return " ".join(row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}"))


def test_endings_are_the_text_and_all_that_ends_it_but_a_single_character() -> None:
    assert endings("98A12") == ["98A12", "8A12", "A12", "12"]
    assert endings("9") == []


def test_a_text_gets_its_number_once(store: Store) -> None:
    with store.database.write() as connection:
        first = ids_of_texts(connection, {"98A12345", "9"})
        again = ids_of_texts(connection, {"98A12345", "99A12345"})
        assert again["98A12345"] == first["98A12345"]
        assert len({*first.values(), *again.values()}) == 3
        assert sorted(connection.scalars(select(plate_endings.c.ending))) == sorted(
            [*endings("98A12345"), *endings("99A12345")]
        )


@pytest.mark.parametrize(
    ("typed", "how"),
    [
        ("98A12345", "uq_plates_text|sqlite_autoindex_plates_1"),
        ("98A12*", "plates"),
        ("*2345", "plate_endings USING PRIMARY KEY \\(ending=\\?\\)"),
        ("98*45", "plate_endings USING PRIMARY KEY \\(ending=\\?\\)"),
        ("*123*", "plate_endings USING PRIMARY KEY \\(ending>\\? AND ending<\\?\\)"),
        ("9*123*5", "plate_endings USING PRIMARY KEY \\(ending>\\? AND ending<\\?\\)"),
        ("98A1??45", "plates USING COVERING INDEX"),
    ],
)
def test_the_longest_part_is_looked_up_in_an_index(store: Store, typed: str, how: str) -> None:
    with store.database.read() as connection:
        plan = by_index(connection, typed)
    assert re.search(how, plan), plan
    assert not re.search("SCAN (plates|plate_endings)", plan), plan


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(typed=st.text("89A1?*", min_size=1, max_size=7).filter(lambda own: own.strip("?*")))
def test_a_pattern_fits_what_it_says(store: Store, typed: str) -> None:
    known = {left + right for left in ("98A", "99A", "89A", "8A", "") for right in ("1", "11", "819", "91A11")}
    expression = re.compile(parse_pattern(typed).text.replace("?", ".").replace("*", ".*"))
    with store.database.write() as connection:
        ids_of_texts(connection, known)
        assert fitting(connection, typed) == sorted(filter(expression.fullmatch, known))


def test_a_text_is_forgotten_with_its_endings_and_others_stay(store: Store) -> None:
    with store.database.write() as connection:
        ids_of_texts(connection, {"98A12345", "99A12345"})
        forget_texts(connection, plates.c.text == "98A12345")
        assert list(connection.scalars(select(plates.c.text))) == ["99A12345"]
        assert sorted(connection.scalars(select(plate_endings.c.ending))) == sorted(endings("99A12345"))
        assert fitting(connection, "*2345") == ["99A12345"]


def test_a_store_from_before_gets_its_endings_and_can_go_back(tmp_path: Path) -> None:
    database = Database(URL.create("sqlite", database=str(tmp_path / "old.db")))
    config = Config()
    config.set_main_option("script_location", "dashboard:migrations")
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        connection.execute(text("INSERT INTO plates (text, backwards) VALUES ('98A12345', '54321A89'), ('9', '9')"))
        command.upgrade(config, "0006")
        assert sorted(connection.scalars(select(plate_endings.c.ending))) == sorted(endings("98A12345"))
        assert {column["name"] for column in inspect(connection).get_columns("plates")} == {"id", "text"}
        command.downgrade(config, "0005")
        rows = connection.execute(text("SELECT text, backwards FROM plates"))
        assert {row.text: row.backwards for row in rows} == {"98A12345": "54321A89", "9": "9"}
        assert "plate_endings" not in inspect(connection).get_table_names()
    database.close()
