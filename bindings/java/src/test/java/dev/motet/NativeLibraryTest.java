package dev.motet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways to the native library, each in a JVM of its own. */
class NativeLibraryTest {
    private static final String BUILT = System.getProperty("motet.library.path");

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
        assertEquals(List.of("name motet"), Jvm.run(directory, true, Program.class, "-Dmotet.library.path=" + BUILT));
    }

    @Test
    void fromTheLibraryPathOfJava() throws Exception {
        assertEquals(List.of("name motet"), Jvm.run(directory, true, Program.class, "-Djava.library.path=" + BUILT));
    }

    @Test
    void fromTheJarAndNothingStaysBehind() throws Exception {
        Path extracted = Files.createDirectory(directory.resolve("extracted"));
        assertEquals(List.of("name motet"), Jvm.run(directory, true, Program.class, "-Dmotet.extract.path=" + extracted));
        try (Stream<Path> left = Files.list(extracted)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void aWrongDirectoryIsNamed() throws Exception {
        List<String> lines = Jvm.run(directory, false, Program.class, "-Dmotet.library.path=/no/such/place");
        assertTrue(lines.stream().anyMatch(line -> line.contains("/no/such/place/libmotet_java.so")), lines::toString);
    }
}
