"""What processor this machine has, which of its instruction sets matter to a network, and how much of it we take."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path

import cv2

CPUINFO = Path("/proc/cpuinfo")

FEATURES = (
    ("AVX2", {"avx2"}),
    ("AVX-512", {"avx512f"}),
    ("VNNI", {"avx512_vnni", "avx_vnni"}),
    ("BF16", {"avx512_bf16"}),
    ("AMX", {"amx_int8", "amx_bf16"}),
    ("NEON dot product", {"asimddp"}),
)
"""What decides how fast a network runs, and the kernel's words for it."""


@dataclass(frozen=True, slots=True)
class Processor:
    """A processor's name, and which of FEATURES it has."""

    name: str
    features: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name} ({', '.join(self.features) or 'no vector units known here'})"


def processor(cpuinfo: Path = CPUINFO) -> Processor:
    """Return this machine's processor, from the kernel's description where there is one."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    words = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in reversed(lines))}
    flags = set((words.get("flags") or words.get("Features") or "").split())
    name = words.get("model name") or platform.processor() or platform.machine()
    return Processor(name, tuple(feature for feature, any_of in FEATURES if any_of & flags))


def use_one_thread() -> None:
    """Have OpenCV compute in this thread alone: where processes share the work, its own threads only get in the way."""
    cv2.setNumThreads(1)
