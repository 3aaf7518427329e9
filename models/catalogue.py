"""Which published models there are to fetch: for each where from, how large, its digest, and how it is read.

A catalogue is a TOML file: `[words.NAME]` tables with labels, `use` and `exclusive` as in a manifest, and `[[model]]`
tables that name one of them. The bundled one lies beside this module.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ioc.errors import ModelError
from models.manifest import Label, Layout, ModelEntry, Name, OwnLabel, first_problem

BUNDLED = Path(__file__).with_name("catalogue.toml")
LARGEST = 2_000_000_000


class Words(BaseModel):
    """What a model's labels are; see `ModelEntry`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: tuple[OwnLabel, ...]
    use: dict[OwnLabel, Label] = Field(default_factory=dict)
    exclusive: tuple[tuple[Label, ...], ...] = ()


class Published(BaseModel):
    """A `[[model]]` table of a catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    publisher: str = Field(min_length=1, max_length=100, description="who publishes the file")
    url: str = Field(description="where it lies, https")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="its digest, lower-case hexadecimal")
    bytes: int = Field(gt=0, le=LARGEST, description="its exact size")
    layout: Layout
    words: str = Field(description="which of the tables [words.NAME] says what its labels are")
    size: int = Field(640, ge=32, le=4096, description="long side of the input, in pixels")
    licence: str = Field(min_length=1, description="SPDX expression of the weights' licence")

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
            raise ValueError("expected a URL that begins with https://, without user or password")
        return url


class Catalogue(BaseModel):
    """A whole catalogue, and where it lies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
    words: dict[str, Words]
    model: tuple[Published, ...]

    def named(self, name: str) -> Published:
        """Return the model of that name. Raises ModelError when there is none."""
        for published in self.model:
            if published.name == name:
                return published
        raise ModelError(f"{self.path}: no model {name!r}; there are: {', '.join(own.name for own in self.model)}")

    def entry(self, published: Published) -> ModelEntry:
        """Return the manifest's words for a model. Raises ModelError when the catalogue has no such labels."""
        if published.words not in self.words:
            raise ModelError(f"{self.path}: {published.name}: there is no table [words.{published.words}]")
        own = published.model_dump(include={"name", "sha256", "layout", "size", "licence"})
        words = self.words[published.words].model_dump()
        try:
            return ModelEntry.model_validate({**own, **words, "file": f"{published.name}.onnx"})
        except ValidationError as error:
            raise ModelError(f"{self.path}: {published.name}: {first_problem(error)}") from None


def load_catalogue(path: Path = BUNDLED) -> Catalogue:
    """Read and check a catalogue. Raises ModelError, one line that names the file and the key."""
    try:
        value: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return Catalogue.model_validate({**value, "path": path})
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}; expected a catalogue of models") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{path}: not TOML: {error}") from None
    except ValidationError as error:
        raise ModelError(f"{path}: {first_problem(error)}") from None
