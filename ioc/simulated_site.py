"""From scene scripts to the site file that watches them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ioc import rulebook
from ioc.simulated_rulers import ruler_tables
from ioc.site import Site, SiteError, parse_site
from streams.scene_script import SceneScript


def site_table(
    scripts: Sequence[SceneScript], sources: Mapping[str, str] | None = None, **tables: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the site of these cameras, as the site file has it; `sources` are theirs by id, `tables` are further ones.

    Without a source a camera can only be replayed.
    """
    return {
        **tables,
        "camera": [_camera(script, (sources or {}).get(script.id)) for script in scripts],
        "rule": [{**rule.entry, "camera": script.id} for script in scripts for rule in script.rule],
    }


def checked(table: dict[str, Any], path: Path) -> Site:
    """Return the site, its rules made once; raises SiteError with a line for each problem that a script has."""
    site = parse_site(table, path)
    wrong = rulebook.wrong_rules(site, path)
    if wrong:
        raise SiteError(wrong)
    return site


def _camera(script: SceneScript, source: str | None) -> dict[str, Any]:
    camera = {
        "id": script.id,
        "name": script.name,
        "source": source,
        "location": script.location,
        "simulated": True,
        "ruler": ruler_tables(script),
        "zone": [zone.model_dump(mode="json") for zone in script.zones],
    }
    return {key: value for key, value in camera.items() if value not in (None, "", [])}
