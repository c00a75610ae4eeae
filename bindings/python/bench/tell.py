"""Prints how many messages a second one actor tells another, told and handled, in one process.

figure python.tell <value> messages/s
"""

import asyncio
import time

import motet

MESSAGES = 200_000
#: Told before the sender lets the receiver run: well below the capacity of a mailbox.
BURST = 1_000


@motet.message("bench.Tick")
class Tick:
    number: int


class Sink(motet.Actor):
    """Counts; answers the last message of a burst."""

    @motet.handles(Tick)
    def tick(self, context: motet.Context, message: Tick) -> None:
        if message.number % BURST == 0:
            context.reply(message)


async def measure(sink: motet.ActorRef, messages: int) -> float:
    start = time.perf_counter()
    for first in range(0, messages, BURST):
        for number in range(first + 1, first + BURST):
            sink.tell(Tick(number))
        await sink.ask(Tick(first))
    return messages / (time.perf_counter() - start)


async def main() -> None:
    async with motet.System({"remote.enabled": False, "cluster.enabled": False}) as system:
        sink = system.spawn(Sink, "sink")
        await measure(sink, MESSAGES // 10)
        print(f"figure python.tell {await measure(sink, MESSAGES):.0f} messages/s")


if __name__ == "__main__":
    asyncio.run(main())
