"""Waking: soon, not for every knock, one client at a time, and never deaf after a failure."""

import asyncio

from desk.wakers import Waker


def test_a_burst_of_knocks_makes_two_calls() -> None:
    """The first knock is answered at once, all that come meanwhile by one more call; other clients do not wait."""
    called: list[str] = []

    async def act(client: str) -> None:
        called.append(client)
        await asyncio.sleep(0.01)

    async def play() -> None:
        waker = Waker(act, pause=0.01)
        waker.knock("maler")
        await asyncio.sleep(0)
        for _ in range(5):
            waker.knock("maler")
        waker.knock("agentur")
        while len(called) < 3:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.1)
        await waker.close()

    asyncio.run(play())
    assert called == ["maler", "agentur", "maler"]


def test_a_failing_call_is_followed_by_the_next() -> None:
    """What goes wrong for one knock keeps nobody from answering a later one."""
    called: list[str] = []

    async def act(client: str) -> None:
        called.append(client)
        raise RuntimeError("away")

    async def play() -> None:
        waker = Waker(act, pause=0.001)
        for number in (1, 2):
            waker.knock("maler")
            while len(called) < number:
                await asyncio.sleep(0.001)
        await waker.close()

    asyncio.run(play())
    assert called == ["maler", "maler"]
