package dev.motet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Payloads that every language reads and writes alike: tests/vectors/payload.tsv. */
class VectorsTest {
    private static final Path FILE = Path.of("../../tests/vectors/payload.tsv");

    record Inner(String name, long count) {}

    @MessageType("vector.Sample")
    record Sample(
            boolean flag, int small, BigInteger large, double ratio, String text, List<Long> numbers, Inner inner,
            Inner nothing, Map<String, Long> pages, ActorRef who) {}

    @MessageType("vector.Sample+json")
    record SampleJson(
            boolean flag, int small, BigInteger large, double ratio, String text, List<Long> numbers, Inner inner,
            Inner nothing, Map<String, Long> pages, ActorRef who) {}

    @MessageType("vector.Line+utf8")
    record Line(String text) {}

    @MessageType("vector.Blob+raw")
    record Blob(byte[] data) {}

    private static String describe(Object value) {
        if (value == null) {
            return "nil";
        }
        if (value instanceof Double number) {
            return String.format(Locale.ROOT, "%.4f", number);
        }
        if (value instanceof String text) {
            return "'" + text + "'";
        }
        if (value instanceof byte[] bytes) {
            return "x" + HexFormat.of().formatHex(bytes);
        }
        if (value instanceof ActorRef ref) {
            return "<" + ref + ">";
        }
        if (value instanceof List<?> list) {
            return list.stream().map(VectorsTest::describe).collect(Collectors.joining(", ", "[", "]"));
        }
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> describe(entry.getKey()) + ": " + describe(entry.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        if (value instanceof Record record) {
            Shape shape = Shape.of(record.getClass());
            List<String> fields = new ArrayList<>();
            for (int i = 0; i < shape.keys.length; i++) {
                fields.add("'" + shape.keys[i] + "': " + describe(shape.get(record, i)));
            }
            return "{" + String.join(", ", fields) + "}";
        }
        return value.toString();
    }

    @Test
    void everyPayloadIsReadAndWrittenAlike() throws Exception {
        List<String> lines = Files.readAllLines(FILE).stream().filter(line -> !line.startsWith("#")).toList();
        assertTrue(lines.size() > 60);
        Config config = new Config().set("system.name", "vectors").set("remote.enabled", "off").set("log.level", "off");
        try (ActorSystem system = ActorSystem.start(config)
                .register(Sample.class, SampleJson.class, Line.class, Blob.class)) {
            for (String line : lines) {
                String[] parts = line.split("\t");
                int type = system.types().number(parts[0]);
                Object message = system.types().incoming(type, HexFormat.of().parseHex(parts[1]), null);
                assertEquals(parts[2], describe(message instanceof Message named ? named.value() : message), parts[0]);
                Types.Outgoing written = system.types().outgoing(message);
                assertEquals(type, written.type());
                assertEquals(parts[1], HexFormat.of().formatHex(written.payload()), parts[2]);
            }
        }
    }
}
