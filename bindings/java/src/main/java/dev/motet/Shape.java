package dev.motet;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** How a record is read and made: its components by the keys under which they travel. Found out once for each class. */
final class Shape {
    private static final ClassValue<Shape> SHAPES = new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
            return new Shape(type);
        }
    };

    /** Whether it is a message of the engine itself; those have keys with underscores, records of users the names they have. */
    final boolean signal;

    final String[] keys;
    final MethodHandle[] accessors;
    final Type[] types;
    private final Map<String, Integer> indexes = new HashMap<>();
    private final MethodHandle constructor;

    private Shape(Class<?> type) {
        if (!type.isRecord()) {
            throw MotetException.of(Code.INVALID, type.getName()
                    + " is no record: send a record, or Message(type, value) with a map");
        }
        signal = Signal.class.isAssignableFrom(type) || type == Member.class;
        RecordComponent[] components = type.getRecordComponents();
        keys = new String[components.length];
        accessors = new MethodHandle[components.length];
        types = new Type[components.length];
        try {
            for (int i = 0; i < components.length; i++) {
                keys[i] = signal ? underscored(components[i].getName()) : components[i].getName();
                components[i].getAccessor().setAccessible(true);
                accessors[i] = MethodHandles.lookup().unreflect(components[i].getAccessor())
                        .asType(MethodType.methodType(Object.class, Object.class));
                types[i] = components[i].getGenericType();
                indexes.put(keys[i], i);
            }
            Class<?>[] raw = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            Constructor<?> canonical = type.getDeclaredConstructor(raw);
            canonical.setAccessible(true);
            constructor = MethodHandles.lookup().unreflectConstructor(canonical).asSpreader(Object[].class, raw.length)
                    .asType(MethodType.methodType(Object.class, Object[].class));
        } catch (InaccessibleObjectException error) {
            throw MotetException.of(Code.INVALID, type.getName() + " cannot be read: its module must open the package "
                    + type.getPackageName() + " to dev.motet");
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(error);
        }
    }

    static Shape of(Class<?> type) {
        return SHAPES.get(type);
    }

    /** The index of the component that travels under a key, -1 for none. */
    int index(String key) {
        return indexes.getOrDefault(key, -1);
    }

    Object get(Object value, int index) {
        try {
            return (Object) accessors[index].invokeExact(value);
        } catch (RuntimeException | Error error) {
            throw error;
        } catch (Throwable error) {
            throw new IllegalStateException(error); // Accessors of records declare no checked exceptions.
        }
    }

    Object make(Object[] values) {
        try {
            return (Object) constructor.invokeExact(values);
        } catch (RuntimeException | Error error) {
            throw error;
        } catch (Throwable error) {
            throw new IllegalStateException(error);
        }
    }

    private static String underscored(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }
}
