package dev.motet;

import dev.motet.internal.ffi.Motet;
import java.nio.file.Path;

/** What a node proves who it is with, when remote.curve.enabled is on; docs/security.md says how keys are used. */
public final class Keys {
    private Keys() {}

    /**
     * Makes a pair of keys: the secret one in a new file that only its owner may read, the public one in a new file beside it,
     * with ".pub" behind the name. Nothing is ever overwritten: {@link Code#NAME_TAKEN}.
     */
    public static void create(Path secretFile) {
        Motet.keys_create(secretFile.toString());
    }
}
