"""Actors: handlers plain and async, dispatch, life, supervision, children, watch, timers."""

import asyncio

import pytest
from conftest import Collector, run_local, until

import motet


@motet.message("test.Add")
class Add:
    number: int


@motet.message("test.Total")
class Total:
    number: int = 0


class Counter(motet.Actor):
    def __init__(self, start=0):
        self.total = start

    @motet.handles(Add)
    def add(self, context, message):
        self.total += message.number

    @motet.handles(Total)
    async def tell_total(self, context, message):
        await asyncio.sleep(0)
        context.reply(Total(self.total))

    @motet.handles("test.Named")
    def named(self, context, message):
        context.reply(motet.Message("test.Named", [message.value]))


def test_class_with_plain_and_async_handlers():
    async def main(system):
        ref = system.spawn(motet.Props(Counter, 100), "counter")
        for number in range(1000):
            assert ref.tell(Add(number)) is motet.Code.OK
        assert await ref.ask(Total()) == Total(100 + 499500)
        assert (await ref.ask(motet.Message("test.Named", 1))).value == [1]
        assert ref.name == "counter" and ref.path.partition("#")[0].endswith("/user/counter")
        assert system.ref(ref.path) == ref and hash(system.ref(ref.path)) == hash(ref)

    run_local(main)


def test_dispatch_finds_the_nearest_class_and_inherits():
    class Base(motet.Actor):
        @motet.handles(object)
        def anything(self, context, message):
            context.reply(Total(1))

    class Derived(Base):
        @motet.handles(Add)
        def add(self, context, message):
            context.reply(Total(2))

    async def main(system):
        ref = system.spawn(Derived)
        assert (await ref.ask(Add(1))).number == 2
        assert (await ref.ask(Total())).number == 1

    run_local(main)


def test_one_message_at_a_time_while_other_actors_run():
    async def main(system):
        running, most, gate = 0, 0, asyncio.Event()

        async def slow(context, message):
            nonlocal running, most
            running += 1
            most = max(most, running)
            await gate.wait()
            await asyncio.sleep(0)
            running -= 1
            context.reply(Total(message.number))

        ref, other = system.spawn(slow), system.spawn(Counter)
        asks = [asyncio.create_task(ref.ask(Add(n))) for n in range(5)]
        assert await other.ask(Total()) == Total(0)  # not held up by the one that waits
        gate.set()
        assert [answer.number for answer in await asyncio.gather(*asks)] == list(range(5))
        assert most == 1

    run_local(main)


def test_messages_keep_their_order_and_their_sender():
    async def main(system):
        kept = []
        collector = system.spawn(motet.Props(Collector, kept))

        async def burst(context, message):
            for number in range(100):
                collector.tell(Add(number))

        ref = system.spawn(burst, "burst")
        ref.tell(Total())
        await until(lambda: len(kept) == 100, "the burst")
        assert [message.number for message, _ in kept] == list(range(100))
        assert {sender for _, sender in kept} == {ref}

    run_local(main)


def test_forward_keeps_the_sender_and_may_change_the_message():
    async def main(system):
        answer = system.spawn(lambda context, message: context.reply(Total(message.number * 2)))
        same = system.spawn(lambda context, message: context.forward(answer))
        other = system.spawn(lambda context, message: context.forward(answer, Add(message.number + 1)))
        assert await same.ask(Add(4)) == Total(8)
        assert await other.ask(Add(4)) == Total(10)
        kept = []
        collector = system.spawn(motet.Props(Collector, kept))
        answer.tell(Add(1), sender=collector)
        await until(lambda: kept, "the reply")
        assert kept == [(Total(2), answer)]

    run_local(main)


def test_an_unhandled_message_is_a_dead_letter():
    async def main(system):
        letters = []
        system.subscribe(system.spawn(motet.Props(Collector, letters)), "dead-letters")
        system.spawn(Counter, "counter").tell(motet.Message("test.Unknown", 1))
        system.spawn(lambda context, message: motet.UNHANDLED, "nothing").tell(Add(1))
        await until(lambda: len(letters) == 2, "two dead letters")
        for letter, _ in letters:
            assert letter.cause == motet.Code.UNHANDLED
        assert {letter.type for letter, _ in letters} == {"test.Unknown", "test.Add"}

    run_local(main)


