"""Messages: dataclasses to MessagePack maps and back; what cannot be sent says so."""

import dataclasses
import enum

import msgpack
import pytest
from conftest import Collector, run_local, until

import motet
from motet import _native, messages


@motet.message("test.Inner")
class Inner:
    number: int = 0


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@motet.message("test.Outer")
class Outer:
    id: int
    inner: Inner | None = None
    pair: tuple[Inner, ...] = ()
    by_name: dict[str, Inner] = dataclasses.field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    route: list[motet.ActorRef] = dataclasses.field(default_factory=list)
    colour: Colour = Colour.RED
    anything: object = None


@motet.message("test.Local")
@dataclasses.dataclass
class Mutable:
    number: int = 0


def test_every_kind_of_value_survives_the_round_trip():
    values = [None, True, 0, -1, 2**63 - 1, -(2**63), 2**64 - 1, 1.5, float("inf"), "", "žluťoučký ﬀ 𝄞", b"", b"\0\xff"]
    values += [[1, [2, []]], {"a": {"b": [1]}, 3: "three"}, [None, False]]

    async def main(system):
        async def echo(context, message):
            context.reply(message)

        ref = system.spawn(echo, "echo")
        for value in values:
            assert (await ref.ask(motet.Message("test.Any", value))).value == value
        inners = (Inner(2), Inner(3))
        outer = Outer(
            7, Inner(1), inners, {"x": Inner(4)}, frozenset({"t"}), [ref], Colour.BLUE, {"deep": [ref, Inner(5)]}
        )
        got = await ref.ask(outer)
        assert dataclasses.replace(got, anything=None) == dataclasses.replace(outer, anything=None)
        assert got.anything == {"deep": [ref, {"number": 5}]}
        assert isinstance(got.route[0], motet.ActorRef) and isinstance(got.pair, tuple)

    run_local(main)


def test_a_message_is_a_frozen_dataclass_unless_it_is_one_already():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Inner().number = 1
    assert dataclasses.replace(Mutable(1), number=2) == Mutable(2)


def test_keys_without_field_are_ignored_and_missing_ones_take_defaults():
    assert messages.read(Outer, {"id": 1, "later": 2}) == Outer(1)
    assert messages.read(Inner, None) == Inner()
    with pytest.raises(ValueError, match="'id'"):
        messages.read(Outer, {})
    with pytest.raises(ValueError, match="'green' is not a valid Colour"):
        messages.read(Outer, {"id": 1, "colour": "green"})
    with pytest.raises(ValueError, match="a map was expected, not list"):
        messages.read(Outer, [1])


