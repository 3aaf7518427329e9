"""From what is typed to jobs: which file is replayed for which camera, and where what comes of it goes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ioc.errors import UsageError
from ioc.replay_job import Job
from ioc.replay_plan import plan
from streams.scenes import DemoCamera
from tests.ioc.kerb_site import kerb_site


@pytest.fixture
def asked(tmp_path: Path, kerb: DemoCamera) -> Job:
    """Return what was typed to replay a folder of two recordings."""
    clips = tmp_path / "clips"
    clips.mkdir()
    for name in ("b-10.mp4", "b-9.mkv", "notes.txt"):
        (clips / name).touch()
    return Job(kerb_site(tmp_path, kerb), tmp_path / "out", camera="c1", video=clips)


def test_each_recording_of_a_folder_is_a_job_of_the_camera_that_is_named(asked: Job, tmp_path: Path) -> None:
    planned = plan(replace(asked, tape=tmp_path / "tapes", speed=3.0))
    assert planned.many
    first, second = planned.jobs
    assert first == Job(
        asked.site,
        tmp_path / "out" / "b-9.jsonl",
        camera="c1",
        video=tmp_path / "clips" / "b-9.mkv",
        tape=tmp_path / "tapes" / "b-9.tape",
        speed=3.0,
        threads=1,
    )
    assert second.video == tmp_path / "clips" / "b-10.mp4"
    assert (tmp_path / "out").is_dir()
    assert (tmp_path / "tapes").is_dir()


def test_one_recording_goes_where_it_was_said_by_the_site_s_threads(asked: Job, tmp_path: Path) -> None:
    assert asked.video is not None
    one = replace(asked, video=asked.video / "b-10.mp4", tape=tmp_path / "own.tape", page=tmp_path / "pages")
    (job,) = plan(one).jobs
    assert job == replace(one, page=tmp_path / "pages" / "b-10.html")
    assert (job.out, job.threads) == (tmp_path / "out", None)
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "pages").is_dir()


def test_pictures_of_a_folder_are_one_recording(asked: Job) -> None:
    assert asked.video is not None
    for path in asked.video.iterdir():
        path.rename(path.with_suffix(".png"))
    planned = plan(asked)
    assert (planned.many, len(planned.jobs)) == (False, 1)


def test_truths_are_found_by_the_recording_s_name(asked: Job, tmp_path: Path) -> None:
    truths = tmp_path / "truths"
    truths.mkdir()
    with pytest.raises(UsageError, match=r"has none for these recordings; expected names like b-9\.json"):
        plan(replace(asked, page=tmp_path / "pages", truth=truths))
    (truths / "b-9.json").touch()
    jobs = plan(replace(asked, page=tmp_path / "pages", truth=truths)).jobs
    assert [job.truth for job in jobs] == [truths / "b-9.json", None]
    assert [job.page for job in jobs] == [tmp_path / "pages" / "b-9.html", tmp_path / "pages" / "b-10.html"]
    assert asked.video is not None
    one = replace(asked, video=asked.video / "b-10.mp4", page=tmp_path / "pages", truth=truths)
    assert plan(one).jobs[0].truth == truths / "b-10.json", "a truth that was asked for and is not there is an error"


def test_a_recording_may_not_be_called_as_the_index_is(asked: Job) -> None:
    assert asked.video is not None
    (asked.video / "index.mp4").touch()
    with pytest.raises(UsageError, match=r"index\.mp4: would be written into the same file as index\.html"):
        plan(asked)


def test_a_tape_says_itself_whose_it_is(tmp_path: Path, asked: Job) -> None:
    (job,) = plan(Job(asked.site, tmp_path / "a.jsonl", tape=tmp_path / "any.tape")).jobs
    assert (job.camera, job.video, job.tape) == (None, None, tmp_path / "any.tape")
