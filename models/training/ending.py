"""How the commands of this package end: with an exit code, and errors in one line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import wraps

from ioc.errors import IocError


def one_line(main: Callable[..., int]) -> Callable[..., int]:
    """Have a command say what is wrong in one line and return the error's exit code."""

    @wraps(main)
    def ended(arguments: Sequence[str] | None = None) -> int:
        try:
            return main(arguments)
        except IocError as error:
            sys.stderr.write(f"{error}\n")
            return error.exit_code

    return ended
