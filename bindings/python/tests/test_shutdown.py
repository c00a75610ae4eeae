"""Shutdown: tasks in their phases, plain and async; reasons; what fails and what hangs."""

import asyncio
import logging
import threading
from dataclasses import dataclass

import pytest

import motet
from conftest import LOCAL, Collector, run_local, until


@motet.message("shutdown.Word")
@dataclass(frozen=True)
class Word:
    text: str


def test_tasks_run_in_the_order_of_their_phases():
    said = []

    async def slow(word):
        await asyncio.sleep(0.01)
        said.append(word)

    async def main(system):
        system.shutdown.add("before-actor-system-terminate", "third", lambda: said.append("third"))
        system.shutdown.add("service-unbind", "first", lambda: said.append("first"))
        system.shutdown.add("service-stop", "second", lambda: slow("second"))
        assert system.shutdown.reason is None
        await system.close()
        assert said == ["first", "second", "third"]
        assert system.shutdown.reason is motet.ShutdownReason.ACTOR_SYSTEM_TERMINATE

    run_local(main)


def test_tasks_of_one_phase_run_at_the_same_time():
    async def main(system):
        both = [asyncio.Event(), asyncio.Event()]

        async def meet(mine, other):
            both[mine].set()
            await both[other].wait()

        system.shutdown.add("service-stop", "one", lambda: meet(0, 1))
        system.shutdown.add("service-stop", "other", lambda: meet(1, 0))
        await system.close()
        assert both[0].is_set() and both[1].is_set()

    run_local(main)


def test_actors_still_answer_tasks():
    async def main(system):
        echo = system.spawn(lambda context, message: context.reply(message))
        heard = []

        async def ask():
            heard.append(await echo.ask(Word("last")))

        system.shutdown.add("before-actor-system-terminate", "ask", ask)
        await system.close()
        assert heard == [Word("last")]

    run_local(main)


def test_a_task_may_be_taken_back():
    async def main(system):
        said = []
        task = system.shutdown.add("service-stop", "never", lambda: said.append("never"))
        assert task.cancel()
        assert not task.cancel()
        await system.close()
        assert said == []

    run_local(main)


def test_what_a_task_raises_is_logged_and_passed_by(caplog):
    def fail():
        raise OSError("the disk is full")

    async def main(system):
        said = []
        system.shutdown.add("service-unbind", "flush", fail)
        system.shutdown.add("service-stop", "later", lambda: said.append("later"))
        with caplog.at_level(logging.ERROR, "motet"):
            await system.close()
        assert said == ["later"]
        assert "OSError: the disk is full" in caplog.text

    run_local(main)


def test_a_strict_phase_raises_what_its_task_did():
    def fail():
        raise OSError("the disk is full")

    async def main(system):
        system.shutdown.add("service-unbind", "flush", fail)

    with pytest.raises(motet.FailedError, match='task "flush" failed: OSError: the disk is full'):
        run_local(main, **{"shutdown.phase.service-unbind.recover": False})


def test_what_hangs_is_left_behind():
    async def main(system):
        system.shutdown.add("service-stop", "hang", lambda: asyncio.Event().wait())
        await system.close()
        assert system.closed

    run_local(main, **{"shutdown.phase.service-stop.timeout": "20ms"})


def test_it_may_begin_with_a_phase_and_for_a_reason():
    async def main(system):
        said = []
        system.shutdown.add("service-unbind", "first", lambda: said.append("first"))
        system.shutdown.add("service-stop", "second", lambda: said.append("second"))
        with pytest.raises(motet.Error, match="no phase") as refused:
            await system.shutdown.run(motet.ShutdownReason.UNKNOWN, from_phase="nowhere")
        assert refused.value.code is motet.Code.NOT_FOUND
        assert not system.closed
        system.spawn(lambda context, message: None)
        await system.shutdown.run(motet.ShutdownReason.PROCESS_EXIT, from_phase="service-stop", timeout=10)
        assert said == ["second"]
        assert system.shutdown.reason is motet.ShutdownReason.PROCESS_EXIT
        with pytest.raises(motet.ClosedError):
            system.shutdown.add("service-stop", "late", print)

    run_local(main)


def test_bad_tasks_are_refused():
    async def main(system):
        with pytest.raises(motet.Error, match="there are: before-service-unbind"):
            system.shutdown.add("nowhere", "task", print)
        with pytest.raises(motet.InvalidError, match="name"):
            system.shutdown.add("service-stop", "", print)

    run_local(main)


def test_a_task_may_close_and_a_handler_too():
    async def main(system):
        said = []

        async def again():
            await system.close()
            said.append("closing")

        system.shutdown.add("service-stop", "again", again)
        system.spawn(lambda context, message: context.system.close(), "closer").tell(Word("now"))
        await system.wait_closed()
        assert said == ["closing"]

    run_local(main)


def test_what_a_task_tells_has_no_sender():
    async def main(system):
        kept = []
        collector = system.spawn(motet.Props(Collector, kept))

        async def tell():
            collector.tell(Word("bye"))
            await until(lambda: kept, "the word")  # what waits when the actors stop is lost

        system.shutdown.add("service-stop", "tell", tell)
        await system.close()
        assert kept == [(Word("bye"), None)]

    run_local(main)


def test_tasks_run_without_an_event_loop_of_the_program():
    said = []
    with motet.System(LOCAL) as system:
        system.shutdown.add("service-stop", "say", lambda: said.append(threading.current_thread().name))
    assert said == ["motet"]
