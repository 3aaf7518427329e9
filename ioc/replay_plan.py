"""From what is typed to jobs: which recordings or tapes are replayed, for which camera, into which files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ioc.errors import UsageError
from ioc.replay_job import Job
from ioc.site import Site
from ioc.wiring import checked_site
from streams.folders import recordings_in, tapes_in


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed; `video` and `tape` may be folders, and `out` then is one."""

    site: Path
    out: Path
    camera: str | None = None
    video: Path | None = None
    tape: Path | None = None
    speed: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The jobs in the order of their names; `many` where a folder was named, however much it holds."""

    jobs: tuple[Job, ...]
    many: bool = False


def plan(wanted: Wanted) -> Plan:
    """Return the jobs; folders for what they write are made.

    Raises UsageError, or SiteError, when there is nothing to replay or two would write one file, and StreamError when
    a folder holds nothing that can be replayed.
    """
    source = wanted.video or wanted.tape
    if source is None:
        raise UsageError("nothing to replay: give --video FILE, --tape FILE, or both")
    site = checked_site(wanted.site)
    found = [] if not source.is_dir() else recordings_in(source) if wanted.video else tapes_in(source)
    if not found:
        return Plan((_job(wanted, site, source),))
    _require_unique(found)
    _make_folder(wanted.out, "--out")
    if wanted.video and wanted.tape:
        _make_folder(wanted.tape, "--tape")
    return Plan(tuple(_job(wanted, site, path, one_thread=True) for path in found), many=True)


def _job(wanted: Wanted, site: Site, source: Path, *, one_thread: bool = False) -> Job:
    return Job(
        site=wanted.site,
        out=_inside(wanted.out, f"{source.stem}.jsonl"),
        camera=wanted.camera or _camera_of(wanted, site, source),
        video=source if wanted.video else None,
        tape=source if not wanted.video else wanted.tape and _inside(wanted.tape, f"{source.stem}.tape"),
        speed=wanted.speed,
        threads=1 if one_thread else None,
    )


def _camera_of(wanted: Wanted, site: Site, source: Path) -> str | None:
    """Return the camera that a recording is named after; a tape says itself which it is."""
    if not wanted.video:
        return None
    if site.camera_with(source.stem) is None:
        known = ", ".join(camera.id for camera in site.camera) or "none"
        raise UsageError(
            f"{source}: {wanted.site} has no camera {source.stem!r}; name one with --camera, there are: {known}"
        )
    return source.stem


def _inside(target: Path, name: str) -> Path:
    return target / name if target.is_dir() else target


def _require_unique(found: list[Path]) -> None:
    by_stem: dict[str, Path] = {}
    for path in found:
        if path.stem in by_stem:
            raise UsageError(f"{path}: would be written into the same file as {by_stem[path.stem].name}; rename one")
        by_stem[path.stem] = path


def _make_folder(path: Path, option: str) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise UsageError(f"{option} {path}: must be a folder that can be written, for several recordings") from None
