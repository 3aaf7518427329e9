"""Reads a folder of labelled pictures in YOLO layout, to measure a detector by.

The folder holds `images/`, below it pictures; `labels/`, a text file of the same name and place for each picture that
shows something; and the names of the classes, one a line in `classes.txt` or under `names:` in `data.yaml`. A line of a
label file is `class x y width height`, the box's centre and size as fractions of the picture; a line with more numbers
is the class and the corners of a polygon, and stands for its bounds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ioc.errors import UsageError
from ioc.geometry import Boxes as Corners

SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
LAYOUT = "expected images/, labels/ and classes.txt or data.yaml"


class LabelledSetError(UsageError):
    """A folder of labelled pictures, or what was asked of it, cannot be used."""


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """N boxes of one picture; labels are positions in the model's list of labels."""

    corners: Corners
    """(N, 4): x1 y1 x2 y2 in fractions of the picture."""
    labels: npt.NDArray[np.int64]
    """(N,)."""
    scores: npt.NDArray[np.float64]
    """(N,): 0 to 1; 1 for what is known to be there."""

    def __len__(self) -> int:
        return len(self.scores)

    def at(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Boxes:
        """Return the chosen ones."""
        return Boxes(self.corners[chosen], self.labels[chosen], self.scores[chosen])


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPicture:
    """A picture file and what is known to be in it."""

    path: Path
    truth: Boxes


@dataclass(frozen=True, slots=True, eq=False)
class LabelledSet:
    """Labelled pictures in the order of their paths."""

    pictures: tuple[LabelledPicture, ...]
    names: tuple[str, ...]
    """The model's labels, which the boxes' labels count."""
    labelled: frozenset[int]
    """Those of them that the set labels; of the others it says nothing."""
    left_out: tuple[str, ...]
    """Classes of the set that are none of the model's labels; their boxes are left out."""


def read_set(
    folder: Path, names: Sequence[str], *, renames: Mapping[str, str] | None = None, only: Path | None = None
) -> LabelledSet:
    """Read the folder for a model that finds `names`.

    `renames` says for classes of the set which of the model's labels they are; others go by their own name. `only` is a
    text file with the pictures to take, one a line, by path below `images`, file name or stem; the rest is left out.
    Raises LabelledSetError, one line that names the file, when anything cannot be used.
    """
    classes = class_names(folder)
    labels = _labels_of(classes, names, renames or {}, folder)
    pictures = [
        LabelledPicture(path, _read_boxes(_label_file(folder, path), labels)) for path in picture_files(folder, only)
    ]
    if not any(_label_file(folder, picture.path).is_file() for picture in pictures):
        raise LabelledSetError(f"{folder / 'labels'}: has no label file for any picture; {LAYOUT}")
    return LabelledSet(
        pictures=tuple(pictures),
        names=tuple(names),
        labelled=frozenset(label for label in labels if label is not None),
        left_out=tuple(name for name, label in zip(classes, labels, strict=True) if label is None),
    )


def picture_files(folder: Path, only: Path | None = None) -> list[Path]:
    """Return the pictures below `images` in the folder, or below the folder itself when it has no `images`, sorted.

    `only` is as for `read_set`. Raises LabelledSetError when there are none, or one that is asked for is missing.
    """
    below = folder / "images" if (folder / "images").is_dir() else folder
    found = sorted(path for path in below.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not found:
        raise LabelledSetError(f"{below}: holds no pictures; give a folder of JPEG, PNG, WebP, BMP or TIFF files")
    if only is None:
        return found
    wanted = {line.strip() for line in _text(only).splitlines() if line.strip()}
    by_name = [(path, {path.relative_to(below).as_posix(), path.name, path.stem}) for path in found]
    missing = sorted(wanted.difference(*(names for _, names in by_name)))
    if missing or not wanted:
        what = f"no picture {missing[0]!r} in {below}" if missing else "is empty"
        raise LabelledSetError(f"{only}: {what}; give one picture's name a line")
    return [path for path, own in by_name if own & wanted]


def class_names(folder: Path) -> list[str]:
    """Return the names of the set's classes in order. Raises LabelledSetError when they are not to be found."""
    plain, yaml = folder / "classes.txt", folder / "data.yaml"
    if plain.is_file():
        names = [line.strip() for line in _text(plain).splitlines() if line.strip()]
    elif yaml.is_file():
        names = yaml_names(_text(yaml))
    else:
        raise LabelledSetError(f"{folder}: has no names of classes; {LAYOUT}")
    if not names:
        raise LabelledSetError(f"{plain if plain.is_file() else yaml}: names no class; expected one name a class")
    return names


def yaml_names(text: str) -> list[str]:
    """Return what stands under `names:` in a `data.yaml`: a list in brackets, or one name a line by dash or number."""
    found = re.search(r"^names:[ \t]*(.*(?:\n(?:[ \t]+.*|-.*|\].*)?)*)", text, re.MULTILINE)
    if found is None:
        return []
    block = re.sub(r"(^|\s)#.*", "", found[1])
    inline = re.match(r"\s*[\[{](.*?)[\]}]", block, re.DOTALL)
    items = inline[1].split(",") if inline else block.splitlines()
    words = [re.sub(r"^\s*(?:-\s+|\d+\s*:)?\s*", "", item).strip().strip("'\"") for item in items]
    return [word for word in words if word]


def _labels_of(
    classes: Sequence[str], names: Sequence[str], renames: Mapping[str, str], folder: Path
) -> list[int | None]:
    for name, label in renames.items():
        if name not in classes:
            raise LabelledSetError(f"{folder}: has no class {name!r}; there are: {', '.join(classes)}")
        if label not in names:
            raise LabelledSetError(f"the model has no label {label!r}; it finds: {', '.join(names)}")
    index = {name: number for number, name in enumerate(names)}
    labels = [index.get(renames.get(name, name)) for name in classes]
    if all(label is None for label in labels):
        raise LabelledSetError(
            f"{folder}: none of its classes ({', '.join(classes)}) is a label of the model ({', '.join(names)}); say "
            "which are the same by --classes from=to"
        )
    return labels


def _label_file(folder: Path, picture: Path) -> Path:
    below = folder / "images" if (folder / "images").is_dir() else folder
    return folder / "labels" / picture.relative_to(below).with_suffix(".txt")


def _read_boxes(path: Path, labels: Sequence[int | None]) -> Boxes:
    lines = _text(path).splitlines() if path.exists() else []
    rows = [_row(line.split(), labels, f"{path}, line {n}") for n, line in enumerate(lines, 1) if line.strip()]
    kept = np.array([row for row in rows if row is not None], dtype=np.float64).reshape(-1, 5)
    corners = kept[:, 1:].clip(0, 1)
    has_area = (corners[:, 2] > corners[:, 0]) & (corners[:, 3] > corners[:, 1])
    boxes = Boxes(corners, kept[:, 0].astype(np.int64), np.ones(len(kept)))
    return boxes.at(has_area)


def _row(words: Sequence[str], labels: Sequence[int | None], where: str) -> tuple[float, ...] | None:
    try:
        number, values = int(words[0]), [float(word) for word in words[1:]]
    except ValueError:
        number, values = -1, []
    if not 0 <= number < len(labels) or not all(map(math.isfinite, values)):
        raise LabelledSetError(f"{where}: expected a class from 0 to {len(labels) - 1} and numbers; correct it")
    if len(values) != 4 and (len(values) < 6 or len(values) % 2):
        raise LabelledSetError(f"{where}: expected 4 numbers after the class, or a polygon's corners; correct it")
    label = labels[number]
    if label is None:
        return None
    if len(values) > 4:
        return (label, min(values[::2]), min(values[1::2]), max(values[::2]), max(values[1::2]))
    x, y, width, height = values
    return (label, x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise LabelledSetError(f"{path}: {error.strerror}; restore the file") from None
    except UnicodeDecodeError:
        raise LabelledSetError(f"{path}: is not text; restore the file") from None
