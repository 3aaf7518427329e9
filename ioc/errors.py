"""Errors that a person reads: one line that says what is wrong and names the way out."""


class IocError(Exception):
    """The command failed; the message is one line for the person at the terminal."""

    exit_code = 1


class UsageError(IocError):
    """What was typed, or what the site file says, cannot be used."""

    exit_code = 2


class ModelError(IocError):
    """A model's weights are missing, altered or unusable."""


class StreamError(IocError):
    """A source cannot be opened or read at all, and trying again will not help."""


class StreamLost(IocError):
    """A source that was delivering has stopped; opening it again may help."""
