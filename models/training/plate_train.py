"""The training loop of the plate reader: a budget of hours, checkpoints, averaged weights.

A stopped run goes on from its checkpoint: a step's plates depend on the seed and the step alone, and the learning rate
on the part of the budget that is spent. The last averaged weights are the result, so that what is held back chooses
nothing.
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
import numpy.typing as npt
import torch

from ioc.clock import monotonic
from models.training.plate_net import reading_loss
from models.training.plate_samples import HEIGHT, WIDTH, Plates, Texts

Batch = tuple[npt.NDArray[np.float32], list[Texts]]

LOOK_AHEAD = 2
"""Batches drawn in the background while the network computes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train: everything that changes the outcome."""

    hours: float
    seed: int = 11
    batch: int = 32
    gentle: int = 2000  # steps until crops are worn in earnest
    rate: float = 1.5e-3
    last_rate: float = 0.005  # of `rate`
    warm_up: int = 200  # steps
    decay: float = 1e-2
    average: float = 0.998  # how slowly the averaged weights follow
    save_minutes: float = 3.0
    check_minutes: float = 6.0


@dataclass(slots=True)
class Progress:
    """Where a run stands."""

    step: int = 0
    seconds: float = 0.0


class Run:
    """One training run in a work folder."""

    def __init__(self, network: Any, plan: Plan, work: Path, device: torch.device) -> None:
        self.plan, self._work, self._device = plan, work, device
        self._network = network.to(device).to(memory_format=torch.channels_last).train()
        self.averaged = copy.deepcopy(self._network).eval()
        self._optimiser = torch.optim.AdamW(_groups(self._network, plan.decay), lr=plan.rate)
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
        self.progress = Progress(stored["step"], stored["seconds"])
        return True

    def save(self) -> None:
        """Write the checkpoint; a crash leaves the old one or the new one, never half a file."""
        self._work.mkdir(parents=True, exist_ok=True)
        partial = self.checkpoint.with_suffix(".partial")
        stored = {
            "network": self._network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "step": self.progress.step,
            "seconds": self.progress.seconds,
        }
        torch.save(stored, partial)
        partial.replace(self.checkpoint)

    def choose_precision(self) -> str:
        """Time a step in float32 and in bfloat16 on this device, take the faster, and return what was measured."""
        images = torch.rand(32, 3, HEIGHT, WIDTH, device=self._device).contiguous(memory_format=torch.channels_last)
        trial = copy.deepcopy(self._network)
        seconds = {}
        for half in (False, True):
            for _ in range(2):  # the first one also compiles kernels
                began = monotonic()
                with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=half):
                    output = trial(images)
                total = output.float().sum()
                total.backward()
                total.item()  # waits for the device
                seconds[half] = monotonic() - began
        self.half = seconds[True] < seconds[False]
        return f"32 crops: float32 {seconds[False]:.3f} s, bfloat16 {seconds[True]:.3f} s"

    def train(self, plates: Plates, check: Callable[[Any], str], say: Callable[[str], None]) -> None:
        """Train until the budget is spent; `check` says now and then how the averaged weights do."""
        saved = checked = began = monotonic()
        before, mean = self.progress.seconds, 0.0
        with self._batches(plates) as batches:
            while self.progress.seconds < self.plan.hours * 3600:
                loss = float(self._step(next(batches)))
                mean = loss if mean == 0 else 0.98 * mean + 0.02 * loss
                now = monotonic()
                self.progress.seconds = before + now - began
                if self.progress.step % 100 == 0:
                    say(f"step {self.progress.step} after {self.progress.seconds / 60:.1f} min, loss {mean:.4f}")
                if now - checked > self.plan.check_minutes * 60:
                    say(f"step {self.progress.step}: {check(copy.deepcopy(self.averaged))}")
                    checked = now
                if now - saved > self.plan.save_minutes * 60:
                    self.save()
                    saved = now
        self.save()
        say(f"step {self.progress.step}: {check(copy.deepcopy(self.averaged))}")

    def _step(self, batch: Batch) -> Any:
        progress, plan = self.progress, self.plan
        for group in self._optimiser.param_groups:
            group["lr"] = rate_at(plan, progress.step, progress.seconds / (plan.hours * 3600))
        images, texts = batch
        planes = torch.from_numpy(images).to(self._device).contiguous(memory_format=torch.channels_last)
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self.half):
            output = self._network(planes)
        loss = reading_loss(output, texts)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), 5.0)
        self._optimiser.step()
        progress.step += 1
        self._average()
        return loss.detach()

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def _average(self) -> None:
        keep = self.plan.average * (1 - math.exp(-self.progress.step / 200))
        for own, live in zip(self.averaged.state_dict().values(), self._network.state_dict().values(), strict=True):
            if own.dtype.is_floating_point:
                own.lerp_(live, 1 - keep)

    @contextmanager
    def _batches(self, plates: Plates) -> Iterator[Iterator[Batch]]:
        with ThreadPoolExecutor(1, "plates") as pool:
            yield self._drawn(plates, pool)

    def _drawn(self, plates: Plates, pool: ThreadPoolExecutor) -> Iterator[Batch]:
        step = self.progress.step
        waiting: list[Future[Batch]] = []
        while True:
            while len(waiting) < LOOK_AHEAD:
                rng = np.random.default_rng([self.plan.seed, step])
                strength = min(1.0, 0.2 + step / self.plan.gentle)
                waiting.append(pool.submit(plates.batch, rng, self.plan.batch, strength=strength))
                step += 1
            yield waiting.pop(0).result()


def rate_at(plan: Plan, step: int, spent: float) -> float:
    """Return the learning rate: a linear start, then a cosine over the part of the budget that is spent."""
    cosine = plan.last_rate + (1 - plan.last_rate) * (1 + math.cos(math.pi * min(spent, 1.0))) / 2
    return plan.rate * cosine * min((step + 1) / plan.warm_up, 1.0)


def _groups(network: Any, decay: float) -> list[dict[str, Any]]:
    weights = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    return [{"params": weights, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]
