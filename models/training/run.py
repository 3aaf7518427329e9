"""The training loop that the recipes share: a budget of hours, checkpoints, averaged weights and the best of them.

Needs the extra `train`. A stopped run goes on from its checkpoint: what a step is shown depends on the seed, the step
and the part of the budget that is spent, and the learning rate on that part. A recipe says what is trained as a `Task`.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import torch

from ioc.clock import monotonic

Batch = TypeVar("Batch")

LOOK_AHEAD = 3
"""Batches drawn in the background while the network computes."""

SPEAK_EVERY = 50
"""Steps between two lines about the loss."""


class Task(Protocol[Batch]):
    """What a run trains: pictures and how the network's output is scored against them."""

    @property
    def terms(self) -> Sequence[str]:
        """The parts of the loss, by name."""

    def draw(self, rng: np.random.Generator, step: int, spent: float) -> Batch:
        """Return a batch; called in a thread of its own. `spent` is the part of the budget that is spent, 0 to 1."""

    def planes(self, batch: Batch) -> Any:
        """Return the network's input: (batch, 3, H, W) float32 RGB 0 to 1 on the device, channels last in memory."""

    def loss(self, output: Any, batch: Batch) -> Any:
        """Return one figure a term as a float32 tensor; their sum is made small."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train: everything that changes the outcome, beside the task."""

    hours: float
    seed: int
    rate: float = 1e-3
    last_rate: float = 0.02  # of `rate`
    warm_up: int = 200  # steps
    decay: float = 5e-4
    average: float = 0.998  # how slowly the averaged weights follow
    save_minutes: float = 3.0
    check_minutes: float = 8.0


@dataclass(slots=True)
class Progress:
    """Where a run stands."""

    step: int = 0
    seconds: float = 0.0
    best: float = -1.0


