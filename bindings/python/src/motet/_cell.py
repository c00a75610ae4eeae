"""Cell: one living actor: its instance, and how the messages claimed for it are run and completed.

Knows the life of an instance and what a handler's result means.
Must never run two messages of its actor at once: a claim is completed before the engine gives the next.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from motet import _native
from motet._codes import Code
from motet._scope import current
from motet._timers import Timers
from motet.actor import UNHANDLED, Actor, Props
from motet.context import Context
from motet.errors import Error
from motet.refs import ActorRef
from motet.signals import Terminated

if TYPE_CHECKING:
    from motet._node import Node

_log = logging.getLogger("motet")
_FIRST_USER = _native.TYPE_FIRST_USER

#: (type, sender, payload, trace, self), as the native module makes it.
Delivery = tuple[int, Any, bytes, bytes | None, Any]


class Cell:
    """An actor as the engine sees it: a number, and a handle to itself once it has started."""

    __slots__ = ("node", "number", "props", "self_handle", "timers", "stopping", "unwatched", "_instance", "_receive")

    def __init__(self, node: Node, number: int, props: Props) -> None:
        self.node = node
        self.number = number
        self.props = props
        self.self_handle: Any = None
        self.timers = Timers(self)
        self.stopping = False
        self.unwatched: set[ActorRef] = set()
        self._instance: Actor | None = None
        self._receive: Any = None

    def run(self, deliveries: list[Delivery]) -> None:
        """Runs a claim as far as it goes without waiting; a handler that waits makes the rest a task."""
        index = 0
        try:
            for index, delivery in enumerate(deliveries):
                result = self._handle(delivery)
                if result is not None:
                    if isawaitable(result):
                        self.node.start_task(self._finish(deliveries, index, result))
                        return
                    self._note(delivery, index, result)
                if self.stopping:
                    break
        except BaseException as error:
            self._fail(index, error)
            if not isinstance(error, Exception):
                self.node.raise_later(error)
        else:
            self._complete(index + 1)

    async def _finish(self, deliveries: list[Delivery], index: int, result: Awaitable[Any]) -> None:
        """The rest of a claim from the delivery whose handler waits."""
        try:
            self._note(deliveries[index], index, await result)
            while index + 1 < len(deliveries) and not self.stopping:
                index += 1
                answer = self._handle(deliveries[index])
                self._note(deliveries[index], index, await answer if isawaitable(answer) else answer)
        except BaseException as error:
            self._fail(index, error)
            if not isinstance(error, Exception):
                raise
        else:
            self._complete(index + 1)

    def _handle(self, delivery: Delivery) -> Any:
        number, sender, data, trace, self_handle = delivery
        if self_handle is not None:
            self.self_handle = self_handle
        context = Context(self, number, sender, data, trace)
        current.set(context)
        if number in _LIFE:
            return _LIFE[number](self, context, data)
        if number == self.node.tick_type:
            message = self.timers.take(data)
            return None if message is None else self._receive(context, message)
        try:
            message = self.node.codec.decode(number, data, context.sender if number < _FIRST_USER else None)
        except (ValueError, Error) as error:
            _log.warning("%s: message of type %s: %s", context.self, self.node.codec.name(number), error)
            return UNHANDLED
        if message is None or (self.unwatched and isinstance(message, Terminated) and message.ref in self.unwatched):
            return None
        return self._receive(context, message)

    def _note(self, delivery: Delivery, index: int, result: Any) -> None:
        """What a handler returned counts only when it is UNHANDLED."""
        if result is not UNHANDLED:
            return
        if delivery[0] == _native.TYPE_TERMINATED:
            raise Error(Code.UNHANDLED, f"Terminated of {ActorRef(self.node, delivery[1])} is not handled")
        if delivery[0] >= _FIRST_USER:
            _native.dispatcher_unhandled(self.node.dispatcher, self.number, index)

    def _complete(self, handled: int) -> None:
        self.unwatched.clear()
        _native.dispatcher_complete(self.node.dispatcher, self.number, handled, 0, None)

    def _fail(self, index: int, error: BaseException) -> None:
        """Hands the failure to supervision; the traceback stays here, in the log."""
        if self.node.closed.is_set():
            return  # cut off
        self.unwatched.clear()
        code = error.code if isinstance(error, Error) and error.code == Code.UNHANDLED else Code.FAILED
        text = f"{type(error).__name__}: {error}"
        _log.error("%s failed: %s", ActorRef(self.node, self.self_handle), text, exc_info=error)
        _native.dispatcher_complete(self.node.dispatcher, self.number, index, int(code), text)

    def _renew(self) -> Actor:
        self.stopping = False
        self._instance = self.props.make()
        self._receive = self._instance.receive
        return self._instance

    def _pre_start(self, context: Context, data: bytes) -> Any:
        return self._renew().pre_start(context)

    def _post_restart(self, context: Context, data: bytes) -> Any:
        reason = self.node.codec.decode(_native.TYPE_POST_RESTART, data, None)
        return self._renew().post_restart(context, reason)

    def _pre_restart(self, context: Context, data: bytes) -> Any:
        self.timers.cancel_all()
        reason = self.node.codec.decode(_native.TYPE_PRE_RESTART, data, None)
        return None if self._instance is None else self._instance.pre_restart(context, reason)

    def _post_stop(self, context: Context, data: bytes) -> Any:
        self.timers.cancel_all()
        self.node.forget(self)
        return None if self._instance is None else self._instance.post_stop(context)


#: What the signals of an actor's life do; they reach the hooks, never `receive`.
_LIFE = {
    _native.TYPE_PRE_START: Cell._pre_start,
    _native.TYPE_POST_STOP: Cell._post_stop,
    _native.TYPE_PRE_RESTART: Cell._pre_restart,
    _native.TYPE_POST_RESTART: Cell._post_restart,
}
