"""The site file: which cameras there are, where their zones lie, and which rules watch them.

Reading it checks everything that can be checked without opening a camera. What each kind of rule accepts is
the detector's own business; `ioc.wiring` checks that with the detector's `Config`.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ioc.errors import FileRefused
from ioc.evidence_settings import EvidenceSection
from ioc.geometry import polygon_area
from ioc.ground import Ground
from ioc.retention import Retention
from ioc.ruler_settings import RulerSection
from ioc.rulers import Ruler
from ioc.types import Json, Point

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Fraction = Annotated[float, Field(ge=0, le=1)]

MIN_ZONE_AREA = 1e-5


class SiteError(FileRefused):
    """The site file cannot be used."""

    lister = "ioc check-site"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SiteSection(_Section):
    """The `[site]` table."""

    id: Name = Field("site", description="names the site in topics and messages")
    name: str = Field("", max_length=200, description="the site's name for people")
    time_zone: str = Field("Asia/Ho_Chi_Minh", description="the city's time zone, as IANA names it, for rules' hours")
    data: Path = Field(Path("var"), description="folder for the outbox, the store and evidence, from the site file's")


class BrokerSection(_Section):
    """The `[broker]` table."""

    url: str | None = Field(None, description="mqtt:// or mqtts:// URL; without it a broker is embedded")
    secret: Name | None = Field(None, description="names the secret that holds user:password")
    ca_file: Path | None = Field(None, description="PEM file of the authority that signed the broker's certificate")

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str | None) -> str | None:
        if url is not None and urlsplit(url).scheme not in {"mqtt", "mqtts"}:
            raise ValueError("expected a URL like mqtt://host:1883 or mqtts://host:8883")
        return _without_credentials(url) if url is not None else None


class DashboardSection(_Section):
    """The `[dashboard]` table."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    https_only: bool = Field(False, description="true when a proxy serves the page over HTTPS")
    behind_proxy: bool = Field(False, description="believe X-Forwarded-For of a proxy on this machine")
    language: Literal["en", "vi"] = Field("en", description="language of the page until a person chooses")
    map: Path | None = Field(None, description="GeoJSON file drawn behind the cameras, from the site file's folder")
    store: str | None = Field(None, description="URL of a PostgreSQL database; a file in the data folder when left out")
    store_secret: Name | None = Field(None, description="names the secret that holds user:password for the database")

    @field_validator("store")
    @classmethod
    def _check_store(cls, url: str | None) -> str | None:
        if url is not None and urlsplit(url).scheme != "postgresql":
            raise ValueError("expected a URL like postgresql://host:5432/ioc")
        return _without_credentials(url) if url is not None else None


class LiveSection(_Section):
    """The `[live]` table."""

    pictures: bool = Field(True, description="whether small live pictures are sent for those who watch")
    rate: float = Field(1.0, ge=0.5, le=5, description="pictures a second and camera; fewer would pass for frozen")


class TruthSection(_Section):
    """The `[truth]` table."""

    clips: Path | None = Field(
        None, description="folder of recordings in which engineers mark what happens, from the site file's"
    )


class TapeSection(_Section):
    """The `[tape]` table."""

    record: bool = Field(
        False, description="whether live cameras keep tapes of what is seen, unless they say otherwise"
    )
    keep: timedelta = Field(timedelta(hours=24), gt=timedelta(0), description="how long live tapes are kept")


class InferenceSection(_Section):
    """The `[inference]` table."""

    manifest: Path | None = Field(
        None, description="a manifest of your own models, relative to this file; the bundled ones without"
    )
    model: str = Field("road", min_length=1, max_length=64, description="the detector, by its name in the manifest")
    provider: Literal["auto", "cpu", "openvino", "cuda", "tensorrt"] = Field("auto", description="where the models run")
    variant: Literal["auto", "float32", "int8"] = Field(
        "auto", description="what the models compute in; auto measures it when live, and is float32 in a replay"
    )
    rate: float = Field(5.0, gt=0, le=30, description="pictures a second that are looked at, per camera")
    size: int = Field(640, ge=96, le=1920, description="long side of the detector's input, in pixels")
    threads: int = Field(1, ge=1, le=64, description="compute threads of the inference worker")
    score: float = Field(0.1, gt=0, lt=1, description="detections below this score are not used at all")


