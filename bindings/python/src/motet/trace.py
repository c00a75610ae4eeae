"""Trace: spans of one's own, and the trace context of what runs now.

Knows the engine's spans. Must never be needed for a trace to go on: messages carry it by themselves.
"""

from __future__ import annotations

from contextvars import Token
from types import TracebackType
from typing import TYPE_CHECKING

from motet import _native
from motet._codes import Code
from motet._scope import Scope, current
from motet.errors import Error

if TYPE_CHECKING:
    from motet._node import Node


def current_traceparent() -> str | None:
    """The W3C traceparent header value of what runs now, None outside of any trace."""
    scope = current.get()
    return None if scope is None or scope.trace is None else _native.trace_format(scope.trace)


class Span:
    """A span, child of what runs now, and current inside its `with` block. Made by System.span."""

    def __init__(self, node: Node, name: str, traceparent: str | None) -> None:
        outer = current.get()
        outer = outer if outer is not None and outer.node is node else None
        parent = outer.trace if outer is not None else None
        if traceparent is not None:
            parent = _native.trace_parse(traceparent)  # a malformed one means: a new trace
        self._span = _native.span_start(node.handle, name, parent)
        self._scope = Scope(node, outer.self_handle if outer is not None else None, _native.span_trace(self._span))
        self._token: Token[Scope | None] | None = None

    @property
    def traceparent(self) -> str | None:
        """The W3C traceparent header value of this span."""
        return None if self._scope.trace is None else _native.trace_format(self._scope.trace)

    def set(self, key: str, value: object) -> None:
        """Adds an attribute, as text."""
        _native.span_set(self._span, key, str(value))

    def __enter__(self) -> Span:
        self._token = current.set(self._scope)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._token is not None:
            current.reset(self._token)
        if error is None:
            _native.span_finish(self._span, 0, None)
        else:
            code = error.code if isinstance(error, Error) else Code.FAILED
            _native.span_finish(self._span, int(code), f"{type(error).__name__}: {error}")
