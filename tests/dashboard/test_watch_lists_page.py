"""The police's watch-lists in Chromium: made, filled by hand and by a table, changed and removed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dashboard.passwords import Passwords
from dashboard.watch_store import all_lists
from tests.dashboard.browser import Browser
from tests.dashboard.checkpoint import CAR, PASSWORD, Checkpoint, nameless, scrolls_sideways
from tests.dashboard.peers import eventually

pytestmark = [pytest.mark.chromium, pytest.mark.mosquitto]

NASTY = '<img src=x onerror="document.body.dataset.hacked=1">'
LISTS, ENTRIES = "#lists li", "#entries li"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory, passwords: Passwords) -> Iterator[Checkpoint]:
    with ExitStack() as stack:
        yield Checkpoint(tmp_path_factory.mktemp("checkpoint"), stack, passwords)


@pytest.fixture(scope="module")
def officer(checkpoint: Checkpoint) -> Browser:
    """Return the browser with a list that an officer has made."""
    browser = checkpoint.sign_in("officer", PASSWORD)
    browser.click("#to-watch-lists")
    browser.sees("#no-lists", "There is no list yet")
    browser.click("#new-list")
    fill(browser, "#list-editor", name="Stolen motorcycles", purpose="find stolen vehicles", case="BG-2026-117")
    browser.sees("#head h2", "Stolen motorcycles")
    return browser


@pytest.fixture
def browser(checkpoint: Checkpoint, officer: Browser) -> Browser:
    officer.open(f"{checkpoint.url}/watch-lists")
    eventually(lambda: bool(officer.texts(LISTS)))
    officer.click(f"{LISTS} button")
    officer.sees("#head h2", "Stolen motorcycles")
    return officer


def fill(browser: Browser, dialog: str, **fields: str) -> None:
    """Fill a question's fields in and send it."""
    for name, text in fields.items():
        browser.run("document.querySelector(arguments[0]).value = arguments[1]", f"{dialog} [name={name}]", text)
    browser.click(f"{dialog} .main")


def closed(browser: Browser, dialog: str) -> None:
    eventually(lambda: not browser.run("return document.querySelector(arguments[0]).open", dialog))


def put(browser: Browser, plate: str, **fields: str) -> None:
    browser.click("#new-entry")
    fill(browser, "#entry-editor", plate=plate, **fields)
    closed(browser, "#entry-editor")


def take_in(browser: Browser, path: Path, *ticks: str) -> None:
    """Import a file."""
    if not browser.run("return document.querySelector('#importer').open"):
        browser.click("#import")
    browser.type("#importer [name=file]", str(path))
    for name in ticks:
        browser.click(f"#importer [name={name}]")
    browser.click("#importer .main")


def test_plates_are_put_changed_found_and_taken_off(browser: Browser) -> None:
    put(browser, "98b1-234.56", note=NASTY, priority="critical", valid_until="2031-01-01T00:00")
    eventually(lambda: len(browser.texts(ENTRIES)) == 1)
    assert browser.text(f"{ENTRIES} .plate").replace("\n", " ") in {"98-B1 234.56", "98B-123.456"}
    assert browser.text(f"{ENTRIES} .note") == NASTY
    assert browser.run("return document.body.dataset.hacked ?? ''") == ""
    assert browser.text(f"{ENTRIES} .about").startswith("Critical")
    assert "until 01/01/2031" in browser.text(f"{ENTRIES} .about")
    browser.click(f"{ENTRIES} .deeds button")
    assert browser.run("return document.querySelector('#entry-editor [name=valid_until]').value") == "2031-01-01T00:00"
    fill(browser, "#entry-editor", note="red Wave")
    closed(browser, "#entry-editor")
    browser.sees(f"{ENTRIES} .note", "red Wave")
    put(browser, "29A12345")
    eventually(lambda: len(browser.texts(ENTRIES)) == 2)
    browser.type("#look [name=plate]", "98*\n")
    eventually(lambda: len(browser.texts(ENTRIES)) == 1)
    browser.click(f"{ENTRIES} .deeds button:last-child")
    browser.sees("#asker h2", "off the list?")
    browser.click("#asker .main")
    browser.sees("#no-entries", "No plates on this list fit.")
    browser.sees(f"{LISTS} .about", "Plates: 1")


def test_what_is_no_whole_plate_keeps_the_question_open(browser: Browser) -> None:
    browser.click("#new-entry")
    fill(browser, "#entry-editor", plate="98A*")
    browser.sees("#entry-editor-problem", "whole plates")
    browser.click("#entry-editor [data-close]")
    closed(browser, "#entry-editor")
    browser.click("#new-list")
    fill(browser, "#list-editor", name="Stolen motorcycles", purpose="again", case="again")
    browser.sees("#list-editor-problem", "Stolen motorcycles")
    browser.click("#list-editor [data-close]")