class Fragile(motet.Actor):
    """Notes its life; fails on negative numbers, on the way or after a wait."""

    def __init__(self, notes):
        self.notes = notes
        notes.append("new")

    def pre_start(self, context):
        self.notes.append("pre_start")

    async def post_stop(self, context):
        await asyncio.sleep(0)
        self.notes.append("post_stop")

    def pre_restart(self, context, reason):
        self.notes.append(f"pre_restart {reason.error}")
        return super().pre_restart(context, reason)

    @motet.handles(Add)
    async def add(self, context, message):
        if message.number < -1:
            await asyncio.sleep(0)
        if message.number < 0:
            raise ValueError(f"negative {message.number}")
        self.notes.append(message.number)

    @motet.handles(Total)
    def total(self, context, message):
        context.reply(Total(len(self.notes)))


@pytest.mark.parametrize("number", [-1, -2])
def test_a_failing_handler_is_restarted_and_keeps_its_mailbox(number):
    async def main(system):
        notes = []
        ref = system.spawn(motet.Props(Fragile, notes))
        for value in (1, number, 2):
            ref.tell(Add(value))
        await until(lambda: 2 in notes, "the message after the failure")
        reason = f"pre_restart ValueError: negative {number}"
        assert notes == ["new", "pre_start", 1, reason, "post_stop", "new", "pre_start", 2]
        ref.stop()
        await until(lambda: notes[-1] == "post_stop", "the end")

    run_local(main)


def test_directives_decide_what_a_failure_does():
    async def main(system):
        notes = []
        props = motet.Props(Fragile, notes)
        resumed = system.spawn(props.with_setting("supervision.directive", "resume"))
        resumed.tell(Add(-1))
        resumed.tell(Add(5))
        await until(lambda: notes == ["new", "pre_start", 5], "going on")
        stopped = system.spawn(props.with_setting("supervision.directive", "stop"))
        stopped.tell(Add(-1))
        await until(lambda: notes[-1] == "post_stop", "the stop")
        await until(lambda: stopped.tell(Add(1)) is motet.Code.STOPPED, "being stopped")
        with pytest.raises(motet.InvalidError, match="supervision.directive"):
            system.spawn(props.with_setting("supervision.directive", "dance"))

    run_local(main)


def test_a_constructor_that_fails_stops_the_actor():
    class Broken(motet.Actor):
        def __init__(self):
            raise RuntimeError("no")

    async def main(system):
        ref = system.spawn(Broken)
        await until(lambda: ref.tell(Add(1)) is motet.Code.STOPPED, "the stop")

    run_local(main)


def test_children_are_supervised_and_stop_with_their_parent():
    async def main(system):
        notes = []

        class Parent(motet.Actor):
            def pre_start(self, context):
                self.child = context.spawn(motet.Props(Fragile, notes), "child")

            def receive(self, context, message):
                context.forward(self.child)

            def post_stop(self, context):
                notes.append("parent")

        parent = system.spawn(Parent, "parent")
        await parent.ask(Total())
        assert system.ref("/user/parent/child").tell(Add(3)) is motet.Code.OK
        await until(lambda: 3 in notes, "the message to the child")
        parent.stop()
        await until(lambda: notes[-1] == "parent", "the end")
        assert notes == ["new", "pre_start", 3, "post_stop", "parent"]

    run_local(main)


def test_watch_tells_the_end_and_unwatch_does_not():
    async def main(system):
        kept = []

        class Watcher(motet.Actor):
            @motet.handles(motet.Message)
            def act(self, context, message):
                getattr(context, message.type_name)(message.value)

            @motet.handles(motet.Terminated)
            def terminated(self, context, message):
                kept.append(message.ref)

        first, second = system.spawn(Counter), system.spawn(Counter)
        watcher = system.spawn(Watcher)
        for verb, ref in (("watch", first), ("watch", second), ("unwatch", first), ("stop", first), ("stop", second)):
            watcher.tell(motet.Message(verb, ref))
        await until(lambda: kept, "Terminated")
        watcher.tell(motet.Message("watch", first))  # has stopped long ago
        await until(lambda: len(kept) == 2, "Terminated of the other")
        assert kept == [second, first]

    run_local(main)


