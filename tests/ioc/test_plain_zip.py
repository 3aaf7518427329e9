"""Archives of one form: others read them, and whatever else looks like one is refused."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc import plain_zip
from ioc.plain_zip import BrokenZip, PlainZip, content_of, read_zip
from tests.ioc.archives import archive

FILES = {"a.txt": b"one", "evidence/01-b.jpg": b"\x00\xff" * 40, "empty": b""}
NAMES = st.from_regex(r"[a-z0-9_-][a-z0-9_.-]{0,20}(/[a-z0-9_-][a-z0-9_.-]{0,9})?", fullmatch=True)


def others(files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return an archive as Python's own library makes it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as written:
        for name, content in files.items():
            written.writestr(zipfile.ZipInfo(name), content)
    return file.getvalue()


@given(st.dictionaries(NAMES, st.binary(max_size=200), max_size=6))
def test_what_is_written_is_read_by_us_and_by_others(files: dict[str, bytes]) -> None:
    file = io.BytesIO(archive(files))
    stored = read_zip(file)
    assert {one.name: content_of(file, one, 200) for one in stored} == files
    with zipfile.ZipFile(file) as same:
        assert same.testzip() is None
        assert {name: same.read(name) for name in same.namelist()} == files


def test_the_same_files_make_the_same_bytes() -> None:
    assert archive(FILES) == archive(FILES)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../x",
        "/etc/passwd",
        "a/../b",
        ".hidden",
        "a/.b",
        "a\\b",
        "C:x",
        "x\x00y",
        "ảnh.jpg",
        "a//b",
        "a/",
        "a" * 101,
    ],
)
def test_names_that_lead_elsewhere_are_neither_written_nor_read(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a file"):
        archive({name: b"x"})
    with pytest.raises(BrokenZip):
        read_zip(io.BytesIO(others({name: b"x"} if name else {"": b"x"})))


def test_a_name_is_given_once() -> None:
    written = PlainZip(io.BytesIO())
    written.add("a", b"1")
    with pytest.raises(ValueError, match="cannot name a file"):
        written.add("a", b"2")


def test_two_files_of_one_name_are_found() -> None:
    twice = archive({"a": b"1", "b": b"2"}).replace(b"b2", b"a2")
    end = twice.rindex(b"PK\x01\x02")
    forged = twice[:end] + twice[end:].replace(b"b", b"a", 1)
    assert zipfile.ZipFile(io.BytesIO(forged)).namelist() == ["a", "a"]
    with pytest.raises(BrokenZip, match="same name"):
        read_zip(io.BytesIO(forged))


@pytest.mark.parametrize(
    "forged",
    [
        others(FILES, compression=zipfile.ZIP_DEFLATED),
        others(FILES),
        archive(FILES) + b"x",
        archive(FILES)[:-1],
        b"MZ program" + archive(FILES),
        archive(FILES)[:-2] + struct.pack("<H", 5) + b"hello",
        archive({}) + archive(FILES),
        b"",
        b"PK\x03\x04",
        b"no archive at all" * 9,
    ],
    ids=["packed again", "zipfile", "added", "cut", "before", "comment", "two", "empty", "stub", "other"],
)
def test_another_archive_is_refused_whatever_it_holds(forged: bytes) -> None:
    with pytest.raises(BrokenZip):
        read_zip(io.BytesIO(forged))


def test_a_file_that_claims_to_be_huge_is_not_believed() -> None:
    content = archive({"a": b"1"})
    huge = content[:18] + b"\xff" * 8 + content[26:]
    with pytest.raises(BrokenZip, match="cut off"):
        read_zip(io.BytesIO(huge))
    file = io.BytesIO(archive({"a": b"12345"}))
    with pytest.raises(BrokenZip, match="far too large"):
        content_of(file, read_zip(file)[0], 4)


def test_there_is_a_limit_to_files_and_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    many = {str(number): b"" for number in range(plain_zip.MOST_FILES + 1)}
    with pytest.raises(ValueError, match="100 files"):
        archive(many)
    content = archive(dict(list(many.items())[:-1]))
    with pytest.raises(BrokenZip, match="more than 100"):
        read_zip(io.BytesIO(archive({"x": b""})[:31] + content))
    monkeypatch.setattr(plain_zip, "MOST_BYTES", 100)
    with pytest.raises(ValueError, match="files"):
        archive({"a": b"x" * 100})


def test_a_file_on_the_disk_is_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_zip, "_PIECE", 7)
    (tmp_path / "a.zip").write_bytes(archive(FILES))
    with (tmp_path / "a.zip").open("rb") as file:
        assert [one.size for one in read_zip(file)] == [3, 80, 0]
