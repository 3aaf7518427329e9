"""Pictures that a rule may yet name: kept as long as it may, and shown with the alert that names them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from alerts.best_views import BestViews
from alerts.evidence import EvidenceStore
from ioc.types import Alert, Box, Evidence, Frame, Image
from tests.alerts.drawn import after, alert, frame, picture

BOX = Box(0.25, 0.5, 0.5, 0.75)


def shade(seq: int) -> Frame:
    """Return a frame of one grey level, its number."""
    return frame(seq, seq, np.full_like(picture(), seq))


def cited(*seqs: int) -> frozenset[Evidence]:
    return frozenset(Evidence("frame", seq, after(seq), BOX) for seq in seqs)


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path)


def told(store: EvidenceStore, *seqs: int) -> Alert:
    """Return an alert as it is kept that names these pictures; the last is at hand."""
    named = tuple(Evidence("frame", seq, after(seq), BOX) for seq in seqs)
    return store.keep(replace(alert(at=seqs[-1], box=BOX), evidence=named), shade(seqs[-1]))


def test_where_it_began_is_shown_as_it_was_and_with_its_box(store: EvidenceStore, tmp_path: Path) -> None:
    store.cite(shade(40), cited(40))
    for seq in range(41, 90):
        store.cite(shade(seq), cited(40))
    kept = told(store, 40, 90)
    assert [(item.seq, item.path is not None) for item in kept.evidence] == [(40, True)] * 2 + [(90, True)] * 2
    began, pointed, *_ = (cv2.imread(str(tmp_path / str(item.path))) for item in kept.evidence)
    assert began is not None
    assert pointed is not None
    assert np.abs(began.astype(int) - 40).max() <= 2
    assert np.abs(pointed.astype(int) - 40).max() > 50
    assert len({item.sha256 for item in kept.evidence}) == 4


def test_what_no_rule_may_name_any_more_is_let_go(store: EvidenceStore) -> None:
    store.cite(shade(40), cited(40))
    store.cite(shade(41), cited())
    kept = told(store, 40, 90)
    assert [(item.seq, item.path is not None) for item in kept.evidence] == [(40, False), (90, True), (90, True)]


def test_cameras_are_apart() -> None:
    views = BestViews(as_jpeg)
    views.cite(shade(40), cited(40))
    views.cite(replace(shade(41), camera="other"), cited())
    assert views.find(shade(40).camera, 40, after(40)) is not None
    assert views.find("other", 40, after(40)) is None


def test_many_are_bounded_and_the_first_are_let_go() -> None:
    views = BestViews(as_jpeg, most_bytes=5 * len(as_jpeg(shade(1).image)))
    for seq in range(1, 11):
        views.cite(shade(seq), cited(*range(1, seq + 1)))
    found = [seq for seq in range(1, 11) if views.find(shade(1).camera, seq, after(seq)) is not None]
    assert found == [6, 7, 8, 9, 10]


def as_jpeg(image: Image) -> bytes:
    return cv2.imencode(".jpg", image)[1].tobytes()


def test_a_picture_that_cannot_be_kept_costs_nothing(store: EvidenceStore) -> None:
    store.cite(frame(seq=1, image=picture(0, 0)), frozenset({Evidence("frame", 1, frame().at)}))
    assert store.problem == "the picture cannot be encoded"
