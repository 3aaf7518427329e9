"""What `--set` may say: values, steps and durations, checked against the detector's own settings."""

from __future__ import annotations

import tomllib

import pytest

from ioc import sweep_settings
from ioc.errors import UsageError
from ioc.site import Site, parse_site
from ioc.sweep_settings import MOST, Axis, Setting, grid, standing
from ioc.types import Json
from tests.ioc.street_tapes import HERE, SITE


def site(text: str = SITE) -> Site:
    return parse_site(tomllib.loads(text), HERE)


def axis(text: str) -> Axis:
    return sweep_settings.axis(text, site())


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("illegal_parking.sure=0.2:0.4:0.05", (0.2, 0.25, 0.3, 0.35, 0.4)),
        ("illegal_parking.sure=0.2:0.5:0.2", (0.2, 0.4)),
        ("illegal_parking.queue=0,1,2,3", (0, 1, 2, 3)),
        ("overcrowding.at_most=10:30:10", (10, 20, 30)),
        ("illegal_parking.after=PT10S:PT30S:PT10S", ("PT10S", "PT20S", "PT30S")),
        ("illegal_parking.after=PT10S, PT1M", ("PT10S", "PT1M")),
        ('illegal_parking.labels=["car"],["car", "bus"]', (["car"], ["car", "bus"])),
        ("overcrowding.severity=low,high", ("low", "high")),
    ],
)
def test_values_come_as_the_site_file_says_them(text: str, values: tuple[Json, ...]) -> None:
    assert axis(text).values == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sure=0.2", "expected KIND.FIELD=VALUES"),
        ("levitation.sure=0.2", "unknown kind 'levitation'; there are: "),
        ("illegal_parking.shure=0.2", "has no setting 'shure'; it has: after, "),
        ("illegal_parking.sure=0.5,1.5", "1.5: Input should be less than or equal to 1; sure is least mean score"),
        ("illegal_parking.sure=0.9:1.1:0.1", "1.1: Input should be less than or equal to 1"),
        ("illegal_parking.queue=few", "'few': Input should be a valid integer"),
        ("illegal_parking.queue=1,1", "expected values that differ"),
        ("illegal_parking.sure=0.6:0.2:0.1", "LOW below HIGH"),
        ("illegal_parking.sure=0.2:0.6:0", "LOW below HIGH"),
        ("illegal_parking.sure=0.2:0.6:0.0000001", f"at most {MOST} steps"),
        ("illegal_parking.sure=a:b:c", "expected LOW:HIGH:STEP in numbers"),
        ("illegal_parking.sure=nan:1:0.1", "LOW below HIGH"),
        ("illegal_parking.after=soon:PT9S:PT1S", "expected LOW:HIGH:STEP in durations"),
    ],
)
def test_what_cannot_be_tried_is_refused_with_what_there_is(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        axis(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_how_far_a_value_lies_from_the_default_is_a_part_of_the_widest_step() -> None:
    assert axis("illegal_parking.sure=0.25:0.55:0.1").away == (0.5, 0.0, 0.5, 1.0)
    assert axis("illegal_parking.after=PT30S,PT60S,PT40S").away == (1.0, 0.0, 0.666666667)
    assert axis("littering.severity=low,medium").away == (1.0, 0.0)
    assert axis("illegal_parking.queue=2").away == (0.0,)
    assert axis("overcrowding.at_most=3,9,12").away == (1.0, 0.333333333, 0.0)  # no default: the site says 12


def test_the_grid_holds_every_combination_of_one_kind_and_keeps_kinds_apart() -> None:
    made = grid(map(axis, ["illegal_parking.sure=0.2,0.35", "overcrowding.leave=0.5,0.9", "illegal_parking.queue=0,2"]))
    assert [dict(setting.values) for setting in made["illegal_parking"]] == [
        {"sure": 0.2, "queue": 0},
        {"sure": 0.2, "queue": 2},
        {"sure": 0.35, "queue": 0},
        {"sure": 0.35, "queue": 2},
    ]
    assert [setting.away for setting in made["illegal_parking"]] == [2.0, 1.0, 1.0, 0.0]
    assert len(made["overcrowding"]) == 2


def test_a_grid_out_of_hand_is_refused() -> None:
    with pytest.raises(UsageError, match="given twice"):
        grid(map(axis, ["illegal_parking.queue=0", "illegal_parking.queue=1"]))
    wide = ["illegal_parking.queue=0:200:1", "illegal_parking.sure=0:1:0.005"]
    with pytest.raises(UsageError, match=f"40401 settings are more than {MOST}"):
        grid(map(axis, wide))


def test_a_setting_changes_the_rules_of_its_kind_alone() -> None:
    own = site()
    changed = Setting({"sure": 0.5, "after": "PT9S"}).applied(own, "illegal_parking")
    assert [rule.name for rule in changed.rule] == ["east-kerb", "west-kerb"]
    assert all(rule.settings == {"after": "PT9S", "sure": 0.5} for rule in changed.rule)
    assert [rule.settings for rule in Setting().applied(own, "overcrowding").rule] == [{"at_most": 12}]
    assert len(own.rule) == 3


def test_what_stands_is_the_rules_own_or_the_default_where_they_agree() -> None:
    own = site(SITE.replace('"PT20S"\n', '"PT20S"\nqueue = 0\n'))
    named = standing(own, "illegal_parking", ["after", "sure", "grace", "queue"])
    assert named == {"after": "PT20S", "sure": 0.35, "grace": "PT3S", "queue": None}
    assert standing(own, "overcrowding", ["at_most", "leave"]) == {"at_most": 12, "leave": 0.9}
