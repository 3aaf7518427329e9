from __future__ import annotations

from pathlib import Path

import pytest

from ioc.errors import UsageError
from streams.secrets import Credentials, Secrets, variable_of


def secrets_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "secrets.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


class TestCredentials:
    def test_user_and_password_are_parted_at_the_first_colon(self) -> None:
        credentials = Credentials.parse("operator:a:b c@/ü")
        assert (credentials.user, credentials.password) == ("operator", "a:b c@/ü")

    def test_the_password_may_be_empty(self) -> None:
        assert Credentials.parse("operator:").password == ""

    @pytest.mark.parametrize("value", ["", "operator", ":s3cret", "operator:s3cret\n", "op\0:s3cret"])
    def test_anything_else_is_refused_and_not_repeated(self, value: str) -> None:
        with pytest.raises(ValueError, match=r"^expected user:password$"):
            Credentials.parse(value)

    def test_do_not_show_when_printed(self) -> None:
        credentials = Credentials("operator", "s3cret")
        for shown in (repr(credentials), str(credentials), f"{credentials}", f"{[credentials]}"):
            assert "s3cret" not in shown
            assert "operator" not in shown


class TestSecrets:
    @pytest.mark.parametrize(
        ("name", "variable"),
        [
            ("bg-017", "IOC_SECRET_BG_017"),
            ("broker", "IOC_SECRET_BROKER"),
            ("Gate.2_north", "IOC_SECRET_GATE_2_NORTH"),
        ],
    )
    def test_names_a_variable(self, name: str, variable: str) -> None:
        assert variable_of(name) == variable

    def test_come_from_the_environment(self) -> None:
        secrets = Secrets({"IOC_SECRET_BG_017": "operator:s3cret"})
        assert secrets.credentials("bg-017") == Credentials("operator", "s3cret")

    def test_come_from_a_file(self, tmp_path: Path) -> None:
        file = secrets_file(tmp_path, 'bg-017 = "operator:s3cret"\nbg-018 = "other:word"\n')
        assert Secrets({}, file).credentials("bg-018") == Credentials("other", "word")

    def test_the_environment_goes_first(self, tmp_path: Path) -> None:
        file = secrets_file(tmp_path, 'bg-017 = "old:old"')
        assert Secrets({"IOC_SECRET_BG_017": "new:new"}, file).credentials("bg-017").user == "new"

    def test_a_changed_file_is_read_again(self, tmp_path: Path) -> None:
        secrets = Secrets({}, secrets_file(tmp_path, 'bg-017 = "operator:old"'))
        assert secrets.credentials("bg-017").password == "old"
        secrets_file(tmp_path, 'bg-017 = "operator:new"')
        assert secrets.credentials("bg-017").password == "new"

    def test_an_unknown_one_names_the_ways_out(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"'bg-017'.*IOC_SECRET_BG_017.*\[secrets\]"):
            Secrets({}).credentials("bg-017")
        file = secrets_file(tmp_path, 'bg-018 = "other:word"')
        with pytest.raises(UsageError, match=r"IOC_SECRET_BG_017.*secrets\.toml"):
            Secrets({}, file).credentials("bg-017")

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o660, 0o601])
    def test_a_file_that_others_may_touch_is_refused(self, tmp_path: Path, mode: int) -> None:
        file = secrets_file(tmp_path, 'bg-017 = "operator:s3cret"', mode)
        with pytest.raises(UsageError, match=r"chmod 600 .*secrets\.toml"):
            Secrets({}, file).credentials("bg-017")

    @pytest.mark.parametrize("mode", [0o600, 0o400])
    def test_a_file_that_only_its_owner_may_touch_is_read(self, tmp_path: Path, mode: int) -> None:
        file = secrets_file(tmp_path, 'bg-017 = "operator:s3cret"', mode)
        assert Secrets({}, file).credentials("bg-017").user == "operator"

    def test_a_link_to_a_tight_file_is_read(self, tmp_path: Path) -> None:
        link = tmp_path / "link.toml"
        link.symlink_to(secrets_file(tmp_path, 'bg-017 = "operator:s3cret"'))
        assert Secrets({}, link).credentials("bg-017").user == "operator"

    def test_a_missing_file_says_what_it_is_for(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"No such file.*file of secrets"):
            Secrets({}, tmp_path / "nothing.toml").credentials("bg-017")

    @pytest.mark.parametrize(
        ("text", "where"),
        [
            ('bg-016 = "a:b"\nbg-017 = operator:s3cret', "line 2"),
            ('bg-017 = "operator:s3cret', "expected lines like"),
            ('bg-017 = "operators3cret"', "bg-017: expected user:password"),
            ("bg-017 = 53", "bg-017: expected user:password"),
            ('[bg-017]\nuser = "s3cret"', "bg-017: expected user:password"),
        ],
    )
    def test_a_malformed_file_is_told_without_its_secrets(self, tmp_path: Path, text: str, where: str) -> None:
        with pytest.raises(UsageError, match=where) as caught:
            Secrets({}, secrets_file(tmp_path, text)).credentials("bg-017")
        assert "s3cret" not in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_a_malformed_variable_is_told_without_its_value(self) -> None:
        with pytest.raises(UsageError, match="IOC_SECRET_BG_017: expected user:password") as caught:
            Secrets({"IOC_SECRET_BG_017": "s3cret"}).credentials("bg-017")
        assert "s3cret" not in str(caught.value)

    def test_a_file_that_is_no_text_is_refused(self, tmp_path: Path) -> None:
        file = secrets_file(tmp_path, "")
        file.write_bytes(b"\xff\xfe\x00")
        with pytest.raises(UsageError, match="not UTF-8"):
            Secrets({}, file).credentials("bg-017")
