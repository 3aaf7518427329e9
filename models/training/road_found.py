"""Running an ONNX road detector over pictures: for the teacher and for evaluation, where nothing is streamed."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from ioc.errors import ModelError
from ioc.geometry import pairwise_iou
from models.training.road_boxes import Rows, no_boxes
from models.training.road_labels import COCO_ROWS, LABELS

Image = npt.NDArray[np.uint8]
STRIDE = 32


def open_network(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """Return a session on the processor. Raises ModelError when the file is missing."""
    if not path.is_file():
        msg = f"{path} is missing: give an ONNX road detector"
        raise ModelError(msg)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def fit(image: Image, width: int) -> Image:
    """Return the picture at that width, height a multiple of the stride: stretched a little, not padded."""
    height = max(round(image.shape[0] * width / image.shape[1] / STRIDE), 1) * STRIDE
    method = cv2.INTER_AREA if width < image.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (width, height), interpolation=method), np.uint8)


def find(network: onnxruntime.InferenceSession, image: Image, width: int, lowest: float = 0.01) -> Rows:
    """Return what the network finds in a BGR picture: rows `label x1 y1 x2 y2 score`, boxes in fractions of it."""
    fitted = fit(image, width)
    planes = np.ascontiguousarray(fitted[None, :, :, ::-1].transpose(0, 3, 1, 2)).astype(np.float32) / 255
    (output,) = network.run(None, {network.get_inputs()[0].name: planes})
    return decode(output[0], fitted.shape[1], fitted.shape[0], lowest)


def decode(output: npt.NDArray[np.float32], width: int, height: int, lowest: float, overlap: float = 0.6) -> Rows:
    """Return the boxes of one picture's output (4 + labels, places), at most one label a place, duplicates dropped.

    An output with COCO's 80 classes is reduced to our labels first.
    """
    scores = output[4:]
    if len(scores) != len(LABELS):
        scores = np.stack([scores[list(rows)].max(axis=0) for rows in COCO_ROWS])
    best, label = scores.max(axis=0), scores.argmax(axis=0)
    keep = best >= lowest
    x, y, box_width, box_height = output[:4, keep] / np.array([[width], [height], [width], [height]], np.float32)
    half_width, half_height = box_width / 2, box_height / 2
    corners = np.stack([x - half_width, y - half_height, x + half_width, y + half_height], axis=1).clip(0, 1)
    rows = np.concatenate([label[keep][:, None], corners, best[keep][:, None]], axis=1).astype(np.float32)
    return suppress(rows[(rows[:, 3] > rows[:, 1]) & (rows[:, 4] > rows[:, 2])], overlap)


def suppress(rows: Rows, overlap: float, most: int = 300) -> Rows:
    """Return the rows without those that a better one of their label covers (greedy, best first)."""
    rows = rows[np.argsort(-rows[:, 5], kind="stable")][: 4 * most]
    if not len(rows):
        return no_boxes(6)
    same = rows[:, None, 0] == rows[None, :, 0]
    covers = (pairwise_iou(rows[:, 1:5].astype(np.float64), rows[:, 1:5].astype(np.float64)) > overlap) & same
    alive = np.ones(len(rows), np.bool_)
    for index in range(len(rows)):
        if alive[index]:
            alive[index + 1 :] &= ~covers[index, index + 1 :]
    return rows[alive][:most]
