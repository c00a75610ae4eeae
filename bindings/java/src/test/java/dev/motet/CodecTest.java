package dev.motet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values of Java become MessagePack and come back. */
class CodecTest {
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
}
