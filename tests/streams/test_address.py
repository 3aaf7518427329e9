from __future__ import annotations

import pytest

from streams.address import Address
from streams.secrets import Credentials

LOGIN = Credentials("operator", "s3cret")


class TestOpened:
    def test_without_a_login_it_is_what_was_written(self) -> None:
        address = Address.of("rtsp://cam.example/main?channel=1")
        assert address.opened == address.shown == "rtsp://cam.example/main?channel=1"
        assert not address.has_login

    def test_a_login_goes_before_the_host_and_is_not_shown(self) -> None:
        address = Address.of("rtsp://cam.example:8554/main", LOGIN)
        assert address.opened == "rtsp://operator:s3cret@cam.example:8554/main"
        assert address.shown == "rtsp://cam.example:8554/main"
        assert address.has_login
        assert "s3cret" not in repr(address)
        assert "operator" not in repr(address)

    def test_what_has_a_meaning_in_a_url_is_escaped(self) -> None:
        address = Address.of("rtsp://cam.example/", Credentials("a@b", "p:/?#%[] ü"))
        assert address.opened == "rtsp://a%40b:p%3A%2F%3F%23%25%5B%5D%20%C3%BC@cam.example/"

    def test_a_login_may_have_its_place_in_the_path(self) -> None:
        address = Address.of("rtsp://cam.example/user={user}&password={password}&channel=1", Credentials("op", "a&b"))
        assert address.opened == "rtsp://cam.example/user=op&password=a%26b&channel=1"
        assert address.shown == "rtsp://cam.example/user={user}&password={password}&channel=1"

    def test_places_without_a_login_are_refused(self) -> None:
        with pytest.raises(ValueError, match="places for a login but there is none"):
            Address.of("rtsp://cam.example/user={user}&password={password}")


class TestHostAndPort:
    @pytest.mark.parametrize(
        ("url", "host", "port"),
        [
            ("rtsp://cam.example/main", "cam.example", 554),
            ("rtsps://cam.example", "cam.example", 322),
            ("rtsp://10.0.0.7:8554/a", "10.0.0.7", 8554),
            ("RTSP://[fd00::7]:8554/a", "fd00::7", 8554),
        ],
    )
    def test_are_taken_from_the_url(self, url: str, host: str, port: int) -> None:
        address = Address.of(url)
        assert (address.host, address.port) == (host, port)


class TestRefused:
    @pytest.mark.parametrize(
        "url",
        [
            "rtsp://operator:s3cret@cam.example/main",
            "rtsp://operator@cam.example/main",
            "rtsp://operator:s3/cret@cam.example/main",
            "rtsp://operator:12/s3cret@cam.example/main",
            "rtsp://operator:s3#cret@cam.example/main",
            "rtsp://[s3cret/main",
            "rtsp://cam.example/user=admin&password=s3cret&channel=1",
            "rtsp://cam.example/live?user=admin&Pwd=s3cret",
            "rtsp://cam.example/live?PASS=s3cret",
            "http://operator:s3cret@cam.example/",
        ],
    )
    def test_a_login_in_the_url_is_refused_and_not_repeated(self, url: str) -> None:
        with pytest.raises(ValueError, match="source") as caught:
            Address.of(url, LOGIN)
        for word in ("s3", "cret", "operator", "admin"):
            assert word not in str(caught.value).replace('secret = "NAME"', "").replace("IOC_SECRET_NAME", "")

    def test_the_refusal_names_the_way_out(self) -> None:
        with pytest.raises(ValueError, match=r'secret = "NAME".*IOC_SECRET_NAME'):
            Address.of("rtsp://operator:s3cret@cam.example/main")

    @pytest.mark.parametrize(
        "url", ["rtsp:///main", "rtsp://cam.example:many/main", "rtsp://", "rtsp://a b/", "rtsp://a/\n"]
    )
    def test_a_malformed_url_is_refused(self, url: str) -> None:
        with pytest.raises(ValueError, match="not a URL like rtsp://"):
            Address.of(url)

    @pytest.mark.parametrize("url", ["rtsp://cam.example/bypass=1", "rtsp://cam.example/compass=north?pw="])
    def test_what_only_looks_like_a_password_is_not(self, url: str) -> None:
        assert Address.of(url).opened == url
