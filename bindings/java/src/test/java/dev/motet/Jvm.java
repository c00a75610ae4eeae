package dev.motet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Runs a program of the tests in a JVM of its own. */
final class Jvm {
    private Jvm() {}

    /** What it printed, to standard output and error; whether its exit code was 0 must be as told. */
    static List<String> run(Path directory, boolean well, Class<?> program, String... options)
            throws IOException, InterruptedException {
        String path = String.join(File.pathSeparator,
                System.getProperty("jdk.module.path", ""), System.getProperty("java.class.path"),
                place(Config.class).toString(), place(Config.class).resolveSibling("test-classes").toString());
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(Arrays.asList(options));
        command.addAll(List.of("-Xcheck:jni", "-cp", path, program.getName()));
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        int code = process.waitFor();
        List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
        assertEquals(well, code == 0, lines::toString);
        return lines;
    }

    private static Path place(Class<?> type) {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath());
    }
}
