"""Every message counts once, whatever order and however often it comes."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from alerts.wire import AlertMessage, CameraState, CameraStatus
from dashboard.intake import FIRST_PICTURES_KEPT, PICTURES_KEPT
from dashboard.records import ALL_CAMERAS, AlertFilter, OperatorState
from dashboard.settings import DashboardSettings
from dashboard.store import Store, open_store
from ioc.types import Evidence, Phase, Severity
from tests.dashboard import sample
from tests.dashboard.sample import START, minutes

ANY = AlertFilter()


def _still(second: int, path: str | None = "a.jpg") -> Evidence:
    return Evidence("frame", second, START + timedelta(seconds=second), None, path, "a" * 64 if path else None)


def _life(number: int = 0, camera: str = "bg-017") -> list[AlertMessage]:
    """Return an incident's messages in the order they happened."""
    phases = [(Phase.RAISED, 1, (_still(0), _still(1))), (Phase.UPDATED, 30, ()), (Phase.UPDATED, 60, (_still(60),))]
    phases += [(Phase.CLEARED, 60, (_still(61),))]
    return [
        sample.alert(number, camera=camera, phase=phase, after=timedelta(seconds=second), evidence=evidence)
        for phase, second, evidence in phases
    ]


def test_the_latest_message_says_where_an_incident_stands(store: Store) -> None:
    raised, _, updated, cleared = _life()

    assert store.take([raised], START).changes == 1
    assert store.take([updated], START).changes == 1
    assert store.take([cleared], START + minutes(9)).changes == 1

    (held,), _ = store.alerts(ANY, ALL_CAMERAS, 10)
    assert (held.id, held.phase, held.at, held.began) == (raised.id, Phase.CLEARED, cleared.at, START)
    assert held.received == START, "it was heard of first then"
    assert [step.what for step in store.history(held.id)] == ["raised", "updated", "cleared"]


def test_older_and_repeated_messages_change_nothing(store: Store) -> None:
    raised, updated, _, cleared = _life()
    store.take([raised, updated, cleared], START)
    before = store.alert(raised.id, ALL_CAMERAS)
    change = store.last_change()

    taken = store.take([updated, raised, cleared, cleared], START + minutes(5))

    assert taken.changes == 0
    assert store.alert(raised.id, ALL_CAMERAS) == before
    assert store.last_change() == change, "no page is told of what is no news"
    assert len(store.history(raised.id)) == 3


def test_at_the_same_time_the_later_phase_stands(store: Store) -> None:
    _, _, updated, cleared = _life()
    assert updated.at == cleared.at
    store.take([cleared], START)
    store.take([updated], START)
    held = store.alert(cleared.id, ALL_CAMERAS)
    assert held is not None
    assert held.phase is Phase.CLEARED


@hypothesis_settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(_life(0) + _life(1, "bg-018") + _life(0)), cuts=st.lists(st.integers(1, 11), max_size=4))
def test_any_order_repetition_and_batching_come_to_the_same(
    store: Store, tmp_path_factory: pytest.TempPathFactory, order: list[AlertMessage], cuts: list[int]
) -> None:
    store.take(_life(0) + _life(1, "bg-018"), START)
    expected, _ = store.alerts(ANY, ALL_CAMERAS, 10)
    folder = tmp_path_factory.mktemp("order")
    shuffled = open_store(DashboardSettings(data=folder, evidence=folder, sites=("s",)))
    for start, end in pairwise([0, *sorted(set(cuts)), len(order)]):
        shuffled.take(order[start:end], START)

    found, _ = shuffled.alerts(ANY, ALL_CAMERAS, 10)
    assert found == expected
    assert len(found) == 2
    assert [shuffled.history(one.id) for one in found] == [store.history(one.id) for one in found]
    shuffled.release()


def test_pictures_of_all_phases_are_kept_by_time(store: Store) -> None:
    raised, updated, again, cleared = _life()
    store.take([again], START)
    store.take([cleared, updated], START)
    store.take([raised], START)
    held = store.alert(raised.id, ALL_CAMERAS)
    assert held is not None
    assert [item["seq"] for item in held.evidence] == [0, 1, 60, 61]


def test_a_picture_gets_its_file_when_a_later_message_names_it(store: Store) -> None:
    cut_late = sample.alert(evidence=(_still(0, None),))
    kept = sample.alert(phase=Phase.UPDATED, after=minutes(1), evidence=(_still(0),))
    for order in ([cut_late, kept], [kept, cut_late]):
        store.take(order, START)
        held = store.alert(kept.id, ALL_CAMERAS)
        assert held is not None
        assert [item["path"] for item in held.evidence] == ["a.jpg"]


def test_the_untouched_still_is_kept_beside_the_annotated_one(store: Store) -> None:
    named = sample.alert(evidence=(_still(0), _still(9, None)))
    files = (_still(9, "c/x-raised-9.jpg"), _still(9, "c/x-raised-9-annotated.jpg"))
    kept = sample.alert(phase=Phase.UPDATED, after=minutes(1), evidence=files)
    for order in ([named, kept], [kept, named]):
        store.take(order, START)
        held = store.alert(kept.id, ALL_CAMERAS)
        assert held is not None
        assert [item["path"] for item in held.evidence] == ["a.jpg", *(item.path for item in files)]


