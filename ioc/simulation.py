"""The simulated city of `ioc demo`: drawn scenes as recordings, and the site file that watches them."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from ioc.site import Site, parse_site
from streams.encoder import encode
from streams.scenes import DemoCamera, demo_cameras

WORKERS = 2


def draw_city(folder: Path) -> dict[str, Path]:
    """Draw and encode every camera's scene into the folder; return the file of each camera's id."""
    ids = [camera.id for camera in demo_cameras()]
    files = {id_: folder / f"{id_}.mp4" for id_ in ids}
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        for _ in pool.map(_draw, ids, files.values()):
            pass
    return files


def _draw(id_: str, path: Path) -> None:
    (camera,) = (camera for camera in demo_cameras() if camera.id == id_)
    encode(camera.scene, path)


def city_site(folder: Path, urls: Mapping[str, str], host: str, port: int) -> Site:
    """Return the site of the simulated city, its data in `folder`, each camera at its URL."""
    cameras = demo_cameras()
    value = {
        "site": {"id": "simulated", "name": "Simulated city", "data": str(folder)},
        "dashboard": {"host": host, "port": port},
        "camera": [_camera(camera, urls[camera.id]) for camera in cameras],
        "rule": [{**rule, "camera": camera.id} for camera in cameras for rule in camera.rules],
    }
    return parse_site(value, folder / "simulated.toml")


def _camera(camera: DemoCamera, url: str) -> dict[str, object]:
    zones = [
        {"name": name, "polygon": [(corner.x, corner.y) for corner in polygon]}
        for name, polygon in camera.zones.items()
    ]
    return {
        "id": camera.id,
        "name": camera.name,
        "source": url,
        "location": camera.location,
        "simulated": True,
        "zone": zones,
    }
