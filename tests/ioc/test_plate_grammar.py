from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ioc.plate_grammar import (
    CAR_LETTERS,
    CHARACTERS,
    DIPLOMATIC_SERIES,
    NOT_PROVINCES,
    PROVINCES,
    SERIES_LETTERS,
    SPECIAL_SERIES,
    coerced,
    normalise,
    parse,
)

provinces = st.sampled_from(sorted(PROVINCES))
numbers = st.from_regex(r"[0-9]{4,5}", fullmatch=True)
texts = st.text(st.sampled_from(string.ascii_uppercase + string.digits), max_size=14)
lengths = st.none() | st.integers(0, 14)


def letters(allowed: str, count: int = 1) -> st.SearchStrategy[str]:
    return st.text(st.sampled_from(allowed), min_size=count, max_size=count)


# What each kind says and how it is written


@pytest.mark.parametrize(
    ("text", "upper_len", "kind", "display"),
    [
        ("98A12345", 8, "car", "98A-123.45"),
        ("98A12345", 3, "car", "98A-123.45"),
        ("98A1234", 7, "car", "98A-1234"),
        ("98A12345", 4, "moto_letterdigit", "98-A1 2345"),
        ("98B112345", 4, "moto_letterdigit", "98-B1 123.45"),
        ("98AA12345", 4, "moto_2letter", "98-AA 123.45"),
        ("98MD112345", 5, "moto_electric", "98-MĐ1 123.45"),
        ("98MD12345", 4, "moto_electric", "98-MĐ 123.45"),
        ("98LD01234", 9, "special", "98LD-012.34"),
        ("98R12345", 3, "special", "98R-123.45"),
        ("80441NG02", 9, "diplomatic", "80-441-NG-02"),
        ("80441NG02", 5, "diplomatic", "80-441-NG-02"),
        ("29NN63611", 9, "diplomatic", "29-NN-636-11"),
        ("29NN63611", 4, "diplomatic", "29-NN-636-11"),
        ("KP3456", 6, "military", "KP-34-56"),
        ("KP3456", 2, "military", "KP-34-56"),
        ("KPS123456", 3, "military", "KPS-123456"),
        ("T9812345", 3, "temporary", "T98-12345"),
        ("T123456", 1, "temporary", "T-123456"),
    ],
)
def test_each_kind_is_known_and_written_as_people_write_it(text: str, upper_len: int, kind: str, display: str) -> None:
    plate = parse(text, upper_len)
    assert (plate.kind, plate.display) == (kind, display)
    assert plate.valid


def test_the_upper_line_tells_a_car_from_an_old_motorbike() -> None:
    unsure = parse("98A12345")
    assert set(unsure.kinds) == {"car", "moto_letterdigit"}
    assert unsure.flags == ("ambiguous",)
    assert unsure.valid
    assert parse("98A12345", 3).flags == parse("98A12345", 4).flags == ()
    assert parse("98A12345", 3).number == "12345"
    assert parse("98A12345", 4).number == "2345"


def test_a_motorbike_never_has_one_line() -> None:
    assert parse("98B112345", 9).flags == ("layout",)
    assert parse("98B112345", 9).kind == "moto_letterdigit"


def test_only_a_series_that_both_use_stays_ambiguous_when_the_upper_line_is_known() -> None:
    assert parse("98LD01234", 4).kinds == ("special", "moto_2letter")
    assert parse("98LD01234", 4).flags == ("ambiguous",)
    assert parse("98LD01234").kind == "moto_2letter", "special only when the upper line agrees"


def test_an_odd_upper_line_is_flagged_and_the_read_kept() -> None:
    plate = parse("98A01234", 4)
    assert (plate.kind, plate.flags, plate.valid) == ("car", ("layout",), False)


@pytest.mark.parametrize("letter", "IJOQW")
def test_letters_that_are_never_used_are_flagged(letter: str) -> None:
    plate = parse(f"98{letter}12345", 3)
    assert (plate.kind, plate.flags, plate.valid) == ("car", ("letter",), False)
    assert plate.display == f"98{letter}-123.45"


def test_r_is_a_letter_of_motorbikes_and_of_trailers() -> None:
    assert parse("98R112345", 4).valid
    assert parse("98R12345", 3).kind == "special"


@pytest.mark.parametrize("code", sorted(NOT_PROVINCES))
def test_codes_that_nobody_holds_are_flagged(code: int) -> None:
    plate = parse(f"{code}A12345", 8)
    assert (plate.kind, plate.province, plate.province_name) == ("car", str(code), None)
    assert plate.flags == ("province",)


def test_provinces_are_all_codes_from_11_to_99_but_eight() -> None:
    assert {int(code) for code in PROVINCES} == set(range(11, 100)) - NOT_PROVINCES


