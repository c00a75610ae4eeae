"""Routers: pools by code, by type and by configuration, groups; every routee has an instance of its own."""

import asyncio
import collections

import pytest
from conftest import LOCAL, Collector, run_local, until

import motet
from motet import routing


@motet.message("test.Job")
class Job:
    name: str


@motet.message("test.Done")
class Done:
    name: str
    worker: int
    instance: int


class Worker(motet.Actor):
    """Says who it is; fails, stops and waits as it is told."""

    instances = 0
    stopped: collections.Counter = collections.Counter()
    gate: asyncio.Event | None = None

    def __init__(self):
        Worker.instances += 1
        self.instance = Worker.instances
        self.handled = 0

    async def receive(self, context, message):
        self.handled += 1
        if message.name == "fail":
            raise RuntimeError("as told")
        if message.name == "stop":
            context.stop()
        if message.name == "wait":
            await Worker.gate.wait()
        context.reply(Done(message.name, self.handled, self.instance))

    def post_stop(self, context):
        Worker.stopped[self.instance] += 1


@pytest.fixture(autouse=True)
def fresh():
    Worker.instances, Worker.stopped, Worker.gate = 0, collections.Counter(), None


def pool_of(routee=Worker, logic=routing.RoundRobin(), instances=3):
    return motet.pool(routee, logic, instances)


async def routees_of(router):
    return (await router.ask(motet.GetRoutees())).routees


async def has_routees(router, count):
    while len(await routees_of(router)) != count:
        await asyncio.sleep(0.005)


async def ask_each(router, names):
    return [await router.ask(Job(name)) for name in names]


def test_each_routee_of_a_pool_by_code_has_an_instance_of_its_own():
    async def main(system):
        pool = system.spawn(pool_of(), "pool")
        done = await ask_each(pool, "abcdef")
        assert [said.instance for said in done[:3]] == [said.instance for said in done[3:]]
        assert {said.instance for said in done} == {1, 2, 3} and [said.worker for said in done] == [1, 1, 1, 2, 2, 2]
        with pytest.raises(motet.FailedError, match="as told"):
            await pool.ask(Job("fail"))
        done = await ask_each(pool, "abcdef")
        assert {said.instance for said in done} == {2, 3, 4}, "the one that failed was restarted alone"
        await pool.ask(Job("stop"))
        await has_routees(pool, 2)
        assert len({said.instance for said in await ask_each(pool, "abcd")}) == 2
        pool.stop()
        await until(lambda: len(Worker.stopped) == 4, "all instances ended")
        assert set(Worker.stopped.values()) == {1}
        await until(lambda: not system._node._cells, "nothing is kept of the pool")

    run_local(main)


def test_a_routee_is_stopped_or_goes_on_as_its_supervision_says():
    async def main(system):
        for directive, left in (("stop", 2), ("resume", 3)):
            props = pool_of().with_setting("supervision.directive", directive)
            pool = system.spawn(props, directive)
            before = {said.instance for said in await ask_each(pool, "abc")}
            with pytest.raises(motet.FailedError):
                await pool.ask(Job("fail"))
            await has_routees(pool, left)
            after = {said.instance for said in await ask_each(pool, "abcdef")}
            assert len(after) == left and after <= before
            pool.stop()
            await until(lambda: len(Worker.stopped) == 3, "the pool stopped")
            Worker.stopped.clear()

    run_local(main)


def test_what_a_routee_escalates_restarts_the_pool():
    async def main(system):
        props = pool_of().with_setting("supervision.directive", "escalate")
        pool = system.spawn(props, "pool")
        await ask_each(pool, "abc")
        pool.tell(Job("fail"))
        await until(lambda: Worker.instances == 6 and len(Worker.stopped) == 3, "three new ones took their place")
        await has_routees(pool, 3)  # they may have begun before the pool sends to them
        assert {said.instance for said in await ask_each(pool, "abc")} == {4, 5, 6}

    run_local(main)


