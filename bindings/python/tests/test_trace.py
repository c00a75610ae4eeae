"""Trace: one trace through tells, asks and tasks, without code in the handlers; spans in a file."""

import asyncio
import json

from conftest import run_local

import motet


@motet.message("test.Hop")
class Hop:
    left: int


def test_a_trace_goes_through_every_hop(tmp_path):
    path = tmp_path / "trace.jsonl"
    seen = []

    async def hop(context, message):
        seen.append(motet.current_traceparent())
        await asyncio.sleep(0)
        if message.left == 0:
            context.reply(message)
        elif message.left % 2:
            context.reply(await refs[message.left - 1].ask(Hop(message.left - 1)))
        else:
            await asyncio.create_task(_pass_on(context, message))

    async def _pass_on(context, message):
        context.forward(refs[message.left - 1], Hop(message.left - 1))

    refs = []

    async def main(system):
        refs.extend(system.spawn(hop) for _ in range(7))
        assert motet.current_traceparent() is None
        with system.span("root") as span:
            span.set("colour", "red")
            root = span.traceparent
            assert motet.current_traceparent() == root
            assert await refs[6].ask(Hop(6)) == Hop(0)
        assert motet.current_traceparent() is None
        assert await refs[0].ask(Hop(0)) == Hop(0)
        return root

    root = run_local(main, **{"trace.export": "file", "trace.file": path})
    trace_id = root.split("-")[1]
    assert len(seen) == 8 and [parent.split("-")[1] == trace_id for parent in seen if parent].count(True) == 7
    spans = [
        span
        for line in path.read_text().splitlines()
        for resource in json.loads(line)["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]
    mine = [span for span in spans if span["traceId"] == trace_id]
    assert "root" in {span["name"] for span in mine} and len(mine) >= 8


def test_a_trace_from_outside_goes_on():
    async def main(system):
        parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        with system.span("request", traceparent=parent) as span:
            assert span.traceparent.split("-")[1] == parent.split("-")[1]
        with system.span("request", traceparent="nonsense") as span:
            assert span.traceparent.split("-")[1] != parent.split("-")[1]

    run_local(main)
