"""From what rules need to what looks at pictures: the detector, and a seer for each kind of reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from detectors import camera_health
from ioc import rulebook
from ioc.errors import ModelError
from ioc.ports import Needs, Seer
from ioc.site import Camera, InferenceSection, RuleEntry, Site
from ioc.types import Point
from models.camera_health import HealthSight
from models.crowd_sight import CrowdSight
from models.dense import DenseModel
from models.detector import Detector
from models.flood_sight import FloodSight
from models.hazard_sight import HazardSettings, HazardSight
from models.manifest import Manifest, load_manifest
from models.perception import Assigned, JointPerception, RoadPerception
from models.plate_reader import PlateReader
from models.plate_watch import PlateWatch
from models.stationary import StationarySight


class Workshop:
    """What models are made with: the site's settings, and where it is remembered what is cheapest here.

    Without `memory`, as in a replay, models compute in floats, so that a recording gives the same everywhere.
    """

    def __init__(self, settings: InferenceSection, memory: Path | None = None) -> None:
        self.settings = settings
        self._memory = memory

    @cached_property
    def objects(self) -> Detector:
        """The site's own detector of objects; raises ModelError when it cannot be used."""
        settings = self.settings
        manifest = None if settings.manifest is None else load_manifest(settings.manifest)
        return self.detector(settings.model, settings.size, manifest)

    def detector(self, name: str, size: int, manifest: Manifest | None = None) -> Detector:
        """Load a detector by its name in the manifest, the bundled one unless another is given.

        `size` is the long side of its input in pixels. Raises ModelError when it cannot be used.
        """
        settings = self.settings
        return Detector.load(
            name,
            provider=settings.provider,
            threads=settings.threads,
            manifest=manifest,
            variant="float32" if self._memory is None and settings.variant == "auto" else settings.variant,
            size=size,
            memory=self._memory,
        )


MakeSeer: TypeAlias = Callable[[Workshop, Site, Sequence[Camera]], Seer]


def _plates(workshop: Workshop, _site: Site, cameras: Sequence[Camera]) -> Seer:
    settings = workshop.settings
    return PlateWatch(
        workshop.detector("plate", settings.size),
        PlateReader.load(provider=settings.provider, threads=settings.threads),
        {camera.id: camera.plates for camera in cameras},
    )


def _crowds(workshop: Workshop, site: Site, cameras: Sequence[Camera]) -> Seer:
    settings = workshop.settings
    model = DenseModel.load("crowd", provider=settings.provider, threads=settings.threads)
    return CrowdSight(model, {camera.id: _zones(camera, _reading(site, camera, "density")) for camera in cameras})


def _reading(site: Site, camera: Camera, kind: str) -> list[RuleEntry]:
    """Return the camera's rules that need a reading."""
    return [rule for rule in site.rules_of(camera.id) if kind in rulebook.needs_of([rule]).readings]


def _zones(camera: Camera, rules: Iterable[RuleEntry]) -> dict[str | None, Sequence[Point] | None]:
    """Return the zones that the rules watch; None is the whole picture."""
    zones = {zone.name: zone.points for zone in camera.zone}
    return {rule.zone: zones[rule.zone] if rule.zone else None for rule in rules}


def _health(_workshop: Workshop, site: Site, cameras: Sequence[Camera]) -> Seer:
    return HealthSight({camera.id: _settle(site, camera) for camera in cameras})


def _settle(site: Site, camera: Camera) -> timedelta:
    """Return how long another view of the camera must last to become the usual one, as its rules say."""
    rules = [rule for rule in site.rules_of(camera.id) if rule.kind == camera_health.KIND]
    configs = [camera_health.Config.model_validate(rule.settings) for rule in rules]
    return min((config.settle for config in configs), default=camera_health.Config().settle)


def _waters(workshop: Workshop, site: Site, cameras: Sequence[Camera]) -> Seer:
    settings = workshop.settings
    model = DenseModel.load("water", provider=settings.provider, threads=settings.threads)
    zones = {camera.id: _zones(camera, _without_ruler(site, camera)) for camera in cameras}
    return FloodSight(model, zones, {camera.id: camera.rulers for camera in cameras})


def _without_ruler(site: Site, camera: Camera) -> list[RuleEntry]:
    return [rule for rule in _reading(site, camera, "water") if rule.settings.get("ruler") is None]


SEERS: Mapping[str, MakeSeer] = {
    "camera_health": _health,
    "density": _crowds,
    "hazard": lambda workshop, _site, _cameras: HazardSight(workshop.detector("hazard", HazardSettings().size)),
    "plate": _plates,
    "stationary": lambda workshop, _site, _cameras: StationarySight(workshop.objects),
    "water": _waters,
}
"""What gives readings of each kind: made for those cameras of the site whose rules need them."""


def perception_for(site: Site, cameras: Iterable[Camera], memory: Path | None = None) -> JointPerception:
    """Return the perception that answers what these cameras' rules need, by the site's settings.

    Where they leave open what to compute in, the cheapest way is measured and remembered in the file `memory`; without
    one it is floats. Raises ModelError when a model cannot be used or nothing gives a reading that a rule needs.
    """
    workshop = Workshop(site.inference, memory)
    cameras = tuple(cameras)
    needs = {camera.id: rulebook.needs_of(site.rules_of(camera.id)) for camera in cameras}
    return JointPerception(_road(workshop, needs), [*_seers(workshop, site, cameras, needs)])


def _road(workshop: Workshop, needs: Mapping[str, Needs]) -> RoadPerception | None:
    settings = workshop.settings
    labels = {camera: needed.labels for camera, needed in needs.items()}
    if not any(labels.values()):
        return None
    return RoadPerception(
        frozenset().union(*labels.values()),
        size=settings.size,
        threshold=settings.score,
        of_camera=labels,
        detector=workshop.objects,
    )


def _seers(workshop: Workshop, site: Site, cameras: Sequence[Camera], needs: Mapping[str, Needs]) -> Iterable[Assigned]:
    for kind in sorted(frozenset().union(*(needed.readings for needed in needs.values()))):
        shown = [camera for camera in cameras if kind in needs[camera.id].readings]
        if kind not in SEERS:
            raise ModelError(f"nothing gives {kind!r}, which a rule needs; there are: {', '.join(sorted(SEERS))}")
        yield Assigned(SEERS[kind](workshop, site, shown), frozenset(camera.id for camera in shown))
