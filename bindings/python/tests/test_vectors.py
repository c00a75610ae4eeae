"""Vectors: payloads that every language reads and writes alike, tests/vectors/payload.tsv."""

import pathlib

from conftest import run_local

import motet

FILE = pathlib.Path(__file__).parents[3] / "tests/vectors/payload.tsv"


@motet.message("vector.Inner")
class Inner:
    name: str
    count: int


class Sample:
    flag: bool
    small: int
    large: int
    ratio: float
    text: str
    numbers: list[int]
    inner: Inner
    nothing: Inner | None
    pages: dict[str, int]
    who: motet.ActorRef


motet.message("vector.Sample")(type("Sample", (), {"__annotations__": Sample.__annotations__}))
motet.message("vector.Sample+json")(type("SampleJson", (), {"__annotations__": Sample.__annotations__}))


@motet.message("vector.Line+utf8")
class Line:
    text: str


@motet.message("vector.Blob+raw")
class Blob:
    data: bytes


def describe(value):
    match value:
        case None:
            return "nil"
        case bool():
            return str(value).lower()
        case float():
            return f"{value:.4f}"
        case int():
            return str(value)
        case str():
            return f"'{value}'"
        case bytes():
            return "x" + value.hex()
        case list():
            return f"[{', '.join(map(describe, value))}]"
        case dict():
            return "{" + ", ".join(f"{describe(key)}: {describe(item)}" for key, item in value.items()) + "}"
        case motet.ActorRef():
            return f"<{value}>"
    return describe({name: getattr(value, name) for name in value.__slots__})


def test_vectors():
    lines = [line.split("\t") for line in FILE.read_text().splitlines() if not line.startswith("#")]

    async def main(system):
        codec = system._node.codec
        for name, payload, meaning in lines:
            message = codec.decode(codec.number(name), bytes.fromhex(payload), None)
            value = message.value if name.startswith("vector.Any") else message
            assert describe(value) == meaning, name
            assert codec.encode(message) == (codec.number(name), bytes.fromhex(payload)), meaning

    assert len(lines) > 60
    run_local(main, **{"system.name": "vectors"})