def test_a_table_is_taken_whole_or_told_cell_by_cell(browser: Browser, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes("\ufeffplate;note;priority\n30F-112.23;cũ;\n98A-1??;;\n51F-555.55;=1+1;urgent\n".encode())
    take_in(browser, wrong)
    eventually(lambda: len(browser.texts("#problems li")) >= 2)
    assert browser.text("#importer-problem") != ""
    problems = browser.texts("#problems li")
    assert problems[0].startswith("Row 3 plate")
    assert any(one.startswith("Row 4 priority") for one in problems)
    take_in(browser, wrong, "partial")
    browser.sees("#imported", "1")
    assert len(browser.texts("#problems li")) >= 2, "what was left out is still told"
    browser.click("#importer [data-close]")
    browser.type("#look [name=plate]", "30F*\n")
    eventually(lambda: len(browser.texts(ENTRIES)) == 1)
    right = tmp_path / "right.csv"
    right.write_text("plate,note\n" + "".join(f"29C{number:05},\n" for number in range(150)))
    take_in(browser, right)
    closed(browser, "#importer")
    browser.run("document.querySelector('#look').reset()")
    browser.type("#look [name=plate]", "29C*\n")
    eventually(lambda: len(browser.texts(ENTRIES)) == 100)
    browser.click("#more")
    eventually(lambda: len(browser.texts(ENTRIES)) == 150)
    browser.run("URL.createObjectURL = (blob) => (blob.text().then((text) => (window.saved = text)), 'data:,')")
    browser.click("#export")
    eventually(lambda: "29C00149" in browser.run("return window.saved ?? ''"))


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_nothing_scrolls_sideways(browser: Browser, size: tuple[int, int], tmp_path: Path) -> None:
    browser.narrow(*size)
    try:
        assert not scrolls_sideways(browser)
        assert nameless(browser) == []
        browser.screenshot(tmp_path / "lists.png")
    finally:
        browser.narrow(1366, 768)


def test_a_watched_plate_that_passes_leads_from_the_alert_to_its_pass(checkpoint: Checkpoint, browser: Browser) -> None:
    put(browser, CAR, note=NASTY)
    checkpoint.see(checkpoint.passing(0, CAR, "bg-002"), checkpoint.passing(30, CAR, "bg-003"))
    browser.open(f"{checkpoint.url}/")
    browser.sees("#rows", "Watched plate · 98A-123.45")
    assert len(browser.texts("#rows li")) == 2
    browser.click("#rows li:last-child")
    browser.sees("#detail .watched", "It stands on the list “Stolen motorcycles”.")
    assert browser.text("#detail .watched .plate") == "98A-123.45"
    assert f"Read exactly: {CAR}." in browser.text("#detail dl")
    assert NASTY in browser.text("#detail dl")
    assert not any(word in browser.text("#detail") for word in ("ndefined", "watch_list", "plate:"))
    assert browser.run("return document.body.dataset.hacked ?? ''") == ""
    browser.click("#acknowledge")
    browser.sees("#rows li:last-child .state", "Acknowledged")
    browser.click("#detail .pass-deeds button")
    browser.sees("#inquiry h2", "Why do you look?")
    assert "98" not in browser.url
    fill(browser, "#inquiry", purpose="stolen car", case="BG-2026-118")
    browser.sees("#detail dl", "Street 2 (bg-002)")
    assert len(browser.texts("#rows li")) == 1, "the other pass was half an hour later"


def test_a_list_is_changed_and_removed_by_a_supervisor(checkpoint: Checkpoint, browser: Browser) -> None:
    browser.click("#sign-out")
    eventually(lambda: browser.url.endswith("/login"))
    checkpoint.sign_in("local", PASSWORD).open(f"{checkpoint.url}/watch-lists")
    browser.sees("#no-lists", "There is no list yet")
    browser.click("#sign-out")
    eventually(lambda: browser.url.endswith("/login"))
    checkpoint.sign_in("supervisor", PASSWORD).open(f"{checkpoint.url}/watch-lists")
    browser.sees(f"{LISTS} .about", "officer")
    browser.click(f"{LISTS} button")
    browser.sees("#head", "officer")
    browser.click("#change-list")
    fill(browser, "#list-editor", name=NASTY, valid_until="2020-01-01T00:00", owner="local")
    browser.sees(f"{LISTS} .off", "not valid now")
    assert browser.text(f"{LISTS} .name") == NASTY
    assert "local" in browser.text("#head")
    browser.click("#remove-list")
    browser.sees("#asker h2", NASTY)
    browser.click("#asker .main")
    browser.sees("#no-lists", "There is no list yet")
    with checkpoint.store.database.read() as connection:
        assert all_lists(connection, None) == []
    expected = ("401", "409", "422")
    assert [line for line in browser.complaints() if not any(word in line for word in expected)] == []
