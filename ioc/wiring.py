"""Joins the rooms for one purpose: here replay and what live shares with it; `ioc.station` is live."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import ioc
import models
import streams
from alerts.policy import Policy
from ioc import replay, rulebook
from ioc.errors import UsageError
from ioc.ports import Bounded, Rule
from ioc.sampler import Sampler
from ioc.seers import perception_for
from ioc.site import Camera, Site, SiteError, load_site
from ioc.tape import TapeFile, TapeHeader, TapeWriter, open_tape, record
from ioc.tape_zones import require_zones
from ioc.types import Alert, Observation
from streams.recording import check_readable
from streams.secrets import Credentials
from streams.sources import is_live, open_source
from streams.timing import RECORDING_START


def checked_site(path: Path) -> Site:
    """Read a site file and check its sources and rules too; raises SiteError with a line for each problem.

    Nothing is connected to, no file is opened and no secret is looked up: those may be missing here and now.
    """
    site = load_site(path)
    wrong: list[str] = []
    for index, camera in enumerate(site.camera):
        secret = Credentials("user", "password") if camera.secret else None
        for key, source in (("source", camera.source), ("analysis", camera.analysis)):
            if source is not None and is_live(source):
                try:
                    open_source(camera.id, source, secret=secret)
                except UsageError as error:
                    wrong.append(f"{path}: camera[{index}].{key}: {error}")
    wrong += rulebook.wrong_rules(site, path)
    if wrong:
        raise SiteError(wrong)
    return site


@dataclass(frozen=True, slots=True)
class Footage:
    """What is seen in a recording, and what it was seen by; `length` is None where nothing says how long it is."""

    header: TapeHeader
    observations: Iterable[Observation]
    length: timedelta | None = None


class Replay:
    """One camera of a site file, ready to replay its recordings and tapes.

    `threads` compute, as many as the site file says unless given.
    Raises SiteError when the site file cannot be used and UsageError when it has no such camera.
    """

    def __init__(self, path: Path, camera: str, threads: int | None = None) -> None:
        self.site = checked_site(path)
        if threads is not None:
            inference = self.site.inference.model_copy(update={"threads": threads})
            self.site = self.site.model_copy(update={"inference": inference})
        self._path = path
        self.camera = camera_of(self.site, camera, path)

    def footage(self, video: Path | None, tape: Path | None) -> Footage:
        """Return what is seen in the recording or on the tape.

        With a video and a tape, the tape is used when it was made of the same, and made otherwise.
        """
        if video is None:
            assert tape is not None
            return self._from_tape(open_tape(tape))
        perception = perception_for(self.site, [self.camera])
        sampler = Sampler(self.site.inference.rate)
        source = open_source(self.camera.id, str(video))
        length = source.length() if isinstance(source, Bounded) else None
        header = TapeHeader(
            camera=self.camera.id,
            start=RECORDING_START,
            clip=video.name,
            clip_sha256=_digest_of_clip(video),
            models=perception.describe(),
            sampler=sampler.describe(),
            code=code_digest(),
        )
        if tape is not None and tape.exists():
            kept = open_tape(tape)
            if kept.header.key == header.key:
                return Footage(header, kept, length)
        seen = replay.observations(source, sampler, perception)
        return Footage(header, seen if tape is None else _recorded(seen, tape, header), length)

    def _from_tape(self, tape: TapeFile) -> Footage:
        if tape.header.camera != self.camera.id:
            raise UsageError(f"{tape.path}: was made for camera {tape.header.camera!r}, not {self.camera.id!r}")
        require_zones(tape, self.site)
        return Footage(tape.header, tape, tape.length())

    def rules(self) -> tuple[Rule, ...]:
        """Return the camera's rules, in the site file's order, with nothing remembered."""
        return rulebook.make_rules(self.site, self.camera.id, self._path)

    @staticmethod
    def alerts(seen: Iterable[Observation], rules: Sequence[Rule]) -> Iterator[Alert]:
        """Yield the alerts that the rules make of what was seen and that are to be delivered."""
        return replay.alerts(seen, rules, Policy())


def camera_of(site: Site, id_: str, path: Path) -> Camera:
    """Return the camera of that id. Raises UsageError, which names those that the site file has."""
    camera = site.camera_with(id_)
    if camera is None:
        raise UsageError(f"{path}: no camera {id_!r}; there are: {', '.join(c.id for c in site.camera)}")
    return camera


def _recorded(seen: Iterable[Observation], path: Path, header: TapeHeader) -> Iterator[Observation]:
    with record(path, header) as tape:
        yield from _copied(seen, tape)


def _copied(seen: Iterable[Observation], tape: TapeWriter) -> Iterator[Observation]:
    for obs in seen:
        tape.add(obs)
        yield obs


def _digest_of_clip(video: Path) -> str:
    if not video.is_file():
        return _digest(sorted(video.parent.glob(video.name)))
    check_readable(video)
    return _digest([video])


def code_digest() -> str:
    """Return a digest of the code that decides what is seen: a tape made by other code is not trusted."""
    core = [
        Path(ioc.__file__).with_name(f"{name}.py") for name in ("pipeline", "sampler", "tracker", "geometry", "seers")
    ]
    rooms = [path for room in (models, streams) for path in Path(room.__path__[0]).glob("*.py")]
    return _digest(sorted((*core, *rooms), key=lambda path: (path.parent.name, path.name)))


def _digest(paths: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        for file in files:
            with file.open("rb") as content:
                total.update(f"{file.name}\n".encode())
                total.update(hashlib.file_digest(content, "sha256").digest())
    return total.hexdigest()
