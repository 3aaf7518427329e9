"""Runs the published ByteTrack of `trackers` over the drawn streets and keeps its figures.

It brings another OpenCV, so it lives in an environment of its own:

    python3 -m venv /tmp/trackers && /tmp/trackers/bin/pip install "trackers==2.6.1"
    /tmp/trackers/bin/python -m tests.ioc.compare_tracker

writes tests/ioc/published_tracker.json, which test_tracker.py compares ours with. To be fair, it is given
the time of each picture and the same thresholds and memory as ours; its own defaults are run as well.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from tests.ioc.crossing import SCENES, Boxes, Figures, Picture, Scene, digest, judge, pictures

PATH = Path(__file__).with_name("published_tracker.json")
SIZE = np.array([1280.0, 720.0, 1280.0, 720.0])
SETTINGS: dict[str, dict[str, float]] = {
    "defaults": {},
    "like ours": {"track_activation_threshold": 0.4, "high_conf_det_threshold": 0.4, "lost_track_buffer": 60},
}


def follow(scene: Scene, sequence: list[Picture], settings: dict[str, float]) -> Figures:
    """Run the published tracker over one sequence."""
    supervision, trackers = map(importlib.import_module, ("supervision", "trackers"))  # only in that environment
    tracker: Any = trackers.ByteTrackTracker(frame_rate=scene.rate, **settings)
    followed: list[tuple[list[str], Boxes]] = []
    for picture in sequence:
        detections = supervision.Detections(
            xyxy=picture.boxes * SIZE, confidence=picture.scores, class_id=np.zeros(len(picture.scores), dtype=int)
        )
        found = tracker.update(detections, timestamp=picture.seconds)
        known = found.tracker_id >= 0
        followed.append(([str(n) for n in found.tracker_id[known]], found.xyxy[known] / SIZE))
    return judge(sequence, followed)


def main() -> None:
    """Write the figures."""
    warnings.simplefilter("ignore")
    scenes = {}
    for scene in SCENES:
        sequence = list(pictures(scene))
        figures = {name: asdict(follow(scene, sequence, settings)) for name, settings in SETTINGS.items()}
        scenes[scene.name] = {"sequence": digest(sequence), **figures}
    made_with = f"trackers {importlib.metadata.version('trackers')} ByteTrackTracker"
    PATH.write_text(json.dumps({"made_with": made_with, "settings": SETTINGS, "scenes": scenes}, indent=1) + "\n")


if __name__ == "__main__":
    main()
