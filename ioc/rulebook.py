"""From a site file's `[[rule]]` entries to rules: a kind is a module of `detectors`, found by its name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from pydantic import ValidationError

import detectors
from ioc.ports import Needs, Rule, RuleSetup
from ioc.site import RuleEntry, Site, SiteError, problems
from ioc.types import Json


def kinds() -> tuple[str, ...]:
    """Return the kinds that there are, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(detectors.__path__)))


def module_of(kind: str) -> ModuleType:
    """Return the detector module of a kind; the caller knows that there is one."""
    return importlib.import_module(f"detectors.{kind}")


def needs_of(entries: Sequence[RuleEntry]) -> Needs:
    """Return what these rules need of perception together."""
    total = Needs()
    for entry in entries:
        total |= module_of(entry.kind).NEEDS
    return total


def make_rules(site: Site, camera: str, path: Path) -> tuple[Rule, ...]:
    """Return the rules that watch a camera; raises SiteError with a line for each that cannot be made."""
    rules: list[Rule] = []
    wrong: list[str] = []
    for index, entry in enumerate(site.rule):
        if entry.camera == camera:
            made = _make_rule(site, entry, path, f"rule[{index}]")
            if isinstance(made, list):
                wrong += made
            else:
                rules.append(made)
    if wrong:
        raise SiteError(wrong)
    return tuple(rules)


def made_of(site: Site, camera: str) -> dict[str, Json]:
    """Return by their names what a camera's rules are made of, in the order of `make_rules`: entry, zone and ruler."""
    own = site.camera_with(camera)
    found: dict[str, Json] = {}
    for entry in site.rules_of(camera):
        zone = own.zone_named(entry.zone) if own and entry.zone else None
        rulers = [ruler for ruler in own.ruler if ruler.name == entry.settings.get("ruler")] if own else []
        drawn: list[Json] = [part.model_dump(mode="json") for part in (zone, *rulers) if part]
        found[entry.name] = [entry.model_dump(mode="json"), drawn, site.site.time_zone]
    return found


def wrong_rules(site: Site, path: Path) -> list[str]:
    """Return a line for each rule of the site that cannot be made."""
    wrong: list[str] = []
    for camera in site.camera:
        try:
            make_rules(site, camera.id, path)
        except SiteError as error:
            wrong += error.problems
    return wrong


def _make_rule(site: Site, entry: RuleEntry, path: Path, key: str) -> Rule | list[str]:
    known = kinds()
    if entry.kind not in known:
        return [f"{path}: {key}.kind: unknown kind {entry.kind!r}; there are: {', '.join(known)}"]
    module = module_of(entry.kind)
    camera = site.camera_with(entry.camera)
    zone = camera.zone_named(entry.zone) if camera and entry.zone else None
    points, area = (zone.points, camera.area_of(zone)) if camera and zone else (None, None)
    rulers = camera.rulers if camera else ()
    setup = RuleSetup(entry.name, entry.camera, entry.zone, points, area, site.site.time_zone, rulers)
    try:
        config = module.Config.model_validate(entry.settings)
        rule: Rule = module.Detector(setup, config)
    except ValidationError as error:
        return problems(error, str(path), key)
    except ValueError as error:
        return [f"{path}: {key}.{error}"]
    return rule