class SecretsSection(_Section):
    """The `[secrets]` table."""

    file: Path | None = Field(None, description="TOML file, mode 0600, of secrets not found in the environment")


class Zone(_Section):
    """A polygon in frame fractions, drawn once under its camera."""

    name: Name
    polygon: tuple[tuple[Fraction, Fraction], ...] = Field(min_length=3, max_length=100)

    @field_validator("polygon")
    @classmethod
    def _check_area(cls, polygon: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
        if polygon_area([Point(*p) for p in polygon]) < MIN_ZONE_AREA:
            raise ValueError("expected corners that enclose an area")
        return polygon

    @property
    def points(self) -> tuple[Point, ...]:
        """The corners."""
        return tuple(Point(*p) for p in self.polygon)


class GroundSection(_Section):
    """The `[camera.ground]` table: four places on flat ground, in the picture and as measured."""

    picture: tuple[tuple[Fraction, Fraction], ...] = Field(description="four places in fractions of the frame")
    metres: tuple[tuple[float, float], ...] = Field(description="the same four, in the same order, in metres")

    @model_validator(mode="after")
    def _check_places(self) -> Self:
        self.measured()
        return self

    def measured(self) -> Ground:
        """Return the ground; raises ValueError when the places cannot belong together."""
        return Ground([Point(*place) for place in self.picture], [Point(*place) for place in self.metres])


class Camera(_Section):
    """A `[[camera]]` entry."""

    id: Name
    name: str = Field("", max_length=200, description="the camera's name for people; its id when left out")
    source: str | None = Field(None, description="RTSP URL, file, folder or glob; not needed by `ioc replay`")
    analysis: str | None = Field(None, description="a smaller stream of the same camera for analysis")
    secret: Name | None = Field(None, description="names the secret that holds user:password")
    location: tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-180, le=180)]] | None = Field(
        None, description="latitude, longitude (WGS 84)"
    )
    stall: timedelta = Field(timedelta(seconds=10), description="a live camera that sends nothing for so long is lost")
    tape: bool | None = Field(None, description="whether tapes of this camera are kept; as [tape] says when left out")
    simulated: bool = Field(False, description="the pictures are drawn and show no real place")
    plates: Literal["overview", "lpr"] = Field(
        "overview", description="where plates are looked for: on vehicles, or, close to them, in the whole picture"
    )
    ground: GroundSection | None = Field(None, description="how large what the camera sees of the ground is")
    zone: tuple[Zone, ...] = ()
    ruler: tuple[RulerSection, ...] = ()

    @field_validator("source", "analysis")
    @classmethod
    def _check_source(cls, url: str | None) -> str | None:
        return _without_credentials(url) if url is not None else None

    @model_validator(mode="after")
    def _check_zones(self) -> Self:
        _require_unique("zone names", (zone.name for zone in self.zone))
        _require_unique("ruler names", (ruler.name for ruler in self.ruler))
        return self

    @property
    def title(self) -> str:
        """The name for people."""
        return self.name or self.id

    @property
    def rulers(self) -> tuple[Ruler, ...]:
        """The rulers that it shows."""
        return tuple(section.ruler for section in self.ruler)

    def zone_named(self, name: str) -> Zone | None:
        """Return the zone of that name, or None."""
        return next((zone for zone in self.zone if zone.name == name), None)

    def area_of(self, zone: Zone) -> float | None:
        """Return how many m² of ground a zone has, None where that is not known: no ground, or up to the horizon."""
        return None if self.ground is None else self.ground.measured().area(zone.points)


class RuleEntry(BaseModel):
    """A `[[rule]]` entry: the shared keys, and whatever the kind's own `Config` takes."""

    model_config = ConfigDict(frozen=True, extra="allow")

    name: str = Field(min_length=1, max_length=100)
    kind: str
    camera: Name
    zone: Name | None = None
    clip: bool | None = Field(
        None, description="whether its alerts get clips; left out, those of all kinds but plate do"
    )

    @property
    def wants_clips(self) -> bool:
        """Whether its alerts get clips; a plate's pass is told of thousands of times a day, and gets none unasked."""
        return self.kind != "plate" if self.clip is None else self.clip

    @property
    def settings(self) -> dict[str, Json]:
        """The keys that belong to the kind."""
        return dict(self.model_extra or {})


