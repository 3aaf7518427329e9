"""The last steps of an alert in one call: evidence, wire message, outbox, and a nudge to the publisher."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import ValidationError

from alerts.evidence import EvidenceStore
from alerts.outbox import Outbox
from alerts.outbox_file import OutboxError
from alerts.wire import MAX_BYTES, AlertMessage, CameraStatus
from ioc.types import Alert, Evidence, Frame, Json, Observation

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryHealth:
    """What has become of what was handed in since the start; `lost` counts what could not even be kept."""

    kept: int
    lost: int
    evidence_problem: str


class Delivery:
    """Takes alerts and camera states of one site; safe to call from several threads, and never raises.

    `models` says what looks at the pictures, for every alert. Whether an alert is worth delivering is `alerts.policy`'s
    decision, made before.
    """

    def __init__(
        self,
        site: str,
        outbox: Outbox,
        evidence: EvidenceStore,
        notify: Callable[[], None],
        *,
        models: Sequence[Mapping[str, Json]] = (),
    ) -> None:
        self._site = site
        self._outbox = outbox
        self._evidence = evidence
        self._notify = notify
        self._models = models
        self._lock = threading.Lock()
        self._kept = 0
        self._lost = 0

    def deliver(self, alert: Alert, frame: Frame | None) -> Alert:
        """Keep the alert's evidence and the alert itself, which is on disk when this returns; return it as it was told.

        `frame` is the picture that made the alert due, None when there is none to keep.
        """
        kept = self._evidence.keep(alert, frame)
        self.tell(kept)
        return kept

    def tell(self, alert: Alert) -> None:
        """Keep the alert itself, for the first time or again with more evidence; it is on disk when this returns."""
        message = self.message(alert)
        if message is None:
            self._count(0)
        else:
            self.send(message)

    def send(self, message: AlertMessage) -> None:
        """Keep a message, which is on disk when this returns."""
        self._put(message.topic, message.payload(), retain=False)

    def see(self, frame: Frame, obs: Observation) -> None:
        """Remember for a while a frame that an alert may point to later."""
        self._evidence.see(frame, obs)

    def cite(self, frame: Frame, cited: frozenset[Evidence]) -> None:
        """Keep the frame as long as a rule may name it, and none that no rule may name any more."""
        self._evidence.cite(frame, cited)

    def status(self, status: CameraStatus) -> None:
        """Publish how a camera is; retained, so that whoever connects later knows."""
        self._put(status.topic, status.payload(), retain=True)

    def withdraw_other_cameras(self, cameras: Collection[str]) -> None:
        """Withdraw the retained states of cameras that the site file no longer names."""
        known = {f"ioc/v1/{self._site}/{camera}/status" for camera in cameras}
        for topic in sorted(self._outbox.retained_topics() - known):
            self._put(topic, b"", retain=True)

    @property
    def health(self) -> DeliveryHealth:
        """What has become of what was handed in."""
        with self._lock:
            return DeliveryHealth(self._kept, self._lost, self._evidence.problem)

    def message(self, alert: Alert) -> AlertMessage | None:
        """Return the alert's message; details that cannot be sent must not cost the alert."""
        try:
            message = AlertMessage.of(alert, self._site, self._models)
            if len(message.payload()) <= MAX_BYTES:
                return message
            why = f"details are larger than a message of {MAX_BYTES} bytes"
        except ValidationError as error:
            why = _first_of(error)
        log.error("alert %s of rule %r goes without its details: %s", alert.id, alert.rule, why)
        try:
            return AlertMessage.of(replace(alert, details={"details_missing": why[:200]}), self._site, self._models)
        except ValidationError as error:
            log.error("alert %s of rule %r is lost, no message can say it: %s", alert.id, alert.rule, _first_of(error))
            return None

    def _put(self, topic: str, payload: bytes, *, retain: bool) -> None:
        try:
            self._outbox.put(topic, payload, retain=retain)
        except OutboxError as error:
            if self._count(0) == 1:
                log.error("%s; this is said once", error)
            return
        self._count(1)
        self._notify()

    def _count(self, kept: int) -> int:
        with self._lock:
            self._kept += kept
            self._lost += 1 - kept
            return self._lost


def _first_of(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
