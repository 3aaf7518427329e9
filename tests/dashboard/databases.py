"""The databases that a store can be in, for tests of what has to hold in each of them."""

from __future__ import annotations

import pytest

SQLITE, POSTGRESQL = "sqlite", "postgresql"

BOTH = pytest.mark.parametrize(
    "settings", [SQLITE, pytest.param(POSTGRESQL, marks=pytest.mark.postgresql)], indirect=True
)
"""Runs a test with an empty store in a SQLite file, and with one in a real PostgreSQL."""

IN_POSTGRESQL = pytest.mark.parametrize(
    "settings", [pytest.param(POSTGRESQL, marks=pytest.mark.postgresql)], indirect=True
)
"""Runs a test with an empty store in a real PostgreSQL."""
