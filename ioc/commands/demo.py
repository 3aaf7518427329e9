"""`ioc demo`: a simulated city with everything embedded."""

from __future__ import annotations

import tempfile
import webbrowser
from collections import Counter
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ioc.commands.signals import until_told
from ioc.errors import IocError

if TYPE_CHECKING:
    from dashboard.store import Store

POLL_SECONDS = 0.5


def command(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of the page; 0 takes a free one.")] = 8080,
    seconds: Annotated[float | None, typer.Option("--for", min=1, help="End after so many seconds.")] = None,
    headless: Annotated[
        bool, typer.Option("--headless", help="Open no browser; fail unless alerts of every kind arrived in the store.")
    ] = False,
) -> int:
    """Show the whole system on simulated street scenes: cameras over RTSP, analysis, alerts over MQTT, the page.

    Nothing is kept: the demo's data lies in a temporary folder that goes with it.
    """
    from dashboard.records import WATCH_LIST
    from dashboard.store import open_store
    from ioc import clock, simulation, station
    from ioc.commands.dashboard import running_dashboard, settings_of
    from streams.loopback import serve

    began = clock.monotonic()
    with until_told() as stop, ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ioc-demo-")))
        print("Drawing the simulated city ...", flush=True)
        urls = stack.enter_context(serve(simulation.draw_city(folder)))
        site = simulation.city_site(folder, urls, "127.0.0.1", port)
        secrets = station.secrets_of(site, {})
        broker = stack.enter_context(station.broker_of(site, secrets))
        url = stack.enter_context(running_dashboard(site, broker))
        stack.enter_context(station.open_station(site, folder / "simulated.toml", broker, secrets))
        if not headless:
            webbrowser.open(url)
        settings = settings_of(site, broker)
        store = open_store(settings)
        stack.callback(store.release)
        _watch(store, settings.data)
        tally = Tally(began, {*(rule.kind for rule in site.rule), WATCH_LIST})
        until = None if seconds is None else clock.monotonic() + seconds
        while not stop.wait(POLL_SECONDS) and (until is None or clock.monotonic() < until):
            tally.take(store, clock.monotonic())
        tally.take(store, clock.monotonic())
    print(tally.summary, flush=True)
    if headless and tally.missing:
        missing = ", ".join(tally.missing)
        raise IocError(f"no alert of these kinds arrived in the store: {missing}; give it longer with --for")
    return 0


def _watch(store: Store, data: Path) -> None:
    """Make somebody of the police, who looks for a car that comes by again and again."""
    from dashboard.accounts import Accounts
    from dashboard.audit import HEAD, Audit
    from dashboard.passwords import Passwords
    from dashboard.records import ALL_CAMERAS, Role
    from dashboard.watch_deeds import WatchDeeds
    from dashboard.watch_records import EntryDraft, ListDraft
    from ioc import clock
    from streams.scene_demo import WATCHED

    officer, password = Accounts(store.database, Passwords()).create(
        "officer", Role.POLICE, ALL_CAMERAS, clock.now(), None
    )
    deeds = WatchDeeds(Audit(store.database, data / HEAD), officer.name, clock.now())
    found = deeds.make(ListDraft("Demo", officer.name, "show what a watch-list does", "DEMO-1"))
    deeds.put(found, EntryDraft(WATCHED, "simulated car"))
    print(f"Sign in as officer, of the police, with the one-time password {password}", flush=True)


@dataclass
class Tally:
    """What has arrived in the store of the kinds that are to come, and when the first did, and something of each."""

    began: float
    wanted: Collection[str]
    kinds: Counter[str] = field(default_factory=Counter)
    first: float | None = None
    complete: bool = False

    def take(self, store: Store, now: float) -> None:
        """Count what the store holds now; vehicles' passes are records and count as the kind `plate`."""
        from dashboard.plate_records import KIND
        from dashboard.records import AlertFilter, Rights

        alerts, _ = store.alerts(AlertFilter(), Rights(None, watch_lists=True), 500)
        self.kinds = Counter(alert.kind for alert in alerts) + Counter({KIND: store.passes()})
        if self.kinds and self.first is None:
            self.first = now - self.began
            print(f"First alert in the store after {self.first:.1f} s", flush=True)
        if not self.missing and not self.complete:
            self.complete = True
            print(f"Something of every kind in the store after {now - self.began:.1f} s", flush=True)

    @property
    def missing(self) -> list[str]:
        """Those kinds of which nothing has arrived."""
        return [kind for kind in sorted(self.wanted) if not self.kinds[kind]]

    @property
    def summary(self) -> str:
        """One line for the terminal."""
        if not self.kinds:
            return "No alert arrived in the store."
        counts = ", ".join(f"{kind} {count}" for kind, count in sorted(self.kinds.items()))
        return f"Alerts in the store: {counts} (the first after {self.first:.1f} s)"
