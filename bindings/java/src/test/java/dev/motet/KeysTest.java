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

    @Test
    void keysOfARunningSystemAreReloaded(@TempDir Path directory) throws IOException {
        Path secret = directory.resolve("node.key");
        Keys.create(secret);
        Path peers = Files.createFile(directory.resolve("peers"));
        Files.setPosixFilePermissions(peers, PosixFilePermissions.fromString("rw-r--r--"));
        Files.writeString(peers, Files.readString(directory.resolve("node.key.pub")).strip() + " *\n");
        Config keyed = new Config()
                .set("log.level", "off")
                .set("remote.curve.enabled", "on")
                .set("remote.curve.key-file", secret.toString())
                .set("remote.curve.peers-file", peers.toString());
        try (ActorSystem system = ActorSystem.start(keyed);
                ActorSystem without = ActorSystem.start(new Config().set("log.level", "off"))) {
            system.reloadKeys();
            Files.writeString(peers, "nonsense\n");
            CodecTest.assertTells(system::reloadKeys, Code.BAD_VALUE, "remote.curve.peers-file");
            CodecTest.assertTells(without::reloadKeys, Code.BAD_STATE, "remote.curve.enabled");
        }
    }
}
