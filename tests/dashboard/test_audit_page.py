"""The supervisors' page in Chromium: who looked for plates, and whether the log is whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from dashboard.audit import HEAD, Audit
from dashboard.passwords import Passwords
from ioc import clock
from tests.dashboard.browser import Browser
from tests.dashboard.checkpoint import PASSWORD, Checkpoint, nameless, scrolls_sideways
from tests.dashboard.peers import eventually

pytestmark = [pytest.mark.chromium, pytest.mark.mosquitto]

NASTY = '<img src=x onerror="document.body.dataset.hacked=1">'
ENTRIES = "#entries tr"
COUNT = 130


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory, passwords: Passwords) -> Iterator[Checkpoint]:
    with ExitStack() as stack:
        checkpoint = Checkpoint(tmp_path_factory.mktemp("checkpoint"), stack, passwords)
        audit = Audit(checkpoint.store.database, checkpoint.settings.data / HEAD)
        with audit.write() as pen:
            for number in range(COUNT):
                pen.add(
                    clock.now() - timedelta(minutes=COUNT - number),
                    "officer" if number % 10 else "local",
                    "search" if number % 3 else "export",
                    purpose=NASTY if number == COUNT - 1 else "stolen car",
                    case=f"BG-2026-{number:03}",
                    details={"plate": "98A12345", "rows": number, "note": NASTY},
                )
        yield checkpoint


@pytest.fixture
def browser(checkpoint: Checkpoint) -> Browser:
    browser = checkpoint.browser
    browser.open(f"{checkpoint.url}/audit")
    if browser.url.endswith("/login?to=/audit"):
        checkpoint.sign_in("supervisor", PASSWORD).click("#to-audit")
    eventually(lambda: bool(browser.texts(ENTRIES)))
    return browser


def fill(browser: Browser, **fields: str) -> None:
    browser.run("document.querySelector('#filter').reset()")
    for name, text in fields.items():
        browser.run("document.querySelector(`#filter [name=${arguments[0]}]`).value = arguments[1]", name, text)
    browser.click("#filter .main")


def test_the_newest_come_first_and_older_ones_follow(browser: Browser) -> None:
    assert len(browser.texts(ENTRIES)) == 100
    assert browser.text(f"{ENTRIES} .number") == str(COUNT)
    assert browser.text(f"{ENTRIES} .case") == f"BG-2026-{COUNT - 1}"
    browser.click("#more")
    eventually(lambda: len(browser.texts(ENTRIES)) == COUNT)
    assert browser.text("#more") == ""
    assert browser.run("return document.body.dataset.hacked ?? ''") == ""
    assert NASTY in browser.text(f"{ENTRIES} .details")
    assert browser.text(f"{ENTRIES} .purpose") == NASTY


def test_entries_are_filtered_by_person_deed_case_and_time(browser: Browser) -> None:
    fill(browser, who="local")
    eventually(lambda: len(browser.texts(ENTRIES)) == 13)
    assert set(browser.texts(f"{ENTRIES} .who-did")) == {"local"}
    fill(browser, who="local", what="export")
    eventually(lambda: len(browser.texts(ENTRIES)) == 5)
    fill(browser, case="2026-01")
    eventually(lambda: len(browser.texts(ENTRIES)) == 10)
    fill(browser, who="nobody")
    browser.sees("#nothing", "No entries fit.")
    browser.run(
        "const at = new Date(Date.now() - 30.5 * 60000); window.since = new Date(at - at.getTimezoneOffset() * 60000)"
    )
    fill(browser, since=browser.run("return window.since.toISOString().slice(0, 16)"))
    eventually(lambda: len(browser.texts(ENTRIES)) in {30, 31})
    browser.click("#filter [type=reset]")
    eventually(lambda: len(browser.texts(ENTRIES)) == 100)


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_nothing_scrolls_sideways(browser: Browser, size: tuple[int, int]) -> None:
    browser.narrow(*size)
    try:
        assert not scrolls_sideways(browser)
        assert nameless(browser) == []
    finally:
        browser.narrow(1366, 768)


def test_a_log_that_was_changed_is_told_in_red(checkpoint: Checkpoint, browser: Browser) -> None:
    browser.sees("#chain", "The log is whole")
    assert browser.text("#head").startswith(f"{COUNT}:")
    with sqlite3.connect(checkpoint.settings.data / "ioc.db") as raw:
        raw.execute("DROP TRIGGER audit_log_no_update")
        raw.execute("UPDATE audit_log SET who = 'nobody' WHERE number = 77")
    browser.click("#verify")
    browser.sees("#chain", "The log is not whole")
    assert "77" in browser.text("#chain")
    assert browser.run("return document.querySelector('#chain').dataset.state") == "false"
