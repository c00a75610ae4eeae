package dev.motet;

import java.io.IOException;
import java.lang.reflect.Type;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.msgpack.core.ExtensionTypeHeader;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;

/**
 * Reads MessagePack as values of Java. Every length comes from the network, so none is trusted: lists grow as their
 * elements are there, and blocks may not be longer than what is left.
 */
final class Decoder {
    private final MessageUnpacker unpacker;
    private final long end;
    private final Function<String, ActorRef> refs;

    private Decoder(MessageUnpacker unpacker, int size, Function<String, ActorRef> refs) {
        this.unpacker = unpacker;
        this.end = size;
        this.refs = refs;
    }

    /** Reads a payload as a value of a type; an empty payload is null, or a record of nothing but defaults. */
    static Object decode(byte[] payload, Type type, Function<String, ActorRef> refs) {
        if (payload.length == 0) {
            return Conversion.convert(type instanceof Class<?> c && c.isRecord() ? Map.of() : null, type, "");
        }
        try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(payload)) {
            Decoder decoder = new Decoder(unpacker, payload.length, refs);
            Object value = type instanceof Class<?> c && c.isRecord()
                    ? decoder.readRecord(c)
                    : Conversion.convert(decoder.read(0), type, "");
            if (unpacker.getTotalReadBytes() != payload.length) {
                throw malformed((payload.length - unpacker.getTotalReadBytes()) + " bytes stand behind the value");
            }
            return value;
        } catch (MessagePackException | IOException error) {
            throw malformed(error.getClass().getSimpleName() + (error.getMessage() == null ? "" : ": " + error.getMessage()));
        }
    }

    private static MotetException malformed(String why) {
        return MotetException.of(Code.MALFORMED, "the payload is no MessagePack value: " + why);
    }

    /** The outer record without a map in between: what nearly all messages are. */
    private Object readRecord(Class<?> type) throws IOException {
        Shape shape = Shape.of(type);
        if (!unpacker.getNextFormat().getValueType().isMapType()) {
            return Conversion.convert(read(0), type, "");
        }
        Object[] values = new Object[shape.keys.length];
        for (int left = unpacker.unpackMapHeader(); left > 0; left--) {
            Object key = read(1);
            int index = key instanceof String name ? shape.index(name) : -1;
            Object value = read(1);
            if (index >= 0) {
                values[index] = value;
            }
        }
        return Conversion.make(shape, values, "");
    }

    private Object read(int depth) throws IOException {
        if (depth > Encoder.DEPTH_MAX) {
            throw malformed("it is nested more than " + Encoder.DEPTH_MAX + " deep");
        }
        return switch (unpacker.getNextFormat().getValueType()) {
            case NIL -> {
                unpacker.unpackNil();
                yield null;
            }
            case BOOLEAN -> unpacker.unpackBoolean();
            case INTEGER -> readInteger();
            case FLOAT -> unpacker.unpackDouble();
            case STRING -> new String(block(unpacker.unpackRawStringHeader()), StandardCharsets.UTF_8);
            case BINARY -> block(unpacker.unpackBinaryHeader());
            case ARRAY -> readList(depth);
            case MAP -> readMap(depth);
            case EXTENSION -> readExtension();
        };
    }

    private Object readInteger() throws IOException {
        if (unpacker.getNextFormat() == org.msgpack.core.MessageFormat.UINT64) {
            BigInteger big = unpacker.unpackBigInteger();
            return big.bitLength() < Long.SIZE ? (Object) big.longValue() : big;
        }
        return unpacker.unpackLong();
    }

    private List<Object> readList(int depth) throws IOException {
        List<Object> list = new ArrayList<>();
        for (int left = unpacker.unpackArrayHeader(); left > 0; left--) {
            list.add(read(depth + 1));
        }
        return list;
    }

    private Map<Object, Object> readMap(int depth) throws IOException {
        Map<Object, Object> map = new LinkedHashMap<>();
        for (int left = unpacker.unpackMapHeader(); left > 0; left--) {
            Object key = read(depth + 1);
            map.put(key, read(depth + 1));
        }
        return map;
    }

    private Object readExtension() throws IOException {
        ExtensionTypeHeader header = unpacker.unpackExtensionTypeHeader();
        byte[] content = block(header.getLength());
        if (header.getType() != Encoder.EXTENSION_REF) {
            throw malformed("extension type " + header.getType() + " is not known, only "
                    + Encoder.EXTENSION_REF + " (a reference)");
        }
        return refs.apply(new String(content, StandardCharsets.UTF_8));
    }

    private byte[] block(int length) throws IOException {
        if (length > end - unpacker.getTotalReadBytes()) {
            throw malformed("a block of " + length + " bytes is cut short");
        }
        return unpacker.readPayload(length);
    }
}
