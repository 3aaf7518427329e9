"""Plates: one hit for each pass, whatever happens to identities, and none for what is no plate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

import pytest
from pydantic import ValidationError

from detectors.plate import NEEDS, Config, Detector
from ioc.geometry import iou
from ioc.ports import RuleSetup
from ioc.types import Alert, Box, Observation, Phase, Severity
from tests.detectors.gate import Plated, Says, always, passing, plate_on, plate_reading
from tests.detectors.street import (
    CAMERA,
    Look,
    Thing,
    box_on,
    driving,
    fold,
    renamed,
    seconds,
    standing,
    stopping,
    zone,
)

EVERYWHERE = RuleSetup("plates", CAMERA)
OWN = "98A12345"


def rule(settings: dict[str, object], setup: RuleSetup = EVERYWHERE) -> Detector:
    return Detector(setup, Config.model_validate(settings))


def hits(seen: Sequence[Observation], **settings: object) -> list[Alert]:
    return fold(rule(settings), seen)


def texts(found: Sequence[Alert]) -> list[str]:
    return [hit.subject.removeprefix("plate:") for hit in found]


def car(says: str | Says = OWN, y: float = 0.6, begin: float = 1.0, speed: float = 0.3, **more: object) -> Plated:
    read = always(says) if isinstance(says, str) else says
    return Plated(Thing(driving(y, begin, speed)), read, **more)  # type: ignore[arg-type]


def test_it_asks_for_plates_and_vehicles() -> None:
    assert NEEDS.readings == {"plate"}
    assert "motorcycle" in NEEDS.labels


def test_a_car_that_passes_is_one_hit_with_all_that_is_known_of_it() -> None:
    (hit,) = hits(passing([car(colour="yellow")], Look(8)))
    assert (hit.kind, hit.subject, hit.phase) == ("plate", "plate:98A12345", Phase.RAISED)
    assert hit.severity is Severity.INFORMATIONAL
    assert seconds(hit.began) == pytest.approx(1.2, abs=0.4)
    assert seconds(hit.at) - seconds(hit.began) == pytest.approx(1.1, abs=0.15)
    told = dict(hit.details)
    assert told.pop("reads") == 7
    assert told.pop("scores") == [0.95] * 8
    assert told.pop("score") == pytest.approx(0.663, abs=0.001)
    assert told.pop("first_seen") == hit.began.isoformat()
    assert told.pop("last_seen") == hit.at.isoformat()
    assert told == {
        "text": OWN,
        "raw": OWN,
        "alternatives": [],
        "upper_len": 8,
        "lines": 1,
        "kind": "car",
        "province": "98",
        "colour": "yellow",
        "valid": True,
        "vehicle": "car",
        "direction": None,
        "height_px": 20.0,
        "legible": True,
    }


def test_it_shows_the_clearest_view_close_up_and_as_a_whole() -> None:
    seen = passing([car()], Look(8))
    (hit,) = hits(seen)
    crop, frame = hit.evidence
    assert (crop.kind, frame.kind) == ("crop", "frame")
    assert (crop.seq, crop.at) == (frame.seq, frame.at)
    (shown,) = [obs for obs in seen if obs.seq == crop.seq]
    assert crop.box == hit.box == shown.readings[0].box
    assert frame.box == shown.tracks[0].box


@pytest.mark.parametrize("rate", [3, 5, 10, 25])
@pytest.mark.parametrize("seed", [1, 2])
def test_each_vehicle_is_one_hit_at_any_rate_with_pictures_missed(rate: float, seed: int) -> None:
    cast = [
        car(f"98A{12345 + 1111 * n}", begin=1.0 + 2.5 * n, speed=0.25 + 0.05 * (n % 3), y=0.5 + 0.2 * (n % 2))
        for n in range(8)
    ]
    found = hits(passing(cast, Look(32, rate=rate, misses=0.15, seed=seed)))
    assert sorted(texts(found)) == sorted(own.says(0) or "" for own in cast)


def misreading(right: str, wrong: Sequence[str], every: int) -> Says:
    """Read one of the wrong texts in each `every` pictures of five a second."""

    def says(t: float) -> str:
        seq = round(5 * t)
        return wrong[seq // every % len(wrong)] if seq % every == 0 else right

    return says


def test_misreads_in_between_are_outvoted_and_stand_among_the_alternatives() -> None:
    (hit,) = hits(passing([car(misreading(OWN, ["98A12346", "88A12345", "98A1234"], 2))], Look(8)))
    assert hit.details["text"] == OWN
    alternatives = hit.details["alternatives"]
    assert isinstance(alternatives, list)
    assert {"98A12346", "88A12345"} <= {str(other[0]) for other in alternatives if isinstance(other, list)}


def test_two_vehicles_side_by_side_whose_plates_differ_in_one_character_are_two() -> None:
    pair = [car("98B12345", y=0.4), car("98B12346", y=0.8)]
    assert sorted(texts(hits(passing(pair, Look(8))))) == ["98B12345", "98B12346"]


def test_a_motorcycle_before_a_car_bears_its_own_plate() -> None:
    truck = Plated(Thing(driving(0.8, 1, width=0.4, height=0.4), "truck"), always("98C11111"))
    small = Plated(Thing(lambda t: box_on(0.3 * (t - 1) + 0.08, 0.75, 0.06, 0.2), "motorcycle"), always("98B122222"), 4)
    found = hits(passing([truck, small], Look(9)))
    assert {hit.details["text"]: hit.details["vehicle"] for hit in found} == {
        "98C11111": "truck",
        "98B122222": "motorcycle",
    }


def test_a_vehicle_that_is_followed_under_another_identity_is_one_pass() -> None:
    seen = passing([car(misreading(OWN, ["98A12346"], 3))], Look(8))
    for cut in (10, 12, 15, 18):
        split = [*seen[:cut], *renamed(seen[cut:], lambda name: f"{name}-again")]
        assert texts(hits(split)) == [OWN]


def test_two_vehicles_whose_identities_are_mixed_up_are_two() -> None:
    seen = passing([car("98A12345", begin=1), car("29C55555", begin=5)], Look(12))
    one = renamed(seen, lambda name: "the-same")
    assert texts(hits(one)) == ["98A12345", "29C55555"]


def test_one_sure_misread_among_many_reads_is_no_second_vehicle() -> None:
    seen = passing([car(lambda t: "29C55555" if round(5 * t) == 12 else OWN)], Look(8))
    assert texts(hits(seen)) == [OWN]


@pytest.mark.parametrize("seen_from_the_start", [True, False])
def test_a_vehicle_that_parks_is_told_of_soon_and_once(seen_from_the_start: bool) -> None:
    way = standing(0.5, 0.6) if seen_from_the_start else stopping(0.5, 0.6, 5, 900)
    seen = passing([Plated(Thing(way), misreading(OWN, ["98A12346"], 4))], Look(300, rate=2))
    parts = [renamed(seen[n : n + 50], f"{{}}-{n}".format) for n in range(0, len(seen), 50)]
    (hit,) = hits([obs for part in parts for obs in part])
    assert hit.details["text"] == OWN
    assert seconds(hit.at) - seconds(hit.began) <= 6.5


@pytest.mark.parametrize("begin", [-1, 5])
def test_a_parked_vehicle_that_cannot_be_seen_for_minutes_is_not_told_of_again(begin: float) -> None:
    seen = passing([Plated(Thing(stopping(0.5, 0.6, begin, 900)), always(OWN))], Look(400, rate=2))
    hidden = [obs for obs in seen if not 20 <= seconds(obs.at) <= 260]
    assert texts(hits(hidden)) == [OWN]


def test_a_vehicle_that_was_told_of_before_it_parked_is_not_told_of_again() -> None:
    """Its plate is not read any more when it comes to rest: it is known well enough."""
    once = Plated(Thing(stopping(0.5, 0.6, 5, 900)), lambda t: OWN if t < 3.5 or t > 100 else None)
    seen = passing([once], Look(110, rate=5))
    hidden = [obs for obs in seen if not 20 <= seconds(obs.at) <= 90]
    assert texts(hits(hidden)) == [OWN]


def test_the_same_vehicle_comes_again() -> None:
    lap = [car(begin=1), car(begin=30)]
    assert texts(hits(passing(lap, Look(40)))) == [OWN, OWN]
    assert texts(hits(passing(lap, Look(40)), again="PT40S")) == [OWN]


SIGN = plate_reading("98A99999", Box(0.45, 0.55, 0.48, 0.56), label=None)
CAPTION = plate_reading("CAM03", Box(0.02, 0.02, 0.10, 0.04), label=None)


def traffic(count: int) -> list[Thing]:
    return [Thing(driving(0.6, 2.0 + 3 * n)) for n in range(count)]


def test_a_sign_and_a_caption_are_no_hits_even_where_vehicles_pass_before_them() -> None:
    assert hits(passing([SIGN, CAPTION], Look(30))) == []
    assert hits(passing([SIGN, CAPTION, *traffic(8)], Look(30))) == []
    queue = [Thing(stopping(0.47, 0.6, 5, 12)), Thing(stopping(0.47, 0.6, 15, 22))]
    assert hits(passing([SIGN, CAPTION, *queue], Look(40))) == []


def test_a_sign_that_is_found_only_on_passing_vehicles_is_no_hit() -> None:
    """As perception does that looks for plates on vehicles alone."""
    vehicles = [Thing(driving(0.6, 2.0 + 25 * n)) for n in range(4)]
    seen = [
        obs if any(track.box.x1 < 0.44 and track.box.x2 > 0.49 for track in obs.tracks) else _blind(obs)
        for obs in passing([SIGN, *vehicles], Look(100, rate=10))
    ]
    assert any(obs.readings for obs in seen)
    assert hits(seen) == []


def _blind(obs: Observation) -> Observation:
    return Observation(obs.camera, obs.run, obs.seq, obs.at, obs.tracks)


def test_vehicles_are_told_of_beside_signs() -> None:
    plated = [Plated(thing, always(f"29C5555{n}")) for n, thing in enumerate(traffic(3))]
    assert texts(hits(passing([SIGN, CAPTION, *plated], Look(20)))) == ["29C55550", "29C55551", "29C55552"]


def test_plates_alone_are_followed_by_their_own_boxes() -> None:
    seen = passing([car(seen=False), car("29C55555", begin=6, seen=False)], Look(14))
    assert not any(obs.tracks for obs in seen)
    found = hits(seen)
    assert texts(found) == [OWN, "29C55555"]
    assert [hit.details["vehicle"] for hit in found] == [None, None]


def test_what_cannot_be_read_is_no_hit() -> None:
    assert hits(passing([car("")], Look(8))) == []
    mostly = car(lambda t: OWN if round(5 * t) in {12, 13, 14} else "")
    assert texts(hits(passing([mostly], Look(8)))) == [OWN]


def test_a_read_that_is_hardly_sure_is_no_hit() -> None:
    assert hits(passing([car(sure=0.8)], Look(8))) == []
    assert texts(hits(passing([car(sure=0.8)], Look(8)), least=0.1)) == [OWN]


def test_a_foreign_plate_is_told_of_when_the_reads_agree() -> None:
    (hit,) = hits(passing([car("AB123CD")], Look(8)))
    assert (hit.details["valid"], hit.details["kind"]) == (False, "unknown")
    differing = misreading("AB123CD", ["XK1Z3CD", "9B1777D", "AHH23CD"], 2)
    assert hits(passing([car(differing)], Look(8))) == []
    assert hits(passing([car(lambda t: "AB123CD" if round(5 * t) == 12 else None)], Look(8))) == []


@pytest.mark.parametrize(("text", "characters"), [("98A", 3), ("98A1234598A12", 13)])
def test_texts_that_no_plate_is_long_enough_for_are_no_hits(text: str, characters: int) -> None:
    watching = rule({})
    fold(watching, passing([car(text)], Look(4)))
    (watched,) = watching.watched()
    assert watched.why == f"{characters} characters are on no plate"
    assert hits(passing([car(text)], Look(8))) == []


def test_two_lines_tell_what_kind_of_plate_it_is() -> None:
    (car_hit,) = hits(passing([car(upper_len=3)], Look(8)))
    (old,) = hits(passing([car(upper_len=4)], Look(8)))
    assert (car_hit.details["lines"], car_hit.details["kind"]) == (2, "car")
    assert (old.details["lines"], old.details["kind"]) == (2, "moto_letterdigit")


LINE = [[0.5, 0.9], [0.5, 0.1]]


def test_who_crosses_a_line_goes_in_or_out() -> None:
    right = car()
    left = Plated(Thing(lambda t: box_on(1.0 - 0.3 * (t - 1), 0.4)), always("29C55555"))
    short = Plated(Thing(stopping(0.3, 0.8, 3, 60)), always("30A77777"))
    found = hits(passing([right, left, short], Look(14)), line=LINE)
    assert {hit.details["text"]: hit.details["direction"] for hit in found} == {
        OWN: "in",
        "29C55555": "out",
        "30A77777": None,
    }
    turned = hits(passing([right], Look(14)), line=LINE[::-1])
    assert [hit.details["direction"] for hit in turned] == ["out"]
    beside = hits(passing([right], Look(14)), line=[[0.5, 0.1], [0.5, 0.3]])
    assert [hit.details["direction"] for hit in beside] == [None]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ([[0.5, 0.5], [0.5, 0.5]], "two points that differ"),
        ([[0.5, 0.5], [1.5, 0.5]], "less than or equal to 1"),
        ([[0.5, 0.5]], "Field required"),
    ],
)
def test_a_line_that_is_none_is_refused(line: object, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        rule({"line": line})


def test_a_vehicle_may_be_waited_for_longer_than_it_is_remembered() -> None:
    (hit,) = hits(passing([car()], Look(30)), wait="PT60S", gone="PT15S", again="PT5S", line=[[0.0, 0.9], [0.1, 0.9]])
    assert seconds(hit.at) > 15


def test_a_plate_alone_crosses_the_line_too() -> None:
    (hit,) = hits(passing([car(seen=False)], Look(10)), line=LINE)
    assert hit.details["direction"] == "in"


def test_only_plates_in_the_zone_are_told_of() -> None:
    lower = zone((0.0, 0.7), (1.0, 0.7), (1.0, 1.0), (0.0, 1.0))
    pair = [car("98B12345", y=0.4), car("29C99999", y=0.9)]
    assert texts(fold(rule({}, lower), passing(pair, Look(8)))) == ["29C99999"]


def test_a_new_run_begins_anew_but_tells_nobody_twice() -> None:
    parked = [Plated(Thing(standing(0.5, 0.6)), always(OWN))]
    first, second = passing(parked, Look(20)), passing(parked, Look(20, begin=25, run="later"))
    assert texts(hits([*first, *second])) == [OWN]
    (hit,) = hits([*first[:5], *second])
    assert seconds(hit.began) >= 25


def test_a_hit_waits_for_a_better_view_but_not_for_ever() -> None:
    def near(t: float) -> Box | None:
        return box_on(0.5, 0.3 + 0.04 * t, 0.05 + 0.01 * t, 0.05 + 0.01 * t) if t < 12 else None

    slow = [
        Observation(
            obs.camera,
            obs.run,
            obs.seq,
            obs.at,
            obs.tracks,
            tuple(plate_reading(OWN, plate_on(track.box), height=10 + obs.seq / 5) for track in obs.tracks),
        )
        for obs in passing([Thing(near)], Look(15))
    ]
    (hit,) = hits(slow)
    assert seconds(hit.at) - seconds(hit.began) == pytest.approx(5, abs=0.3)
    (patient,) = hits(slow, wait="PT60S", gone="PT2S")
    assert seconds(patient.at) == pytest.approx(12.8, abs=0.3)
    assert patient.details["height_px"] == pytest.approx(21.8)


def test_times_of_a_pass_are_those_of_the_data() -> None:
    found = hits(passing([car(begin=1 + 5 * n, says=f"98A{11111 + 1234 * n}") for n in range(5)], Look(30)))
    assert all(b.at - a.at == pytest.approx(timedelta(seconds=5), abs=timedelta(seconds=1)) for a, b in pairwise(found))
    assert all(iou(hit.box, hit.evidence[0].box) == 1 for hit in found if hit.box and hit.evidence[0].box)
