"""Whether a tape tells of the zones of today's rules: what was counted in a zone was counted where it lay then."""

from __future__ import annotations

from ioc import rulebook
from ioc.errors import UsageError
from ioc.site import Site
from ioc.tape import TapeFile
from ioc.types import Json


def require_zones(tape: TapeFile, site: Site) -> None:
    """Raise UsageError when a rule needs readings of a zone that was drawn otherwise when the tape was made.

    A tape that holds no readings of that kind at all is taken as it is.
    """
    camera = site.camera_with(tape.header.camera)
    read = {model["reads"]: _zones(model, tape.header.camera) for model in tape.header.models if "zones" in model}
    for rule in site.rules_of(tape.header.camera):
        zone = camera.zone_named(rule.zone) if camera and rule.zone else None
        corners = [[*corner] for corner in zone.polygon] if zone else []
        for kind in rulebook.needs_of([rule]).readings & read.keys():
            if read[kind].get(rule.zone or "") != corners:
                where = f"the zone {rule.zone!r}" if rule.zone else "the whole picture"
                raise UsageError(
                    f"{tape.path}: was made without reading {kind} in {where} as it is drawn now; make it again with "
                    "`ioc replay --video`"
                )


def _zones(model: dict[str, Json], camera: str) -> dict[Json, Json]:
    """Return the corners of each zone of the camera, by its name, in which a seer read."""
    zones = model["zones"]
    own = zones.get(camera) if isinstance(zones, dict) else None
    return dict(own) if isinstance(own, dict) else {}
