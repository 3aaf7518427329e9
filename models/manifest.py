"""Which models there are: for each its weights and their digest, its labels, and how its output is read.

A manifest is a TOML file with a `[[model]]` table a model. The bundled one lies beside this module; a further one, with
a `weights` folder of its own beside it, adds models in the same words.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ioc.errors import ModelError

BUNDLED = Path(__file__).with_name("manifest.toml")

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
LABEL = re.compile(r"^([a-z][a-z0-9_ -]{0,63}|[0-9A-Z])$")
Label = Annotated[str, Field(pattern=LABEL.pattern)]
"""A word for a thing, or a single digit or capital letter for a character."""
OwnLabel = Annotated[str, Field(pattern=r"^\S([^\x00-\x1f\x7f]{0,98}\S)?$")]
"""What a file's author calls a thing: any words in any language, on one line."""
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$")]
"""Relative, and no level begins with a dot, so that none leads out of its folder."""
Layout = Literal["yolo", "yolov5", "yolo-end2end", "rtdetr", "rtdetr-end2end", "ctc", "mask", "density"]
"""How inputs and outputs are to be read.

All take pictures, (batch, 3, H, W) RGB 0 to 1; see `models.session` for what else a file may have.

`yolo`: YOLO v8, 11 and 26 with its one-to-many head. Output (batch, 4 + labels, places), box centre x, y, width, height
in input pixels, then a score 0 to 1 a label. H and W multiples of 32.

`yolov5`, `yolo-end2end` (YOLO26 as it is exported), `rtdetr` and `rtdetr-end2end`: see `models.layouts`.

`ctc`: `size` wide and two fifths of it high, whatever the shape of what is read; output (batch, 2, places, labels + 1):
for the upper and the lower line, from left to right, how probable each character is, and last that there is none.

`mask`, `density`: output (batch, 1, rows, columns), square cells of the input: how probable the one label is there, 0
to 1, or how many of it the cell holds. H and W multiples of 32.
"""


Variant = Literal["float32", "int8"]
"""What numbers a network computes in."""


class EightBit(BaseModel):
    """The `eight_bit` table of a model: the same network in eight bits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: FileName = Field(description="the ONNX file, from the folder `weights` beside the manifest")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="digest of the ONNX file, lower-case hexadecimal")


class ModelEntry(BaseModel):
    """A `[[model]]` table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name = Field(description="what the model is called by")
    file: FileName = Field(description="the ONNX file, from the folder `weights` beside the manifest")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="digest of the ONNX file, lower-case hexadecimal")
    eight_bit: EightBit | None = Field(None, description="an eight-bit copy, for processors where it is cheaper")
    layout: Layout = Field(description="how inputs and outputs are to be read")
    labels: tuple[OwnLabel, ...] = Field(min_length=1, description="what the outputs stand for, in their order")
    use: dict[OwnLabel, Label] = Field(
        default_factory=dict,
        description="which of the labels count, and what they are called here; without, all by their own names",
    )
    exclusive: tuple[tuple[Label, ...], ...] = Field(
        (), description="groups of labels of which one object has only one"
    )
    size: int = Field(640, ge=32, le=4096, description="long side of the input, in pixels, unless asked otherwise")
    licence: str = Field(min_length=1, description="SPDX expression of the weights' licence")
    card: FileName | None = Field(
        None, description="the model's card, from the folder `cards` beside the manifest; NAME.md when left out"
    )

    @property
    def finds(self) -> tuple[Label, ...]:
        """What the model's findings are called, each once."""
        return tuple(dict.fromkeys(self.use.values())) or self.labels

    @property
    def reading(self) -> str:
        """A digest of what decides how the outputs are read: another one may make other findings of the same file."""
        words = self.model_dump_json(include={"layout", "labels", "use", "exclusive"})
        return hashlib.sha256(words.encode()).hexdigest()[:16]

    @model_validator(mode="after")
    def _check_labels(self) -> Self:
        if len(set(self.labels)) != len(self.labels):
            raise ValueError("labels: expected each label once")
        unknown = sorted(set(self.use) - set(self.labels))
        if unknown:
            raise ValueError(f"use: {unknown[0]!r} is not among the labels")
        odd = next((label for label in self.finds if not LABEL.match(label)), None)
        if odd is not None:
            raise ValueError(f'labels: {odd!r} is no word for rules; name it anew: use = {{ "{odd}" = "motorcycle" }}')
        grouped = [label for group in self.exclusive for label in group]
        strange = sorted(set(grouped) - set(self.finds))
        if strange:
            raise ValueError(f"exclusive: {strange[0]!r} is not among what is found")
        if len(set(grouped)) != len(grouped):
            raise ValueError("exclusive: expected each label in one group at most")
        return self


class Manifest(BaseModel):
    """A whole manifest, and where it lies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
    model: tuple[ModelEntry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        names = [entry.name for entry in self.model]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"model: the name {twice!r} stands twice")
        return self

    def named(self, name: str) -> ModelEntry:
        """Return the model of that name. Raises ModelError when there is none."""
        for entry in self.model:
            if entry.name == name:
                return entry
        raise ModelError(f"{self.path}: no model {name!r}; there are: {', '.join(entry.name for entry in self.model)}")

    def weights(self, entry: ModelEntry, variant: Variant = "float32") -> Path:
        """Return where the model's ONNX file lies, or that of its eight-bit copy."""
        copy = entry.eight_bit if variant == "int8" else None
        return self.path.parent / "weights" / (entry.file if copy is None else copy.file)

    def card(self, entry: ModelEntry) -> Path:
        """Return where the model's card lies; a model of one's own may have none."""
        return self.path.parent / "cards" / (entry.card or f"{entry.name}.md")


def as_toml(entry: ModelEntry) -> str:
    """Return a model's `[[model]]` table, without what stands at its default."""
    words = entry.model_dump(mode="json", exclude_defaults=True)
    return "[[model]]\n" + "".join(f"{key} = {_value(value)}\n" for key, value in words.items())


def _value(value: object) -> str:
    match value:
        case dict():
            return f"{{ {', '.join(f'{_text(key)} = {_value(own)}' for key, own in value.items())} }}"
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case str():
            return _text(value)
        case _:
            return str(value)


def _text(text: str) -> str:
    """Return a text as TOML writes it: JSON's way, which is the same for what a manifest may hold."""
    return json.dumps(text, ensure_ascii=False)


def load_manifest(path: Path = BUNDLED) -> Manifest:
    """Read and check a manifest. Raises ModelError, one line that names the file and the key."""
    try:
        value = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}; expected a manifest of models") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{path}: not TOML: {error}") from None
    if "path" in value:
        raise ModelError(f"{path}: path: unknown key")
    try:
        return Manifest.model_validate({**value, "path": path})
    except ValidationError as error:
        raise ModelError(f"{path}: {first_problem(error)}") from None


def first_problem(error: ValidationError) -> str:
    """Return the first thing that is wrong, its key before it."""
    item: Any = error.errors(include_url=False)[0]
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in item["loc"]).lstrip(".")
    match item["type"]:
        case "extra_forbidden":
            message = "unknown key"
        case "missing":
            message = "is missing"
        case "value_error":
            message = item["msg"].removeprefix("Value error, ")
        case _:
            message = f"{item['msg']}, got {item['input']!r}"
    return f"{key}: {message}" if key else message