class Site(_Section):
    """A whole site file."""

    site: SiteSection = SiteSection()
    broker: BrokerSection = BrokerSection()
    dashboard: DashboardSection = DashboardSection()
    live: LiveSection = LiveSection()
    tape: TapeSection = TapeSection()
    evidence: EvidenceSection = EvidenceSection()
    retention: Retention = Retention()
    truth: TruthSection = TruthSection()
    inference: InferenceSection = InferenceSection()
    secrets: SecretsSection = SecretsSection()
    camera: tuple[Camera, ...] = Field(min_length=1)
    rule: tuple[RuleEntry, ...] = ()

    @model_validator(mode="after")
    def _check_references(self) -> Self:
        _require_unique("camera ids", (camera.id for camera in self.camera))
        _require_unique("rule names", (rule.name for rule in self.rule))
        for index, rule in enumerate(self.rule):
            camera = self.camera_with(rule.camera)
            if camera is None:
                known = ", ".join(c.id for c in self.camera)
                raise ValueError(f"rule[{index}].camera: no camera {rule.camera!r}; there are: {known}")
            if rule.zone is not None and camera.zone_named(rule.zone) is None:
                known = ", ".join(z.name for z in camera.zone) or "none"
                raise ValueError(f"rule[{index}].zone: camera {camera.id!r} has no zone {rule.zone!r}; it has: {known}")
        return self

    def camera_with(self, id_: str) -> Camera | None:
        """Return the camera of that id, or None."""
        return next((camera for camera in self.camera if camera.id == id_), None)

    def records(self, camera: Camera) -> bool:
        """Return whether tapes of the live camera are kept."""
        return self.tape.record if camera.tape is None else camera.tape

    def rules_of(self, camera: str) -> tuple[RuleEntry, ...]:
        """Return the rules that watch that camera, in the file's order."""
        return tuple(rule for rule in self.rule if rule.camera == camera)


def load_site(path: Path) -> Site:
    """Read and check a site file; raises SiteError with a line for each problem found."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise SiteError([f"{path}: {reason}; expected a site file (see config/site.example.toml)"]) from None
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SiteError([f"{path}: not TOML: {error}"]) from None
    return parse_site(value, path)


def parse_site(value: dict[str, Any], path: Path) -> Site:
    """Check a parsed site file; its folders become relative to the file's own."""
    try:
        site = Site.model_validate(value)
    except ValidationError as error:
        raise SiteError(problems(error, str(path))) from None
    own = site.site.model_copy(update={"data": path.parent / site.site.data})
    manifest, background = site.inference.manifest, site.dashboard.map
    inference = site.inference.model_copy(update={"manifest": manifest and path.parent / manifest})
    dashboard = site.dashboard.model_copy(update={"map": background and path.parent / background})
    truth = site.truth.model_copy(update={"clips": site.truth.clips and path.parent / site.truth.clips})
    return site.model_copy(update={"site": own, "inference": inference, "dashboard": dashboard, "truth": truth})


def problems(
    error: ValidationError, where: str, within: str = "", guide: str = "config/site.example.toml"
) -> list[str]:
    """Return one line for each thing that is wrong: file, key (below the key `within`), what was expected.

    `guide` shows how the keys are spelt.
    """
    items = error.errors(include_url=False)
    return [_problem(item, where, within, guide) for item in items if not _follows_from_others(item, items)]


def _follows_from_others(item: Any, items: Sequence[Any]) -> bool:
    """Return whether a list is called too short only because entries in it are wrong."""
    key = item["loc"]
    return item["type"] == "too_short" and any(o["loc"][: len(key)] == key for o in items if o is not item)


def _problem(item: Any, where: str, within: str, guide: str) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in item["loc"])
    key = (within + "".join(parts)).lstrip(".")
    message = item["msg"].removeprefix("Value error, ")
    if item["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
        message = f"unknown key; check its spelling against {guide}"
    elif item["type"] == "missing":
        message = "is missing"
    elif item["type"] != "value_error" and isinstance(item["input"], str | int | float):
        # Our own checks may have been given a credential: they say what they found themselves.
        message += f", got {item['input']!r}"
    return f"{where}: {key}: {message}" if key else f"{where}: {message}"


def _require_unique(what: str, names: Iterable[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"{what} must differ, {twice[0]!r} stands twice")


def _without_credentials(url: str) -> str:
    if "://" in url and "@" in urlsplit(url).netloc:
        raise ValueError("no user or password in a URL: put them in a secret and name it with `secret`")
    return url