def test_of_many_pictures_the_first_and_the_latest_are_kept(store: Store) -> None:
    first = sample.alert(evidence=tuple(map(_still, range(20))))
    later = sample.alert(phase=Phase.UPDATED, after=minutes(5), evidence=tuple(map(_still, range(20, 40))))
    for order in ([first, later], [later, first]):
        store.take(order, START)
    held = store.alert(first.id, ALL_CAMERAS)
    assert held is not None
    seen = [item["seq"] for item in held.evidence]
    assert seen == [*range(FIRST_PICTURES_KEPT), *range(40 - PICTURES_KEPT + FIRST_PICTURES_KEPT, 40)]


def test_what_people_did_outlives_later_messages(store: Store) -> None:
    raised, updated, _, cleared = _life()
    store.take([raised], START)
    store.acknowledge(raised.id, ALL_CAMERAS, "lan", "on my way", START + minutes(1))
    store.take([updated], START)
    store.close(raised.id, ALL_CAMERAS, "minh", None, START + minutes(2))
    store.take([cleared], START)
    held = store.alert(raised.id, ALL_CAMERAS)
    assert held is not None
    assert held.phase is Phase.CLEARED
    assert held.state is OperatorState.CLOSED
    assert held.acknowledged is not None
    assert (held.acknowledged.who, held.acknowledged.note) == ("lan", "on my way")


def test_another_sites_message_cannot_take_over_an_incident(store: Store) -> None:
    ours, theirs = sample.alert(), sample.alert(site="elsewhere", after=minutes(3), severity=Severity.LOW)
    assert ours.id == theirs.id
    store.take([ours], START)
    taken = store.take([theirs, sample.alert(1)], START)
    assert len(taken.refused) == 1
    assert str(ours.id) in taken.refused[0]
    assert taken.changes == 1, "the message beside it is kept"
    held = store.alert(ours.id, ALL_CAMERAS)
    assert held is not None
    assert (held.site, held.severity) == (sample.SITE, Severity.MEDIUM)


def test_a_place_that_no_browser_could_read_is_refused(store: Store) -> None:
    status = sample.camera().model_copy(update={"location": (float("nan"), 1.0)})
    taken = store.take([status, sample.camera("bg-018")], START)
    assert len(taken.refused) == 1
    assert [one.camera for one in store.cameras(ALL_CAMERAS)] == ["bg-018"]


@pytest.mark.parametrize(
    "unfit",
    [
        sample.alert().model_copy(update={"details": {"depth": float("inf")}}),
        sample.alert().model_copy(update={"rule": "a\0b"}),
        sample.alert().model_copy(update={"details": {"a\0": 1}}),
    ],
)
def test_an_alert_that_the_database_could_not_hold_is_refused_and_blocks_nothing(
    store: Store, unfit: AlertMessage
) -> None:
    taken = store.take([unfit, sample.alert(1)], START)
    assert (taken.changes, len(taken.refused)) == (1, 1)


def test_a_cameras_last_word_stands(store: Store) -> None:
    online, lost = sample.camera(), sample.camera(state=CameraState.LOST, since=START + minutes(1), reason="no answer")
    assert store.take([online, lost], START).changes == 2
    assert store.take([lost], START).changes == 0
    (held,) = store.cameras(ALL_CAMERAS)
    assert (held.state, held.since, held.reason) == ("lost", START + minutes(1), "no answer")
    assert (held.name, held.location, held.simulated) == ("Camera bg-017", (21.27, 106.19), False)


def test_a_clock_set_back_does_not_hide_a_lost_camera(store: Store) -> None:
    lost: CameraStatus = sample.camera(state=CameraState.LOST, since=START - minutes(60))
    store.take([sample.camera()], START)
    store.take([lost], START)
    assert store.cameras(ALL_CAMERAS)[0].state == "lost"


def test_an_engine_is_offline_since_we_heard_so(store: Store) -> None:
    store.take([sample.engine("online")], START)
    store.take([sample.engine("offline")], START + minutes(4))
    assert store.take([sample.engine("offline")], START + minutes(6)).changes == 0
    (held,) = store.engines().values()
    assert (held.state, held.since) == ("offline", START + minutes(4))


def test_a_long_outage_is_caught_up_with(store: Store) -> None:
    messages = [message for number in range(600) for message in _life(number)]
    for start in range(0, len(messages), 200):
        store.take(messages[start : start + 200], START)
    found, change = store.alerts(ANY, ALL_CAMERAS, 1000)
    assert len(found) == 600
    assert {one.phase for one in found} == {Phase.CLEARED}
    assert [one.began for one in found] == sorted((one.began for one in found), reverse=True)
    assert change >= 600
