"""Scope: on whose behalf code runs now: the actor that is the sender, and the trace that messages belong to.

Knows context variables, so that a scope follows the code into the tasks that it starts.
Must never know who reads it: refs take sender and trace from here without any code of the user.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from motet._node import Node


class Scope:
    """Sender and trace context (26 bytes, or None) of what is sent now; the sender belongs to node."""

    __slots__ = ("node", "self_handle", "trace")

    def __init__(self, node: Node, self_handle: Any, trace: bytes | None) -> None:
        self.node = node
        self.self_handle = self_handle
        self.trace = trace


current: ContextVar[Scope | None] = ContextVar("motet.scope", default=None)
