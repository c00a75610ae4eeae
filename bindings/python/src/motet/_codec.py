"""Codec: messages of one system as (type number, bytes) and back.

Knows MessagePack, the registry of message classes and the system's numbers of types.
Must never know actors or how bytes travel.
"""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgpack

from motet import _native
from motet.errors import make_error
from motet.messages import Message, class_of, fields_of, reader_of, type_name_of
from motet.refs import ActorRef
from motet.signals import read_signal, write_signal

if TYPE_CHECKING:
    from motet._node import Node

_FIRST_USER = _native.TYPE_FIRST_USER
_REF = _native.EXTENSION_REF


class Codec:
    """Encodes what is sent and decodes what arrives. May be used from any thread."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._numbers: dict[type | str, int] = {}
        self._names: dict[int, str] = {}
        self._readers: dict[int, Callable[[Any], Any]] = {}
        self._local = threading.local()  # a packer is not to be shared between threads

    def encode(self, message: Any) -> tuple[int, bytes]:
        """Type number and payload. TypeError or ValueError name what cannot be sent."""
        cls = type(message)
        number = self._numbers.get(cls)
        if number is not None:
            return number, self._pack(fields_of(message))
        if cls is Message:
            return self.number(message.type_name), self._pack(message.value)
        if (signal := write_signal(message)) is not None:
            return signal[0], self._pack(signal[1])
        self._numbers[cls] = self.number(type_name_of(cls))
        return self._numbers[cls], self._pack(fields_of(message))

    def decode(self, number: int, data: bytes, sender: ActorRef | None) -> Any:
        """The message: a value of its registered class, a signal, or a Message. ValueError says what is malformed."""
        value = self._unpack(data) if data else None
        if number < _FIRST_USER:
            return read_signal(number, value, sender)
        reader = self._readers.get(number)
        if reader is None:
            name = self.name(number)
            cls = class_of(name)
            if cls is None:
                return Message(name, value)
            reader = self._readers[number] = reader_of(cls)
        return reader(value)

    def number(self, name: str) -> int:
        """The system's number of a type name."""
        number = self._numbers.get(name)
        if number is None:
            number = _native.system_type(self._node.handle, name)
            if number < 0:
                raise make_error(number, f"message type {name!r}: {_native.code_text(number)}")
            self._numbers[name] = number
        return number

    def name(self, number: int) -> str:
        """The name of a type number that arrived."""
        name = self._names.get(number)
        if name is None:
            name = self._names[number] = _native.system_type_name(self._node.handle, number) or f"unknown.{number}"
        return name

    def _pack(self, value: Any) -> bytes:
        packer = getattr(self._local, "packer", None)
        if packer is None:
            packer = self._local.packer = msgpack.Packer(default=_plain)
        packed: bytes = packer.pack(value)
        return packed

    def _unpack(self, data: bytes) -> Any:
        try:
            return msgpack.unpackb(data, ext_hook=self._extension, strict_map_key=False)
        except TypeError as error:  # a map key that Python cannot hash
            raise ValueError(str(error)) from None

    def _extension(self, code: int, data: bytes) -> Any:
        if code == _REF:
            return self._node.ref(data.decode())
        return msgpack.ExtType(code, data)


def _plain(value: Any) -> Any:
    """What MessagePack has no form for: refs, dataclasses inside messages, enums, sets."""
    if isinstance(value, ActorRef):
        return msgpack.ExtType(_REF, value.path.encode())
    if isinstance(value, (set, frozenset)):
        return list(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, int):
        raise ValueError(f"{value} cannot be part of a message: integers have 64 bits, from -2**63 to 2**64 - 1")
    return fields_of(value)
