"""A simulated day on disk: scene scripts, the truth about each, and the site file that watches them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from ioc.errors import IocError
from ioc.simulated_site import checked, site_table
from ioc.simulated_truth import truth_of
from ioc.toml_text import to_toml
from ioc.truth_file import text_of
from ioc.whole_file import write_whole
from streams.scene_day import day
from streams.scene_play import play
from streams.scene_script import load_script

INFERENCE = {"rate": 5.0, "size": 480, "variant": "int8"}
"""What the site file says of the detector: eight bits and a smaller input, so that a day of cameras takes minutes."""


def write_day(folder: Path, cameras: int, hours: float, seed: int, tell: Callable[[int], None]) -> Counter[str]:
    """Write `scenes/*.toml`, `truth/*.json` and `site.toml` into a folder; return how many alerts are owed of a kind.

    All of it is the same for the same seed. `tell` hears how many cameras are done. Raises IocError when something
    cannot be written.
    """
    try:
        for name in ("scenes", "truth"):
            (folder / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IocError(f"{folder}: cannot be made: {error.strerror}; choose another folder") from None
    owed: Counter[str] = Counter()
    scripts = []
    for number, (camera, scene) in enumerate(day(cameras, hours, seed)):
        path = folder / "scenes" / f"{camera}.toml"
        write_whole(path, [to_toml(scene)])
        script = load_script(path)
        truth = truth_of(script, play(script), path.name)
        owed.update(event.kind for event in truth.events)
        write_whole(folder / "truth" / f"{camera}.json", [text_of(truth.model_dump(mode="json"))])
        scripts.append(script)
        tell(number + 1)
    table = site_table(scripts, site={"id": "simulated-day", "name": "Simulated day"}, inference=INFERENCE)
    checked(table, folder / "site.toml")
    write_whole(folder / "site.toml", [to_toml(table)])
    return owed
