"""`ioc evidence`: packs from a site's store, checked on any machine; the key that signs them."""

from __future__ import annotations

import io
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from dashboard.audit import HEAD, Audit
from dashboard.data_folder import DataFolderError, signing_key
from dashboard.database import open_file
from dashboard.plate_intake import take_reads
from dashboard.settings import DashboardSettings
from dashboard.store import Store
from ioc.__main__ import run_command
from ioc.evidence_pack import Manifest, PackWriter
from ioc.signing import SigningKey, fresh_key
from tests.dashboard import sample
from tests.dashboard.drawn_pack import a_read
from tests.dashboard.test_watch_alerts import raise_two
from tests.ioc.packs import ABOUT, ISSUE, pack

Said = Callable[..., tuple[int, str, str]]


@dataclass(frozen=True)
class Kept:
    """A site whose dashboard has kept a pass and an alert."""

    site: Path
    hit: UUID
    alert: UUID
    watched: UUID
    """An alert of a watch-list."""

    @property
    def data(self) -> Path:
        return self.site.parent / "kept"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("site")
    (folder / "site.toml").write_text('[site]\nid = "bac-giang"\ndata = "kept"\n\n[[camera]]\nid = "bg-017"\n')
    data = folder / "kept"
    data.mkdir()
    store = Store(open_file(data / "ioc.db"))
    read = a_read(data / "evidence")
    alert = sample.alert(1, evidence=(sample.picture(data / "evidence", "a.jpg"),))
    store.take([alert], sample.START)
    with store.database.write() as connection:
        take_reads(connection, [read])
    settings = DashboardSettings(data=data, evidence=data / "evidence", sites=("bac-giang",))
    watched = raise_two(store, settings)[0]
    store.release()
    return Kept(folder / "site.toml", read.hit, alert.id, UUID(watched))


@pytest.fixture
def kept(filled: Kept, tmp_path: Path) -> Kept:
    shutil.copytree(filled.site.parent, tmp_path, dirs_exist_ok=True)
    return replace(filled, site=tmp_path / "site.toml")


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    def run(*arguments: object) -> tuple[int, str, str]:
        code = run_command(["evidence", *map(str, arguments)])
        return code, *capsys.readouterr()

    return run


def packed(said: Said, kept: Kept, record: object, out: Path) -> tuple[int, str, str]:
    why = ("--purpose", "hit and run", "--case", "BG-2026-117")
    return said("pack", record, "--site", kept.site, "--out", out, *why)


def test_a_pass_and_an_alert_are_packed_and_checked(kept: Kept, tmp_path: Path, said: Said) -> None:
    for record in (kept.hit, kept.alert, kept.watched):
        out = tmp_path / f"{record}.zip"
        code, told, _ = packed(said, kept, record, out)
        assert (code, str(record) in told) == (0, True)
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        fingerprint = signing_key(kept.data).public.fingerprint
        code, told, _ = said("verify", out, "--key", fingerprint)
        assert code == 0
        assert told.startswith("whole: ")
        assert ", case BG-2026-117: hit and run" in told
        assert "Compare" not in told


def test_a_pack_from_the_terminal_stands_in_the_log_too(kept: Kept, tmp_path: Path, said: Said) -> None:
    packed(said, kept, kept.hit, tmp_path / "a.zip")
    audit = Audit(open_file(kept.data / "ioc.db"), kept.data / HEAD)
    (entry,) = audit.newest(5)
    audit.release()
    assert str(entry["who"]).startswith("terminal:")
    assert (entry["what"], entry["case"]) == ("pack", "BG-2026-117")


def test_without_a_key_whose_it_is_is_left_to_compare(kept: Kept, tmp_path: Path, said: Said) -> None:
    packed(said, kept, kept.hit, tmp_path / "a.zip")
    code, told, _ = said("verify", tmp_path / "a.zip")
    assert code == 0
    assert f"signed by {signing_key(kept.data).public.fingerprint}\nCompare that" in told


def test_the_public_key_is_printed_and_checks(kept: Kept, tmp_path: Path, said: Said) -> None:
    code, told, _ = said("key", "--site", kept.site)
    assert code == 0
    fingerprint = told.strip().rsplit(" ", 1)[1]
    (tmp_path / "public.pem").write_text(told[: told.index("fingerprint")])
    packed(said, kept, kept.alert, tmp_path / "a.zip")
    grouped = ":".join(fingerprint[at : at + 4].upper() for at in range(0, 64, 4))
    for key in (fingerprint, grouped, tmp_path / "public.pem"):
        assert said("verify", tmp_path / "a.zip", "--key", key)[0] == 0
    code, told, _ = said("verify", tmp_path / "a.zip", "--key", "0" * 64)
    assert (code, told) == (1, "NOT WHOLE: it was signed with another key than the one that was given\n")


