"""Timers: messages that an actor sends itself later.

Knows the event loop and what was started under which key. Must never run a handler: a tick is a message like others.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from motet import _native

if TYPE_CHECKING:
    from motet._cell import Cell

#: The type of a tick; its payload is the number of the timer, its message never leaves the actor.
TICK = "python.Tick"


class _Timer:
    __slots__ = ("key", "message", "interval", "handle")

    def __init__(self, key: object, message: Any, interval: float | None) -> None:
        self.key = key
        self.message = message
        self.interval = interval
        self.handle: asyncio.TimerHandle | None = None


class Timers:
    """The timers of one instance. A number is used once, so a tick of a cancelled timer finds nothing."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._numbers: dict[object, int] = {}
        self._timers: dict[int, _Timer] = {}
        self._last = 0

    def start(self, key: object, delay: float, message: Any, interval: float | None) -> None:
        self.cancel(key)
        self._last += 1
        timer = self._timers[self._last] = _Timer(key, message, interval)
        self._numbers[key] = self._last
        timer.handle = self._cell.node.loop.call_later(delay, self._fire, self._last)

    def cancel(self, key: object) -> None:
        number = self._numbers.pop(key, None)
        if number is not None:
            self._forget(number)

    def cancel_all(self) -> None:
        for key in list(self._numbers):
            self.cancel(key)

    def take(self, payload: bytes) -> Any:
        """The message of a tick that is handled now; None when its timer was cancelled."""
        timer = self._timers.get(int.from_bytes(payload, "little"))
        if timer is None:
            return None
        if timer.interval is None:
            self.cancel(timer.key)
        return timer.message

    def _fire(self, number: int) -> None:
        timer = self._timers[number]
        node = self._cell.node
        code = _native.ref_tell(self._cell.self_handle, None, node.tick_type, number.to_bytes(8, "little"), None)
        if timer.interval is not None:
            timer.handle = node.loop.call_later(timer.interval, self._fire, number)
        elif code != 0:
            self.cancel(timer.key)

    def _forget(self, number: int) -> None:
        handle = self._timers.pop(number).handle
        if handle is not None:
            handle.cancel()
