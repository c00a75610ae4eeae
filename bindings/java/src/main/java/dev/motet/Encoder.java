package dev.motet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Array;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/**
 * Writes values of Java as MessagePack: records as maps, references as extension type 1 with their full path. Not
 * thread safe; each thread has its own.
 */
final class Encoder {
    static final byte EXTENSION_REF = 1;

    /** How deep a message may be nested; what is deeper is most likely a value that contains itself. */
    static final int DEPTH_MAX = 64;

    private static final ThreadLocal<Encoder> OF_THREAD = ThreadLocal.withInitial(Encoder::new);

    private final MessageBufferPacker packer = MessagePack.newDefaultBufferPacker();

    private Encoder() {}

    static byte[] encode(Object value) {
        Encoder encoder = OF_THREAD.get();
        try {
            encoder.write(value, 0);
            return encoder.packer.toByteArray();
        } catch (IOException error) {
            throw new UncheckedIOException(error); // The buffer is in memory.
        } finally {
            encoder.packer.clear();
        }
    }

    private void write(Object value, int depth) throws IOException {
        if (depth > DEPTH_MAX) {
            throw MotetException.of(Code.INVALID, "a message may be nested " + DEPTH_MAX + " deep, this one is deeper");
        }
        if (value == null) {
            packer.packNil();
        } else if (value instanceof String text) {
            packer.packString(text);
        } else if (value instanceof Number number) {
            writeNumber(number);
        } else if (value instanceof Boolean truth) {
            packer.packBoolean(truth);
        } else if (value instanceof Record record) {
            writeRecord(record, depth);
        } else if (value instanceof Map<?, ?> map) {
            packer.packMapHeader(map.size());
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                write(entry.getKey(), depth + 1);
                write(entry.getValue(), depth + 1);
            }
        } else if (value instanceof Collection<?> collection) {
            packer.packArrayHeader(collection.size());
            for (Object element : collection) {
                write(element, depth + 1);
            }
        } else if (value instanceof byte[] bytes) {
            packer.packBinaryHeader(bytes.length);
            packer.writePayload(bytes);
        } else if (value instanceof ActorRef ref) {
            byte[] path = ref.path().getBytes(StandardCharsets.UTF_8);
            packer.packExtensionTypeHeader(EXTENSION_REF, path.length);
            packer.writePayload(path);
        } else {
            writeOther(value, depth);
        }
    }

    private void writeOther(Object value, int depth) throws IOException {
        if (value instanceof Code code) {
            packer.packInt(code.number());
        } else if (value instanceof Enum<?> constant) {
            packer.packString(constant.name());
        } else if (value instanceof Optional<?> optional) {
            write(optional.orElse(null), depth);
        } else if (value instanceof Character character) {
            packer.packString(character.toString());
        } else if (value.getClass().isArray()) {
            int length = Array.getLength(value);
            packer.packArrayHeader(length);
            for (int i = 0; i < length; i++) {
                write(Array.get(value, i), depth + 1);
            }
        } else {
            throw MotetException.of(Code.INVALID, "a value of " + value.getClass().getName()
                    + " cannot be part of a message: use records,"
                    + " maps, collections, text, numbers, booleans, byte[] and ActorRef");
        }
    }

    private void writeNumber(Number number) throws IOException {
        if (number instanceof Double || number instanceof Float) {
            packer.packDouble(number.doubleValue());
        } else if (number instanceof Long || number instanceof Integer || number instanceof Short || number instanceof Byte) {
            packer.packLong(number.longValue());
        } else if (number instanceof BigInteger big && big.bitLength() <= 64 && (big.signum() >= 0 || big.bitLength() < 64)) {
            packer.packBigInteger(big);
        } else {
            throw MotetException.of(Code.INVALID, "the number " + number + " of " + number.getClass().getName()
                    + " cannot be part of a message: use whole numbers of 64 bits, float and double");
        }
    }

    private void writeRecord(Record record, int depth) throws IOException {
        Shape shape = Shape.of(record.getClass());
        packer.packMapHeader(shape.keys.length);
        for (int i = 0; i < shape.keys.length; i++) {
            packer.packString(shape.keys[i]);
            write(shape.get(record, i), depth + 1);
        }
    }
}
