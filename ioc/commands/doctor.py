"""`ioc doctor`: what this machine can do, what is missing, and how to get it."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Annotated

import typer

from ioc.errors import IocError

MIN_FREE_GB = 2.0
MIN_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `grade` is "good", "note" (works, could be better) or "bad" (will not work)."""

    grade: str
    what: str
    found: str


def command(
    data: Annotated[Path, typer.Option("--data", help="Folder that the site keeps its data in.")] = Path("var"),
    port: Annotated[int, typer.Option("--port", help="Port of the dashboard.")] = 8080,
) -> int:
    """Say what this machine can do and what is missing. Exit code 1 when something will not work."""
    findings = list(_examine(data, port))
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        print(f"{finding.grade:4}  {finding.what:{width}}  {finding.found}")
    bad = sum(finding.grade == "bad" for finding in findings)
    print(f"{bad} things will not work" if bad else "Everything needed is there: try `ioc demo`.")
    return 1 if bad else 0


def _examine(data: Path, port: int) -> Iterator[Finding]:
    checks: tuple[Callable[[], Finding], ...] = (
        _python,
        _processor,
        _one_opencv,
        _ffmpeg,
        _inference,
        _weights,
        lambda: _disk(data),
        lambda: _port(port),
    )
    for check in checks:
        yield check()
    yield from _optional()


def _python() -> Finding:
    grade = "good" if sys.version_info >= MIN_PYTHON else "bad"
    return Finding(grade, "Python", f"{platform.python_version()} on {platform.platform(terse=True)}")


def _processor() -> Finding:
    flags = _cpu_flags()
    if not flags:
        return Finding("note", "processor", f"{os.cpu_count()} cores; its features could not be read")
    fast = [name for flag, name in (("avx2", "AVX2"), ("avx512f", "AVX-512"), ("amx_tile", "AMX")) if flag in flags]
    if flags & {"avx512_vnni", "avx_vnni"}:
        fast.append("VNNI")
    grade = "good" if "AVX2" in fast or platform.machine() != "x86_64" else "note"
    return Finding(grade, "processor", f"{os.cpu_count()} cores, {', '.join(fast) or 'no vector units known here'}")


def _cpu_flags() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return set()
    return next((set(line.split()) for line in lines if line.startswith(("flags", "Features"))), set())


def _one_opencv() -> Finding:
    builds = ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless")
    present = []
    for name in builds:
        try:
            distribution(name)
        except PackageNotFoundError:
            continue
        present.append(name)
    if len(present) == 1:
        return Finding("good", "OpenCV", f"{present[0]} {version(present[0])}")
    way_out = "keep opencv-python-headless alone: pip uninstall the others, then install it again"
    return Finding("bad", "OpenCV", f"{', '.join(present) or 'none'}; {way_out}")


def _ffmpeg() -> Finding:
    import av

    wanted = ("h264", "hevc", "mjpeg", "mpeg4")
    missing = [name for name in wanted if name not in av.codecs_available]
    found = f"PyAV {av.__version__}, FFmpeg libavcodec {'.'.join(map(str, av.library_versions['libavcodec']))}"
    return Finding("bad" if missing else "good", "video", found + (f"; cannot decode {missing}" if missing else ""))


def _inference() -> Finding:
    from models.session import runtime

    return Finding("good", "inference", runtime())


def _weights() -> Finding:
    from models.manifest import load_manifest
    from models.session import read_verified

    try:
        manifest = load_manifest()
        for entry in manifest.model:
            read_verified(manifest.weights(entry), entry.sha256)
            if entry.eight_bit is not None:
                read_verified(manifest.weights(entry, "int8"), entry.eight_bit.sha256)
    except IocError as error:
        return Finding("bad", "weights", str(error))
    return Finding("good", "weights", ", ".join(entry.name for entry in manifest.model) + ": digests are right")


def _disk(data: Path) -> Finding:
    folder = next(path for path in (data.absolute(), *data.absolute().parents) if path.exists())
    free = shutil.disk_usage(folder).free / 1e9
    if not os.access(folder, os.W_OK):
        return Finding("bad", "data folder", f"{folder} cannot be written to; give another by --data or [site] data")
    grade = "good" if free >= MIN_FREE_GB else "bad"
    return Finding(grade, "data folder", f"{folder}: {free:.1f} GB free")


def _port(port: int) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return Finding("note", "dashboard port", f"{port}: {error.strerror}; give another in [dashboard] port")
    return Finding("good", "dashboard port", f"{port} is free on 127.0.0.1")


def _optional() -> Iterator[Finding]:
    for program, use, package in (("mosquitto", "a broker that outlives a restart", "mosquitto"),):
        path = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        found = path or f"not installed; for {use}: apt-get install {package}"
        yield Finding("good" if path else "note", program, found)
    try:
        yield Finding("good", "training", f"torch {version('torch')}, ultralytics {version('ultralytics')}")
    except PackageNotFoundError:
        yield Finding("note", "training", "extra `train` is not installed; only `ioc models train` needs it")
