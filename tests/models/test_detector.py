from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ioc.errors import ModelError
from ioc.types import Detection, Image
from models.detector import Detector, load_detectors
from models.manifest import load_manifest
from models.session import Session
from tests.models.drawn_model import Colours, entry, write

BGR = {"red": (0, 0, 255), "green": (0, 255, 0), "blue": (255, 0, 0), "violet": (200, 0, 255)}


def detector(folder: Path, network: Colours | None = None, **changes: object) -> Detector:
    path, sha256 = write(folder, network)
    return Detector(entry(sha256, **changes), Session(path, sha256, provider="cpu"))


def picture(height: int, width: int, *squares: tuple[str, int, int], side: int = 64) -> Image:
    """Return a grey picture with squares of a colour at (x, y)."""
    image = np.full((height, width, 3), 114, dtype=np.uint8)
    for colour, x, y in squares:
        image[y : y + side, x : x + side] = BGR[colour]
    image.flags.writeable = False
    return image


def boxes(found: tuple[Detection, ...]) -> dict[str, tuple[float, float, float, float]]:
    return {item.label: item.box.as_tuple() for item in found}


def test_finds_what_is_painted_where_it_is_painted(tmp_path: Path) -> None:
    # 640 × 384 at size 320 is halved exactly to 320 × 192: a square of 64 pixels fills one cell.
    image = picture(384, 640, ("red", 64, 128), ("blue", 576, 320))
    (found,) = detector(tmp_path).detect([image], threshold=0.5)
    assert boxes(found) == {
        "red": pytest.approx((0.1, 1 / 3, 0.2, 0.5)),
        "blue": pytest.approx((0.9, 320 / 384, 1, 1)),
    }
    assert [item.score for item in found] == pytest.approx([1, 1])


def test_the_grey_bars_are_taken_off(tmp_path: Path) -> None:
    # 640 × 360 at size 320 lies at rows 6 to 186 of 192: cell rows begin at 26, 58 ... of the picture's 180.
    image = picture(360, 640, ("green", 128, 2 * 58))
    (found,) = detector(tmp_path).detect([image], threshold=0.5)
    assert boxes(found) == {"green": pytest.approx((0.2, 58 / 180, 0.3, 90 / 180))}


def test_size_is_the_manifest_s_unless_given(tmp_path: Path) -> None:
    image = picture(384, 640, ("red", 0, 0))
    seen = detector(tmp_path, size=640)
    cells_at_640 = seen.detect([image], threshold=0.5)[0]
    assert len(cells_at_640) == 4
    assert len(seen.detect([image], threshold=0.5, size=320)[0]) == 1


def test_threshold_is_per_call(tmp_path: Path) -> None:
    image = np.full((192, 320, 3), 100, dtype=np.uint8)
    image[:32, :32, 2] = 151  # 0.2 more red than grey
    seen = detector(tmp_path)
    assert len(seen.detect([image], threshold=0.19)[0]) == 1
    assert seen.detect([image], threshold=0.21) == [()]


