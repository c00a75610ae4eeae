"""Messages: ordinary values with a registered type name, and how they become MessagePack maps and back.

Knows dataclasses and their hints. Must never know systems or the native module.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Callable
from typing import Any, TypeVar

from motet.codecs import BUILT_IN, codec_of

_Class = TypeVar("_Class", bound=type)
_Value = TypeVar("_Value")

#: What turns a plain value into the value that a field's hint asks for; None when it is that already.
_Converter = Callable[[Any], Any]

_names: dict[type, str] = {}
_classes: dict[str, type] = {}
_readers: dict[type, _Reader] = {}


@dataclasses.dataclass(frozen=True, slots=True)
class Message:
    """A message by the name of its type, for types that have no class here: value is its payload."""

    type_name: str
    value: Any = None


@typing.dataclass_transform(frozen_default=True)
def message(name: str) -> Callable[[_Class], _Class]:
    """Registers a class as the message type `name`; makes it a frozen dataclass unless it is a dataclass already.

    The same name is used in every language and process. A field is sent by its name; when a message arrives, keys that
    the class does not have are ignored, and fields that did not come take their defaults. Behind a '+' the name tells
    the codec: "demo.Job+json". With utf8 and raw a class has one field, whose value is the payload; with a codec of the
    program, see motet.register_codec, the class stays as it is.
    """
    if not 1 <= len(name) <= 255 or not name.isascii() or not name.isprintable() or name.startswith("motet."):
        raise ValueError(f"message type {name!r}: 1 to 255 printable ASCII characters, not starting with 'motet.'")

    codec = codec_of(name)

    def register(cls: _Class) -> _Class:
        made: Any = cls
        if codec in BUILT_IN and not dataclasses.is_dataclass(cls):
            made = dataclasses.dataclass(frozen=True, slots=True)(cls)
        if codec in ("utf8", "raw") and len(dataclasses.fields(made)) != 1:
            raise ValueError(f"message type {name!r}: a class for {codec} has one field, whose value is the payload")
        other = _classes.get(name)
        if other is not None and (other.__module__, other.__qualname__) != (made.__module__, made.__qualname__):
            raise ValueError(f"message type {name!r} is already the class {other.__module__}.{other.__qualname__}")
        _names[made] = name
        _classes[name] = made
        return typing.cast(_Class, made)

    return register


def type_name_of(cls: type) -> str:
    """The name that a message class was registered with."""
    try:
        return _names[cls]
    except KeyError:
        raise TypeError(
            f"{cls.__module__}.{cls.__qualname__} is no message: "
            "register the class with @motet.message(name), or send a motet.Message(type_name, value)"
        ) from None


def class_of(name: str) -> type | None:
    """The class registered for a type name, None when there is none in this process."""
    return _classes.get(name)


def fields_of(value: Any) -> dict[str, Any]:
    """The fields of a dataclass value as the map that is sent; inner values are left as they are."""
    cls = type(value)
    names = _field_names.get(cls)
    if names is None:
        if not dataclasses.is_dataclass(cls):
            raise TypeError(f"{value!r} of {cls.__qualname__} cannot be part of a message")
        names = _field_names[cls] = tuple(field.name for field in dataclasses.fields(cls))
    return {name: getattr(value, name) for name in names}


_field_names: dict[type, tuple[str, ...]] = {}


def read(cls: type[_Value], value: Any) -> _Value:
    """Makes a value of a dataclass from the map that arrived. ValueError says what does not fit."""
    made: _Value = reader_of(cls)(value)
    return made


def reader_of(cls: type) -> Callable[[Any], Any]:
    """What makes values of a dataclass, to be kept where many arrive."""
    reader = _readers.get(cls)
    if reader is None:
        reader = _readers[cls] = _Reader(cls)
    return reader


class _Reader:
    """Makes values of one dataclass: which fields there are and what each is turned into."""

    def __init__(self, cls: type) -> None:
        hints = typing.get_type_hints(cls)
        self._class = cls
        self._fields = frozenset(field.name for field in dataclasses.fields(cls) if field.init)
        self._converters = {name: convert for name in self._fields if (convert := _converter(hints[name])) is not None}

    def __call__(self, value: Any) -> Any:
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise ValueError(f"{self._class.__qualname__}: a map was expected, not {type(value).__name__}")
        fields = value if value.keys() == self._fields else {k: v for k, v in value.items() if k in self._fields}
        for name, convert in self._converters.items():
            if fields.get(name) is not None:
                fields[name] = convert(fields[name])
        try:
            return self._class(**fields)
        except TypeError as error:  # a field without default that did not come
            raise ValueError(f"{self._class.__qualname__}: {error}") from None


def _converter(hint: Any) -> _Converter | None:
    """What a hint asks for beyond what MessagePack gives: dataclasses, enums, sequences other than lists."""
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return lambda value: read(hint, value)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        kept = [argument for argument in arguments if argument is not type(None)]
        return _converter(kept[0]) if len(kept) == 1 else None
    if origin is dict:
        inner = _converter(arguments[1])
        return None if inner is None else lambda value: {key: inner(item) for key, item in value.items()}
    sequence = origin or hint
    if sequence not in (list, tuple, set, frozenset):
        return None
    each = _converter(arguments[0]) if arguments and (sequence is not tuple or arguments[1:] == (...,)) else None
    if each is not None:
        return lambda value: sequence(each(item) for item in value)
    return None if sequence is list else sequence
