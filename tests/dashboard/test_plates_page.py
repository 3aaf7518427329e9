"""The police's page in Chromium: passes come by a real broker, and each look stands in the audit log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from dashboard.accounts import Accounts
from dashboard.audit import HEAD, Audit
from dashboard.passwords import Passwords
from tests.dashboard.browser import Browser
from tests.dashboard.checkpoint import CAR, MOTORCYCLE, OTHER, PASSWORD, Checkpoint, nameless, scrolls_sideways
from tests.dashboard.peers import eventually
from tests.dashboard.sample import SITE
from tests.dashboard.test_words import refusals

pytestmark = [pytest.mark.chromium, pytest.mark.mosquitto]

NASTY = '<img src=x onerror="document.body.dataset.hacked=1">'
WHY = ("hit and run", "BG-2026-117")
ROWS = "#rows [role=option]"
DOWN, ENTER, ESCAPE = "\ue015", "\ue007", "\ue00c"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory, passwords: Passwords) -> Iterator[Checkpoint]:
    with ExitStack() as stack:
        checkpoint = Checkpoint(tmp_path_factory.mktemp("checkpoint"), stack, passwords)
        checkpoint.see(
            checkpoint.passing(0, CAR, "bg-001"),
            checkpoint.passing(0.5, MOTORCYCLE, "bg-001", colour="blue"),
            checkpoint.passing(10, CAR, "bg-002", colour="yellow"),
            checkpoint.passing(10.2, MOTORCYCLE, "bg-002"),
            checkpoint.passing(12, OTHER, "bg-004", pictures=False, legible=False),
            checkpoint.passing(10.6, CAR, "bg-003"),
            checkpoint.passing(20, CAR, "bg-004"),
        )
        yield checkpoint


@pytest.fixture(scope="module")
def officer(checkpoint: Checkpoint) -> Browser:
    """Return the browser on the page, with a purpose and a case given."""
    browser = checkpoint.sign_in("officer", PASSWORD)
    browser.click("#to-plates")
    browser.sees("#inquiry h2", "Why do you look?")
    say(browser, "x ", WHY[1])
    assert browser.text("#purpose") == "–", "two characters are no purpose"
    say(browser, *WHY)
    eventually(lambda: browser.text("#purpose") == WHY[0])
    return browser


@pytest.fixture
def browser(checkpoint: Checkpoint, officer: Browser) -> Browser:
    officer.open(f"{checkpoint.url}/plates")
    officer.sees("#line", "Live")
    return officer


def say(browser: Browser, purpose: str, case: str) -> None:
    for name, text in (("purpose", purpose), ("case", case)):
        browser.run("document.querySelector(`#inquiry [name=${arguments[0]}]`).value = ''", name)
        browser.type(f"#inquiry [name={name}]", text)
    browser.click("#inquiry button.main")


def look_for(browser: Browser, plate: str = "", *, fuzzy: bool = False) -> None:
    browser.run("document.querySelector('#search').reset()")
    if plate:
        browser.type("#search [name=plate]", plate)
    if fuzzy:
        browser.click("#search [name=fuzzy]")
    browser.click("#search button.main")
    eventually(lambda: browser.run("return document.querySelector('#found').ariaBusy") == "false")


def open_first(browser: Browser, plate: str) -> None:
    look_for(browser, plate)
    eventually(lambda: bool(browser.texts(ROWS)))
    browser.click(ROWS)
    browser.sees("#detail", "As it was read")


def deeds(checkpoint: Checkpoint) -> list[str]:
    return [str(entry["what"]) for entry in log(checkpoint).newest(500)]


def log(checkpoint: Checkpoint) -> Audit:
    return Audit(checkpoint.store.database, checkpoint.settings.data / HEAD)


def filled_in(sentence: str) -> str:
    return re.sub(r"\{(\w+)\}", r"«\1»", sentence)


def press(browser: Browser, words: str) -> None:
    """Press the button that says so."""
    script = "[...document.querySelectorAll('button')].find((one) => one.textContent === arguments[0]).click()"
    browser.run(script, words)


def test_nothing_is_shown_before_a_search_and_the_purpose_stays_in_the_tab(browser: Browser) -> None:
    assert browser.texts(ROWS) == []
    assert "Say what you look for" in browser.text("#nothing")
    assert (browser.text("#purpose"), browser.text("#case")) == WHY, "after a reload too"
    assert not browser.run("return document.querySelector('#inquiry').open")
    assert browser.run("return Object.keys(localStorage)") in ([], ["language"])


def test_passes_are_listed_with_their_close_up_and_looked_at_only_when_opened(
    checkpoint: Checkpoint, browser: Browser, tmp_path: Path
) -> None:
    look_for(browser, "98a-123.45")
    eventually(lambda: len(browser.texts(ROWS)) == 4)
    assert browser.text("#count") == "Found: 4."
    assert browser.texts(f"{ROWS} .where") == ["Street 4", "Street 3", "Street 2", "Street 1"]
    assert browser.texts(f"{ROWS} .plate")[0] == "98A-123.45"
    assert browser.run("return document.querySelectorAll('#rows .plate')[2].dataset.colour") == "yellow"
    eventually(lambda: bool(browser.run("return document.querySelector('#rows .thumb').naturalWidth === 208")))
    began = checkpoint.passing(20, pictures=False).began.isoformat()
    local = browser.run("return new Date(arguments[0]).toTimeString().slice(0, 8)", began)
    assert local in browser.texts(ROWS)[0]
    before = deeds(checkpoint).count("view")
    browser.type("#rows", DOWN + DOWN)
    assert browser.run("return document.querySelector('#rows [aria-selected=true] .where').textContent") == "Street 3"
    assert deeds(checkpoint).count("view") == before, "moving is no look"
    browser.type("#rows", ENTER)
    browser.sees("#detail dl", "Street 3 (bg-003)")
    assert deeds(checkpoint).count("view") == before + 1
    eventually(lambda: bool(browser.run("return document.querySelector('#detail figure img').naturalWidth === 640")))
    assert browser.run("return document.querySelector('#detail .crop').naturalWidth") == 208
    browser.screenshot(tmp_path / "pass.png")
    assert (tmp_path / "pass.png").stat().st_size > 20_000


def test_a_pass_tells_how_surely_each_character_was_read(browser: Browser) -> None:
    open_first(browser, CAR)
    label = browser.run("return document.querySelector('#detail .bars').getAttribute('aria-label')")
    assert label.startswith("Scores of the characters: 9 0.99, 8 0.98, A 0.97")
    surenesses = browser.run("return [...document.querySelectorAll('.bar-of')].map((one) => one.dataset.sure)")
    assert surenesses == ["sure", "sure", "sure", "sure", "fair", "sure", "poor", "sure"]
    heights = browser.run("return [...document.querySelectorAll('.bar-of .fill')].map((one) => one.offsetHeight)")
    assert heights[6] < heights[4] < heights[0]
    assert browser.texts(".alternatives b") == ["98A12348"]
    assert "Bắc Ninh" in browser.text("#detail dl")


def test_a_motorcycles_plate_is_drawn_on_its_two_lines(browser: Browser) -> None:
    look_for(browser, MOTORCYCLE)
    eventually(lambda: len(browser.texts(ROWS)) == 2)
    assert browser.texts(f"{ROWS}:last-child .plate-line") == ["98-B1", "123.45"]
    assert browser.run("return document.querySelector('#rows :last-child .plate').dataset.colour") == "blue"
    assert "Motorcycle" in browser.texts(ROWS)[0]


def test_doubtful_reads_say_so(browser: Browser) -> None:
    open_first(browser, OTHER)
    assert browser.texts(".caution") == ["Hardly legible: look at the picture before you trust it."]
    assert "No picture was kept" in browser.text("#detail")
    assert browser.texts(f"{ROWS} .thumb")[0] == "–"


def test_a_misread_shows_what_differs_and_how_likely_it_is(browser: Browser) -> None:
    look_for(browser, CAR, fuzzy=True)
    eventually(lambda: len(browser.texts(ROWS)) >= 2)
    browser.sees(ROWS, "As it was asked for")
    other = browser.run(
        "const rows = [...document.querySelectorAll('#rows li')];"
        "return rows.find((one) => one.textContent.includes('123.46')).textContent"
    )
    assert "6 for 5 · the same vehicle:" in other
    assert browser.texts(f"{ROWS} mark") == ["6"]
    assert not browser.run("return document.querySelector('#export').checkVisibility()")


def test_what_is_no_plate_is_said_beside_the_field(browser: Browser) -> None:
    look_for(browser, "98A'; --")
    browser.sees("#plate-problem", "stands on no plate")
    assert browser.run("return document.querySelector('[name=plate]').getAttribute('aria-invalid')") == "true"
    look_for(browser, "11X*")
    browser.sees("#nothing", "No passes fit")
    assert browser.text("#plate-problem") == ""


def test_filters_narrow_the_search(browser: Browser) -> None:
    for name, value, count in (
        ("camera", f"{SITE}/bg-001", 2),
        ("vehicle", "motorcycle", 2),
        ("colour", "yellow", 1),
        ("kind", "moto_letterdigit", 2),
        ("province", "98 99", 7),
        ("province", "29 30 31 32 33 40", 0),
        ("direction", "out", 0),
    ):
        browser.run("document.querySelector('#search').reset()")
        browser.run("document.querySelector(`#search [name=${arguments[0]}]`).value = arguments[1]", name, value)
        assert browser.run("return document.querySelector(`#search [name=${arguments[0]}]`).value", name) == value
        browser.click("#search button.main")
        eventually(lambda count=count: len(browser.texts(ROWS)) == count)  # type: ignore[misc]
    browser.run("document.querySelector('#search').reset()")
    press(browser, "1 h")
    browser.click("#search button.main")
    eventually(lambda: len(browser.texts(ROWS)) in {6, 7})


def test_the_way_of_a_plate_is_numbered_on_the_map(browser: Browser, tmp_path: Path) -> None:
    open_first(browser, CAR)
    press(browser, "Route on the map")
    browser.sees("#route-said", "Found: 4. Not on the map: 1.")
    assert browser.texts("#marks .pin") == ["1", "2", "3"]
    assert browser.texts("#marks .label") == ["Street 1", "Street 2", "Street 3"]
    assert browser.texts("#stops .name") == ["Street 1", "Street 2", "Street 3", "Street 4"]
    drawn = browser.run("return document.querySelector('.way').getAttribute('d').split('L').length")
    assert drawn == 3
    legs = browser.texts("#stops .leg")
    assert legs[0] == "1.6 km in 10 min 0 s"
    assert legs[1].startswith("2.1 km in 36 s · too fast for one vehicle")
    assert legs[2] == "9 min 24 s later"
    odd = browser.run("return [...document.querySelectorAll('.leg')].map((one) => one.dataset.odd)")
    assert odd == ["false", "true", "false"]
    browser.screenshot(tmp_path / "route.png")
    browser.click("#marks .mark-camera:nth-child(2) .pin")
    assert browser.run("return document.activeElement.dataset.number") == "2"
    browser.type("#stops [data-number='2']", ENTER)
    browser.sees("#detail dl", "Street 2 (bg-002)")
    assert browser.text("#route") == ""


def test_the_way_within_a_time_is_another_search(checkpoint: Checkpoint, browser: Browser) -> None:
    open_first(browser, CAR)
    press(browser, "Route on the map")
    browser.sees("#route-said", "Found: 4.")
    until = checkpoint.passing(5, pictures=False).began.isoformat()
    browser.run(
        "const field = document.querySelector('#route-until'); const at = new Date(arguments[0]);"
        "field.value = new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);"
        "field.dispatchEvent(new Event('change'))",
        until,
    )
    browser.sees("#route-said", "Found: 1.")
    assert log(checkpoint).newest(1)[0]["details"]["rows"] == 1  # type: ignore[call-overload,index]
    browser.type("#leave-route", ESCAPE)
    browser.sees("#detail", "As it was read")


def test_companions_are_found_and_can_be_followed(browser: Browser) -> None:
    open_first(browser, CAR)
    browser.run("document.querySelector('.pair [name=cameras]').value = '2'")
    press(browser, "Look for companions")
    browser.sees(".companions", "2 cameras")
    assert browser.texts(".companions .plate-line") == ["98-B1", "123.45"]
    eventually(lambda: browser.run("return document.querySelector('.companions img').naturalWidth") == 208)
    browser.click(".companions button")
    eventually(lambda: len(browser.texts(ROWS)) == 2)
    assert browser.run("return document.querySelector('[name=plate]').value") == MOTORCYCLE
    open_first(browser, OTHER)
    press(browser, "Look for companions")
    browser.sees("#detail", "No plate went along so often.")


def test_the_table_is_what_was_searched_for(checkpoint: Checkpoint, browser: Browser) -> None:
    look_for(browser, CAR)
    eventually(lambda: len(browser.texts(ROWS)) == 4)
    browser.type("#search [name=plate]", "9")
    browser.run("URL.createObjectURL = (blob) => (blob.text().then((text) => (window.saved = text)), 'data:,')")
    browser.click("#export")
    eventually(lambda: bool(browser.run("return window.saved ?? ''")))
    table = browser.run("return window.saved").splitlines()
    assert len(table) == 5
    assert all(CAR in row for row in table[1:])
    assert log(checkpoint).newest(1)[0]["what"] == "export"


def test_a_pass_is_held_for_the_case_and_its_evidence_taken_away(checkpoint: Checkpoint, browser: Browser) -> None:
    open_first(browser, CAR)
    press(browser, "Hold for this case")
    browser.sees(".holds", f"Held for {WHY[1]} by officer")
    assert WHY[0] in browser.text(".holds q")
    assert browser.texts(".holds button") == [], "a supervisor lets go"
    browser.run(
        "URL.createObjectURL = (blob) => (blob.slice(0, 4).text().then((text) => (window.saved = text)), 'data:,')"
    )
    press(browser, "Save evidence pack")
    eventually(lambda: browser.run("return window.saved ?? ''") == "PK\x03\x04")
    assert browser.run("return document.querySelector('#announce').textContent").startswith("Saved as evidence-")
    assert deeds(checkpoint)[:2] == ["pack", "hold"]


def test_another_purpose_puts_away_what_was_found(checkpoint: Checkpoint, browser: Browser) -> None:
    open_first(browser, CAR)
    browser.click("#change-inquiry")
    say(browser, "stolen car", "BG-2026-200")
    eventually(lambda: browser.texts(ROWS) == [])
    assert browser.text("#detail").startswith("Choose a pass")
    look_for(browser, CAR)
    eventually(lambda: len(browser.texts(ROWS)) == 4)
    assert log(checkpoint).newest(1)[0]["case"] == "BG-2026-200"
    browser.click("#change-inquiry")
    say(browser, *WHY)


def test_keys_reach_everything(browser: Browser) -> None:
    look_for(browser)
    eventually(lambda: len(browser.texts(ROWS)) >= 7)
    browser.type("#rows", "jjk")
    assert (
        browser.run(
            "return [...document.querySelector('#rows').children].findIndex((one) => one.ariaSelected === 'true')"
        )
        == 0
    )
    browser.type("#rows", "/")
    assert browser.run("return document.activeElement.name") == "plate"
    browser.type("[name=plate]", "98B1*" + ENTER)
    eventually(lambda: len(browser.texts(ROWS)) == 2)
    assert browser.run("return document.activeElement.id") == "rows"
    assert nameless(browser) == []


def test_no_message_becomes_markup(checkpoint: Checkpoint, browser: Browser) -> None:
    told: dict[str, Any] = {
        "raw": NASTY,
        "scores": ["0.5"] * 8,
        "first_seen": NASTY,
        "last_seen": 7,
        "alternatives": [[NASTY, 1, 0.5], NASTY, 7],
        "upper_len": NASTY,
    }
    told |= {"vehicle": "<b onclick=x>", "colour": "<i>", "direction": "<u>", "kind": "<script>", "reads": NASTY}
    checkpoint.see(checkpoint.passing(30, "51F55555", "bg-001", **told))
    browser.click("#change-inquiry")
    say(browser, NASTY, NASTY)
    eventually(lambda: browser.text("#purpose") == NASTY)
    open_first(browser, "51F55555")
    assert NASTY in browser.text("#detail .raw")
    assert NASTY in browser.text(".alternatives")
    assert browser.texts(".bars") == []
    assert "NaN" not in browser.text("#detail")
    browser.click("#change-inquiry")
    say(browser, *WHY)
    assert browser.run("return document.body.dataset.hacked ?? ''") == ""
    assert browser.run("return document.querySelectorAll('#detail script, main b[onclick], main [src=x]').length") == 0


def test_hundreds_of_passes_come_by_pages_each_once(checkpoint: Checkpoint, browser: Browser) -> None:
    checkpoint.see(
        *(checkpoint.passing(40 + number / 20, "29C67890", "bg-002", pictures=False) for number in range(230))
    )
    look_for(browser, "29C*")
    eventually(lambda: len(browser.texts(ROWS)) == 50)
    assert browser.text("#count") == "Found so far: 50."
    for count in (100, 150, 200, 230):
        browser.click("#more")
        eventually(lambda count=count: len(browser.texts(ROWS)) == count)  # type: ignore[misc]
    hits = browser.run("return [...document.querySelector('#rows').children].map((one) => one.dataset.id)")
    assert len(set(hits)) == 230
    assert browser.text("#more") == ""
    assert browser.text("#count") == "Found: 230."
    browser.click(f"{ROWS}:last-child")
    browser.sees("#detail", "As it was read")
    press(browser, "Route on the map")
    browser.sees("#route-said", "Found: 200.")
    press(browser, "Earlier passes")
    browser.sees("#route-said", "Found: 230.")
    assert browser.texts("#marks .pin") == ["1 … 230"]


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_nothing_scrolls_sideways(
    checkpoint: Checkpoint, browser: Browser, size: tuple[int, int], tmp_path: Path
) -> None:
    browser.narrow(*size)
    try:
        assert not scrolls_sideways(browser)
        look_for(browser, CAR)
        eventually(lambda: len(browser.texts(ROWS)) == 4)
        assert not scrolls_sideways(browser)
        if size[0] < 500:
            assert not browser.run("return document.querySelector('#search-fold').open"), "the list has the screen"
        browser.click(ROWS)
        browser.sees("#detail", "As it was read")
        assert not scrolls_sideways(browser)
        browser.screenshot(tmp_path / "pass.png")
        press(browser, "Route on the map")
        browser.sees("#route-said", "Found: 4.")
        assert not scrolls_sideways(browser)
    finally:
        browser.narrow(1366, 768)


def test_the_page_speaks_vietnamese(browser: Browser) -> None:
    open_first(browser, CAR)
    choose = "const one = document.querySelector('#language'); one.value = arguments[0];"
    browser.run(f"{choose} one.dispatchEvent(new Event('change'))", "vi")
    try:
        browser.sees("#detail", "Nguyên văn đã đọc")
        assert browser.text("#count") == "Tìm thấy: 4."
        assert browser.text("#search button.main") == "Tìm"
        look_for(browser, "98A'; --")
        browser.sees("#plate-problem", '"\'" không có trên biển số nào: hãy gõ chữ')
        script = "return import('/static/refusals.js').then(({ inWords }) => arguments[0].map(inWords))"
        table = {filled_in(english): filled_in(words) for english, words in refusals().items()}
        assert browser.run(script, [*table, "quite new"]) == [*table.values(), "quite new"]
    finally:
        browser.run(f"{choose} one.dispatchEvent(new Event('change'))", "en")


def test_a_session_that_ends_leads_to_the_login_and_forgets_the_purpose(
    checkpoint: Checkpoint, browser: Browser
) -> None:
    look_for(browser, CAR)
    eventually(lambda: len(browser.texts(ROWS)) == 4)
    accounts = Accounts(checkpoint.store.database, Passwords())
    (user,) = (one for one in accounts.users() if one.name == "officer")
    accounts.sign_out_everywhere(user.id)
    browser.click("#search button.main")
    eventually(lambda: browser.url.endswith("/login?to=/plates"))
    browser.type("[name=name]", "local")
    browser.type("[name=password]", PASSWORD)
    browser.click("#sign-in button")
    browser.sees("#inquiry h2", "Why do you look?")
    assert browser.text("#purpose") == "–", "somebody else's purpose is not ours"
    say(browser, *WHY)
    look_for(browser, CAR)
    eventually(lambda: browser.texts(f"{ROWS} .where") == ["Street 2"])
    assert browser.texts("#search [name=camera] option") == ["All cameras", "Street 2"]
    browser.click("#sign-out")
    eventually(lambda: browser.url.endswith("/login"))
    assert browser.run("return sessionStorage.length") == 0
    browser = checkpoint.sign_in("supervisor", PASSWORD)
    browser.open(f"{checkpoint.url}/plates")
    say(browser, *WHY)
    open_first(browser, CAR)
    browser.sees(".holds button", "Let go")
    browser.click(".holds button")
    eventually(lambda: browser.texts(".holds li") == [])
    assert deeds(checkpoint)[0] == "release"
    expected = ("401", "422")  # the session that ended, and what is no plate
    assert [line for line in browser.complaints() if not any(word in line for word in expected)] == []
