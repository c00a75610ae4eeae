"""Tasks: what the shutdown of a system runs in Python.

Knows which number is which function. Must never know phases: when a task is run is the engine's business.
"""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import TYPE_CHECKING

from motet import _native
from motet._codes import Code
from motet._scope import Scope, current

if TYPE_CHECKING:
    from motet._node import Node

_log = logging.getLogger("motet")

#: A task: plain or async, without arguments.
Function = Callable[[], Awaitable[object] | object]


class TaskScope(Scope):
    """What a task sends has no sender and starts without a trace."""

    __slots__ = ()


class Tasks:
    """The tasks of one system that have not begun."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._lock = threading.Lock()
        self._functions: dict[int, Function] = {}

    def add(self, phase: str, name: str, function: Function) -> int:
        with self._lock:  # it may be its turn before its number is known here
            number = _native.shutdown_add_foreign(self._node.dispatcher, phase, name)
            self._functions[number] = function
        return number

    def cancel(self, number: int) -> bool:
        if _native.shutdown_cancel(self._node.handle, number) != 0:
            return False
        with self._lock:
            self._functions.pop(number, None)
        return True

    def begin(self, number: int) -> None:
        """Runs a task whose turn has come; on the loop's own thread."""
        with self._lock:
            function = self._functions.pop(number)
        self._node.start_task(self._run(number, function), contextvars.Context())

    async def _run(self, number: int, function: Function) -> None:
        current.set(TaskScope(self._node, None, None))
        code, text = Code.OK, None
        try:
            result = function()
            if isawaitable(result):
                await result
        except BaseException as error:
            code, text = Code.FAILED, f"{type(error).__name__}: {error}".replace("\0", " ")
            if not isinstance(error, Exception):
                raise
            _log.error("a task of the shutdown failed: %s", text, exc_info=error)
        finally:
            _native.shutdown_complete(self._node.handle, number, int(code), text)
