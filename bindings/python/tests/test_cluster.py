"""Cluster: two nodes of one process join, talk, watch and leave."""

import asyncio

import pytest
from conftest import Collector, until

import motet

REMOTE = {"log.level": "off", "remote.host": "127.0.0.1", "cluster.seed-contact-timeout": "200ms"}


@motet.message("test.Said")
class Said:
    text: str
    who: motet.ActorRef | None = None


def run(main):
    asyncio.run(asyncio.wait_for(main(), 120))


def test_two_nodes_join_talk_watch_and_leave():
    async def main():
        async with motet.System({**REMOTE, "cluster.roles": ["first", "front"]}) as first:
            first.cluster.join(first.address)
            await first.cluster.wait_up()
            events = first.cluster.events()
            state = await anext(events)
            assert isinstance(state, motet.ClusterState) and [m.address for m in state.members] == [first.address]
            async with motet.System({**REMOTE, "cluster.seed-nodes": first.address}) as second:
                await second.cluster.wait_up()
                seen = []
                async for event in events:
                    seen.append(type(event))
                    if isinstance(event, motet.MemberUp) and event.member.address == second.address:
                        break
                assert motet.MemberJoined in seen and event.member.uid == second.uid
                await until(lambda: len(second.cluster.state().members) == 2, "both in the state")
                roles = {member.address: member.roles for member in second.cluster.state().members}
                assert set(roles[first.address]) == {"first", "front"} and roles[second.address] == ()
                assert second.cluster.state().unreachable == ()

                echo = first.spawn(
                    lambda context, message: context.reply(Said(message.text.upper(), context.self)), "echo"
                )
                far = second.ref(f"{first.address}/user/echo")
                answer = await far.ask(Said("größe"))
                assert answer.text == "GRÖSSE" and answer.who.path == echo.path

                kept = []

                class Watcher(Collector):
                    def pre_start(self, context):
                        context.watch(answer.who)

                second.spawn(motet.Props(Watcher, kept), "watcher")
                echo.stop()
                await until(lambda: kept, "Terminated across the wire")
                assert kept[0][0].ref == answer.who and not kept[0][0].address_terminated
            async for event in events:
                if isinstance(event, motet.MemberRemoved):
                    break
            assert event.member.address != first.address
            await until(lambda: len(first.cluster.state().members) == 1, "the other gone")
            rest = asyncio.create_task(_drain(events))
        await asyncio.wait_for(rest, 60)

    run(main)


async def _drain(events):
    async for _ in events:
        pass


def test_joins_that_cannot_be():
    async def main():
        async with motet.System(REMOTE) as system:
            for address, text in (
                ("nonsense", "nonsense"),
                ("motet.tcp://other@127.0.0.1:1", "other"),
                ("motet.tcp://motet@no.such.host.invalid:1", "no.such.host.invalid"),
            ):
                with pytest.raises(motet.InvalidError, match=text) as refused:
                    system.cluster.join(address)
                assert refused.value.code is motet.Code.BAD_ADDRESS
            with pytest.raises(motet.TimeoutError):
                await system.cluster.wait_up(timeout=0.3)

    run(main)


def test_events_of_remoting_and_dead_letters_across_the_wire():
    async def main():
        async with motet.System(REMOTE) as first:
            events, letters = [], []
            first.subscribe(first.spawn(motet.Props(Collector, events)), "remoting")
            first.subscribe(first.spawn(motet.Props(Collector, letters)), "dead-letters")
            async with motet.System(REMOTE) as second:
                second.ref(f"{first.address}/user/nobody").tell(Said("lost"))
                await until(lambda: letters, "the dead letter")
                assert letters[0][0].cause is motet.Code.STOPPED and letters[0][0].type == "test.Said"
                assert letters[0][0].target.endswith("/user/nobody")
                gone = second.address
            await until(lambda: len(events) >= 2, "the events")
            assert [type(event) for event, _ in events[:2]] == [motet.Associated, motet.Disassociated]
            assert {(event.local, event.remote) for event, _ in events[:2]} == {(first.address, gone)}

    run(main)