def test_an_unregistered_type_arrives_by_name():
    async def main(system):
        async def tell_type(context, message):
            assert isinstance(message, motet.Message)
            context.reply(Inner(len(message.type_name)))

        assert await system.spawn(tell_type).ask(motet.Message("other.Type", [1])) == Inner(10)

    run_local(main)


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (object(), TypeError, "is no message: register"),
        ("text", TypeError, "str is no message"),
        (motet.Message("test.Any", object()), TypeError, "cannot be part of a message"),
        (motet.Message("test.Any", 2**64), ValueError, "18446744073709551616 cannot be part of a message"),
        (motet.Message("", 1), ValueError, "message type ''"),
        (motet.Message("motet.x", 1), ValueError, "message type 'motet.x'"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_reason(value, error, text):
    async def main(system):
        with pytest.raises(error, match=text):
            system.spawn(lambda context, message: None).tell(value)

    run_local(main)


def test_bad_registrations_are_refused():
    for name in ("", "motet.mine", "tab\t", "ö", "x" * 256):
        with pytest.raises(ValueError, match="message type"):
            motet.message(name)(type("Bad", (), {}))
    with pytest.raises(ValueError, match="already the class"):
        motet.message("test.Inner")(type("Other", (), {}))


def test_a_malformed_payload_is_a_dead_letter_and_fails_nobody():
    from motet import _native

    async def main(system):
        letters = []
        system.subscribe(system.spawn(lambda context, message: letters.append(message)), "dead-letters")
        ref = system.spawn(lambda context, message: context.reply(message), "fine")
        number = system._node.codec.number("test.Outer")
        for payload in (b"\xc1", b"\x93\x01", msgpack.packb([1, 2]), msgpack.packb({"id": msgpack.ExtType(1, b"%%")})):
            assert _native.ref_tell(ref._handle, None, number, payload, None) == 0
        assert await ref.ask(Inner(3)) == Inner(3)
        from conftest import until

        await until(lambda: len(letters) == 4, "four dead letters")
        assert {letter.cause for letter in letters} == {motet.Code.UNHANDLED}
        assert {letter.type for letter in letters} == {"test.Outer"}

    run_local(main)


@motet.message("test.Job+json")
class JsonJob:
    id: int
    who: motet.ActorRef | None = None
    inner: Inner | None = None


@motet.message("test.Line+utf8")
class Line:
    text: str


@motet.message("test.Blob+raw")
class Blob:
    data: bytes


class Reverse:
    """A codec of the program, for classes that are no dataclasses too."""

    def encode(self, message):
        return (message.text if isinstance(message, Backwards) else message)[::-1].encode()

    def decode(self, data, cls):
        text = data.decode()[::-1]
        return cls(text) if cls else text


motet.register_codec("reverse", Reverse())


@motet.message("test.Backwards+reverse")
class Backwards:
    def __init__(self, text):
        self.text = text


def test_codecs_by_name():
    async def main(system):
        seen = []

        async def echo(context, message):
            seen.append(message)
            context.reply(message)

        ref = system.spawn(echo, "echo")
        job = JsonJob(7, ref, Inner(3))
        assert await ref.ask(job) == job
        assert await ref.ask(Line("größer")) == Line("größer") and await ref.ask(Line("")) == Line("")
        assert await ref.ask(Blob(b"\0\xff")) == Blob(b"\0\xff")
        assert (await ref.ask(Backwards("ab"))).text == "ab" and isinstance(seen[-1], Backwards)
        for name, value in [
            ("test.Any+json", {"a": [1, 2.0, None, ref]}),
            ("test.Any+json", None),
            ("test.Any+utf8", "text"),
            ("test.Any+raw", b"\xc1"),
            ("test.Any+reverse", "abc"),
        ]:
            assert await ref.ask(motet.Message(name, value)) == motet.Message(name, value)
        for message, error, text in [
            (motet.Message("test.Any+json", {"a": b"x"}), motet.Error, "binaries"),
            (motet.Message("test.Any+utf8", b"x"), TypeError, "no text"),
            (motet.Message("test.Any+raw", 5), TypeError, "not bytes"),
            (motet.Message("test.Any+unheard-of", 5), ValueError, "not registered"),
            (motet.Message("test.Any+", 5), ValueError, "behind the '\\+'"),
        ]:
            with pytest.raises(error, match=text):
                ref.tell(message)

    run_local(main)


def test_payloads_that_their_codec_does_not_read_are_unhandled():
    async def main(system):
        letters = []
        system.subscribe(system.spawn(motet.Props(Collector, letters)), "dead-letters")
        ref = system.spawn(lambda context, message: context.reply(message))
        raw = system._node
        for name in ("test.Job+json", "test.Line+utf8", "test.Any+json", "test.Backwards+reverse", "test.Any+unheard-of"):
            assert _native.ref_tell(ref._handle, None, raw.codec.number(name), b"\xff[", None) == 0
            await until(lambda: letters, "the dead letter")
            letter = letters.pop()[0]
            assert (letter.cause, letter.type) == (motet.Code.UNHANDLED, name)

    run_local(main)


def test_codecs_that_cannot_be():
    for name in ("json", "msgpack", "", "Upper", "a+b"):
        with pytest.raises(ValueError, match="is expected"):
            motet.register_codec(name, Reverse())
    with pytest.raises(ValueError, match="already"):
        motet.register_codec("reverse", Reverse())
    with pytest.raises(ValueError, match="one field"):
        motet.message("test.Two+raw")(type("Two", (), {"__annotations__": {"a": bytes, "b": bytes}}))
    with pytest.raises(ValueError, match="behind the"):
        motet.message("test.Two+")
