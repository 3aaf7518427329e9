"""Cells of a CSV file: none of ours begins as a formula does, for a table's program would run it."""

from __future__ import annotations

_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str) -> str:
    """Return the cell with a mark before what would begin a formula."""
    return f"'{cell}" if cell.startswith(_SIGNS) else cell


def plain(cell: str) -> str:
    """Return what `harmless` was given."""
    return cell[1:] if cell.startswith(tuple(f"'{sign}" for sign in _SIGNS)) else cell
