"""Cells of a CSV file: none of ours begins as a formula does, for a table's program would run it."""

from __future__ import annotations

_MARK = "'"
_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str) -> str:
    """Return the cell with a mark before what would begin a formula, marked or not."""
    return _MARK + cell if _begins_formula(cell) else cell


def plain(cell: str) -> str:
    """Return what `harmless` was given."""
    return cell[1:] if cell.startswith(_MARK) and _begins_formula(cell) else cell


def _begins_formula(cell: str) -> bool:
    return cell.lstrip(_MARK).startswith(_SIGNS)
