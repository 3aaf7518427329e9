"""What models are asked is counted within a block, and only there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from ioc import clock
from models import asking
from models.asking import Asked, asks, counted
from models.dense import DenseModel
from models.detector import Detector
from models.plate_reader import PlateReader
from models.session import Session
from tests.models.drawn_model import Colours, entry, write

PICTURES = [np.zeros((32, 32, 3), np.uint8)] * 3


@pytest.fixture
def detector(tmp_path: Path) -> Detector:
    path, sha256 = write(tmp_path, Colours())
    return Detector(entry(sha256), Session(path, sha256, provider="cpu"))


class Slow:
    """A model that takes its time."""

    @asks
    def seen(self, shown: Sequence[int], *, more: int = 0) -> int:
        """Return the sum."""
        return sum(shown) + more


def test_what_is_asked_within_the_block_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter((1.0, 1.5, 3.0, 3.25))
    monkeypatch.setattr(asking, "processor_seconds", lambda: next(ticks))
    asked = Asked()
    with counted(asked):
        assert Slow().seen([1, 2], more=4) == 7
        assert Slow().seen([5]) == 5
    assert Slow().seen([1]) == 1
    assert asked == Asked(looks=3, seconds=0.75)


def test_each_block_counts_its_own() -> None:
    outer, inner = Asked(), Asked()
    with counted(outer):
        with counted(inner):
            Slow().seen([1])
        Slow().seen([1, 2])
    assert (outer.looks, inner.looks) == (2, 1)


def test_a_detectors_looks_are_counted_with_all_that_they_take(detector: Detector) -> None:
    asked, before = Asked(), clock.processor_seconds()
    with counted(asked):
        detector.detect(PICTURES, threshold=0.5, size=32)
        detector.detect([], threshold=0.5, size=32)
    assert asked.looks == 3
    assert 0 < asked.seconds <= clock.processor_seconds() - before


def test_every_kind_of_model_is_counted() -> None:
    for method in (Detector.detect, DenseModel.maps, PlateReader.read):
        assert hasattr(method, "__wrapped__")
