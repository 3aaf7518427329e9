"""What `ioc models` reads from its options and shows on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ioc.errors import UsageError

if TYPE_CHECKING:
    from models.evaluation import Figures
    from models.labelled_set import LabelledSet


def renames(classes: Sequence[str] | None) -> dict[str, str]:
    """Return what `--classes FROM=TO` says. Raises UsageError when it says something else."""
    pairs = [text.partition("=") for text in classes or []]
    for own, equals, label in pairs:
        if not (own and equals and label):
            raise UsageError(f"--classes {own}{equals}{label}: expected FROM=TO, such as van=car")
    return {own: label for own, _, label in pairs}


def ratio(text: str) -> float:
    """Return width over height from `--aspect W:H`. Raises UsageError when it is none."""
    width, colon, height = text.partition(":")
    try:
        ratio = float(width) / float(height) if colon else 0.0
    except (ValueError, ZeroDivisionError):
        ratio = 0.0
    if not 0.05 <= ratio <= 20:
        raise UsageError(f"--aspect {text}: expected width:height, such as 16:9")
    return ratio


def numbers(option: str, text: str) -> list[int]:
    """Return an option's whole numbers, each once. Raises UsageError when they are none."""
    words = text.split(",")
    if not all(word.isdecimal() and 1 <= int(word) <= 256 for word in words):
        raise UsageError(f"{option} {text}: expected whole numbers from 1 to 256, separated by commas")
    return list(dict.fromkeys(int(word) for word in words))


def tell_left_out(labelled: LabelledSet) -> None:
    """Say on standard error which classes of a labelled set do not count."""
    if labelled.left_out:
        names = ", ".join(labelled.left_out)
        print(f"ioc: note: boxes of these classes are left out (--classes from=to maps them): {names}", file=sys.stderr)


def figure_rows(figures: Sequence[Figures]) -> list[list[str]]:
    """Return figures as rows of a table: two a size, a column a label."""
    rows = [["size", "", *(own.label for own in figures[0].labels), "mean"]]
    rows.append(["", "boxes", *(str(own.boxes) for own in figures[0].labels), ""])
    for size in figures:
        rows.append([str(size.size), "AP50", *(cell(own.ap50) for own in size.labels), cell(size.ap50)])
        rows.append(["", "AP50-95", *(cell(own.ap50_95) for own in size.labels), cell(size.ap50_95)])
    return rows


def cell(value: object) -> str:
    """Return a value as a table shows it."""
    if value is None:
        return "–"
    if not isinstance(value, float):
        return str(value)
    return f"{value:.3f}" if value <= 1 else f"{value:.1f}"


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows as lines, columns aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[], None]]:
    """Yield what is called after each step; shows a line on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress, TextColumn, TimeRemainingColumn

    of_all = "" if total is None else f" of {total}"
    columns = (TextColumn(f"{what} {{task.completed}}{of_all}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda: progress.advance(task)
