"""ActorRef: a reference to an actor, wherever it lives. A value: comparable, hashable, part of messages.

Knows how to tell and to ask. Must never know whether its actor is near or far.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from motet import _native
from motet._codes import Code
from motet._scope import current
from motet.errors import make_error

if TYPE_CHECKING:
    from motet._node import Node

_OK = Code.OK
#: How long one native wait may take, so that a cancelled one does not keep its thread.
WAIT_SLICE_MS = 200
#: What a tell was refused for when the caller is to blame; anything else is the weather.
_RAISED = frozenset({Code.INVALID, Code.FORKED})


class ActorRef:
    """A reference to an actor. Stays valid when the actor stops: what is told to it then is a dead letter."""

    __slots__ = ("_node", "_handle", "_path")

    def __init__(self, node: Node, handle: Any) -> None:
        self._node = node
        self._handle = handle
        self._path: str | None = None

    @property
    def path(self) -> str:
        """The full path, "motet.tcp://System@host:port/user/a#17"; `System.ref` makes an equal ref of it anywhere."""
        if self._path is None:
            self._path = _native.ref_path(self._handle)
        return self._path

    @property
    def name(self) -> str:
        """The last part of the path, without the incarnation."""
        return self.path.rsplit("/", 1)[-1].partition("#")[0]

    def tell(self, message: Any, sender: ActorRef | None = None) -> Code:
        """Sends a message, at most once, in order for each sender and target; never blocks.

        Inside a handler the sender is the actor itself and the message belongs to the current trace. The result is
        Code.OK, or why the message became a dead letter at once: STOPPED, MAILBOX_FULL, GATED, ... Raises TypeError or
        ValueError for what cannot be sent.
        """
        node = self._node
        number, data = node.codec.encode(message)
        scope = current.get()
        if scope is None or scope.node is not node:
            handle = trace = None
        else:
            handle, trace = scope.self_handle, scope.trace
        if sender is not None:
            handle = sender._handle
        code = _native.ref_tell(self._handle, handle, number, data, trace)
        return _OK if code == 0 else refusal(code)

    async def ask(self, message: Any, timeout: float = 5.0) -> Any:
        """Sends a message and waits for the first reply, at most timeout seconds.

        Raises motet.TimeoutError, which names target and type; the failure that the reply carries; or what the message
        was refused for.
        """
        return await self._node.ask(self._handle, message, timeout)

    async def await_room(self, message: Any, timeout: float = 5.0) -> Code:
        """Waits until a message that was refused with QUEUE_FULL finds room in the queue to the node of the actor.

        At most timeout seconds; at once for an actor of this node. It promises nothing: others may fill the room first.
        The result is Code.OK, TIMEOUT, TOO_LARGE (never will it find room), GATED, QUARANTINED, CLOSED, ... Raises what
        `tell` raises.
        """
        _, data = self._node.codec.encode(message)
        deadline = time.monotonic() + timeout
        while True:
            left = max(0, round((deadline - time.monotonic()) * 1000))
            code = refusal(
                await asyncio.to_thread(_native.ref_await_room, self._handle, len(data), min(left, WAIT_SLICE_MS))
            )
            if code is not Code.TIMEOUT or left <= WAIT_SLICE_MS:
                return code

    def when_room(self, message: Any, actor: ActorRef) -> None:
        """Has an actor of this node told by one motet.Room when `await_room` would return."""
        _, data = self._node.codec.encode(message)
        code = _native.ref_when_room(self._handle, len(data), actor._handle)
        if code != 0:
            raise make_error(code)

    def stop(self) -> None:
        """Asks an actor of this node to stop after the message it is handling, its children first."""
        refusal(_native.ref_stop(self._handle))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ActorRef) and _native.ref_equal(self._handle, other._handle) == 1

    def __hash__(self) -> int:
        return _native.ref_hash(self._handle)

    def __repr__(self) -> str:
        return f"ActorRef({self.path!r})"

    def __str__(self) -> str:
        return self.path


def refusal(code: int) -> Code:
    """The code of a call that was refused; raises it when the caller is to blame."""
    known = Code(code)
    if known in _RAISED:
        raise make_error(code)
    return known
