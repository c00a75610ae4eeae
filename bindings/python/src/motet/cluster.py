"""Cluster: the membership as this node sees it, and what one may ask of it.

Knows the engine's membership calls and events. Must never decide anything about membership itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from motet import _native
from motet._codes import Code
from motet.actor import Actor, Props
from motet.errors import TimeoutError
from motet.signals import ClusterEvent, ClusterState, Member

if TYPE_CHECKING:
    from motet._node import Node
    from motet.context import Context

#: How long one native wait may take, so that a cancelled one does not keep its thread.
SLICE_MS = 200
#: Events that one iterator holds; beyond it they wait in the mailbox of its actor.
EVENTS = 64


class Cluster:
    """The cluster of a system."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def join(self, address: str) -> None:
        """Joins the cluster of the node at "motet.tcp://System@host:port"; its own address starts a new cluster."""
        _native.cluster_join(self._node.handle, address)

    def leave(self, address: str | None = None) -> None:
        """Has a member leave in good order: this node, or another."""
        _native.cluster_leave(self._node.handle, address)

    def down(self, address: str) -> None:
        """Declares a member down; it is removed as soon as the others agree."""
        _native.cluster_down(self._node.handle, address)

    async def wait_up(self, timeout: float = 20.0) -> None:
        """Waits until this node is Up. Raises motet.TimeoutError, or why the join was refused."""
        deadline = time.monotonic() + timeout
        while True:
            left = max(0, round((deadline - time.monotonic()) * 1000))
            try:
                await asyncio.to_thread(_native.cluster_wait_up, self._node.handle, min(left, SLICE_MS))
                return
            except TimeoutError:
                if left <= SLICE_MS:
                    raise TimeoutError(Code.TIMEOUT, f"this node was not Up after {timeout:g} s") from None

    def state(self) -> ClusterState:
        """The members now."""
        state = _native.cluster_state(self._node.handle)
        indices = range(_native.cluster_state_size(state))
        members = tuple(_member(state, index) for index in indices)
        lost = tuple(members[index].address for index in indices if not _native.cluster_state_reachable(state, index))
        return ClusterState(members, lost, _native.cluster_state_leader(state))

    async def events(self) -> AsyncIterator[ClusterEvent]:
        """What happens: first the motet.ClusterState, then every change, until the system closes.

        For `async for` on the system's own loop; close the iterator to end it early.
        """
        if asyncio.get_running_loop() is not self._node.loop:
            raise RuntimeError("cluster.events() belongs to the event loop of its system")
        queue: asyncio.Queue[ClusterEvent | None] = asyncio.Queue(EVENTS)
        ref = self._node.spawn(Props(_Listener, queue), None)
        try:
            while (event := await queue.get()) is not None:
                yield event
        finally:
            ref.stop()


class _Listener(Actor):
    """Passes the events of the cluster to an iterator, as fast as that takes them."""

    def __init__(self, queue: asyncio.Queue[ClusterEvent | None]) -> None:
        self._queue = queue

    def pre_start(self, context: Context) -> None:
        context.subscribe("cluster")

    async def receive(self, context: Context, message: Any) -> None:
        if isinstance(message, ClusterEvent):
            await self._queue.put(message)

    def post_stop(self, context: Context) -> None:
        while self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(None)


def _member(state: Any, index: int) -> Member:
    roles = _native.cluster_state_roles(state, index)
    return Member(
        _native.cluster_state_address(state, index),
        _native.cluster_state_uid(state, index),
        _native.cluster_state_status(state, index),
        roles=tuple(roles.split(",")) if roles else (),
    )
