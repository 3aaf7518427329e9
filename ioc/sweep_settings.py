"""What a sweep tries: the values of a rule's settings, and how a site file says them."""

from __future__ import annotations

import itertools
import math
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from ioc import rulebook
from ioc.errors import UsageError
from ioc.site import Site
from ioc.types import Json

MOST = 20_000
"""Settings of one kind that are tried at the most; a grid grows beyond that by a slip of the keyboard only."""

FORM = re.compile(r"([a-z_]+)\.([a-z_]+)=(.+)", re.DOTALL)
DURATION: TypeAdapter[timedelta] = TypeAdapter(timedelta)


@dataclass(frozen=True, slots=True)
class Axis:
    """The values that one field of a kind's rules takes, as the site file says them.

    `away` tells for each how far it lies from the field's default, as a part of the widest step there is; where it has
    none, from what stands in the site file.
    """

    kind: str
    name: str
    values: tuple[Json, ...]
    away: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """One point of the grid: fields and their values; none at all leaves the rules as they stand."""

    values: Mapping[str, Json] = field(default_factory=dict)
    away: float = 0.0

    def applied(self, site: Site, kind: str) -> Site:
        """Return the site with these values in all rules of the kind, and without other rules."""
        rules = (rule for rule in site.rule if rule.kind == kind)
        return site.model_copy(update={"rule": tuple(rule.model_copy(update=dict(self.values)) for rule in rules)})


def axis(text: str, site: Site) -> Axis:
    """Return what `--set KIND.FIELD=VALUES` says of a site's rules.

    VALUES are separated by commas, or LOW:HIGH:STEP with both ends. Raises UsageError, which names what there is.
    """
    match = FORM.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"--set {text}: expected KIND.FIELD=VALUES, such as illegal_parking.sure=0.2:0.6:0.05")
    kind, name, said = match.groups()
    if kind not in rulebook.kinds():
        raise UsageError(f"--set {text}: unknown kind {kind!r}; there are: {', '.join(rulebook.kinds())}")
    fields: dict[str, FieldInfo] = rulebook.module_of(kind).Config.model_fields
    if name not in fields:
        raise UsageError(f"--set {text}: {kind} has no setting {name!r}; it has: {', '.join(fields)}")
    info = fields[name]
    taken: TypeAdapter[Any] = TypeAdapter(Annotated[info.annotation, info])  # type: ignore[arg-type]
    values = tuple(_values(said, text, in_time=info.annotation is timedelta))
    try:
        parsed = [taken.validate_python(value) for value in values]
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"--set {text}: {first['input']!r}: {first['msg']}; {name} is {info.description}") from None
    default = None if info.is_required() else info.get_default(call_default_factory=True)
    if default is None:
        default = standing(site, kind, [name])[name]
    known = None if default is None else taken.validate_python(default)
    return Axis(kind, name, values, tuple(_away(parsed, known)))


def grid(axes: Iterable[Axis]) -> dict[str, list[Setting]]:
    """Return every combination of the axes of each kind, in the order in which they were given.

    Raises UsageError when a field was given twice or there are too many.
    """
    by_kind: defaultdict[str, list[Axis]] = defaultdict(list)
    for own in axes:
        if any(own.name == other.name for other in by_kind[own.kind]):
            raise UsageError(f"--set {own.kind}.{own.name} was given twice: put all values into one")
        by_kind[own.kind].append(own)
    for kind, own_axes in by_kind.items():
        settings = math.prod(len(own.values) for own in own_axes)
        if settings > MOST:
            raise UsageError(f"{kind}: {settings} settings are more than {MOST}: take wider steps or fewer fields")
    return {kind: list(_combined(own_axes)) for kind, own_axes in by_kind.items()}


def standing(site: Site, kind: str, names: Iterable[str]) -> dict[str, Json]:
    """Return what stands for these fields in the rules of the kind, defaults included; None where rules differ."""
    defaults = rulebook.module_of(kind).Config.model_json_schema()["properties"]
    rules = [rule.settings for rule in site.rule if rule.kind == kind]

    def one(name: str) -> Json:
        values = [rule.get(name, defaults[name].get("default")) for rule in rules]
        return values[0] if all(value == values[0] for value in values) else None

    return {name: one(name) for name in names}


def _combined(axes: Sequence[Axis]) -> Iterator[Setting]:
    for places in itertools.product(*(range(len(own.values)) for own in axes)):
        chosen = list(zip(axes, places, strict=True))
        yield Setting({own.name: own.values[place] for own, place in chosen}, sum(a.away[p] for a, p in chosen))


def _values(said: str, text: str, *, in_time: bool) -> list[Json]:
    ends = said.split(":")
    if len(ends) == 3 and not said.startswith(("[", '"')):
        return _steps(ends, text, in_time=in_time)
    try:
        values: list[Json] = tomllib.loads(f"values = [{said}]")["values"]
    except tomllib.TOMLDecodeError:
        values = [word.strip() for word in said.split(",")]
    if not values or len({repr(value) for value in values}) < len(values):
        raise UsageError(f"--set {text}: expected values that differ")
    return values


def _steps(ends: Sequence[str], text: str, *, in_time: bool) -> list[Json]:
    try:
        low, high, step = (Decimal(_seconds(end) if in_time else end.strip()) for end in ends)
    except (InvalidOperation, ValidationError):
        raise UsageError(
            f"--set {text}: expected LOW:HIGH:STEP in {'durations, such as PT10S' if in_time else 'numbers'}"
        ) from None
    if not (all(map(Decimal.is_finite, (low, high, step))) and low < high and step > 0 and (high - low) / step < MOST):
        raise UsageError(f"--set {text}: expected LOW:HIGH:STEP with LOW below HIGH, in at most {MOST} steps")
    numbers = [low + n * step for n in range(int((high - low) / step) + 1)]
    if in_time:
        return [DURATION.dump_python(timedelta(seconds=float(number)), mode="json") for number in numbers]
    whole = all(number == number.to_integral_value() for number in (low, step))
    return [int(number) if whole else float(number) for number in numbers]


def _seconds(text: str) -> str:
    return str(DURATION.validate_python(text.strip()).total_seconds())


def _away(values: Sequence[Any], default: Any) -> Iterator[float]:
    """Yield how far each value lies from the default: 0 to 1 by size where it has one, else whether it is another."""
    if default is None:
        yield from (0.0 for _ in values)
        return
    gaps = [_gap(value, default) for value in values]
    widest = max(gaps)
    yield from (round(gap / widest, 9) if widest else 0.0 for gap in gaps)


def _gap(value: Any, default: Any) -> float:
    if isinstance(value, timedelta):
        return abs(value.total_seconds() - float(default.total_seconds()))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return abs(float(value - default))
    return float(value != default)
