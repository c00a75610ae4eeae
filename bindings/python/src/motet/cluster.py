"""Cluster: the membership as this node sees it, and what one may ask of it.

Knows the engine's membership calls and events. Must never decide anything about membership itself.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from motet import _native
from motet._codes import Code
from motet.actor import Actor, Props
from motet.errors import ClosedError, TimeoutError
from motet.refs import WAIT_SLICE_MS
from motet.signals import ClusterEvent, ClusterState, Member, MemberEvent, MemberRemoved, MemberUp

if TYPE_CHECKING:
    from motet._node import Node
    from motet.context import Context

_log = logging.getLogger("motet")

#: Events that one iterator holds; beyond it they wait in the mailbox of its actor.
EVENTS = 64


@dataclass(frozen=True, slots=True)
class Suspicion:
    """An observer has heard nothing from a member, and why it says so."""

    observer: str
    subject: str
    reason: str


class Cluster:
    """The cluster of a system."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def join(self, address: str) -> None:
        """Joins the cluster of the node at "motet.tcp://System@host:port"; its own address starts a new cluster."""
        _native.cluster_join(self._node.handle, address)

    def join_seeds(self, seeds: Iterable[str]) -> None:
        """Joins through seed nodes: the first that answers lets this node in."""
        _native.cluster_join_seeds(self._node.handle, ",".join(seeds))

    def leave(self, address: str | None = None) -> None:
        """Has a member leave in good order: this node, or another."""
        _native.cluster_leave(self._node.handle, address)

    def down(self, address: str) -> None:
        """Declares a member down; it is removed as soon as the others agree."""
        _native.cluster_down(self._node.handle, address)

    def prepare_for_full_shutdown(self) -> None:
        """Prepares the end of the whole cluster: nobody joins or becomes Up any more."""
        _native.cluster_prepare_for_full_shutdown(self._node.handle)

    async def wait_up(self, timeout: float = 20.0) -> None:
        """Waits until this node is Up. Raises motet.TimeoutError, or why the join was refused."""
        deadline = time.monotonic() + timeout
        while True:
            left = max(0, round((deadline - time.monotonic()) * 1000))
            try:
                await asyncio.to_thread(_native.cluster_wait_up, self._node.handle, min(left, WAIT_SLICE_MS))
                return
            except TimeoutError:
                if left <= WAIT_SLICE_MS:
                    raise TimeoutError(Code.TIMEOUT, f"this node was not Up after {timeout:g} s") from None

    def on_up(self, call: Callable[[], object]) -> None:
        """Calls a function once when this node is Up, at once if it is; on the system's event loop, so it must not block."""
        self._node.spawn(Props(_Listener, MemberUp, call), None)

    def on_removed(self, call: Callable[[], object]) -> None:
        """Likewise when this node is removed from its cluster, or its system has ended."""
        once = self._node.at_end(call)
        try:
            self._node.spawn(Props(_Listener, MemberRemoved, once), None)
        except ClosedError:
            once()

    def state(self) -> ClusterState:
        """The members now."""
        state = _native.cluster_state(self._node.handle)
        indices = range(_native.cluster_state_size(state))
        members = tuple(_member(state, index) for index in indices)
        lost = tuple(members[index].address for index in indices if not _native.cluster_state_reachable(state, index))
        roles = sorted({role for member in members for role in member.roles})
        leaders = {role: _native.cluster_state_role_leader(state, role) for role in roles}
        return ClusterState(members, lost, _native.cluster_state_leader(state),
                            {role: leader for role, leader in leaders.items() if leader is not None})

    def suspicions(self) -> tuple[Suspicion, ...]:
        """Who has heard nothing from whom. One suspicion alone makes nobody unreachable."""
        state = _native.cluster_state(self._node.handle)
        return tuple(
            Suspicion(
                _native.cluster_state_suspicion_observer(state, index),
                _native.cluster_state_suspicion_subject(state, index),
                _native.cluster_state_suspicion_reason(state, index),
            )
            for index in range(_native.cluster_state_suspicions(state))
        )

    def snapshot(self) -> dict[str, Any]:
        """Everything that this node knows of its cluster, as motet_cluster_state_json() describes it."""
        snapshot: dict[str, Any] = json.loads(_native.cluster_state_json(_native.cluster_state(self._node.handle)))
        return snapshot

    async def events(self, *, initial_state_as_events: bool = False) -> AsyncIterator[ClusterEvent]:
        """What happens: first the motet.ClusterState, then every change, until the system closes.

        With initial_state_as_events the state too comes as events, those that lead to it.

        For `async for` on the system's own loop; close the iterator to end it early.
        """
        if asyncio.get_running_loop() is not self._node.loop:
            raise RuntimeError("cluster.events() belongs to the event loop of its system")
        queue: asyncio.Queue[ClusterEvent | None] = asyncio.Queue(EVENTS)
        ref = self._node.spawn(Props(_Passage, queue, initial_state_as_events), None)
        try:
            while (event := await queue.get()) is not None:
                yield event
        finally:
            ref.stop()


class _Passage(Actor):
    """Passes the events of the cluster to an iterator, as fast as that takes them."""

    def __init__(self, queue: asyncio.Queue[ClusterEvent | None], as_events: bool) -> None:
        self._queue = queue
        self._initial = _native.INITIAL_STATE_AS_EVENTS if as_events else _native.INITIAL_STATE_AS_SNAPSHOT

    def pre_start(self, context: Context) -> None:
        _native.cluster_subscribe(context.system._node.handle, context.self._handle, self._initial)

    async def receive(self, context: Context, message: Any) -> None:
        if isinstance(message, ClusterEvent):
            await self._queue.put(message)

    def post_stop(self, context: Context) -> None:
        while self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(None)


class _Listener(Actor):
    """Calls a function once when this node is told of itself what is waited for."""

    def __init__(self, wanted: type[MemberEvent], call: Callable[[], object]) -> None:
        self._wanted = wanted
        self._call = call

    def pre_start(self, context: Context) -> None:
        node = context.system._node.handle
        self._uid = _native.system_uid(node)
        _native.cluster_subscribe(node, context.self._handle, _native.INITIAL_STATE_AS_EVENTS)

    def receive(self, context: Context, message: Any) -> None:
        if isinstance(message, self._wanted) and message.member.uid == self._uid:
            context.self.stop()
            try:
                self._call()
            except Exception:
                _log.exception("the function that waited for %s failed", self._wanted.__name__)


def _member(state: Any, index: int) -> Member:
    roles = _native.cluster_state_roles(state, index)
    return Member(
        _native.cluster_state_address(state, index),
        _native.cluster_state_uid(state, index),
        _native.cluster_state_status(state, index),
        roles=tuple(roles.split(",")) if roles else (),
        up_number=_native.cluster_state_up_number(state, index),
        version=_native.cluster_state_version(state, index),
    )
