"""Context: what a handler is given beside the message: who it is, who asked, and what it may do.

Knows one delivery. Must never outlive its use as a value: it stays valid after the handler, in tasks that it started.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from motet import _native
from motet._codes import Code
from motet._scope import Scope
from motet.actor import Handler, Props
from motet.refs import ActorRef, refusal

if TYPE_CHECKING:
    from motet._cell import Cell
    from motet.actor import Actor
    from motet.system import System


class Context(Scope):
    """The context of handling one message."""

    __slots__ = ("_cell", "_type", "_sender", "_data")

    def __init__(self, cell: Cell, number: int, sender: Any, data: bytes, trace: bytes | None) -> None:
        self.node = cell.node
        self.self_handle = cell.self_handle
        self.trace = trace
        self._cell = cell
        self._type = number
        self._sender = sender
        self._data = data

    @property
    def self(self) -> ActorRef:
        """The actor itself."""
        return ActorRef(self.node, self.self_handle)

    @property
    def sender(self) -> ActorRef | None:
        """Who sent the message, None for nobody."""
        return None if self._sender is None else ActorRef(self.node, self._sender)

    @property
    def system(self) -> System:
        """The system that the actor lives in."""
        return self.node.system

    def reply(self, message: Any) -> Code:
        """Tells the sender of the message; Code.NOT_FOUND when there is none."""
        number, data = self.node.codec.encode(message)
        if self._sender is None:
            return Code.NOT_FOUND
        return refusal(_native.ref_tell(self._sender, self.self_handle, number, data, self.trace))

    def forward(self, target: ActorRef, message: Any = None) -> Code:
        """Passes the message on, or another in its place, so that the receiver sees the original sender."""
        number, data = (self._type, self._data) if message is None else self.node.codec.encode(message)
        return refusal(_native.ref_tell(target._handle, self._sender, number, data, self.trace))

    def spawn(self, behavior: type[Actor] | Handler | Props, name: str | None = None) -> ActorRef:
        """Creates a child of this actor, which supervises it."""
        return self.node.spawn(behavior, name, parent=self.self_handle)

    def stop(self, ref: ActorRef | None = None) -> None:
        """Stops this actor after this message, or another actor of this node."""
        if ref is None or ref == self.self:
            self._cell.stopping = True
            refusal(_native.ref_stop(self.self_handle))
        else:
            ref.stop()

    def watch(self, ref: ActorRef) -> ActorRef:
        """Has this actor receive motet.Terminated, once, when another stops or its node is lost."""
        self._cell.unwatched.discard(ref)
        refusal(_native.ref_watch(self.self_handle, ref._handle))
        return ref

    def unwatch(self, ref: ActorRef) -> None:
        """Ends a watch: no motet.Terminated of it comes any more, also if one is queued."""
        self._cell.unwatched.add(ref)
        refusal(_native.ref_unwatch(self.self_handle, ref._handle))

    def subscribe(self, topic: str) -> None:
        """Subscribes this actor to "cluster", "dead-letters" or "remoting" events."""
        self.system.subscribe(self.self, topic)

    def timer(self, key: object, delay: float, message: Any, interval: float | None = None) -> None:
        """Has this actor receive a message after delay seconds and, with an interval, again and again.

        A timer with the same key is replaced. All timers end with the instance.
        """
        if delay < 0 or (interval is not None and interval <= 0):
            raise ValueError(f"timer {key!r}: delay {delay} must not be negative, interval {interval} above 0 or None")
        self._cell.timers.start(key, delay, message, interval)

    def cancel_timer(self, key: object) -> None:
        """Cancels a timer; nothing comes of it any more, also if a tick is queued."""
        self._cell.timers.cancel(key)
