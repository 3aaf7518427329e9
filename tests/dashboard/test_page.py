"""The page in Chromium, with a real broker behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from alerts.wire import CameraState
from dashboard.accounts import Accounts
from dashboard.audit import HEAD, Audit
from dashboard.passwords import Passwords
from dashboard.records import ALL_CAMERAS, AlertFilter, Rights, Role
from ioc import clock
from ioc.types import Phase, Severity
from tests.dashboard import sample
from tests.dashboard.browser import Browser
from tests.dashboard.operations import Operations
from tests.dashboard.peers import eventually
from tests.dashboard.sample import SITE, minutes

pytestmark = [pytest.mark.chromium, pytest.mark.mosquitto]

CHOSEN = "seven wet umbrellas"
ROWS = "#rows [role=option]"
SELECTED = "#rows [aria-selected=true]"
NASTY = '<img src=x onerror="document.body.dataset.hacked=1">'


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operations]:
    with ExitStack() as stack:
        yield Operations(tmp_path_factory.mktemp("operations"), stack)


@pytest.fixture(scope="module")
def browser(operations: Operations) -> Browser:
    """Return the browser after the first sign-in, which every test relies on."""
    browser = operations.browser
    browser.open(operations.url)
    eventually(lambda: browser.url.endswith("/login?to=/"))
    browser.type("[name=name]", "admin")
    browser.type("[name=password]", "not the password")
    browser.click("#sign-in button")
    browser.sees("#trouble", "Name and password do not fit")
    browser.run("document.querySelector('[name=password]').value = ''")
    browser.type("[name=password]", operations.first_password)
    browser.click("#sign-in button")
    browser.sees("#change h2", "Choose a password")
    browser.type("#change [name=new]", CHOSEN)
    browser.type("#change [name=again]", CHOSEN)
    browser.click("#change button.main")
    eventually(lambda: browser.url == f"{operations.url}/")
    browser.sees("#line", "Live")
    return browser


def test_an_alert_is_shown_with_its_picture_as_it_comes(
    operations: Operations, browser: Browser, tmp_path: Path
) -> None:
    assert browser.text("#empty").startswith("No open alerts")
    operations.send(sample.engine(), sample.camera(simulated=True, title="Hùng Vương / Lê Lợi"), operations.alert(1))
    browser.sees(ROWS, "Illegal parking")
    assert "Hùng Vương / Lê Lợi" in browser.text(ROWS)
    assert browser.text("#simulated") == "Simulated scenes – not real cameras"
    browser.sees("#cameras", "Online")
    browser.click(ROWS)
    eventually(lambda: bool(browser.run("return document.querySelector('#detail img')?.naturalWidth === 640")))
    assert "A car has been standing here for 1 min 2 s." in browser.text("#detail")
    browser.sees("#detail .steps", "Started")
    local = browser.run(
        "return new Date(arguments[0]).toTimeString().slice(0, 8)", operations.alert(1).began.isoformat()
    )
    assert local in browser.text(ROWS)
    browser.screenshot(tmp_path / "page.png")
    assert (tmp_path / "page.png").stat().st_size > 20_000


def test_keys_move_acknowledge_and_close(operations: Operations, browser: Browser) -> None:
    operations.send(*(operations.alert(number) for number in (2, 3)))
    eventually(lambda: len(browser.texts(ROWS)) == 3)
    browser.click(f"{ROWS}:first-child")
    browser.type("#rows", "j")
    third = browser.run(f"return document.querySelector('{SELECTED}').dataset.id")
    assert third == str(operations.alert(2).id)
    browser.type("#rows", "k")
    browser.type("#rows", "\ue015")  # arrow down
    browser.type("#note", "patrol sent, back at jack's corner")
    assert len(browser.texts(ROWS)) == 3, "letters in the note are no commands"
    browser.run("document.activeElement.blur()")
    browser.type("body", "a")
    browser.sees(f"{SELECTED} .state", "Acknowledged")
    browser.sees("#detail .steps", "patrol sent, back at jack's corner")
    browser.type("#rows", "c")
    eventually(lambda: len(browser.texts(ROWS)) == 2)
    assert browser.run(f"return document.querySelector('{SELECTED}').dataset.id") == str(operations.alert(1).id)
    stored = operations.store.alert(operations.alert(2).id, ALL_CAMERAS)
    assert stored is not None
    assert stored.closed is not None
    assert stored.closed.who == "admin"
    browser.click("[data-scope=all]")
    eventually(lambda: len(browser.texts(ROWS)) == 3)
    browser.click("[data-scope=open]")
    eventually(lambda: len(browser.texts(ROWS)) == 2)


def test_an_alerts_evidence_is_taken_away_with_a_reason(operations: Operations, browser: Browser) -> None:
    browser.click(f"{ROWS}:last-child")
    save = ".part .buttons button"
    browser.sees(save, "Save evidence pack")
    browser.click(save)
    browser.sees("#inquiry h2", "Why do you look?")
    browser.click("#inquiry-cancel")
    eventually(lambda: not browser.run(f"return document.querySelector('{save}').disabled"))
    browser.run("URL.createObjectURL = (blob) => (window.saved = blob.type, 'data:,')")
    browser.click(save)
    browser.type("#inquiry [name=purpose]", "complaint of the driver")
    browser.type("#inquiry [name=case]", "BG-2026-9")
    browser.click("#inquiry button.main")
    eventually(lambda: browser.run("return window.saved ?? ''") == "application/zip")
    (entry,) = Audit(operations.store.database, operations.settings.data / HEAD).newest(5)
    assert (entry["what"], entry["purpose"], entry["case"]) == ("pack", "complaint of the driver", "BG-2026-9")


def test_a_flood_is_shown_with_the_line_that_its_water_drew(operations: Operations, browser: Browser) -> None:
    details = {"level": "kerb", "depth_cm": 21.7, "line": [[20, 0.0], [10, 8.0], [0, 21.7]]}
    operations.send(operations.alert(8, kind="flood", details=details))
    browser.sees(f"{ROWS}:first-child", "Flooding")
    browser.click(f"{ROWS}:first-child")
    browser.sees("#detail .water", "Water over 20 s; the most was 21.7 cm.")
    assert "There is water here: up to the kerb." in browser.text("#detail")
    points = browser.run("return document.querySelector('#detail .water polyline').getAttribute('points')")
    assert points == "0.0,48.0 120.0,30.3 240.0,0.0"


def test_of_a_crowd_the_page_tells_how_dense_it_is_and_leaves_the_heat_to_the_picture(
    operations: Operations, browser: Browser
) -> None:
    details = {"count": 61, "peak": 70, "at_most": 50, "per_m2": 2.44, "heat": [[0.0, 61.25]]}
    operations.send(operations.alert(9, kind="overcrowding", details=details))
    browser.sees(f"{ROWS}:first-child", "Overcrowding")
    browser.click(f"{ROWS}:first-child")
    browser.sees("#detail", "61 people are here; 50 are allowed. The most so far: 70.")
    shown = browser.text("#detail")
    assert "People per m²" in shown
    assert "2.44" in shown
    assert "61.25" not in shown


def test_after_a_gap_rows_are_neither_missing_nor_doubled(operations: Operations, browser: Browser) -> None:
    before = len(browser.texts(ROWS))
    operations.stop()
    eventually(lambda: browser.text("#line") == "Reconnecting")
    operations.send(*(operations.alert(number, evidence=()) for number in range(10, 20)))
    operations.send(operations.alert(1, phase=Phase.CLEARED, after=minutes(5)))
    assert operations.start() == operations.url
    browser.sees("#line", "Live")
    eventually(lambda: len(browser.texts(ROWS)) == before + 10)
    browser.sees(f"#alert-{operations.alert(1).id} .phase", "Over")
    ids = browser.run(f"return [...document.querySelectorAll('{ROWS}')].map((row) => row.dataset.id)")
    shown = [str(one.id) for one in operations.store.alerts(AlertFilter(), ALL_CAMERAS, 100)[0] if not one.closed]
    assert ids == shown, "each once, newest first"


def test_what_a_message_says_stays_text(operations: Operations, browser: Browser) -> None:
    nasty = operations.alert(
        30, camera="bg-030", kind="graffiti_<b>"[:8], details={"note": NASTY, NASTY: "x"}, rule=NASTY[:90], evidence=()
    )
    operations.send(sample.camera("bg-030", CameraState.LOST, title=NASTY, reason=NASTY), nasty)
    browser.sees(f"#alert-{nasty.id}", "Graffiti")
    browser.click(f"#alert-{nasty.id}")
    browser.sees("#detail", NASTY)
    assert "null" not in browser.text("#detail").splitlines(), "what there is nothing to say about is left out"
    browser.sees("#cameras", NASTY)
    assert browser.run("return document.body.dataset.hacked") is None
    assert browser.run("return document.querySelectorAll('[onerror]').length") == 0


def test_filters_and_hundreds_of_rows(operations: Operations, browser: Browser) -> None:
    many = [
        operations.alert(-number, kind="overcrowding", severity=Severity.HIGH, evidence=()) for number in range(1, 261)
    ]
    operations.send(*many)
    eventually(lambda: operations.store.counts(ALL_CAMERAS)["new"] >= 260)  # type: ignore[index]
    browser.run(
        "const kind = document.querySelector('#kind'); kind.value = 'overcrowding';"
        "kind.dispatchEvent(new Event('change'))"
    )
    eventually(lambda: len(browser.texts(ROWS)) == 100 and set(browser.texts(f"{ROWS} .what")) == {"Overcrowding"})
    for expected in (200, 261):  # that of a crowd, above, is one more
        browser.click("#more")
        eventually(partial(_has_rows, browser, expected))
    assert not browser.run("return document.querySelector('#more').checkVisibility()")
    assert len(set(browser.run(f"return [...document.querySelectorAll('{ROWS}')].map((row) => row.id)"))) == 261


def _has_rows(browser: Browser, count: int) -> bool:
    return len(browser.texts(ROWS)) == count


def test_lost_engines_and_brokers_are_said_and_states_are_unavailable(operations: Operations, browser: Browser) -> None:
    operations.send(sample.engine("offline"))
    browser.sees("#line", "Engine offline")
    eventually(lambda: set(browser.texts("#cameras .how")) == {"Unavailable"})
    operations.send(sample.engine("online"))
    browser.sees("#line", "Live")
    operations.broker.stop()
    browser.sees("#line", "No broker connection")
    eventually(lambda: set(browser.texts("#cameras .how")) == {"Unavailable"})
    assert "no connection to the broker" in browser.text("#cameras .reason")
    operations.broker.start()
    browser.sees("#line", "Live")


def test_vietnamese(operations: Operations, browser: Browser) -> None:
    browser.run(
        "const one = document.querySelector('#language'); one.value = 'vi'; one.dispatchEvent(new Event('change'))"
    )
    browser.sees("#alerts-title", "Cảnh báo")
    assert browser.text(f"{ROWS} .what") == "Tụ tập đông người"
    assert browser.text("#simulated") == "Cảnh mô phỏng – không phải camera thật"
    assert browser.run("return document.documentElement.lang") == "vi"
    browser.run(
        "const one = document.querySelector('#language'); one.value = 'en'; one.dispatchEvent(new Event('change'))"
    )


def test_an_administrator_adds_a_user_who_sees_one_camera(operations: Operations, browser: Browser) -> None:
    browser.click("#to-users")
    browser.sees("#users", "Administrator")
    browser.click("#add")
    browser.type("#editor [name=name]", "lan")
    browser.click("#editor [value=some]")
    browser.click("#choices [value='bac-giang/bg-017']")
    browser.click("#editor button.main")
    browser.sees("#told-title", "lan")
    password = browser.text("#password")
    browser.click("#told button")
    browser.sees("#users", "Hùng Vương / Lê Lợi")
    accounts = Accounts(operations.store.database, Passwords())
    entered = accounts.sign_in("lan", password, clock.now())
    assert entered is not None
    assert entered[0].rights == Rights(frozenset({(SITE, "bg-017")}))
    assert entered[0].role is Role.OPERATOR
    browser.click("#users tr:last-child td.deeds button:last-child")
    browser.sees("#users tr:last-child", "Let in again")
    browser.click("#users tr:first-child td.deeds button:last-child")
    browser.sees("#trouble", "somebody must stay administrator")
    browser.open(operations.url)
    browser.sees("#line", "Live")


def test_a_viewer_looks_but_has_no_buttons(operations: Operations, browser: Browser, passwords: Passwords) -> None:
    accounts = Accounts(operations.store.database, passwords)
    accounts.create("viewer", Role.VIEWER, ALL_CAMERAS, clock.now(), chosen=CHOSEN)
    complaints = [line for line in browser.complaints() if "Failed to load resource" not in line and "ERR_" not in line]
    assert complaints == [], "no script failed, nothing was refused by the content policy"
    browser.click("#sign-out")
    eventually(lambda: browser.url.endswith("/login"))
    browser.type("[name=name]", "viewer")
    browser.type("[name=password]", CHOSEN)
    browser.click("#sign-in button")
    browser.sees("#line", "Live")
    browser.click(ROWS)
    browser.sees("#detail", "You may look at alerts, not act on them.")
    assert browser.texts("#detail .buttons button") == []
    origins = browser.run("return performance.getEntriesByType('resource').map((one) => new URL(one.name).origin)")
    assert set(origins) == {operations.url}, "the page asks nobody else"


def test_the_login_leads_back_to_the_page_one_came_from_where_one_may_open_it(
    operations: Operations, browser: Browser
) -> None:
    for page, there in (("wall", "wall"), ("users", "")):
        browser.click("#sign-out")
        eventually(lambda: browser.url.endswith("/login"))
        browser.open(f"{operations.url}/{page}#camera=a/b")
        eventually(lambda page=page: browser.url.endswith(f"/login?to=/{page}#camera=a/b"))  # type: ignore[misc]
        browser.type("[name=name]", "viewer")
        browser.type("[name=password]", CHOSEN)
        browser.click("#sign-in button")
        browser.sees("#line", "Live")
        assert browser.url.partition("#")[0] == f"{operations.url}/{there}"
    browser.open(f"{operations.url}/login?to=//evil.example/")
    eventually(lambda: browser.url.partition("#")[0] == f"{operations.url}/")
    browser.open(f"{operations.url}/users")
    assert browser.text("#detail") == "only administrators may do this"
    browser.click("main a")
    browser.sees("#line", "Live")


def test_a_phone_shows_the_list_then_one_alert(operations: Operations, browser: Browser) -> None:
    browser.resize(390, 800)
    browser.open(operations.url)
    browser.sees("#line", "Live")
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    assert browser.text("#detail") == "", "the list has the screen to itself"
    browser.click(f"{ROWS} .what")
    eventually(lambda: "What happened" in browser.text("#detail"))
    assert browser.run("return document.querySelector('#detail').getBoundingClientRect().width === innerWidth")
    browser.click("#detail .back")
    eventually(lambda: browser.text("#detail") == "")
