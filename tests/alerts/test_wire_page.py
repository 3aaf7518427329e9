"""The published page says what the code does."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from uuid import UUID, uuid5

import jsonschema
import pytest

from alerts.outbox import GIVEN_UP, REDELIVERED
from alerts.publisher import BACKOFF, SETTLED
from alerts.wire import MAX_BYTES, AlertMessage, CameraState, CameraStatus, EngineStatus, decode
from ioc.types import ALERT_NAMESPACE, Phase, Severity
from tests.alerts.drawn import ROOT

PAGE = (ROOT / "docs" / "wire.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"Topic\s+`([^`]+)`:\s+```json\n(.*?)```", re.DOTALL)
EXAMPLES = EXAMPLE.findall(PAGE)


def test_there_is_an_example_of_each_message() -> None:
    kinds = {type(decode(topic, text.encode())) for topic, text in EXAMPLES}
    assert kinds == {AlertMessage, CameraStatus, EngineStatus}


@pytest.mark.parametrize(("topic", "text"), EXAMPLES)
def test_each_example_is_taken_and_is_just_what_we_would_send(topic: str, text: str) -> None:
    read = decode(topic, text.encode())
    assert json.loads(read.payload()) == json.loads(text)
    name = {AlertMessage: "alert", CameraStatus: "camera-status", EngineStatus: "engine-status"}[type(read)]
    schema = json.loads((ROOT / "docs" / "wire" / f"{name}.v1.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(text), schema, format_checker=jsonschema.FormatChecker())


def test_the_recipe_for_the_id_makes_the_examples_id() -> None:
    fields = json.loads(EXAMPLES[0][1])
    began = datetime.fromisoformat(fields["began"])
    namespace = re.search(r"namespace `([0-9a-f-]+)`", PAGE)
    assert namespace is not None
    assert UUID(namespace[1]) == ALERT_NAMESPACE
    parts = (fields["camera"], fields["rule"], fields["subject"], began.astimezone(UTC).isoformat())
    assert str(uuid5(UUID(namespace[1]), "\n".join(parts))) == fields["id"]
    quarter = datetime(2026, 3, 1, 8, 0, 0, 250_000, tzinfo=UTC)
    assert f"`{quarter.isoformat()}`" in PAGE


def test_the_words_and_figures_are_those_of_the_code() -> None:
    for word in (*Phase, *Severity, *CameraState):
        assert f"`{word}`" in PAGE
    assert f"{MAX_BYTES // 1024} KiB" in PAGE
    assert REDELIVERED.total_seconds() == 60
    assert "within the minute before" in PAGE
    assert f"{SETTLED:.0f} seconds later" in PAGE
    assert BACKOFF[1] <= SETTLED
    assert GIVEN_UP.days == 7
    assert "seven days" in PAGE


def test_files_that_the_page_links_are_there() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", PAGE):
        assert (ROOT / "docs" / link).is_file(), link
