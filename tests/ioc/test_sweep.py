"""A sweep over drawn streets where one setting is right, and how the choice is made and doubted."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ioc import trials
from ioc.errors import UsageError
from ioc.scoring import Tally
from ioc.site import load_site, parse_site
from ioc.sweep import Grid, Scored, Swept, sweep
from ioc.sweep_choice import Role, choose
from ioc.sweep_settings import Setting, axis, grid
from ioc.truth import Truth, read_truth
from tests.ioc.street_tapes import HERE, SITE, streets, write_streets

SURE = "illegal_parking.sure=0.2,0.35,0.4,0.6"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("streets")
    write_streets(made, streets(4))
    return made


def grid_of(*texts: str) -> Grid:
    site = parse_site(tomllib.loads(SITE), HERE)
    return grid(axis(text, site) for text in texts)


def swept(folder: Path, tried: Grid, jobs: int = 1) -> list[Swept]:
    path = folder / "site.toml"
    found = [trials.trial(tape, read_truth(tape.with_suffix(".json"))) for tape in sorted(folder.glob("*.tape"))]
    return sweep(load_site(path), path, found, tried, jobs=jobs)


def test_each_setting_is_scored_on_each_tape(folder: Path) -> None:
    (own,) = swept(folder, grid_of(SURE))
    assert (own.kind, len(own.trials)) == ("illegal_parking", 4)
    assert own.hours == pytest.approx(4 / 60)
    assert own.scored[0].setting == Setting()
    assert own.now == {"sure": 0.35}
    counts = [(s.whole.right, s.whole.wrong, s.whole.missed) for s in own.scored]
    assert counts == [(8, 0, 0), (8, 4, 0), (8, 0, 0), (8, 0, 0), (4, 0, 4)]
    assert own.scored[1].over([2]).wrong == 1


def test_the_result_does_not_depend_on_the_number_of_processes(folder: Path) -> None:
    tried = grid_of(SURE, "overcrowding.at_most=1,2")
    alone, shared = swept(folder, tried, 1), swept(folder, tried, 3)
    assert alone == shared  # three processes share each of the four tapes
    assert [[t.name for t in own.trials] for own in alone] == [
        [f"street-{n}" for n in range(4)],
        ["street-1", "street-3"],
    ]


def test_the_best_is_nearest_to_the_default_among_equals(folder: Path) -> None:
    (own,) = swept(folder, grid_of(SURE))
    choice = choose(own, Role.F1)
    assert choice.best.setting.values == {"sure": 0.35}
    assert [s.setting.values["sure"] for s in choice.ranked] == [0.35, 0.4, 0.2, 0.6]
    assert [s.setting.values["sure"] for s in choice.front] == [0.35]
    assert choice.held_out is not None
    assert (choice.held_out.by, choice.held_out.parts, choice.held_out.scored.whole.f1) == ("camera", 2, 1.0)
    assert choice.doubt is None
    assert not choice.better


def test_a_kind_that_watches_none_of_the_tapes_is_refused(folder: Path, tmp_path: Path) -> None:
    write_streets(tmp_path, streets(1))
    with pytest.raises(UsageError, match="no rule of kind 'overcrowding' watches a camera of these tapes: east"):
        swept(tmp_path, grid_of("overcrowding.at_most=3"))


def made(*tallies: tuple[Tally, ...], cameras: str = "ab") -> Swept:
    """Return a sweep with the site's own tallies first; one trial for each letter."""
    truth = Truth(duration_s=3600)
    own = tuple(trials.Trial(Path(f"{n}.tape"), name, None, truth) for n, name in enumerate(cameras))
    return Swept("fire", {}, own, tuple(Scored(Setting({"n": n}, n), given) for n, given in enumerate(tallies)))


GOOD, MISSES, LOUD = Tally(right=5), Tally(right=2, missed=3), Tally(right=5, false=9)


def test_the_front_holds_what_nothing_beats() -> None:
    choice = choose(made((LOUD,), (LOUD,), (GOOD,), (MISSES,), (Tally(missed=5),), cameras="a"), Role.F1)
    assert [own.setting.values["n"] for own in choice.front] == [2]
    choice = choose(made((LOUD,), (LOUD,), (Tally(right=4, false=3, missed=1),), (MISSES,), cameras="a"), Role.F1)
    assert [own.setting.values["n"] for own in choice.front] == [3, 2, 1]


def test_the_role_decides_what_is_best() -> None:
    own = made((LOUD,), (LOUD,), (Tally(right=3, missed=2),), cameras="a")
    assert choose(own, Role.ALERT).best.setting.values["n"] == 2
    assert choose(own, Role.RECORDING).best.setting.values["n"] == 1


def test_without_events_the_quietest_is_best() -> None:
    choice = choose(made((Tally(),), (Tally(false=3),), (Tally(false=1),), cameras="a"), Role.F1)
    assert choice.best.setting.values["n"] == 2
    assert choice.doubt is not None
    assert "no event of the kind" in choice.doubt


def test_a_choice_on_one_tape_is_doubted() -> None:
    choice = choose(made((LOUD,), (GOOD,), cameras="a"), Role.F1)
    assert choice.held_out is None
    assert choice.doubt is not None
    assert choice.doubt.startswith("one tape")


def test_a_choice_that_fails_where_it_was_not_made_is_doubted() -> None:
    # Each setting is good on one camera only: what is chosen without a camera fails on it.
    choice = choose(made((LOUD, LOUD), (GOOD, Tally(missed=5)), (Tally(missed=5), GOOD)), Role.F1)
    assert choice.held_out is not None
    assert choice.held_out.scored.whole.right == 0
    assert choice.doubt == "fitted to these tapes: 0.67 on them, 0.00 chosen without each camera"


def test_a_choice_no_better_than_what_stands_is_doubted() -> None:
    stands = (Tally(right=40), Tally(right=40, missed=3))
    better = (Tally(right=40), Tally(right=41, missed=2))
    worse = (Tally(right=40, false=1), Tally(right=39, missed=4))
    choice = choose(made(stands, better, worse), Role.F1)
    assert choice.doubt is None
    by_chance = (Tally(right=39, missed=1), Tally(right=43))
    choice = choose(made(stands, stands, by_chance), Role.F1)
    assert choice.best.setting.values["n"] == 2
    assert choice.better
    assert choice.doubt is not None
    assert "keep what stands" in choice.doubt


def test_tapes_of_one_camera_are_left_out_one_by_one() -> None:
    choice = choose(made((LOUD, LOUD, LOUD), (GOOD, GOOD, GOOD), cameras="aaa"), Role.F1)
    assert choice.held_out is not None
    assert (choice.held_out.by, choice.held_out.parts) == ("tape", 3)
