"""Actor: behaviour written in Python. A class with handlers, or a function; one message at a time.

Knows how a message finds its handler. Must never know the native module.
"""

from __future__ import annotations

import copy
import enum
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from motet.messages import Message
from motet.routing import Logic, Resizer

if TYPE_CHECKING:
    from motet.context import Context
    from motet.signals import PostRestart, PreRestart

_Function = TypeVar("_Function", bound=Callable[..., Any])


class _Unhandled(enum.Enum):
    UNHANDLED = "unhandled"


#: What a handler returns for a message that it does not know: a dead letter with that cause.
UNHANDLED = _Unhandled.UNHANDLED

#: An actor without a class: f(context, message), plain or async.
Handler = Callable[["Context", Any], Any]


def handles(*types: type | str) -> Callable[[_Function], _Function]:
    """Marks the method of an Actor that handles messages of these classes (or type names, for motet.Message)."""

    def mark(function: _Function) -> _Function:
        function.__motet_handles__ = types  # type: ignore[attr-defined]
        return function

    return mark


class Actor:
    """Base of actors that are classes. Methods may be plain or `async def`; all run on the system's event loop.

    A plain method must not block. While an async method waits, other actors run, but not this one.
    """

    _handlers: ClassVar[Mapping[type | str, str]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = {key: name for name, value in vars(cls).items() for key in getattr(value, "__motet_handles__", ())}
        cls._handlers = {**cls._handlers, **own}

    def receive(self, context: Context, message: Any) -> Any:
        """Handles one message: by default by the method marked with `handles` for its class or a base of it."""
        cls = type(message)
        name = self._handlers.get(message.type_name if cls is Message else cls)
        if name is None:
            name = next((self._handlers[base] for base in cls.__mro__ if base in self._handlers), None)
        return UNHANDLED if name is None else getattr(self, name)(context, message)

    def pre_start(self, context: Context) -> Awaitable[None] | None:
        """Before the first message of a fresh actor."""

    def post_stop(self, context: Context) -> Awaitable[None] | None:
        """The last thing that runs."""

    def pre_restart(self, context: Context, reason: PreRestart) -> Awaitable[None] | None:
        """On the failed instance, before it is replaced: does post_stop."""
        return self.post_stop(context)

    def post_restart(self, context: Context, reason: PostRestart) -> Awaitable[None] | None:
        """On the instance that replaces the failed one: does pre_start."""
        return self.pre_start(context)


class _FunctionActor(Actor):
    """A function in the place of a class."""

    def __init__(self, function: Handler) -> None:
        self.receive = function  # type: ignore[assignment, method-assign]


class Props:
    """Describes an actor: its class and the arguments of every instance, or its function; and its settings."""

    __slots__ = ("behavior", "args", "kwargs", "settings", "type_name")

    def __init__(self, behavior: type[Actor] | Handler, *args: Any, **kwargs: Any) -> None:
        if not (issubclass(behavior, Actor) if isinstance(behavior, type) else callable(behavior)):
            raise TypeError(f"{behavior!r} is no behaviour: give a subclass of motet.Actor or a function")
        if not isinstance(behavior, type) and (args or kwargs):
            raise TypeError(f"{behavior!r} is a function: arguments are for classes; use functools.partial")
        self.behavior: type[Actor] | Handler | None = behavior
        self.args = args
        self.kwargs = kwargs
        self.settings: Mapping[str, str] = {}
        self.type_name = ""

    @classmethod
    def of_type(cls, type_name: str, *args: Any, **kwargs: Any) -> Props:
        """Describes an actor by the name of a type that is registered where it is created.

        That is here, or on the node that the setting "remote" names, in whatever language. What it is made with are
        positional arguments or arguments by name, not both: values that messages can have. Where the type is a class of
        Python they go to its constructor.
        """
        if args and kwargs:
            raise TypeError("an actor of a type is made with positional arguments or with arguments by name, not with both")
        made = cls.__new__(cls)
        made.behavior, made.args, made.kwargs, made.settings, made.type_name = None, args, kwargs, {}, type_name
        return made

    def with_setting(self, key: str, value: object) -> Props:
        """The same with one property, such as "supervision.directive" = "stop". Checked when the actor is spawned."""
        made = copy.copy(self)
        made.settings = {**self.settings, key: str(value)}
        return made

    def _with_arguments(self, arguments: Any) -> Props:
        """The same with what an actor of a type was made with: a list of arguments, or a map of those by name."""
        made = copy.copy(self)
        if isinstance(arguments, dict):
            made.kwargs = {**self.kwargs, **arguments}
        elif isinstance(arguments, list):
            made.args = (*self.args, *arguments)
        elif arguments is not None:
            made.args = (*self.args, arguments)
        return made

    def make(self) -> Actor:
        """A fresh instance."""
        if self.behavior is None:
            raise TypeError(f"actors of type {self.type_name!r} are made where that is registered")
        if not isinstance(self.behavior, type):
            if self.args or self.kwargs:
                raise TypeError(f"{self.behavior!r} is a function: actors of it are made without arguments")
            return _FunctionActor(self.behavior)
        instance: Actor = self.behavior(*self.args, **self.kwargs)
        return instance


def pool(routee: type[Actor] | Handler | Props, logic: Logic, size: int | Resizer) -> Props:
    """Describes a pool: a router that makes and supervises its routees, so many of them or as many as a resizer says.

    motet.pool(Worker, motet.routing.RoundRobin(), 5); the settings of the props, such as "supervision.directive", are
    those of each routee.
    """
    made = routee if isinstance(routee, Props) else Props(routee)
    settings = size.settings() if isinstance(size, Resizer) else {"router.instances": size}
    return _router(made, f"{logic.name}-pool", logic, settings)


def group(logic: Logic, paths: Iterable[str]) -> Props:
    """Describes a group: a router over actors that were made elsewhere, on any node.

    motet.group(motet.routing.Random(), ["/user/a", "motet.tcp://Other@host:2551/user/b"])
    """
    return _router(Props.of_type(""), f"{logic.name}-group", logic, {"router.paths": ",".join(paths)})


def _router(props: Props, kind: str, logic: Logic, settings: Mapping[str, object]) -> Props:
    for key, value in {"router": kind, **logic.settings(), **settings}.items():
        props = props.with_setting(key, value)
    return props
