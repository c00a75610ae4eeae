package dev.motet;

import dev.motet.internal.ffi.Motet;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The message types of one system: names, numbers and records, and how a message becomes bytes and back. */
final class Types {
    private static final byte[] NOTHING = {};

    private final long system;
    private final Function<String, ActorRef> refs;
    private final Codecs codecs;
    private final Map<Integer, Codec> codecsOfTypes = new ConcurrentHashMap<>();
    private final Map<String, Integer> numbers = new ConcurrentHashMap<>();
    private final Map<Integer, String> names = new ConcurrentHashMap<>();
    private final Map<Integer, Class<?>> records = new ConcurrentHashMap<>();
    private final Map<Class<?>, Integer> numbersOfRecords = new ConcurrentHashMap<>();

    Types(long system, Function<String, ActorRef> refs) {
        this.system = system;
        this.refs = refs;
        this.codecs = new Codecs(refs);
    }

    Codecs codecs() {
        return codecs;
    }

    /** A message ready to be sent. */
    record Outgoing(int type, byte[] payload) {}

    /** Says which record messages of a type are read as. */
    void register(String name, Class<?> record) {
        Codecs.check(name, record);
        int number = number(name);
        Class<?> other = records.putIfAbsent(number, record);
        if (other != null && other != record) {
            throw MotetException.of(Code.INVALID, "message type \"" + name + "\" is " + other.getName()
                    + " already, it cannot be " + record.getName() + " too");
        }
        numbersOfRecords.put(record, number);
    }

    /** The same under the name that the record's own annotation gives it. */
    int register(Class<?> record) {
        MessageType annotation = record.getAnnotation(MessageType.class);
        if (annotation == null) {
            throw MotetException.of(Code.INVALID, record.getName() + " has no message type: annotate the record with"
                    + " @MessageType(name), register it under a name, or send a Message(type, value)");
        }
        register(annotation.value(), record);
        return numbersOfRecords.get(record);
    }

    Outgoing outgoing(Object message) {
        if (message instanceof Message named) {
            int number = number(named.type());
            return new Outgoing(number, Codecs.encode(codec(number), named.value()));
        }
        if (message == null) {
            throw MotetException.of(Code.INVALID, "null is no message");
        }
        Integer number = numbersOfRecords.get(message.getClass());
        if (number != null) {
            return new Outgoing(number, Codecs.encode(codec(number), message));
        }
        int reserved = SignalTypes.numberOf(message);
        if (reserved == 0) {
            int registered = register(message.getClass());
            return new Outgoing(registered, Codecs.encode(codec(registered), message));
        }
        return new Outgoing(reserved, reservedPayload(message));
    }

    private byte[] reservedPayload(Object message) {
        if (message instanceof Identify identify) {
            return Encoder.encode(identify.correlation());
        }
        if (message instanceof Broadcast broadcast) {
            return Encoder.encode(wrapped(broadcast.message()));
        }
        if (message instanceof ConsistentHashableEnvelope envelope) {
            Map<String, Object> fields = wrapped(envelope.message());
            fields.put("key", envelope.key());
            return Encoder.encode(fields);
        }
        return message.getClass().getRecordComponents().length == 0 ? NOTHING : Encoder.encode(message);
    }

    /** The fields that stand for a message inside another. */
    private Map<String, Object> wrapped(Object message) {
        Outgoing inner = outgoing(message);
        Map<String, Object> fields = new HashMap<>();
        fields.put("type", name(inner.type()));
        fields.put("payload", inner.payload());
        return fields;
    }

    Object incoming(int type, byte[] payload, ActorRef sender) {
        Class<?> record = records.get(type);
        if (record != null) {
            return Codecs.decode(codec(type), payload, record);
        }
        Signal signal = SignalTypes.reserved(type) ? SignalTypes.read(type, payload, sender, refs) : null;
        return signal != null ? signal : new Message(name(type), Codecs.decode(codec(type), payload, null));
    }

    private Codec codec(int type) {
        Codec known = codecsOfTypes.get(type);
        if (known == null) {
            known = codecs.of(name(type));
            codecsOfTypes.put(type, known);
        }
        return known;
    }

    /** The name of a type, for messages and errors. */
    String name(int type) {
        return names.computeIfAbsent(type, number -> {
            String name = Motet.system_type_name(system, number);
            return name == null ? "#" + number : name;
        });
    }

    /** The number of a type's name. */
    int number(String name) {
        Integer known = numbers.get(name);
        if (known != null) {
            return known;
        }
        int number = Motet.system_type(system, name);
        if (number < 0) {
            Code code = Code.of(number);
            throw MotetException.of(code, code == Code.CLOSED ? "the system is closed"
                    : "\"" + name + "\" is no name for a message type: 1 to 255 printable ASCII characters,"
                            + " not starting with \"motet.\"");
        }
        numbers.put(name, number);
        return number;
    }
}
