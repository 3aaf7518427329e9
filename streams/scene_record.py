"""Writes a scene down as it is drawn: a video, its pictures one by one, and what each of them shows."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import cv2

from ioc.errors import StreamError
from streams.encoder import encode
from streams.scene import Scene
from streams.scene_source import Picture, pictures_of
from streams.scene_truth import picture_truth

QUALITY = 92
"""Of the JPEG files."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where to write the video (MP4), the pictures (a folder of JPEG files), and their truth (a line of JSON each)."""

    video: Path | None = None
    frames: Path | None = None
    boxes: Path | None = None

    @property
    def wanted(self) -> bool:
        """Whether anything is to be drawn."""
        return any((self.video, self.frames, self.boxes))


def record(scene: Scene, outputs: Outputs, tell: Callable[[Picture], None]) -> None:
    """Draw the whole scene once and write what is asked for; `tell` is shown each picture.

    Pictures are named by their place among all that the camera takes, as `seq` names them in the truth.
    Raises StreamError when something cannot be written.
    """
    with ExitStack() as stack:
        pictures = _told(pictures_of(scene), tell)
        if outputs.frames is not None:
            pictures = _framed(pictures, outputs.frames)
        if outputs.boxes is not None:
            pictures = _boxed(pictures, outputs.boxes, stack)
        if outputs.video is not None:
            encode(scene, outputs.video, pictures)
        deque(pictures, maxlen=0)


def _told(pictures: Iterator[Picture], tell: Callable[[Picture], None]) -> Iterator[Picture]:
    for picture in pictures:
        tell(picture)
        yield picture


def _framed(pictures: Iterator[Picture], folder: Path) -> Iterator[Picture]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for picture in pictures:
            _, encoded = cv2.imencode(".jpg", picture.drawn.image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
            (folder / f"{picture.seq:06d}.jpg").write_bytes(encoded.tobytes())
            yield picture
    except OSError as error:
        raise StreamError(
            f"{folder}: the pictures cannot be written: {error.strerror}; choose another folder"
        ) from None


def _boxed(pictures: Iterator[Picture], path: Path, stack: ExitStack) -> Iterator[Picture]:
    try:
        file = stack.enter_context(path.open("w", encoding="utf-8"))
        for picture in pictures:
            told = picture_truth(picture.drawn, picture.seq, picture.at.total_seconds())
            file.write(json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n")
            yield picture
    except OSError as error:
        raise StreamError(f"{path}: the truth cannot be written: {error.strerror}; choose another file") from None
