"""What goes out can be read by anyone; what comes in is taken only when it is whole and true."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID, uuid5

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from alerts.wire import (
    MAX_BYTES,
    AlertMessage,
    CameraState,
    CameraStatus,
    EngineStatus,
    WireError,
    decode,
    schemas,
)
from ioc.types import ALERT_NAMESPACE, Alert, Box, Evidence, Json, Phase, Severity
from tests.alerts.drawn import CAMERA, ROOT, SITE, after, alert, message, status

PUBLISHED = ROOT / "docs" / "wire"
TOPIC = f"ioc/v1/{SITE}/{CAMERA}/alerts/illegal_parking"
SCHEMA_OF = {AlertMessage: "alert", CameraStatus: "camera-status", EngineStatus: "engine-status"}


def validate(sent: AlertMessage | CameraStatus | EngineStatus) -> None:
    """Check what is sent against the published schema."""
    schema = json.loads((PUBLISHED / f"{SCHEMA_OF[type(sent)]}.v1.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(sent.payload()), schema, format_checker=jsonschema.FormatChecker())


def fields() -> dict[str, object]:
    """Return a good alert message as JSON."""
    good: dict[str, object] = json.loads(message(1).payload())
    return good


def changed(**changes: object) -> bytes:
    """Return a good alert message with fields changed."""
    return json.dumps({**fields(), **changes}).encode()


def test_an_alert_survives_the_way_out_and_in() -> None:
    evidence = Evidence("frame", 7, after(60), Box(0.1, 0.2, 0.3, 0.4), "bg-017/2026-03-01/a.jpg", "0" * 64)
    sent = AlertMessage.of(
        Alert(
            rule="Cấm dừng đỗ",
            kind="illegal_parking",
            camera=CAMERA,
            subject="track:1",
            phase=Phase.UPDATED,
            severity=Severity.HIGH,
            began=after(0),
            at=after(61.5),
            box=Box(0.1, 0.2, 0.3, 0.4),
            details={"seconds": 61.5, "nested": {"a": [1, None, True, "ẵ"]}},
            evidence=(evidence,),
        ),
        SITE,
    )
    validate(sent)
    assert decode(sent.topic, sent.payload()) == sent
    assert sent.topic == TOPIC


def test_the_alert_of_a_message_is_the_one_it_tells_of() -> None:
    told = alert(details={"a": 1}, box=Box(0, 0, 0.5, 0.5))
    assert AlertMessage.of(told, SITE).alert() == told


@pytest.mark.parametrize("state", CameraState)
def test_camera_states_survive_and_fit_the_schema(state: CameraState) -> None:
    sent = CameraStatus(
        site=SITE, camera=CAMERA, name="Hùng Vương", location=(21.27, 106.19), state=state, since=after(0), reason="x"
    )
    validate(sent)
    assert decode(f"ioc/v1/{SITE}/{CAMERA}/status", sent.payload()) == sent


def test_engine_states_survive_and_fit_the_schema() -> None:
    sent = EngineStatus(site=SITE, state="offline")
    validate(sent)
    assert decode(f"ioc/v1/{SITE}/status", sent.payload()) == sent


def test_a_reason_is_made_one_short_line() -> None:
    sent = CameraStatus(
        site=SITE, camera=CAMERA, name="a\nb", state=CameraState.LOST, since=after(0), reason="no\n answer\x00 " * 200
    )
    assert sent.name == "a b"
    assert len(sent.reason) == 500
    assert sent.reason.startswith("no answer no answer")


def test_times_are_written_in_utc_whatever_offset_they_came_with() -> None:
    hanoi = datetime(2026, 3, 1, 15, 0, tzinfo=timezone(timedelta(hours=7)))
    assert b"T08:00:00.000000Z" in status(seconds=0).payload()
    read = decode(TOPIC, changed(began=hanoi.isoformat(), id=str(message_id(hanoi.astimezone(UTC)))))
    assert isinstance(read, AlertMessage)
    assert read.began.utcoffset() == timedelta(0)
    assert json.loads(read.payload())["began"] == "2026-03-01T08:00:00.000000Z"


def message_id(began: datetime) -> UUID:
    """Return the id of message 1 if it had begun then, by the recipe that docs/wire.md gives."""
    return uuid5(ALERT_NAMESPACE, "\n".join((CAMERA, "no-stopping", "car 1", began.isoformat())))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (message(1), message(1, Phase.UPDATED)),
        (message(1, Phase.UPDATED), message(1, Phase.CLEARED)),
        (AlertMessage.of(alert(Phase.RAISED, 60), SITE), AlertMessage.of(alert(Phase.CLEARED, 60), SITE)),
    ],
)
def test_order_says_which_of_two_messages_stands(earlier: AlertMessage, later: AlertMessage) -> None:
    assert earlier.id == later.id
    assert earlier.order < later.order


DEEP: dict[str, object] = {}
for _ in range(40):
    DEEP = {"a": DEEP}

HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "not JSON": b"{",
    "not UTF-8": b"\xff\xfe\x00",
    "a list": b"[]",
    "null": b"null",
    "nested without end": b"[" * 100_000,
    "too large": b" " * (MAX_BYTES + 1),
    "a field too many": changed(admin=True),
    "a field whose name is a log line": changed(**{"x\nERROR all is well": 1}),
    "another version": changed(version=2),
    "a version in quotes": changed(version="1"),
    "no id": json.dumps({k: v for k, v in fields().items() if k != "id"}).encode(),
    "the id of another incident": changed(id=str(message(2).id)),
    "a random id": changed(id="6ecd8c99-4036-403d-bf84-cf8400f67836"),
    "another camera than the topic's": changed(camera="bg-018"),
    "a camera that leads out of the folder": changed(camera="../etc"),
    "another kind than the topic's": changed(kind="fire"),
    "an unknown phase": changed(phase="deleted"),
    "an unknown severity": changed(severity="apocalyptic"),
    "a time without an offset": changed(at="2026-03-01T08:01:01"),
    "a time as a number": changed(at=1772323261),
    "a time before the first year": changed(began="0001-01-01T00:00:00+14:00"),
    "an end before the beginning": changed(at="2026-03-01T07:00:00Z"),
    "a box of text": changed(box=["0.1", "0.1", "0.2", "0.2"]),
    "a box turned over": changed(box=[0.5, 0.5, 0.1, 0.1]),
    "a box out of the frame": changed(box=[0.5, 0.5, 1.1, 0.9]),
    "a box of three": changed(box=[0.1, 0.1, 0.2]),
    "details that are a list": changed(details=[]),
    "a number that is none": changed(details={"a": float("nan")}),
    "a number without end": changed(details={"a": {"b": [float("inf")]}}),
    "an integer no double holds": changed(details={"a": 2**60}),
    "a very long integer": changed(details={}).replace(b'"details": {}', b'"details": {"a": ' + b"9" * 5000 + b"}"),
    "details nested deep": changed(details=DEEP),
    "a NUL in a text": changed(details={"a": ["\x00"]}),
    "a NUL in a key": changed(details={"\x00": 1}),
    "half a surrogate pair": changed(details={"a": "\ud800"}),
    "a subject of two lines": changed(subject="a\nb"),
    "an empty subject": changed(subject=""),
    "a long subject": changed(subject="x" * 201),
    "evidence outside the folder": changed(
        evidence=[{"kind": "frame", "seq": 1, "at": after(0).isoformat(), "path": "../x"}]
    ),
    "evidence at the root": changed(
        evidence=[{"kind": "frame", "seq": 1, "at": after(0).isoformat(), "path": "/etc/passwd"}]
    ),
    "hidden evidence": changed(evidence=[{"kind": "frame", "seq": 1, "at": after(0).isoformat(), "path": "a/.x"}]),
    "evidence with a box turned over": changed(
        evidence=[{"kind": "frame", "seq": 1, "at": after(0).isoformat(), "box": [0.5, 0.5, 0.1, 0.1]}]
    ),
    "too much evidence": changed(evidence=[{"kind": "frame", "seq": 1, "at": after(0).isoformat()}] * 21),
    "another message's form": EngineStatus(site=SITE, state="online").payload(),
}


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_payload_is_refused_in_one_short_line(payload: bytes) -> None:
    with pytest.raises(WireError) as refused:
        decode(TOPIC, payload)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 700


def test_the_good_message_that_the_hostile_ones_are_made_of_is_taken() -> None:
    assert decode(TOPIC, changed()) == message(1)


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "ioc",
        "ioc/v2/s/c/status",
        "ioc/v1/s/c/alerts",
        "ioc/v1/s/c/alerts/k/more",
        "ioc/v1//status",
        "homeassistant/x",
        "a" * 60_000,
        "ioc/v1/bac-giang\n/status",
    ],
)
def test_a_topic_that_is_not_ours_is_refused_in_one_short_line(topic: str) -> None:
    with pytest.raises(WireError) as refused:
        decode(topic, EngineStatus(site=SITE, state="online").payload())
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 700


@given(st.binary(max_size=300), st.sampled_from([TOPIC, f"ioc/v1/{SITE}/{CAMERA}/status", f"ioc/v1/{SITE}/status"]))
def test_random_bytes_raise_nothing_but_refusals(payload: bytes, topic: str) -> None:
    with pytest.raises(WireError):
        decode(topic, payload)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.sampled_from(sorted(fields())), JSON)
def test_a_field_of_anything_is_refused_or_can_be_sent_on(field: str, value: object) -> None:
    try:
        read = decode(TOPIC, changed(**{field: value}))
    except WireError:
        return
    assert decode(TOPIC, read.payload()) == read


@pytest.mark.parametrize("details", [{"a": float("nan")}, {"a": "\ud800"}, {"a": 2**70}], ids=str)
def test_a_rule_cannot_send_what_readers_cannot_hold(details: dict[str, Json]) -> None:
    with pytest.raises(ValidationError):
        AlertMessage.of(alert(details=details), SITE)


def test_the_published_schemas_are_those_of_the_code() -> None:
    published = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in PUBLISHED.glob("*.schema.json")}
    assert published == schemas(), "run: python -m alerts.wire docs/wire"


def test_the_schemas_are_written_by_command(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "alerts.wire", str(tmp_path / "new")], check=True, cwd=ROOT)
    for path in (tmp_path / "new").iterdir():
        assert path.read_bytes() == (PUBLISHED / path.name).read_bytes()


@pytest.mark.parametrize("name", sorted(schemas()))
def test_each_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schemas()[name])


@pytest.mark.parametrize("case", ["a field too many", "a random kind", "an unknown phase", "a box out of the frame"])
def test_the_schema_refuses_what_decode_refuses(case: str) -> None:
    wrong = HOSTILE.get(case) or changed(kind="Not A Kind")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(wrong), dict(schemas()["alert.v1.schema.json"]))
