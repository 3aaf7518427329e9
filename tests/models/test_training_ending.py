"""How the commands of the training package end."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ioc.errors import IocError, UsageError
from models.training.ending import one_line


@pytest.mark.parametrize(("error", "code"), [(IocError("no pictures"), 1), (UsageError("no pictures"), 2)])
def test_an_error_is_one_line_and_its_exit_code(error: IocError, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    @one_line
    def main(arguments: Sequence[str] | None = None) -> int:
        raise error

    assert main([]) == code
    assert capsys.readouterr().err == "no pictures\n"


def test_a_command_that_ends_well_is_given_its_arguments() -> None:
    @one_line
    def main(arguments: Sequence[str] | None = None) -> int:
        return len(arguments or [])

    assert main(["a", "b", "c"]) == 3
    assert main() == 0


def test_what_is_no_error_of_ours_keeps_its_traceback() -> None:
    @one_line
    def main(arguments: Sequence[str] | None = None) -> int:
        raise ValueError("a mistake")

    with pytest.raises(ValueError, match="a mistake"):
        main()
