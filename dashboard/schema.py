"""The tables of the store; SQLite today, PostgreSQL by the same definitions.

`alerts` holds where each incident stands, `alert_history` how it came there, `changes` numbers every change so that a
page which was cut off can ask for what it missed. `plates` holds every text that was ever read once, `plate_endings`
what finds it by its parts, and `plate_reads` each vehicle's pass. `watch_entries` are the plates on the `watch_lists`,
and `watch_hits` says which passes an alert was raised for. `holds` says what is kept beyond its time, `doomed_files`
which files of deleted records are still to go. `audit_log` says who looked for plates, and why; the database refuses to
change or delete what stands there.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out, whatever the database keeps; SQLite keeps text that sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time; hand SQLite, which knows no zones, the UTC reading."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"times are aware UTC, got {value!r}")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - the signature is SQLAlchemy's
    ) -> datetime | None:
        """Return the time as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Microseconds(TypeDecorator[datetime]):
    """Aware UTC in and out, kept as whole microseconds since 1970: a third of what text takes, where there are many."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Refuse a naive time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"times are aware UTC, got {value!r}")
        return (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the time as aware UTC."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
_COUNTER = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts by itself in SQLite
_WHEN = UtcDateTime()
_MAYBE_JSON = JSON(none_as_null=True)

metadata = MetaData(naming_convention=_NAMES)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("camera", String(64), nullable=False),
    Column("rule", String(100), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("phase", String(16), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("began", _WHEN, nullable=False),
    Column("at", _WHEN, nullable=False),
    Column("box", _MAYBE_JSON),
    Column("details", JSON, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("received", _WHEN, nullable=False),
    Column("state", String(16), nullable=False),
    Column("acknowledged_by", String(64)),
    Column("acknowledged_at", _WHEN),
    Column("acknowledged_note", Text),
    Column("closed_by", String(64)),
    Column("closed_at", _WHEN),
    Column("closed_note", Text),
    Index(None, "began", "id"),
    Index(None, "site", "camera", "began"),
    Index(None, "state", "began"),
    Index(None, "state", "site", "camera"),
    Index(None, "kind", "began"),
)

alert_history = Table(
    "alert_history",
    metadata,
    Column("id", _COUNTER, primary_key=True, autoincrement=True),
    Column("alert_id", Uuid, ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("what", String(16), nullable=False),
    Column("at", _WHEN, nullable=False),
    Column("severity", String(16)),
    Column("who", String(64)),
    Column("note", Text),
    UniqueConstraint("alert_id", "what", "at"),
)

cameras = Table(
    "cameras",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("camera", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("simulated", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("since", _WHEN, nullable=False),
    Column("reason", String(500), nullable=False),
)

engines = Table(
    "engines",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("since", _WHEN, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("password_hash", String(255), nullable=False),
    Column("role", String(16), nullable=False),
    Column("all_cameras", Boolean, nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created", _WHEN, nullable=False),
)

user_cameras = Table(
    "user_cameras",
    metadata,
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("site", String(64), primary_key=True),
    Column("camera", String(64), primary_key=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created", _WHEN, nullable=False),
    Column("expires", _WHEN, nullable=False),
)

changes = Table(
    "changes",
    metadata,
    Column("id", _COUNTER, primary_key=True, autoincrement=True),
    Column("what", String(16), nullable=False),
    Column("site", String(64), nullable=False),
    Column("camera", String(64)),
    Column("alert_id", Uuid),
    sqlite_autoincrement=True,  # a number is never given twice, even after old changes are dropped
)

PLATE_TEXT = String(24).with_variant(String(24, collation="C"), "postgresql")
"""Canonical texts, compared by their codes, so that an index finds what begins with given characters."""

plates = Table(
    "plates",
    metadata,
    Column("id", _COUNTER, primary_key=True, autoincrement=True),
    Column("text", PLATE_TEXT, nullable=False, unique=True),
)

plate_endings = Table(
    "plate_endings",
    metadata,
    Column("ending", PLATE_TEXT, primary_key=True),
    Column("plate_id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

plate_places = Table(
    "plate_places",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("site", String(64), nullable=False),
    Column("camera", String(64), nullable=False),
    UniqueConstraint("site", "camera"),
)

plate_reads = Table(
    "plate_reads",
    metadata,
    Column("id", _COUNTER, primary_key=True, autoincrement=True),
    Column("hit", Uuid, nullable=False, unique=True),
    Column("plate_id", BigInteger, ForeignKey("plates.id"), nullable=False),
    Column("place_id", Integer, ForeignKey("plate_places.id"), nullable=False),
    Column("at", Microseconds, nullable=False),
    Column("vehicle", String(16), nullable=False),
    Column("colour", String(16), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("province", String(2)),
    Column("direction", String(16)),
    Column("score", Float, nullable=False),
    Column("box", _MAYBE_JSON),
    Column("details", JSON, nullable=False),
    Column("evidence", JSON, nullable=False),
    Index(None, "plate_id", "at"),
    Index(None, "place_id", "at"),
    Index(None, "at"),
)

watch_lists = Table(
    "watch_lists",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("owner", String(64), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("case", Text, nullable=False),
    Column("priority", String(16), nullable=False),
    Column("misreads", Boolean, nullable=False),
    Column("valid_from", _WHEN),
    Column("valid_until", _WHEN),
    Column("changed", _WHEN, nullable=False),
    sqlite_autoincrement=True,  # alerts name their list by its number, which is never given twice
)

watch_entries = Table(
    "watch_entries",
    metadata,
    Column("id", _COUNTER, primary_key=True, autoincrement=True),
    Column("list_id", Integer, ForeignKey("watch_lists.id", ondelete="CASCADE"), nullable=False),
    Column("plate", PLATE_TEXT, nullable=False, index=True),
    Column("note", String(500), nullable=False),
    Column("priority", String(16)),
    Column("valid_from", _WHEN),
    Column("valid_until", _WHEN),
    UniqueConstraint("list_id", "plate"),
)

watch_hits = Table(
    "watch_hits",
    metadata,
    Column("alert_id", Uuid, primary_key=True),
    Column("hit", Uuid, nullable=False, index=True),
    Column("list_id", Integer, nullable=False),  # stays when the list is gone
)

holds = Table(
    "holds",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("record", Uuid, nullable=False),
    Column("what", String(16), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("case", Text, nullable=False),
    Column("placed_by", String(64), nullable=False),
    Column("placed_at", _WHEN, nullable=False),
    Column("released_by", String(64)),
    Column("released_at", _WHEN),
    Column("released_note", Text),
    Index(None, "record", "released_at"),
    sqlite_autoincrement=True,  # the audit log names holds by their numbers
)

doomed_files = Table(
    "doomed_files",
    metadata,
    Column("path", String(300), primary_key=True),
    Column("record", Uuid, nullable=False),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", _WHEN, nullable=False),
    Column("who", String(64), nullable=False),
    Column("what", String(24), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("case", Text, nullable=False),
    Column("details", JSON, nullable=False),
    Column("digest", String(64), nullable=False),
)
