"""From what is typed to jobs: which recordings or tapes are replayed, for which camera, into which files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ioc.errors import UsageError
from ioc.replay_job import Job
from ioc.site import Site
from ioc.wiring import checked_site
from streams.folders import recordings_in, tapes_in

INDEX = "index.html"
"""The page of a report that leads to those of several recordings."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The jobs in the order of their names; `many` where a folder was named, however much it holds."""

    jobs: tuple[Job, ...]
    many: bool = False


def plan(asked: Job) -> Plan:
    """Return the jobs of what was typed: its `video` and `tape` may be folders, and its `page` is one in any case.

    Folders for what is written are made. Raises UsageError, or SiteError, when there is nothing to replay or two would
    write one file, and StreamError when a folder holds nothing that can be replayed.
    """
    source = asked.video or asked.tape
    if source is None:
        raise UsageError("nothing to replay: give --video FILE, --tape FILE, or both")
    if asked.truth is not None and asked.page is None:
        raise UsageError("--truth is what a report judges alerts by: give --report DIR too, or use `ioc score`")
    site = checked_site(asked.site)
    found = [] if not source.is_dir() else recordings_in(source) if asked.video else tapes_in(source)
    _require_unique(found)
    jobs = tuple(_job(asked, site, path, many=bool(found)) for path in found or [source])
    if asked.truth is not None and all(job.truth is None for job in jobs):
        raise UsageError(
            f"--truth {asked.truth}: has none for these recordings; expected names like {found[0].stem}.json"
        )
    _make_folders(asked, many=bool(found))
    return Plan(jobs, many=bool(found))


def _job(asked: Job, site: Site, source: Path, *, many: bool) -> Job:
    kept = asked.tape and _inside(asked.tape, f"{source.stem}.tape", many=many)
    return replace(
        asked,
        out=_inside(asked.out, f"{source.stem}.jsonl", many=many),
        camera=asked.camera or _camera_of(asked, site, source),
        video=source if asked.video else None,
        tape=kept if asked.video else source,
        threads=1 if many else None,
        page=asked.page and asked.page / f"{source.stem}.html",
        truth=_truth_of(asked.truth, source, many=many),
    )


def _truth_of(truth: Path | None, source: Path, *, many: bool) -> Path | None:
    """Return the truth about a recording; of many, some may have none."""
    if truth is None:
        return None
    if many and not truth.is_dir():
        raise UsageError(f"--truth {truth}: must be a folder, for several recordings: one .json named after each")
    own = _inside(truth, f"{source.stem}.json", many=many)
    return own if own.exists() or not many else None


def _camera_of(asked: Job, site: Site, source: Path) -> str | None:
    """Return the camera that a recording is named after; a tape says itself which it is."""
    if not asked.video:
        return None
    if site.camera_with(source.stem) is None:
        known = ", ".join(camera.id for camera in site.camera) or "none"
        raise UsageError(
            f"{source}: {asked.site} has no camera {source.stem!r}; name one with --camera, there are: {known}"
        )
    return source.stem


def _inside(target: Path, name: str, *, many: bool) -> Path:
    return target / name if many or target.is_dir() else target


def _require_unique(found: list[Path]) -> None:
    by_stem = {"index": Path(INDEX)}
    for path in found:
        if path.stem in by_stem:
            raise UsageError(f"{path}: would be written into the same file as {by_stem[path.stem].name}; rename one")
        by_stem[path.stem] = path


def _make_folders(asked: Job, *, many: bool) -> None:
    folders = {"--report": asked.page}
    if many:
        folders |= {"--out": asked.out, "--tape": asked.tape}
    for option, path in folders.items():
        try:
            if path is not None:
                path.mkdir(parents=True, exist_ok=True)
        except OSError:
            raise UsageError(f"{option} {path}: must be a folder that can be written") from None
