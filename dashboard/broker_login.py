"""How a connection to the broker is made: address, TLS and password from the settings."""

from __future__ import annotations

import ssl
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client
from paho.mqtt.properties import Properties

from dashboard.settings import DashboardSettings
from ioc.errors import IocError

KEEPALIVE_SECONDS = 30


class BrokerLost(IocError):
    """There is no connection to the broker, or it ended."""


def connect(client: Client, settings: DashboardSettings, properties: Properties, *, clean: bool) -> None:
    """Begin to connect; a `clean` start forgets what the broker kept for us. Raises BrokerLost."""
    parts = urlsplit(settings.broker)
    try:
        if parts.scheme == "mqtts":
            client.tls_set(ca_certs=str(ca) if (ca := settings.broker_ca) else None)
        secret = settings.broker_secret
        if parts.username is not None:
            client.username_pw_set(unquote(parts.username), secret.get_secret_value() if secret else None)
        port = parts.port or (8883 if parts.scheme == "mqtts" else 1883)
        host = parts.hostname or ""
        client.connect(host, port, KEEPALIVE_SECONDS, clean_start=clean, properties=properties)
    except ssl.SSLError as error:
        raise BrokerLost(f"no TLS with the broker: {error.reason or error}") from None
    except OSError as error:
        raise BrokerLost(f"the broker cannot be reached: {error.strerror or error}") from None