def test_a_refused_node_is_told_why():
    async def main():
        async with motet.System(REMOTE) as first:
            first.cluster.join(first.address)
            await first.cluster.wait_up()
            async with motet.System({**REMOTE, "remote.cookie": "other"}) as other:
                events = other.cluster.events()
                assert isinstance(await anext(events), motet.ClusterState)
                other.cluster.join(first.address)
                async for event in events:
                    if isinstance(event, motet.JoinRefused):
                        break
                assert event.address == first.address and "remote.cookie" in event.error
                with pytest.raises(motet.Error, match="remote.cookie") as refused:
                    await other.cluster.wait_up(timeout=60)
                assert refused.value.code is motet.Code.JOIN_REFUSED

    run(main)


def test_a_port_in_use_is_named():
    async def main():
        async with motet.System(REMOTE) as system:
            port = system.address.rsplit(":", 1)[1]
            with pytest.raises(motet.Error) as taken:
                motet.System({**REMOTE, "remote.port": port})
            assert taken.value.code is motet.Code.ADDRESS_IN_USE and port in str(taken.value)

    run(main)


def test_the_state_can_come_as_events_and_as_a_whole():
    async def main():
        async with motet.System({**REMOTE, "cluster.roles": ["first"], "cluster.version": "1.2.3"}) as first:
            with pytest.raises(motet.Error, match="expected at least one"):
                first.cluster.join_seeds([])
            first.cluster.join_seeds([first.address])
            await first.cluster.wait_up()
            state = first.cluster.state()
            assert state.role_leaders == {"first": first.address}
            assert (state.members[0].version, state.members[0].up_number) == ("1.2.3", 1)
            assert first.cluster.suspicions() == ()
            assert first.cluster.snapshot()["members"][0]["address"] == first.address
            told = []
            async for event in first.cluster.events(initial_state_as_events=True):
                told.append(type(event))
                if isinstance(event, motet.RoleLeaderChanged):
                    assert (event.role, event.leader) == ("first", first.address)
                    first.cluster.prepare_for_full_shutdown()
                if isinstance(event, motet.MemberReadyForShutdown):
                    break
            assert told[:3] == [motet.MemberUp, motet.LeaderChanged, motet.RoleLeaderChanged]
            assert told[3:] == [motet.MemberPreparingForShutdown, motet.MemberReadyForShutdown]

    run(main)


def test_peers_and_room():
    async def main():
        async with motet.System(REMOTE) as first, motet.System({**REMOTE, "remote.max-message-size": "1MiB"}) as second:
            assert second.peers() == ()
            echo = first.spawn(lambda context, message: context.reply(message), "echo")
            far = second.ref(echo.path)
            assert (await far.ask(Said("there?"))).text == "there?"
            (peer,) = second.peers()
            assert (peer.address, peer.state, peer.uid) == (first.address, "active", first.uid)
            assert peer.phi == 0.0 and peer.queued >= 0

            assert await far.await_room(Said("small")) is motet.Code.OK
            assert await far.await_room(Said("x" * 2_000_000)) is motet.Code.TOO_LARGE
            kept = []
            collector = second.spawn(motet.Props(Collector, kept))
            far.when_room(Said("small"), collector)
            far.when_room(Said("x" * 2_000_000), collector)
            await until(lambda: len(kept) == 2, "both answers")
            rooms = {room.code: room for room, _ in kept}
            assert set(rooms) == {motet.Code.OK, motet.Code.TOO_LARGE}
            assert all(isinstance(room, motet.Room) and room.ref == far for room in rooms.values())
            assert far.path.partition("#")[0] in rooms[motet.Code.TOO_LARGE].error
        async with motet.System({"log.level": "off", "remote.enabled": "off"}) as alone:
            with pytest.raises(motet.Error, match="remote.enabled"):
                alone.peers()

    run(main)


