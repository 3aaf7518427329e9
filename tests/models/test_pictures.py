from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from ioc.errors import IocError
from ioc.types import Box, Detection
from models.detector import Detector
from models.pictures import PictureError, detect_images, read_picture, to_json
from models.session import Session
from tests.models.drawn_model import entry, write


@pytest.fixture
def detector(tmp_path: Path) -> Detector:
    path, sha256 = write(tmp_path)
    return Detector(entry(sha256), Session(path, sha256, provider="cpu"))


def red_corner(height: int = 192, width: int = 320) -> npt.NDArray[np.uint8]:
    """Return a black picture with its first cell red."""
    image = np.zeros((height, width, 3), dtype=np.uint8)
    image[:32, :32, 2] = 255
    return image


def encoded(kind: str, image: npt.NDArray[np.uint8] | npt.NDArray[np.uint16]) -> bytes:
    done, content = cv2.imencode(kind, image)
    assert done
    return content.tobytes()


def saved(path: Path, image: npt.NDArray[np.uint8] | npt.NDArray[np.uint16] | None = None) -> Path:
    path.write_bytes(encoded(path.suffix, red_corner() if image is None else image))
    return path


def with_orientation(jpeg: bytes, orientation: int) -> bytes:
    """Return the JPEG file with an EXIF block that says how the camera was held (EXIF 2.3, tag 0x0112)."""
    entry_ = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = b"MM\x00\x2a" + struct.pack(">IH", 8, 1) + entry_ + struct.pack(">I", 0)
    body = b"Exif\x00\x00" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def found_in(items: Iterable[tuple[str, tuple[Detection, ...] | PictureError]]) -> list[str]:
    return ["error" if isinstance(found, PictureError) else f"{len(found)} found" for _, found in items]


def test_finds_in_every_kind_of_file(tmp_path: Path, detector: Detector) -> None:
    paths = [saved(tmp_path / f"a{kind}") for kind in (".png", ".jpg", ".bmp", ".webp", ".tiff")]
    results = list(detect_images(paths, [detector], threshold=0.5))
    assert [path for path, _ in results] == [str(path) for path in paths]
    for _, found in results:
        assert not isinstance(found, PictureError)
        (red,) = found
        assert red.label == "red"
        assert red.box.as_tuple() == pytest.approx((0, 0, 0.1, 32 / 192))


def test_the_path_is_told_as_it_was_given(tmp_path: Path, detector: Detector) -> None:
    saved(tmp_path / "ảnh phố.png")
    given = f"{tmp_path}/./ảnh phố.png"
    ((path, found),) = detect_images([given], [detector], threshold=0.5)
    assert path == given
    assert not isinstance(found, PictureError)
    line = to_json(path, found)
    assert json.loads(line)["image"] == given
    assert "ảnh phố" in line


def test_an_unreadable_picture_does_not_stop_the_others(tmp_path: Path, detector: Detector) -> None:
    good = saved(tmp_path / "good.png")
    broken = tmp_path / "broken.png"
    broken.write_bytes(good.read_bytes()[:60])
    results = detect_images([broken, good, tmp_path / "none.png", good], [detector], threshold=0.5)
    assert found_in(results) == ["error", "1 found", "error", "1 found"]


def test_an_object_is_given_under_every_label_that_it_may_have(tmp_path: Path, detector: Detector) -> None:
    violet = red_corner()
    violet[:32, :32, 0] = 200
    ((_, found),) = detect_images([saved(tmp_path / "a.png", violet)], [detector], threshold=0.5)
    assert not isinstance(found, PictureError)
    assert [item.label for item in found] == ["red", "blue"]


def test_pictures_are_read_when_their_turn_comes(tmp_path: Path, detector: Detector) -> None:
    results = detect_images([saved(tmp_path / "a.png"), tmp_path / "later.png"], [detector], threshold=0.5)
    next(results)
    saved(tmp_path / "later.png")
    assert found_in(results) == ["1 found"]


