"""Pages that stand alone: one file, no network; readable from a disk by day and by night."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined


def render(template: str, values: Mapping[str, object]) -> str:
    """Return the page that a file in `ioc/templates` makes of the values; all text in them is escaped."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("ioc"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
