package dev.motet;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The name under which messages of a record travel, the same in every language: {@code @MessageType("demo.Job")}. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface MessageType {
    /**
     * The name: 1 to 255 printable ASCII characters; those that start with "motet." are reserved. What stands behind a '+' is
     * the name of a {@link Codec}.
     */
    String value();
}
