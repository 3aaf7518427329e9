"""The training loop of the road detector: a budget of hours, checkpoints, and the best weights kept.

Needs the extra `train`. A stopped run goes on from its checkpoint: the pictures of a step depend on the seed and the
step alone, and the learning rate on the part of the budget that is spent.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ioc.clock import monotonic
from models.training.road_augment import Sample
from models.training.road_loss import RoadLoss, as_planes
from models.training.road_mix import Mix

LOOK_AHEAD = 3
"""Batches drawn in the background while the network computes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train: everything that changes the outcome."""

    hours: float
    seed: int = 7
    batch_pixels: int = 16 * 416 * 256
    rate: float = 1e-3
    last_rate: float = 0.02  # of `rate`
    warm_up: int = 200  # steps
    decay: float = 5e-4
    average: float = 0.998  # how slowly the averaged weights follow
    plain_from: float = 0.85  # of the budget: no mosaics any more
    save_minutes: float = 3.0
    check_minutes: float = 8.0


@dataclass(slots=True)
class Progress:
    """Where a run stands."""

    step: int = 0
    seconds: float = 0.0
    pictures: int = 0
    best: float = -1.0


class Run:
    """One training run in a work folder; `check` returns how good weights are (larger is better)."""

    def __init__(self, network: Any, plan: Plan, work: Path, device: torch.device) -> None:
        self.plan, self._work, self._device = plan, work, device
        self._network = network.to(device).to(memory_format=torch.channels_last).train()
        self.averaged = copy.deepcopy(self._network).eval()
        self._loss = RoadLoss(self._network.model[-1], device)
        self._optimiser = torch.optim.AdamW(groups(self._network, plan.decay), lr=plan.rate, betas=(0.9, 0.999))
        self.progress = Progress()
        self.half = False

    @property
    def checkpoint(self) -> Path:
        """The file that a stopped run goes on from."""
        return self._work / "checkpoint.pt"

    def resume(self) -> bool:
        """Go on from the work folder's checkpoint; return whether there was one."""
        if not self.checkpoint.is_file():
            return False
        stored = torch.load(self.checkpoint, map_location=self._device, weights_only=True)
        self._network.load_state_dict(stored["network"])
        self.averaged.load_state_dict(stored["averaged"])
        self._optimiser.load_state_dict(stored["optimiser"])
        self.progress = Progress(**stored["progress"])
        return True

    def save(self) -> None:
        """Write the checkpoint; a crash leaves the old one or the new one, never half a file."""
        self._work.mkdir(parents=True, exist_ok=True)
        partial = self.checkpoint.with_suffix(".partial")
        progress = {name: getattr(self.progress, name) for name in Progress.__slots__}
        torch.save(
            {
                "network": self._network.state_dict(),
                "averaged": self.averaged.state_dict(),
                "optimiser": self._optimiser.state_dict(),
                "progress": progress,
            },
            partial,
        )
        partial.replace(self.checkpoint)

    def choose_precision(self) -> str:
        """Time a step in float32 and in bfloat16 on this device, take the faster, and return what was measured."""
        planes = torch.rand(4, 3, 256, 416, device=self._device).contiguous(memory_format=torch.channels_last)
        trial = copy.deepcopy(self._network)
        seconds = {}
        for half in (False, True):
            for _ in range(2):  # the first one also compiles kernels
                began = monotonic()
                with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=half):
                    output = trial(planes)
                total = output["scores"].float().sum() + output["boxes"].float().sum()
                total.backward()
                total.item()  # waits for the device
                seconds[half] = monotonic() - began
        self.half = seconds[True] < seconds[False]
        return f"four pictures: float32 {seconds[False]:.3f} s, bfloat16 {seconds[True]:.3f} s"

    def best(self) -> Any:
        """Return a copy of the network with the weights that were judged best."""
        network = copy.deepcopy(self.averaged)
        network.load_state_dict(torch.load(self._work / "best.pt", map_location=self._device, weights_only=True))
        return network

    def train(self, mix: Mix, check: Callable[[Any], float], say: Callable[[str], None], *, until: float = 1.0) -> None:
        """Train until that part of the budget is spent.

        `check` judges the averaged weights now and then and at the end.
        """
        budget = until * self.plan.hours * 3600
        saved = checked = began = monotonic()
        before = self.progress.seconds
        with self._batches(mix) as batches:
            while self.progress.seconds < budget:
                losses = self._step(next(batches))
                now = monotonic()
                self.progress.seconds = before + now - began
                if self.progress.step % 20 == 0:
                    say(self._line(losses))
                if now - checked > self.plan.check_minutes * 60:
                    self._judge(check, say)
                    checked = now
                if now - saved > self.plan.save_minutes * 60:
                    self.save()
                    saved = now
        self._judge(check, say)
        self.save()

    def _judge(self, check: Callable[[Any], float], say: Callable[[str], None]) -> None:
        score = check(copy.deepcopy(self.averaged))
        better = score > self.progress.best
        if better:
            self.progress.best = score
            partial = self._work / "best.partial"
            torch.save(self.averaged.state_dict(), partial)
            partial.replace(self._work / "best.pt")
        say(f"step {self.progress.step}: held back {score:.4f}{' (best so far)' if better else ''}")

    def _line(self, losses: Any) -> str:
        box, label, distance = losses.tolist()
        spent, pictures = self.progress.seconds, self.progress.pictures
        return (
            f"step {self.progress.step} after {spent / 60:.1f} min, {pictures} pictures, "
            f"box {box:.3f} class {label:.3f} distance {distance:.3f}"
        )

    def _step(self, samples: list[Sample]) -> Any:
        progress, plan = self.progress, self.plan
        for group in self._optimiser.param_groups:
            group["lr"] = rate_at(plan, progress.step, progress.seconds / (plan.hours * 3600))
        planes = as_planes(samples, self._device)
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self.half):
            output = self._network(planes)
        losses = self._loss(output, samples)
        self._optimiser.zero_grad(set_to_none=True)
        losses.sum().backward()
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), 10.0)
        self._optimiser.step()
        progress.step += 1
        progress.pictures += len(samples)
        self._average()
        return losses.detach()

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def _average(self) -> None:
        keep = self.plan.average * (1 - math.exp(-self.progress.step / 200))
        for own, live in zip(self.averaged.state_dict().values(), self._network.state_dict().values(), strict=True):
            if own.dtype.is_floating_point:
                own.lerp_(live, 1 - keep)

    @contextmanager
    def _batches(self, mix: Mix) -> Iterator[Iterator[list[Sample]]]:
        with ThreadPoolExecutor(1, "pictures") as pool:
            yield self._drawn(mix, pool)

    def _drawn(self, mix: Mix, pool: ThreadPoolExecutor) -> Iterator[list[Sample]]:
        step = self.progress.step
        waiting: list[Future[list[Sample]]] = []
        while True:
            while len(waiting) < LOOK_AHEAD:
                waiting.append(pool.submit(self._draw, mix, step))
                step += 1
            yield waiting.pop(0).result()

    def _draw(self, mix: Mix, step: int) -> list[Sample]:
        rng = np.random.default_rng([self.plan.seed, step])
        plain = self.progress.seconds > self.plan.plain_from * self.plan.hours * 3600
        return mix.batch(rng, self.plan.batch_pixels, plain=plain)


def rate_at(plan: Plan, step: int, spent: float) -> float:
    """Return the learning rate: a linear start, then a cosine over the part of the budget that is spent."""
    cosine = plan.last_rate + (1 - plan.last_rate) * (1 + math.cos(math.pi * min(spent, 1.0))) / 2
    return plan.rate * cosine * min((step + 1) / plan.warm_up, 1.0)


def groups(network: Any, decay: float) -> list[dict[str, Any]]:
    """Return the parameters for the optimiser: only weights of convolutions decay, not biases nor normalisation."""
    weights = [p for p in network.parameters() if p.requires_grad and p.ndim > 1]
    others = [p for p in network.parameters() if p.requires_grad and p.ndim <= 1]
    return [{"params": weights, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]
