from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ioc.site import SiteError, load_site
from ioc.types import Point

GOOD = """
[site]
id = "bac-giang"

[[camera]]
id = "bg-017"
name = "Hùng Vương / Lê Lợi"
source = "rtsp://cam-017.example/main"
secret = "bg-017"
location = [21.2731, 106.1946]
  [[camera.zone]]
  name = "kerb"
  polygon = [[0.10, 0.55], [0.62, 0.50], [0.70, 0.80], [0.05, 0.90]]

[[camera]]
id = "bg-018"

[[rule]]
name = "no-stopping"
kind = "illegal_parking"
camera = "bg-017"
zone = "kerb"
after = "PT60S"

[[rule]]
name = "square"
kind = "overcrowding"
camera = "bg-018"
at_most = 40
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "site.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> SiteError:
    with pytest.raises(SiteError) as caught:
        load_site(written(folder, text))
    assert caught.value.exit_code == 2
    assert all("\n" not in problem and "site.toml" in problem for problem in caught.value.problems)
    return caught.value


def test_a_good_site_is_read_whole(tmp_path: Path) -> None:
    site = load_site(written(tmp_path, GOOD))
    camera = site.camera_with("bg-017")
    assert camera is not None
    assert (camera.title, camera.location) == ("Hùng Vương / Lê Lợi", (21.2731, 106.1946))
    assert camera.stall == timedelta(seconds=10)
    zone = camera.zone_named("kerb")
    assert zone is not None
    assert zone.points[0] == Point(0.10, 0.55)
    assert [rule.name for rule in site.rules_of("bg-017")] == ["no-stopping"]
    assert site.rules_of("bg-017")[0].settings == {"after": "PT60S"}
    assert site.rules_of("bg-018")[0].settings == {"at_most": 40}


def test_defaults_keep_everything_on_this_machine(tmp_path: Path) -> None:
    site = load_site(written(tmp_path, GOOD))
    assert (site.dashboard.host, site.broker.url, site.inference.provider) == ("127.0.0.1", None, "auto")
    assert site.site.data == tmp_path / "var"
    assert (site.inference.model, site.inference.manifest) == ("road", None)
    assert site.camera[1].title == "bg-018"
    assert site.camera[1].plates == "overview"


def test_a_camera_keeps_tapes_as_it_says_itself_or_else_as_the_site_says(tmp_path: Path) -> None:
    def recorded(tape: str, camera: str) -> list[bool]:
        text = GOOD.replace('id = "bg-018"', f'id = "bg-018"\n{camera}')
        site = load_site(written(tmp_path, f"{text}\n[tape]\n{tape}"))
        return [site.records(one) for one in site.camera]

    assert recorded("", "") == [False, False]
    assert recorded("record = true", "tape = false") == [True, False]
    assert recorded("", "tape = true") == [False, True]
    assert load_site(written(tmp_path, GOOD)).tape.keep == timedelta(hours=24)
    assert "tape.keep" in str(refusal(tmp_path, GOOD + '\n[tape]\nkeep = "PT0S"'))


def test_a_manifest_of_models_lies_relative_to_the_site_file(tmp_path: Path) -> None:
    site = load_site(written(tmp_path, GOOD + '\n[inference]\nmanifest = "models/ours.toml"\nmodel = "junction"\n'))
    assert (site.inference.model, site.inference.manifest) == ("junction", tmp_path / "models" / "ours.toml")


def test_a_camera_or_zone_that_is_not_there_is_none(tmp_path: Path) -> None:
    site = load_site(written(tmp_path, GOOD))
    assert site.camera_with("bg-099") is None
    assert site.camera[0].zone_named("pavement") is None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('zone = "kerb"', 'zone = "curb"', "rule[0].zone: camera 'bg-017' has no zone 'curb'; it has: kerb"),
        ('camera = "bg-018"', 'camera = "bg-O18"', "rule[1].camera: no camera 'bg-O18'; there are: bg-017, bg-018"),
        ("[0.10, 0.55]", "[1.10, 0.55]", "camera[0].zone[0].polygon[0][0]: Input should be less than or equal to 1"),
        ("[0.70, 0.80], [0.05, 0.90]", "", "camera[0].zone[0].polygon"),
        ("location = [21.2731, 106.1946]", "location = [121.0, 6.0]", "camera[0].location[0]"),
        ("location", "lokation", "camera[0].lokation: unknown key"),
        ('id = "bg-018"', 'id = "bg-017"', "camera ids must differ, 'bg-017' stands twice"),
        ('name = "square"', 'name = "no-stopping"', "rule names must differ"),
        ('id = "bg-018"', 'id = "../etc"', "camera[1].id"),
        ('id = "bg-018"', 'id = "bg-018"\nplates = "anpr"', "camera[1].plates: Input should be 'overview' or 'lpr'"),
        ('kind = "overcrowding"', "", "rule[1].kind: is missing"),
        ("[site]", "[site", "not TOML"),
        ('id = "bac-giang"', 'id = "bac-giang"\n[brokr]\nurl = "x"', "brokr: unknown key"),
        ('id = "bac-giang"', 'id = "bac-giang"\n[broker]\nurl = "http://x"', "broker.url: expected a URL like mqtt://"),
        ('id = "bac-giang"', 'id = "bac-giang"\n[inference]\nrate = 0', "inference.rate"),
        (
            'id = "bac-giang"',
            'id = "bac-giang"\n[live]\nrate = 9',
            "live.rate: Input should be less than or equal to 5",
        ),
    ],
)
def test_what_is_wrong_is_named_by_key_and_what_was_expected(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert GOOD.count(old) >= 1
    error = refusal(tmp_path, GOOD.replace(old, new, 1))
    assert expected in error.problems[0], error.problems
    assert len(error.problems) == 1


def test_a_flat_zone_is_refused(tmp_path: Path) -> None:
    flat = GOOD.replace("[[0.10, 0.55], [0.62, 0.50], [0.70, 0.80], [0.05, 0.90]]", "[[0, 0], [0.5, 0.5], [1, 1]]")
    assert "enclose an area" in str(refusal(tmp_path, flat))


@pytest.mark.parametrize("key", ["source", "analysis"])
def test_credentials_in_a_url_are_refused_and_not_repeated(tmp_path: Path, key: str) -> None:
    text = GOOD.replace('secret = "bg-017"', f'{key} = "rtsp://admin:hunter2@cam/1"')
    text = text.replace('source = "rtsp://cam-017.example/main"\n', "") if key == "source" else text
    error = refusal(tmp_path, text)
    assert "secret" in str(error)
    assert "hunter2" not in "".join(error.problems)


def test_broker_credentials_in_the_url_are_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, GOOD + '\n[broker]\nurl = "mqtt://ioc:hunter2@broker"\n')
    assert "hunter2" not in "".join(error.problems)


def test_every_problem_is_listed_and_the_first_line_says_how_many(tmp_path: Path) -> None:
    error = refusal(tmp_path, GOOD.replace("[0.10, 0.55]", "[1.10, 0.55]").replace("location", "lokation"))
    assert len(error.problems) == 2
    assert "1 more: `ioc check-site` lists them" in str(error)


def test_a_file_that_is_missing_or_no_text_is_one_line(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.toml", tmp_path):
        with pytest.raises(SiteError, match=r"expected a site file"):
            load_site(path)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SiteError, match="not UTF-8 text"):
        load_site(tmp_path / "binary.toml")


def test_a_site_without_cameras_is_refused(tmp_path: Path) -> None:
    assert "camera" in str(refusal(tmp_path, '[site]\nid = "empty"\n'))


GROUND = """
  [camera.ground]
  picture = [[0.10, 0.55], [0.62, 0.50], [0.70, 0.80], [0.05, 0.90]]
  metres = [[0, 0], [6, 0], [6, 20], [0, 20]]
  [[camera.zone]]
"""


def test_ground_that_was_measured_gives_zones_an_area(tmp_path: Path) -> None:
    with_ground = GOOD.replace("  [[camera.zone]]\n", GROUND.lstrip("\n"))
    for text, area in ((GOOD, None), (with_ground, pytest.approx(120))):
        camera = load_site(written(tmp_path, text)).camera[0]
        assert camera.area_of(camera.zone[0]) == area


def test_ground_whose_places_lie_on_one_line_is_refused(tmp_path: Path) -> None:
    flat = GROUND.replace("[6, 20]", "[3, 0]")
    error = refusal(tmp_path, GOOD.replace("  [[camera.zone]]\n", flat))
    assert "camera[0].ground: expected four places of which no three lie on one line" in str(error)
