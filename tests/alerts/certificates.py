"""A certificate that a test's broker shows."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def certify(folder: Path) -> Path:
    """Make `broker.crt` for 127.0.0.1 and `broker.key`, and return the certificate, which is its own authority."""
    assert shutil.which("openssl"), "these tests need openssl: apt-get install openssl"
    certificate, key = folder / "broker.crt", folder / "broker.key"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=broker"
    command += f" -addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {certificate}"
    subprocess.run(command.split(), check=True, capture_output=True)
    return certificate
