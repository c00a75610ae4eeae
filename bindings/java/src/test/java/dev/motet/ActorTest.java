package dev.motet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages between actors of one system. */
class ActorTest {
    @MessageType("test.Text")
    record Text(String text) {}

    @MessageType("test.Number")
    record Number(int value) {}

    @MessageType("test.Refs")
    record Refs(ActorRef one, List<Map<String, ActorRef>> more, Object any) {}

    @MessageType("test.Unregistered")
    record Unregistered(int value) {}

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Actor ECHO = (context, message) -> context.reply(message);

    private ActorSystem system;
    private Probe probe;

    @BeforeEach
    void start() {
        system = newSystem();
        probe = new Probe(system);
    }

    @AfterEach
    void close() {
        system.close();
    }

    static ActorSystem newSystem() {
        return ActorSystem.start(new Config().set("remote.enabled", "off").set("log.level", "off"))
                .register(Text.class, Number.class, Refs.class);
    }

    private ActorRef spawn(Actor behaviour) {
        return system.spawn(Props.of(() -> behaviour));
    }

    @Test
    void aToldMessageArrivesWithItsSender() {
        ActorRef echo = spawn(ECHO);
        assertEquals(Code.OK, echo.tell(new Text("Straße 🎵"), probe.ref));
        Probe.Received received = probe.next();
        assertEquals(new Text("Straße 🎵"), received.message());
        assertEquals(echo, received.sender());
    }

    @Test
    void anAskIsAnswered() throws Exception {
        ActorRef echo = spawn(ECHO);
        assertEquals(new Number(7), echo.ask(new Number(7), LONG).get(60, TimeUnit.SECONDS));
        assertEquals(new Number(8), echo.ask(new Number(8), LONG, Number.class).get(60, TimeUnit.SECONDS));
    }

    @Test
    void anAnswerOfAnotherTypeIsNamed() {
        ActorRef echo = spawn(ECHO);
        MotetException told = failure(echo.ask(new Number(7), LONG, Text.class));
        assertTrue(told.getMessage().contains("Number[value=7]") && told.getMessage().contains("Text"), told::getMessage);
    }

    @Test
    void anAskThatIsNotAnsweredFailsAndNamesTargetAndType() {
        ActorRef silent = spawn((context, message) -> {});
        MotetException told = failure(silent.ask(new Number(7), Duration.ofMillis(20)));
        assertInstanceOf(MotetException.Timeout.class, told);
        assertTrue(told.getMessage().contains(silent.path().replaceAll("#.*", "")), told::getMessage);
        assertTrue(told.getMessage().contains("test.Number"), told::getMessage);
        assertInstanceOf(MotetException.Invalid.class, failure(silent.ask(new Number(7), Duration.ZERO)));
    }

    @Test
    void anAnswerMayBeAFailure() {
        ActorRef refusing = spawn((context, message) -> context.reply(new Failure("not today")));
        MotetException told = failure(refusing.ask(new Number(7), LONG));
        assertInstanceOf(MotetException.Failed.class, told);
        assertTrue(told.getMessage().contains("not today"), told::getMessage);
    }

    @Test
    void whoAskedIsToldHowTheHandlerFailed() {
        ActorRef failing = spawn((context, message) -> {
            throw new IllegalStateException("Größe 7 is wrong");
        });
        MotetException told = failure(failing.ask(new Number(7), LONG));
        assertInstanceOf(MotetException.Failed.class, told);
        assertTrue(told.getMessage().contains("IllegalStateException: Größe 7 is wrong"), told::getMessage);
    }

    @Test
    void referencesTravelAtAnyDepth() {
        ActorRef echo = spawn(ECHO);
        Refs refs = new Refs(echo, List.of(Map.of("probe", probe.ref)), List.of("x", Map.of("echo", echo)));
        echo.tell(refs, probe.ref);
        Refs back = probe.next(Refs.class);
        assertEquals(refs, back);
        assertEquals(refs.hashCode(), back.hashCode());
        assertEquals(echo.path(), back.one().path());
        assertNotEquals(echo, probe.ref);
        back.one().tell(new Text("through the copy"), probe.ref);
        probe.expect(new Text("through the copy"));
    }

