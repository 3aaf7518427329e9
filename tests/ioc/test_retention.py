"""How long things are kept: days, or for ever when that is said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from ioc.retention import Retention


def test_what_is_said_is_kept() -> None:
    said = Retention.model_validate({"plates": "P7D", "alerts": "off", "kinds": {"fire": "P2000D", "flood": "off"}})
    assert (said.plates, said.alerts) == (timedelta(days=7), None)
    assert said.kinds == {"fire": timedelta(days=2000), "flood": None}


def test_what_is_written_down_is_read_again() -> None:
    said = Retention.model_validate({"plates": "off", "kinds": {"fire": "P9D", "flood": "off"}})
    assert Retention.model_validate_json(said.model_dump_json()) == said


def test_nothing_said_deletes_passes_after_a_month_and_alerts_after_a_year() -> None:
    assert Retention() == Retention.model_validate({"plates": "P30D", "alerts": "P365D"})


@pytest.mark.parametrize("value", [30, "PT12H", "P0D", "never", "", -1, True, ["P30D"], "OFF"])
def test_what_would_delete_at_once_or_is_no_duration_is_refused(value: object) -> None:
    with pytest.raises(ValidationError, match='expected a duration of a day or more, such as "P30D", or "off", got'):
        Retention.model_validate({"plates": value})


@pytest.mark.parametrize("asked", [{"kinds": {"Fire": "P30D"}}, {"kinds": {"fire": 1}}, {"plate": "P30D"}])
def test_misspelt_keys_are_refused(asked: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Retention.model_validate(asked)
