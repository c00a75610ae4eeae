package dev.motet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

/** The shutdown: tasks in their phases, that return and that complete later; reasons; what fails and what hangs. */
class ShutdownTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final List<String> said = new CopyOnWriteArrayList<>();

    private static Config local() {
        return new Config().set("remote.enabled", "off").set("log.level", "off");
    }

    @Test
    void tasksRunInTheOrderOfTheirPhases() {
        ActorSystem system = ActorSystem.start(local());
        system.shutdown().add("service-stop", "second", () -> said.add("second"));
        system.shutdown().addAsync("service-unbind", "first", () -> CompletableFuture.runAsync(() -> said.add("first")));
        ShutdownTask never = system.shutdown().add("service-stop", "never", () -> said.add("never"));
        assertTrue(never.cancel());
        assertFalse(never.cancel());
        assertNull(system.shutdown().reason());
        system.close(LONG);
        assertEquals(List.of("first", "second"), said);
        assertEquals(ShutdownReason.ACTOR_SYSTEM_TERMINATE, system.shutdown().reason());
    }

    @Test
    void tasksRunTogetherAndActorsAnswerThem() {
        ActorSystem system = ActorSystem.start(local()).register(ActorTest.Text.class);
        ActorRef echo = system.spawn(Props.of(() -> (context, message) -> context.reply(message)));
        CyclicBarrier met = new CyclicBarrier(2);
        system.shutdown().add("service-stop", "one", met::await);
        system.shutdown().add("service-stop", "other", () -> {
            met.await();
            said.add(echo.ask(new ActorTest.Text("hello"), LONG, ActorTest.Text.class).get().text());
        });
        system.close(LONG);
        assertEquals(List.of("hello"), said);
    }

    @Test
    void itMayBeginWithAPhaseAndForAReason() {
        ActorSystem system = ActorSystem.start(local());
        system.shutdown().add("service-unbind", "first", () -> said.add("first"));
        system.shutdown().add("service-stop", "second", () -> said.add("second"));
        MotetException refused = assertThrows(MotetException.Invalid.class,
                () -> system.shutdown().run(ShutdownReason.UNKNOWN, "nowhere", LONG));
        assertEquals(Code.NOT_FOUND, refused.code());
        system.shutdown().run(ShutdownReason.PROCESS_EXIT, "service-stop", LONG);
        assertEquals(List.of("second"), said);
        assertEquals(ShutdownReason.PROCESS_EXIT, system.shutdown().reason());
        assertThrows(MotetException.class, () -> system.shutdown().add("service-stop", "late", () -> said.add("late")));
        system.close();
    }

    @Test
    void whatATaskThrowsIsItsFailure() {
        for (boolean later : new boolean[] {false, true}) {
            ActorSystem system = ActorSystem.start(local().set("shutdown.phase.service-stop.recover", "off"));
            IOException full = new IOException("the disk is full");
            if (later) {
                system.shutdown().addAsync("service-stop", "flush", () -> CompletableFuture.failedFuture(full));
            } else {
                system.shutdown().add("service-stop", "flush", () -> {
                    throw full;
                });
            }
            MotetException failed = assertThrows(MotetException.Failed.class, () -> system.close(LONG));
            assertTrue(failed.getMessage().contains("task \"flush\" failed: IOException: the disk is full"), failed.getMessage());
            system.close();
        }
    }

    @Test
    void whatHangsIsLeftBehind() {
        ActorSystem system = ActorSystem.start(local().set("shutdown.phase.service-stop.timeout", "20ms"));
        system.shutdown().addAsync("service-stop", "hang", CompletableFuture::new);
        system.shutdown().run(ShutdownReason.UNKNOWN);
        assertTrue(system.awaitClosed(Duration.ZERO));
    }

    @Test
    void aTaskMayClose() {
        ActorSystem system = ActorSystem.start(local());
        system.shutdown().add("service-stop", "again", () -> {
            system.close(LONG);
            said.add("closing");
        });
        system.shutdown().run(ShutdownReason.UNKNOWN, LONG);
        assertEquals(List.of("closing"), said);
    }

    @Test
    void badTasksAreRefused() {
        try (ActorSystem system = ActorSystem.start(local())) {
            assertThrows(MotetException.Invalid.class, () -> system.shutdown().add("nowhere", "task", () -> {}));
            assertThrows(MotetException.Invalid.class, () -> system.shutdown().add("service-stop", "", () -> {}));
        }
    }
}
