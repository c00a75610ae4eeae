"""What the tests share: settings of a system without network, and how to wait for a condition."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import motet

#: A system that only this process sees.
LOCAL = {"remote.enabled": False, "cluster.enabled": False, "log.level": "off"}
#: How long a test waits for what must happen.
PATIENCE = 60.0


def run_local(main: Callable[[motet.System], Awaitable[Any]], **settings: object) -> Any:
    """Runs a test's coroutine with a fresh local system, within a time that is far beyond what it needs."""

    async def whole() -> Any:
        async with motet.System({**LOCAL, **settings}) as system:
            return await main(system)

    return asyncio.run(asyncio.wait_for(whole(), 2 * PATIENCE))


async def until(condition: Callable[[], Any], what: str) -> Any:
    """Waits until a condition holds and returns its value."""
    deadline = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what} did not happen in {PATIENCE} s"
        await asyncio.sleep(0.005)
    return value


class Collector(motet.Actor):
    """Keeps what it receives, as (message, sender)."""

    def __init__(self, kept: list[tuple[Any, Any]]) -> None:
        self.kept = kept

    def receive(self, context: motet.Context, message: Any) -> None:
        self.kept.append((message, context.sender))
