"""Codec: messages of one system as (type number, bytes) and back.

Knows MessagePack, the codecs, the registry of message classes and the system's numbers of types.
Must never know actors or how bytes travel.
"""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgpack

from motet import _native
from motet.codecs import BUILT_IN, codec_of, registered
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
        self._numbers: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._encoders: dict[type | str, tuple[int, Callable[[Any], bytes]]] = {}
        self._decoders: dict[int, Callable[[bytes], Any]] = {}
        self._local = threading.local()  # a packer is not to be shared between threads

    def encode(self, message: Any) -> tuple[int, bytes]:
        """Type number and payload. TypeError or ValueError name what cannot be sent."""
        cls = type(message)
        known = self._encoders.get(cls)
        if known is not None:
            return known[0], known[1](message)
        if cls is Message:
            name, value = message.type_name, message.value
            known = self._encoders.get(name)
            if known is None:
                encode = self._encoder(codec_of(name))
                known = self._encoders[name] = (self.number(name), encode)
            return known[0], known[1](value)
        if (signal := write_signal(message, self._wrapped)) is not None:
            return signal[0], self.pack(signal[1])
        name = type_name_of(cls)
        codec = codec_of(name)
        encode = self._encoder(codec)
        if codec in ("utf8", "raw"):
            known = self.number(name), lambda message: encode(next(iter(fields_of(message).values())))
        elif codec in BUILT_IN:
            known = self.number(name), lambda message: encode(fields_of(message))
        else:
            known = self.number(name), encode
        self._encoders[cls] = known
        return known[0], known[1](message)

    def _wrapped(self, message: Any) -> dict[str, Any]:
        number, data = self.encode(message)
        return {"type": self.name(number), "payload": data}

    def decode(self, number: int, data: bytes, sender: ActorRef | None) -> Any:
        """The message: a value of its registered class, a signal, or a Message. ValueError says what is malformed."""
        if number < _FIRST_USER:
            return read_signal(number, self.unpack(data), sender)
        decoder = self._decoders.get(number)
        if decoder is None:
            name = self.name(number)
            cls = class_of(name)
            decoder = self._decoder(codec_of(name), name, cls)
            if cls is not None:  # else it may be registered later
                self._decoders[number] = decoder
        return decoder(data)

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

    def _encoder(self, codec: str) -> Callable[[Any], bytes]:
        """What makes a payload of a value."""
        if codec == "msgpack":
            return self.pack
        if codec == "json":
            return lambda value: _native.json_from_msgpack(self.pack(value))
        if codec == "utf8":
            return _encode_text
        return _encode_bytes if codec == "raw" else registered(codec).encode

    def _decoder(self, codec: str, name: str, cls: type | None) -> Callable[[bytes], Any]:
        """What makes a message of a payload."""
        if codec not in BUILT_IN:
            decode = registered(codec).decode
            return lambda data: _decoded(decode, data, cls) if cls else Message(name, _decoded(decode, data, None))
        read: Callable[[bytes], Any]
        if codec == "msgpack":
            read = self.unpack
        elif codec == "json":
            read = lambda data: self.unpack(_native.json_to_msgpack(data) if data else data)  # noqa: E731
        else:
            read = bytes if codec == "raw" else bytes.decode
        if cls is None:
            return lambda data: Message(name, read(data))
        make = cls if codec in ("utf8", "raw") else reader_of(cls)
        return lambda data: make(read(data))

    def pack(self, value: Any) -> bytes:
        """A value as MessagePack."""
        packer = getattr(self._local, "packer", None)
        if packer is None:
            packer = self._local.packer = msgpack.Packer(default=_plain)
        packed: bytes = packer.pack(value)
        return packed

    def unpack(self, data: bytes) -> Any:
        """The value of MessagePack; None of nothing. ValueError says what is malformed."""
        if not data:
            return None
        try:
            return msgpack.unpackb(data, ext_hook=self._extension, strict_map_key=False)
        except TypeError as error:  # a map key that Python cannot hash
            raise ValueError(str(error)) from None

    def _extension(self, code: int, data: bytes) -> Any:
        if code == _REF:
            return self._node.ref(data.decode())
        return msgpack.ExtType(code, data)


def _encode_text(value: Any) -> bytes:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value.encode()


def _encode_bytes(value: Any) -> bytes:
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"{value!r} is not bytes")
    return bytes(value)


def _decoded(decode: Callable[[bytes, type | None], Any], data: bytes, cls: type | None) -> Any:
    """What a codec of the program makes of a payload; whatever it raises says that the payload is malformed."""
    try:
        return decode(data, cls)
    except Exception as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


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
