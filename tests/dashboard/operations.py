"""A dashboard, its broker and a browser, as the tests of the pages use them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from alerts.wire import AlertMessage, CameraStatus, EngineStatus
from dashboard.accounts import bootstrap_admin
from dashboard.settings import DashboardSettings
from dashboard.store import Store, open_store
from ioc import clock
from tests.dashboard import sample
from tests.dashboard.browser import Browser
from tests.dashboard.peers import Mosquitto, eventually, free_port, publisher, serving
from tests.dashboard.sample import SITE, minutes


class Operations:
    """A dashboard, its broker and a browser; `more` are further settings of the dashboard."""

    def __init__(self, folder: Path, stack: ExitStack, **more: object) -> None:
        self.root = folder / "evidence"
        self.broker = Mosquitto(folder / "broker")
        self.broker.start()
        stack.callback(self.broker.stop)
        self.settings = DashboardSettings(
            data=folder / "data",
            evidence=self.root,
            sites=(SITE,),
            broker=self.broker.url,
            port=free_port(),
            title="Bắc Giang operations centre",
            **more,
        )
        self.store: Store = open_store(self.settings)
        self.first_password = bootstrap_admin(self.store) or ""
        self.publish: Callable[[str, bytes, bool], None] = stack.enter_context(publisher(self.broker))
        self._server = ExitStack()
        stack.callback(self.stop)
        self.url = self.start()
        self.browser = Browser(folder / "profile")
        stack.callback(self.browser.close)
        self.began = clock.now() - timedelta(hours=1)

    def start(self) -> str:
        return self._server.enter_context(serving(self.settings, patience=10))

    def stop(self) -> None:
        self._server.close()

    def send(self, *messages: AlertMessage | CameraStatus | EngineStatus) -> None:
        for message in messages:
            self.publish(message.topic, message.payload(), not isinstance(message, AlertMessage))

    def alert(self, number: int, **more: object) -> AlertMessage:
        began = self.began + minutes(number)
        still = sample.picture(self.root, f"bg-017/{number}.jpg", hue=number * 7 % 180)
        evidence = (replace(still, at=began),)
        return sample.alert(number, began=began, **({"evidence": evidence} | more))  # type: ignore[arg-type]

    def sign_in(self, name: str, password: str) -> Browser:
        """Return the browser on the page of alerts, signed in."""
        browser = self.browser
        browser.open(f"{self.url}/login")
        browser.type("[name=name]", name)
        browser.type("[name=password]", password)
        browser.click("#sign-in button")
        eventually(lambda: browser.url == f"{self.url}/")
        return browser
