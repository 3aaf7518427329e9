"""Measuring costs: variants take turns, medians are per picture."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ioc.clock import monotonic
from ioc.errors import ModelError
from models.bench import LEAST_ROUNDS, WARM_UP, digest, noise, open_weights, take_turns
from models.manifest import load_manifest
from tests.models.drawn_model import Colours, entry, write
from tests.models.drawn_reader import Squares


def spin(milliseconds: float) -> None:
    until = monotonic() + milliseconds / 1000
    while monotonic() < until:
        pass


def test_variants_take_turns_after_a_warm_up() -> None:
    order: list[str] = []
    rounds: list[int] = []
    variants = [lambda: order.append("a"), lambda: order.append("b")]
    costs = take_turns(variants, 0.0, [1, 1], each=lambda: rounds.append(1))
    assert order == ["a"] * WARM_UP + ["b"] * WARM_UP + ["a", "b"] * LEAST_ROUNDS
    assert [cost.rounds for cost in costs] == [LEAST_ROUNDS] * 2 == [len(rounds)] * 2


def test_costs_are_of_one_picture_and_tell_work_from_waiting() -> None:
    busy, shared = take_turns([lambda: spin(20), lambda: spin(20)], 0.0, [1, 4])
    assert busy.wall_ms >= 20
    assert shared.wall_ms < busy.wall_ms / 2
    assert 0 < busy.cpu_ms <= busy.wall_ms * 1.5


def test_it_goes_on_for_as_long_as_it_is_told() -> None:
    began = monotonic()
    (cost,) = take_turns([lambda: spin(1)], 0.2, [1])
    assert monotonic() - began >= 0.2
    assert cost.rounds > LEAST_ROUNDS


def test_one_slow_round_does_not_count() -> None:
    calls: list[int] = []

    def run() -> None:
        calls.append(1)
        spin(300 if len(calls) == WARM_UP + 2 else 1)

    (cost,) = take_turns([run], 0.0, [1])
    assert cost.wall_ms < 100


def test_the_input_is_a_16_9_picture_s_for_a_detector_and_a_plate_s_for_a_reader() -> None:
    detector = entry("0" * 64)
    assert noise(detector, 640, 4).shape == (4, 3, 384, 640)
    reader = detector.model_copy(update={"layout": "ctc", "size": 160})
    assert noise(reader, 160, 2).shape == (2, 3, 64, 160)
    assert noise(detector, 320, 1).tobytes() == noise(detector, 320, 1).tobytes()


def test_weights_are_opened_whatever_their_digest(tmp_path: Path) -> None:
    path, sha256 = write(tmp_path)
    assert digest(path) == sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    output = open_weights(path, 1).run(noise(entry(sha256), 320, 2))
    assert output.shape == (2, 7, 60)


def test_a_reader_s_network_can_be_timed_too(tmp_path: Path) -> None:
    path = tmp_path / "reader.onnx"
    path.write_bytes(Squares().onnx())
    session = open_weights(path, 1)
    images = noise(entry("0" * 64).model_copy(update={"layout": "ctc"}), 160, 3)
    (cost,) = take_turns([lambda: session.run(images)], 0.0, [3])
    assert cost.cpu_ms > 0


def test_weights_that_cannot_be_opened_are_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"absent\.onnx: No such file"):
        open_weights(tmp_path / "absent.onnx", 1)
    path, _ = write(tmp_path, Colours(shape=(2, 3, 320, 320)))
    with pytest.raises(ModelError, match="expected an input of"):
        open_weights(path, 1)


def test_the_bundled_models_can_all_be_timed() -> None:
    manifest = load_manifest()
    for listed in manifest.model:
        session = open_weights(manifest.weights(listed), 1)
        assert len(session.run(noise(listed, min(listed.size, 160), 1))) == 1
