package dev.motet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values of Java become MessagePack and come back. */
class CodecTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    enum Colour { RED, GREEN }

    record Point(int x, double y) {}

    record Everything(
            byte small, short two, int four, long eight, Integer boxed, float single, double twice, boolean truth, char letter,
            String text, byte[] bytes, List<Point> points, Map<String, List<Integer>> table, Set<String> set, Colour colour,
            Optional<Point> maybe, Optional<Point> none, int[] array, Point inner, Object any, BigInteger big) {}

    record Small(byte value) {}

    record Inner(List<Map<String, Point>> deep) {}

    static Object decode(byte[] payload, Class<?> type) {
        return Decoder.decode(payload, type, path -> {
            throw new AssertionError("no reference was sent, but " + path);
        });
    }

    static Stream<Object> plainValues() {
        return Stream.of(
                true, 0L, -1L, 127L, 128L, -129L, 65536L, Long.MAX_VALUE, Long.MIN_VALUE, new BigInteger("18446744073709551615"),
                0.0, -1e300, Double.POSITIVE_INFINITY, "", "Straße Ωμέγα 漢字 🎵", "a\0b", List.of(), Map.of(),
                List.of(1L, List.of("x", Map.of("k", 2L))), Map.of(7L, "int keys", "s", List.of(false)));
    }

    @ParameterizedTest
    @MethodSource("plainValues")
    void plainValuesComeBackAsTheyWere(Object value) {
        assertEquals(value, decode(Encoder.encode(value), Object.class));
    }

    @Test
    void nullAndBytesComeBack() {
        assertNull(decode(Encoder.encode(null), Object.class));
        byte[] bytes = new byte[70_000];
        Arrays.fill(bytes, (byte) 0xfe);
        assertArrayEquals(bytes, (byte[]) decode(Encoder.encode(bytes), Object.class));
    }

    @Test
    void recordsComeBack() {
        Everything sent = new Everything((byte) -5, (short) 300, 70_000, 1L << 40, null, 1.5f, 2.25, true, 'ß', "é",
                new byte[] {1, 2}, List.of(new Point(1, 2), new Point(3, 4)), Map.of("a", List.of(1, 2)), Set.of("one"),
                Colour.GREEN,
                Optional.of(new Point(5, 6)), Optional.empty(), new int[] {7, 8}, new Point(9, 10), "anything", BigInteger.TEN);
        Everything got = (Everything) decode(Encoder.encode(sent), Everything.class);
        assertArrayEquals(sent.bytes(), got.bytes());
        assertArrayEquals(sent.array(), got.array());
        assertEquals(withoutArrays(sent), withoutArrays(got));
    }

    private static Everything withoutArrays(Everything e) {
        return new Everything(e.small, e.two, e.four, e.eight, e.boxed, e.single, e.twice, e.truth, e.letter, e.text,
                null, e.points, e.table, e.set, e.colour, e.maybe, e.none, null, e.inner, e.any, e.big);
    }

    @Test
    void whatDidNotComeHasItsDefaultAndWhatIsNotKnownIsIgnored() {
        assertEquals(new Point(3, 0), decode(Encoder.encode(Map.of("x", 3, "colour", "red")), Point.class));
        assertEquals(new Point(0, 0), decode(new byte[0], Point.class));
        assertEquals(Optional.empty(), ((Everything) decode(new byte[0], Everything.class)).maybe());
    }

    @Test
    void aValueThatDoesNotFitIsNamed() {
        assertTells(() -> decode(Encoder.encode(Map.of("value", 300)), Small.class), Code.MALFORMED, "value", "byte", "300");
        assertTells(() -> decode(Encoder.encode(Map.of("deep", List.of(Map.of("k", Map.of("x", "no"))))), Inner.class),
                Code.MALFORMED, "deep[0].k.x", "int", "no");
        assertTells(() -> decode(Encoder.encode("text"), Point.class), Code.MALFORMED, "Point", "text");
        assertTells(() -> decode(Encoder.encode(Map.of("colour", "BLUE")), Everything.class), Code.MALFORMED, "colour", "BLUE");
    }

    @Test
    void whatCannotBeSentIsNamed() {
        assertTells(() -> Encoder.encode(new Object[] {Thread.currentThread()}), Code.INVALID, "java.lang.Thread");
        assertTells(() -> Encoder.encode(BigInteger.ONE.shiftLeft(64)), Code.INVALID, "18446744073709551616");
        List<Object> itself = new ArrayList<>();
        itself.add(itself);
        assertTells(() -> Encoder.encode(itself), Code.INVALID, "64");
        assertEquals("after", decode(Encoder.encode("after"), Object.class)); // Nothing of the failures stayed behind.
    }

    @Test
    void bytesThatMakeNoSenseAreRefused() {
        byte[] payload = Encoder.encode(Map.of("list", List.of("some text", 1.5, 1L << 40), "bytes", new byte[300]));
        for (int length = 1; length < payload.length; length++) {
            byte[] cut = Arrays.copyOf(payload, length);
            assertTells(() -> decode(cut, Object.class), Code.MALFORMED);
        }
        assertTells(() -> decode(Arrays.copyOf(payload, payload.length + 1), Object.class), Code.MALFORMED, "behind");
        assertTells(() -> decode(new byte[] {(byte) 0xc1}, Object.class), Code.MALFORMED);
        for (int longest : new int[] {0xdd, 0xdf, 0xdb, 0xc6, 0xc9}) { // A header that tells of 2 GiB.
            byte[] header = {(byte) longest, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1};
            assertTells(() -> decode(header, Object.class), Code.MALFORMED);
        }
        assertTells(() -> decode(new byte[] {(byte) 0xd4, 9, 0}, Object.class), Code.MALFORMED, "extension type 9");
        byte[] deep = new byte[100];
        Arrays.fill(deep, (byte) 0x91);
        assertTells(() -> decode(deep, Object.class), Code.MALFORMED, "nested");
    }

    @Test
    void everyByteStringIsReadOrRefused() {
        java.util.Random random = new java.util.Random(42);
        for (int i = 0; i < 20_000; i++) {
            byte[] noise = new byte[1 + random.nextInt(40)];
            random.nextBytes(noise);
            try {
                Decoder.decode(noise, Object.class, path -> null);
            } catch (MotetException refused) {
                assertEquals(Code.MALFORMED, refused.code());
            }
        }
    }

    static void assertTells(org.junit.jupiter.api.function.Executable call, Code code, String... words) {
        MotetException told = assertThrows(MotetException.class, call);
        assertEquals(code, told.code());
        for (String word : words) {
            assertTrue(told.getMessage().contains(word), () -> "\"" + told.getMessage() + "\" does not name " + word);
        }
        if (code == Code.INVALID) {
            assertInstanceOf(MotetException.Invalid.class, told);
        }
    }

    @MessageType("test.Job+json")
    record Job(long id, ActorRef who, List<Point> points) {}

    @MessageType("test.Line+utf8")
    record Line(String text) {}

    @MessageType("test.Blob+raw")
    record Blob(byte[] data) {}

    @MessageType("test.Backwards+reverse")
    record Backwards(String text) {}

    /** A codec of the program: texts, back to front. */
    static final Codec REVERSE = new Codec() {
        @Override
        public byte[] encode(Object value) {
            String text = value instanceof Backwards backwards ? backwards.text() : (String) value;
            return new StringBuilder(text).reverse().toString().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public Object decode(byte[] payload, Class<?> type) throws Exception {
            CharBuffer turned = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload));
            String text = new StringBuilder(turned).reverse().toString();
            return type == null ? text : new Backwards(text);
        }
    };

    private static ActorSystem local() {
        Config config = new Config().set("remote.enabled", "off").set("log.level", "off");
        return ActorSystem.start(config)
                .register("reverse", REVERSE)
                .register(Job.class, Line.class, Blob.class, Backwards.class);
    }

    @Test
    void codecsByName() throws Exception {
        try (ActorSystem system = local()) {
            ActorRef echo = system.spawn(Props.of(() -> (context, message) -> context.reply(message)));
            for (Object message : List.of(
                    new Job(7, echo, List.of(new Point(1, 2.0))),
                    new Line("größer"),
                    new Line(""),
                    new Backwards("ab"),
                    new Message("test.Any+json", Map.of("a", Arrays.asList(1L, 2.0, null, echo))),
                    new Message("test.Any+json", null),
                    new Message("test.Any+utf8", "text"),
                    new Message("test.Any+reverse", "abc"))) {
                assertEquals(message, echo.ask(message, LONG).get(60, TimeUnit.SECONDS));
            }
            byte[] bytes = {0, -1, (byte) 0xc1};
            Object raw = echo.ask(new Message("test.Any+raw", bytes), LONG).get(60, TimeUnit.SECONDS);
            assertArrayEquals(bytes, (byte[]) ((Message) raw).value());
            assertArrayEquals(bytes, ((Blob) echo.ask(new Blob(bytes), LONG).get(60, TimeUnit.SECONDS)).data());

            refused(echo, new Message("test.Any+json", bytes), "binaries");
            refused(echo, new Message("test.Any+utf8", 5), "String");
            refused(echo, new Message("test.Any+raw", "text"), "byte[]");
            refused(echo, new Message("test.Any+reverse", 5), "cannot be cast");
            refused(echo, new Message("test.Any+unheard-of", 5), "not registered");
            refused(echo, new Message("test.Any+", 5), "no name for a message type");
            assertThrows(MotetException.class, () -> system.register("json", REVERSE));
            assertThrows(MotetException.class, () -> system.register("Upper", REVERSE));
            assertThrows(MotetException.class, () -> system.register("test.Two+raw", Point.class));
            assertThrows(MotetException.class, () -> system.register("test.Text+json", StringBuilder.class));
            system.register("test.Text+reverse", StringBuilder.class);
        }
    }

    private static void refused(ActorRef target, Message message, String why) {
        MotetException refusal = assertThrows(MotetException.class, () -> target.tell(message));
        assertTrue(refusal.getMessage().contains(why), refusal.getMessage());
    }

    @Test
    void payloadsThatTheirCodecDoesNotReadAreUnhandled() throws Exception {
        try (ActorSystem system = local()) {
            Probe letters = new Probe(system);
            system.subscribe(letters.ref, "dead-letters");
            ActorRef echo = system.spawn(Props.of(() -> (context, message) -> context.reply(message)));
            for (String name : List.of(
                    "test.Job+json", "test.Line+utf8", "test.Any+json", "test.Backwards+reverse", "test.Any+unheard-of")) {
                echo.send(system.types().number(name), new byte[] {-1, '['}, null, null);
                DeadLetter letter = letters.next(DeadLetter.class);
                assertEquals(name, letter.type());
                assertEquals(Code.UNHANDLED, letter.cause());
            }
        }
    }
}