@pytest.mark.parametrize("by_type", [False, True])
def test_routees_of_a_balancing_pool_share_one_mailbox(by_type):
    async def main(system):
        Worker.gate = asyncio.Event()
        system.register_actor("test.Worker", Worker)
        props = motet.Props.of_type("test.Worker") if by_type else motet.Props(Worker)
        pool = system.spawn(pool_of(props, routing.Balancing()), "pool")
        waiting = [asyncio.ensure_future(pool.ask(Job("wait"), timeout=60)) for _ in range(2)]
        done = await ask_each(pool, "abcdef")
        assert len({said.instance for said in done}) == 1, "the only one that is free does it all"
        with pytest.raises(motet.FailedError):
            await pool.ask(Job("fail"))
        assert (await pool.ask(Job("a"))).instance == 4, "it takes the next as a new instance"
        Worker.gate.set()
        assert len({said.instance for said in await asyncio.gather(*waiting)}) == 2

    run_local(main)


def test_a_pool_of_a_registered_type():
    async def main(system):
        system.register_actor("test.Worker", Worker)
        pool = system.spawn(pool_of(motet.Props.of_type("test.Worker")), "pool")
        assert {said.instance for said in await ask_each(pool, "abcdef")} == {1, 2, 3}

    run_local(main)


def test_routers_by_configuration():
    async def main(system):
        for name, instances in (("pool", {1, 2, 3}), ("group", {4})):
            if name == "group":
                system.spawn(Worker, "member")
            router = system.spawn(Worker, name)
            assert {said.instance for said in await ask_each(router, "abcdef")} == instances
        router.stop()
        await until(lambda: len(system._node._cells) == 5, "nothing is kept of the group")  # 3, the pool, the member

    run_local(
        main,
        **{
            'actor.deployment."/pool"."router"': "round-robin-pool",
            'actor.deployment."/pool"."router.instances"': "3",
            'actor.deployment."/group"."router"': "round-robin-group",
            'actor.deployment."/group"."router.paths"': "/user/member",
        },
    )


def test_a_router_that_is_refused_leaves_nothing():
    async def main(system):
        system.spawn(Worker, "taken")
        with pytest.raises(motet.Error, match="taken"):
            system.spawn(pool_of(), "taken")
        with pytest.raises(motet.Error, match="no-such"):
            system.spawn(pool_of(motet.Props(Worker).with_setting("mailbox", "no-such")), "pool")
        await until(lambda: len(system._node._cells) == 1, "nothing is kept of what was refused")

    run_local(main)


def test_a_group_over_paths_here_and_on_another_node():
    async def main():
        settings = {**LOCAL, "remote.enabled": True, "remote.host": "127.0.0.1"}
        async with motet.System(settings) as here, motet.System(settings) as there:
            here.spawn(Worker, "near")
            far = there.spawn(Worker, "far")
            router = here.spawn(motet.group(routing.RoundRobin(), ["/user/near", far.path]), "group")
            assert {said.instance for said in await ask_each(router, "abcdef")} == {1, 2}
            assert far in await routees_of(there.ref(router.path))

    asyncio.run(asyncio.wait_for(main(), 120))


class Far(Worker):
    """Is the routee that another node makes of the type."""

    def receive(self, context, message):
        context.reply(Done("far", self.handled, self.instance))


def test_the_routees_of_a_pool_are_spread_over_nodes():
    async def main():
        settings = {**LOCAL, "remote.enabled": True, "remote.host": "127.0.0.1"}
        async with motet.System(settings) as here, motet.System(settings) as there:
            here.register_actor("test.Worker", Worker)
            there.register_actor("test.Worker", Far)
            props = pool_of(motet.Props.of_type("test.Worker"), instances=4)
            pool = here.spawn(props.with_setting("router.target-nodes", f"{here.address},{there.address}"), "pool")
            done = await ask_each(pool, "abcdabcd")
            assert {said.instance for said in done} == {1, 2, 3, 4}
            assert [said.name for said in done].count("far") == 4
            pool.stop()
            await until(lambda: len(Worker.stopped) == 4, "all ended, on both nodes")

    asyncio.run(asyncio.wait_for(main(), 120))


def test_all_get_a_broadcast():
    async def main(system):
        kept = []
        for props in (
            pool_of(motet.Props(Collector, kept), routing.Broadcast()),
            pool_of(motet.Props(Collector, kept), routing.Random()),
        ):
            pool = system.spawn(props)
            job = Job("all") if "broadcast" in props.settings["router"] else motet.Broadcast(Job("all"))
            pool.tell(job)
            await until(lambda: len(kept) == 3, "all three got it")
            assert [message for message, _ in kept] == [Job("all")] * 3
            kept.clear()
            pool.tell(motet.Broadcast(motet.PoisonPill()))
            await until(lambda: not system._node._cells, "all three ended, and the pool with them")

    run_local(main)


