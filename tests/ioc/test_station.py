"""The live station's own parts: camera reports, brokers, folders, and starting without what is needed."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from alerts.wire import CameraState, CameraStatus
from ioc.errors import IocError, ModelError, StreamError, UsageError
from ioc.site import Camera, Site, load_site
from ioc.station import (
    Broker,
    CameraReport,
    broker_of,
    make_folder,
    named_broker,
    open_station,
    opener,
    secrets_of,
)
from streams.live import LiveStream
from streams.pacing import Paced
from streams.scenes import DemoCamera
from tests.ioc.kerb_site import kerb_site


@pytest.fixture
def told() -> list[CameraStatus]:
    return []


@pytest.fixture
def report(told: list[CameraStatus]) -> CameraReport:
    camera = Camera.model_validate({"id": "c1", "name": "Lê Lợi", "location": [21.2, 106.1], "simulated": True})
    return CameraReport("bac-giang", camera, told.append)


def states(told: list[CameraStatus]) -> list[tuple[str, str]]:
    return [(status.state.value, status.reason) for status in told]


def test_a_report_says_who_the_camera_is(report: CameraReport, told: list[CameraStatus]) -> None:
    report.stream("online", "")
    (status,) = told
    assert (status.site, status.camera, status.name) == ("bac-giang", "c1", "Lê Lợi")
    assert (status.location, status.simulated, status.state) == ((21.2, 106.1), True, CameraState.ONLINE)


def test_only_changes_are_told(report: CameraReport, told: list[CameraStatus]) -> None:
    for state, reason in (
        ("connecting", ""),
        ("online", ""),
        ("online", ""),
        ("lost", "a"),
        ("lost", "a"),
        ("lost", "b"),
    ):
        report.stream(state, reason)
    assert states(told) == [("connecting", ""), ("online", ""), ("lost", "a"), ("lost", "b")]


def test_another_reason_is_no_other_beginning(report: CameraReport, told: list[CameraStatus]) -> None:
    report.stream("lost", "a")
    report.stream("lost", "b")
    report.stream("online", "")
    assert told[0].since == told[1].since < told[2].since


def test_a_fault_behind_a_stream_that_delivers_degrades_the_camera_until_it_is_over(
    report: CameraReport, told: list[CameraStatus]
) -> None:
    report.stream("online", "")
    report.fault("inference failed: out of memory")
    report.fault("")
    assert states(told) == [("online", ""), ("degraded", "inference failed: out of memory"), ("online", "")]


def test_a_tape_that_cannot_be_written_degrades_the_camera_whatever_else_comes_and_goes(
    report: CameraReport, told: list[CameraStatus]
) -> None:
    report.stream("online", "")
    report.tape_fault("no space")
    report.fault("inference failed")
    report.fault("")
    report.tape_fault("")
    assert states(told) == [
        ("online", ""),
        ("degraded", "no space"),
        ("degraded", "no space; inference failed"),
        ("degraded", "no space"),
        ("online", ""),
    ]


def test_a_lost_stream_outweighs_a_fault(report: CameraReport, told: list[CameraStatus]) -> None:
    report.stream("lost", "no answer")
    report.fault("inference failed")
    report.stream("online", "")
    assert states(told) == [("lost", "no answer"), ("degraded", "inference failed")]


def test_a_reason_of_any_length_fits_the_message(report: CameraReport, told: list[CameraStatus]) -> None:
    report.stream("lost", "x" * 5000)
    assert len(told[0].reason) <= 500


def site_with(folder: Path, kerb: DemoCamera, more: str = "", source: str | None = None) -> Site:
    return load_site(kerb_site(folder, kerb, more=more, source=source))


def test_without_a_url_a_broker_is_embedded_and_ends_with_the_block(tmp_path: Path, kerb: DemoCamera) -> None:
    site = site_with(tmp_path, kerb)
    with broker_of(site, secrets_of(site, {})) as broker:
        assert broker.url.startswith("mqtt://127.0.0.1:")
        assert broker.address.password


def test_a_named_broker_gets_its_secret(tmp_path: Path, kerb: DemoCamera) -> None:
    site = site_with(tmp_path, kerb, '[broker]\nurl = "mqtts://broker.example"\nsecret = "b"\n')
    with broker_of(site, secrets_of(site, {"IOC_SECRET_B": "ioc:p:w"})) as broker:
        address = broker.address
    assert (address.host, address.tls, address.user, address.password) == ("broker.example", True, "ioc", "p:w")
    assert "p:w" not in repr(address)


def test_no_broker_and_no_secret_are_usage_errors(tmp_path: Path, kerb: DemoCamera) -> None:
    site = site_with(tmp_path, kerb)
    with pytest.raises(UsageError, match=r"\[broker\]"):
        named_broker(site, secrets_of(site, {}))
    site = site_with(tmp_path, kerb, '[broker]\nurl = "mqtt://b"\nsecret = "b"\n')
    with pytest.raises(UsageError, match="IOC_SECRET_B"):
        named_broker(site, secrets_of(site, {}))


def test_the_data_folder_is_made_for_this_user_alone(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "a" / "var")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert make_folder(folder) == folder
    (tmp_path / "file").touch()
    with pytest.raises(IocError, match=r"\[site\] data"):
        make_folder(tmp_path / "file" / "var")


def test_a_recording_stands_in_for_a_camera_at_its_own_pace(kerb_clip: Path) -> None:
    camera = Camera.model_validate({"id": "c1"})
    assert isinstance(opener(camera, str(kerb_clip), None, threading.Event())(), Paced)
    assert isinstance(opener(camera, "rtsp://127.0.0.1:9/x", None, threading.Event())(), LiveStream)
    with pytest.raises(StreamError):
        list(opener(camera, "absent.mp4", None, threading.Event())().frames(lambda _: True))


def opened(site: Site, path: Path) -> None:
    with open_station(site, path, Broker("mqtt://127.0.0.1:9", None), secrets_of(site, {})):
        raise AssertionError("it must not start")


def test_a_site_without_a_source_has_nothing_to_watch(tmp_path: Path, kerb: DemoCamera) -> None:
    site = site_with(tmp_path, kerb)
    with pytest.raises(UsageError, match="no camera has a source"):
        opened(site, tmp_path / "site.toml")


def test_an_outbox_in_use_or_a_provider_that_is_not_there_stops_the_start(tmp_path: Path, kerb: DemoCamera) -> None:
    site = site_with(tmp_path, kerb, '[inference]\nprovider = "cuda"\n', source="rtsp://127.0.0.1:9/x")
    with pytest.raises(ModelError, match="CUDA"):
        opened(site, tmp_path / "site.toml")
    (tmp_path / "var" / "outbox.db").unlink()
    (tmp_path / "var" / "outbox.db").mkdir()
    with pytest.raises(IocError, match=r"outbox\.db"):
        opened(site, tmp_path / "site.toml")


@pytest.mark.parametrize(("more", "pictures"), [("", True), ("[live]\npictures = false\n", False)])
def test_a_station_ends_all_that_it_began(tmp_path: Path, kerb: DemoCamera, more: str, pictures: bool) -> None:
    site = site_with(tmp_path, kerb, more, source="rtsp://127.0.0.1:9/x")
    before = set(threading.enumerate())
    broker = Broker("mqtt://127.0.0.1:9", None)
    with open_station(site, tmp_path / "site.toml", broker, secrets_of(site, {})) as station:
        assert [lane.camera for lane in station.stats()] == ["c1"]
        assert not station.publisher.health.connected
        begun = {thread.name for thread in set(threading.enumerate()) - before}
        assert ("live pictures" in begun) is pictures
    assert set(threading.enumerate()) <= before
