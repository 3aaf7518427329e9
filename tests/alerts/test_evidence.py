"""What is kept shows the alert to be true; what cannot be kept never costs the alert."""

from __future__ import annotations

import hashlib
import logging
import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from alerts.best_views import BestViews
from alerts.evidence import EvidenceStore, annotated, small_jpeg
from alerts.wire import AlertMessage, decode
from ioc.types import Alert, Box, Evidence, Frame, Image, Json, Observation, Phase, Reading, Severity
from tests.alerts.drawn import CAMERA, SITE, after, alert, frame, picture

BOX = Box(0.25, 0.5, 0.5, 0.75)


def read(path: Path) -> npt.NDArray[np.int16]:
    """Return a still's pixels."""
    image = cv2.imread(str(path))
    assert image is not None
    return image.astype(np.int16)


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", {CAMERA: "Hùng Vương / Lê Lợi"})


def test_two_stills_are_kept_where_the_alert_says(store: EvidenceStore, tmp_path: Path) -> None:
    kept = store.keep(alert(box=BOX), frame(seq=7))
    stem = f"{CAMERA}/2026-03-01/{kept.id}-raised-7"
    assert [item.path for item in kept.evidence] == [f"{stem}.jpg", f"{stem}-annotated.jpg"]
    assert {(item.kind, item.seq, item.at) for item in kept.evidence} == {("frame", 7, after(60))}
    for item in kept.evidence:
        data = (tmp_path / "evidence" / str(item.path)).read_bytes()
        assert hashlib.sha256(data).hexdigest() == item.sha256
    files = [path.name for path in (tmp_path / "evidence").rglob("*") if path.is_file()]
    assert len(files) == 2, "nothing half written stays behind"


def test_the_first_still_is_the_picture_and_the_second_points_out(store: EvidenceStore, tmp_path: Path) -> None:
    shown = frame()
    kept = store.keep(alert(box=BOX, severity=Severity.CRITICAL), shown)
    original, pointed = (read(tmp_path / "evidence" / str(item.path)) for item in kept.evidence)
    assert np.abs(original - shown.image).max() <= 4, "JPEG may change a little, and nothing is drawn"
    changed = np.abs(pointed - original).max(axis=2) > 40
    height, width = changed.shape
    assert changed[round(0.625 * height), round(0.25 * width) - 2 : round(0.25 * width) + 3].any(), "left edge"
    assert changed[round(0.75 * height) - 2 : round(0.75 * height) + 3, round(0.4 * width)].any(), "lower edge"
    assert not changed[round(0.55 * height) : round(0.7 * height), round(0.3 * width) : round(0.45 * width)].any()
    assert changed[-20:, :200].any(), "camera and time"
    assert not changed[: round(0.3 * height), round(0.6 * width) :].any(), "the rest is left alone"


def test_the_picture_itself_is_not_drawn_on() -> None:
    image = picture()
    before = image.copy()
    annotated(image, alert(box=BOX), "camera")
    assert np.array_equal(image, before)


def ink(text: str) -> Image:
    """Return what a camera's name looks like on a still."""
    return annotated(picture(), alert(), text)[-20:]


def test_a_heat_map_reddens_where_people_are() -> None:
    image = picture(480, 640)
    heat: list[Json] = [[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 8.0], [0.0, 0.0, 0.0, 0.0]]
    drawn = annotated(image, replace(alert(), details={"heat": heat}), "camera").astype(int)
    change = (drawn - image)[:, :, 2] - (drawn - image)[:, :, 0]
    assert change[240, 600] > 60
    assert (drawn[100:380, 20:300] == image[100:380, 20:300]).all()


@pytest.mark.parametrize("heat", [None, 3, "warm", [], [[]], [[1.0], [1.0, 2.0]], [[0.0]], {"a": 1}, [["x"]]])
def test_what_is_no_heat_map_is_not_drawn(heat: Json) -> None:
    drawn = annotated(picture(), replace(alert(), details={"heat": heat}), "camera")
    assert np.array_equal(drawn, annotated(picture(), alert(), "camera"))


def test_vietnamese_letters_are_drawn_and_not_replaced() -> None:
    words = ["Hung Vuong", "Hùng Vương", "Hùng Vượng", "H?ng V??ng"]
    drawings = [ink(word).tobytes() for word in words]
    assert len(set(drawings)) == len(words)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 200), (200, 3), (48, 64), (1080, 1920)])
