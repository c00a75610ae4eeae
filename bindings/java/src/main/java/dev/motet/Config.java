package dev.motet;

import dev.motet.internal.ffi.Motet;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.file.Path;

/**
 * The settings of a system, by key, as text. A single-owner value: not to be used from two threads at once. An unknown
 * key or a bad value is a {@link MotetException.Invalid} that names the key, the value and what would be accepted.
 */
public final class Config implements AutoCloseable {
    private final long handle;
    private final Cleaner.Cleanable cleanable;

    /** A configuration with the defaults, for a program that tells in its traces that it is in Java. */
    public Config() {
        handle = Motet.config_new();
        cleanable = Handles.freeWith(this, handle, Motet::config_free);
        set("system.language", "java");
    }

    /** Sets one value. */
    public Config set(String key, String value) {
        Motet.config_set(handle, key, value);
        return kept();
    }

    /** The value of a key as text, its default where it was not set; null for an unknown key. */
    public String get(String key) {
        String value = Motet.config_get(handle, key);
        kept();
        return value;
    }

    /** Reads a TOML file over the present values. */
    public Config loadFile(Path path) {
        Motet.config_load_file(handle, path.toString());
        return kept();
    }

    /** Reads the environment variables {@code MOTET_*} over the present values. */
    public Config loadEnvironment() {
        Motet.config_load_environment(handle);
        return kept();
    }

    /** Reads command line arguments of the form {@code --key=value} over the present values. */
    public Config loadArguments(String... arguments) {
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (!argument.startsWith("--") || equals < 0) {
                throw MotetException.of(Code.BAD_VALUE, "argument \"" + argument + "\" is not of the form --key=value");
            }
            set(argument.substring(2, equals), argument.substring(equals + 1));
        }
        return this;
    }

    /** Frees it now instead of when it is collected. Only systems started before go on using it. */
    @Override
    public void close() {
        cleanable.clean();
    }

    long handle() {
        return handle;
    }

    private Config kept() {
        Reference.reachabilityFence(this);
        return this;
    }
}
