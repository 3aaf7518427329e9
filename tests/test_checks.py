"""The checks are on: each contract and linter is shown a planted violation and must refuse it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("ioc", "detectors", "streams", "alerts", "models", "dashboard")
BIN = Path(sys.executable).parent


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [BIN / "lint-imports", "--no-cache", "--config", ".importlinter"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the sources to plant something in."""
    ignored = shutil.ignore_patterns("__pycache__", "*.onnx")
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=ignored)
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def test_the_contracts_hold(copy: Path) -> None:
    result = lint_imports(copy)
    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("ioc/types.py", "import streams", "Arrows point down"),
        ("streams/planted.py", "import models", "Arrows point down"),
        ("alerts/policy.py", "import dashboard", "Arrows point down"),
        ("ioc/planted.py", "X = 1", "Every module of ioc has a place"),
        ("detectors/overcrowding.py", "import detectors.illegal_parking", "Detectors do not know each other"),
        ("detectors/overcrowding.py", "import ioc.clock", "Rules and the fold are pure"),
        ("detectors/overcrowding.py", "import cv2", "Rules and the fold are pure"),
        ("ioc/pipeline.py", "import time", "Rules and the fold are pure"),
        ("dashboard/app.py", "import ioc.site", "The dashboard knows the wire format"),
        ("dashboard/app.py", "import alerts.outbox", "The dashboard knows the wire format"),
        ("alerts/policy.py", "import paho.mqtt.client", "Each outside library has its door: paho"),
        ("detectors/overcrowding.py", "import av", "Each outside library has its door: av"),
        ("alerts/outbox.py", "import sqlalchemy", "Each outside library has its door: sqlalchemy"),
        ("dashboard/app.py", "import cryptography", "Each outside library has its door: cryptography"),
        ("dashboard/packs.py", "import reportlab", "Each outside library has its door: reportlab"),
        ("ioc/runner.py", "import onnxruntime", "Each outside library has its door: onnxruntime"),
        ("streams/recording.py", "import cv2", "Each outside library has its door: cv2"),
        ("alerts/mqtt.py", "import asyncio", "asyncio lives in the dashboard"),
        ("models/session.py", "import torch", "The default install needs no torch"),
    ],
)
def test_a_planted_import_is_refused(copy: Path, module: str, line: str, contract: str) -> None:
    planted = copy / module
    before = planted.read_text(encoding="utf-8") if planted.exists() else ""
    planted.write_text(f"{before}\n{line}\n", encoding="utf-8")
    result = lint_imports(copy)
    assert result.returncode == 1
    broken = [row for row in result.stdout.splitlines() if "BROKEN" in row]
    assert any(contract in row for row in broken), result.stdout


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ('"""D."""\nimport os\n', "F401"),
        (
            '"""D."""\n\n\ndef f():\n    """Do."""\n    try:\n        pass\n    except Exception:\n        pass\n',
            "BLE001",
        ),
        ('"""D."""\nfrom datetime import datetime\n\nX = datetime.now()\n', "DTZ005"),
        ('"""D."""\n\nprint("x")\n', "T201"),
        ('"""D."""\n\n\ndef f() -> None:\n    return None\n', "D103"),
        ('"""D."""\n\nfrom . import types\n', "TID252"),
        ('"""D."""\n\nX = 1  # noqa\n', "PGH004"),
        ('"""D."""\n\nX = eval("1")\n', "S307"),
        ('"""D."""\n\nX = "' + "x" * 130 + '"\n', "E501"),
        ('"""D."""\n\n\ndef f(a, b, c, d, e, f, g, h, i):\n    """Do."""\n', "PLR0913"),
    ],
)
def test_the_linter_refuses_what_we_avoid(code: str, rule: str) -> None:
    command: list[str | Path] = [BIN / "ruff", "check", "--no-cache", "--stdin-filename", "ioc/planted.py", "-"]
    result = subprocess.run(command, cwd=ROOT, input=code, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert rule in result.stdout


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("def f(x):\n    return x\n", "no-untyped-def"),
        ("def f(x: list) -> None: ...\n", "type-arg"),
        ("def f(x: int) -> str:\n    return x\n", "return-value"),
    ],
)
def test_types_are_checked_strictly(tmp_path: Path, code: str, error: str) -> None:
    (tmp_path / "planted.py").write_text(code, encoding="utf-8")
    command: list[str | Path] = [
        BIN / "mypy",
        "--config-file",
        ROOT / "pyproject.toml",
        "--cache-dir",
        tmp_path / "cache",
        "planted.py",
    ]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert error in result.stdout


def test_no_top_level_name_has_two_owners() -> None:
    """Two builds of OpenCV, say, overwrite each other silently."""
    shared = {
        name: owners
        for name, owners in packages_distributions().items()
        if len(set(owners)) > 1 and name.isidentifier() and (name in ROOMS or name == "cv2")
    }
    assert shared == {}
    assert set(packages_distributions()["ioc"]) == {"city-ioc"}