@pytest.mark.parametrize("box", [None, Box(0, 0, 1, 1), Box(0.9, 0.9, 1, 1), Box(0.5, 0, 0.5001, 0.0001)])
def test_pictures_of_any_size_are_annotated_within_their_edges(height: int, width: int, box: Box | None) -> None:
    drawn = annotated(picture(height, width), alert(box=box, rule="x" * 100), "Hùng Vương " * 10)
    assert drawn.shape == (height, width, 3)


def test_the_day_of_the_folder_is_that_of_utc(store: EvidenceStore) -> None:
    late = datetime(2026, 3, 2, 5, 0, tzinfo=timezone(timedelta(hours=7)))
    kept = store.keep(alert(), replace(frame(), at=late))
    assert str(kept.evidence[0].path).startswith(f"{CAMERA}/2026-03-01/")


def test_evidence_that_the_rule_asked_for_is_filled_in_and_the_rest_stays(store: EvidenceStore) -> None:
    asked = (Evidence("frame", 3, after(50)), Evidence("frame", 7, after(60), BOX))
    kept = store.keep(replace(alert(), evidence=asked), frame(seq=7))
    assert [(item.seq, item.path is not None) for item in kept.evidence] == [(3, False), (7, True), (7, True)]


def marked(seq: int, box: Box = BOX) -> Frame:
    """Return a frame in which the box is bright blue; each comes a second after the one before."""
    image = picture().copy()
    height, width = image.shape[:2]
    image[round(box.y1 * height) : round(box.y2 * height), round(box.x1 * width) : round(box.x2 * width)] = (250, 90, 0)
    return frame(seq, 53 + seq, image)


def read_in(shown: Frame, text: str = "98A12345") -> Observation:
    """Return what is seen in the frame: one plate."""
    plate = Reading("plate", {"text": text}, 0.9, BOX)
    return Observation(shown.camera, shown.run, shown.seq, shown.at, readings=(plate,))


def asking(*seqs: int, box: Box = BOX) -> Alert:
    """Return an alert that asks for close-ups in the pictures of these numbers."""
    return replace(alert(box=box), evidence=tuple(Evidence("crop", seq, after(53 + seq), box) for seq in seqs))


def test_a_close_up_shows_the_box_and_a_little_around_it(store: EvidenceStore, tmp_path: Path) -> None:
    kept = store.keep(asking(7), marked(7))
    crop = kept.evidence[0]
    assert (crop.kind, crop.seq, crop.box) == ("crop", 7, BOX)
    shown = read(tmp_path / "evidence" / str(crop.path))
    assert shown.shape == (108, 192, 3), "a tenth beside 160 × 90 pixels, and not enlarged"
    blue = np.abs(shown - (250, 90, 0)).max(axis=2) < 30
    assert blue[12:-12, 20:-20].all()
    assert not blue[:6].any()
    assert crop.sha256 == hashlib.sha256((tmp_path / "evidence" / str(crop.path)).read_bytes()).hexdigest()


def test_a_close_up_never_leaves_the_picture_and_has_a_pixel(store: EvidenceStore, tmp_path: Path) -> None:
    for number, box in enumerate((Box(0, 0, 1, 1), Box(0.9999, 0.9999, 1, 1), Box(0, 0.5, 0.0001, 0.5001))):
        kept = store.keep(replace(asking(7, box=box), subject=str(number)), marked(7))
        height, width, _ = read(tmp_path / "evidence" / str(kept.evidence[0].path)).shape
        assert 1 <= height <= 360
        assert 1 <= width <= 640


def test_a_plate_is_shown_as_it_was_seen_best_and_not_as_it_is_gone(store: EvidenceStore, tmp_path: Path) -> None:
    best, gone = marked(4), frame(seq=7)
    store.see(best, read_in(best))
    kept = store.keep(asking(4), gone)
    assert [(item.kind, item.seq, item.at) for item in kept.evidence] == [
        ("crop", 4, best.at),
        ("frame", 4, best.at),
        ("frame", 4, best.at),
    ]
    original = read(tmp_path / "evidence" / str(kept.evidence[1].path))
    assert np.abs(original - best.image)[190:260, 170:310].max() < 30


def test_several_close_ups_of_one_picture_are_several_files(store: EvidenceStore) -> None:
    told = asking(7, 7)
    kept = store.keep(told, marked(7))
    assert len({item.path for item in kept.evidence}) == 4


