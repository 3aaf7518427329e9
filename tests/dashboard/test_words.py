"""What the page says exists in every language; what the documentation says exists in the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from alerts.wire import CameraState
from dashboard.records import OperatorState, Role
from dashboard.watch_import import Taken
from detectors import camera_health, illegal_parking
from ioc.truth_file import KINDS
from ioc.types import Phase, Severity
from tests.dashboard.house import House

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "dashboard" / "static"
TEMPLATES = ROOT / "dashboard" / "templates"
REFUSALS = {"HTTPException", "SignInFirst", "Conflict", "PasswordRefused", "NoOwner", "NameTaken", "Unclear"}
REFUSALS |= {"PatternError", "TableError", "CellProblem", "only"}
UNSHOWN = {
    "no picture of this camera has come for {} s",
    "no folder of recordings is named: set `clips` under [truth] in the site file",
    "there is no such recording any more: load the list again",
    "say which version you change: If-Match with its ETag, or If-None-Match: * for a first",
}
"""What no page shows as it is said, or engineers alone."""
ENTRY = re.compile(r'(?:^|[\s{,])(?:([a-z_0-9]+)|"([^"]+)"): "((?:[^"\\]|\\.)*)"')


def _tables() -> dict[str, dict[str, str]]:
    """Return the words of each language by their keys."""
    source = (STATIC / "i18n.js").read_text()
    found: dict[str, dict[str, str]] = {}
    for name, body in re.findall(r"^  (\w\w): \{\n(.*?)^  \},", source, re.MULTILINE | re.DOTALL):
        found[name] = {plain or quoted: text for plain, quoted, text in ENTRY.findall(body)}
    return found


def _used() -> set[str]:
    """Return the keys that pages and scripts ask for by name."""
    found: set[str] = set()
    for path in TEMPLATES.iterdir():
        found |= set(re.findall(r'data-i18n="(\w+)"', path.read_text()))
    for path in STATIC.glob("*.js"):
        if path.name != "i18n.js":
            found |= set(re.findall(r'\bt\("(\w+)"', path.read_text()))
    return found


def test_every_language_has_all_the_words() -> None:
    tables = _tables()
    assert set(tables) == {"en", "vi"}
    assert len(tables["en"]) > 100
    assert tables["en"].keys() == tables["vi"].keys()
    assert _used() - tables["en"].keys() == set()


def test_placeholders_are_the_same_in_every_language() -> None:
    tables = _tables()
    for key, text in tables["en"].items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", tables["vi"][key])), key


def test_whatever_has_a_name_on_the_wire_has_one_for_people() -> None:
    words = _tables()["en"]
    for prefix, names in (
        ("phase", Phase),
        ("severity", Severity),
        ("state", OperatorState),
        ("camera", [*CameraState, "unavailable"]),
        ("role", Role),
        ("kind", KINDS),
        ("label", [*camera_health.FAULTS, *camera_health.HARMLESS, camera_health.OFFLINE]),
        ("label", get_args(illegal_parking.ZoneKind)),
        ("label", ["person", "bicycle", "motorcycle", "car", "bus", "truck", "bag"]),
    ):
        for name in names:
            assert f"{prefix}_{name}" in words


@pytest.mark.parametrize("page", ["/plates", "/watch-lists", "/audit"])
def test_all_that_a_page_says_has_words(house: House, page: str) -> None:
    said = set(re.findall(r'data-i18n="([^"]*)"', house.as_("supervisor").get(page).raise_for_status().text))
    assert len(said) > 15
    assert said <= _tables()["en"].keys()


def test_deeds_in_the_log_have_words() -> None:
    words = _tables()["en"]
    deeds = re.search(r"const DEEDS = \[(.*?)\]", (STATIC / "audit.js").read_text(), re.DOTALL)
    assert deeds is not None
    assert {f"deed_{deed}" for deed in re.findall(r'"(\w+)"', deeds[1])} <= words.keys()


def test_reasons_that_the_dashboard_gives_are_translated() -> None:
    words = _tables()["vi"]
    given = re.findall(r'"unavailable", .*?, "(.*?)"', (ROOT / "dashboard" / "views.py").read_text())
    assert len(given) == 2
    assert set(given) <= words.keys()


def test_what_the_api_refuses_is_said_in_vietnamese() -> None:
    """A change of the English text in the code has to come with one in the table, and a new text with a new row."""
    rows = refusals()
    assert len(rows) > 50
    for english, words in rows.items():
        assert set(re.findall(r"\{\w+\}", words)) <= set(re.findall(r"\{\w+\}", english)), english
    translated = {re.sub(r"\{\w+\}", "{}", english) for english in rows}
    files = [*(ROOT / "dashboard").glob("*.py"), ROOT / "ioc" / "plate_pattern.py"]
    calls, texts = _said_in(files)
    counted = {re.sub(r"\d+", "{}", taken.in_words) for taken in (Taken(1, problems=1), Taken(problems=1))}
    assert translated - texts == counted, "the code says this no longer"
    assert {text for name, text in calls if name in REFUSALS} - translated == UNSHOWN


def refusals() -> dict[str, str]:
    """Return what is said in Vietnamese for each English refusal, with {names} for what is filled in."""
    return dict(re.findall(r'^    "(.*?)": "(.*?)",$', (STATIC / "refusals.js").read_text(), re.MULTILINE))


def _said_in(files: list[Path]) -> tuple[set[tuple[str, str]], set[str]]:
    """Return the sentences in some sources, with {} for what is filled in: by what is called with them, and all."""
    calls: set[tuple[str, str]] = set()
    texts: set[str] = set()
    for node in (node for path in files for node in ast.walk(ast.parse(path.read_text()))):
        texts.add(_sentence(node))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            calls |= {(node.func.id, _sentence(argument)) for argument in node.args if " " in _sentence(argument)}
    return calls, texts


def _sentence(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_sentence(part) or "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_the_documentation_lists_the_routes_that_there_are(house: House) -> None:
    documented = set(re.findall(r"^\| `([A-Z]+) (/[^`]*)`", (ROOT / "docs" / "api.md").read_text(), re.MULTILINE))
    described = house.app.openapi()["paths"]
    there = {
        (method.upper(), re.sub(r"\{(\w+_)?(id|n)\w*\}", r"{\2}", path.removeprefix("/api/v1")).replace("number", "n"))
        for path, methods in described.items()
        for method in methods
    }
    assert documented == there | {("GET", "/openapi.json")}


@pytest.mark.parametrize(
    "parameter", ["kind", "site", "camera", "phase", "severity", "state", "since", "until", "limit", "cursor"]
)
def test_the_documentation_names_every_parameter_of_the_list(house: House, parameter: str) -> None:
    described = house.app.openapi()["paths"]["/api/v1/alerts"]["get"]["parameters"]
    assert parameter in {one["name"] for one in described}
    assert len(described) == 10
    assert f"`{parameter}`" in (ROOT / "docs" / "api.md").read_text()
