"""Archives for the tests of packs."""

from __future__ import annotations

import io
from collections.abc import Mapping

from ioc.plain_zip import PlainZip


def archive(files: Mapping[str, bytes]) -> bytes:
    """Return an archive of these files, in their order."""
    file = io.BytesIO()
    written = PlainZip(file)
    for name, content in files.items():
        written.add(name, content)
    written.close()
    return file.getvalue()
