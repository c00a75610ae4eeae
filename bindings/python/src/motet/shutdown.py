"""Shutdown: how a system ends, in phases, and what a program wants done on the way.

Knows reasons and tasks. Must never know what the engine itself does in a phase.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from motet import _native

if TYPE_CHECKING:
    from motet.system import System


class ShutdownReason(enum.IntEnum):
    """Why a system is shut down. The first reason given counts."""

    UNKNOWN = _native.SHUTDOWN_UNKNOWN
    ACTOR_SYSTEM_TERMINATE = _native.SHUTDOWN_ACTOR_SYSTEM_TERMINATE
    PROCESS_EXIT = _native.SHUTDOWN_PROCESS_EXIT
    CLUSTER_LEAVING = _native.SHUTDOWN_CLUSTER_LEAVING
    CLUSTER_DOWNING = _native.SHUTDOWN_CLUSTER_DOWNING
    CLUSTER_JOIN_UNSUCCESSFUL = _native.SHUTDOWN_CLUSTER_JOIN_UNSUCCESSFUL
    INCOMPATIBLE_CONFIGURATION_DETECTED = _native.SHUTDOWN_INCOMPATIBLE_CONFIGURATION_DETECTED


class ShutdownTask:
    """A task that was added to a phase."""

    __slots__ = ("_system", "_number")

    def __init__(self, system: System, number: int) -> None:
        self._system = system
        self._number = number

    def cancel(self) -> bool:
        """Takes it back; False when it has begun."""
        return self._system._node.tasks.cancel(self._number)


class Shutdown:
    """The shutdown of a system: `system.shutdown`."""

    __slots__ = ("_system",)

    def __init__(self, system: System) -> None:
        self._system = system

    def add(self, phase: str, name: str, task: Callable[[], Awaitable[Any] | Any]) -> ShutdownTask:
        """Adds a task to a phase, such as "service-stop": a function without arguments, plain or async.

        It runs on the system's event loop, so a plain one must not block. The tasks of a phase run at the same time; the
        next phase begins when all have ended, or the phase's time is over. What a task raises is logged. name: for logs.
        """
        return ShutdownTask(self._system, self._system._node.tasks.add(phase, name, task))

    async def run(self, reason: ShutdownReason, *, from_phase: str | None = None, timeout: float | None = None) -> None:
        """Runs the shutdown, or joins it, and waits for its end, but not in a handler or a task.

        timeout: for the whole, in seconds; None: each phase has its own.
        """
        await self._system._shut_down(reason, from_phase, timeout)

    @property
    def reason(self) -> ShutdownReason | None:
        """Why it runs or ran; None when it has not begun."""
        reason = _native.shutdown_reason(self._system._node.handle)
        return ShutdownReason(reason) if reason > 0 else None