def test_results_keep_the_order_of_pictures_of_different_shapes(tmp_path: Path) -> None:
    shapes = [(384, 640), (640, 384), (480, 640), (192, 320), (640, 384), (384, 640), (1080, 1920)]
    colours = ["red", "green", "blue", "green", "red", "blue", "red"]
    images = [picture(h, w, (c, 0, 0), side=w // 5) for (h, w), c in zip(shapes, colours, strict=True)]
    found = detector(tmp_path).detect(images, threshold=0.6)
    assert [{item.label for item in items} for items in found] == [{colour} for colour in colours]


def test_batches_no_larger_than_allowed_give_the_same(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    images = [rng.integers(0, 255, (96, 160, 3), dtype=np.uint8) for _ in range(7)]
    seen = detector(tmp_path)
    alone = [seen.detect([image], threshold=0.001)[0] for image in images]
    assert all(alone)
    for max_batch in (1, 2, 3, 8):
        assert seen.detect(images, threshold=0.001, max_batch=max_batch) == alone


def test_no_pictures_give_no_results(tmp_path: Path) -> None:
    assert detector(tmp_path).detect([], threshold=0.5) == []


def test_an_object_has_one_label_or_every_one_it_may_have(tmp_path: Path) -> None:
    seen = detector(tmp_path, exclusive=[["red", "blue"]])
    image = picture(384, 640, ("violet", 0, 0))
    (one,) = seen.detect([image], threshold=0.5)
    (every,) = seen.detect([image], threshold=0.5, one_label=False)
    assert [item.label for item in one] == ["red"]
    assert [item.label for item in every] == ["red", "blue"]


def test_labels_that_exclude_each_other_are_not_both_given_for_one_object(tmp_path: Path) -> None:
    # Boxes of 1000 pixels around cells side by side overlap by nine tenths and more.
    image = picture(384, 640, ("red", 0, 0), ("blue", 64, 0), ("green", 128, 0))
    seen = detector(tmp_path, Colours(box=1000.0), exclusive=[["red", "blue"]])
    (one,) = seen.detect([image], threshold=0.5)
    (every,) = seen.detect([image], threshold=0.5, one_label=False)
    assert sorted(item.label for item in one) == ["green", "red"]
    assert sorted(item.label for item in every) == ["blue", "green", "red"]


def test_boxes_are_cut_at_the_picture_s_edge(tmp_path: Path) -> None:
    seen = detector(tmp_path, Colours(box=1000.0))
    (found,) = seen.detect([picture(360, 640, ("red", 0, 0))], threshold=0.5)
    assert boxes(found) == {"red": (0, 0, 1, 1)}


def test_boxes_in_the_bars_alone_are_no_objects(tmp_path: Path) -> None:
    # 640 × 360 at size 320 ends at row 186 of 192; the last cell's middle is row 176.
    image = picture(360, 640, ("red", 0, 296))
    (inside,) = detector(tmp_path, Colours(box=2.0, down=8.0)).detect([image], threshold=0.5)
    (below,) = detector(tmp_path, Colours(box=2.0, down=14.0)).detect([image], threshold=0.5)
    assert boxes(inside) == {"red": pytest.approx((15 / 320, 177 / 180, 17 / 320, 179 / 180))}
    assert below == ()


def test_labels_that_do_not_fit_the_network_are_refused_on_loading(tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"expected an output of \(batch, 6, places\) for the manifest's 2 labels, found \(1, 7, 64\)"
    ):
        detector(tmp_path, labels=("red", "green"))


LAYOUTS = ["yolo", "yolov5", "yolo-end2end", "rtdetr", "rtdetr-end2end"]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [("batch", 3, "height", "width"), (1, 3, 320, 320)])
def test_every_layout_finds_the_same(tmp_path: Path, layout: str, shape: tuple[int | str, ...]) -> None:
    image = picture(640, 640, ("red", 64, 128), ("blue", 576, 320))
    network = Colours(layout=layout, shape=shape, input="pixels", output="found")
    found = detector(tmp_path, network, layout=layout).detect([image, image], threshold=0.5)
    expected = {"red": pytest.approx((0.1, 0.2, 0.2, 0.3)), "blue": pytest.approx((0.9, 0.5, 1, 0.6))}
    assert [boxes(own) for own in found] == [expected, expected]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("said", LAYOUTS)
def test_weights_of_another_layout_are_refused_on_loading(tmp_path: Path, layout: str, said: str) -> None:
    if layout == said:
        return
    with pytest.raises(ModelError, match=r"colours.onnx: .*; correct the manifest's layout and labels, or restore"):
        detector(tmp_path, Colours(layout=layout, shape=(1, 3, 320, 320)), layout=said)


def test_fixed_sides_hold_a_picture_of_another_shape(tmp_path: Path) -> None:
    # 640 × 320 in 320 × 320 lies at rows 80 to 240; a square of two cells' side covers one cell from row 96 on.
    image = picture(320, 640, ("green", 128, 32))
    fixed = Colours(shape=("batch", 3, 320, 320))
    (found,) = detector(tmp_path, fixed).detect([image], threshold=0.5)
    assert boxes(found) == {"green": pytest.approx((0.2, 0.1, 0.3, 0.3))}


def test_a_picture_is_stretched_for_a_network_that_learned_so(tmp_path: Path) -> None:
    image = np.full((320, 640, 3), 114, dtype=np.uint8)
    image[64:96, 128:192] = BGR["green"]
    (found,) = detector(tmp_path, Colours(layout="rtdetr"), layout="rtdetr").detect([image], threshold=0.5)
    assert boxes(found) == {"green": pytest.approx((0.2, 0.2, 0.3, 0.3))}


def test_a_size_that_fixed_sides_cannot_take_is_refused(tmp_path: Path) -> None:
    fixed = Colours(shape=("batch", 3, 192, 320))
    with pytest.raises(ModelError, match=r"take pictures of 320×192 alone, not of 640; set size = 320, or export"):
        detector(tmp_path, fixed, size=640)
    seen = detector(tmp_path, fixed, size=320)
    with pytest.raises(ModelError, match=r"320×192 alone, not of 416"):
        seen.detect([picture(384, 640)], threshold=0.5, size=416)
    assert len(seen.detect([picture(384, 640, ("red", 0, 0))], threshold=0.5, size=320)[0]) == 1


def test_labels_are_used_by_other_names_and_the_rest_left_out(tmp_path: Path) -> None:
    image = picture(384, 640, ("red", 0, 0), ("green", 256, 0), ("blue", 512, 0))
    seen = detector(tmp_path, labels=("xe máy", "Dog", "moped"), use={"xe máy": "motorcycle", "moped": "motorcycle"})
    assert seen.entry.finds == ("motorcycle",)
    for one_label in (True, False):
        (found,) = seen.detect([image], threshold=0.5, one_label=one_label)
        assert [item.label for item in found] == ["motorcycle"] * 2
        assert sorted(item.box.x1 for item in found) == pytest.approx([0, 0.8])


def test_one_place_an_object_is_taken_at_its_word(tmp_path: Path) -> None:
    # Boxes of 1000 pixels around cells side by side overlap by nine tenths and more: two things in one place.
    image = picture(384, 640, ("red", 0, 0), ("red", 64, 0))
    counts = {
        layout: len(
            detector(tmp_path, Colours(box=1000.0, layout=layout), layout=layout).detect([image], threshold=0.5)[0]
        )
        for layout in ("yolo", "yolo-end2end")
    }
    assert counts == {"yolo": 1, "yolo-end2end": 2}


def test_numbers_that_are_not_finite_are_a_failure_and_not_nothing(tmp_path: Path) -> None:
    seen = detector(tmp_path, Colours(fails_above=0.9))
    dark, bright = picture(192, 320), picture(192, 320, ("red", 32, 32))
    assert seen.detect([dark], threshold=0.5) == [()]
    with pytest.raises(ModelError, match="gave numbers that are not finite"):
        seen.detect([dark, bright], threshold=0.5)


def test_loads_by_name_from_a_further_manifest(tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    _, sha256 = write(tmp_path / "weights")
    path = tmp_path / "manifest.toml"
    path.write_text(
        f'[[model]]\nname = "colours"\nfile = "colours.onnx"\nsha256 = "{sha256}"\nlayout = "yolo"\n'
        'labels = ["red", "green", "blue"]\nlicence = "MIT"\ncard = "colours.md"\n'
    )
    seen = Detector.load("colours", provider="cpu", manifest=load_manifest(path))
    assert seen.provider == "cpu"
    assert len(seen.detect([picture(384, 640, ("red", 0, 0))], threshold=0.5, size=320)[0]) == 1
    with pytest.raises(ModelError, match="no model 'road'"):
        Detector.load("road", manifest=load_manifest(path))


def test_all_detectors_of_the_package_are_loaded_and_readers_left_out() -> None:
    assert [own.entry.name for own in load_detectors()] == ["road", "plate", "hazard"]


def test_detectors_are_loaded_by_name() -> None:
    assert [own.entry.name for own in load_detectors(["plate"])] == ["plate"]


@pytest.mark.parametrize(("name", "way_out"), [("plate_reader", "ioc plates"), ("flying", "there are: road")])
def test_what_is_no_detector_is_refused(name: str, way_out: str) -> None:
    with pytest.raises(ModelError, match=way_out):
        load_detectors(["road", name])
