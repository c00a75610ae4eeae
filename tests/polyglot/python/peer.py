"""The Python peer of the polyglot test: answers, and runs as the active side against a peer of any language.

Joins through MOTET_CLUSTER__SEED_NODES, spawns /user/peer, prints "ready <address>" when its member is Up.
"""

import asyncio
import sys
from typing import Any

import motet

#: What the active side sends and wants back unchanged, beside a ref to itself.
VALUES: dict[str, Any] = {
    "nothing": None,
    "truth": [True, False],
    "integers": [0, 1, -1, 127, 128, -129, 2**31, -(2**31) - 1, 2**53, 2**63 - 1, -(2**63)],
    "floats": [0.5, -1.25, 1e300],
    "text": "Grüße, žluťoučký kůň, 日本語, 𝄞",
    "bytes": bytes(range(256)),
    "nested": {"list": [[], [1, [2, [3]]]], "map": {"a": {"b": {}}}},
}


@motet.message("peer.Echo")
class Echo:
    value: Any = None


@motet.message("peer.Fail")
class Fail:
    pass


@motet.message("peer.Stop")
class Stop:
    pass


@motet.message("peer.Spawn")
class Spawn:
    pass


@motet.message("peer.Spawned")
class Spawned:
    ref: motet.ActorRef


@motet.message("peer.Run")
class Run:
    target: motet.ActorRef


@motet.message("peer.Report")
class Report:
    ok: bool
    error: str = ""


class Passive(motet.Actor):
    """Does what others ask for."""

    @motet.handles(Echo)
    def echo(self, context: motet.Context, message: Echo) -> None:
        context.reply(message)

    @motet.handles(Fail)
    def fail(self, context: motet.Context, message: Fail) -> None:
        raise RuntimeError("boom-python")

    @motet.handles(Stop)
    def stop(self, context: motet.Context, message: Stop) -> None:
        context.stop()

    @motet.handles(Spawn)
    def spawn(self, context: motet.Context, message: Spawn) -> None:
        context.reply(Spawned(context.spawn(Passive)))


class Peer(Passive):
    """The passive side, and on request an active one of its own for each run."""

    @motet.handles(Run)
    def run(self, context: motet.Context, message: Run) -> None:
        context.forward(context.spawn(motet.Props(Active, message.target)))


class Active(motet.Actor):
    """One run against one target. Replies and the end of the child arrive as messages, in the order asked for."""

    def __init__(self, target: motet.ActorRef) -> None:
        self.target = target
        self.arrived: asyncio.Queue[Any] = asyncio.Queue()

    @motet.handles(Echo, motet.Terminated)
    def keep(self, context: motet.Context, message: Any) -> None:
        self.arrived.put_nowait(message)

    @motet.handles(Run)
    def run(self, context: motet.Context, message: Run) -> None:
        # A task, because this actor must receive while the run waits.
        self.running = asyncio.ensure_future(self.report(context))

    async def report(self, context: motet.Context) -> None:
        try:
            async with asyncio.timeout(50):
                await self.tell_ask_and_watch(context)
        except Exception as error:
            context.reply(Report(False, f"{type(error).__name__}: {error}"))
        else:
            context.reply(Report(True))
        context.stop()

    async def tell_ask_and_watch(self, context: motet.Context) -> None:
        values = {**VALUES, "ref": context.self}
        self.target.tell(Echo(values), sender=context.self)
        expect("the reply to tell", await self.arrived.get(), Echo(values))
        expect("the answer to ask", await self.target.ask(Echo(values), timeout=50), Echo(values))
        child = (await self.target.ask(Spawn(), timeout=50)).ref
        context.watch(child)
        child.tell(Stop())
        ended = await self.arrived.get()
        expect("who has ended", (type(ended), ended.ref), (motet.Terminated, child))


def expect(what: str, got: Any, wanted: Any) -> None:
    if got != wanted:
        raise AssertionError(f"{what}: {got!r}, not {wanted!r}")


async def main(arguments: list[str]) -> None:
    async with motet.System(motet.settings_of(arguments), environment=True) as system:
        system.spawn(Peer, "peer")
        system.register_actor("peer.Peer", Peer)
        await system.cluster.wait_up(60)
        print(f"ready {system.address}", flush=True)
        await system.run_until_terminated()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