def test_terminated_that_is_not_handled_fails_the_watcher():
    async def main(system):
        ended = []

        class Watcher(Counter):
            @motet.handles(motet.Message)
            def act(self, context, message):
                context.watch(message.value)
                message.value.stop()

            def pre_restart(self, context, reason):
                ended.append(reason.error)

        system.spawn(Watcher).tell(motet.Message("test.Watch", system.spawn(Counter, "short")))
        await until(lambda: ended, "the failure")
        assert "/user/short" in ended[0] and "not handled" in ended[0]

    run_local(main)


def test_stop_from_inside_leaves_the_rest_to_dead_letters():
    async def main(system):
        handled, letters = [], []
        system.subscribe(system.spawn(motet.Props(Collector, letters)), "dead-letters")

        def once(context, message):
            handled.append(message.number)
            context.stop()

        ref = system.spawn(once)
        for number in range(10):
            ref.tell(Add(number))
        await until(lambda: len(letters) == 9, "the dead letters")
        assert handled == [0]

    run_local(main)


def test_poison_pill_kill_and_identify():
    async def main(system):
        ref = system.spawn(Counter)
        identity = await ref.ask(motet.Identify({"n": 1}))
        assert identity == motet.ActorIdentity(ref, {"n": 1})
        assert await system.resolve(f"/user/{ref.name}") == ref
        assert await system.resolve("/user/*") == ref
        with pytest.raises(motet.Error, match="no actor is at /user/nobody") as refused:
            await system.resolve("/user/nobody")
        assert refused.value.code is motet.Code.NOT_FOUND
        ref.tell(Add(1))
        ref.tell(motet.PoisonPill())
        await until(lambda: ref.tell(Add(1)) is motet.Code.STOPPED, "the stop")

    run_local(main)


def test_timers_tick_until_they_are_cancelled():
    async def main(system):
        ticks = []

        class Clock(motet.Actor):
            def pre_start(self, context):
                context.timer("often", 0, Add(1), interval=0.001)
                context.timer("never", 0.001, Add(2))
                context.timer("never", 3600, Add(3))
                context.timer("once", 0, Add(4))

            def receive(self, context, message):
                ticks.append(message.number)
                if ticks.count(1) == 5:
                    context.cancel_timer("often")

        ref = system.spawn(Clock)
        await until(lambda: ticks.count(1) == 5, "five ticks")
        assert await ref.ask(motet.Identify())
        assert ticks.count(1) == 5 and ticks.count(4) == 1 and 2 not in ticks
        with pytest.raises(ValueError, match="delay -1"):
            motet.Context.timer(None, "key", -1, None)

    run_local(main)


def test_selections_reach_all_that_match():
    async def main(system):
        kept = []
        for name in ("worker-1", "worker-2", "other"):
            system.spawn(motet.Props(Collector, kept), name)
        system.ref("/user/worker-*").tell(Add(1))
        await until(lambda: len(kept) == 2, "both")
        assert [message for message, _ in kept] == [Add(1), Add(1)]

    run_local(main)


def test_bad_names_and_behaviours_are_refused():
    async def main(system):
        system.spawn(Counter, "taken")
        with pytest.raises(motet.Error) as taken:
            system.spawn(Counter, "taken")
        assert taken.value.code is motet.Code.NAME_TAKEN and "taken" in str(taken.value)
        with pytest.raises(motet.InvalidError, match="a/b"):
            system.spawn(Counter, "a/b")
        for behavior in (None, 3, int, Counter()):
            with pytest.raises(TypeError, match="is no behaviour"):
                system.spawn(behavior)
        with pytest.raises(TypeError, match="functools.partial"):
            motet.Props(lambda context, message: None, 1)

    run_local(main)


def test_an_unlucky_base_exception_leaves_the_loop_and_fails_the_actor():
    def leave(context, message):
        raise SystemExit(7)

    async def main(system):
        system.spawn(leave).tell(Add(1))
        await asyncio.sleep(10)

    with pytest.raises(SystemExit) as left:
        run_local(main)
    assert left.value.code == 7