@pytest.mark.parametrize("text", ["", "98A12345"])
def test_only_pictures_with_a_legible_plate_are_remembered(store: EvidenceStore, text: str) -> None:
    store.see(marked(4), read_in(marked(4), text))
    kept = store.keep(asking(4), frame(seq=7))
    assert (kept.evidence[0].path is not None) == bool(text)
    assert {item.seq for item in kept.evidence[1:]} == {4 if text else 7}, "the frame at hand when the best is not"
    assert kept.evidence[-1].box == (BOX if text else None), "and no box where nothing is"


def test_what_is_remembered_is_bounded_in_time_and_bytes(store: EvidenceStore) -> None:
    for seq in (1, 2, 140):
        store.see(marked(seq), read_in(marked(seq)))
    kept = store.keep(asking(1, 2, 140), frame(seq=141))
    assert [item.path is not None for item in kept.evidence[:3]] == [False, False, True]
    jpeg = small_jpeg(picture(), (640, 360), 90)
    few = BestViews(lambda image: jpeg, most_bytes=5 * len(jpeg) // 2)
    for seq in range(4):
        few.see(marked(seq), read_in(marked(seq)))
    assert [few.find(CAMERA, seq, marked(seq).at) is not None for seq in range(4)] == [False, False, True, True]


def test_a_picture_that_cannot_be_remembered_costs_nothing(store: EvidenceStore) -> None:
    nothing = replace(marked(4), image=np.zeros((0, 0, 3), np.uint8))
    store.see(nothing, read_in(nothing))
    assert store.problem == "the picture cannot be encoded"
    assert store.keep(asking(4), frame(seq=7)).evidence[0].path is None


def test_what_is_kept_fits_the_wire(store: EvidenceStore) -> None:
    kept = store.keep(alert(box=BOX), frame())
    message = AlertMessage.of(kept, SITE)
    assert decode(message.topic, message.payload()) == message
    assert kept.id == alert().id


@pytest.mark.parametrize("phase", Phase)
def test_updates_keep_no_still_unless_asked(store: EvidenceStore, tmp_path: Path, phase: Phase) -> None:
    assert bool(store.keep(alert(phase), frame()).evidence) == (phase is not Phase.UPDATED)
    every = EvidenceStore(tmp_path / "every", phases=frozenset(Phase))
    assert every.keep(alert(phase), frame()).evidence


def test_an_alert_without_a_picture_is_left_as_it_is(store: EvidenceStore) -> None:
    assert store.keep(alert(), None) == alert()


def missing(store: EvidenceStore, told: Alert | None = None, shown: Image | None = None) -> object:
    """Return why the store kept nothing."""
    kept = store.keep(told or alert(), frame(image=shown))
    assert kept.evidence == ()
    assert kept.details["seconds"] == 60, "the rule's details stay"
    assert kept.id == (told or alert()).id
    return kept.details["evidence_missing"]


def test_a_full_disk_costs_the_picture_and_not_the_alert(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = EvidenceStore(tmp_path, reserve=1 << 60)
    assert missing(store) == "disk full"
    assert missing(store) == "disk full"
    assert store.problem == "disk full"
    assert [record.levelno for record in caplog.records] == [logging.WARNING], "said once"


def test_a_folder_that_cannot_be_written_is_named_once_and_its_return_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    in_the_way = tmp_path / "evidence"
    in_the_way.write_text("a file where the folder belongs")
    store = EvidenceStore(in_the_way)
    assert missing(store) == "not a directory"
    in_the_way.unlink()
    assert store.keep(alert(), frame()).evidence
    assert store.problem == ""
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.INFO]


@pytest.mark.parametrize("name", ["../elsewhere", "", ".hidden", "a/b", "x" * 65])
def test_a_camera_cannot_lead_out_of_the_folder(store: EvidenceStore, tmp_path: Path, name: str) -> None:
    assert missing(store, replace(alert(), camera=name)) == "the camera's id cannot name a folder"
    assert list(tmp_path.iterdir()) == []


def test_a_picture_of_nothing_costs_no_alert(store: EvidenceStore) -> None:
    assert missing(store, shown=np.zeros((0, 0, 3), np.uint8)) == "the picture cannot be encoded"


def test_cameras_keep_their_stills_side_by_side(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    kept: list[Alert] = []

    def keep(camera: str) -> None:
        for number in range(5):
            told = alert(camera=camera, subject=str(number))
            kept.append(store.keep(told, replace(frame(seq=number), camera=camera)))

    threads = [threading.Thread(target=keep, args=(f"c{n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    paths = {str(item.path) for told in kept for item in told.evidence}
    assert len(paths) == 30
    assert all((tmp_path / path).is_file() for path in paths)
