"""`ioc calibrate`: tells the site file what a camera sees."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ioc.errors import UsageError

if TYPE_CHECKING:
    from ioc.flood_calibration import Places
    from ioc.types import Image


def verbs() -> typer.Typer:
    """Return the verbs of `ioc calibrate`."""
    app = typer.Typer(help="Tell the site file what a camera sees.", no_args_is_help=True)
    app.callback()(_named)
    app.command("flood")(flood)
    return app


def _named() -> None:
    """Tell the site file what a camera sees."""


def flood(  # noqa: PLR0913, PLR0917  (options of the command line)
    video: Annotated[str, typer.Option("--video", help="A recording of the camera that begins dry.")],
    camera: Annotated[str, typer.Option("--camera", help="The camera's id in the site file.")],
    site: Annotated[Path, typer.Option("--site", help="The site file to write into.")],
    road: Annotated[
        str | None, typer.Option("--road", help="Corners of the road that is dry as a rule: 'x,y x,y x,y …'.")
    ] = None,
    zone: Annotated[str, typer.Option("--zone", help="What the road is called.")] = "road",
    strip: Annotated[
        str | None, typer.Option("--strip", help="A ruler in the picture, from its foot to its top: 'x,y x,y'.")
    ] = None,
    marks: Annotated[
        str, typer.Option("--marks", help="Part of the way up, and centimetres of water: '0:0 0.5:40 1:90'.")
    ] = "",
    width: Annotated[float, typer.Option("--width", help="The strip's, as a part of the picture's width.")] = 0.02,
    ruler: Annotated[str, typer.Option("--ruler", help="What the ruler is called.")] = "ruler",
    dry_for: Annotated[float, typer.Option("--dry-for", min=0.1, help="How many seconds it begins dry.")] = 20.0,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="The picture to write, PNG; CAMERA-flood.png when left out.")
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Write the picture only, not the site file.")] = False,
) -> None:
    """Mark a dry road and a ruler in a camera's picture, for the rule `flood`; places are fractions of the frame.

    Begin without --road and --strip: that writes the picture with a grid to read places from. A ruler is anything
    upright that can be measured once: a painted board, a pole, a kerb, steps. What passes is taken out of the picture.
    docs/detectors/flood.md tells how they are used.
    """
    from ioc.flood_calibration import Places, check_free, road_of, ruler_of
    from ioc.site import load_site
    from models.dry_picture import drawn_on, dry_picture, write_png
    from streams.sources import open_source
    from streams.timing import RECORDING_START

    found = load_site(site)
    if strip is not None and not marks:
        raise UsageError("--strip needs --marks: measure at least its foot and its top, as in --marks '0:0 1:120'")
    marked_road = None if road is None else road_of(zone, road)
    check_free(found, camera, Places(marked_road), site)
    image = dry_picture(open_source(camera, video), RECORDING_START, timedelta(seconds=dry_for))
    places = Places(marked_road, None if strip is None else ruler_of(ruler, strip, marks, width, image))
    check_free(found, camera, places, site)
    _tell(places, image)
    target = picture or Path(f"{camera}-flood.png")
    measured = places.ruler.ruler if places.ruler else None
    write_png(target, drawn_on(image, places.road.points if places.road else None, measured))
    print(f"{target}: written; look whether everything lies where it is meant")
    if places.tables and not show:
        _write(site, camera, places)


def _tell(places: Places, image: Image) -> None:
    """Say how far what was marked can be used."""
    from ioc.flood_calibration import coarsest, pixels_of, wet_share
    from models.dense import DenseModel

    if places.road is not None:
        share = wet_share(DenseModel.load("water"), image, places.road.points)
        print(f"road {places.road.name}: {share:.0%} of it looks like water while it is dry")
    if places.ruler is not None:
        ruler = places.ruler.ruler
        print(f"ruler {ruler.name}: {pixels_of(ruler, image):.0f} pixels, {coarsest(ruler, image):.1f} cm each at most")


def _write(path: Path, camera: str, places: Places) -> None:
    """Write the places and their rules into the site file, which is checked before."""
    import tomllib

    from ioc.rulebook import wrong_rules
    from ioc.site import SiteError, load_site, parse_site
    from ioc.site_tables import with_tables
    from ioc.whole_file import write_whole

    rules = places.rules(load_site(path), camera)
    text = with_tables(path.read_text(encoding="utf-8"), camera, places.tables, rules)
    wrong = wrong_rules(parse_site(tomllib.loads(text), path), path)
    if wrong:
        raise SiteError(wrong)
    write_whole(path, [text])
    print(f"{path}: {camera} has {' and '.join(places.tables)} now, watched by {', '.join(r['name'] for r in rules)}")
