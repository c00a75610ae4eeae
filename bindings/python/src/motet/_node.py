"""Node: the engine's side of one system: its handles, its actors, and the event loop that runs them.

Knows the foreign dispatcher: its descriptor wakes the loop, a batch is drained, every claim is run.
Must never be touched by a thread of the engine: work is fetched, nothing calls in.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import itertools
import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from motet import _native
from motet._cell import Cell
from motet._codec import Codec
from motet._codes import Code
from motet._scope import current
from motet._tasks import Tasks
from motet._timers import TICK
from motet.actor import Actor, Handler, Props
from motet.errors import Error, make_error
from motet.refs import ActorRef

if TYPE_CHECKING:
    from motet.system import System

_log = logging.getLogger("motet")

_T = TypeVar("_T")

#: Deliveries of one poll; between two polls the loop runs what else is ready.
BATCH = 256


class Node:
    """One running system. Handlers run on loop; everything else may be called from any thread."""

    def __init__(self, system: System, config: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.system = system
        self.loop = loop
        self.handle = _native.system_start(config)
        self.dispatcher = _native.dispatcher_new(self.handle)
        self.codec = Codec(self)
        self.tasks = Tasks(self)
        self.tick_type = self.codec.number(TICK)
        self.closed = asyncio.Event()
        self.forked = False
        self._batch = _native.batch_new()
        self._cells: dict[int, Cell] = {}
        self._types: dict[str, Props] = {}
        self._numbers = itertools.count(1)
        self._asks: dict[int, asyncio.Future[Any]] = {}
        self._endings: set[Callable[[], None]] = set()
        self._running: set[asyncio.Task[None]] = set()

    def attach(self) -> None:
        """Has the loop wake up for work; on the loop's own thread."""
        self._descriptor = _native.dispatcher_fd(self.dispatcher)
        self.loop.add_reader(self._descriptor, self._drain)

    def ref(self, path: str) -> ActorRef:
        return ActorRef(self, _native.system_ref(self.handle, path))

    def spawn(self, behavior: type[Actor] | Handler | Props, name: str | None, parent: Any = None) -> ActorRef:
        """Creates an actor below /user, or below a parent."""
        props = behavior if isinstance(behavior, Props) else Props(behavior)
        if props.behavior is None:
            arguments = self.codec.pack(props.args or props.kwargs) if props.args or props.kwargs else None
            return ActorRef(self, self._create(_native.props_of_type(props.type_name, arguments), props, name, parent))
        cell = Cell(self, next(self._numbers), props)
        self._cells[cell.number] = cell  # before the engine can deliver anything
        try:
            described = _native.props_new_foreign(self.dispatcher, cell.number)
            cell.self_handle = self._create(described, props, name, parent)
        except BaseException:
            self.forget(cell)
            raise
        return ActorRef(self, cell.self_handle)

    def _create(self, described: Any, props: Props, name: str | None, parent: Any) -> Any:
        for key, value in props.settings.items():
            _native.props_set(described, key, value)
        if parent is None:
            return _native.system_spawn(self.handle, described, name)
        return _native.ref_spawn(parent, described, name)

    def register_actor(self, type_name: str, behavior: type[Actor] | Handler | Props) -> None:
        """Has actors of a type made by its name, here or from another node."""
        props = behavior if isinstance(behavior, Props) else Props(behavior)
        described = _native.props_new_foreign(self.dispatcher, 0)
        for key, value in props.settings.items():
            _native.props_set(described, key, value)
        taken = type_name in self._types
        self._types.setdefault(type_name, props)  # before the engine can make one
        try:
            _native.system_register_actor(self.handle, type_name, described)
        except BaseException:
            if not taken:
                del self._types[type_name]
            raise

    def _made(self, number: int, deliveries: list[Any]) -> None:
        """The first claim of an actor that the engine has made: its pre-start tells of which type, or of which router."""
        told = self.codec.unpack(deliveries[0][2]) if deliveries[0][0] == _native.TYPE_PRE_START else {}
        router = self._cells.get(told.get("props", 0))
        if router is None and "type" not in told:
            _native.dispatcher_complete(self.dispatcher, number, len(deliveries), Code.OK, None)  # it ends unbegun
            return
        try:
            props = router.props if router is not None else self._props_of_type(**told)
        except ValueError as error:
            _native.dispatcher_complete(self.dispatcher, number, 0, Code.MALFORMED, f"its arguments: {error}")
            return
        cell = self._cells[number] = Cell(self, number, props)
        cell.run(deliveries)

    def _props_of_type(self, type: str, arguments: bytes) -> Props:
        return self._types[type]._with_arguments(self.codec.unpack(arguments))

    def forget(self, cell: Cell) -> None:
        self._cells.pop(cell.number, None)

    async def ask(self, target: Any, message: Any, timeout: float) -> Any:
        """Asks an actor; the answer comes back through the dispatcher, to the loop that waits for it."""
        if asyncio.get_running_loop() is not self.loop:
            return await asyncio.wrap_future(self.submit(self.ask(target, message, timeout)))
        number, data = self.codec.encode(message)
        scope = current.get()
        trace = scope.trace if scope is not None and scope.node is self else None
        correlation = next(self._numbers)
        future = self._asks[correlation] = self.loop.create_future()
        try:
            milliseconds = max(1, round(timeout * 1000))
            code = _native.dispatcher_ask(self.dispatcher, target, correlation, number, data, milliseconds, trace)
            if code != 0:
                raise make_error(code, f"ask {ActorRef(self, target)}: {_native.code_text(code)}")
            return await future
        finally:
            del self._asks[correlation]

    def submit(self, work: Coroutine[Any, Any, _T]) -> concurrent.futures.Future[_T]:
        """Runs a coroutine on the loop of the system, from any other thread."""
        if self.forked:
            work.close()
            raise make_error(Code.FORKED)
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def at_end(self, call: Callable[[], object]) -> Callable[[], None]:
        """Has a call made when the system has ended. Gives what makes it now instead; it is made once."""

        def once() -> None:
            if once in self._endings:
                self._endings.discard(once)
                call()

        self._endings.add(once)
        return once

    def start_task(self, work: Coroutine[Any, Any, None], context: contextvars.Context | None = None) -> None:
        """Runs what nobody awaits as a task, which the loop alone would not keep alive."""
        task = self.loop.create_task(work, context=context)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def raise_later(self, error: BaseException) -> None:
        """Lets SystemExit and its like leave the loop, after the batch that is being run."""

        def leave() -> None:
            raise error

        self.loop.call_soon(leave)

    def finish(self) -> None:
        """Ends what waits for a system that is closed; on the loop's own thread. Idempotent."""
        if self.closed.is_set():
            return
        self.closed.set()
        self.loop.remove_reader(self._descriptor)
        for call in list(self._endings):
            self.loop.call_soon(call)
        for cell in self._cells.values():
            cell.timers.cancel_all()
        self._cells.clear()
        for task in self._running:
            if task is not asyncio.current_task(self.loop):
                task.cancel()  # a handler that was cut off
        for future in list(self._asks.values()):
            if not future.done():
                future.set_exception(make_error(Code.CLOSED, "the system was closed before the answer came"))

    def _drain(self) -> None:
        """Runs one batch of what waits; the descriptor stays readable while there is more."""
        taken = _native.dispatcher_take(self.dispatcher, self._batch, BATCH, 0)
        if taken is None:
            self.finish()
            return
        claims, answers, tasks = taken
        for answer in answers:
            self._answer(*answer)
        for number, deliveries in claims:
            cell = self._cells.get(number)
            if cell is None:
                self._made(number, deliveries)
            else:
                cell.run(deliveries)
        for number in tasks:
            self.tasks.begin(number)

    def _answer(self, correlation: int, answered: bool, number: int, sender: Any, data: bytes) -> None:
        future = self._asks.get(correlation)
        if future is None or future.done():
            return
        if not answered:
            future.set_exception(make_error(number, data.decode(errors="replace")))
            return
        try:
            future.set_result(self.codec.decode(number, data, None if sender is None else ActorRef(self, sender)))
        except (ValueError, Error) as error:
            future.set_exception(make_error(Code.MALFORMED, f"reply {self.codec.name(number)}: {error}"))
