package dev.motet;

import dev.motet.internal.ffi.Motet;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The codecs of one system, by name. */
final class Codecs {
    private static final String NAME = "[a-z0-9._-]+";

    private final Function<String, ActorRef> refs;
    private final Map<String, Codec> codecs = new ConcurrentHashMap<>();

    Codecs(Function<String, ActorRef> refs) {
        this.refs = refs;
        codecs.put("msgpack", new MessagePack());
        codecs.put("json", new Json());
        codecs.put("utf8", new Utf8());
        codecs.put("raw", new Raw());
    }

    /** Makes sure that messages of a type can be values of a class; with a codec of the program any may. */
    static void check(String type, Class<?> values) {
        String name = Motet.type_codec(type);
        boolean one = name.equals("utf8") || name.equals("raw");
        if (one && Shape.of(values).keys.length != 1) {
            throw MotetException.of(Code.INVALID, "message type \"" + type + "\": a record for " + name
                    + " has one component, whose value is the payload");
        }
        if (name.equals("msgpack") || name.equals("json")) {
            Shape.of(values);
        }
    }

    void register(String name, Codec codec) {
        Objects.requireNonNull(codec, "codec");
        if (!name.matches(NAME)) {
            throw MotetException.of(Code.INVALID,
                    "codec \"" + name + "\": a name of a-z, 0-9, '.', '-' and '_' is expected");
        }
        if (codecs.putIfAbsent(name, codec) != null) {
            throw MotetException.of(Code.INVALID, "codec \"" + name + "\": there is one of that name already");
        }
    }

    /** The codec in the name of a type: "json" of "demo.Job+json", "msgpack" of "demo.Job". */
    Codec of(String type) {
        String name = Motet.type_codec(type);
        Codec codec = codecs.get(name);
        if (codec == null) {
            throw MotetException.of(Code.INVALID, "codec \"" + name + "\" is not registered with the system");
        }
        return codec;
    }

    static byte[] encode(Codec codec, Object value) {
        try {
            return codec.encode(value);
        } catch (MotetException refused) {
            throw refused;
        } catch (Exception refused) {
            throw MotetException.of(Code.INVALID, "a value cannot be encoded: " + refused);
        }
    }

    static Object decode(Codec codec, byte[] payload, Class<?> type) {
        try {
            return codec.decode(payload, type);
        } catch (MotetException refused) {
            throw refused;
        } catch (Exception refused) {
            throw MotetException.of(Code.MALFORMED, "the payload cannot be decoded: " + refused);
        }
    }

    private final class MessagePack implements Codec {
        @Override
        public byte[] encode(Object value) {
            return Encoder.encode(value);
        }

        @Override
        public Object decode(byte[] payload, Class<?> type) {
            return Decoder.decode(payload, type == null ? Object.class : type, refs);
        }
    }

    private final class Json implements Codec {
        @Override
        public byte[] encode(Object value) {
            long[] made = new long[1];
            Motet.json_from_msgpack(Encoder.encode(value), made);
            return take(made[0]);
        }

        @Override
        public Object decode(byte[] payload, Class<?> type) {
            byte[] value = payload;
            if (payload.length > 0) {
                long[] made = new long[1];
                Motet.json_to_msgpack(payload, made);
                value = take(made[0]);
            }
            return Decoder.decode(value, type == null ? Object.class : type, refs);
        }

        private static byte[] take(long made) {
            ByteBuffer lent = Motet.bytes_data(made);
            byte[] bytes = new byte[lent.remaining()];
            lent.get(bytes);
            Motet.bytes_free(made);
            return bytes;
        }
    }

    /** The payload is a text; a record has one component, which is the text. */
    private static final class Utf8 implements Codec {
        @Override
        public byte[] encode(Object value) {
            return only(value, String.class).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public Object decode(byte[] payload, Class<?> type) throws CharacterCodingException {
            return wrap(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload)).toString(), type);
        }
    }

    /** The payload is bytes, likewise. */
    private static final class Raw implements Codec {
        @Override
        public byte[] encode(Object value) {
            return only(value, byte[].class);
        }

        @Override
        public Object decode(byte[] payload, Class<?> type) {
            return wrap(payload, type);
        }
    }

    private static <T> T only(Object value, Class<T> wanted) {
        Object inner = value instanceof Record record && Shape.of(record.getClass()).keys.length == 1
                ? Shape.of(record.getClass()).get(record, 0)
                : value;
        if (!wanted.isInstance(inner)) {
            throw MotetException.of(Code.INVALID, "this codec wants a " + wanted.getSimpleName()
                    + ", or a record of one, not " + (value == null ? "null" : value.getClass().getName()));
        }
        return wanted.cast(inner);
    }

    private static Object wrap(Object inner, Class<?> type) {
        return type == null ? inner : Shape.of(type).make(new Object[] {inner});
    }
}
