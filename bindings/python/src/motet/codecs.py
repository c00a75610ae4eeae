"""Codecs: how values become payloads, by the name that stands behind the '+' in the name of a message type.

Knows the names, and codecs that the program brings along. Must never know systems or how bytes travel.
"""

from __future__ import annotations

import re
from typing import Any, Protocol

from motet import _native

#: Every language has these: values as MessagePack and as JSON, texts in UTF-8, bytes.
BUILT_IN = frozenset({"msgpack", "json", "utf8", "raw"})

_NAME = re.compile(r"[a-z0-9._-]+")

_codecs: dict[str, Codec] = {}


class Codec(Protocol):
    """What turns messages into bytes and back; what it raises says why it cannot."""

    def encode(self, message: Any) -> bytes:
        """The payload of a message: of an object of a registered class, or of what is in a motet.Message."""

    def decode(self, data: bytes, cls: type | None) -> Any:
        """The message: an object of the registered class, or with None what a motet.Message is to have."""


def register_codec(name: str, codec: Codec) -> None:
    """Registers a codec for all message types whose names end with "+name", in every system of this process."""
    if name in BUILT_IN or not _NAME.fullmatch(name):
        raise ValueError(
            f"codec {name!r}: a name of a-z, 0-9, '.', '-' and '_', and not {', '.join(sorted(BUILT_IN))}, is expected"
        )
    if _codecs.setdefault(name, codec) is not codec:
        raise ValueError(f"codec {name!r} is already {_codecs[name]!r}")


def codec_of(type_name: str) -> str:
    """The codec in the name of a type: "json" of "demo.Job+json", "msgpack" of "demo.Job"."""
    codec = _native.type_codec(type_name)
    if not _NAME.fullmatch(codec):
        raise ValueError(f"message type {type_name!r}: behind the '+' a codec's name of a-z, 0-9, '.', '-' and '_' is expected")
    return codec


def registered(name: str) -> Codec:
    """The codec of the program with a name. ValueError: there is none."""
    try:
        return _codecs[name]
    except KeyError:
        raise ValueError(f"codec {name!r} is not registered: motet.register_codec") from None
