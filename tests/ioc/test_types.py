from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.types import Alert, Box, Phase, Severity, require_utc
from tests.ioc.drawn import START, after

ALERT = Alert("kerb", "illegal_parking", "c1", "place:1", Phase.RAISED, Severity.MEDIUM, START, after(60))


@pytest.mark.parametrize(
    "corners",
    [(0.5, 0, 0.5, 1), (0.6, 0, 0.5, 1), (0, 0.5, 1, 0.5), (-0.1, 0, 1, 1), (0, 0, 1.1, 1), (0, float("nan"), 1, 1)],
)
def test_a_box_refuses_corners_out_of_order_or_out_of_the_frame(corners: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="box corners"):
        Box(*corners)


def test_a_box_says_where_it_stands() -> None:
    box = Box(0.2, 0.4, 0.4, 0.8)
    assert [box.foot.x, box.foot.y, box.centre.x, box.centre.y] == pytest.approx([0.3, 0.8, 0.3, 0.6])
    assert [box.width, box.height, box.area] == pytest.approx([0.2, 0.4, 0.08])
    assert box.as_tuple() == (0.2, 0.4, 0.4, 0.8)


any_float = st.floats(allow_nan=True, allow_infinity=True)


@given(any_float, any_float, any_float, any_float)
def test_clipping_gives_a_box_within_the_frame_or_none(x1: float, y1: float, x2: float, y2: float) -> None:
    box = Box.clipped(x1, y1, x2, y2)
    if box is not None:
        assert max(x1, 0) <= box.x1 < box.x2 <= min(x2, 1)
        assert max(y1, 0) <= box.y1 < box.y2 <= min(y2, 1)


def test_clipping_keeps_what_is_inside() -> None:
    assert Box.clipped(-0.5, 0.25, 0.5, 1.5) == Box(0, 0.25, 0.5, 1)
    assert Box.clipped(1.1, 0, 1.2, 1) is None


def test_words_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        ALERT.camera = "c2"  # type: ignore[misc]


def test_an_alert_keeps_its_id_through_its_phases_and_nothing_else_changes_it() -> None:
    assert isinstance(ALERT.id, UUID)
    assert ALERT.id.version == 5
    later = replace(ALERT, phase=Phase.CLEARED, at=after(90), severity=Severity.HIGH, details={"plate": "98A12345"})
    assert later.id == ALERT.id


@pytest.mark.parametrize("change", [{"camera": "c2"}, {"rule": "other"}, {"subject": "place:2"}, {"began": after(1)}])
def test_another_incident_has_another_id(change: dict[str, object]) -> None:
    assert replace(ALERT, **change).id != ALERT.id  # type: ignore[arg-type]


def test_the_id_is_the_same_on_every_machine() -> None:
    assert str(ALERT.id) == "063ea7ab-1046-532e-8ea9-3998869aa9af"


def test_only_utc_is_taken_for_a_time() -> None:
    assert require_utc(START) is START
    for wrong in (datetime(2026, 1, 1), START.astimezone(timezone(timedelta(hours=7)))):  # noqa: DTZ001
        with pytest.raises(ValueError, match="aware UTC"):
            require_utc(wrong)