    @Test
    void aTypeWithoutRecordArrivesByName() {
        ActorRef echo = spawn(ECHO);
        echo.tell(new Message("other.Thing", Map.of("a", List.of(1, 2.5, "x"))), probe.ref);
        probe.expect(new Message("other.Thing", Map.of("a", List.of(1L, 2.5, "x"))));
        echo.tell(new Message("test.Number", Map.of("value", 3)), probe.ref);
        probe.expect(new Number(3));
    }

    @Test
    void whatIsNoMessageIsRefusedAndNamed() {
        CodecTest.assertTells(() -> probe.ref.tell("text"), Code.INVALID, "java.lang.String");
        CodecTest.assertTells(() -> probe.ref.tell(null), Code.INVALID, "null");
        record Bare(int x) {}
        CodecTest.assertTells(() -> probe.ref.tell(new Bare(1)), Code.INVALID, "Bare", "@MessageType");
        CodecTest.assertTells(() -> system.register("motet.Own", Bare.class), Code.INVALID, "motet.Own");
        CodecTest.assertTells(() -> system.register("test.Text", Bare.class), Code.INVALID, "test.Text", "Bare");
        system.register("test.Bare", Bare.class);
        probe.ref.tell(new Bare(1));
        probe.expect(new Bare(1));
    }

    @Test
    void anUnhandledMessageBecomesADeadLetter() {
        system.subscribe(probe.ref, "dead-letters");
        ActorRef picky = spawn((context, message) -> context.unhandled());
        picky.tell(new Text("what?"), probe.ref);
        DeadLetter letter = probe.next(DeadLetter.class);
        assertEquals(Code.UNHANDLED, letter.cause());
        assertEquals("test.Text", letter.type());
        assertTrue(letter.target().startsWith(picky.path().replaceAll("#.*", "")), letter::target);
    }

    @Test
    void bytesThatDoNotFitTheRecordAreADeadLetterAndNoFailure() {
        system.subscribe(probe.ref, "dead-letters");
        ActorRef echo = spawn(ECHO);
        echo.tell(new Message("test.Number", Map.of("value", "no number")), probe.ref);
        assertEquals("test.Number", probe.next(DeadLetter.class).type());
        echo.tell(new Number(1), probe.ref);
        probe.expect(new Number(1));
    }

