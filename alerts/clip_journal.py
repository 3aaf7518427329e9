"""Which clips wait for their after-part, on the disk: a program that was killed tells of what it had of them.

    <root>/.clips/<alert id>.json    the message that tells of the alert with what came before it

A file is there from when what came before is kept until the message is in the outbox.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

from pydantic import ValidationError

from alerts.evidence_file import UNFINISHED, write_whole
from alerts.wire import AlertMessage, WireEvidence
from ioc.types import Alert

log = logging.getLogger(__name__)


class ClipJournal:
    """The clips below the evidence folder `root` that wait. `message` says an alert, or returns None when none can."""

    def __init__(self, root: Path, message: Callable[[Alert], AlertMessage | None]) -> None:
        self._root = root
        self._folder = root / ".clips"
        self._message = message

    def begin(self, alert: Alert) -> None:
        """Write down an alert with the clip that there is of it so far. Raises OSError."""
        message = self._message(alert)
        if message is not None:
            self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
            write_whole(self._file(alert.id), lambda part: part.write_bytes(message.payload()))

    def end(self, alert_id: UUID) -> None:
        """Forget an alert whose clip has been told of, or of which there is none. Raises OSError."""
        self._file(alert_id).unlink(missing_ok=True)

    def left(self) -> Iterator[AlertMessage]:
        """Yield what a killed program did not come to tell, with the clips as they are; forget each when it is told.

        Raises OSError.
        """
        for unfinished in self._folder.glob(UNFINISHED):
            unfinished.unlink(missing_ok=True)
        for file in sorted(self._folder.glob("*.json")):
            try:
                message = AlertMessage.model_validate_json(file.read_bytes(), strict=True)
            except ValidationError:
                log.error("%s: not a message of ours; the clip that it is about is not told of", file)
            else:
                yield message.model_copy(update={"evidence": tuple(map(self._as_it_is, message.evidence))})
            file.unlink(missing_ok=True)

    def _as_it_is(self, item: WireEvidence) -> WireEvidence:
        """Return the evidence, of a clip with the digest of its file, which may be longer than when it was noted."""
        file = self._root / (item.path or "")
        if item.kind != "clip" or not file.is_file():
            return item
        with file.open("rb") as clip:
            return item.model_copy(update={"sha256": hashlib.file_digest(clip, "sha256").hexdigest()})

    def _file(self, alert_id: UUID) -> Path:
        return self._folder / f"{alert_id}.json"
