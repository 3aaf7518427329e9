"""Sets of pictures with a point for each head, as the crowd model's recipe reads them, drawn by the tests."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np

from models.training.mat_points import Points

SINGLE, DOUBLE, MATRIX, COMPRESSED = 7, 9, 14, 15


def element(kind: int, content: bytes) -> bytes:
    return struct.pack("<II", kind, len(content)) + content + b"\0" * (-len(content) % 8)


def small(kind: int, content: bytes) -> bytes:
    """An element whose content of up to four bytes lies beside its length."""
    return struct.pack("<HH", kind, len(content)) + content.ljust(4, b"\0")


def matrix(values: Points, kind: int = DOUBLE) -> bytes:
    numbers = values.astype("<f8" if kind == DOUBLE else "<f4").tobytes(order="F")
    shape = element(5, struct.pack(f"<{values.ndim}i", *values.shape))
    return element(MATRIX, element(6, struct.pack("<II", 6, 0)) + shape + small(1, b"loc") + element(kind, numbers))


def cells(*inner: bytes) -> bytes:
    shape = element(5, struct.pack("<2i", 1, len(inner)))
    return element(MATRIX, element(6, struct.pack("<II", 1, 0)) + shape + element(1, b"frames") + b"".join(inner))


def save_mat(path: Path, content: bytes, *, packed: bool = True) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    squeezed = zlib.compress(content)
    body = struct.pack("<II", COMPRESSED, len(squeezed)) + squeezed if packed else content
    path.write_bytes(b"MATLAB 5.0 MAT-file, drawn".ljust(124) + b"\0\1IM" + body)
    return path


def save_grey(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((96, 128, 3), 120, np.uint8))
    return path


HEADS = np.array([[64.0, 48.0], [320.0, 240.0], [639.0, 479.0]])


def crowd_sets(folder: Path) -> None:
    """Three frames of the shopping centre, of which one is held back, and two photos, likewise."""
    mall = folder / "mall"
    save_mat(mall / "mall_gt.mat", cells(*[matrix(HEADS[: 1 + n % 3]) for n in range(200)]))
    for number in (1, 2, 180):
        save_grey(mall / "frames" / f"seq_{number:06}.jpg")
    photos = folder / "street_points" / "train_data"
    for number in (1, 3):
        save_grey(photos / "images" / f"IMG_{number}.jpg")
        save_mat(photos / "ground-truth" / f"GT_IMG_{number}.mat", matrix(np.array([[512.0, 384.0]])))
