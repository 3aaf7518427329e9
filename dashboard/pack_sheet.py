"""A sheet of A4 to write and draw on, measured in millimetres from its upper left corner; it becomes a PDF."""

from __future__ import annotations

import io
import threading
import unicodedata

from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from ttf_opensans import OPENSANS_BOLD, OPENSANS_REGULAR

PLAIN, BOLD, FIXED = "IocPlain", "IocBold", "Courier"
WIDTH, HEIGHT = 210.0, 297.0
INK = "#111827"

PICTURE_PIXELS = 1400
"""Pictures are made no larger than this: a pack has them as they were taken beside the sheet."""

Size = tuple[float, float]
"""Width and height."""

_FONTS = threading.Lock()
"""The library has each font once for all sheets, and reads from one place in it at a time."""


class Sheet:
    """One page; the same calls give the same bytes."""

    def __init__(self, title: str, subject: str) -> None:
        with _FONTS:
            for name, font in ((PLAIN, OPENSANS_REGULAR), (BOLD, OPENSANS_BOLD)):
                if name not in pdfmetrics.getRegisteredFontNames():
                    pdfmetrics.registerFont(TTFont(name, str(font.path)))
        self._written = io.BytesIO()
        self._canvas = Canvas(self._written, pagesize=A4, invariant=1, lang="vi")
        self._canvas.setTitle(title)
        self._canvas.setSubject(subject)
        self._canvas.setCreator("city-ioc")

    def write(self, text: str, x: float, y: float, size: float, font: str = PLAIN, colour: str = INK) -> None:
        """Write one line whose letters of `size` points stand on `y`."""
        self._canvas.setFillColor(colour)
        self._canvas.setFont(font, size)
        self._canvas.drawString(x * mm, (HEIGHT - y) * mm, _writable(text, font))

    def width(self, text: str, size: float, font: str = PLAIN) -> float:
        """Return how wide a text is when it is written."""
        return float(pdfmetrics.stringWidth(_writable(text, font), font, size) / mm)

    def lines(self, text: str, width: float, most: int, size: float, font: str = PLAIN) -> list[str]:
        """Return the text in at most so many lines of a width; what does not fit gives way to an ellipsis."""
        found = [""]
        for word in text.split():
            longer = f"{found[-1]} {word}".strip()
            if self.width(longer, size, font) <= width:
                found[-1] = longer
                continue
            found.append("")
            for letter in word:
                if self.width(found[-1] + letter, size, font) > width:
                    found.append("")
                found[-1] += letter
        found = [line for line in found if line]
        if len(found) <= most:
            return found
        last, more = found[most - 1], "..." if font == FIXED else "…"
        while last and self.width(f"{last}{more}", size, font) > width:
            last = last[:-1]
        return [*found[: most - 1], f"{last}{more}"]

    def rectangle(self, x: float, y: float, size: Size, fill: str, edge: str = "", radius: float = 0) -> None:
        """Draw a rectangle by its upper left corner."""
        width, height = size
        self._canvas.setFillColor(fill)
        self._canvas.setStrokeColor(edge or fill)
        self._canvas.setLineWidth(0.8)
        self._canvas.roundRect(x * mm, (HEIGHT - y - height) * mm, width * mm, height * mm, radius * mm, fill=1)

    def rule(self, y: float, x: float, to: float, colour: str) -> None:
        """Draw a line across."""
        self._canvas.setStrokeColor(colour)
        self._canvas.setLineWidth(0.6)
        self._canvas.line(x * mm, (HEIGHT - y) * mm, to * mm, (HEIGHT - y) * mm)

    def picture(self, jpeg: bytes, x: float, y: float, room: Size) -> Size:
        """Draw a picture as large as the room allows, by its upper left corner; return how large it became."""
        image = ImageReader(io.BytesIO(jpeg))
        width, height = image.getSize()
        scale = min(room[0] / width, room[1] / height)
        drawn = width * scale, height * scale
        self._canvas.drawImage(image, x * mm, (HEIGHT - y - drawn[1]) * mm, drawn[0] * mm, drawn[1] * mm)
        return drawn

    def pdf(self) -> bytes:
        """Return the sheet; nothing can be drawn on it afterwards."""
        with _FONTS:
            self._canvas.showPage()
            self._canvas.save()
        return self._written.getvalue()


def small_jpeg(content: bytes) -> bytes | None:
    """Return a JPEG small enough for a sheet; None for what is none."""
    small = io.BytesIO()
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
            image.thumbnail((PICTURE_PIXELS, PICTURE_PIXELS))
            image.convert("RGB").save(small, "JPEG", quality=82)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return small.getvalue()


def _writable(text: str, font: str) -> str:
    """Return the text in one piece, with a question mark for each letter that the font does not have."""
    composed = unicodedata.normalize("NFC", text)
    if font == FIXED:
        return composed.encode("ascii", "replace").decode()
    letters = pdfmetrics.getFont(font).face.charToGlyph
    return "".join(letter if ord(letter) in letters else "?" for letter in composed)
