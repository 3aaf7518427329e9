"""The page of an evidence pack: one sheet in Vietnamese and English, from which the rest of the pack is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from dashboard.pack_record import Fact, PackRecord, when
from dashboard.pack_sheet import BOLD, FIXED, HEIGHT, INK, WIDTH, Sheet, Size
from dashboard.pack_words import ELSEWHERE, FAULTS, LABELS, LACKING, NO_PICTURE, SIMULATED
from ioc.evidence_pack import Issue, Lacking, PackFile

LEFT, TOP = 14.0, 12.0
INNER = WIDTH - 2 * LEFT
LACKING_SHOWN = 4
ROOM_FOR_PICTURES, LEAST_ROOM = 60.0, 25.0
"""Files are not listed to the last where that would leave pictures less room; in less than that none are drawn."""
ROW = 45.0
ROOM_FOR_ROW = 120.0
"""In so much room pictures stand in a row below the first one, which is as wide as the page."""

_SOFT, _LINE, _ALARM, _WARN = "#5b6472", "#c8ced8", "#b42318", "#b45309"
_PLATES = {"yellow": ("#f6c90e", INK), "blue": ("#1d4ed8", "#ffffff"), "red": ("#b91c1c", "#ffffff")}
_WHITE_PLATE = ("#ffffff", INK)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for the page, as a small JPEG, and what stands below it."""

    caption: str
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the page as wide as the page: how high it is, and how it is drawn by its upper edge; millimetres."""

    height: float
    draw: Callable[[float], None]


def draw_page(
    record: PackRecord,
    issue: Issue,
    pictures: Sequence[Picture],
    files: Sequence[PackFile],
    lacking: Sequence[Lacking],
    fingerprint: str,
) -> bytes:
    """Return the page as PDF; `files` are those of the pack but for the page itself, the manifest and its signature."""
    sheet = Sheet(" / ".join(record.title), f"{record.about.what} {record.about.id}")
    issued = (("to", issue.to), ("issued", when(issue.at)), ("case", issue.case), ("purpose", issue.purpose))
    above = [_heading(sheet, record), *_warning(sheet, record), _facts(sheet, record.facts)]
    below = [*_lacking(sheet, lacking), _facts(sheet, [(LABELS[name], value) for name, value in issued])]
    seal = _seal(sheet, fingerprint)
    free = HEIGHT - 2 * TOP - sum(block.height for block in (*above, *below, seal))
    below += [_files(sheet, files, free - ROOM_FOR_PICTURES), seal]
    start = _draw(above, TOP)
    end = HEIGHT - TOP - sum(block.height for block in below)
    _pictures(sheet, pictures, start, end - start)
    _draw(below, end)
    return sheet.pdf()


def _draw(blocks: Iterable[Block], top: float) -> float:
    """Draw blocks below each other and return where they end."""
    for block in blocks:
        block.draw(top)
        top += block.height
    return top


def _heading(sheet: Sheet, record: PackRecord) -> Block:
    def draw(top: float) -> None:
        sheet.write(record.title[0], LEFT, top + 8, 15, BOLD)
        sheet.write(record.title[1], LEFT, top + 13.5, 9, colour=_SOFT)
        if record.plate:
            ground, ink = _PLATES.get(record.colour, _WHITE_PLATE)
            size = min(20.0, 20 * 44 / sheet.width(record.plate, 20, BOLD))
            sheet.rectangle(LEFT + INNER - 50, top, (50, 14.5), ground, INK, radius=1.6)
            sheet.write(
                record.plate, LEFT + INNER - 25 - sheet.width(record.plate, size, BOLD) / 2, top + 9.8, size, BOLD, ink
            )
        sheet.rule(top + 17, LEFT, LEFT + INNER, INK)

    return Block(19, draw)


def _warning(sheet: Sheet, record: PackRecord) -> list[Block]:
    def draw(top: float) -> None:
        sheet.rectangle(LEFT, top, (INNER, 6), _WARN)
        sheet.write(" / ".join(SIMULATED), LEFT + 2, top + 4.2, 8.5, BOLD, "#ffffff")

    return [Block(8, draw)] if record.simulated else []


def _facts(sheet: Sheet, facts: Sequence[Fact]) -> Block:
    """Return facts in three columns; one that is too long for two lines has a row for itself."""
    gap, size, step = 4.0, 8.2, 3.7
    column = (INNER - 2 * gap) / 3
    rows: list[list[tuple[float, str, list[str]]]] = [[]]
    for label, value in facts:
        lines = sheet.lines(value, column, 3, size)
        wide = len(lines) > 2
        if wide or len(rows[-1]) == 3:
            rows.append([])
        if wide:
            lines = sheet.lines(value, INNER, 2, size)
        rows[-1].append((LEFT + len(rows[-1]) * (column + gap), " · ".join(dict.fromkeys(label)), lines))
        if wide:
            rows.append([])
    heights = [3.2 + step * max(len(lines) for _, _, lines in row) + 1.2 for row in rows if row]

    def draw(top: float) -> None:
        for row, height in zip(filter(None, rows), heights, strict=True):
            for x, label, lines in row:
                sheet.write(label, x, top + 2.4, 6, colour=_SOFT)
                for number, line in enumerate(lines, 1):
                    sheet.write(line, x, top + 2.4 + number * step, size)
            top += height

    return Block(sum(heights) + 1, draw)


def _pictures(sheet: Sheet, pictures: Sequence[Picture], top: float, height: float) -> None:
    """Draw the first picture large, and the others below it where there is room for them, else beside it."""
    if not pictures or height < LEAST_ROOM:
        sheet.write(" / ".join(ELSEWHERE if pictures else NO_PICTURE), LEFT, top + 6, 9, colour=_SOFT)
        return
    first, others = pictures[0], pictures[1:]
    gap = 4.0
    if others and height >= ROOM_FOR_ROW:
        top += _picture(sheet, first, LEFT, top, (INNER, height - ROW))
        width = (INNER + gap) / len(others)
        for number, other in enumerate(others):
            _picture(sheet, other, LEFT + number * width, top, (width - gap, ROW))
        return
    large = INNER * (0.64 if others else 1)
    _picture(sheet, first, LEFT, top, (large, height))
    for other in others:
        top += _picture(sheet, other, LEFT + large + gap, top, (INNER - large - gap, height / len(others)))


def _picture(sheet: Sheet, picture: Picture, x: float, y: float, room: Size) -> float:
    """Draw a picture with its caption, and return how high both became."""
    _, drawn = sheet.picture(picture.jpeg, x, y, (room[0], room[1] - 6))
    (caption,) = sheet.lines(picture.caption, room[0], 1, 6)
    sheet.write(caption, x, y + drawn + 2.8, 6, colour=_SOFT)
    return drawn + 6


def _lacking(sheet: Sheet, lacking: Sequence[Lacking]) -> list[Block]:
    """Return what the pack lacks, in red, so that nobody overlooks it."""
    rows = []
    for one in lacking[:LACKING_SHOWN]:
        name = PurePosixPath(one.path).name if one.path else "–"
        rows.append((f"{name}: {' / '.join(FAULTS[one.why])}", BOLD))
        if one.found_sha256:
            rows.append((f"SHA-256 {one.recorded_sha256} != {one.found_sha256}", FIXED))
    if len(lacking) > LACKING_SHOWN:
        rows.append((f"+ {len(lacking) - LACKING_SHOWN} {' / '.join(LABELS['more'])}", BOLD))

    def draw(top: float) -> None:
        sheet.rectangle(LEFT, top, (INNER, 6.5 + 3.4 * len(rows)), "#fef3f2", _ALARM, radius=1)
        sheet.write(" / ".join(LACKING), LEFT + 2, top + 4, 8.5, BOLD, _ALARM)
        for number, (row, font) in enumerate(rows):
            (line,) = sheet.lines(row, INNER - 4, 1, 6, font)
            sheet.write(line, LEFT + 2, top + 7.8 + 3.4 * number, 6, font, _ALARM)

    return [Block(9 + 3.4 * len(rows), draw)] if lacking else []


def _files(sheet: Sheet, files: Sequence[PackFile], room: float) -> Block:
    """Return the first files, as many as the room allows."""
    size, step = 5.6, 2.9
    fit = max(int((room - 7) / step), 1)
    shown = files if len(files) <= fit else files[: fit - 1]
    more = len(files) - len(shown)

    def draw(top: float) -> None:
        sheet.rule(top, LEFT, LEFT + INNER, _LINE)
        sheet.write(" · ".join(LABELS["files"]), LEFT, top + 3.4, 6, colour=_SOFT)
        for number, one in enumerate(shown):
            y = top + 6.6 + number * step
            amount = f"{one.size:,}"
            (name,) = sheet.lines(one.name, 102 - sheet.width(amount, size, FIXED), 1, size, FIXED)
            sheet.write(name, LEFT, y, size, FIXED)
            sheet.write(amount, LEFT + 104 - sheet.width(amount, size, FIXED), y, size, FIXED)
            sheet.write(one.sha256, LEFT + 106, y, size, FIXED)
        if more > 0:
            sheet.write(f"+ {more} {' / '.join(LABELS['more'])}", LEFT, top + 6.6 + len(shown) * step, 6)

    return Block(7 + step * (len(shown) + (more > 0)), draw)


def _seal(sheet: Sheet, fingerprint: str) -> Block:
    def draw(top: float) -> None:
        sheet.rule(top, LEFT, LEFT + INNER, _LINE)
        sheet.write(" · ".join(LABELS["key"]), LEFT, top + 3.4, 6, colour=_SOFT)
        sheet.write(fingerprint, LEFT, top + 7, 8, FIXED)
        sheet.write(" · ".join(LABELS["check"]), LEFT, top + 11, 6, colour=_SOFT)
        sheet.write("ioc evidence verify FILE.zip --key FINGERPRINT", LEFT, top + 14.4, 7, FIXED)
        sheet.write(" · ".join(LABELS["signed"]), LEFT + 106, top + 14.4, 6, colour=_SOFT)

    return Block(16, draw)
