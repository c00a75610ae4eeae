"""Errors: every failure has a code that is the same in every language, and a sentence.

Knows the table of codes. Must never know actors or systems.
"""

from __future__ import annotations

import builtins

from motet import _native
from motet._codes import RETRIABLE, Code


class Error(Exception):
    """A call of Motet failed: `code` says what, the text names the values involved."""

    def __init__(self, code: Code, message: str, retriable: bool | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        #: Whether trying the same call again later may help.
        self.retriable = code in RETRIABLE if retriable is None else retriable

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.code, self.message, self.retriable)


class InvalidError(Error, ValueError):
    """A value that was given is not accepted: a key, a setting, a name, an address, an argument."""


class TimeoutError(Error, builtins.TimeoutError):
    """The time allowed has passed."""


class ClosedError(Error):
    """The system is closed, or belongs to the parent of this forked process."""


class FailedError(Error):
    """The handler of the actor that was asked failed; the text is what it said, in whatever language."""


_CLASSES: dict[Code, type[Error]] = {
    Code.INVALID: InvalidError,
    Code.UNKNOWN_KEY: InvalidError,
    Code.BAD_VALUE: InvalidError,
    Code.BAD_NAME: InvalidError,
    Code.BAD_ADDRESS: InvalidError,
    Code.MALFORMED: InvalidError,
    Code.TIMEOUT: TimeoutError,
    Code.CLOSED: ClosedError,
    Code.FORKED: ClosedError,
    Code.FAILED: FailedError,
}


def make_error(code: int, message: str | None = None, retriable: bool | None = None) -> Error:
    """The exception for a code, of the class that fits it."""
    known = Code(code) if code in Code._value2member_map_ else Code.INTERNAL
    return _CLASSES.get(known, Error)(known, message or _native.code_text(code), retriable)


_native.set_error_factory(make_error)