    @Test
    void theOrderOfASenderIsKeptAndOneMessageIsHandledAtATime() throws Exception {
        AtomicBoolean busy = new AtomicBoolean();
        AtomicInteger overlaps = new AtomicInteger();
        int[] last = new int[4];
        int each = 20_000;
        ActorRef counter = spawn((context, message) -> {
            if (!busy.compareAndSet(false, true)) {
                overlaps.incrementAndGet();
            }
            int value = ((Number) message).value();
            int sender = value % 4;
            if (last[sender]++ != value / 4) {
                overlaps.incrementAndGet();
            }
            busy.set(false);
            if (last[0] + last[1] + last[2] + last[3] == 4 * each) {
                probe.ref.tell(new Text("all"));
            }
        });
        Thread[] threads = new Thread[4];
        for (int sender = 0; sender < 4; sender++) {
            int number = sender;
            threads[sender] = new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    counter.tell(new Number(i * 4 + number));
                }
            });
            threads[sender].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        probe.expect(new Text("all"));
        assertEquals(0, overlaps.get());
    }

    @Test
    void aForwardedMessageKeepsItsSender() {
        ActorRef echo = spawn(ECHO);
        ActorRef forwarder = spawn((context, message) -> context.forward(echo));
        forwarder.tell(new Text("on"), probe.ref);
        Probe.Received received = probe.next();
        assertEquals(new Text("on"), received.message());
        assertEquals(echo, received.sender());
    }

    @Test
    void insideAHandlerTheActorIsTheSender() {
        ActorRef teller = spawn((context, message) -> probe.ref.tell(message));
        teller.tell(new Text("x"));
        assertEquals(teller, probe.next().sender());
        probe.ref.tell(new Text("from outside"));
        assertNull(probe.next().sender());
    }

    @Test
    void theTraceGoesOnWithoutAnyCode() {
        ActorRef second = spawn((context, message) -> probe.ref.tell(message));
        ActorRef first = spawn((context, message) -> second.ask(message, LONG).handle((answer, error) -> null));
        ActorRef third = spawn((context, message) -> context.forward(first));
        String trace;
        try (Span span = system.span("start")) {
            trace = span.traceparent().substring(3, 35);
            third.tell(new Text("traced"));
        }
        assertEquals(trace, probe.next().traceparent().substring(3, 35));
        third.tell(new Text("not traced"));
        String other = probe.next().traceparent();
        assertTrue(other == null || !other.contains(trace), () -> other + " belongs to a message before");
    }

    @Test
    void theTraceGoesOnInTheAnswerOfAnAsk() {
        ActorRef echo = spawn(ECHO);
        String parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        ActorRef asker = spawn((context, message) -> echo.ask(message, LONG).thenAccept(answer -> probe.ref.tell(answer)));
        try (Span span = system.span("start", parent)) {
            assertTrue(span.traceparent().startsWith("00-4bf92f3577b34da6a3ce929d0e0e4736-"), span::traceparent);
            asker.tell(new Text("ask"));
        }
        assertEquals("4bf92f3577b34da6a3ce929d0e0e4736", probe.next().traceparent().substring(3, 35));
    }

    @Test
    void handlersAndFuturesRunOnTheExecutorThatWasGiven() throws Exception {
        Executor executor = task -> new Thread(task, "own").start();
        try (ActorSystem other = ActorSystem.start(new Config().set("remote.enabled", "off").set("log.level", "off"), executor)) {
            other.register(Text.class);
            ActorRef namer = other.spawn(Props.of(
                    () -> (context, message) -> context.reply(new Text(Thread.currentThread().getName()))));
            CompletableFuture<String> completed = namer.ask(new Text(""), LONG, Text.class)
                    .thenApply(text -> text.text() + " " + Thread.currentThread().getName());
            String threads = completed.get(60, TimeUnit.SECONDS);
            assertTrue(threads.equals("own own") || threads.equals("own " + Thread.currentThread().getName()), threads);
        }
    }

    @Test
    void handlersThatWaitForAnswersDoNotStarveEachOther() {
        ActorRef echo = spawn(ECHO);
        int many = 8 * Runtime.getRuntime().availableProcessors();
        for (int i = 0; i < many; i++) {
            spawn((context, message) -> probe.ref.tell(echo.ask(message, LONG).join())).tell(new Number(i));
        }
        for (int i = 0; i < many; i++) {
            probe.next(Number.class);
        }
    }

    @Test
    void referencesByPathAndPattern() {
        ActorRef named = system.spawn(Props.of(() -> ECHO), "by-name");
        system.ref("/user/by-name").tell(new Text("path"), probe.ref);
        probe.expect(new Text("path"));
        system.ref("/user/by-n*").tell(new Text("pattern"), probe.ref);
        probe.expect(new Text("pattern"));
        assertEquals(named, system.ref(named.path()));
        named.tell(new Identify("who"), probe.ref);
        assertEquals(new ActorIdentity(named, "who"), probe.next().message());
        assertEquals(named, system.resolve("/user/by-name", Duration.ofSeconds(60)).join());
        CompletionException nobody = assertThrows(
                CompletionException.class, () -> system.resolve("/user/nobody", Duration.ofSeconds(60)).join());
        assertEquals(Code.NOT_FOUND, ((MotetException) nobody.getCause()).code());
        CodecTest.assertTells(() -> system.ref("no path"), Code.BAD_NAME, "no path");
    }

    @Test
    void namesAreCheckedAndUnique() {
        system.spawn(Props.of(() -> ECHO), "taken");
        CodecTest.assertTells(() -> system.spawn(Props.of(() -> ECHO), "taken"), Code.NAME_TAKEN, "taken");
        CodecTest.assertTells(() -> system.spawn(Props.of(() -> ECHO), "ein/Name"), Code.BAD_NAME, "ein/Name");
        CodecTest.assertTells(() -> system.spawn(Props.of(() -> ECHO).with("colour", "red")), Code.UNKNOWN_KEY, "colour");
    }

    /** What an ask failed with. */
    static MotetException failure(CompletableFuture<?> future) {
        ExecutionException failed = assertThrows(ExecutionException.class, () -> future.get(60, TimeUnit.SECONDS));
        return assertInstanceOf(MotetException.class, failed.getCause());
    }
}
