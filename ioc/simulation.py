"""The simulated city of `ioc demo`: its scripts as recordings, and the site file that watches them."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from ioc.simulated_map import write_map
from ioc.simulated_site import checked, site_table
from ioc.site import Site
from streams.encoder import encode
from streams.scene_demo import city_scripts
from streams.scene_play import play
from streams.scene_script import load_script

WORKERS = 2


def draw_city(folder: Path) -> dict[str, Path]:
    """Draw and encode every camera's scene into the folder; return the file of each camera's id."""
    scripts = city_scripts()
    files = {script.stem: folder / f"{script.stem}.mp4" for script in scripts}
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        for _ in pool.map(_draw, scripts, files.values()):
            pass
    return files


def _draw(script: Path, path: Path) -> None:
    encode(play(load_script(script)).scene, path)


def city_site(folder: Path, urls: Mapping[str, str], host: str, port: int) -> Site:
    """Return the site of the simulated city, its data and its map in `folder`, each camera at its URL."""
    scripts = [load_script(path) for path in city_scripts()]
    places = [script.location for script in scripts if script.location is not None]
    table = site_table(
        scripts,
        urls,
        site={"id": "simulated", "name": "Simulated city", "data": str(folder)},
        dashboard={"host": host, "port": port, "map": str(write_map(places, folder / "streets.geojson"))},
    )
    return checked(table, folder / "simulated.toml")
