"""The loss of our detectors: task-aligned assignment with parts of pictures left out.

Assignment, box and distance terms are those of Ultralytics' YOLO losses (Feng et al., TOOD, ICCV 2021; Zheng et al.,
CIoU, AAAI 2020). A head has as many labels as its detector, and gives for each side of a box one number, or a
distribution over whole distances (Li et al., Generalized Focal Loss, NeurIPS 2020). The addition: places whose middle
lies in an unsure box, and that no label claims, do not answer for its label, so that what a set leaves unlabelled is
not unlearned.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from ultralytics.utils.loss import BboxLoss
from ultralytics.utils.tal import TaskAlignedAssigner, dist2bbox, make_anchors

from models.training.road_augment import Sample
from models.training.road_boxes import Rows
from models.training.road_labels import EVERY_LABEL

BOX_WEIGHT, CLASS_WEIGHT, DISTANCE_WEIGHT = 7.5, 0.5, 1.5


def as_planes(samples: Sequence[Sample], device: torch.device) -> Any:
    """Return the pictures as the network takes them: (batch, 3, H, W) float32 RGB 0 to 1, channels last in memory."""
    stack = np.stack([sample.image for sample in samples])[:, :, :, ::-1].copy()
    planes = torch.from_numpy(stack).to(device).permute(0, 3, 1, 2)
    return planes.float().div_(255).contiguous(memory_format=torch.channels_last)


def padded(rows: Sequence[Rows], device: torch.device) -> Any:
    """Return the pictures' boxes as one (batch, most, 5) tensor; the padding has zero boxes."""
    most = max((len(boxes) for boxes in rows), default=0)
    out = torch.zeros(len(rows), most, 5)
    for index, boxes in enumerate(rows):
        out[index, : len(boxes)] = torch.from_numpy(boxes)
    return out.to(device)


class RoadLoss:
    """Scores the network's raw output against samples; `head` is its last layer."""

    def __init__(self, head: Any, device: torch.device) -> None:
        self._strides = head.stride.to(device)
        self._device = device
        self._labels = torch.arange(head.nc, device=device)
        self._distances = torch.arange(head.reg_max, dtype=torch.float32, device=device)
        self._assigner = TaskAlignedAssigner(
            topk=10, num_classes=head.nc, alpha=0.5, beta=6.0, stride=head.stride.tolist()
        )
        self._boxes = BboxLoss(head.reg_max).to(device)

    def __call__(self, output: Any, samples: Sequence[Sample]) -> Any:
        """Return the loss: a tensor of the box, class and distance terms, weighted, per picture."""
        spread = output["boxes"].float().permute(0, 2, 1).contiguous()
        scores = output["scores"].float().permute(0, 2, 1).contiguous()
        places, strides = make_anchors(output["feats"], self._strides, 0.5)
        places, strides = places.float(), strides.float()
        size = torch.tensor(output["feats"][0].shape[2:], device=self._device).float() * self._strides[0]
        truth = padded([sample.boxes for sample in samples], self._device)
        boxes = dist2bbox(self._sides(spread), places, xywh=False)
        _, target_boxes, target_scores, claimed, _ = self._assigner(
            scores.detach().sigmoid(),
            boxes.detach() * strides,
            places * strides,
            truth[:, :, :1],
            truth[:, :, 1:],
            (truth[:, :, 3:4] > truth[:, :, 1:2]).float(),
        )
        total = target_scores.sum().clamp(min=1)
        entropy = torch.nn.functional.binary_cross_entropy_with_logits(
            scores, target_scores.to(scores.dtype), reduction="none"
        )
        silent = self._silent(places * strides, samples) & ~claimed.unsqueeze(-1)
        class_term = entropy.masked_fill(silent, 0).sum() / total
        box_term, distance_term = self._boxes(
            spread, boxes, places, target_boxes / strides, target_scores, total, claimed, size, strides
        )
        return torch.stack([BOX_WEIGHT * box_term, CLASS_WEIGHT * class_term, DISTANCE_WEIGHT * distance_term])

    def _sides(self, spread: Any) -> Any:
        """Return (batch, places, 4): how far each side lies from its place, in strides."""
        if len(self._distances) == 1:
            return spread
        batch, places, _ = spread.shape
        return spread.view(batch, places, 4, -1).softmax(3).matmul(self._distances)

    def _silent(self, middles: Any, samples: Sequence[Sample]) -> Any:
        """Return (batch, places, labels): where the loss says nothing about a label."""
        unsure = padded([sample.unsure for sample in samples], self._device)
        x, y = middles[None, None, :, 0], middles[None, None, :, 1]
        box = unsure[:, :, 1:, None]
        covers = (x > box[:, :, 0]) & (x < box[:, :, 2]) & (y > box[:, :, 1]) & (y < box[:, :, 3])
        meant = (unsure[:, :, :1] == self._labels) | (unsure[:, :, :1] == EVERY_LABEL)
        return torch.einsum("bup,bul->bpl", covers.float(), meant.float()) > 0
