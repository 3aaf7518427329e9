"""A report in a real browser, opened from the disk: it leads to reasons, tells readings, and nothing is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ioc.__main__ import run_command
from tests.dashboard.browser import Browser
from tests.dashboard.peers import eventually
from tests.ioc.street_tapes import streets, write_streets

pytestmark = pytest.mark.chromium


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the report of two streets."""
    folder = tmp_path_factory.mktemp("streets")
    site = write_streets(folder, streets(2))
    options = ["--tape", folder, "--out", folder / "out", "--report", folder / "out", "--truth", folder, "--jobs", 1]
    assert run_command([str(part) for part in ["replay", "--site", site, *options]]) == 0
    return folder / "out"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    window = Browser(tmp_path_factory.mktemp("profile"))
    yield window
    window.close()


def test_the_index_leads_to_a_page_whose_time_line_leads_to_reasons(pages: Path, browser: Browser) -> None:
    browser.open((pages / "index.html").as_uri())
    browser.click("tbody a")
    eventually(lambda: browser.url.endswith("street-0.html"))
    folded = "document.querySelector('details[id^=attempt]')"
    assert browser.run(f"return {folded}.open") is False
    target = browser.run(f"return {folded}.id")
    bar = f"document.querySelector('a[href=\"#{target}\"]')"
    browser.run(f"{bar}.dispatchEvent(new MouseEvent('click', {{bubbles: true}}))")
    eventually(lambda: browser.run(f"return {folded}.open"))
    assert browser.complaints() == []


def test_the_pointer_tells_time_and_reading(pages: Path, browser: Browser) -> None:
    browser.open((pages / "street-0.html").as_uri())
    script = """
        const drawing = document.querySelector("figure svg[data-highest]");
        const box = drawing.getBoundingClientRect();
        const moved = { clientX: box.x + box.width * arguments[0], clientY: box.y + 20, bubbles: true };
        drawing.dispatchEvent(new PointerEvent("pointermove", moved));
        return drawing.querySelector(".reading").textContent;
    """
    early, late = (browser.run(script, share) for share in (0.3, 0.9))
    for told in (early, late):
        time, _, value = told.partition(": ")
        assert time.startswith("0:")
        assert value.endswith(" s")
    assert float(early.split()[1]) < float(late.split()[1])
    assert browser.complaints() == []


@pytest.mark.parametrize("width", [1366, 420])
def test_nothing_reaches_beyond_the_window(pages: Path, browser: Browser, width: int) -> None:
    browser.resize(width, 800)
    for page in ("index.html", "street-0.html"):
        browser.open((pages / page).as_uri())
        browser.run("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth"), page