def test_size_and_threshold_are_handed_on(tmp_path: Path, detector: Detector) -> None:
    path = saved(tmp_path / "a.png")
    assert found_in(detect_images([path], [detector], size=640, threshold=0.5)) == ["4 found"]
    assert found_in(detect_images([path], [detector], threshold=1.0)) == ["1 found"]
    assert found_in(detect_images([saved(path, red_corner() // 2)], [detector], threshold=0.6)) == ["0 found"]


def test_low_scores_are_given_unless_asked_otherwise(tmp_path: Path, detector: Detector) -> None:
    faint = np.full((192, 320, 3), 100, dtype=np.uint8)
    faint[:32, :32, 2] = 105  # a score of 0.02
    assert found_in(detect_images([saved(tmp_path / "a.png", faint)], [detector])) == ["1 found"]


def test_several_detectors_share_one_ranking(tmp_path: Path, detector: Detector) -> None:
    path, sha256 = write(tmp_path)
    second = Detector(entry(sha256, labels=("plate", "face", "sign")), Session(path, sha256, provider="cpu"))
    image = red_corner() // 2
    image[-32:, -32:, 0] = 255
    ((_, found),) = detect_images([saved(tmp_path / "a.png", image)], [detector, second], threshold=0.3)
    assert not isinstance(found, PictureError)
    assert [item.label for item in found] == ["blue", "sign", "red", "plate"]
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)


def bitmap_that_claims(width: int, height: int) -> bytes:
    """Return a BMP file's head without pixels (BITMAPINFOHEADER)."""
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return struct.pack("<2sIHHI", b"BM", 54, 0, 0, 54) + info


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty; give a picture file"),
        (b"GIF89 or so", "cannot be read as a picture"),
        (encoded(".jpg", red_corner())[:600], "cannot be read as a picture"),
        (encoded(".png", red_corner())[:100], "cannot be read as a picture"),
        (encoded(".bmp", red_corner())[:1000], "cannot be read as a picture"),
        (bitmap_that_claims(100_000, 100_000), "cannot be read as a picture"),
    ],
)
def test_what_is_no_whole_picture_is_one_clear_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "bad.jpg"
    path.write_bytes(content)
    with pytest.raises(PictureError) as caught:
        read_picture(path)
    assert str(caught.value).startswith(f"{path}: {says}")
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, IocError)


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"none\.jpg: No such file or directory; give a picture file"):
        read_picture(tmp_path / "none.jpg")
    with pytest.raises(PictureError, match="Is a directory"):
        read_picture(tmp_path)


def test_a_broken_file_leaves_standard_error_to_us(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.bmp"
    path.write_bytes(encoded(".bmp", red_corner())[:1000])
    with pytest.raises(PictureError):
        read_picture(path)
    assert capfd.readouterr() == ("", "")


def test_grey_alpha_and_deep_pictures_become_three_channels_of_a_byte(tmp_path: Path) -> None:
    grey = np.full((40, 60), 77, dtype=np.uint8)
    clear = np.dstack((red_corner(), np.full((192, 320), 128, dtype=np.uint8)))
    deep = np.full((40, 60, 3), 200 * 257, dtype=np.uint16)
    images: tuple[npt.NDArray[np.uint8] | npt.NDArray[np.uint16], ...] = (grey, clear, deep)
    for number, image in enumerate(images):
        read = read_picture(saved(tmp_path / f"{number}.png", image))
        assert read.dtype == np.uint8
        assert read.shape == (*image.shape[:2], 3)
    assert read_picture(tmp_path / "0.png").min() == read_picture(tmp_path / "0.png").max() == 77
    assert np.array_equal(read_picture(tmp_path / "1.png"), red_corner())
    assert read_picture(tmp_path / "2.png").max() == 200


def test_a_picture_taken_on_its_side_is_turned_upright(tmp_path: Path) -> None:
    path = tmp_path / "side.jpg"
    path.write_bytes(with_orientation(encoded(".jpg", red_corner()), 6))  # 6: turn by 90° clockwise
    turned = read_picture(path)
    assert turned.shape == (320, 192, 3)
    assert turned[10, -10, 2] > 200
    assert turned[10, 10, 2] < 50


def test_a_line_holds_label_score_and_box_in_frame_fractions() -> None:
    detections = [Detection("car", 0.123456, Box(0.1234567, 0.0, 0.5, 1.0)), Detection("bag", 0.5, Box(0, 0, 1, 1))]
    line = to_json("a.jpg", detections)
    assert "\n" not in line
    assert json.loads(line) == {
        "image": "a.jpg",
        "detections": [
            {"label": "car", "score": 0.1235, "box": [0.12346, 0.0, 0.5, 1.0]},
            {"label": "bag", "score": 0.5, "box": [0, 0, 1, 1]},
        ],
    }
    assert json.loads(to_json("b.jpg", ())) == {"image": "b.jpg", "detections": []}
