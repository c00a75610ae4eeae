"""System: where handlers run, closing, settings, and everything a process may do to it."""

import asyncio
import gc
import operator
import os
import resource
import signal
import subprocess
import sys
import threading
import time

import pytest
from conftest import LOCAL, PATIENCE, run_local, until

import motet
from motet import _native


@motet.message("test.Work")
class Work:
    number: int = 0


def echo(context, message):
    context.reply(message)


def script(text: str, *, interrupt_after: str | None = None, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Runs a program; sends SIGINT once it has printed a line. The result has the seconds that followed as .seconds."""
    head = "import motet, asyncio, os, sys, threading, time\nfrom conftest import *\n"
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", head + text],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=os.path.dirname(__file__),
    )
    try:
        line = ""
        if interrupt_after:
            while interrupt_after not in line:
                line = process.stdout.readline()
                assert line, process.stderr.read()
            process.send_signal(signal.SIGINT)
        start = time.monotonic()
        out, err = process.communicate(timeout=timeout)
    finally:
        process.kill()
    result = subprocess.CompletedProcess(process.args, process.returncode, line + out, err)
    result.seconds = time.monotonic() - start
    return result


def test_without_a_loop_handlers_run_in_a_thread_of_their_own():
    threads = set()

    async def where(context, message):
        threads.add(threading.current_thread())
        await asyncio.sleep(0)
        context.reply(message)

    with motet.System(LOCAL) as system:
        ref = system.spawn(where)
        assert system.run(ref.ask(Work(3))) == Work(3)
        assert threading.current_thread() not in threads and len(threads) == 1
        with pytest.raises(ValueError, match="no"):
            system.run(_fails())
    assert system.closed
    with pytest.raises(motet.ClosedError):
        system.spawn(echo)
    assert ref.tell(Work()) in (motet.Code.STOPPED, motet.Code.CLOSED)


async def _fails():
    raise ValueError("no")


def test_another_loop_may_close_and_wait():
    async def main(system):
        waiting = asyncio.create_task(system.wait_closed())
        await asyncio.sleep(0)
        await system.close()
        await waiting

    with motet.System(LOCAL) as system:
        asyncio.run(asyncio.wait_for(main(system), 60))
        assert system.closed


def test_the_two_ways_are_not_mixed():
    async def main(system):
        with pytest.raises(RuntimeError, match="async with"):
            with system:
                pass
        with pytest.raises(RuntimeError, match="await instead"):
            system.run(_fails())

    run_local(main)
    with motet.System(LOCAL) as system:
        with pytest.raises(RuntimeError, match="inside the coroutine"):
            system.run(system.__aenter__())


def test_settings_are_checked_by_name_and_value():
    for settings, text in (
        ({"no.such.key": 1}, "no.such.key"),
        ({"remote.port": 70000}, "70000"),
        ({"remote.enabled": "perhaps"}, "perhaps"),
    ):
        with pytest.raises(motet.InvalidError, match=text):
            motet.System(settings)
    with pytest.raises(motet.Error) as missing:
        motet.System(file="/nonexistent/motet.toml")
    assert missing.value.code is motet.Code.IO and "/nonexistent/motet.toml" in str(missing.value)
    assert motet.settings_of(["--system.name=choir", "--x=a=b"]) == {"system.name": "choir", "x": "a=b"}
    for bad in ("system.name=x", "--system.name", "--=x"):
        with pytest.raises(ValueError, match="--key=value"):
            motet.settings_of([bad])


def test_settings_come_from_file_environment_and_code(tmp_path, monkeypatch):
    path = tmp_path / "motet.toml"
    path.write_text('[system]\nname = "file"\n[remote]\nenabled = false\n')
    with motet.System(file=path) as system:
        assert system.address == "motet://file"
    monkeypatch.setenv("MOTET_SYSTEM__NAME", "env")
    with motet.System(file=path, environment=True) as system:
        assert system.address == "motet://env"
    with motet.System({"system.name": "code"}, file=path, environment=True) as system:
        assert system.address == "motet://code" and system.uid != 0


def test_closing_is_idempotent_and_stops_actors():
    started, stopped = [], []

    class Last(motet.Actor):
        def pre_start(self, context):
            started.append(1)

        async def post_stop(self, context):
            await asyncio.sleep(0.01)
            stopped.append(1)

    async def main():
        async with motet.System(LOCAL) as system:
            for _ in range(10):
                system.spawn(Last)
            await until(lambda: len(started) == 10, "the start")
            await asyncio.gather(system.close(), system.close())
            assert len(stopped) == 10
            await system.wait_closed()
        await system.close()

    asyncio.run(main())


def test_closing_cuts_off_what_does_not_end():
    async def main():
        system = motet.System(LOCAL)
        started = asyncio.Event()

        async def forever(context, message):
            started.set()
            await asyncio.sleep(3600)

        system.spawn(forever).tell(Work())
        await started.wait()
        with pytest.raises(motet.TimeoutError):
            await system.close(timeout=0.2)
        assert system.closed

    asyncio.run(main())


def test_a_handler_that_is_cut_off_is_cancelled_without_a_word():
    result = script(
        """
ended = []

async def forever(context, message):
    try:
        context.reply(message)
        await asyncio.sleep(3600)
    finally:
        ended.append("cancelled")

try:
    with motet.System(LOCAL) as system:
        system.run(system.spawn(forever).ask(motet.Message("t.A", 1)))
        system.run(system.close(0.1))
except motet.TimeoutError:
    print(*ended, system.closed)
"""
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "cancelled True\n", "")


def test_a_handler_may_close_the_system():
    async def close(context, message):
        await context.system.close()

    async def main():
        async with motet.System(LOCAL) as system:
            system.spawn(close).tell(Work())
            await asyncio.wait_for(system.wait_closed(), 60)

    asyncio.run(main())


def test_many_systems_one_after_another():
    async def main():
        for _ in range(100):
            async with motet.System(LOCAL) as system:
                assert await system.spawn(echo).ask(Work(1)) == Work(1)

    def held():
        gc.collect()
        return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))

    asyncio.run(main())
    before = held()
    asyncio.run(main())
    deadline = time.monotonic() + PATIENCE
    while not all(map(operator.le, held(), before)):  # a thread that was joined is listed a moment longer
        assert time.monotonic() < deadline, f"{held()} descriptors and threads, there were {before}"
        time.sleep(0.005)


def test_a_million_messages_do_not_grow_the_process():
    async def main(system):
        ref = system.spawn(lambda context, message: context.reply(message) if message.number % 1000 == 0 else None)

        async def round_trip(count):
            for start in range(0, count, 1000):
                for number in range(start + 1, start + 1000):
                    ref.tell(Work(number))
                await ref.ask(Work(start))

        await round_trip(100_000)
        gc.collect()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        await round_trip(900_000)
        gc.collect()
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8 * 1024  # KiB

    run_local(main)


def in_thread(call, *arguments):
    thread = threading.Thread(target=call, args=arguments)
    thread.start()
    return thread


def test_polling_lets_the_thread_run_that_brings_work():
    with motet.System(LOCAL) as system:
        node = system._node
        dispatcher, batch = _native.dispatcher_new(node.handle), _native.batch_new()
        props = _native.props_new_foreign(dispatcher, 1)
        assert _native.dispatcher_take(dispatcher, batch, 1, 1) == ([], [], [])
        other = in_thread(lambda: _native.system_spawn(node.handle, props, None))
        claims, answers, tasks = _native.dispatcher_take(dispatcher, batch, 1, 60_000)
        other.join()
        assert [number for number, _ in claims] == [1] and claims[0][1][0][0] == _native.TYPE_PRE_START
        assert answers == [] and tasks == []
        _native.dispatcher_close(dispatcher)
        assert _native.dispatcher_take(dispatcher, batch, 1, 60_000) is None


def test_waiting_for_the_end_lets_the_thread_run_that_closes():
    with motet.System(LOCAL) as system:
        other = in_thread(_native.system_close, system._node.handle, 60_000)
        _native.system_wait(system._node.handle, 60_000)
        other.join()


def test_telling_from_many_threads():
    received = []

    async def main(system):
        ref = system.spawn(lambda context, message: received.append(message.number))
        threads = [threading.Thread(target=lambda n=n: [ref.tell(Work(n)) for _ in range(500)]) for n in range(8)]
        for thread in threads:
            thread.start()
        await until(lambda: len(received) == 4000, "all messages")
        for thread in threads:
            thread.join()

    run_local(main)


def test_a_forked_child_is_told_and_ends_quietly():
    result = script(
        """
with motet.System(LOCAL) as system:
    ref = system.spawn(lambda context, message: context.reply(message))
    assert system.run(ref.ask(motet.Message("t.A", 1))).value == 1
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        message = motet.Message("t.A", 1)
        for call in (lambda: ref.tell(message), lambda: system.spawn(print), lambda: system.run(ref.ask(message))):
            try:
                call()
            except motet.ClosedError as error:
                assert error.code is motet.Code.FORKED, error.code
            else:
                os._exit(3)
        sys.exit(5)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 5, status
    assert system.run(ref.ask(motet.Message("t.A", 2))).value == 2
print("parent fine")
"""
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "parent fine\n", "")


@pytest.mark.parametrize(
    "text",
    [
        "system = motet.System(LOCAL); system.spawn(print).tell(motet.Message('t.A', 1))",
        "system = motet.System(LOCAL); system.spawn(print); sys.exit(0)",
        """
async def main():
    global system, ref
    system = motet.System(LOCAL)
    ref = system.spawn(lambda context, message: context.reply(message))
    await ref.ask(motet.Message("t.A", 1))
asyncio.run(main())
""",
    ],
)
def test_ending_without_close_neither_hangs_nor_crashes(text):
    result = script("import warnings; warnings.simplefilter('ignore', ResourceWarning)\n" + text)
    assert (result.returncode, result.stderr) == (0, "")


def test_ctrl_c_ends_a_script_that_waits():
    result = script(
        """
with motet.System(LOCAL) as system:
    ref = system.spawn(lambda context, message: None)
    try:
        print("waiting", flush=True)
        system.run(ref.ask(motet.Message("t.A", 1), timeout=60))
    except KeyboardInterrupt:
        print("interrupted", flush=True)
""",
        interrupt_after="waiting",
    )
    assert result.returncode == 0 and "interrupted" in result.stdout, result.stderr


def test_ctrl_c_ends_an_event_loop_that_waits():
    result = script(
        """
async def main():
    async with motet.System(LOCAL) as system:
        system.spawn(lambda context, message: None)
        asyncio.get_running_loop().call_soon(lambda: print("waiting", flush=True))  # once it waits
        await system.run_until_terminated()
    print("closed", flush=True)
asyncio.run(main())
""",
        interrupt_after="waiting",
    )
    assert result.returncode == 0 and "closed" in result.stdout, result.stderr


def test_closing_while_a_thread_polls_is_safe():
    async def main():
        def take(dispatcher, results):
            results.append(_native.dispatcher_take(dispatcher, _native.batch_new(), 8, 60_000))

        for _ in range(50):
            results = []
            async with motet.System(LOCAL) as system:
                poller = in_thread(take, system._node.dispatcher, results)
            poller.join(60)
            assert not poller.is_alive() and results == [None]

    asyncio.run(main())


def test_errors_have_code_name_and_class():
    from motet.errors import make_error

    assert isinstance(make_error(motet.Code.INVALID), ValueError)
    assert isinstance(make_error(motet.Code.TIMEOUT), TimeoutError)
    assert isinstance(make_error(motet.Code.CLOSED), motet.ClosedError)
    assert isinstance(make_error(motet.Code.FAILED, "why"), motet.FailedError)
    assert make_error(motet.Code.MAILBOX_FULL).retriable and not make_error(motet.Code.INVALID).retriable
    assert make_error(-4711).code is motet.Code.INTERNAL
    import pickle

    copy = pickle.loads(pickle.dumps(make_error(motet.Code.TIMEOUT, "late")))
    assert type(copy) is motet.TimeoutError and copy.code is motet.Code.TIMEOUT and str(copy) == "late"


def test_native_handles_are_checked():
    with pytest.raises(TypeError, match="motet_ref_t"):
        _native.ref_stop(object())
    with pytest.raises(TypeError, match="motet_ref_t"):
        _native.ref_stop(_native.batch_new())