def test_a_changed_byte_is_told_by_the_name_of_its_file(kept: Kept, tmp_path: Path, said: Said) -> None:
    out = tmp_path / "a.zip"
    packed(said, kept, kept.hit, out)
    content = out.read_bytes()
    at = content.index(b"JFIF")
    out.write_bytes(content[:at] + b"X" + content[at + 1 :])
    assert said("verify", out)[:2] == (1, "NOT WHOLE: evidence/01-crop.jpg was changed\n")
    out.write_bytes(b"")
    assert said("verify", out)[0] == 1


def test_what_was_altered_before_is_told_by_a_whole_pack(kept: Kept, tmp_path: Path, said: Said) -> None:
    (kept.data / "evidence" / "a.jpg").write_bytes(b"altered")
    code, told, _ = packed(said, kept, kept.alert, tmp_path / "a.zip")
    assert code == 0
    assert "LACKING: a.jpg: altered, found " in told


def test_a_forged_pack_cannot_move_the_cursor(tmp_path: Path, said: Said) -> None:
    file = io.BytesIO()
    writer = PackWriter(file, SigningKey.parse(fresh_key().encode()))
    writer.seal(ABOUT, ISSUE.model_copy(update={"to": "lan\x1b[2K\rwhole\n"}), ())
    (tmp_path / "a.zip").write_bytes(file.getvalue())
    _, told, _ = said("verify", tmp_path / "a.zip")
    assert "issued to lan?[2K?whole? at " in told


def test_a_pack_is_checked_without_a_store(tmp_path: Path, said: Said) -> None:
    (tmp_path / "a.zip").write_bytes(pack())
    assert said("verify", tmp_path / "a.zip")[0] == 0
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["missing.zip"], "missing.zip: No such file"),
        (["."], ".: Is a directory"),
        (["a.zip", "--key", "12ab"], "--key 12ab: neither a fingerprint of 64 hexadecimal digits nor a file"),
        (["a.zip", "--key", "a.zip"], "--key a.zip: expected a public key as PEM"),
        ([], "Missing argument 'FILE'"),
    ],
)
def test_wrong_usage_of_verify_is_told_in_one_line(
    arguments: list[str], why: str, tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.zip").write_bytes(pack())
    code, _, told = said("verify", *arguments)
    assert (code, told.count("\n")) == (2, 1)
    assert why in told


def test_wrong_usage_of_pack_is_told_and_leaves_nothing(kept: Kept, tmp_path: Path, said: Said) -> None:
    out = tmp_path / "a.zip"
    code, _, told = packed(said, kept, uuid4(), out)
    assert (code, "has no alert and no pass of this id" in told) == (2, True)
    code, _, told = said("pack", kept.hit, "--site", kept.site, "--out", out, "--purpose", " x ", "--case", "BG-1")
    assert (code, "--purpose: say it in 3 to 500 characters" in told) == (2, True)
    code, _, told = packed(said, kept, kept.hit, tmp_path / "no" / "a.zip")
    assert (code, "cannot be written: No such file or directory" in told) == (2, True)
    assert not out.exists()
    out.write_text("mine")
    code, _, told = packed(said, kept, kept.hit, out)
    assert (code, "exists already" in told) == (2, True)
    assert out.read_text() == "mine"


def test_a_pack_that_does_not_become_whole_is_taken_away(
    kept: Kept, tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Manifest:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(PackWriter, "seal", full)
    code, _, told = packed(said, kept, kept.hit, tmp_path / "a.zip")
    assert (code, "a.zip: cannot be written: No space left on device" in told) == (1, True)
    assert not (tmp_path / "a.zip").exists()


class TestKey:
    def test_it_is_made_once_for_its_owner_alone(self, tmp_path: Path) -> None:
        made = signing_key(tmp_path / "data").public.fingerprint
        path = tmp_path / "data" / "evidence-key.pem"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert signing_key(tmp_path / "data").public.fingerprint == made
        assert made != signing_key(tmp_path / "other").public.fingerprint

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
    def test_one_that_others_may_read_is_refused(self, tmp_path: Path, mode: int) -> None:
        signing_key(tmp_path)
        path = tmp_path / "evidence-key.pem"
        path.chmod(mode)
        with pytest.raises(DataFolderError, match=r"may be read by others: run `chmod 600 .*`, or move it away"):
            signing_key(tmp_path)
        path.chmod(0o600)
        signing_key(tmp_path)

    @pytest.mark.parametrize("text", ["", "x" * 99, "khóa " * 20])
    def test_one_that_is_damaged_is_refused_and_stays(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "evidence-key.pem"
        path.write_text(text)
        path.chmod(0o600)
        with pytest.raises(DataFolderError, match=r"evidence-key\.pem is damaged"):
            signing_key(tmp_path)
        assert path.read_text() == text
