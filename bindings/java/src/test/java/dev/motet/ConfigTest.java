package dev.motet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings, and errors as they come out of the engine. */
class ConfigTest {
    @Test
    void settingsAreText() {
        try (Config config = new Config()) {
            assertEquals("motet", config.get("system.name"));
            config.set("system.name", "Shop").loadArguments("--remote.port=4711");
            assertEquals("Shop", config.get("system.name"));
            assertEquals("4711", config.get("remote.port"));
            assertNull(config.get("no.such.key"));
        }
    }

    @Test
    void aFileIsRead(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("Größe.toml"), "[system]\nname = \"FromFile\"\n");
        try (Config config = new Config().loadFile(file)) {
            assertEquals("FromFile", config.get("system.name"));
        }
        try (Config config = new Config()) {
            Path missing = directory.resolve("Größe nicht da.toml");
            CodecTest.assertTells(() -> config.loadFile(missing), Code.IO, "Größe nicht da.toml");
        }
    }

    @Test
    void mistakesAreNamed() {
        try (Config config = new Config()) {
            CodecTest.assertTells(() -> config.set("remote.prot", "1"), Code.UNKNOWN_KEY, "remote.prot");
            CodecTest.assertTells(() -> config.set("remote.port", "ſiebzig🎵"), Code.BAD_VALUE, "remote.port", "ſiebzig🎵");
            CodecTest.assertTells(() -> config.loadArguments("remote.port=1"), Code.BAD_VALUE, "remote.port=1");
            assertThrows(IllegalArgumentException.class, () -> config.set("remote.host", "a\0b"));
        }
    }
}
