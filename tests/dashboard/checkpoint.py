"""A dashboard whose cameras see vehicles pass, with drawn close-ups of their plates: for the police's pages."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import cv2

from alerts.wire import AlertMessage
from dashboard.accounts import Accounts
from dashboard.passwords import Passwords
from dashboard.plate_records import ReadFilter
from dashboard.plate_search import newest_reads
from dashboard.records import ALL_CAMERAS, Rights, Role
from ioc import clock
from ioc.plate_grammar import parse
from ioc.types import Evidence, Json
from streams.scene_plates import LONG, SMALL, Plate, plate_drawing
from tests.dashboard import sample
from tests.dashboard.browser import Browser
from tests.dashboard.operations import Operations
from tests.dashboard.peers import eventually
from tests.dashboard.sample import SITE, minutes

PASSWORD = "quiet river lantern"
PLACES = {"bg-001": (21.270, 106.190), "bg-002": (21.282, 106.199), "bg-003": (21.295, 106.214), "bg-004": None}
CAR, OTHER, MOTORCYCLE = "98A12345", "98A12346", "98B112345"


class Checkpoint(Operations):
    """Three cameras on the map and one that is not; an officer, one of a single camera, and their supervisor."""

    def __init__(self, folder: Path, stack: ExitStack, passwords: Passwords) -> None:
        super().__init__(folder, stack)
        for camera, location in PLACES.items():
            self.send(sample.camera(camera, title=f"Street {camera[-1]}", location=location))
        self.send(sample.engine())
        eventually(lambda: len(self.store.cameras(ALL_CAMERAS)) == len(PLACES))
        accounts = Accounts(self.store.database, passwords)
        local = Rights(frozenset({(SITE, "bg-002")}))
        for name, role, rights in (
            ("officer", Role.POLICE, ALL_CAMERAS),
            ("local", Role.POLICE, local),
            ("supervisor", Role.SUPERVISOR, ALL_CAMERAS),
        ):
            accounts.create(name, role, rights, clock.now(), chosen=PASSWORD)

    def see(self, *passes: AlertMessage) -> None:
        """Have the passes come, and wait until the store has them."""
        self.send(*passes)
        eventually(lambda: {one.id for one in passes} <= self.known())

    def known(self) -> set[UUID]:
        """Return the newest passes' ids."""
        with self.store.database.read() as connection:
            return {read.hit for read in newest_reads(connection, None, ReadFilter(), 1000)}

    def passing(
        self, number: float, text: str = CAR, camera: str = "bg-001", *, pictures: bool = True, **details: Json
    ) -> AlertMessage:
        """Return a pass that many minutes after the beginning, with a still and a close-up."""
        began = self.began + minutes(number)
        plate = parse(text, len(text) if text != MOTORCYCLE else 4)
        told: dict[str, Any] = {
            "raw": text, "scores": [0.99, 0.98, 0.97, 0.99, 0.72, 0.95, 0.41, 0.9, 0.9][: len(text)], "score": 0.87,
            "alternatives": [[f"{text[:-1]}8", 8, 0.21]], "lines": 1, "upper_len": len(text),
            "reads": 7, "legible": True,
            "vehicle": "car", "colour": "white", "kind": plate.kind, "province": plate.province, "direction": "in",
        }  # fmt: skip
        if plate.kind.startswith("moto"):
            told |= {"vehicle": "motorcycle", "lines": 2, "upper_len": 4}
        evidence = self.pictures(f"{camera}-{number}", text, began) if pictures else ()
        return sample.alert(
            camera=camera, kind="plate", rule="plates", subject=f"plate:{text}", began=began,
            details=told | details, evidence=evidence,
        )  # fmt: skip

    def pictures(self, name: str, text: str, at: datetime) -> tuple[Evidence, ...]:
        """Draw a still and the close-up of a plate."""
        still = replace(sample.picture(self.root, f"{name}.jpg", hue=len(name) * 13 % 180), at=at)
        plate = parse(text, 4 if text == MOTORCYCLE else len(text))
        drawn = plate_drawing(Plate.parse(plate.display), SMALL if text == MOTORCYCLE else LONG, 208)
        done, encoded = cv2.imencode(".jpg", drawn)
        assert done
        path = f"{name}-crop.jpg"
        (self.root / path).write_bytes(encoded.tobytes())
        return still, Evidence("crop", 7, at, still.box, path, hashlib.sha256(encoded.tobytes()).hexdigest())


def nameless(browser: Browser) -> list[str]:
    """Return what can be pressed or filled in and has no name for a reader of screens."""
    script = """
      const named = (one) => one.innerText.trim() || one.ariaLabel || one.title || one.labels?.length;
      return [...document.querySelectorAll("button, input, select, a, summary")]
        .filter((one) => one.checkVisibility() && !named(one)).map((one) => one.outerHTML);
    """
    found: list[str] = browser.run(script)
    return found


def scrolls_sideways(browser: Browser) -> bool:
    """Return whether the page, or a part of it, is wider than its place."""
    script = """
      const wide = (one) => one.scrollWidth > one.clientWidth && getComputedStyle(one).overflowX === "auto";
      const parts = [...document.querySelectorAll("main, main *")];
      return document.documentElement.scrollWidth > innerWidth || parts.some(wide);
    """
    return bool(browser.run(script))
