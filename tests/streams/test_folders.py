"""Which files of a folder are recordings, and in what order."""

from __future__ import annotations

from pathlib import Path

import pytest

from ioc.errors import StreamError
from streams.folders import recordings_in, tapes_in


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).touch()


def test_recordings_come_in_natural_order_and_all_else_is_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "cam-10.mp4", "cam-2.MKV", "cam-2.json", ".hidden.mp4", "site.toml", "cam-2.tape")
    (tmp_path / "more.mp4").mkdir()
    assert [path.name for path in recordings_in(tmp_path)] == ["cam-2.MKV", "cam-10.mp4"]


def test_a_folder_of_pictures_is_one_recording(tmp_path: Path) -> None:
    touch(tmp_path, "1.jpg", "2.jpg")
    assert recordings_in(tmp_path) == []


def test_scene_scripts_are_played_where_there_is_nothing_else(tmp_path: Path) -> None:
    touch(tmp_path, "gate-10.toml", "gate-2.toml", "gate-2.json")
    assert [path.name for path in recordings_in(tmp_path)] == ["gate-2.toml", "gate-10.toml"]
    touch(tmp_path, "1.jpg")
    assert recordings_in(tmp_path) == []


def test_both_or_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="no recordings in this folder"):
        recordings_in(tmp_path)
    touch(tmp_path, "1.jpg", "2.mp4")
    with pytest.raises(StreamError, match="both recordings and pictures"):
        recordings_in(tmp_path)


def test_tapes_are_found_by_their_name(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match=r"no tapes in this folder.*ioc replay --video"):
        tapes_in(tmp_path)
    touch(tmp_path, "b-10.tape", "b-9.tape", "b.mp4")
    assert [path.name for path in tapes_in(tmp_path)] == ["b-9.tape", "b-10.tape"]


def test_a_folder_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="no such file or folder"):
        tapes_in(tmp_path / "absent")
