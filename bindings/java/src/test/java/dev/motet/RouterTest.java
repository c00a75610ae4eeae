package dev.motet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Routers: pools by code, by type and by configuration, groups; every routee has an instance of its own. */
class RouterTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @MessageType("test.Job")
    record Job(String name) {}

    @MessageType("test.Done")
    record Done(String name, int handled, int instance) {}

    private final AtomicInteger made = new AtomicInteger();
    private final Map<Integer, Integer> stopped = new ConcurrentHashMap<>();
    private final CountDownLatch gate = new CountDownLatch(1);

    /** Says who it is; fails, stops and waits as it is told. */
    private final class Worker implements Actor {
        private final int instance = made.incrementAndGet();
        private int handled;

        @Override
        public void receive(Context context, Object message) throws Exception {
            String name = ((Job) message).name();
            handled++;
            switch (name) {
                case "fail" -> throw new IllegalStateException("as told");
                case "stop" -> context.stop();
                case "wait" -> gate.await();
                default -> {}
            }
            context.reply(new Done(name, handled, instance));
        }

        @Override
        public void postStop(Context context) {
            stopped.merge(instance, 1, Integer::sum);
        }
    }

    private ActorSystem system;

    @BeforeEach
    void start() {
        system = start(new Config().set("remote.enabled", "off"));
    }

    /** Handlers wait in these tests, so each has a thread. */
    private static ActorSystem start(Config config) {
        return ActorSystem.start(config.set("log.level", "off"), task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            thread.start();
        }).register(Job.class, Done.class);
    }

    @AfterEach
    void close() {
        gate.countDown();
        system.close();
    }

    private Props worker() {
        return Props.of(Worker::new);
    }

    private static Done ask(ActorRef router, Object message) throws Exception {
        return (Done) router.ask(message, LONG).get();
    }

    private static List<Integer> askEach(ActorRef router, int jobs) throws Exception {
        List<Integer> instances = new ArrayList<>();
        for (int i = 0; i < jobs; i++) {
            instances.add(ask(router, new Job("job " + i)).instance());
        }
        return instances;
    }

    private static void askToFail(ActorRef router) {
        ExecutionException told = assertThrows(ExecutionException.class, () -> ask(router, new Job("fail")));
        assertInstanceOf(MotetException.Failed.class, told.getCause());
    }

    private static List<ActorRef> routeesOf(ActorRef router) {
        return router.ask(new GetRoutees(), LONG, Routees.class).join().routees();
    }

    private static void awaitRoutees(ActorRef router, int count) {
        Probe.await(() -> routeesOf(router).size() == count, count + " routees");
    }

    @Test
    void eachRouteeOfAPoolByCodeHasAnInstanceOfItsOwn() throws Exception {
        ActorRef pool = system.spawn(Props.pool(worker(), new Routing.RoundRobin(), 3), "pool");
        List<Integer> first = askEach(pool, 3);
        assertEquals(Set.of(1, 2, 3), new HashSet<>(first));
        assertEquals(first, askEach(pool, 3));
        askToFail(pool);
        assertEquals(Set.of(first.get(1), first.get(2), 4), new HashSet<>(askEach(pool, 6)));
        ask(pool, new Job("stop"));
        awaitRoutees(pool, 2);
        assertEquals(2, new HashSet<>(askEach(pool, 4)).size());
        pool.stop();
        Probe.await(() -> system.runner().cells() == 0, "nothing is kept of the pool");
        assertEquals(4, made.get());
        assertTrue(stopped.values().stream().allMatch(times -> times == 1));
    }

    @Test
    void aRouteeIsStoppedOrGoesOnAsItsSupervisionSays() throws Exception {
        for (var directive : Map.of("stop", 2, "resume", 3).entrySet()) {
            Props routee = worker().with("supervision.directive", directive.getKey());
            ActorRef pool = system.spawn(Props.pool(routee, new Routing.RoundRobin(), 3));
            Set<Integer> before = new HashSet<>(askEach(pool, 3));
            askToFail(pool);
            awaitRoutees(pool, directive.getValue());
            Set<Integer> after = new HashSet<>(askEach(pool, 6));
            assertEquals(directive.getValue(), after.size());
            assertTrue(before.containsAll(after));
        }
    }

    @Test
    void whatARouteeEscalatesRestartsThePool() throws Exception {
        Props routee = worker().with("supervision.directive", "escalate");
        ActorRef pool = system.spawn(Props.pool(routee, new Routing.RoundRobin(), 3));
        askEach(pool, 3);
        pool.tell(new Job("fail"));
        Probe.await(() -> made.get() == 6, "three new ones");
        awaitRoutees(pool, 3); // They may have begun before the pool sends to them.
        assertEquals(Set.of(4, 5, 6), new HashSet<>(askEach(pool, 3)));
    }

    @Test
    void routeesOfABalancingPoolShareOneMailbox() throws Exception {
        shareOneMailbox(worker());
    }

    @Test
    void soDoThoseOfARegisteredType() throws Exception {
        system.registerActor("test.Worker", Object.class, nothing -> new Worker());
        shareOneMailbox(Props.ofType("test.Worker", null));
    }

    private void shareOneMailbox(Props routee) throws Exception {
        ActorRef pool = system.spawn(Props.pool(routee, new Routing.Balancing(), 3));
        List<CompletableFuture<Object>> waiting =
                List.of(pool.ask(new Job("wait"), LONG), pool.ask(new Job("wait"), LONG));
        Probe.await(() -> made.get() == 3, "all have begun");
        assertEquals(1, new HashSet<>(askEach(pool, 6)).size());
        askToFail(pool);
        assertEquals(List.of(4), askEach(pool, 1));
        gate.countDown();
        for (CompletableFuture<Object> answer : waiting) {
            answer.get();
        }
    }

    @Test
    void routersByConfiguration() throws Exception {
        Config config = new Config()
                .set("remote.enabled", "off")
                .set("actor.deployment.\"/pool\".\"router\"", "round-robin-pool")
                .set("actor.deployment.\"/pool\".\"router.instances\"", "3")
                .set("actor.deployment.\"/group\".\"router\"", "round-robin-group")
                .set("actor.deployment.\"/group\".\"router.paths\"", "/user/member");
        try (ActorSystem deployed = start(config)) {
            assertEquals(Set.of(1, 2, 3), new HashSet<>(askEach(deployed.spawn(worker(), "pool"), 6)));
            deployed.spawn(worker(), "member");
            ActorRef group = deployed.spawn(worker(), "group");
            assertEquals(Set.of(4), new HashSet<>(askEach(group, 3)));
            group.stop();
            // The three, the pool and the member are left.
            Probe.await(() -> deployed.runner().cells() == 5, "nothing is kept of the group");
        }
    }

    @Test
    void aRouterThatIsRefusedLeavesNothing() {
        system.spawn(worker(), "taken");
        assertThrows(MotetException.class, () -> system.spawn(Props.pool(worker(), new Routing.Random(), 3), "taken"));
        List.of(
                        Props.pool(worker(), new Routing.RoundRobin(), 0),
                        Props.pool(worker(), new Routing.ConsistentHashing(null, 0), 1),
                        Props.group(new Routing.RoundRobin(), List.of()),
                        Props.group(new Routing.Balancing(), List.of("/user/taken")))
                .forEach(wrong -> assertThrows(MotetException.class, () -> system.spawn(wrong)));
        Probe.await(() -> system.runner().cells() == 1, "nothing is kept of what was refused");
    }

    @Test
    void aGroupOverPathsHereAndOnAnotherNode() throws Exception {
        try (ActorSystem here = start(new Config()); ActorSystem there = start(new Config())) {
            here.spawn(worker(), "near");
            ActorRef far = there.spawn(worker(), "far");
            ActorRef group = here.spawn(Props.group(new Routing.RoundRobin(), List.of("/user/near", far.path())), "group");
            assertEquals(Set.of(1, 2), new HashSet<>(askEach(group, 6)));
            assertTrue(routeesOf(there.ref(group.path())).contains(far));
        }
    }

    @Test
    void theRouteesOfAPoolAreSpreadOverNodes() throws Exception {
        try (ActorSystem here = start(new Config()); ActorSystem there = start(new Config())) {
            AtomicInteger far = new AtomicInteger();
            here.registerActor("test.Worker", Object.class, nothing -> new Worker());
            there.registerActor("test.Worker", Object.class, nothing -> {
                far.incrementAndGet();
                return new Worker();
            });
            ActorRef pool = here.spawn(Props.pool(Props.ofType("test.Worker", null), new Routing.RoundRobin(), 4)
                    .with("router.target-nodes", here.address() + "," + there.address()));
            assertEquals(Set.of(1, 2, 3, 4), new HashSet<>(askEach(pool, 8)));
            assertEquals(2, far.get());
            pool.stop();
            Probe.await(() -> stopped.size() == 4, "all ended, on both nodes");
        }
    }

    @Test
    void allGetABroadcast() {
        Probe probe = new Probe(system);
        Props telling = Props.of(() -> (context, message) -> probe.ref.tell(message));
        Map<Routing.Logic, Object> broadcasts = Map.of(
                new Routing.Broadcast(), new Job("all"), new Routing.Random(), new Broadcast(new Job("all")));
        broadcasts.forEach((logic, message) -> {
            ActorRef pool = system.spawn(Props.pool(telling, logic, 3));
            pool.tell(message);
            for (int i = 0; i < 3; i++) {
                probe.expect(new Job("all"));
            }
            pool.tell(new Broadcast(new PoisonPill()));
            Probe.await(() -> system.runner().cells() == 1, "all ended, and the pool with them");
        });
        assertThrows(MotetException.Invalid.class, () -> probe.ref.tell(new Broadcast(null)));
    }

    @Test
    void aKeyBelongsToOneRoutee() throws Exception {
        ActorRef pool = system.spawn(Props.pool(worker(), new Routing.ConsistentHashing("name", 50), 3));
        List<Integer> first = askEach(pool, 10);
        assertEquals(first, askEach(pool, 10));
        assertTrue(new HashSet<>(first).size() > 1);
        for (Object key : List.of("job 0", "job 0".getBytes(), 0)) {
            Set<Integer> instances = new HashSet<>();
            for (String name : List.of("a", "b", "c", "d")) {
                Done done = ask(pool, new ConsistentHashableEnvelope(key, new Job(name)));
                assertEquals(name, done.name());
                instances.add(done.instance());
            }
            assertEquals(1, instances.size());
            assertTrue(key instanceof Integer || instances.contains(first.get(0)));
        }
    }

    @Test
    void theFirstAnswerCounts() throws Exception {
        for (Routing.Logic logic : List.of(
                new Routing.ScatterGather(LONG), new Routing.TailChopping(LONG, Duration.ofMillis(1)))) {
            ActorRef pool = system.spawn(Props.pool(worker(), logic, 3));
            routeesOf(pool).get(0).tell(new Job("wait"));
            askEach(pool, 1);
        }
        Props silent = Props.of(() -> (context, message) -> {});
        ActorRef none = system.spawn(Props.pool(silent, new Routing.ScatterGather(Duration.ofMillis(20)), 2));
        ExecutionException told = assertThrows(ExecutionException.class, () -> ask(none, new Job("x")));
        assertInstanceOf(MotetException.Timeout.class, told.getCause());
    }

    @Test
    void theRouteesOfAPoolChange() throws Exception {
        ActorRef pool = system.spawn(Props.pool(worker(), new Routing.RoundRobin(), 3), "pool");
        pool.tell(new AdjustPoolSize(2));
        awaitRoutees(pool, 5);
        assertEquals(5, new HashSet<>(askEach(pool, 5)).size());
        pool.tell(new AdjustPoolSize(-4));
        awaitRoutees(pool, 1);
        Probe.await(() -> stopped.size() == 4, "those that left have ended");
        ActorRef guest = system.spawn(worker(), "guest");
        pool.tell(new AddRoutee(guest));
        awaitRoutees(pool, 2);
        assertEquals(guest, routeesOf(pool).get(1));
        pool.tell(new RemoveRoutee(guest));
        awaitRoutees(pool, 1);
        askEach(guest, 1);
    }

    @Test
    void aPoolOfAsManyAsItTakes() {
        Routing.Pressure pressure = new Routing.Pressure(1, 4, 0, 1, 0.3, 0.1, 1);
        ActorRef pool = system.spawn(Props.pool(worker(), new Routing.SmallestMailbox(), pressure));
        Probe.await(() -> {
            pool.tell(new Job("wait"));
            return routeesOf(pool).size() > 1;
        }, "growing");
        Routing.Resizer exploring = new Routing.OptimalSizeExploring(2, 3, Duration.ofMinutes(1));
        assertEquals(2, routeesOf(system.spawn(Props.pool(worker(), new Routing.RoundRobin(), exploring))).size());
    }
}
