"""Reads plates in video: a seer that gives readings of kind `plate`.

A camera that overlooks a road ("overview") has those vehicles looked at that promise most, one close to the plates
("lpr") the whole picture. What is found is judged before it is read: a plate that is too small, cut by the frame's
edge, turned too far or blurred is told of without a text, and never guessed. The others are read as `ioc plates` reads
them, but with one look where that is clear. What is looked at again is said by `models.plate_views`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal, TypeAlias

from ioc.geometry import iou
from ioc.types import SCORE_DECIMALS, Detection, Frame, Image, Json, Reading, Track
from models.detector import Detector
from models.plate_legibility import Limits, legibility
from models.plate_reader import PlateReader
from models.plate_spotting import PlateSpotter, SpotSettings, bearer_of
from models.plate_views import Patience, Views
from models.plate_voting import MARGINS, read_plate, unread

Mode: TypeAlias = Literal["overview", "lpr"]

KIND = "plate"
VEHICLES = frozenset({"bicycle", "bus", "car", "motorcycle", "truck"})
"""Bicycles too: a motorcycle is easily taken for one."""


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """What is looked at and read in video."""

    spots: SpotSettings = field(default_factory=SpotSettings)
    limits: Limits = field(default_factory=Limits)
    patience: Patience = field(default_factory=Patience)
    followed: float = 0.25
    """Least score of a vehicle that is looked at ..."""
    size: float = 80.0
    """... and the side of a square of its area, in pixels: plates on smaller ones cannot be read."""
    at_once: int = 4
    """So many vehicles of a frame are looked at."""
    refresh: timedelta = timedelta(seconds=0.8)
    """Where plates are followed without their vehicles, each is read so often at least."""
    clear: float = 0.95
    """One look that gives this score is enough: of 506 such on worn held-back plates one was wrong."""
    unsure: float = 0.05
    """A read of a lower score is a guess: of 248 such, four were right."""


class PlateWatch:
    """Finds and reads the plates that some cameras see; `modes` says of each by its id where it looks for them.

    It remembers of each camera's run what is in sight and how well the plates there are known.
    """

    def __init__(
        self, finder: Detector, reader: PlateReader, modes: Mapping[str, Mode], settings: WatchSettings | None = None
    ) -> None:
        self._settings = settings = settings or WatchSettings()
        self._finder, self._reader = finder, reader
        self._spotter = PlateSpotter(finder, settings.spots)
        self._modes = dict(modes)
        alone = replace(settings.patience, refresh=settings.refresh)
        self._views = {
            camera: Views(settings.followed, settings.patience)
            if mode == "overview"
            else Views(settings.spots.threshold, alone)
            for camera, mode in modes.items()
        }

    def look(self, frames: Sequence[Frame], found: Sequence[Sequence[Detection]]) -> list[tuple[Reading, ...]]:
        """Return what is read of the plates that each frame was looked at for, in order.

        `found` is what was detected in each frame; frames of one camera come in order. A plate in sight that is known
        well enough has no reading. Raises ModelError when a model fails.
        """
        return [self._look(frame, detections) for frame, detections in zip(frames, found, strict=True)]

    def _look(self, frame: Frame, found: Sequence[Detection]) -> tuple[Reading, ...]:
        vehicles = [detection for detection in found if detection.label in VEHICLES]
        views = self._views[frame.camera]
        if self._modes[frame.camera] == "lpr":
            plates = self._spotter.in_picture(frame.image)
            tracks = views.follow(frame, plates)
            subjects = [_nearest(plate, tracks) for plate in plates]
            return self._readings(frame.image, vehicles, views, plates, subjects)
        tracks = views.follow(frame, vehicles)
        chosen = self._chosen(views, tracks)
        plates = self._spotter.on_vehicles(frame.image, [track.box for track in chosen])
        subjects = [bearer_of(plate.box, tracks) for plate in plates]
        return self._readings(frame.image, vehicles, views, plates, subjects, chosen)

    def _chosen(self, views: Views, tracks: Sequence[Track]) -> list[Track]:
        """Return the vehicles that are looked at now, most promising first."""
        worth = [track for track in tracks if views.size(track.id) >= self._settings.size and views.worth(track.id)]
        return sorted(worth, key=lambda track: -views.promise(track.id))[: self._settings.at_once]

    def _readings(
        self,
        image: Image,
        vehicles: Sequence[Detection],
        views: Views,
        plates: Sequence[Detection],
        subjects: Sequence[Track | None],
        chosen: Sequence[Track] = (),
    ) -> tuple[Reading, ...]:
        """Read the plates whose subjects are worth it, and remember what that and the look at the chosen gave."""
        scores = {track.id: 0.0 for track in chosen}
        readings = []
        for plate, subject in zip(plates, subjects, strict=True):
            if subject is None or views.worth(subject.id):
                reading = self._read(image, plate, bearer_of(plate.box, vehicles))
                readings.append(reading)
                if subject is not None:
                    scores[subject.id] = max(scores.get(subject.id, 0.0), reading.score)
        for name, score in scores.items():
            views.looked(name, score)
        return tuple(readings)

    def _read(self, image: Image, plate: Detection, vehicle: Detection | None) -> Reading:
        """Return the reading of one plate, without a text where it cannot be read."""
        view = legibility(image, plate.box, self._settings.limits)
        fault: str | None = view.fault
        if fault is None:
            read = read_plate(self._reader, image, plate.box, MARGINS[1:2], view.quad)
            if read.score < self._settings.clear:
                read = read_plate(self._reader, image, plate.box, MARGINS, view.quad)
            fault = "unsure" if read.score < self._settings.unsure else None
        if fault is not None:
            read = unread(image, plate.box)
        value: dict[str, Json] = {
            "text": read.text,
            "upper_len": read.upper_len,
            "lines": read.lines,
            "scores": [_short(score) for score in read.scores],
            "alternatives": [
                [other.text, other.upper_len, _short(other.score)] for other in read.alternatives if _short(other.score)
            ],
            "colour": read.colour,
            "height": _short(view.height),
            "sharpness": _short(view.sharpness),
            "tilt": _short(view.quad.tilt),
            "fault": fault,
            "found": _short(plate.score),
            "vehicle": vehicle.label if vehicle else None,
        }
        return Reading(KIND, value, read.score, plate.box)

    def describe(self) -> dict[str, Json]:
        """Return what decides what is read, for a tape's header."""
        return {**self._finder.describe(), "reader": self._reader.describe(), "plates": dict(self._modes)}

    def ran(self) -> list[dict[str, str]]:
        """Return which files of weights run where, for an alert."""
        return [self._finder.describe(), self._reader.describe()]


def _nearest(plate: Detection, tracks: Sequence[Track]) -> Track | None:
    """Return which of the plates that are followed this one is, None when it is not followed yet."""
    best = max(tracks, key=lambda track: iou(track.box, plate.box), default=None)
    return best if best is not None and iou(best.box, plate.box) > 0 else None


def _short(value: float) -> float:
    return round(value, SCORE_DECIMALS)
