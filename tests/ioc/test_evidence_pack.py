"""A pack is as it was issued, or the check says what is not."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ioc.evidence_pack import MANIFEST, PUBLIC_KEY, SIGNATURE, Verdict, check_pack
from ioc.plain_zip import content_of, read_zip
from tests.ioc.archives import archive
from tests.ioc.packs import FILES, ISSUE, KEY, OTHER_KEY, pack, sealed

Change = Callable[[dict[str, bytes]], None]


def check(content: bytes, fingerprint: str = "") -> Verdict:
    return check_pack(io.BytesIO(content), fingerprint)


def contents(packed: bytes) -> dict[str, bytes]:
    file = io.BytesIO(packed)
    return {one.name: content_of(file, one, 1 << 20) for one in read_zip(file)}


def packed_again(change: Change) -> bytes:
    """Return the pack with its files changed, in an archive that is right in itself."""
    files = contents(pack())
    change(files)
    return archive(files)


def test_a_pack_is_whole_and_tells_what_it_is() -> None:
    content, manifest = sealed()
    assert check(content) == Verdict("", manifest, KEY.public.fingerprint)
    assert check(content, KEY.public.fingerprint).problem == ""
    assert [one.name for one in manifest.files] == [*FILES, PUBLIC_KEY]
    assert manifest.issue == ISSUE
    assert json.loads(contents(content)[MANIFEST])["issue"]["at"] == "2026-03-01T06:00:00Z"


def test_the_same_record_gives_the_same_pack() -> None:
    assert pack() == pack()


def test_every_changed_byte_is_found() -> None:
    content = pack()
    for place in range(len(content)):
        for flip in (0x01, 0x20, 0x80):
            changed = bytearray(content)
            changed[place] ^= flip
            assert check(bytes(changed)).problem, f"byte {place} ^ {flip:#x}"


def test_every_lost_or_added_byte_is_found() -> None:
    content = pack()
    for place in range(len(content)):
        assert check(content[:place] + content[place + 1 :]).problem, f"without byte {place}"
        assert check(content[:place] + b"\x00" + content[place:]).problem, f"with one more at {place}"
        assert check(content[:place]).problem, f"cut at {place}"


@settings(max_examples=60)
@given(st.data())
def test_pieces_put_elsewhere_are_found(data: st.DataObject) -> None:
    content = pack()
    places = st.integers(0, len(content))
    start, end, to = data.draw(places), data.draw(places), data.draw(places)
    piece = content[min(start, end) : max(start, end)]
    for changed in (content.replace(piece, b"", 1), content[:to] + piece + content[to:]):
        assert changed == content or check(changed).problem


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda files: files.update({"record.json": b"{}"}), "record.json: changed"),
        (lambda files: files.pop("evidence/01-front.jpg"), "evidence/01-front.jpg: missing"),
        (lambda files: files.update({"evidence/02.jpg": b"x"}), "evidence/02.jpg: not of the pack"),
        (lambda files: files.pop(MANIFEST), "manifest.json is missing"),
        (lambda files: files.pop(SIGNATURE), "manifest.sig is missing"),
        (lambda files: files.pop(PUBLIC_KEY), "public-key.pem is missing"),
        (lambda files: files.update({SIGNATURE: bytes(64)}), "do not belong together"),
        (lambda files: files.update({SIGNATURE: bytes(65)}), "manifest.sig is far too large"),
        (lambda files: files.update({SIGNATURE: b""}), "do not belong together"),
        (lambda files: files.update({MANIFEST: files[MANIFEST] + b" "}), "do not belong together"),
        (lambda files: files.update({PUBLIC_KEY: OTHER_KEY.public.pem}), "do not belong together"),
        (lambda files: files.update({PUBLIC_KEY: b"key"}), "expected a public key"),
        (lambda files: files.update({PUBLIC_KEY: files[PUBLIC_KEY] + b"\n"}), "public-key.pem: changed"),
        (lambda files: files.update({SIGNATURE: files.pop(SIGNATURE)}), ""),
        (lambda files: files.update({MANIFEST: files.pop(MANIFEST)}), "in another order"),
        (lambda files: files.update({"record.json": files.pop("record.json")}), "in another order"),
    ],
)
def test_what_was_changed_is_named(change: Change, why: str) -> None:
    problem = check(packed_again(change)).problem
    assert why in problem
    assert bool(problem) == bool(why)


def test_a_pack_that_another_key_signed_is_found_by_who_knows_the_right_one() -> None:
    forged = pack({"record.json": b'{"plate": "29A00001"}'}, OTHER_KEY)
    assert check(forged).problem == "", "a pack alone cannot tell whose key it is"
    verdict = check(forged, KEY.public.fingerprint)
    assert verdict.problem == "it was signed with another key than the one that was given"
    assert verdict.fingerprint == OTHER_KEY.public.fingerprint


@pytest.mark.parametrize("text", [b"{}", b"[" * 5000, b"\xff", b'{"version": 2}'])
def test_a_manifest_that_is_none_is_refused_though_it_is_signed(text: bytes) -> None:
    def change(files: dict[str, bytes]) -> None:
        files.update({MANIFEST: text, SIGNATURE: KEY.sign(text)})

    assert "none that this version of the program knows" in check(packed_again(change)).problem
