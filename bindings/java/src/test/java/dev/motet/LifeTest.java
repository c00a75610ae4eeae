package dev.motet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Life of actors and of systems: hooks, restarts, stopping, watching, timers, closing, collecting. */
class LifeTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private ActorSystem system;
    private Probe probe;

    @BeforeEach
    void start() {
        system = ActorTest.newSystem();
        probe = new Probe(system);
    }

    @AfterEach
    void close() {
        system.close();
    }

    private static ActorTest.Text text(String text) {
        return new ActorTest.Text(text);
    }

    /** Tells the probe of everything that happens to it; fails on "fail". */
    private final class Living implements Actor {
        private final int instance = instances.incrementAndGet();

        private void tell(String what) {
            probe.ref.tell(text(instance + " " + what));
        }

        @Override
        public void preStart(Context context) {
            tell("pre-start");
        }

        @Override
        public void postStop(Context context) {
            tell("post-stop");
        }

        @Override
        public void preRestart(Context context, Failure reason) {
            tell("pre-restart " + reason.error());
        }

        @Override
        public void postRestart(Context context, Failure reason) {
            tell("post-restart " + reason.error());
        }

        @Override
        public void receive(Context context, Object message) {
            String told = ((ActorTest.Text) message).text();
            tell(told);
            if (told.equals("fail")) {
                throw new IllegalArgumentException("Größe 7 is wrong");
            }
            if (told.equals("stop")) {
                context.stop();
            }
        }
    }

    private final AtomicInteger instances = new AtomicInteger();

    @Test
    void aFailedActorIsRestartedAsAFreshInstance() {
        ActorRef living = system.spawn(Props.of(Living::new));
        List.of("a", "fail", "b").forEach(told -> living.tell(text(told)));
        for (String expected : List.of("1 pre-start", "1 a", "1 fail",
                "1 pre-restart IllegalArgumentException: Größe 7 is wrong",
                "2 post-restart IllegalArgumentException: Größe 7 is wrong", "2 b")) {
            probe.expect(text(expected));
        }
    }

    @Test
    void supervisionDecidesAndTheWatcherIsTold() {
        ActorRef living = system.spawn(Props.of(Living::new).with("supervision.directive", "stop"));
        CountDownLatch watching = new CountDownLatch(1);
        ActorRef watcher = system.spawn(Props.of(() -> new Actor() {
            @Override
            public void preStart(Context context) {
                context.watch(living);
                watching.countDown();
            }

            @Override
            public void receive(Context context, Object message) {
                probe.ref.tell(text(((Terminated) message).ref().equals(living) ? "terminated" : message.toString()));
            }
        }));
        Probe.await(() -> watching.getCount() == 0, "watching");
        living.tell(text("fail"));
        for (String expected : List.of("1 pre-start", "1 fail", "1 post-stop")) {
            probe.expect(text(expected));
        }
        Probe.Received received = probe.next();
        assertEquals(text("terminated"), received.message());
        assertEquals(watcher, received.sender());
        assertNotEquals(Code.OK, living.tell(text("too late")));
    }

    @Test
    void whoDoesNotHandleATerminationFails() {
        ActorRef living = system.spawn(Props.of(Living::new));
        probe.expect(text("1 pre-start"));
        system.spawn(Props.of(() -> new Actor() {
            @Override
            public void preStart(Context context) {
                context.watch(living);
                living.stop();
            }

            @Override
            public void receive(Context context, Object message) {
                context.unhandled();
            }

            @Override
            public void preRestart(Context context, Failure reason) {
                probe.ref.tell(text("restart"));
            }

            @Override
            public void postRestart(Context context, Failure reason) {}
        }));
        probe.expect(text("1 post-stop"));
        probe.expect(text("restart"));
    }

    @Test
    void whatComesBehindAStopIsNotHandled() {
        ActorRef living = system.spawn(Props.of(Living::new));
        probe.expect(text("1 pre-start"));
        List.of("a", "stop", "b", "c").forEach(told -> living.tell(text(told)));
        for (String expected : List.of("1 a", "1 stop", "1 post-stop")) {
            probe.expect(text(expected));
        }
        system.close();
        assertTrue(probe.isEmpty());
    }

    @Test
    void pillsAndKillsAct() {
        ActorRef living = system.spawn(Props.of(Living::new));
        probe.expect(text("1 pre-start"));
        living.tell(text("a"));
        living.tell(new PoisonPill());
        probe.expect(text("1 a"));
        probe.expect(text("1 post-stop"));
        system.spawn(Props.of(Living::new)).tell(new Kill());
        probe.expect(text("2 pre-start"));
        probe.expect(text("2 post-stop"));
    }

    @Test
    void childrenEndBeforeTheirParent() {
        AtomicReference<ActorRef> parentOfChild = new AtomicReference<>();
        ActorRef parent = system.spawn(Props.of(() -> new Actor() {
            @Override
            public void preStart(Context context) {
                context.spawn(Props.of(() -> new Actor() {
                    @Override
                    public void preStart(Context child) {
                        parentOfChild.set(child.parent());
                    }

                    @Override
                    public void receive(Context child, Object message) {}

                    @Override
                    public void postStop(Context child) {
                        probe.ref.tell(text("child"));
                    }
                }), "child");
            }

            @Override
            public void receive(Context context, Object message) {}

            @Override
            public void postStop(Context context) {
                probe.ref.tell(text("parent"));
            }
        }), "parent");
        Probe.await(() -> parentOfChild.get() != null, "the child");
        assertEquals(parent.path().replaceAll("#.*", ""), parentOfChild.get().path().replaceAll("#.*", ""));
        parent.stop();
        probe.expect(text("child"));
        probe.expect(text("parent"));
    }

    @Test
    void timersTickUntilTheyAreCancelled() {
        system.spawn(Props.of(() -> new Actor() {
            private int ticks;

            @Override
            public void preStart(Context context) {
                context.startTimer("once", "once", Duration.ofMillis(1));
                context.startTimer("never", "never", Duration.ofMillis(1));
                context.cancelTimer("never");
                context.startTimer("replaced", "never", Duration.ofMillis(1));
                context.startTimer("replaced", "replaced", Duration.ofMillis(30));
                CodecTest.assertTells(() -> context.startTimer("bad", "", Duration.ofMillis(-1)), Code.INVALID, "PT-0.001S");
            }

            @Override
            public void receive(Context context, Object message) {
                probe.ref.tell(text(message.toString()));
                if (message.equals("replaced")) {
                    context.startPeriodicTimer("again", "again", Duration.ofMillis(2));
                } else if (message.equals("again") && ++ticks == 3) {
                    context.cancelTimer("again");
                    context.startTimer("end", "end", Duration.ofMillis(30));
                }
            }
        }));
        for (String expected : List.of("once", "replaced", "again", "again", "again", "end")) {
            probe.expect(text(expected));
        }
    }

    @Test
    void aContextIsOnlyForItsHandler() {
        AtomicReference<Context> kept = new AtomicReference<>();
        system.spawn(Props.of(() -> (context, message) -> {
            kept.set(context);
            probe.ref.tell(message);
        })).tell(text("x"));
        probe.expect(text("x"));
        Probe.await(() -> {
            try {
                kept.get().sender();
                return false;
            } catch (IllegalStateException expected) {
                return true;
            }
        }, "the end of the handler");
    }

    @Test
    void closingEndsEverything() {
        ActorRef silent = system.spawn(Props.of(() -> (context, message) -> {}));
        system.spawn(Props.of(Living::new));
        probe.expect(text("1 pre-start"));
        CompletableFuture<Object> open = silent.ask(text("never answered"), LONG);
        assertFalse(system.awaitClosed(Duration.ofMillis(1)));
        system.close();
        system.close();
        assertInstanceOf(MotetException.Closed.class, ActorTest.failure(open));
        assertTrue(system.awaitClosed(Duration.ofMillis(1)));
        assertNotEquals(Code.OK, silent.tell(text("late")));
        assertThrows(MotetException.Closed.class, () -> system.spawn(Props.of(Living::new)));
        assertInstanceOf(MotetException.Closed.class, ActorTest.failure(silent.ask(text("late"), LONG)));
    }

    @Test
    void aHandlerMayCloseItsSystem() {
        system.spawn(Props.of(() -> (context, message) -> context.system().close())).tell(text("close"));
        assertTrue(system.awaitClosed(LONG));
    }

    @Test
    void closingWhileThreadsWorkAlwaysEnds() throws Exception {
        for (int round = 0; round < 20; round++) {
            ActorSystem busy = ActorTest.newSystem();
            ActorRef echo = busy.spawn(Props.of(() -> (context, message) -> context.reply(message)));
            List<Thread> threads = new ArrayList<>();
            CountDownLatch working = new CountDownLatch(2);
            for (int i = 0; i < 2; i++) {
                Thread thread = new Thread(() -> {
                    List<CompletableFuture<Object>> open = new ArrayList<>();
                    while (echo.tell(text("busy")) != Code.CLOSED && echo.tell(text("busy")) != Code.STOPPED) {
                        open.add(echo.ask(text("question"), LONG));
                        working.countDown();
                    }
                    open.forEach(future -> future.handle((answer, error) -> null).join());
                });
                threads.add(thread);
                thread.start();
            }
            assertTrue(working.await(60, TimeUnit.SECONDS));
            busy.close();
            for (Thread thread : threads) {
                thread.join(60_000);
                assertFalse(thread.isAlive(), "an ask was never completed");
            }
        }
    }

    @Test
    void collectedReferencesAreFreed() {
        List<ActorRef> refs = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            refs.add(system.ref("/user/nobody-" + i));
        }
        assertTrue(Handles.held() >= refs.size());
        refs.clear();
        Probe.await(() -> {
            System.gc();
            return Handles.held() < 5_000;
        }, "freeing");
    }
}