class Run:
    """One training run in a work folder; `averaged` are its smoothed weights, in evaluation mode."""

    def __init__(self, network: Any, plan: Plan, work: Path, device: torch.device) -> None:
        self.plan, self._work, self._device = plan, work, device
        self._network = network.to(device).to(memory_format=torch.channels_last).train()
        self.averaged = copy.deepcopy(self._network).eval()
        self._optimiser = torch.optim.AdamW(_groups(self._network, plan.decay), lr=plan.rate)
        self.progress = Progress()

    @property
    def checkpoint(self) -> Path:
        """The file that a stopped run goes on from."""
        return self._work / "checkpoint.pt"

    @property
    def spent(self) -> float:
        """The part of the budget that is spent, 0 to 1."""
        return min(self.progress.seconds / (self.plan.hours * 3600), 1.0)

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
        _write(
            self.checkpoint,
            {
                "network": self._network.state_dict(),
                "averaged": self.averaged.state_dict(),
                "optimiser": self._optimiser.state_dict(),
                "progress": asdict(self.progress),
            },
        )

    def best(self) -> Any:
        """Return a copy of the network with the averaged weights that were judged best."""
        network = copy.deepcopy(self.averaged)
        network.load_state_dict(torch.load(self._work / "best.pt", map_location=self._device, weights_only=True))
        return network

    def train(
        self, task: Task[Batch], check: Callable[[Any], float] | None, say: Callable[[str], None], *, until: float = 1.0
    ) -> None:
        """Train until that part of the budget is spent.

        `check` says now and then, and at the end, how good the averaged weights are; larger is better. Without it the
        last ones are the result, and `best` has none.
        """
        half = self._choose_precision(task, say)
        saved = checked = began = monotonic()
        before = self.progress.seconds
        with ThreadPoolExecutor(1, "pictures") as pool:
            batches = self._batches(task, pool)
            while self.progress.seconds < until * self.plan.hours * 3600:
                losses = self._step(task, next(batches), half=half)
                now = monotonic()
                self.progress.seconds = before + now - began
                if self.progress.step % SPEAK_EVERY == 0:
                    say(self._line(task, losses))
                if now - checked > self.plan.check_minutes * 60:
                    self._judge(check, say)
                    checked = now
                if now - saved > self.plan.save_minutes * 60:
                    self.save()
                    saved = now
        self._judge(check, say)
        self.save()

    def _judge(self, check: Callable[[Any], float] | None, say: Callable[[str], None]) -> None:
        if check is None:
            return
        score = check(copy.deepcopy(self.averaged))
        better = score > self.progress.best
        if better:
            self.progress.best = score
            _write(self._work / "best.pt", self.averaged.state_dict())
        say(f"step {self.progress.step}: held back {score:.4f}{' (best so far)' if better else ''}")

    def _line(self, task: Task[Batch], losses: Any) -> str:
        terms = ", ".join(f"{name} {loss:.3f}" for name, loss in zip(task.terms, losses.tolist(), strict=True))
        return f"step {self.progress.step} after {self.progress.seconds / 60:.1f} min: {terms}"

    def _step(self, task: Task[Batch], batch: Batch, *, half: bool) -> Any:
        progress = self.progress
        for group in self._optimiser.param_groups:
            group["lr"] = rate_at(self.plan, progress.step, self.spent)
        losses = self._losses(self._network, task, batch, half=half)
        self._optimiser.zero_grad(set_to_none=True)
        losses.sum().backward()
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), 10.0)
        self._optimiser.step()
        progress.step += 1
        self._average()
        return losses.detach()

    def _losses(self, network: Any, task: Task[Batch], batch: Batch, *, half: bool) -> Any:
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=half):
            output = network(task.planes(batch))
        return task.loss(output, batch)

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def _average(self) -> None:
        keep = self.plan.average * (1 - math.exp(-self.progress.step / 200))
        for own, live in zip(self.averaged.state_dict().values(), self._network.state_dict().values(), strict=True):
            if own.dtype.is_floating_point:
                own.lerp_(live, 1 - keep)

    def _choose_precision(self, task: Task[Batch], say: Callable[[str], None]) -> bool:
        """Time a step in float32 and in bfloat16 on this device; return whether bfloat16 is faster."""
        batch = task.draw(np.random.default_rng(self.plan.seed), self.progress.step, self.spent)
        trial = copy.deepcopy(self._network)
        seconds = {}
        for half in (False, True):
            for _ in range(2):  # the first one also compiles kernels
                began = monotonic()
                total = self._losses(trial, task, batch, half=half).sum()
                total.backward()
                total.item()  # waits for the device
                seconds[half] = monotonic() - began
        say(f"a step takes {seconds[False]:.2f} s in float32, {seconds[True]:.2f} s in bfloat16")
        return seconds[True] < seconds[False]

    def _batches(self, task: Task[Batch], pool: ThreadPoolExecutor) -> Iterator[Batch]:
        step = self.progress.step
        waiting: list[Future[Batch]] = []
        while True:
            while len(waiting) < LOOK_AHEAD:
                rng = np.random.default_rng([self.plan.seed, step])
                waiting.append(pool.submit(task.draw, rng, step, self.spent))
                step += 1
            yield waiting.pop(0).result()


def rate_at(plan: Plan, step: int, spent: float) -> float:
    """Return the learning rate: a linear start, then a cosine over the part of the budget that is spent."""
    cosine = plan.last_rate + (1 - plan.last_rate) * (1 + math.cos(math.pi * min(spent, 1.0))) / 2
    return plan.rate * cosine * min((step + 1) / plan.warm_up, 1.0)


def _groups(network: Any, decay: float) -> list[dict[str, Any]]:
    """Return the parameters for the optimiser: only weights decay, not biases nor normalisation."""
    weights = [p for p in network.parameters() if p.requires_grad and p.ndim > 1]
    others = [p for p in network.parameters() if p.requires_grad and p.ndim <= 1]
    return [{"params": weights, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]


def _write(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(value, partial)
    partial.replace(path)
