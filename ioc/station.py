"""Live: one site's broker, analysis, delivery and dashboard, started and stopped together in one process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alerts.address import BrokerAddress
from alerts.broker import EmbeddedBroker
from alerts.delivery import Delivery
from alerts.evidence import EvidenceStore
from alerts.live import LivePictures
from alerts.outbox import Outbox
from alerts.policy import Policy
from alerts.publisher import Publisher
from alerts.wire import CameraState, CameraStatus
from ioc import clock, rulebook
from ioc.errors import IocError, UsageError
from ioc.ports import FrameSource
from ioc.rule_memory import RuleMemory
from ioc.runner import CameraJob, LaneStats, Runner, Show, unrecorded, unshown
from ioc.sampler import Sampler
from ioc.seers import perception_for
from ioc.site import Camera, Site
from ioc.site_clips import SiteClips
from ioc.tape_recorder import TapeShelf
from ioc.types import Frame, Json
from ioc.wiring import code_digest
from streams.pacing import Paced
from streams.packet_ring import PacketRing
from streams.reconnecting import watch
from streams.secrets import Credentials, Secrets
from streams.sources import is_live, open_source

log = logging.getLogger(__name__)

VARIANTS = "variants.json"
"""File in the data folder that remembers what each model is cheapest computed in."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where to connect, and with what."""

    url: str
    secret: str | None
    ca_file: Path | None = None

    @property
    def address(self) -> BrokerAddress:
        """The address that the publisher connects to."""
        return BrokerAddress.parse(self.url, self.secret, self.ca_file)


@dataclass(frozen=True, slots=True)
class Station:
    """A site that is running."""

    site: Site
    broker: Broker
    publisher: Publisher
    runner: Runner

    def stats(self) -> list[LaneStats]:
        """Return what each camera has done since the start."""
        return self.runner.stats()


class CameraReport:
    """Publishes how one camera is, whenever that changes; told by its reader, its fold and the inference worker."""

    def __init__(self, site: str, camera: Camera, publish: Callable[[CameraStatus], None]) -> None:
        self._site = site
        self._camera = camera
        self._publish = publish
        self._lock = threading.Lock()
        self._stream: tuple[CameraState, str] = (CameraState.CONNECTING, "")
        self._faults: dict[str, str] = {}
        self._told: tuple[CameraState, str] | None = None
        self._since = clock.now()

    def stream(self, state: str, reason: str) -> None:
        """Take what the reader says of the stream."""
        with self._lock:
            self._stream = (CameraState(state), reason)
            self._tell()

    def fault(self, reason: str) -> None:
        """Take what is wrong with the analysis; an empty reason says that it is over."""
        self._take_fault("analysis", reason)

    def tape_fault(self, reason: str) -> None:
        """Take what is wrong with the camera's tape; an empty reason says that it is over."""
        self._take_fault("tape", reason)

    def _take_fault(self, of: str, reason: str) -> None:
        with self._lock:
            self._faults[of] = reason
            self._tell()

    def _tell(self) -> None:
        state, reason = self._stream
        wrong = "; ".join(filter(None, self._faults.values()))
        if state is CameraState.ONLINE and wrong:
            state, reason = CameraState.DEGRADED, wrong
        if (state, reason) == self._told:
            return
        if self._told is None or state is not self._told[0]:
            self._since = clock.now()
        self._told = (state, reason)
        self._publish(self._status(state, reason, self._since))

    def _status(self, state: CameraState, reason: str, since: datetime) -> CameraStatus:
        camera = self._camera
        return CameraStatus(
            site=self._site,
            camera=camera.id,
            name=camera.title,
            location=camera.location,
            simulated=camera.simulated,
            state=state,
            since=since,
            reason=reason[:500],
        )


@contextmanager
def broker_of(site: Site, secrets: Secrets) -> Iterator[Broker]:
    """Yield the broker that the site file names, or an embedded one while the block lasts."""
    settings = site.broker
    if settings.url is None:
        with EmbeddedBroker() as embedded:
            yield Broker(embedded.url, embedded.secret)
        return
    yield named_broker(site, secrets)


def named_broker(site: Site, secrets: Secrets) -> Broker:
    """Return the broker that the site file names; raises UsageError when it names none."""
    settings = site.broker
    if settings.url is None:
        raise UsageError("no broker: give its URL under [broker] in the site file")
    secret = secrets.credentials(settings.secret) if settings.secret else None
    return Broker(settings.url, f"{secret.user}:{secret.password}" if secret else None, settings.ca_file)


