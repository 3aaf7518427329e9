"""The loss of the plate detector: the road detector's, for one label and a network that predicts distributions.

A YOLOv9 head gives for each side of a box a distribution over whole distances, not one number (Li et al., Generalized
Focal Loss, NeurIPS 2020).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from ultralytics.utils.tal import TaskAlignedAssigner, dist2bbox, make_anchors

from models.training.road_augment import Sample
from models.training.road_loss import BOX_WEIGHT, CLASS_WEIGHT, DISTANCE_WEIGHT, RoadLoss, padded


class FinderLoss(RoadLoss):
    """Scores the network's raw output against samples; `head` is its last layer."""

    def __init__(self, head: Any, device: torch.device) -> None:
        super().__init__(head, device)
        self._assigner = TaskAlignedAssigner(topk=10, num_classes=1, alpha=0.5, beta=6.0, stride=head.stride.tolist())
        self._distances = torch.arange(head.reg_max, dtype=torch.float32, device=device)

    def __call__(self, output: Any, samples: Sequence[Sample]) -> Any:
        """Return the loss: a tensor of the box, class and distance terms, weighted, per picture."""
        spread = output["boxes"].float().permute(0, 2, 1).contiguous()
        scores = output["scores"].float().permute(0, 2, 1).contiguous()
        places, strides = make_anchors(output["feats"], self._strides, 0.5)
        places, strides = places.float(), strides.float()
        size = torch.tensor(output["feats"][0].shape[2:], device=self._device).float() * self._strides[0]
        truth = padded([sample.boxes for sample in samples], self._device)
        batch, count, _ = spread.shape
        sides = spread.view(batch, count, 4, -1).softmax(3).matmul(self._distances)
        boxes = dist2bbox(sides, places, xywh=False)
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
        silent = self._silent(places * strides, samples)[:, :, :1] & ~claimed.unsqueeze(-1)
        class_term = entropy.masked_fill(silent, 0).sum() / total
        box_term, distance_term = self._boxes(
            spread, boxes, places, target_boxes / strides, target_scores, total, claimed, size, strides
        )
        return torch.stack([BOX_WEIGHT * box_term, CLASS_WEIGHT * class_term, DISTANCE_WEIGHT * distance_term])
