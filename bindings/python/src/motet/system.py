"""System: one node, as a program holds it: start, spawn, close.

Knows on which event loop handlers run: the one it was made on, or one in a thread of its own.
Must never leave anything running: a program that ends without closing is closed, a forked child is left alone.
"""

from __future__ import annotations

import asyncio
import atexit
import contextvars
import os
import signal
import threading
import warnings
import weakref
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

from motet import _native
from motet._codes import Code
from motet._node import Node
from motet._scope import current
from motet._tasks import TaskScope
from motet.actor import Actor, Handler, Props
from motet.cluster import Cluster
from motet.config import make_config
from motet.context import Context
from motet.errors import Error, TimeoutError, make_error
from motet.refs import ActorRef
from motet.shutdown import Shutdown, ShutdownReason
from motet.signals import Identify
from motet.trace import Span

_T = TypeVar("_T")

_living: weakref.WeakSet[System] = weakref.WeakSet()


@dataclass(frozen=True, slots=True)
class Peer:
    """Another node, as `System.peers` knows it."""

    address: str
    #: Of the association: "idle", "handshaking", "active", "gated" or "quarantined".
    state: str
    #: The life of the node that was met last; 0: none was.
    uid: int
    #: How strongly it is suspected of having failed; 0 for a node that nothing here watches.
    phi: float
    #: The bytes that wait to be sent to it.
    queued: int


