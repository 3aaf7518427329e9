"""Answers what the cameras' rules ask about pixels: `ioc.ports.Perception` over the models of the manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ioc.errors import ModelError
from ioc.ports import Seer, Sight
from ioc.types import Detection, Frame, Json
from models.detector import Detector
from models.providers import Provider

MAX_BATCH = {"cpu": 4, "openvino": 4, "cuda": 16, "tensorrt": 16}
"""A larger batch falls out of a CPU's caches and costs more a picture, not less."""


class RoadPerception:
    """Sees road users and bags in the frames of all cameras with the `road` model, or with another detector.

    `labels` are those that the rules need; `of_camera` says it of single cameras that need fewer, so that a camera
    gives the same sights alone as among others. A frame of which nothing is needed is not looked at. `size` is the long
    side of the model's input in pixels, `threshold` the least score. Raises ModelError when the model cannot be used,
    takes no such size, or does not see a label.
    """

    def __init__(
        self,
        labels: frozenset[str],
        *,
        size: int,
        threshold: float,
        provider: Provider = "auto",
        threads: int = 1,
        of_camera: Mapping[str, frozenset[str]] | None = None,
        detector: Detector | None = None,
    ) -> None:
        self._detector = detector or Detector.load("road", provider=provider, threads=threads)
        self._detector.check_size(size)
        self._labels = labels
        self._of_camera = dict(of_camera or {})
        self._size = size
        self._threshold = threshold
        seen = self._detector.entry.finds
        strange = sorted(labels.union(*self._of_camera.values()) - set(seen))
        if strange:
            raise ModelError(
                f"no model sees {strange[0]!r}, which a rule needs; {self._detector.entry.name} sees: {', '.join(seen)}"
            )

    def look(self, frames: Sequence[Frame]) -> list[Sight]:
        """Return one Sight per frame, in order; raises ModelError when the model fails, it is never an empty result."""
        needed = [self._of_camera.get(frame.camera, self._labels) for frame in frames]
        looked_at = [number for number, labels in enumerate(needed) if labels]
        found = self._detector.detect(
            [frames[number].image for number in looked_at],
            size=self._size,
            threshold=self._threshold,
            max_batch=MAX_BATCH[self._detector.provider],
        )
        sights = [Sight()] * len(frames)
        for number, detections in zip(looked_at, found, strict=True):
            sights[number] = Sight(detections=_of_labels(detections, needed[number]))
        return sights

    def describe(self) -> dict[str, Json]:
        """Return what decides what is seen, for a tape's header."""
        labels: list[Json] = [*sorted(self._labels)]
        return {
            **self.ran(),
            "reading": self._detector.entry.reading,
            "size": self._size,
            "threshold": self._threshold,
            "labels": labels,
        }

    def ran(self) -> dict[str, str]:
        """Return which file of weights runs where, for an alert: `name`, `sha256`, `provider` and `variant`."""
        return self._detector.describe()


def _of_labels(detections: Sequence[Detection], labels: frozenset[str]) -> tuple[Detection, ...]:
    return tuple(detection for detection in detections if detection.label in labels)


@dataclass(frozen=True, slots=True)
class Assigned:
    """A seer, and the cameras whose frames it is shown."""

    seer: Seer
    cameras: frozenset[str]


class JointPerception:
    """Sees objects first and then what takes more than that: each seer is shown its cameras' frames and their objects.

    Without `road` no objects are seen at all: no rule needs any.
    """

    def __init__(self, road: RoadPerception | None, seers: Sequence[Assigned] = ()) -> None:
        self._road = road
        self._seers = tuple(seers)

    def look(self, frames: Sequence[Frame]) -> list[Sight]:
        """Return one Sight per frame, in order; raises ModelError when a model fails, it is never an empty result."""
        return self.read(frames, self.objects(frames))

    def objects(self, frames: Sequence[Frame]) -> list[Sight]:
        """Return the objects alone that each frame shows, in order; the first half of `look`."""
        return self._road.look(frames) if self._road else [Sight()] * len(frames)

    def read(self, frames: Sequence[Frame], objects: Sequence[Sight]) -> list[Sight]:
        """Return what the seers add to the objects of each frame, in order; the second half of `look`."""
        sights = [*objects]
        for assigned in self._seers:
            shown = [number for number, frame in enumerate(frames) if frame.camera in assigned.cameras]
            if shown:
                read = assigned.seer.look([frames[n] for n in shown], [sights[n].detections for n in shown])
                for number, readings in zip(shown, read, strict=True):
                    sights[number] = replace(sights[number], readings=(*sights[number].readings, *readings))
        return sights

    def describe(self) -> tuple[dict[str, Json], ...]:
        """Return what decides what is seen, for a tape's header: an entry each for the detector and the seers."""
        objects = (self._road.describe(),) if self._road else ()
        return (*objects, *(assigned.seer.describe() for assigned in self._seers))

    def ran(self) -> list[dict[str, str]]:
        """Return which files of weights run where, for an alert, each once."""
        ran = [self._road.ran()] if self._road else []
        for assigned in self._seers:
            ran += [weights for weights in assigned.seer.ran() if weights not in ran]
        return ran
