package dev.motet;

import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Turns a value as MessagePack gives it into the type that a record's component asks for; an error names the place. */
final class Conversion {
    private Conversion() {}

    static Object convert(Object value, Type type, String place) {
        if (type instanceof Class<?> target) {
            return toClass(value, target, place);
        }
        if (type instanceof ParameterizedType parameterized) {
            return toGeneric(value, parameterized, place);
        }
        if (type instanceof GenericArrayType array) {
            return toArray(value, array.getGenericComponentType(), place);
        }
        if (type instanceof WildcardType wildcard) {
            return convert(value, wildcard.getUpperBounds()[0], place);
        }
        if (type instanceof TypeVariable<?> variable) {
            return convert(value, variable.getBounds()[0], place);
        }
        throw mismatch(value, type, place);
    }

    /** Makes a record of the values of its components; what did not come is null, zero or false. */
    static Object make(Shape shape, Object[] values, String place) {
        for (int i = 0; i < values.length; i++) {
            if (shape.signal && values[i] instanceof BigInteger big) {
                values[i] = big.longValue(); // The engine's uids are 64 bits without a sign.
            }
            String inner = place.isEmpty() ? shape.keys[i] : place + "." + shape.keys[i];
            values[i] = convert(values[i], shape.types[i], inner);
        }
        return shape.make(values);
    }

    private static Object toClass(Object value, Class<?> target, String place) {
        if (target.isPrimitive()) {
            return toPrimitive(value, target, place);
        }
        if (target == Optional.class) {
            return Optional.ofNullable(value);
        }
        if (value == null || target.isInstance(value)) {
            return value;
        }
        if (value instanceof Number number && Number.class.isAssignableFrom(target)) {
            return toNumber(number, target, place);
        }
        if (value instanceof Long number && target == Code.class) {
            return Code.of((int) (long) number);
        }
        if (value instanceof Map<?, ?> map && target.isRecord()) {
            return toRecord(map, target, place);
        }
        if (value instanceof List<?> && target.isArray()) {
            return toArray(value, target.getComponentType(), place);
        }
        if (value instanceof List<?> list && target == Set.class) {
            return new LinkedHashSet<>(list);
        }
        if (value instanceof String text && target.isEnum()) {
            return toEnum(text, target, place);
        }
        if (value instanceof String text && target == Character.class && text.length() == 1) {
            return text.charAt(0);
        }
        throw mismatch(value, target, place);
    }

    private static Object toPrimitive(Object value, Class<?> target, String place) {
        if (target == boolean.class) {
            return toClass(value == null ? Boolean.FALSE : value, Boolean.class, place);
        }
        if (target == char.class) {
            return toClass(value == null ? "\0" : value, Character.class, place);
        }
        if (value == null || value instanceof Number) {
            return toNumber(value == null ? Long.valueOf(0) : (Number) value, target, place);
        }
        throw mismatch(value, target, place);
    }

    private static Object toNumber(Number number, Class<?> target, String place) {
        if (target == double.class || target == Double.class) {
            return number.doubleValue();
        }
        if (target == float.class || target == Float.class) {
            return number.floatValue();
        }
        if (target == BigInteger.class && number instanceof Long whole) {
            return BigInteger.valueOf(whole);
        }
        if (number instanceof Long whole) {
            long value = whole;
            if (target == long.class || target == Long.class) {
                return value;
            }
            if ((target == int.class || target == Integer.class) && value == (int) value) {
                return (int) value;
            }
            if ((target == short.class || target == Short.class) && value == (short) value) {
                return (short) value;
            }
            if ((target == byte.class || target == Byte.class) && value == (byte) value) {
                return (byte) value;
            }
        }
        throw mismatch(number, target, place);
    }

    private static Object toRecord(Map<?, ?> map, Class<?> target, String place) {
        Shape shape = Shape.of(target);
        Object[] values = new Object[shape.keys.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = map.get(shape.keys[i]);
        }
        return make(shape, values, place);
    }

    private static Object toGeneric(Object value, ParameterizedType type, String place) {
        Class<?> target = (Class<?>) type.getRawType();
        Type[] arguments = type.getActualTypeArguments();
        if (target == Optional.class) {
            return Optional.ofNullable(convert(value, arguments[0], place));
        }
        if (value == null) {
            return null;
        }
        if (value instanceof Map<?, ?> map && target.isAssignableFrom(Map.class)) {
            Map<Object, Object> converted = new LinkedHashMap<>();
            map.forEach((key, inner) -> converted.put(
                    convert(key, arguments[0], place), convert(inner, arguments[1], place + "." + key)));
            return converted;
        }
        if (value instanceof List<?> list && target.isAssignableFrom(List.class)) {
            return fill(new ArrayList<>(list.size()), list, arguments[0], place);
        }
        if (value instanceof List<?> list && target == Set.class) {
            return fill(new LinkedHashSet<>(), list, arguments[0], place);
        }
        return toClass(value, target, place);
    }

    private static Collection<Object> fill(Collection<Object> converted, List<?> list, Type element, String place) {
        int index = 0;
        for (Object inner : list) {
            converted.add(convert(inner, element, place + "[" + index++ + "]"));
        }
        return converted;
    }

    private static Object toArray(Object value, Type element, String place) {
        if (value == null) {
            return null;
        }
        if (!(value instanceof List<?> list) || !(element instanceof Class<?> raw)) {
            throw mismatch(value, element, place);
        }
        Object array = Array.newInstance(raw, list.size());
        for (int i = 0; i < list.size(); i++) {
            Array.set(array, i, convert(list.get(i), raw, place + "[" + i + "]"));
        }
        return array;
    }

    private static Object toEnum(String text, Class<?> target, String place) {
        for (Object constant : target.getEnumConstants()) {
            if (((Enum<?>) constant).name().equals(text)) {
                return constant;
            }
        }
        throw mismatch(text, target, place);
    }

    private static MotetException mismatch(Object value, Type type, String place) {
        String found = value instanceof String || value instanceof Number || value instanceof Boolean
                ? value.getClass().getSimpleName() + " " + value
                : value == null ? "nothing" : value.getClass().getSimpleName();
        return MotetException.of(Code.MALFORMED, (place.isEmpty() ? "the message" : place) + ": " + type.getTypeName()
                + " was expected, but " + found + " came");
    }
}
