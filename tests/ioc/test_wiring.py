"""What joins the rooms: the site file checked whole, and live and replay being one path."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alerts.policy import Policy
from ioc import replay, rulebook
from ioc.errors import ModelError, UsageError
from ioc.runner import CameraJob, Fold, Runner
from ioc.sampler import Sampler
from ioc.seers import perception_for
from ioc.site import Site, SiteError
from ioc.types import Alert, Frame
from ioc.wiring import Replay, checked_site, code_digest
from models.manifest import load_manifest
from models.perception import JointPerception
from streams.scenes import DemoCamera
from streams.sources import open_source
from tests.ioc.kerb_site import kerb_site
from tests.models.drawn_set import draw_manifest

DEADLINE = 60.0


@pytest.fixture
def site_path(tmp_path: Path, kerb: DemoCamera) -> Path:
    return kerb_site(tmp_path, kerb)


@pytest.fixture
def site(site_path: Path) -> Site:
    return checked_site(site_path)


@pytest.fixture
def perception(site: Site) -> JointPerception:
    return perception_for(site, site.camera)


def test_problems_of_sources_and_of_rules_are_told_together(tmp_path: Path, kerb: DemoCamera) -> None:
    more = '[[rule]]\nname = "x"\nkind = "levitation"\ncamera = "c1"\n'
    path = kerb_site(tmp_path, kerb, source="gopher://old", more=more)
    with pytest.raises(SiteError) as caught:
        checked_site(path)
    told = " / ".join(caught.value.problems)
    assert "camera[0].source" in told
    assert "rule[1].kind" in told


def test_a_source_that_needs_its_secret_for_the_address_can_be_checked_without_it(
    tmp_path: Path, kerb: DemoCamera
) -> None:
    path = kerb_site(tmp_path, kerb, source="rtsp://cam/user={user}&password={password}/1")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('name = "Hùng', 'secret = "cam"\nname = "Hùng', 1), encoding="utf-8")
    assert checked_site(path).camera[0].secret == "cam"


def test_perception_is_asked_only_for_what_rules_need(site: Site, perception: JointPerception) -> None:
    (road,) = perception.describe()
    assert road["labels"] == sorted(rulebook.needs_of(site.rules_of("c1")).labels)
    assert road["size"] == site.inference.size


def test_a_provider_that_is_not_there_is_refused(tmp_path: Path, kerb: DemoCamera) -> None:
    site = checked_site(kerb_site(tmp_path, kerb, more='[inference]\nprovider = "cuda"\n'))
    with pytest.raises(ModelError, match="CUDA"):
        perception_for(site, site.camera)


def test_a_site_may_ask_for_eight_bits_in_a_replay_too(tmp_path: Path, kerb: DemoCamera) -> None:
    site = checked_site(kerb_site(tmp_path, kerb, more='[inference]\nvariant = "int8"\n'))
    copy = load_manifest().named("road").eight_bit
    assert copy is not None
    (ran,) = perception_for(site, site.camera).ran()
    assert ran == {"name": "road", "sha256": copy.sha256, "provider": "cpu", "variant": "int8"}


def test_live_remembers_in_the_data_folder_what_is_cheapest(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.variants.places", lambda: ["cpu"])
    monkeypatch.setattr("models.variants.measured", lambda sessions, images: [9.0, 5.0])
    memory = tmp_path / "variants.json"
    (ran,) = perception_for(site, site.camera, memory).ran()
    assert ran["variant"] == "int8"
    (known,) = json.loads(memory.read_text()).values()
    assert known == {"variant": "int8", "provider": "cpu", "cpu_ms": 5.0}


def test_a_site_may_name_a_model_of_its_own(tmp_path: Path, kerb: DemoCamera) -> None:
    manifest = draw_manifest(tmp_path / "own")
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text + 'use = { red = "person", green = "person" }\n', encoding="utf-8")
    more = '[inference]\nmanifest = "own/models.toml"\nmodel = "colours"\nprovider = "cpu"\n'
    path = kerb_site(tmp_path, kerb, more=more)
    with pytest.raises(ModelError, match=r"no model sees 'bicycle', which a rule needs; colours sees: person$"):
        perception_for(checked_site(path), checked_site(path).camera)
    crowd = path.read_text(encoding="utf-8").replace('"illegal_parking"', '"overcrowding"')
    path.write_text(crowd.replace('after = "PT8S"', "at_most = 3"), encoding="utf-8")
    seen, crowds = perception_for(checked_site(path), checked_site(path).camera).describe()
    assert (seen["name"], seen["labels"], crowds["name"]) == ("colours", ["person"], "crowd")


def test_a_manifest_that_is_not_there_is_named_from_the_site_file_on(tmp_path: Path, kerb: DemoCamera) -> None:
    site = checked_site(kerb_site(tmp_path, kerb, more='[inference]\nmanifest = "own/models.toml"\n'))
    with pytest.raises(ModelError, match=f"{tmp_path}/own/models.toml: No such file"):
        perception_for(site, site.camera)


def test_the_code_digest_is_the_same_until_code_changes() -> None:
    assert code_digest() == code_digest()
    assert len(code_digest()) == 64


def test_replay_of_an_unknown_camera_is_refused(site_path: Path) -> None:
    with pytest.raises(UsageError, match="there are: c1"):
        Replay(site_path, "c9")


def replayed(site: Site, path: Path, clip: Path, perception: JointPerception) -> list[Alert]:
    source = open_source("c1", str(clip))
    seen = replay.observations(source, Sampler(site.inference.rate), perception)
    return list(replay.alerts(seen, rulebook.make_rules(site, "c1", path), Policy()))


@pytest.fixture
def job_of(site: Site, site_path: Path, kerb_clip: Path) -> Callable[[list[Alert], threading.Event], CameraJob]:
    """Return what makes a camera job of the recording that collects what is delivered."""

    def make(delivered: list[Alert], ended: threading.Event) -> CameraJob:
        def read(put: Callable[[Frame], None], stop: threading.Event) -> None:
            for frame in open_source("c1", str(kerb_clip)).frames(Sampler(site.inference.rate).wants):
                put(frame)
            ended.set()

        return CameraJob(
            "c1",
            read,
            lambda: rulebook.make_rules(site, "c1", site_path),
            Policy,
            lambda alert, frame: delivered.append(alert),
            lambda reason: None,
        )

    return make


def frames_of(clip: Path, rate: float) -> Iterator[Frame]:
    return open_source("c1", str(clip)).frames(Sampler(rate).wants)


def test_live_and_replay_make_the_same_alerts_of_the_same_frames(
    site: Site,
    site_path: Path,
    kerb_clip: Path,
    perception: JointPerception,
    job_of: Callable[[list[Alert], threading.Event], CameraJob],
) -> None:
    delivered: list[Alert] = []
    fold = Fold(job_of(delivered, threading.Event()))
    for frame in frames_of(kerb_clip, site.inference.rate):
        (sight,) = perception.look([frame])
        fold.take(frame, sight)
    assert delivered == replayed(site, site_path, kerb_clip, perception)
    assert delivered


def test_live_under_overload_drops_pictures_and_says_how_many(
    perception: JointPerception, job_of: Callable[[list[Alert], threading.Event], CameraJob]
) -> None:
    """The recording comes as fast as it decodes: far faster than it can be looked at."""
    ended = threading.Event()
    runner = Runner([job_of([], ended)], perception)
    runner.start()
    assert ended.wait(DEADLINE)
    runner.stop()
    (lane,) = runner.stats()
    assert lane.dropped > 0
    assert lane.looked_at + lane.dropped <= 200
    assert lane.looked_at > 0
