"""What is kept no longer goes, and nothing else: by class, unless held or hit, with its files, and never unseen."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from alerts.wire import WireEvidence
from dashboard import doomed_files, purge
from dashboard.audit import HEAD, Audit
from dashboard.holds import place, release
from dashboard.plate_records import PlateRead, ReadFilter
from dashboard.plate_search import newest_reads
from dashboard.purge import FilesLeft, Purge, Purged
from dashboard.records import ALL_CAMERAS, AlertFilter, Deed
from dashboard.schema import alert_history, holds, plates
from dashboard.schema import doomed_files as doomed
from dashboard.settings import DashboardSettings
from dashboard.store import Store
from ioc.retention import Retention
from ioc.types import Phase
from tests.dashboard import sample
from tests.dashboard.databases import BOTH
from tests.dashboard.test_plate_intake import passing
from tests.dashboard.test_plate_search import put, read
from tests.dashboard.test_watch_intake import POLICE, take, watch

NOW = datetime.fromisoformat("2026-06-01T00:00:00+00:00")
DAY = timedelta(days=1)
MONTH = Retention.model_validate({"plates": "P30D"})


@pytest.fixture
def audit(store: Store, settings: DashboardSettings) -> Audit:
    settings.data.mkdir(mode=0o700, exist_ok=True)
    return Audit(store.database, settings.data / HEAD)


@pytest.fixture
def run(store: Store, audit: Audit, settings: DashboardSettings) -> Callable[..., Purged]:
    """Return what purges the store now, with the settings that it is given."""

    def purged(retention: Retention = MONTH) -> Purged:
        return Purge(store.database, audit, settings.evidence, retention).run(lambda: NOW, threading.Event())

    return purged


def passed(text: str, days: float, **changes: Any) -> PlateRead:
    """Return a pass so many days ago."""
    return read(text, **{"hit": uuid4(), "at": NOW - days * DAY, **changes})


def with_file(root: Path, own: PlateRead, name: str = "raised-7.jpg", bears: UUID | None = None) -> PlateRead:
    """Return a pass with one more picture, which is on the disk, and bears the id of the pass or of another record."""
    path = f"c1/{own.at:%Y-%m-%d}/{bears or own.hit}-{name}"
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(b"picture")
    item = {"kind": "frame", "seq": 7, "at": own.at.isoformat(), "box": None, "path": path, "sha256": "0" * 64}
    return PlateRead(**{field: getattr(own, field) for field in own.__slots__} | {"evidence": (*own.evidence, item)})


def files(root: Path) -> set[str]:
    return {path.name for path in root.rglob("*") if path.is_file()}


def stored(store: Store) -> list[str]:
    with store.database.read() as connection:
        return [own.text for own in newest_reads(connection, None, ReadFilter(), 10_000)]


def closed(store: Store, number: int, days: float, kind: str = "fire", **changes: Any) -> UUID:
    """Store an alert that began and was closed so many days ago; return its id."""
    began = NOW - days * DAY
    message = sample.alert(number, kind=kind, began=began, **changes)
    store.take([message], began)
    store.close(message.id, ALL_CAMERAS, "lan", None, began)
    return message.id


def hold(store: Store, record: UUID, case: str = "BG-7") -> int:
    with store.database.write() as connection:
        return place(connection, record, "pass", Deed("lan", NOW, "hit and run"), case)[0].id


@BOTH
class TestPasses:
    def test_what_is_older_goes_and_what_is_not_stays(self, store: Store, run: Callable[..., Purged]) -> None:
        put(store, passed("98A00001", 31), passed("98A00002", 30.1), passed("98A00003", 29.9), passed("98A00001", 1))
        assert run().records == {"plates": 2, "alerts": 0}
        assert stored(store) == ["98A00001", "98A00003"]
        assert run().records == {"plates": 0, "alerts": 0}

    def test_a_text_goes_with_its_last_pass(self, store: Store, run: Callable[..., Purged]) -> None:
        put(store, passed("98A00001", 40), passed("98A00001", 50), passed("98A00002", 40), passed("98A00002", 1))
        run()
        with store.database.read() as connection:
            assert list(connection.scalars(select(plates.c.text))) == ["98A00002"]
        put(store, passed("98A00001", 2))
        assert sorted(stored(store)) == ["98A00001", "98A00002"]

    def test_what_is_held_stays_until_the_last_who_holds_it_lets_go(
        self, store: Store, run: Callable[..., Purged]
    ) -> None:
        own = passed("98A00001", 40)
        put(store, own, passed("98A00002", 40))
        first, second = hold(store, own.hit, "BG-7"), hold(store, own.hit, "BG-8")
        run()
        assert stored(store) == ["98A00001"]
        for number in (first, second):
            assert run().records["plates"] == 0
            with store.database.write() as connection:
                release(connection, number, Deed("chief", NOW, "over"))
        assert run().records["plates"] == 1
        with store.database.read() as connection:
            assert connection.scalar(select(func.count()).select_from(holds)) == 0

    def test_off_keeps_them_for_ever(self, store: Store, run: Callable[..., Purged]) -> None:
        put(store, passed("98A00001", 4000))
        assert run(Retention.model_validate({"plates": "off", "alerts": "off"})).records == {}
        assert stored(store) == ["98A00001"]

    def test_more_than_a_batch_goes_around_what_stays(
        self, store: Store, run: Callable[..., Purged], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(purge, "BATCH", 3)
        reads = [passed(f"98A{number:05d}", 40 - number % 4) for number in range(20)]
        put(store, *reads)
        for own in reads[::5]:
            hold(store, own.hit)
        assert run().records["plates"] == 16
        assert sorted(stored(store)) == sorted(own.text for own in reads[::5])

    @pytest.mark.parametrize("stopped", [True, False])
    def test_it_ends_when_told(self, store: Store, audit: Audit, settings: DashboardSettings, stopped: bool) -> None:
        put(store, passed("98A00001", 40))
        stop = threading.Event()
        if stopped:
            stop.set()
        done = Purge(store.database, audit, settings.evidence, MONTH).run(lambda: NOW, stop)
        assert done.records["plates"] == (0 if stopped else 1)

    def test_what_would_go_is_told_and_stays(self, store: Store, audit: Audit, settings: DashboardSettings) -> None:
        put(store, passed("98A00001", 31), passed("98A00002", 29))
        due = Purge(store.database, audit, settings.evidence, MONTH).due(NOW)
        assert [(one.name, one.keep.days, one.count) for one in due] == [("plates", 30, 1), ("alerts", 365, 0)]
        assert len(stored(store)) == 2
        assert audit.newest(1) == []


@BOTH
class TestAlerts:
    def test_closed_ones_go_after_their_time_and_open_ones_never(
        self, store: Store, run: Callable[..., Purged]
    ) -> None:
        old, young = closed(store, 1, 400), closed(store, 2, 300)
        open_one = sample.alert(3, began=NOW - 900 * DAY)
        store.take([open_one], NOW)
        assert run().records == {"plates": 0, "alerts": 1}
        kept = {own.id for own in store.alerts(AlertFilter(), ALL_CAMERAS, 9)[0]}
        assert kept == {young, open_one.id}
        with store.database.read() as connection:
            told = set(connection.scalars(select(alert_history.c.alert_id)))
        assert old not in told
        assert told == kept

    def test_each_kind_has_its_own_time(self, store: Store, run: Callable[..., Purged]) -> None:
        for number, kind in enumerate(("fire", "littering", "flood")):
            closed(store, number, 400, kind=kind)
        asked = {"alerts": "P500D", "kinds": {"littering": "P90D", "flood": "off"}}
        assert run(Retention.model_validate(asked)).records == {"plates": 0, "littering": 1, "alerts": 0}
        assert run().records["alerts"] == 2

    def test_an_incident_that_goes_on_stays_though_it_was_closed(
        self, store: Store, run: Callable[..., Purged]
    ) -> None:
        closed(store, 1, 400)
        store.take([sample.alert(1, kind="fire", began=NOW - 400 * DAY, phase=Phase.UPDATED, after=399 * DAY)], NOW)
        assert run().records["alerts"] == 0

    def test_a_held_one_stays(self, store: Store, run: Callable[..., Purged]) -> None:
        hold(store, closed(store, 1, 400))
        assert run().records["alerts"] == 0


class TestFiles:
    def test_files_go_with_their_record_and_empty_folders_too(
        self, store: Store, settings: DashboardSettings, run: Callable[..., Purged]
    ) -> None:
        root = settings.evidence
        old, held = (with_file(root, with_file(root, passed("98A00001", 40)), "raised-7-annotated.jpg") for _ in "ab")
        put(store, old, held)
        hold(store, held.hit)
        (root / "c1" / "mine.txt").write_text("mine")
        assert (run().files, doomed_files.waiting(store.database)) == (2, 0)
        assert files(root) == {f"{held.hit}-raised-7.jpg", f"{held.hit}-raised-7-annotated.jpg", "mine.txt"}
        with store.database.write() as connection:
            release(connection, 1, Deed("chief", NOW, "over"))
        run()
        assert files(root) == {"mine.txt"}
        assert [path.name for path in (root / "c1").iterdir()] == ["mine.txt"]

    def test_a_file_that_bears_another_records_id_is_left_to_it(
        self, store: Store, settings: DashboardSettings, audit: Audit, run: Callable[..., Purged]
    ) -> None:
        young = with_file(settings.evidence, passed("98A00002", 1))
        old = with_file(settings.evidence, passed("98A00001", 40), bears=young.hit)
        put(store, young, with_file(settings.evidence, old))
        run()
        assert files(settings.evidence) == {f"{young.hit}-raised-7.jpg"}
        details = audit.newest(1)[0]["details"]
        assert isinstance(details, dict)
        assert (details["files"], details["files_of_others"]) == (1, 1)

    def test_a_pass_that_bears_an_alerts_id_takes_none_of_its_files(
        self, store: Store, settings: DashboardSettings, run: Callable[..., Purged]
    ) -> None:
        alert = closed(store, 1, 10)
        put(store, with_file(settings.evidence, passed("98A00001", 40, hit=alert)))
        assert run().records["plates"] == 1
        assert files(settings.evidence) == {f"{alert}-raised-7.jpg"}

    @BOTH
    def test_a_pass_and_its_watch_lists_alert_keep_their_pictures_as_long_as_either_stands(
        self, store: Store, settings: DashboardSettings, run: Callable[..., Purged]
    ) -> None:
        watch(store, "98A12345")
        began = NOW - 40 * DAY
        message = passing(scores=[0.999] * 8).model_copy(update={"began": began, "at": began})
        picture = sample.picture(settings.evidence, f"c1/{message.id}-raised-7.jpg")
        item = WireEvidence(kind="frame", seq=7, at=began, path=picture.path, sha256=picture.sha256)
        (alert,) = take(store, message.model_copy(update={"evidence": (item,)}))
        assert run().records == {"plates": 0, "alerts": 0}
        store.close(alert.id, POLICE, "officer", None, NOW - 20 * DAY)
        soon = Retention.model_validate({"plates": "off", "kinds": {"watch_list": "P10D"}})
        assert run(soon).records == {"alerts": 0, "watch_list": 1}
        assert len(files(settings.evidence)) == 1, "the pass is still there"
        assert run().records["plates"] == 1
        assert files(settings.evidence) == set()

    def test_a_link_that_leads_out_of_the_folder_is_not_followed(
        self, store: Store, settings: DashboardSettings, tmp_path: Path, run: Callable[..., Purged]
    ) -> None:
        outside = tmp_path / "outside"
        own = with_file(outside, passed("98A00001", 40))
        put(store, own)
        (settings.evidence / "c1").symlink_to(outside / "c1")
        done = run()
        assert "a link leads out" in done.problem
        assert (done.files, doomed_files.waiting(store.database)) == (0, 1)
        assert files(outside) == {f"{own.hit}-raised-7.jpg"}

    @BOTH
    def test_more_files_than_one_batch_go_around_what_stays(
        self, store: Store, settings: DashboardSettings, run: Callable[..., Purged], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(doomed_files, "BATCH", 2)
        reads = [with_file(settings.evidence, passed(f"98A{number:05d}", 40)) for number in range(7)]
        put(store, *reads)
        monkeypatch.setattr(purge, "sweep", _second(TestCrashes._dies))
        with pytest.raises(_Killed):
            run()
        monkeypatch.undo()
        put(store, reads[3])
        hold(store, reads[3].hit)
        blocked = settings.evidence / str(reads[5].evidence[0]["path"])
        blocked.unlink()
        blocked.mkdir()
        (blocked / "in the way").touch()
        monkeypatch.setattr(doomed_files, "BATCH", 2)
        assert "Is a directory" in run().problem
        assert files(settings.evidence) == {f"{reads[3].hit}-raised-7.jpg", "in the way"}
        assert doomed_files.waiting(store.database) == 1

    def test_a_missing_file_is_no_problem(
        self, store: Store, settings: DashboardSettings, run: Callable[..., Purged]
    ) -> None:
        own = with_file(settings.evidence, passed("98A00001", 40))
        put(store, own)
        next(settings.evidence.rglob("*.jpg")).unlink()
        assert (run().files, run().problem) == (1, "")

    def test_files_that_cannot_be_deleted_wait_and_are_told(
        self, store: Store, audit: Audit, settings: DashboardSettings, run: Callable[..., Purged]
    ) -> None:
        own = with_file(settings.evidence, passed("98A00001", 40))
        put(store, own)
        away = settings.evidence.rename(settings.evidence.with_name("away"))
        with pytest.raises(FilesLeft, match=r"1 files of deleted records cannot be deleted yet: .* is no folder"):
            Purge(store.database, audit, settings.evidence, MONTH).run_daily(lambda: NOW, threading.Event())
        assert stored(store) == []
        settings.evidence.mkdir()
        assert "as where a disk is not mounted" in run().problem
        settings.evidence.rmdir()
        away.rename(settings.evidence)
        assert (run().files, run().problem) == (1, "")
        assert files(settings.evidence) == set()


@BOTH
class TestCrashes:
    @pytest.mark.parametrize("place", ["audit", "delete", "commit", "unlink", "middle"])
    def test_whatever_is_killed_in_between_nothing_is_lost(
        self,
        place: str,
        store: Store,
        audit: Audit,
        settings: DashboardSettings,
        run: Callable[..., Purged],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        root = settings.evidence
        old = [with_file(root, passed(f"98A0000{number}", 40)) for number in range(4)]
        young = with_file(root, passed("98A00009", 1))
        put(store, *old, young)
        self._kill(place, monkeypatch)
        with pytest.raises(_Killed):
            run()
        monkeypatch.undo()
        self._check_that_records_have_their_files(store, root)
        run()
        assert stored(store) == ["98A00009"]
        assert files(root) == {f"{young.hit}-raised-7.jpg"}
        entries = [entry for entry in audit.newest(9) if entry["what"] == "purge"]
        assert [entry["details"]["records"] for entry in entries] == [4]  # type: ignore[call-overload,index]
        assert audit.verify().problem == ""

    @staticmethod
    def _kill(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
        def dies(*_: object, **__: object) -> None:
            raise _Killed

        unlink, left = Path.unlink, [2]

        def dies_later(path: Path, missing_ok: bool = False) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise _Killed
            unlink(path, missing_ok=missing_ok)

        {
            "audit": lambda: monkeypatch.setattr("dashboard.audit.Pen.add", dies),
            "delete": lambda: monkeypatch.setattr(purge, "doom", dies),
            "commit": lambda: monkeypatch.setattr(purge, "sweep", _second(dies)),
            "unlink": lambda: monkeypatch.setattr(doomed_files, "_delete", dies),
            "middle": lambda: monkeypatch.setattr(Path, "unlink", dies_later),
        }[place]()

    @staticmethod
    def _check_that_records_have_their_files(store: Store, root: Path) -> None:
        with store.database.read() as connection:
            for own in newest_reads(connection, None, ReadFilter(), 99):
                assert all((root / str(item["path"])).exists() for item in own.evidence)

    def test_a_pass_that_comes_again_keeps_its_files(
        self, store: Store, settings: DashboardSettings, run: Callable[..., Purged], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        own = with_file(settings.evidence, passed("98A00001", 40))
        put(store, own)
        monkeypatch.setattr(purge, "sweep", _second(self._dies))
        with pytest.raises(_Killed):
            run()
        monkeypatch.undo()
        put(store, own)
        hold(store, own.hit)
        run()
        assert files(settings.evidence) == {f"{own.hit}-raised-7.jpg"}
        with store.database.read() as connection:
            assert connection.scalar(select(func.count()).select_from(doomed)) == 0

    @staticmethod
    def _dies(*_: object) -> None:
        raise _Killed


class _Killed(Exception):
    """What a process that is killed does not live to see."""


def _second(dies: Callable[..., None]) -> Callable[..., Any]:
    """Return what sweeps once, and dies the next time."""
    calls = []

    def sweep(*arguments: Any) -> Any:
        calls.append(1)
        return doomed_files.sweep(*arguments) if len(calls) == 1 else dies()

    return sweep


class TestWrittenDown:
    def test_the_log_says_what_went(self, store: Store, audit: Audit, run: Callable[..., Purged]) -> None:
        gone = [passed("98A00001", 40), passed("98A00002", 35)]
        put(store, *gone, passed("98A00003", 3))
        run()
        (entry,) = audit.newest(5)
        ids = "".join(f"{hit}\n" for hit in sorted(str(own.hit) for own in gone))
        assert (entry["who"], entry["what"]) == ("[retention]", "purge")
        assert entry["details"] == {
            "what": "plates",
            "kept": "P30D",
            "records": 2,
            "first": gone[0].at.isoformat(),
            "last": gone[1].at.isoformat(),
            "sha256": hashlib.sha256(ids.encode()).hexdigest(),
            "files": 0,
            "files_of_others": 0,
        }
        assert audit.verify().problem == ""

    def test_a_run_that_deletes_nothing_is_silent(self, store: Store, audit: Audit, run: Callable[..., Purged]) -> None:
        put(store, passed("98A00001", 3))
        run()
        assert audit.newest(5) == []


@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.floats(0, 60), st.booleans(), st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=12)
)
def test_no_kept_record_ever_lacks_a_file_of_its_own(
    store: Store,
    settings: DashboardSettings,
    run: Callable[..., Purged],
    records: list[tuple[float, bool, int, int]],
) -> None:
    reads = [passed(f"98A{days * 1000:05.0f}", days) for days, *_ in records]
    for number, (_, _, own_files, other) in enumerate(records):
        for name in range(own_files):
            reads[number] = with_file(settings.evidence, reads[number], f"raised-{name}.jpg")
        reads[number] = with_file(settings.evidence, reads[number], bears=reads[other % len(reads)].hit)
    put(store, *reads)
    for own, (_, is_held, *_) in zip(reads, records, strict=True):
        if is_held:
            hold(store, own.hit)
    run()
    stands = {own.hit for own, (days, is_held, *_) in zip(reads, records, strict=True) if is_held or days <= 30}
    for own in reads:
        paths = [str(item["path"]) for item in own.evidence]
        there = [(settings.evidence / path).exists() for path in paths if str(own.hit) in path]
        assert there == [own.hit in stands] * len(there)
