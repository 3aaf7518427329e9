"""Evidence packs: what is in them, what they say of what is not, and their page."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import evidence_files
from dashboard.evidence_files import Fault
from dashboard.pack_plate import plate_facts
from dashboard.pack_record import of_alert
from dashboard.pack_sheet import small_jpeg
from dashboard.pack_words import FAULTS, LABELS, WORDS
from dashboard.plate_records import plate_of
from dashboard.records import ALL_CAMERAS, StoredAlert
from dashboard.store import Store
from ioc.evidence_pack import check_pack
from ioc.types import Json
from tests.dashboard import sample
from tests.dashboard.drawn_pack import (
    CAMERA,
    DETAILS,
    ISSUE,
    KEY,
    a_pass,
    files_of,
    kept,
    packed,
    stills,
    text_of,
)
from tests.dashboard.test_words import _tables

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


def an_alert(store: Store, root: Path, **changes: Any) -> StoredAlert:
    message = sample.alert(
        0, evidence=(sample.picture(root, "bg-017/a.jpg"), sample.picture(root, "bg-017/a-annotated.jpg"))
    )
    store.take([message], sample.START)
    store.acknowledge(message.id, ALL_CAMERAS, "lan", "đã cử tổ tuần tra", sample.START)
    found = store.alert(message.id, ALL_CAMERAS)
    assert found is not None
    return dataclasses.replace(found, **changes)


class TestWhatIsInThem:
    def test_a_pass_is_packed_with_its_files_untouched(self, root: Path) -> None:
        pack, manifest = packed(a_pass(root), root)
        assert check_pack(io.BytesIO(pack), KEY.public.fingerprint).problem == ""
        files = files_of(pack)
        assert [one.name for one in manifest.files] == [
            "evidence/01-crop.jpg",
            "evidence/02-seen.jpg",
            "evidence/03-seen-annotated.jpg",
            "record.json",
            "report.pdf",
            "public-key.pem",
        ]
        assert files["evidence/02-seen.jpg"] == (root / "bg-017" / "seen.jpg").read_bytes()
        told = json.loads(files["record.json"])
        assert (told["record"], told["display"], told["text"]) == ("pass", "98A-123.45", "98A12345")
        assert told["details"] == DETAILS
        assert [one["file"] for one in told["evidence"]] == [one.name for one in manifest.files[:3]]
        assert told["camera_known_as"]["name"] == "Hùng Vương / Lê Lợi"
        assert manifest.lacking == ()

    def test_an_alert_is_packed_with_its_history(self, store: Store, root: Path) -> None:
        alert = an_alert(store, root)
        record = of_alert(alert, store.history(alert.id), CAMERA)
        pack, manifest = packed(record, root)
        told = json.loads(files_of(pack)["record.json"])
        assert told["id"] == str(alert.id) == manifest.about.id
        assert [step["what"] for step in told["history"]] == ["raised", "acknowledged"]
        assert told["acknowledged"]["note"] == "đã cử tổ tuần tra"
        assert told["began"] == "2026-11-20T01:00:00Z"
        text = text_of(pack)
        for words in (
            "HỒ SƠ CHỨNG CỨ SỰ VIỆC",
            "Đỗ xe trái phép / Illegal parking",
            "stood_s: 61.5",
            "lan, 20/11/2026 08:00:00",
        ):
            assert words in text

    def test_a_clip_goes_along(self, root: Path) -> None:
        clip = kept(root, "bg-017/c.mp4", "clip")
        content = b"\x00\x00\x00\x18ftypmp42" + bytes(3000)
        (root / "bg-017" / "c.mp4").write_bytes(content)
        clip["sha256"] = hashlib.sha256(content).hexdigest()
        pack, _ = packed(a_pass(root, evidence=(clip,)), root)
        assert files_of(pack)["evidence/01-c.mp4"] == content
        assert "Không có hình ảnh" in text_of(pack)

    def test_the_same_record_gives_the_same_bytes_and_another_moment_others(self, root: Path) -> None:
        record = a_pass(root)
        later = ISSUE.model_copy(update={"at": ISSUE.at + timedelta(seconds=1)})
        assert packed(record, root)[0] == packed(record, root)[0]
        assert packed(record, root)[0] != packed(record, root, later)[0]

    def test_packs_that_are_made_at_once_do_not_disturb_each_other(self, root: Path) -> None:
        places = [dataclasses.replace(CAMERA, name=f"Ngõ {chr(0x1EA0 + number)}") for number in range(6)]
        records = [a_pass(root, place) for place in places]
        alone = [packed(record, root)[0] for record in records]
        with ThreadPoolExecutor(6) as together:
            assert list(together.map(lambda record: packed(record, root)[0], records)) == alone

    def test_the_longest_names_fit(self, root: Path) -> None:
        long = f"bg-017/{'.x' * 60}.jpg"[:180]
        _, manifest = packed(a_pass(root, evidence=(kept(root, long),) * 2), root)
        assert len({one.name for one in manifest.files[:2]}) == 2

    def test_a_changed_byte_of_a_real_pack_is_found(self, root: Path) -> None:
        pack, _ = packed(a_pass(root), root)
        for place in range(0, len(pack), 97):
            changed = pack[:place] + bytes([pack[place] ^ 0x10]) + pack[place + 1 :]
            assert check_pack(io.BytesIO(changed)).problem, f"byte {place}"


class TestWhatTheyLack:
    def test_an_altered_picture_is_left_out_and_told_everywhere(self, root: Path) -> None:
        record = a_pass(root)
        (root / "bg-017" / "seen.jpg").write_bytes(b"\xff\xd8\xff another picture")
        pack, manifest = packed(record, root)
        (one,) = manifest.lacking
        found = hashlib.sha256(b"\xff\xd8\xff another picture").hexdigest()
        assert (one.path, one.why, one.found_sha256) == ("bg-017/seen.jpg", "altered", found)
        assert one.recorded_sha256 == record.evidence[1]["sha256"]
        assert b"another picture" not in pack
        assert json.loads(files_of(pack)["record.json"])["evidence"][1]["file"] is None
        text = text_of(pack)
        assert "seen.jpg: TỆP ĐÃ BỊ THAY ĐỔI SAU KHI LƯU, nên không đưa vào / ALTERED AFTER IT WAS KEPT" in text
        assert found in text

    @pytest.mark.parametrize(
        ("spoil", "why"),
        [
            (lambda root, item: (root / "bg-017" / "seen.jpg").unlink(), "gone"),
            (lambda root, item: item.update(sha256=None), "unkept"),
            (lambda root, item: item.update(path=None), "unkept"),
            (lambda root, item: item.update(path="bg-017"), "unkept"),
            (lambda root, item: item.update(path="../outside.jpg"), "unkept"),
        ],
    )
    def test_what_cannot_be_had_is_told(self, root: Path, spoil: Any, why: str) -> None:
        (root / "outside.jpg").write_bytes(b"secret")
        folder = root / "evidence"
        items = stills(folder)
        spoil(folder, items[1])
        pack, manifest = packed(a_pass(folder, evidence=items), folder)
        assert [one.why for one in manifest.lacking] == [why]
        assert FAULTS[why][0] in text_of(pack)
        assert b"secret" not in pack

    def test_a_link_leads_nowhere_else(self, root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
        outside = tmp_path_factory.mktemp("outside") / "secret.jpg"
        items = stills(root)
        outside.write_bytes((root / "bg-017" / "seen.jpg").read_bytes())
        (root / "bg-017" / "seen.jpg").unlink()
        (root / "bg-017" / "seen.jpg").symlink_to(outside)
        assert [one.why for one in packed(a_pass(root, evidence=items), root)[1].lacking] == ["unkept"]

    def test_a_file_beyond_all_measure_is_not_read(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(evidence_files, "MOST_BYTES", 100)
        assert {one.why for one in packed(a_pass(root), root)[1].lacking} == {"large"}

    def test_every_fault_has_its_words(self) -> None:
        assert FAULTS.keys() == {fault.name.lower() for fault in Fault}


class TestPage:
    def test_it_says_what_an_officer_needs_in_both_languages(self, root: Path) -> None:
        record = a_pass(root)
        text = text_of(packed(record, root)[0])
        for words in (
            "HỒ SƠ CHỨNG CỨ LƯỢT XE QUA Evidence of a vehicle's pass",
            "98A-123.45",
            "Máy đọc được · As read 98A1Z345",
            "Độ tin cậy · Certainty 93.4%",
            "9:99 8:98 A:97 1:91 2:55",
            "98A-173.45 (3.1%)",
            "Ô tô / Car",
            "98 Bắc Ninh",
            "trắng / white",
            "vào / in",
            "08:00:00 – 08:00:03",
            "01/03/2026 13:00:00 (UTC+7) · 2026-03-01T06:00:00Z",
            "Hùng Vương / Lê Lợi (bac-giang/bg-017)",
            "21.27310, 106.19460",
            "nguyen.an",
            "BG-2026-117",
            "Xác minh vụ va chạm rồi bỏ chạy trên đường Hùng Vương",
            "Ảnh có chú thích · Annotated",
            KEY.public.fingerprint,
            str(record.evidence[0]["sha256"]),
            record.about.id,
        ):
            assert words in text
        assert "THIẾU" not in text
        assert "MÔ PHỎNG" not in text

    def test_what_has_no_place_of_its_own_is_listed(self, root: Path) -> None:
        details = {**DETAILS, "blurred": False, "watched": {"list": "Xe trộm cắp"}}
        assert 'blurred: false · watched: {"list": "Xe trộm cắp"}' in text_of(
            packed(a_pass(root, details=details), root)[0]
        )

    def test_a_plate_that_is_hardly_legible_says_so_in_words(self, root: Path) -> None:
        text = text_of(packed(a_pass(root, details={**DETAILS, "height_px": 13.807, "legible": False}), root)[0])
        assert "Chiều cao ký tự · Characters' height 14 px" in text
        assert "Đủ lớn để đọc chắc · Large enough to be read surely không / no" in text
        assert "height_px" not in text

    def test_the_names_of_files_are_whole_unless_they_are_endless(self, root: Path) -> None:
        name = "49d63147-0d22-58db-a77b-52f20e345eb7-raised-0002206-annotated.jpg"
        stills = kept(root, f"bg-017/{name}"), kept(root, f"bg-017/{'9' * 90}.jpg")
        text = text_of(packed(a_pass(root, evidence=stills), root)[0])
        assert f"evidence/01-{name} " in text
        assert "999..." in text
        assert "?" not in text

    def test_what_the_picture_shows_is_not_listed(self, store: Store, root: Path) -> None:
        alert = an_alert(store, root, kind="overcrowding", details={"count": 61, "heat": [[0.0, 61.25]]})
        text = text_of(packed(of_alert(alert, (), CAMERA), root)[0])
        assert "count: 61" in text
        assert "61.25" not in text

    def test_an_alert_about_a_plate_shows_both(self, store: Store, root: Path) -> None:
        alert = an_alert(
            store, root, subject="plate:98B112345", details={**DETAILS, "upper_len": 4, "note": "8 đọc là B"}
        )
        record = of_alert(alert, (), CAMERA)
        text = text_of(packed(record, root)[0])
        assert (record.text, record.plate, record.colour) == ("98B112345", "98-B1 123.45", "white")
        assert "98-B1 123.45" in text
        assert "note: 8 đọc là B" in text

    def test_an_alert_of_a_watch_list_says_why_it_matched(self, store: Store, root: Path) -> None:
        told: dict[str, Json] = {
            "plate": "98A12345",
            "list": "Xe trộm cắp",
            "purpose": "stolen vehicles",
            "reason": "98A1234B was read, but 5 is taken for B about once in 120",
            "read": "98A1234B",
            "upper_len": 8,
            "vehicle": "car",
        }
        alert = an_alert(store, root, kind="watch_list", subject="plate:98A12345", details=told)
        text = text_of(packed(of_alert(alert, (), CAMERA), root)[0])
        for words in (
            "98A-123.45",
            "Watch-list Xe trộm cắp",
            "98A1234B was read, but 5 is taken for B about once in 120",
            "As read 98A1234B",
            "purpose: stolen vehicles",
        ):
            assert words in text

    def test_it_shows_the_pictures(self, root: Path) -> None:
        document = pypdfium2.PdfDocument(files_of(packed(a_pass(root), root)[0])["report.pdf"])
        page = document[0].render(scale=1).to_numpy()
        drawn = (abs(page[..., :3].astype(int) - (96, 100, 104)).max(-1) < 9).sum()  # the road of the drawn scenes
        assert drawn > 0.05 * page.shape[0] * page.shape[1]

    def test_drawn_pictures_are_called_so(self, root: Path) -> None:
        camera = dataclasses.replace(CAMERA, simulated=True)
        assert "HÌNH VẼ MÔ PHỎNG" in text_of(packed(a_pass(root, camera), root)[0])

    def test_a_camera_that_is_not_known_is_named_by_its_id(self, root: Path) -> None:
        assert "bac-giang/bg-017" in text_of(packed(a_pass(root, None), root)[0])

    def test_the_fullest_record_stays_on_one_page(self, store: Store, root: Path) -> None:
        items = tuple(kept(root, f"bg-017/{'x' * 60}-{n}-annotated.jpg", hue=n) for n in range(14))
        gone = tuple({**kept(root, "bg-017/gone.jpg"), "path": f"bg-017/gone-{n}.jpg"} for n in range(6))
        note = "rất dài " * 200
        alert = an_alert(store, root, rule="r" * 100, subject="s" * 200, evidence=items + gone)
        deed = dataclasses.replace(alert.acknowledged, note=note)  # type: ignore[type-var]
        alert = dataclasses.replace(
            alert, acknowledged=deed, closed=deed, details={"k" * 40: "v" * 400, "n": list(range(90))}
        )
        issue = ISSUE.model_copy(update={"purpose": "vì " * 160, "case": "C" * 500})
        pack, manifest = packed(of_alert(alert, (), dataclasses.replace(CAMERA, name="Đường " * 33)), root, issue)
        assert (len(manifest.files), len(manifest.lacking)) == (17, 6)
        text = text_of(pack)
        assert "+ 2 tệp nữa, xem manifest.json" in text
        assert KEY.public.fingerprint in text
        document = pypdfium2.PdfDocument(files_of(pack)["report.pdf"])
        page = document[0].get_textpage()
        edges = [page.get_charbox(number) for number in range(page.count_chars())]
        assert min(left for left, *_ in edges) > 30
        assert max(right for _, _, right, _ in edges) < 595 - 30
        assert min(bottom for _, bottom, _, _ in edges if bottom) > 25

    @pytest.mark.parametrize(
        "text",
        ["<b>đậm</b>", "=1+1", "路口 🚗 تقاطع", "a\u0301 " * 20, "x" * 400, "\u202eabc\u0007", "%PDF (\\) \\n", ""],
    )
    def test_odd_texts_stay_texts(self, root: Path, text: str) -> None:
        camera = dataclasses.replace(CAMERA, name=text)
        text_of(packed(a_pass(root, camera, details={**DETAILS, "raw": text}), root)[0])

    def test_letters_in_two_pieces_become_one(self, root: Path) -> None:
        camera = dataclasses.replace(CAMERA, name="Ho\u0300a Bi\u0300nh")
        assert "Hòa Bình" in text_of(packed(a_pass(root, camera), root)[0])

    @pytest.mark.parametrize("end", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
    def test_times_at_the_ends_of_the_calendar_are_told(self, root: Path, end: datetime) -> None:
        assert f"{end:%Y}" in text_of(packed(a_pass(root, at=end), root)[0])

    @settings(max_examples=50)
    @given(st.dictionaries(st.sampled_from(sorted(DETAILS)), JSON))
    def test_details_of_any_form_are_told_or_left_out(self, details: dict[str, Any]) -> None:
        facts = plate_facts("98A12345", details)
        assert all(label in LABELS and isinstance(value, str) for label, value in facts)

    @pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", b"GIF89a", b"\xff\xd8\xff" + bytes(500)])
    def test_what_is_no_picture_is_packed_but_not_shown(self, root: Path, content: bytes) -> None:
        assert small_jpeg(content) is None
        item = kept(root, "bg-017/odd.jpg") | {"sha256": hashlib.sha256(content).hexdigest()}
        (root / "bg-017" / "odd.jpg").write_bytes(content)
        pack, manifest = packed(a_pass(root, evidence=(item,)), root)
        assert (manifest.lacking, manifest.files[0].size) == ((), len(content))
        assert "Không có hình ảnh" in text_of(pack)


def test_the_words_are_those_of_the_dashboard() -> None:
    vietnamese, english = _tables()["vi"], _tables()["en"]
    groups = ("kind_", "severity_", "phase_", "colour_", "direction_", "plate_kind_")
    coded = {key for key in english if key.startswith(groups)} | {key for key in WORDS if key.startswith("label_")}
    assert len(coded) > 30
    assert {key: WORDS.get(key) or WORDS[key.rsplit("_", 1)[1]] for key in coded} == {
        key: (vietnamese[key], english[key]) for key in coded
    }


def test_the_layout_decides_how_a_plate_is_written(root: Path) -> None:
    written = [a_pass(root, details={"upper_len": upper}).plate for upper in (8, 4, "four", None)]
    assert written == ["98A-123.45", "98-A1 2345", plate_of("98A12345", {}).display, plate_of("98A12345", {}).display]
