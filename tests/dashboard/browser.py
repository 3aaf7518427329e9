"""Chromium, driven over the W3C WebDriver protocol: plain JSON over HTTP to chromedriver."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx2 as httpx

from tests.dashboard.peers import eventually, free_port

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key that the standard names
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Browser:
    """One window. Errors of the driver fail the test with what it said."""

    def __init__(self, profile: Path, width: int = 1366, height: int = 768) -> None:
        port = free_port()
        quiet = subprocess.DEVNULL
        program = shutil.which("chromedriver") or "chromedriver"
        self._driver = subprocess.Popen([program, f"--port={port}"], stdout=quiet, stderr=quiet)
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
        eventually(self._is_up)
        options = {
            "binary": shutil.which("chromium"),
            "args": [*_FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"],
        }
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        made = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/session/{made['sessionId']}"

    def close(self) -> None:
        self._ask("DELETE", self._session)
        self._client.close()
        self._driver.terminate()
        self._driver.wait()

    def open(self, url: str) -> None:
        self._ask("POST", f"{self._session}/url", {"url": url})

    def resize(self, width: int, height: int) -> None:
        self._ask("POST", f"{self._session}/window/rect", {"width": width, "height": height})

    def narrow(self, width: int, height: int) -> None:
        """Show the page as a phone of that size does, which is smaller than the smallest window."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": True}
        command = {"cmd": "Emulation.setDeviceMetricsOverride", "params": metrics}
        self._ask("POST", f"{self._session}/goog/cdp/execute", command)

    @property
    def url(self) -> str:
        found: str = self._ask("GET", f"{self._session}/url")
        return found

    def run(self, script: str, *values: object) -> Any:
        """Run a script in the page and return what it returns."""
        return self._ask("POST", f"{self._session}/execute/sync", {"script": script, "args": list(values)})

    def type(self, selector: str, text: str) -> None:
        """Type into an element, or press keys while it has the focus."""
        self._ask("POST", f"{self._session}/element/{self._find(selector)}/value", {"text": text})

    def click(self, selector: str) -> None:
        """Click an element; one that was drawn anew while the mouse was on its way is looked for again."""
        eventually(lambda: self._clicked(self._find(selector)))

    def _clicked(self, element: str) -> bool:
        answer = self._client.post(f"{self._session}/element/{element}/click", json={})
        value = answer.json()["value"]
        stale = answer.status_code == 404 and value["error"] == "stale element reference"
        assert answer.status_code == 200 or stale, f"{element}: {value}"
        return not stale

    def drag(self, selector: str, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw with the mouse from one place of an element to another, both in fractions of it."""
        script = "const one = document.querySelector(arguments[0]).getBoundingClientRect();"
        left, top, width, height = self.run(f"{script} return [one.x, one.y, one.width, one.height]", selector)
        moves = [
            {"type": "pointerMove", "x": round(left + x * width), "y": round(top + y * height), "duration": 20}
            for x, y in (start, end)
        ]
        actions = [moves[0], {"type": "pointerDown", "button": 0}, moves[1], {"type": "pointerUp", "button": 0}]
        pointer = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions}
        self._ask("POST", f"{self._session}/actions", {"actions": [pointer]})

    def text(self, selector: str) -> str:
        """Return the text that a reader sees; empty when there is no such element, or none that is shown."""
        script = "const one = document.querySelector(arguments[0]); return one?.checkVisibility() ? one.innerText : ''"
        found: str = self.run(script, selector)
        return found

    def texts(self, selector: str) -> list[str]:
        """Return what the elements say, scrolled out of sight or not."""
        script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)"
        found: list[str] = self.run(script, selector)
        return found

    def sees(self, selector: str, text: str) -> None:
        """Wait until the element shows the text."""
        eventually(lambda: text in self.text(selector))

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._ask("GET", f"{self._session}/screenshot")))

    def complaints(self) -> list[str]:
        """Return what the browser has logged since the last call: errors of scripts, refused loads."""
        found = self._ask("POST", f"{self._session}/se/log", {"type": "browser"})
        return [entry["message"] for entry in found]

    def _find(self, selector: str) -> str:
        found = self._ask("POST", f"{self._session}/element", {"using": "css selector", "value": selector})
        element: str = found[_ELEMENT]
        return element

    def _is_up(self) -> bool:
        try:
            return bool(self._client.get("/status").json()["value"]["ready"])
        except httpx.TransportError:
            return False

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        answer = self._client.request(method, path, json=body)
        value = answer.json()["value"]
        assert answer.status_code == 200, f"{path}: {value}"
        return value
