"""The map that a city draws: what is kept of it, and what is refused with the way out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dashboard import map_file
from dashboard.map_file import MapError, read_map
from dashboard.passwords import Passwords
from dashboard.settings import DashboardSettings
from tests.dashboard.house import House

STREET = [[106.19, 21.27], [106.2000000049, 21.28, 14.5]]
KEPT = [[106.19, 21.27], [106.2, 21.28]]


def feature(geometry: dict[str, Any] | None, **tags: object) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": {"name": "Lý Thái Tổ", **tags}}


def line(**tags: object) -> dict[str, Any]:
    return feature({"type": "LineString", "coordinates": STREET}, **tags)


def collection(*features: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **more}


def written(folder: Path, value: object) -> Path:
    path = folder / "roads.geojson"
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def lines(folder: Path, value: object) -> Any:
    return json.loads(read_map(written(folder, value)).content)["lines"]


def refusal(folder: Path, value: object) -> str:
    path = written(folder, value)
    with pytest.raises(MapError) as caught:
        read_map(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said
    return said


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"highway": "primary"}, "main"),
        ({"highway": "residential"}, "road"),
        ({"highway": "footway"}, "path"),
        ({"waterway": "river"}, "water"),
        ({"natural": "water"}, "water"),
        ({"leisure": "park"}, "green"),
        ({"building": "yes"}, "building"),
        ({"natural": "tree"}, "other"),
        ({"highway": ["primary"], "building": 1}, "building"),
        ({}, "other"),
    ],
)
def test_tags_say_what_a_line_is(tmp_path: Path, tags: dict[str, object], kind: str) -> None:
    assert lines(tmp_path, collection(line(**tags))) == {kind: [KEPT]}


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        ({"type": "LineString", "coordinates": STREET}, [KEPT]),
        ({"type": "MultiLineString", "coordinates": [STREET, STREET]}, [KEPT, KEPT]),
        ({"type": "Polygon", "coordinates": [STREET, STREET]}, [KEPT, KEPT]),
        ({"type": "MultiPolygon", "coordinates": [[STREET], [STREET, STREET]]}, [KEPT, KEPT, KEPT]),
        ({"type": "GeometryCollection", "geometries": [{"type": "LineString", "coordinates": STREET}]}, [KEPT]),
    ],
)
def test_every_shape_becomes_lines(tmp_path: Path, geometry: dict[str, Any], expected: list[Any]) -> None:
    assert lines(tmp_path, geometry) == {"other": expected}
    assert lines(tmp_path, feature(geometry)) == {"other": expected}


def test_nothing_but_lines_and_the_source_reaches_the_page(tmp_path: Path) -> None:
    shop = feature({"type": "Point", "coordinates": [106, 21]}, phone="0204 000 000")
    value = collection(line(highway="service", owner="Lan"), shop, feature(None), attribution="© a\n\n city ")
    kept = read_map(written(tmp_path, value))
    assert json.loads(kept.content) == {"attribution": "© a city", "lines": {"road": [KEPT]}}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([], "found an object of type 'none'"),
        ({"type": "Topology"}, "found an object of type 'Topology'"),
        ({"type": ["LineString"]}, "expected GeoJSON"),
        (collection(), "has no lines or areas"),
        (collection(feature({"type": "Point", "coordinates": [1, 2]})), "has no lines or areas"),
        ({"type": "FeatureCollection", "features": {}}, "where a list belongs"),
        ({"type": "LineString"}, "where a list belongs"),
        ({"type": "LineString", "coordinates": [[1, 2]]}, "needs two points"),
        ({"type": "LineString", "coordinates": [[1, 2], [3]]}, "[longitude, latitude]"),
        ({"type": "LineString", "coordinates": [[1, 2], ["x", "y"]]}, "[longitude, latitude]"),
        ({"type": "LineString", "coordinates": [[1, 2], [float("nan"), 3]]}, "[longitude, latitude]"),
        ({"type": "LineString", "coordinates": [[1, 2], [2352000, 413000]]}, "EPSG:4326"),
        ({"type": "LineString", "coordinates": STREET, "attribution": "x" * 201}, "attribution"),
        ({"type": "LineString", "coordinates": STREET, "attribution": 7}, "attribution"),
    ],
)
def test_what_is_no_map_is_refused_in_one_line(tmp_path: Path, value: object, expected: str) -> None:
    assert expected in refusal(tmp_path, value)


def test_a_tower_of_collections_is_refused(tmp_path: Path) -> None:
    tower: dict[str, Any] = {"type": "LineString", "coordinates": STREET}
    for _ in range(map_file.DEEPEST):
        tower = {"type": "GeometryCollection", "geometries": [tower]}
    assert "nested deeper" in refusal(tmp_path, tower)


def test_files_that_cannot_be_read_or_are_too_large_name_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MapError, match=r"\[dashboard\] map"):
        read_map(tmp_path / "absent.geojson")
    for text in ("", "roads", "[" * 100_000):
        (tmp_path / "text").write_text(text)
        with pytest.raises(MapError, match="is not JSON"):
            read_map(tmp_path / "text")
    monkeypatch.setattr(map_file, "MOST_POINTS", 5)
    assert "more than 5 points" in refusal(tmp_path, collection(line(), line(), line()))
    monkeypatch.setattr(map_file, "MOST_BYTES", 1 << 20)
    (tmp_path / "large").write_bytes(b" " * ((1 << 20) + 1))
    with pytest.raises(MapError, match="larger than 1 MiB"):
        read_map(tmp_path / "large")


def test_the_map_is_served_to_those_who_are_signed_in(settings: DashboardSettings, passwords: Passwords) -> None:
    path = written(settings.evidence, collection(line(highway="primary")))
    house = House(settings.model_copy(update={"map": path}), passwords)
    answer = house.as_("newcomer").get("/api/v1/map")
    assert answer.json() == {"attribution": "", "lines": {"main": [KEPT]}}
    assert answer.headers["cache-control"] == "private, no-cache"
    again = house.as_("newcomer").get("/api/v1/map", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    house.close()


def test_the_page_about_the_map_states_the_limits() -> None:
    page = (Path(__file__).parents[2] / "docs" / "map.md").read_text(encoding="utf-8")
    assert f"{map_file.MOST_BYTES >> 20} MiB and {map_file.MOST_POINTS:,} points".replace(",", " ") in " ".join(
        page.split()
    )


def test_without_a_map_there_is_nothing(house: House) -> None:
    answer = house.as_("chief").get("/api/v1/map")
    assert (answer.status_code, answer.content) == (204, b"")
