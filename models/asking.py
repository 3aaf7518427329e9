"""What networks are asked, counted while somebody wants to know: how many looks, and what they cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from ioc.clock import processor_seconds

Model = TypeVar("Model")
Shown = TypeVar("Shown")
Options = ParamSpec("Options")
Answer = TypeVar("Answer")


@dataclass(slots=True)
class Asked:
    """So many looks, each at one picture or one part of a picture, and the processor seconds that they took.

    What a look takes is all of it: the picture made ready, the network, and what its numbers are made into.
    """

    looks: int = 0
    seconds: float = 0.0


_counting: ContextVar[Asked | None] = ContextVar("counting", default=None)


@contextmanager
def counted(asked: Asked) -> Iterator[None]:
    """Count into `asked` what models are asked within the block."""
    token = _counting.set(asked)
    try:
        yield
    finally:
        _counting.reset(token)


def asks(
    method: Callable[Concatenate[Model, Sequence[Shown], Options], Answer],
) -> Callable[Concatenate[Model, Sequence[Shown], Options], Answer]:
    """Have a model's method, which is shown some pictures, counted by whoever wants to know."""

    @wraps(method)
    def counting(model: Model, shown: Sequence[Shown], /, *args: Options.args, **options: Options.kwargs) -> Answer:
        asked = _counting.get()
        if asked is None:
            return method(model, shown, *args, **options)
        before = processor_seconds()
        answer = method(model, shown, *args, **options)
        asked.looks += len(shown)
        asked.seconds += processor_seconds() - before
        return answer

    return counting
