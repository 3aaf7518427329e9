"""Joins the cameras' last seconds to the alerts of their rules, for clips."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager

from alerts.clips import Clips
from alerts.delivery import Delivery
from alerts.evidence import EvidenceStore
from ioc.site import Camera, Site
from ioc.types import Alert, Frame
from streams.packet_ring import PacketRing


class SiteClips:
    """What keeps the last seconds of a site's cameras and cuts clips out of them, as the site file wants it.

    Kept are the cameras with a rule whose alerts get clips. Clips are cut while the block of `cutting` lasts.
    """

    def __init__(self, site: Site, watched: Iterable[Camera], evidence: EvidenceStore, delivery: Delivery) -> None:
        wanted = site.evidence
        rules = [rule for rule in site.rule if rule.wants_clips and wanted.clips]
        cameras = {camera.id for camera in watched} & {rule.camera for rule in rules}
        self._rings = {camera: PacketRing(wanted.clip_before, wanted.clip_memory << 20) for camera in cameras}
        self._delivery = delivery
        self._clips = Clips(
            self._rings,
            {rule.name for rule in rules},
            wanted.clip_before,
            wanted.clip_after,
            evidence,
            delivery,
        )

    def cutting(self) -> AbstractContextManager[object]:
        """Return the block while which clips are cut; those that wait when it ends end there."""
        return self._clips

    def ring(self, camera: str) -> PacketRing | None:
        """Return where a camera's last seconds are kept, or None when no clip is cut of it."""
        return self._rings.get(camera)

    def deliver(self, alert: Alert, frame: Frame | None) -> None:
        """Deliver an alert, and again when its clip is there; without a frame there is nothing to cut one of."""
        told = self._delivery.deliver(alert, frame)
        if frame is not None:
            self._clips.ask(told, frame)
