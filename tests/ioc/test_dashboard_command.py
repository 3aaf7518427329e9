"""The dashboard as the commands start it: its settings from the site file, its first password, its end."""

from __future__ import annotations

import re
import socket
import stat
import threading
from pathlib import Path

import httpx2
import pytest

from dashboard.map_file import MapError
from ioc.commands.dashboard import running_dashboard, settings_of
from ioc.errors import IocError
from ioc.site import Site, load_site
from ioc.station import Broker
from streams.scenes import DemoCamera
from tests.ioc.kerb_site import kerb_site

NOBODY = Broker("mqtt://127.0.0.1:9", None)
"""A broker that does not answer: the page must work all the same."""


def site_with(folder: Path, kerb: DemoCamera, more: str = "") -> Site:
    return load_site(kerb_site(folder, kerb, more="[dashboard]\nport = 0\n" + more))


def test_the_site_file_becomes_the_dashboards_settings(tmp_path: Path, kerb: DemoCamera) -> None:
    more = 'language = "vi"\nhttps_only = true\nbehind_proxy = true\n[site]\nid = "bac-giang"\nname = "Bắc Giang"\n'
    site = site_with(tmp_path, kerb, more)
    settings = settings_of(site, Broker("mqtts://broker.example:8884", "ioc:pa:ss", Path("/etc/ca.pem")))
    assert settings.sites == ("bac-giang",)
    assert (settings.title, settings.language) == ("Bắc Giang", "vi")
    assert (settings.https_only, settings.behind_proxy) == (True, True)
    assert settings.broker == "mqtts://ioc@broker.example:8884"
    assert settings.broker_secret is not None
    assert settings.broker_secret.get_secret_value() == "pa:ss"
    assert settings.broker_ca == Path("/etc/ca.pem")
    assert settings.data == tmp_path / "var"
    assert settings.evidence == tmp_path / "var" / "evidence"
    assert settings.clips is None


def test_the_recordings_to_mark_lie_relative_to_the_site_file(tmp_path: Path, kerb: DemoCamera) -> None:
    site = site_with(tmp_path, kerb, '[truth]\nclips = "clips"\n')
    assert settings_of(site, NOBODY).clips == tmp_path / "clips"


def test_a_store_on_a_server_has_its_password_from_a_secret(
    tmp_path: Path, kerb: DemoCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IOC_SECRET_STORE", "clerk:pa:ss")
    settings = settings_of(
        site_with(tmp_path, kerb, 'store = "postgresql://db.example:5433/ioc"\nstore_secret = "store"\n'), NOBODY
    )
    assert settings.store == "postgresql://clerk@db.example:5433/ioc"
    assert settings.store_secret is not None
    assert settings.store_secret.get_secret_value() == "pa:ss"
    assert settings_of(site_with(tmp_path, kerb), NOBODY).store is None
    for wrong, why in (("postgresql://me:pw@db/ioc", "no user or password"), ("mysql://db/ioc", "expected a URL")):
        with pytest.raises(IocError, match=why) as caught:
            site_with(tmp_path, kerb, f'store = "{wrong}"\n')
        assert "pw" not in str(caught.value)


def test_the_map_lies_beside_the_site_file_and_a_wrong_one_stops_the_start(tmp_path: Path, kerb: DemoCamera) -> None:
    site = site_with(tmp_path, kerb, 'map = "roads.geojson"\n')
    assert settings_of(site, NOBODY).map == tmp_path / "roads.geojson"
    with pytest.raises(MapError, match=r"roads\.geojson: No such file"), running_dashboard(site, NOBODY):
        raise AssertionError("it must not start")


def test_no_secret_is_shown_when_the_settings_are_printed(tmp_path: Path, kerb: DemoCamera) -> None:
    settings = settings_of(site_with(tmp_path, kerb), Broker("mqtt://b", "ioc:hunter2"))
    assert "hunter2" not in repr(settings)


def test_the_first_start_prints_a_one_time_password_and_the_second_does_not(
    tmp_path: Path, kerb: DemoCamera, capsys: pytest.CaptureFixture[str]
) -> None:
    site = site_with(tmp_path, kerb)
    with running_dashboard(site, NOBODY) as url:
        shown = capsys.readouterr().out
        (password,) = re.findall(r"one-time password (\S+)", shown)
        with httpx2.Client(base_url=url, headers={"Origin": url}) as client:
            assert client.get("/api/v1/alerts").status_code == 401
            entered = client.post("/api/v1/session", json={"name": "admin", "password": password})
            assert entered.json()["must_change_password"]
            assert client.get("/api/v1/alerts").status_code == 403
    with running_dashboard(site, NOBODY):
        assert "password" not in capsys.readouterr().out


def test_what_it_keeps_is_for_this_user_alone(tmp_path: Path, kerb: DemoCamera) -> None:
    with running_dashboard(site_with(tmp_path, kerb), NOBODY):
        assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "var" / "session.key").stat().st_mode) == 0o600


def test_it_listens_on_this_machine_alone(tmp_path: Path, kerb: DemoCamera) -> None:
    with running_dashboard(site_with(tmp_path, kerb), NOBODY) as url:
        assert url.startswith("http://127.0.0.1:")


def test_it_is_gone_when_the_block_ends(tmp_path: Path, kerb: DemoCamera) -> None:
    before = set(threading.enumerate())
    with running_dashboard(site_with(tmp_path, kerb), NOBODY) as url:
        port = int(url.rpartition(":")[2])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert "dashboard" not in {thread.name for thread in set(threading.enumerate()) - before}


def test_a_port_in_use_is_one_line_with_the_way_out(tmp_path: Path, kerb: DemoCamera) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        site = load_site(kerb_site(tmp_path, kerb, more=f"[dashboard]\nport = {port}\n"))
        with pytest.raises(IocError, match=f"port {port} .*in use"), running_dashboard(site, NOBODY):
            raise AssertionError("it must not start")