def test_a_key_belongs_to_one_routee():
    async def main(system):
        pool = system.spawn(pool_of(logic=routing.ConsistentHashing(hash_key="name", virtual_nodes_factor=50)))
        first = await ask_each(pool, "abcdefghij")
        assert [said.instance for said in await ask_each(pool, "abcdefghij")] == [said.instance for said in first]
        assert len({said.instance for said in first}) > 1
        for key in ("a", b"a", 7):
            wrapped = [await pool.ask(motet.ConsistentHashableEnvelope(key, Job(name))) for name in "vwxyz"]
            assert [said.name for said in wrapped] == list("vwxyz") and len({said.instance for said in wrapped}) == 1
            assert key == 7 or wrapped[0].instance == first[0].instance

    run_local(main)


def test_the_first_answer_counts():
    async def main(system):
        Worker.gate = asyncio.Event()
        for logic in (routing.ScatterGather(within=60), routing.TailChopping(within=60, interval=0.001)):
            pool = system.spawn(pool_of(logic=logic))
            busy = (await routees_of(pool))[0]
            busy.tell(Job("wait"))
            assert (await pool.ask(Job("x"), timeout=60)).name == "x"
        none = system.spawn(motet.pool(lambda context, message: None, routing.ScatterGather(within=0.02), 2))
        with pytest.raises(motet.TimeoutError, match="answer"):
            await none.ask(Job("x"), timeout=60)
        Worker.gate.set()

    run_local(main)


def test_the_least_busy_routee_is_chosen():
    async def main(system):
        Worker.gate = asyncio.Event()
        pool = system.spawn(pool_of(logic=routing.SmallestMailbox(), instances=2))
        waiting = asyncio.ensure_future(pool.ask(Job("wait"), timeout=60))
        await until(lambda: Worker.instances == 2, "both have begun")
        done = await ask_each(pool, "abcd")
        assert len({said.instance for said in done}) == 1
        Worker.gate.set()
        assert (await waiting).instance != done[0].instance

    run_local(main)


def test_the_routees_of_a_pool_change():
    async def main(system):
        pool = system.spawn(pool_of(), "pool")
        pool.tell(motet.AdjustPoolSize(2))
        await has_routees(pool, 5)
        assert len({said.instance for said in await ask_each(pool, "abcde")}) == 5
        pool.tell(motet.AdjustPoolSize(-4))
        await has_routees(pool, 1)
        await until(lambda: len(Worker.stopped) == 4, "those that left have ended")
        guest = system.spawn(Worker, "guest")
        pool.tell(motet.AddRoutee(guest))
        await has_routees(pool, 2)
        own, added = await routees_of(pool)
        assert added == guest and own.path.startswith(f"{system.address}/user/pool/")
        pool.tell(motet.RemoveRoutee(guest))
        await has_routees(pool, 1)
        assert (await guest.ask(Job("x"))).name == "x", "what is not its own lives on"

    run_local(main)


def test_a_pool_of_as_many_as_it_takes():
    async def main(system):
        Worker.gate = asyncio.Event()
        size = routing.Pressure(lower_bound=1, upper_bound=4, pressure_threshold=0, messages_per_resize=1)
        pool = system.spawn(pool_of(logic=routing.Balancing(), instances=size))
        waiting = [asyncio.ensure_future(pool.ask(Job("wait"), timeout=60)) for _ in range(2)]
        while len(await routees_of(pool)) < 2:
            waiting.append(asyncio.ensure_future(pool.ask(Job("wait"), timeout=60)))
            await asyncio.sleep(0.005)
        Worker.gate.set()
        await asyncio.gather(*waiting)
        exploring = routing.OptimalSizeExploring(lower_bound=2, upper_bound=3, action_interval=60)
        assert len(await routees_of(system.spawn(pool_of(instances=exploring)))) == 2

    run_local(main)


def test_what_makes_no_router_is_refused():
    async def main(system):
        for props, match in (
            (pool_of(instances=0), "router.instances"),
            (pool_of(logic=routing.ConsistentHashing(virtual_nodes_factor=0)), "virtual-nodes-factor"),
            (motet.group(routing.RoundRobin(), []), "router.paths"),
            (motet.group(routing.Balancing(), ["/user/a"]), "balancing"),
        ):
            with pytest.raises(motet.Error, match=match):
                system.spawn(props)

    run_local(main)
