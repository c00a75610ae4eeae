package dev.motet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways to the native library, each in a JVM of its own. */
class NativeLibraryTest {
    @TempDir
    Path directory;

    /** The program that the JVMs run. */
    public static final class Program {
        private Program() {}

        public static void main(String[] arguments) {
            System.out.println("name " + new Config().get("system.name"));
        }
    }

    @Test
    void fromTheDirectoryOfTheProperty() throws Exception {
        assertEquals(List.of("name motet"), run(0, "-Dmotet.library.path=" + System.getProperty("motet.library.path")));
    }

    @Test
    void fromTheLibraryPathOfJava() throws Exception {
        assertEquals(List.of("name motet"), run(0, "-Djava.library.path=" + System.getProperty("motet.library.path")));
    }

    @Test
    void fromTheJarAndNothingStaysBehind() throws Exception {
        Path extracted = Files.createDirectory(directory.resolve("extracted"));
        assertEquals(List.of("name motet"), run(0, "-Dmotet.extract.path=" + extracted));
        try (Stream<Path> left = Files.list(extracted)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void aWrongDirectoryIsNamed() throws Exception {
        List<String> lines = run(1, "-Dmotet.library.path=/no/such/place");
        assertTrue(lines.stream().anyMatch(line -> line.contains("/no/such/place/libmotet_java.so")), lines::toString);
    }

    private List<String> run(int code, String property) throws IOException, InterruptedException {
        String path = System.getProperty("jdk.module.path", "") + File.pathSeparator + System.getProperty("java.class.path")
                + File.pathSeparator + Path.of(Config.class.getProtectionDomain().getCodeSource().getLocation().getPath())
                + File.pathSeparator + Path.of(NativeLibraryTest.class.getProtectionDomain().getCodeSource().getLocation().getPath())
                        .resolveSibling("test-classes");
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of("-Xshare:auto", property, "-cp", path, Program.class.getName()));
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        int ended = process.waitFor();
        List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
        if (code == 0) {
            assertEquals(0, ended, lines::toString);
        } else {
            assertNotEquals(0, ended, lines::toString);
        }
        return lines;
    }
}
