"""What the documents say is there: linked files, commands, pages, cards."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ioc.__main__ import run_command
from ioc.rulebook import kinds
from ioc.site import Site
from models.manifest import load_manifest

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    page
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("models/cards/*.md"))
    if ".venv" not in page.parts
)
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"`ioc ([a-z][a-z-]+)")


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{named(page)} links to {target}"


def test_there_are_pages_and_links_to_check() -> None:
    assert len(PAGES) > 10
    assert len(LINK.findall((ROOT / "README.md").read_text(encoding="utf-8"))) > 8


def test_every_command_in_the_readme_exists(capsys: pytest.CaptureFixture[str]) -> None:
    commands = set(COMMAND.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    assert {"demo", "run", "replay", "detect"} <= commands
    for command in sorted(commands):
        assert run_command([command, "--help"]) == 0, command
        assert "Usage: " in capsys.readouterr().out


def test_every_kind_of_rule_has_its_page() -> None:
    for kind in kinds():
        assert (ROOT / "docs" / "detectors" / f"{kind}.md").is_file()


def test_every_model_has_its_card_and_stays_small() -> None:
    manifest = load_manifest()
    sizes = {}
    for entry in manifest.model:
        assert manifest.card(entry).is_file(), entry.name
        sizes[entry.name] = manifest.weights(entry).stat().st_size
    assert max(sizes.values()) <= 15_000_000, sizes
    assert sum(sizes.values()) <= 60_000_000, sizes


def test_the_example_site_shows_every_table() -> None:
    text = (ROOT / "config" / "site.example.toml").read_text(encoding="utf-8")
    for table in Site.model_fields:
        assert f"[{table}]" in text or f"[[{table}]]" in text, table