def test_calls_when_this_node_is_up_and_when_it_is_removed():
    async def main():
        told = []
        system = motet.System(REMOTE)
        system.cluster.on_up(lambda: told.append("up"))
        system.cluster.on_up(lambda: 1 / 0)  # harms nobody
        system.cluster.on_removed(lambda: told.append("removed"))
        system.cluster.join(system.address)
        await until(lambda: told == ["up"], "up")
        system.cluster.on_up(lambda: told.append("up already"))
        await until(lambda: told == ["up", "up already"], "up already")
        system.cluster.leave()
        await until(lambda: told[2:] == ["removed"], "removed")
        await system.close()
        system.cluster.on_removed(lambda: told.append("removed already"))
        assert told[3:] == ["removed already"]
        with pytest.raises(motet.ClosedError):
            system.cluster.on_up(lambda: None)

        never = motet.System(REMOTE)
        never.cluster.on_removed(lambda: told.append("ended"))
        await never.close()
        await until(lambda: told[4:] == ["ended"], "the end of a system that was no member")

    run(main)


class Greeter(motet.Actor):
    def __init__(self, greeting="hello", *, mark="!"):
        self.greeting, self.mark = greeting, mark

    def receive(self, context, message):
        if message.text == "fail":
            raise RuntimeError("as told")
        context.reply(Said(f"{self.greeting} {message.text}{self.mark}", context.self))


def test_actors_made_by_the_name_of_their_type_here_and_there():
    async def main():
        async with motet.System(REMOTE) as here, motet.System({**REMOTE, "remote.creation.deny": "test.Secret"}) as there:
            for node in (here, there):
                node.register_actor("test.Greeter", Greeter)
            there.register_actor("test.Secret", Greeter)
            unary = motet.Props(lambda context, message: context.reply(message))
            here.register_actor("test.Unary", unary)
            for behavior, name in ((Greeter, "test.Greeter"), (unary, "test.Unary")):
                with pytest.raises(motet.Error, match="registered already"):
                    here.register_actor(name, behavior)
            assert (await here.spawn(motet.Props.of_type("test.Unary")).ask(Said("you"))).text == "you"
            with pytest.raises(motet.Error, match="motet"):
                here.register_actor("motet.Greeter", Greeter)
            with pytest.raises(motet.Error, match="no actor type"):
                here.spawn(motet.Props.of_type("test.Nothing"))
            stops = ("supervision.directive", "stop")
            near = here.spawn(motet.Props.of_type("test.Greeter", "hi").with_setting(*stops), "near")
            said = await near.ask(Said("there"))
            assert said.text == "hi there!" and said.who == near
            again = here.spawn(motet.Props.of_type("test.Greeter"), "again")
            assert (await again.ask(Said("you"))).text == "hello you!"
            marked = motet.Props.of_type("test.Greeter", mark="?").with_setting(*stops)
            far = here.spawn(marked.with_setting("remote", there.address), "far")
            said = await far.ask(Said("you"))
            assert said.text == "hello you?" and said.who.path.startswith(there.address)

            kept = []

            class Watcher(Collector):
                def pre_start(self, context):
                    for watched in (far, secret, near):
                        context.watch(watched)

            secret = here.spawn(motet.Props.of_type("test.Secret").with_setting("remote", there.address), "secret")
            here.spawn(motet.Props(Watcher, kept), "watcher")
            await until(lambda: any(told.ref == secret for told, _ in kept), "the refused one is gone")
            far.tell(Said("fail"))
            near.tell(Said("fail"))
            await until(lambda: {told.ref for told, _ in kept} == {far, secret, near}, "those that fail are stopped")
            with pytest.raises(TypeError, match="not with both"):
                motet.Props.of_type("test.Greeter", 1, mark=2)
            for props in (motet.Props.of_type("test.Greeter", 1, 2, 3), motet.Props.of_type("test.Unary", 1)):
                with pytest.raises(motet.Error):
                    await here.spawn(props).ask(Said("x"), timeout=1)

    run(main)
