"""Where the broker is: URLs that are taken, and refusals that give no secret away."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.address import BrokerAddress
from ioc.errors import UsageError

PASSWORD = "hunter2:with:colons"


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "shown"),
    [
        ("mqtt://broker", "broker", 1883, False, "mqtt://broker:1883"),
        ("mqtts://broker.example", "broker.example", 8883, True, "mqtts://broker.example:8883"),
        ("mqtt://127.0.0.1:11883/", "127.0.0.1", 11883, False, "mqtt://127.0.0.1:11883"),
        ("mqtts://[::1]:9", "::1", 9, True, "mqtts://[::1]:9"),
    ],
)
def test_urls_are_understood_and_shown(url: str, host: str, port: int, tls: bool, shown: str) -> None:
    address = BrokerAddress.parse(url)
    assert (address.host, address.port, address.tls, str(address)) == (host, port, tls, shown)
    assert address.user is None


def test_a_secret_is_a_user_and_all_the_rest_a_password() -> None:
    address = BrokerAddress.parse("mqtt://broker", f"engine:{PASSWORD}")
    assert (address.user, address.password) == ("engine", PASSWORD)
    assert PASSWORD not in repr(address) + str(address)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (f"mqtt://engine:{PASSWORD}@broker", "leave user and password out of the URL"),
        ("mqtt://engine@broker", "leave user and password out of the URL"),
        (f"mqtt://broker:{PASSWORD}", "cannot be read"),
        ("mqtt://broker:99999", "cannot be read"),
        ("mqtt://[::1", "cannot be read"),
        ("http://broker", "expected a URL like mqtt://"),
        ("broker:1883", "expected a URL like mqtt://"),
        ("mqtt://", "expected a URL like mqtt://"),
        ("mqtt://broker/topic", "expected a URL like mqtt://"),
        ("mqtt://broker?x=1", "expected a URL like mqtt://"),
        ("", "expected a URL like mqtt://"),
    ],
)
def test_other_urls_are_refused_in_one_line_without_their_password(url: str, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        BrokerAddress.parse(url)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("secret", ["hunter2", ":hunter2", ""])
def test_a_secret_of_another_form_is_refused_unquoted(secret: str) -> None:
    with pytest.raises(UsageError, match="user:password") as refused:
        BrokerAddress.parse("mqtt://broker", secret)
    assert "hunter2" not in str(refused.value)


def test_an_authority_is_for_tls_alone_and_has_to_exist(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    with pytest.raises(UsageError, match="does not exist"):
        BrokerAddress.parse("mqtts://broker", ca_file=authority)
    authority.write_text("")
    assert BrokerAddress.parse("mqtts://broker", ca_file=authority).ca_file == authority
    with pytest.raises(UsageError, match="only with an mqtts"):
        BrokerAddress.parse("mqtt://broker", ca_file=authority)


@pytest.mark.parametrize(
    ("url", "secret", "warned"),
    [
        ("mqtt://broker", "a:b", True),
        ("mqtt://broker", None, False),
        ("mqtts://broker", "a:b", False),
        ("mqtt://127.0.0.1", "a:b", False),
        ("mqtt://[::1]", "a:b", False),
    ],
)
def test_a_password_that_crosses_a_network_in_the_clear_is_noticed(url: str, secret: str | None, warned: bool) -> None:
    assert BrokerAddress.parse(url, secret).in_the_clear is warned
