package dev.motet.internal.ffi;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Finds and loads the native library: from the directory that the system property {@code motet.library.path} names; else
 * from {@code java.library.path}; else the copy inside the jar, which is extracted to a private temporary directory
 * (below {@code motet.extract.path} when that is set, for systems whose own one is mounted noexec).
 */
final class NativeLibrary {
    private static final String ENGINE = "libmotet.so.0";
    private static final String GLUE = "libmotet_java.so";

    private NativeLibrary() {}

    static void load() {
        String directory = System.getProperty("motet.library.path");
        if (directory != null) {
            loadFrom(Path.of(directory).toAbsolutePath());
        } else if (!loadInstalled()) {
            loadExtracted();
        }
        checkVersion();
    }

    private static void loadFrom(Path directory) {
        // The engine first: the glue then finds it by its name, wherever it is.
        if (Files.exists(directory.resolve(ENGINE))) {
            System.load(directory.resolve(ENGINE).toString());
        }
        System.load(directory.resolve(GLUE).toString());
    }

    private static boolean loadInstalled() {
        try {
            System.loadLibrary("motet_java");
            return true;
        } catch (UnsatisfiedLinkError error) {
            if (error.getMessage().contains("java.library.path")) {
                return false;
            }
            throw error; // It is there, but cannot be loaded: say so instead of hiding it.
        }
    }

    private static void loadExtracted() {
        String platform = platform();
        try {
            String base = System.getProperty("motet.extract.path");
            Path directory = base == null
                    ? Files.createTempDirectory("motet-")
                    : Files.createTempDirectory(Path.of(base), "motet-");
            try {
                extract(platform, ENGINE, directory);
                extract(platform, GLUE, directory);
                loadFrom(directory);
            } finally {
                // What is loaded stays loaded without its file.
                Files.deleteIfExists(directory.resolve(ENGINE));
                Files.deleteIfExists(directory.resolve(GLUE));
                Files.deleteIfExists(directory);
            }
        } catch (IOException error) {
            throw new UncheckedIOException("cannot extract the native library of Motet", error);
        }
    }

    private static void extract(String platform, String name, Path directory) throws IOException {
        String resource = "/META-INF/native/" + platform + "/" + name;
        try (InputStream in = NativeLibrary.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new UnsatisfiedLinkError("no native library of Motet for " + platform + ": neither in motet.library.path ("
                        + System.getProperty("motet.library.path") + ") nor in java.library.path ("
                        + System.getProperty("java.library.path") + ") nor in the jar as " + resource);
            }
            Files.copy(in, directory.resolve(name));
        }
    }

    private static String platform() {
        String arch = System.getProperty("os.arch");
        return System.getProperty("os.name").toLowerCase(Locale.ROOT) + "-" + (arch.equals("amd64") ? "x86_64" : arch);
    }

    private static void checkVersion() {
        int loaded = MotetJNI.version_abi();
        if (loaded != Motet.ABI_VERSION) {
            throw new UnsatisfiedLinkError("this jar needs ABI version " + Motet.ABI_VERSION + " of libmotet, but version "
                    + Text.decode(MotetJNI.version_string()) + " with ABI version " + loaded + " was loaded");
        }
    }
}
