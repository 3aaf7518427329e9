"""Picks the cheapest way to run a model on this machine: floats or eight bits, by ONNX Runtime or by OpenVINO.

Processors differ too much to know it beforehand: eight bits halve the work where there is VNNI and may cost more
where there is none. So all ways take turns for a second or two when a model is first opened; the one that takes least
of the processor's time is remembered for this processor, these runtimes and these files.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import onnxruntime

from ioc.errors import ModelError
from models.bench import noise, take_turns
from models.manifest import Manifest, ModelEntry, Variant
from models.processor import processor
from models.providers import TITLES, Place, Provider, choose_place
from models.session import Floats, Session, places

log = logging.getLogger(__name__)

Wanted = Literal["auto", "float32", "int8"]

SECONDS = 0.5
"""Time for each way to run; after it their medians differ by some hundredths from what minutes give."""

Measure = Callable[[Sequence[Session], Floats], list[float]]
"""Returns what a picture costs in each session, in milliseconds of processor time."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to run a model."""

    variant: Variant
    provider: Provider

    def __str__(self) -> str:
        return f"{self.variant} on {'CUDA' if self.provider == 'auto' else TITLES[self.provider]}"


def ways(entry: ModelEntry, provider: Provider, variant: Wanted, offered: Sequence[Place]) -> list[Way]:
    """Return the ways that the settings leave open, floats first.

    Eight bits run on ONNX Runtime's CPU kernels alone: OpenVINO reads the same file, but was no faster with it than
    with floats and rounds otherwise. Raises ModelError when the settings leave none.
    """
    place = choose_place(provider, offered)
    if variant == "int8":
        if entry.eight_bit is None:
            raise ModelError(
                f'model {entry.name!r} has no eight-bit copy: set variant = "float32", or make one by '
                "`ioc models quantise` and name it as eight_bit in the manifest"
            )
        if provider not in {"auto", "cpu"}:
            raise ModelError('eight bits run on the CPU alone: set provider = "cpu", or variant = "float32"')
        return [Way("int8", "cpu")]
    if place != "cpu":
        return [Way("float32", provider)]
    found = cpu_ways(entry, offered if provider == "auto" else [])
    return found if variant == "auto" else [way for way in found if way.variant == variant]


def cpu_ways(entry: ModelEntry, offered: Sequence[Place]) -> list[Way]:
    """Return the ways to run a model on a CPU, floats first, given where networks can run here."""
    eight_bits = [] if entry.eight_bit is None else [Way("int8", "cpu")]
    openvino = [Way("float32", "openvino")] if "openvino" in offered else []
    return [Way("float32", "cpu"), *eight_bits, *openvino]


def open_model(
    manifest: Manifest,
    entry: ModelEntry,
    *,
    provider: Provider = "auto",
    variant: Wanted = "auto",
    threads: int = 1,
    size: int | None = None,
    memory: Path | None = None,
    measure: Measure | None = None,
) -> Session:
    """Open a model in the cheapest of the ways that the settings leave open, and say which in the log.

    `memory` is the file that remembers it; without, or when it cannot be used, it is measured each time. `size` is the
    long side of the input to measure with, `measure` another stopwatch. Raises ModelError when none can be opened.
    """
    options = ways(entry, provider, variant, places())
    if len(options) == 1:
        return _opened(manifest, entry, options[0], threads)
    book = _Memory(memory)
    key = _key(entry, options, threads, size or entry.size)
    way = book.recall(key, options)
    if way is not None:
        log.info("%s runs as %s: measured before (%s)", entry.name, way, memory)
        return _opened(manifest, entry, way, threads)
    sessions = _all_opened(manifest, entry, options, threads)
    if len(sessions) == 1:
        return next(iter(sessions.values()))
    costs = (measure or measured)(list(sessions.values()), noise(entry, size or entry.size, 1))
    told = ", ".join(f"{way} {cost:.1f} ms" for way, cost in zip(sessions, costs, strict=True))
    cost, best = min(zip(costs, sessions, strict=True), key=lambda pair: pair[0])
    log.info("%s runs as %s, the cheapest here in processor time a picture: %s", entry.name, best, told)
    book.keep(key, best, cost)
    return sessions[best]


def measured(sessions: Sequence[Session], images: Floats) -> list[float]:
    """Return what each session costs, in turns."""
    runs = [_running(session, images) for session in sessions]
    return [cost.cpu_ms for cost in take_turns(runs, SECONDS, [len(images)] * len(runs))]


def _running(session: Session, images: Floats) -> Callable[[], object]:
    return lambda: session.run(images)


def _opened(manifest: Manifest, entry: ModelEntry, way: Way, threads: int) -> Session:
    copy = entry.eight_bit if way.variant == "int8" else None
    sha256 = entry.sha256 if copy is None else copy.sha256
    weights = manifest.weights(entry, way.variant)
    return Session(weights, sha256, provider=way.provider, threads=threads, variant=way.variant)


def _all_opened(manifest: Manifest, entry: ModelEntry, options: Sequence[Way], threads: int) -> dict[Way, Session]:
    """Open each way; one that fails is told of and left out, unless it is the first, which must work."""
    sessions = {options[0]: _opened(manifest, entry, options[0], threads)}
    for way in options[1:]:
        try:
            sessions[way] = _opened(manifest, entry, way, threads)
        except ModelError as error:
            log.warning("%s cannot run as %s: %s", entry.name, way, error)
    return sessions


def _key(entry: ModelEntry, options: Sequence[Way], threads: int, size: int) -> str:
    runtimes = [f"ONNX Runtime {onnxruntime.__version__}"]
    if any(way.provider == "openvino" for way in options):
        runtimes.append(f"OpenVINO {version('openvino')}")
    files = [entry.sha256, *([entry.eight_bit.sha256] if entry.eight_bit else [])]
    return "; ".join([str(processor()), *runtimes, *map(str, options), f"{threads} threads", f"{size} px", *files])


class _Memory:
    """What was measured before: a JSON object from a key to a way and its cost."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: dict[str, Any] = {}
        if path is None:
            return
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(known, dict):
                raise ValueError("not a JSON object")
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            log.warning("%s cannot be read (%s): what is cheapest is measured again", path, error)
        else:
            self._known = known

    def recall(self, key: str, options: Sequence[Way]) -> Way | None:
        """Return the way that was the cheapest, when it is known and still open."""
        entry = self._known.get(key)
        if not isinstance(entry, dict):
            return None
        found = (entry.get("variant"), entry.get("provider"))
        return next((way for way in options if (way.variant, way.provider) == found), None)

    def keep(self, key: str, way: Way, cost: float) -> None:
        """Remember the cheapest way; a file that cannot be written is told of and costs a measurement next time."""
        if self._path is None:
            return
        self._known[key] = {**asdict(way), "cpu_ms": round(cost, 2)}
        partial = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
        try:
            partial.write_text(json.dumps(self._known, indent=2) + "\n", encoding="utf-8")
            partial.replace(self._path)
        except OSError as error:
            log.warning("%s cannot be written (%s): the next start measures again", self._path, error.strerror)
