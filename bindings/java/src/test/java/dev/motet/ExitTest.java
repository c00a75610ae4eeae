package dev.motet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that end while their system still runs. */
class ExitTest {
    private static final String LIBRARY = "-Dmotet.library.path=" + System.getProperty("motet.library.path");

    @TempDir
    Path directory;

    private static ActorRef busy() {
        ActorSystem system = ActorTest.newSystem();
        ActorRef echo = system.spawn(Props.of(() -> (context, message) -> context.reply(message)));
        ActorRef player = system.spawn(Props.of(() -> (context, message) -> context.tell(echo, message)));
        for (int i = 0; i < 100; i++) {
            echo.tell(new ActorTest.Number(i), player); // They play on for ever.
        }
        echo.ask(new ActorTest.Number(0), Duration.ofSeconds(60)).join();
        return echo;
    }

    /** Returns from main without closing. */
    public static final class Returns {
        private Returns() {}

        public static void main(String[] arguments) {
            busy();
            System.out.println("returns");
        }
    }

    /** Exits inside a handler. */
    public static final class Exits {
        private Exits() {}

        public static void main(String[] arguments) throws InterruptedException {
            busy();
            ActorTest.newSystem().spawn(Props.of(() -> (context, message) -> System.exit(0))).tell(new ActorTest.Number(1));
            Thread.sleep(60_000);
            System.out.println("did not exit");
        }
    }

    @Test
    void aProgramMayReturnWithoutClosing() throws Exception {
        assertEquals(List.of("returns"), Jvm.run(directory, true, Returns.class, LIBRARY));
    }

    @Test
    void aHandlerMayExit() throws Exception {
        assertEquals(List.of(), Jvm.run(directory, true, Exits.class, LIBRARY));
    }
}
