"""Which way a model runs: what the settings leave open, what the stopwatch says, and what is remembered."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from ioc.errors import ModelError
from models.manifest import EightBit, Manifest, ModelEntry
from models.providers import Place, Provider
from models.session import Floats, Session
from models.variants import Wanted, Way, cpu_ways, measured, open_model, ways
from tests.models.drawn_model import Colours, entry, write

FLOATS, BYTES, OPENVINO = Way("float32", "cpu"), Way("int8", "cpu"), Way("float32", "openvino")


class Stopwatch:
    """Gives each session the cost that its file is named with, and counts how often it was asked."""

    def __init__(self, **costs: float) -> None:
        self.costs = costs
        self.asked = 0

    def __call__(self, sessions: Sequence[Session], images: Floats) -> list[float]:
        self.asked += 1
        assert images.shape[:2] == (1, 3)
        return [self.costs[session.variant] for session in sessions]


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    """Return a manifest of one model whose "eight-bit copy" draws boxes of another size."""
    folder = tmp_path / "weights"
    folder.mkdir()
    copy, small = write(folder, Colours(box=64.0))
    copy.rename(folder / "small.onnx")
    _, whole = write(folder)
    own = entry(whole).model_copy(update={"eight_bit": EightBit(file="small.onnx", sha256=small)})
    return Manifest(path=tmp_path / "manifest.toml", model=(own,))


@pytest.fixture(autouse=True)
def _plain_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.variants.places", lambda: ["cpu"])


def opened(manifest: Manifest, memory: Path | None, watch: Stopwatch) -> Session:
    return open_model(manifest, manifest.model[0], memory=memory, measure=watch, size=64)


class TestWays:
    @pytest.mark.parametrize(
        ("provider", "variant", "offered", "expected"),
        [
            ("auto", "auto", ["cpu"], [FLOATS, BYTES]),
            ("auto", "auto", ["cpu", "openvino"], [FLOATS, BYTES, OPENVINO]),
            ("auto", "float32", ["cpu", "openvino"], [FLOATS, OPENVINO]),
            ("cpu", "auto", ["cpu", "openvino"], [FLOATS, BYTES]),
            ("cpu", "float32", ["cpu"], [FLOATS]),
            ("auto", "int8", ["cpu", "cuda"], [BYTES]),
            ("openvino", "auto", ["cpu", "openvino"], [OPENVINO]),
            ("auto", "auto", ["cpu", "cuda"], [Way("float32", "auto")]),
            ("tensorrt", "auto", ["cpu", "tensorrt"], [Way("float32", "tensorrt")]),
        ],
    )
    def test_settings_and_machine_decide(
        self, manifest: Manifest, provider: Provider, variant: Wanted, offered: list[Place], expected: list[Way]
    ) -> None:
        assert ways(manifest.model[0], provider, variant, offered) == expected

    def test_without_a_copy_there_are_floats_alone(self, manifest: Manifest) -> None:
        bare = manifest.model[0].model_copy(update={"eight_bit": None})
        assert ways(bare, "auto", "auto", ["cpu"]) == cpu_ways(bare, ["cpu"]) == [FLOATS]
        with pytest.raises(ModelError, match=r"no eight-bit copy: set variant = .* `ioc models quantise`"):
            ways(bare, "auto", "int8", ["cpu"])

    @pytest.mark.parametrize("provider", ["cuda", "openvino", "tensorrt"])
    def test_eight_bits_elsewhere_are_refused(self, manifest: Manifest, provider: Provider) -> None:
        with pytest.raises(ModelError, match="eight bits run on the CPU alone"):
            ways(manifest.model[0], provider, "int8", ["cpu", "cuda", "openvino", "tensorrt"])

    def test_a_place_that_is_not_there_is_refused(self, manifest: Manifest) -> None:
        with pytest.raises(ModelError, match="OpenVINO is not installed"):
            ways(manifest.model[0], "openvino", "auto", ["cpu"])


class TestChoice:
    @pytest.mark.parametrize(("costs", "best"), [((9, 5), "int8"), ((5, 9), "float32"), ((5, 5), "float32")])
    def test_the_cheapest_is_taken_and_told(
        self, manifest: Manifest, caplog: pytest.LogCaptureFixture, costs: tuple[float, float], best: str
    ) -> None:
        watch = Stopwatch(float32=costs[0], int8=costs[1])
        with caplog.at_level(logging.INFO, logger="models.variants"):
            session = opened(manifest, None, watch)
        own = manifest.model[0]
        assert session.variant == best
        assert session.sha256 == (own.eight_bit.sha256 if best == "int8" and own.eight_bit else own.sha256)
        (told,) = caplog.messages
        assert told.startswith(f"colours runs as {best} on the CPU")
        assert f"float32 on the CPU {costs[0]:.1f} ms, int8 on the CPU {costs[1]:.1f} ms" in told

    def test_it_is_measured_once_and_remembered(
        self, manifest: Manifest, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        memory, watch = tmp_path / "variants.json", Stopwatch(float32=9, int8=5)
        first = opened(manifest, memory, watch)
        with caplog.at_level(logging.INFO, logger="models.variants"):
            again = opened(manifest, memory, Stopwatch(float32=1, int8=5))
        assert (first.variant, again.variant, watch.asked) == ("int8", "int8", 1)
        assert caplog.messages == [f"colours runs as int8 on the CPU: measured before ({memory})"]
        assert [path.name for path in tmp_path.glob("*.json*")] == ["variants.json"]

    @pytest.mark.parametrize("change", ["size", "threads", "file", "processor"])
    def test_it_is_measured_anew_when_something_else_runs(
        self, manifest: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
    ) -> None:
        memory, watch = tmp_path / "variants.json", Stopwatch(float32=9, int8=5)
        opened(manifest, memory, watch)
        own: ModelEntry = manifest.model[0]
        size = 128 if change == "size" else 64
        threads = 2 if change == "threads" else 1
        if change == "file":
            own = own.model_copy(update={"eight_bit": EightBit(file="colours.onnx", sha256=own.sha256)})
        elif change == "processor":
            monkeypatch.setattr("models.variants.processor", lambda: "another")
        open_model(manifest, own, memory=memory, measure=watch, size=size, threads=threads)
        assert watch.asked == 2
        assert len(json.loads(memory.read_text())) == 2

    def test_a_fixed_variant_asks_no_stopwatch(self, manifest: Manifest, tmp_path: Path) -> None:
        memory, watch = tmp_path / "variants.json", Stopwatch()
        variants: tuple[Wanted, ...] = ("float32", "int8")
        for variant in variants:
            session = open_model(manifest, manifest.model[0], variant=variant, memory=memory, measure=watch)
            assert session.variant == variant
        assert (watch.asked, memory.exists()) == (0, False)

    def test_a_way_that_cannot_be_opened_is_told_of_and_left_out(
        self, manifest: Manifest, caplog: pytest.LogCaptureFixture
    ) -> None:
        manifest.weights(manifest.model[0], "int8").unlink()
        watch = Stopwatch()
        assert opened(manifest, None, watch).variant == "float32"
        assert watch.asked == 0
        assert "colours cannot run as int8 on the CPU: weights" in caplog.text

    def test_floats_must_open(self, manifest: Manifest) -> None:
        manifest.weights(manifest.model[0]).unlink()
        with pytest.raises(ModelError, match=r"colours\.onnx: No such file"):
            opened(manifest, None, Stopwatch())


class TestMemory:
    @pytest.mark.parametrize("content", ["", "[]", "{", '"int8"', "\x00"])
    def test_a_spoilt_file_is_told_of_once_and_measured_over(
        self, manifest: Manifest, tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str
    ) -> None:
        memory, watch = tmp_path / "variants.json", Stopwatch(float32=9, int8=5)
        memory.write_text(content)
        assert opened(manifest, memory, watch).variant == "int8"
        warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
        assert [str(memory) in record.getMessage() for record in warnings] == [True]
        assert opened(manifest, memory, watch).variant == "int8"
        assert watch.asked == 1

    @pytest.mark.parametrize("entry", [None, 1, {}, {"variant": "int4", "provider": "cpu"}])
    def test_a_strange_entry_is_measured_over(self, manifest: Manifest, tmp_path: Path, entry: object) -> None:
        memory, watch = tmp_path / "variants.json", Stopwatch(float32=9, int8=5)
        opened(manifest, memory, watch)
        (key,) = json.loads(memory.read_text())
        memory.write_text(json.dumps({key: entry}))
        assert opened(manifest, memory, watch).variant == "int8"
        assert watch.asked == 2

    def test_a_file_that_cannot_be_written_is_told_of_and_stops_nothing(
        self, manifest: Manifest, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        memory = tmp_path / "absent" / "variants.json"
        assert opened(manifest, memory, Stopwatch(float32=9, int8=5)).variant == "int8"
        (warning,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
        assert warning == f"{memory} cannot be written (No such file or directory): the next start measures again"


def test_the_real_stopwatch_tells_much_work_from_little(manifest: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.variants.SECONDS", 0.0)
    session = Session(manifest.weights(manifest.model[0]), manifest.model[0].sha256, provider="cpu")
    small, large = (measured([session], images)[0] for images in (zeros(1, 64), zeros(1, 1536)))
    assert 0 <= small < large


def zeros(batch: int, side: int) -> Floats:
    return np.zeros((batch, 3, side, side), np.float32)
