"""Ask: answers, timeouts, failures, cancelled and late."""

import asyncio

import pytest
from conftest import LOCAL, run_local, until

import motet


@motet.message("test.Ping")
class Ping:
    number: int = 0


def test_many_asks_at_once():
    async def main(system):
        ref = system.spawn(lambda context, message: context.reply(message))
        answers = await asyncio.gather(*(ref.ask(Ping(n)) for n in range(2000)))
        assert [answer.number for answer in answers] == list(range(2000))

    run_local(main)


def test_a_timeout_names_target_and_type():
    async def main(system):
        ref = system.spawn(lambda context, message: None, "silent")
        with pytest.raises(TimeoutError) as late:
            await ref.ask(Ping(), timeout=0.05)
        assert isinstance(late.value, motet.TimeoutError) and late.value.retriable
        assert "/user/silent" in str(late.value) and "test.Ping" in str(late.value)

    run_local(main)


def test_a_failure_as_reply_is_raised():
    async def main(system):
        ref = system.spawn(lambda context, message: context.reply(motet.Failure(motet.Code.FAILED, "not today")))
        with pytest.raises(motet.FailedError, match="not today"):
            await ref.ask(Ping())

    run_local(main)


@pytest.mark.parametrize("waits", [False, True])
def test_a_handler_that_raises_fails_the_ask_with_its_text(waits):
    async def unlucky(context, message):
        if waits:
            await asyncio.sleep(0)
        raise ValueError(f"no luck with {message.number}")

    async def main(system):
        with pytest.raises(motet.FailedError, match="ValueError: no luck with 13"):
            await system.spawn(unlucky).ask(Ping(13))

    run_local(main)


def test_asking_who_has_stopped_fails():
    async def main(system):
        ref = system.spawn(lambda context, message: None)
        ref.stop()
        await until(lambda: ref.tell(Ping()) is motet.Code.STOPPED, "the stop")
        with pytest.raises(motet.Error) as failed:
            await ref.ask(Ping(), timeout=0.5)
        assert failed.value.code in (motet.Code.STOPPED, motet.Code.TIMEOUT)

    run_local(main)


def test_a_cancelled_ask_lets_the_late_answer_go():
    async def main(system):
        gate = asyncio.Event()

        async def slow(context, message):
            await gate.wait()
            context.reply(message)

        ref = system.spawn(slow)
        ask = asyncio.create_task(ref.ask(Ping(1)))
        await asyncio.sleep(0)
        ask.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ask
        gate.set()
        assert await ref.ask(Ping(2)) == Ping(2)
        assert not system._node._asks

    run_local(main)


def test_handlers_may_ask():
    async def main(system):
        echo = system.spawn(lambda context, message: context.reply(Ping(message.number + 1)))

        async def middle(context, message):
            context.reply(await echo.ask(message))

        assert await system.spawn(middle).ask(Ping(1)) == Ping(2)

    run_local(main)


def test_closing_ends_asks_that_wait():
    async def main():
        system = motet.System(LOCAL)
        ask = asyncio.create_task(system.spawn(lambda context, message: None).ask(Ping(), timeout=60))
        await asyncio.sleep(0)
        await system.close()
        with pytest.raises(motet.Error) as closed:
            await ask
        assert closed.value.code is motet.Code.CLOSED

    asyncio.run(main())


def test_another_loop_may_ask():
    with motet.System(LOCAL) as system:
        ref = system.spawn(lambda context, message: context.reply(message))
        assert asyncio.run(ref.ask(Ping(5))) == Ping(5)