@contextmanager
def open_station(site: Site, path: Path, broker: Broker, secrets: Secrets) -> Iterator[Station]:
    """Yield the running analysis of a site; stops it, and sends what is waiting, when the block ends.

    Raises an IocError when something without which nothing would work cannot be had: the data folder, the
    outbox, the weights, a camera's secret.
    """
    data = make_folder(site.site.data)
    names = {camera.id: camera.title for camera in site.camera}
    with ExitStack() as stack:
        outbox = stack.enter_context(Outbox(data / "outbox.db"))
        publisher = Publisher(outbox, broker.address, site.site.id)
        evidence = EvidenceStore(evidence_folder(site), names)
        watched = _watched(site, path)
        perception = perception_for(site, watched, data / VARIANTS)
        delivery = Delivery(site.site.id, outbox, evidence, publisher.notify, models=perception.ran())
        delivery.withdraw_other_cameras(names)
        show = _live_pictures(site, broker, stack)
        shelf = stack.enter_context(_shelf(site, perception.describe()))
        clips = SiteClips(site, watched, evidence, delivery)
        jobs = [_job(site, path, camera, delivery, secrets, show, shelf, clips) for camera in watched]
        runner = Runner(jobs, perception)
        stack.enter_context(publisher)
        stack.enter_context(clips.cutting())
        stack.callback(runner.stop)
        runner.start()
        yield Station(site, broker, publisher, runner)


def _memory(site: Site, camera: Camera) -> RuleMemory:
    """Return where what a live camera's rules remember outlives the program."""
    folder = make_folder(site.site.data / "rules")
    return RuleMemory(folder / f"{camera.id}.json", rulebook.made_of(site, camera.id))


def evidence_folder(site: Site) -> Path:
    """Return where the site's evidence is kept."""
    return site.site.data / "evidence"


def tape_folder(site: Site) -> Path:
    """Return where the tapes of the site's live cameras are kept, a folder each."""
    return site.site.data / "tapes"


def make_folder(path: Path) -> Path:
    """Make the site's data folder, for this user alone; raises IocError when that cannot be done."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise IocError(f"data folder {path}: {error.strerror}; name another in [site] data") from None
    return path


def _watched(site: Site, path: Path) -> list[Camera]:
    watched = [camera for camera in site.camera if camera.source is not None]
    if not watched:
        raise UsageError(f"{path}: no camera has a source; `ioc replay` needs none, `ioc run` does")
    return watched


def _live_pictures(site: Site, broker: Broker, stack: ExitStack) -> Show:
    """Return what shows frames to those who watch live; nobody sees any when the site wants no pictures."""
    if not site.live.pictures:
        return unshown
    return stack.enter_context(LivePictures(broker.address, site.site.id, rate=site.live.rate)).take


def _shelf(site: Site, models: tuple[dict[str, Json], ...]) -> TapeShelf:
    """Return where live tapes are kept, without the old ones."""
    sampler = Sampler(site.inference.rate).describe()
    shelf = TapeShelf(tape_folder(site), site.tape.keep, models, sampler, code_digest())
    shelf.remove_old(clock.now())
    return shelf


def _job(
    site: Site,
    path: Path,
    camera: Camera,
    delivery: Delivery,
    secrets: Secrets,
    show: Show,
    shelf: TapeShelf,
    clips: SiteClips,
) -> CameraJob:
    report = CameraReport(site.site.id, camera, delivery.status)
    secret = secrets.credentials(camera.secret) if camera.secret else None
    source = camera.analysis or camera.source or ""
    if is_live(source):
        open_source(camera.id, source, secret=secret)  # connects to nothing, but says now what cannot be meant

    def read(put: Callable[[Frame], None], stop: threading.Event) -> None:
        sampler = Sampler(site.inference.rate)
        reopen = opener(camera, source, secret, stop, clips.ring(camera.id))
        watch(camera.id, reopen, sampler.wants, put, report.stream, stop)

    return CameraJob(
        camera=camera.id,
        read=read,
        make_rules=lambda: rulebook.make_rules(site, camera.id, path),
        make_policy=Policy,
        deliver=clips.deliver,
        on_fault=report.fault,
        see=delivery.see,
        cite=delivery.cite,
        memory=_memory(site, camera) if is_live(source) else None,
        record=shelf.recorder(camera.id, report.tape_fault).add if site.records(camera) else unrecorded,
        show=show,
    )


def opener(
    camera: Camera, source: str, secret: Credentials | None, stop: threading.Event, ring: PacketRing | None = None
) -> Callable[[], FrameSource]:
    """Return what opens a camera's source anew; a recording that stands in for a camera keeps its own pace."""

    def reopen() -> FrameSource:
        opened = open_source(camera.id, source, secret=secret, stall=camera.stall, start=clock.now(), ring=ring)
        return opened if is_live(source) else Paced(opened, stop.wait)

    return reopen


def secrets_of(site: Site, environ: Mapping[str, str]) -> Secrets:
    """Return where the site's secrets are found."""
    return Secrets(environ, site.secrets.file)
