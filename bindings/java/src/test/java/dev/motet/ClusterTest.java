package dev.motet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Two nodes in one program: joining, events, and work across. */
class ClusterTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private static ActorSystem node(String role) {
        Config config = new Config().set("system.name", "Pair").set("log.level", "off").set("cluster.roles", role);
        return ActorSystem.start(config).register(ActorTest.Text.class, ActorTest.Refs.class);
    }

    @Test
    void nodesJoinWorkTogetherAndLeave() throws Exception {
        try (ActorSystem one = node("front"); ActorSystem two = node("back")) {
            Probe events = new Probe(one);
            one.cluster().subscribe(events.ref);
            events.find(ClusterState.class);
            one.cluster().join(one.address());
            one.cluster().awaitUp(LONG);
            two.cluster().join(one.address());
            two.cluster().awaitUp(LONG);

            Member member = events.find(ClusterEvent.MemberUp.class).member();
            while (!member.address().equals(two.address())) {
                member = events.find(ClusterEvent.MemberUp.class).member();
            }
            assertEquals("up", member.status());
            assertEquals(two.uid(), member.uid());
            assertTrue(member.hasRole("back"));
            ClusterState state = one.cluster().state();
            assertEquals(2, state.members().size());
            assertTrue(state.members().stream().anyMatch(m -> m.address().equals(two.address()) && m.uid() == two.uid()));

            workAcross(one, two);

            two.cluster().leave();
            Member removed = events.find(ClusterEvent.MemberRemoved.class).member();
            assertEquals(two.address(), removed.address());
        }
    }

    @Test
    void theStateTellsMoreAndTheClusterPreparesItsEnd() throws Exception {
        try (ActorSystem one = node("front")) {
            one.cluster().joinSeeds(List.of(one.address()));
            one.cluster().awaitUp(LONG);
            ClusterState state = one.cluster().state();
            assertEquals(Map.of("front", one.address()), state.roleLeaders());
            assertEquals("0.0.0", state.members().get(0).version());
            assertEquals(1, state.members().get(0).upNumber());
            assertEquals(List.of(), one.cluster().suspicions());
            assertTrue(one.cluster().stateJson().contains(one.address()));
            Probe events = new Probe(one);
            one.cluster().subscribe(events.ref);
            assertEquals(state.roleLeaders(), events.find(ClusterState.class).roleLeaders());
            one.cluster().prepareForFullShutdown();
            assertEquals(
                    one.address(),
                    events.find(ClusterEvent.MemberReadyForShutdown.class).member().address());
        }
    }

    @Test
    void theStateCanComeAsEvents() throws Exception {
        try (ActorSystem one = node("front")) {
            one.cluster().join(one.address());
            one.cluster().awaitUp(LONG);
            Probe events = new Probe(one);
            one.cluster().subscribe(events.ref, InitialState.AS_EVENTS);
            assertEquals(
                    one.uid(), events.next(ClusterEvent.MemberUp.class).member().uid());
            assertEquals(one.address(), events.next(ClusterEvent.LeaderChanged.class).leader());
        }
    }

    @Test
    void peersAndRoom() throws Exception {
        Config config = new Config()
                .set("system.name", "Pair")
                .set("log.level", "off")
                .set("remote.max-message-size", "1MiB");
        try (ActorSystem one = node("front");
                ActorSystem two = ActorSystem.start(config).register(ActorTest.Text.class)) {
            assertEquals(List.of(), two.peers());
            ActorRef echo = one.spawn(Props.of(() -> (context, message) -> context.reply(message)), "echo");
            ActorRef far = two.ref(echo.path());
            ActorTest.Text small = new ActorTest.Text("small");
            ActorTest.Text large = new ActorTest.Text("x".repeat(2_000_000));
            far.ask(small, LONG).get(60, TimeUnit.SECONDS);
            Peer peer = two.peers().get(0);
            assertEquals(1, two.peers().size());
            assertEquals(List.of(one.address(), "active"), List.of(peer.address(), peer.state()));
            assertEquals(one.uid(), peer.uid());

            assertEquals(Code.OK, far.awaitRoom(small, LONG));
            assertEquals(Code.TOO_LARGE, far.awaitRoom(large, LONG));
            Probe probe = new Probe(two);
            far.whenRoom(small, probe.ref);
            Room room = probe.next(Room.class);
            assertEquals(Code.OK, room.code());
            assertEquals(far, room.ref());
            far.whenRoom(large, probe.ref);
            assertEquals(Code.TOO_LARGE, probe.next(Room.class).code());
        }
    }

    @Test
    void callsWhenThisNodeIsUpAndWhenItIsRemoved() throws Exception {
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        ActorSystem one = node("front");
        one.cluster().onUp(() -> {
            told.add("up");
            throw new IllegalStateException("harms nobody, and is not called again");
        });
        one.cluster().onRemoved(() -> told.add("removed"));
        one.cluster().join(one.address());
        assertEquals("up", told.poll(60, TimeUnit.SECONDS));
        one.cluster().onUp(() -> told.add("up already"));
        assertEquals("up already", told.poll(60, TimeUnit.SECONDS));
        one.cluster().leave();
        assertEquals("removed", told.poll(60, TimeUnit.SECONDS));
        one.close();
        one.cluster().onRemoved(() -> told.add("removed already"));
        assertEquals("removed already", told.poll(60, TimeUnit.SECONDS));
        assertThrows(MotetException.Closed.class, () -> one.cluster().onUp(() -> told.add("never")));

        ActorSystem never = node("front");
        never.cluster().onRemoved(() -> told.add("ended"));
        never.close();
        assertEquals("ended", told.poll(60, TimeUnit.SECONDS));
    }

    record Greeting(String words, String mark) {}

    private static Actor greeter(Greeting greeting) {
        Greeting own = greeting == null ? new Greeting("hello", "!") : greeting;
        return (context, message) -> {
            String text = ((ActorTest.Text) message).text();
            if (text.equals("fail")) {
                throw new IllegalStateException("as told");
            }
            context.reply(new ActorTest.Text(own.words() + " " + text + own.mark()));
        };
    }

    @Test
    void actorsMadeByTheNameOfTheirTypeHereAndThere() throws Exception {
        Config denying = new Config()
                .set("system.name", "Pair")
                .set("log.level", "off")
                .set("remote.creation.deny", "test.Secret");
        try (ActorSystem here = node("front");
                ActorSystem there = ActorSystem.start(denying).register(ActorTest.Text.class)) {
            for (ActorSystem system : List.of(here, there)) {
                system.registerActor("test.Greeter", Greeting.class, ClusterTest::greeter);
            }
            there.registerActor("test.Secret", Greeting.class, ClusterTest::greeter);
            assertThrows(
                    MotetException.class,
                    () -> here.registerActor("test.Greeter", Greeting.class, ClusterTest::greeter));
            assertThrows(
                    MotetException.class,
                    () -> here.registerActor("motet.Greeter", Greeting.class, ClusterTest::greeter));
            assertThrows(MotetException.class, () -> here.spawn(Props.ofType("test.Nothing", null)));

            Props plain = Props.ofType("test.Greeter", null).with("supervision.directive", "stop");
            Props marked = Props.ofType("test.Greeter", new Greeting("hi", "?")).with("supervision.directive", "stop");
            ActorRef near = here.spawn(plain);
            ActorRef far = here.spawn(marked.with("remote", there.address()));
            ActorRef secret = here.spawn(Props.ofType("test.Secret", null).with("remote", there.address()));
            ActorRef wrong = here.spawn(Props.ofType("test.Greeter", 5).with("supervision.directive", "stop"));
            ActorTest.Text you = new ActorTest.Text("you");
            assertEquals(new ActorTest.Text("hello you!"), near.ask(you, LONG).get(60, TimeUnit.SECONDS));
            assertEquals(new ActorTest.Text("hi you?"), far.ask(you, LONG).get(60, TimeUnit.SECONDS));

            BlockingQueue<ActorRef> gone = new LinkedBlockingQueue<>();
            here.spawn(Props.of(() -> new Actor() {
                @Override
                public void preStart(Context context) {
                    List.of(near, far, secret, wrong).forEach(context::watch);
                    near.tell(new ActorTest.Text("fail"));
                    far.tell(new ActorTest.Text("fail"));
                }

                @Override
                public void receive(Context context, Object message) {
                    gone.add(((Terminated) message).ref());
                }
            }));
            Set<ActorRef> ended = new HashSet<>();
            for (int i = 0; i < 4; i++) {
                ended.add(gone.poll(60, TimeUnit.SECONDS));
            }
            assertEquals(Set.of(near, far, secret, wrong), ended);
        }
    }

    private void workAcross(ActorSystem one, ActorSystem two) throws Exception {
        ActorRef echo = two.spawn(Props.of(() -> (context, message) -> context.reply(message)), "echo");
        ActorRef far = one.ref(echo.path());
        ActorTest.Text text = new ActorTest.Text("über die Grenze 🎵");
        assertEquals(text, far.ask(text, LONG).get(60, TimeUnit.SECONDS));

        Probe probe = new Probe(one);
        ActorTest.Refs refs = new ActorTest.Refs(probe.ref, null, far);
        far.tell(refs, probe.ref);
        Probe.Received received = probe.next();
        assertEquals(refs, received.message());
        assertEquals(far, received.sender());

        one.spawn(Props.of(() -> new Actor() {
            @Override
            public void preStart(Context context) {
                context.watch(far);
                far.tell(new PoisonPill());
            }

            @Override
            public void receive(Context context, Object message) {
                probe.ref.tell(new ActorTest.Text(((Terminated) message).ref().path()));
            }
        }));
        probe.expect(new ActorTest.Text(far.path()));
    }
}
