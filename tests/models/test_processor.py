"""The processor is named, with what decides how fast a network runs on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.processor import processor

EPYC = """processor\t: 0
model name\t: AMD EPYC 9R45
flags\t\t: fpu sse4_2 avx avx2 avx512f avx_vnni avx512_vnni avx512_bf16

processor\t: 1
model name\t: second
flags\t\t: fpu
"""
XEON = "model name : Xeon\nflags : avx2 avx512f avx512_vnni amx_bf16 amx_int8 amx_tile\n"
OLD = "model name : Core i5\nflags : sse2 avx avx2\n"
ARM = "processor : 0\nFeatures : fp asimd asimddp\n"


@pytest.mark.parametrize(
    ("text", "name", "features"),
    [
        (EPYC, "AMD EPYC 9R45", ("AVX2", "AVX-512", "VNNI", "BF16")),
        (XEON, "Xeon", ("AVX2", "AVX-512", "VNNI", "AMX")),
        (OLD, "Core i5", ("AVX2",)),
    ],
)
def test_the_processor_and_its_instructions_are_named(
    tmp_path: Path, text: str, name: str, features: tuple[str, ...]
) -> None:
    (tmp_path / "cpuinfo").write_text(text)
    found = processor(tmp_path / "cpuinfo")
    assert (found.name, found.features) == (name, features)
    assert str(found) == f"{name} ({', '.join(features)})"


def test_a_processor_that_the_kernel_does_not_describe_still_has_a_name(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text(ARM)
    assert processor(tmp_path / "cpuinfo").features == ("NEON dot product",)
    unknown = processor(tmp_path / "absent")
    assert unknown.name
    assert "no vector units known here" in str(unknown)