class System:
    """A node: it owns actors, sockets and the membership of a cluster.

    Made inside a coroutine, its handlers run on that event loop: `async with motet.System() as system`. Made elsewhere,
    they run on a loop in a thread of its own: `with motet.System() as system`, and `system.run(...)` waits for what is
    asynchronous.
    """

    def __init__(
        self,
        settings: Mapping[str, object] | None = None,
        *,
        file: str | os.PathLike[str] | None = None,
        environment: bool = False,
    ) -> None:
        """Starts a system: the defaults, then the TOML file, then MOTET_* of the environment, then the settings.

        Raises motet.InvalidError for a setting that does not exist or has a value that is not accepted.
        """
        config = make_config(settings, file, environment)
        self._thread: threading.Thread | None = None
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=_serve, args=(loop,), name="motet", daemon=True)
        try:
            self._node = Node(self, config, loop)
        except BaseException:
            if self._thread is not None:
                loop.close()
            raise
        self._node.attach()
        self.cluster = Cluster(self._node)
        self.shutdown = Shutdown(self)
        if self._thread is not None:
            self._thread.start()
        _living.add(self)

    @property
    def address(self) -> str:
        """ "motet.tcp://System@host:port", or "motet://System" without remoting."""
        return _native.system_address(self._node.handle)

    @property
    def uid(self) -> int:
        """The number of this life of the node; 0 when closed."""
        return _native.system_uid(self._node.handle)

    @property
    def closed(self) -> bool:
        return self._node.closed.is_set()

    def spawn(self, behavior: type[Actor] | Handler | Props, name: str | None = None) -> ActorRef:
        """Creates an actor below /user: of a class, of a function f(context, message), or of Props."""
        return self._node.spawn(behavior, name)

    def register_actor(self, type_name: str, behavior: type[Actor] | Handler | Props) -> None:
        """Registers a type of actors by name, so that `Props.of_type` describes them, here and on other nodes.

        Other nodes create them here as far as remote.creation.allow and remote.creation.deny let them.
        """
        self._node.register_actor(type_name, behavior)

    def ref(self, path: str) -> ActorRef:
        """The actor that a path names: "/user/a" here, "motet.tcp://S@host:1/user/a" anywhere, "/user/*" for all."""
        return self._node.ref(path)

    async def resolve(self, path: str, timeout: float = 5.0) -> ActorRef:
        """Finds out whether an actor exists: the incarnation that answers at a path, here or on any other node.

        Of several that a selection matches it is the one whose answer comes first. Raises motet.Error with
        Code.NOT_FOUND when nobody is there, motet.TimeoutError after timeout seconds, and what `ask` raises.
        """
        identity = await self.ref(path).ask(Identify(), timeout)
        if identity.ref is None:
            raise make_error(Code.NOT_FOUND, f"no actor is at {path}")
        return identity.ref

    def peers(self) -> tuple[Peer, ...]:
        """What is known now of every other node that was sent to or heard from, by address in order."""
        peers = _native.system_peers(self._node.handle)
        return tuple(
            Peer(
                _native.peers_address(peers, index),
                _native.peers_state(peers, index),
                _native.peers_uid(peers, index),
                _native.peers_phi(peers, index),
                _native.peers_queued(peers, index),
            )
            for index in range(_native.peers_count(peers))
        )

    def reload_keys(self) -> None:
        """Reads remote.curve.key-file and remote.curve.peers-file again: who was taken out of the list is heard no longer,
        who was added may connect.

        Raises motet.Error that names the file that is not good; a good list is taken even when the key file is not good.
        With Code.BAD_STATE the system has no keys, or its own key is another one, which takes a restart.
        """
        _native.system_reload_keys(self._node.handle)

    def subscribe(self, subscriber: ActorRef, topic: str) -> None:
        """Subscribes an actor to "cluster", "dead-letters", "mailboxes" or "remoting" events."""
        _native.system_subscribe(self._node.handle, subscriber._handle, topic)

    def unsubscribe(self, subscriber: ActorRef, topic: str) -> None:
        """Ends such a subscription."""
        _native.system_unsubscribe(self._node.handle, subscriber._handle, topic)

    def span(self, name: str, traceparent: str | None = None) -> Span:
        """A span for a `with` block, child of what runs now or of a traceparent header value."""
        return Span(self._node, name, traceparent)

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Runs a coroutine on the loop of a system that was made outside of one, and waits for its result."""
        if self._thread is None or threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("system.run() is for programs without an event loop; here, await instead")
        future = self._node.submit(work)
        try:
            return future.result()
        finally:
            future.cancel()

    async def wait_closed(self) -> None:
        """Waits until the system has closed, for whatever reason."""
        if asyncio.get_running_loop() is not self._node.loop:
            return await asyncio.wrap_future(self._node.submit(self.wait_closed()))
        await self._node.closed.wait()

    async def run_until_terminated(self) -> None:
        """Waits until the system has closed, or the process gets SIGTERM or SIGINT; then closes it."""
        loop = asyncio.get_running_loop()
        stopped = asyncio.Event()
        numbers = (signal.SIGTERM, signal.SIGINT)
        for number in numbers:
            loop.add_signal_handler(number, stopped.set)
        waits = [asyncio.ensure_future(self.wait_closed()), asyncio.ensure_future(stopped.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)
            for wait in waits:
                wait.cancel()
        await self.close()

    async def close(self, timeout: float = 10.0) -> None:
        """Leaves the cluster, stops every actor, sends what is queued; at most timeout seconds. Idempotent.

        Runs the phases of `shutdown`. Raises motet.TimeoutError when something had to be cut off. Called by a handler or
        a task of the shutdown, it only starts the close, which waits for them among others.
        """
        await self._shut_down(ShutdownReason.ACTOR_SYSTEM_TERMINATE, None, timeout)

    async def _shut_down(self, reason: ShutdownReason, from_phase: str | None, timeout: float | None) -> None:
        node = self._node
        if node.forked:
            return
        if asyncio.get_running_loop() is not node.loop:
            return await asyncio.wrap_future(node.submit(self._shut_down(reason, from_phase, timeout)))
        scope = current.get()
        if isinstance(scope, (Context, TaskScope)) and scope.node is node:
            node.start_task(self._shut_down(reason, from_phase, timeout), contextvars.Context())
            return
        milliseconds = -1 if timeout is None else round(timeout * 1000)
        begun = True
        try:
            await asyncio.to_thread(_native.shutdown_run, node.handle, int(reason), from_phase, milliseconds)
        except Error:
            begun = self.uid == 0  # else there was no such phase
            raise
        finally:
            if begun:
                _native.dispatcher_close(node.dispatcher)
                node.finish()

    async def __aenter__(self) -> System:
        if self._thread is not None:
            raise RuntimeError("async with: make the system inside the coroutine, so that it uses its event loop")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __enter__(self) -> System:
        if self._thread is None:
            raise RuntimeError("with: inside a coroutine use async with, so that the event loop can close the system")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop(10.0)

    def _stop(self, timeout: float) -> None:
        """Closes a system with a thread of its own, and ends the thread."""
        if self._node.forked or self._thread is None or not self._thread.is_alive():
            return
        try:
            self.run(self.close(timeout))
        finally:
            self._node.loop.call_soon_threadsafe(self._node.loop.stop)
            self._thread.join()

    def _abandon(self) -> None:
        """What the end of the program does with a system that was not closed: nothing graceful, nothing that waits."""
        if self._node.forked or self.closed:
            return
        warnings.warn(f"{self!r} was not closed", ResourceWarning, stacklevel=2)
        _native.dispatcher_close(self._node.dispatcher)
        try:
            _native.system_close(self._node.handle, 0)
        except TimeoutError:
            pass  # something was cut off, as expected
        if self._thread is not None:
            self._node.loop.call_soon_threadsafe(self._node.loop.stop)
            self._thread.join()

    def __repr__(self) -> str:
        return f"<motet.System {'closed' if self.closed else self.address}>"


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


def _at_exit() -> None:
    for system in list(_living):
        system._abandon()


def _in_forked_child() -> None:
    for system in list(_living):
        system._node.forked = True


atexit.register(_at_exit)
os.register_at_fork(after_in_child=_in_forked_child)