def test_old_codes_stay_with_the_merged_province() -> None:
    assert parse("98A12345", 8).province_name == parse("99A12345", 8).province_name == "Bắc Ninh"


@pytest.mark.parametrize("text", ["", "98", "HELLOWORLD", "98A123", "98A1234567", "9A812345", "<script>", "２"])
def test_what_is_no_plate_is_kept_and_flagged(text: str) -> None:
    plate = parse(text)
    assert (plate.kind, plate.flags, plate.valid) == ("unknown", ("grammar",), False)
    assert plate.display == plate.key == normalise(text)


# Properties


@given(provinces, letters(CAR_LETTERS), numbers)
def test_every_car_is_a_car_when_its_lines_are_known(province: str, series: str, number: str) -> None:
    for upper_len in (3, 3 + len(number)):
        plate = parse(province + series + number, upper_len)
        assert "car" in plate.kinds
        assert plate.valid
        assert (plate.province, plate.series, plate.number) == (province, series, number)
        assert plate.kinds == ("car",) or series == "T"


@given(provinces, letters(SERIES_LETTERS), st.sampled_from("123456789"), numbers)
def test_every_motorbike_is_told_from_every_car(province: str, letter: str, digit: str, number: str) -> None:
    plate = parse(province + letter + digit + number, 4)
    assert plate.kinds == ("moto_letterdigit",)
    assert plate.number == number
    assert plate.flags == ()


@given(provinces, letters(SERIES_LETTERS, 2), numbers)
def test_two_letters_make_a_motorbike_of_2023(province: str, series: str, number: str) -> None:
    assume(series not in {*SPECIAL_SERIES, *DIPLOMATIC_SERIES, "MD"})
    assert parse(province + series + number, 4).kinds == ("moto_2letter",)


@given(provinces, st.sampled_from(SPECIAL_SERIES), numbers)
def test_special_series_are_known_on_one_line(province: str, series: str, number: str) -> None:
    plate = parse(province + series + number, len(province + series + number))
    assert plate.kind == "special"
    assert plate.valid


@given(
    provinces, st.sampled_from(DIPLOMATIC_SERIES), st.from_regex("[0-9]{3}", fullmatch=True), st.sampled_from([2, 3])
)
def test_diplomats_are_known_in_either_order(province: str, series: str, country: str, digits: int) -> None:
    number = "012"[:digits]
    for text in (province + country + series + number, province + series + country + number):
        plate = parse(text, len(text))
        assert (plate.kind, plate.country, plate.series, plate.number) == ("diplomatic", country, series, number)


@given(texts, lengths)
def test_no_text_is_dropped_or_changed(text: str, upper_len: int | None) -> None:
    plate = parse(text, upper_len)
    assert plate.key == text
    assert normalise(plate.display) == text
    assert plate.kind == plate.kinds[0]
    assert plate.valid == (not set(plate.flags) - {"ambiguous"})


@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing_more(raw: str) -> None:
    key = normalise(raw)
    assert normalise(key) == key
    assert set(key) <= set(string.ascii_uppercase + string.digits)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("98a-123.45", "98A12345"),
        ("98-MĐ1 123.45", "98MD112345"),
        ("98-mđ1\n123.45", "98MD112345"),
        ("９８Ａ１２３４５", "98A12345"),
        (" 98 A\t123·45 ", "98A12345"),
        ("98Á-123.45", "98A12345"),
    ],
)
def test_what_people_type_becomes_the_key(raw: str, key: str) -> None:
    assert normalise(raw) == key


# Look-alikes


@pytest.mark.parametrize(
    ("text", "better"),
    [("9BA12345", "98A12345"), ("98812345", "98B12345"), ("98AI234", "98A1234"), ("98B1I2345", "98B112345")],
)
def test_look_alikes_are_put_right_by_their_place(text: str, better: str) -> None:
    assert coerced(text) == better


@pytest.mark.parametrize("text", ["98LD0123", "98MD12345", "98AD12345", "KP3456", "HELLO", "98B1234567"])
def test_what_may_be_meant_is_left_alone(text: str) -> None:
    assert coerced(text) == text


@given(texts, lengths)
def test_putting_right_keeps_the_length_and_only_ever_makes_valid_plates(text: str, upper_len: int | None) -> None:
    better = coerced(text, upper_len)
    assert len(better) == len(text)
    assert better == text or parse(better, upper_len).valid
    assert coerced(better, upper_len) == better


def test_the_reader_tells_apart_all_that_plates_use() -> None:
    assert set(string.digits + SERIES_LETTERS) < set(CHARACTERS)
    assert not set("IO") & set(CHARACTERS)
