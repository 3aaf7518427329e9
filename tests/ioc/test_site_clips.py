"""The site file says of which cameras the last seconds are kept, and whose alerts get clips of how long."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.delivery import Delivery
from alerts.evidence import EvidenceStore
from alerts.outbox import Outbox
from alerts.wire import AlertMessage, decode
from ioc.site import Site, SiteError, parse_site
from ioc.site_clips import SiteClips
from ioc.types import Alert, Phase, Severity
from streams.recording import Recording
from tests.streams.drawn_video import always, draw

CAMERAS = [{"id": "c1", "source": "a.mp4"}, {"id": "c2", "source": "b.mp4"}, {"id": "c3", "source": "c.mp4"}]
RULES = [
    {"name": "kerb", "kind": "illegal_parking", "camera": "c1"},
    {"name": "square", "kind": "overcrowding", "camera": "c1", "clip": False},
    {"name": "gate", "kind": "plate", "camera": "c2"},
    {"name": "bridge", "kind": "plate", "camera": "c3", "clip": True},
]


def site(**evidence: object) -> Site:
    return parse_site({"camera": CAMERAS, "rule": RULES, "evidence": evidence}, Path("site.toml"))


@pytest.fixture
def told(tmp_path: Path) -> Iterator[tuple[EvidenceStore, Outbox, Delivery]]:
    store = EvidenceStore(tmp_path / "evidence")
    with Outbox(tmp_path / "outbox.db") as outbox:
        yield store, outbox, Delivery("site", outbox, store, lambda: None)


@pytest.mark.parametrize(("clips", "kept"), [(True, ["c1", "c3"]), (False, [])])
def test_the_last_seconds_are_kept_of_cameras_whose_alerts_get_clips(
    told: tuple[EvidenceStore, Outbox, Delivery], clips: bool, kept: list[str]
) -> None:
    store, _, delivery = told
    wanted = site(clips=clips)
    made = SiteClips(wanted, wanted.camera, store, delivery)
    assert [camera.id for camera in wanted.camera if made.ring(camera.id)] == kept
    nobody = SiteClips(wanted, [], store, delivery)
    assert nobody.ring("c1") is None, "a camera that is not watched sends nothing"


@pytest.mark.parametrize(("rule", "count"), [("kerb", 2), ("square", 1)])
def test_an_alert_gets_the_clip_that_its_rule_is_to_have(
    told: tuple[EvidenceStore, Outbox, Delivery], tmp_path: Path, rule: str, count: int
) -> None:
    store, outbox, delivery = told
    wanted = site(clip_before="PT1S", clip_after="PT1S")
    clips = SiteClips(wanted, wanted.camera, store, delivery)
    frames = list(Recording("c1", [draw(tmp_path / "a.mp4", 100)], ring=clips.ring("c1")).frames(always))
    seen = frames[50]
    alert = Alert(rule, "test", "c1", "it", Phase.RAISED, Severity.LOW, seen.at, seen.at)
    with clips.cutting():
        clips.deliver(alert, seen)
    messages = [decode(row.topic, row.payload) for row in outbox.pending(10)]
    assert len(messages) == count
    last = messages[-1]
    assert isinstance(last, AlertMessage)
    found = [item.kind for item in last.evidence]
    assert found == ["frame", "frame", "clip"][: count + 1]


@pytest.mark.parametrize(
    ("evidence", "complaint"),
    [
        ({"clip_before": "PT61S"}, "evidence.clip_before"),
        ({"clip_after": "-PT1S"}, "evidence.clip_after"),
        ({"clip_memory": 4}, "evidence.clip_memory"),
        ({"clip_memory": 100}, "evidence.clip_memory"),
        ({"clip": True}, "evidence.clip: unknown key"),
    ],
)
def test_what_cannot_be_meant_is_named(evidence: dict[str, object], complaint: str) -> None:
    with pytest.raises(SiteError, match=complaint):
        site(**evidence)
