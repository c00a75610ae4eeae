package dev.motet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeysTest {
    @Test
    void keysAreMadeAndNeverOverwritten(@TempDir Path directory) throws IOException {
        Path secret = directory.resolve("node.key");
        Keys.create(secret);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)));
        assertEquals(64, Files.readString(directory.resolve("node.key.pub")).strip().length());
        CodecTest.assertTells(() -> Keys.create(secret), Code.NAME_TAKEN, "node.key");
    }
}
