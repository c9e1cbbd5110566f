"""The live stream: resumes after a position, then is live, and shows what the events list shows."""

import asyncio
import json

import pytest
import websockets

import contract
import directory_file
from directory_file import ALICE_NUMBER

THEM = "+15551230001"
PATIENCE_S = 60


def connect(broker, after=0, types=None, key=directory_file.KEY):
    target = f"ws://{broker.host}:{broker.port}/v1/stream?after={after}"
    if types:
        target += f"&types={types}"
    fields = {"Authorization": f"Bearer {key}"} if key else {}
    return websockets.connect(target, extra_headers=fields)


async def take(stream, count):
    """The next events of a stream."""
    events = [json.loads(await asyncio.wait_for(stream.recv(), PATIENCE_S)) for _ in range(count)]
    for event in events:
        contract.contract().check_event(event)
    return events


async def in_thread(function, *arguments):
    return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)


def test_a_stream_shows_the_past_and_then_what_happens(broker):
    for count in range(5):
        broker.receive(ALICE_NUMBER, THEM, f"past {count}")

    async def scene():
        async with connect(broker) as stream:
            past = await take(stream, 6)
            await in_thread(broker.receive, ALICE_NUMBER, THEM, "live")
            return past + await take(stream, 1)

    seen = asyncio.run(scene())
    assert seen == broker.api().events()
    assert seen[-1]["data"]["body"] == "live"


def test_a_stream_resumes_after_a_position_and_misses_nothing(broker):
    async def first_part():
        async with connect(broker) as stream:
            await in_thread(broker.receive, ALICE_NUMBER, THEM, "seen")
            return await take(stream, 2)

    seen = asyncio.run(first_part())
    for count in range(10):
        broker.receive(ALICE_NUMBER, THEM, f"missed {count}")

    async def second_part():
        async with connect(broker, after=seen[-1]["seq"]) as stream:
            return await take(stream, 10)

    seen += asyncio.run(second_part())
    assert seen == broker.api().events()


def test_a_stream_resumes_across_a_crash(broker):
    async def part(after, count):
        async with connect(broker, after=after) as stream:
            return await take(stream, count)

    broker.receive(ALICE_NUMBER, THEM, "before")
    seen = asyncio.run(part(0, 2))
    broker.receive(ALICE_NUMBER, THEM, "while away")
    broker.crash_and_restart()
    broker.receive(ALICE_NUMBER, THEM, "after")
    seen += asyncio.run(part(seen[-1]["seq"], 2))
    assert seen == broker.api().events()


def test_a_stream_shows_only_the_types_it_asked_for(broker):
    async def scene():
        async with connect(broker, types="conversation.closed") as stream:
            await in_thread(broker.receive, ALICE_NUMBER, THEM, "Hello")
            conversation = await in_thread(broker.conversation_with, THEM)
            await in_thread(broker.api().close, conversation["id"])
            return await take(stream, 1)

    event, = asyncio.run(scene())
    assert event["type"] == "conversation.closed"


def test_a_stream_shows_only_its_own_organisation(broker):
    async def scene():
        async with connect(broker, key=directory_file.OTHER_KEY) as other, \
                connect(broker) as stream:
            await in_thread(broker.receive, ALICE_NUMBER, THEM, "secret")
            await take(stream, 2)
            # What the other stream was shown, if anything, has been sent before it closes.
            await other.close()
            return [message async for message in other]

    assert asyncio.run(scene()) == []


def test_many_streams_see_the_same(broker):
    async def scene():
        streams = [await connect(broker) for _ in range(10)]
        sends = [in_thread(broker.receive, ALICE_NUMBER, THEM, f"message {count}")
                 for count in range(30)]
        await asyncio.gather(*sends)
        views = [await take(stream, 31) for stream in streams]
        for stream in streams:
            await stream.close()
        return views

    views = asyncio.run(scene())
    events = broker.api().events()
    for view in views:
        assert view == events


def test_a_stream_that_follows_for_long_misses_nothing(broker):
    # More than the broker may keep in memory for those who follow: 1,500 messages of 30 pairs.
    def talk(place):
        for count in range(50):
            broker.receive(ALICE_NUMBER, f"+1555132{place:04d}", f"{place}/{count}")

    async def scene():
        async with connect(broker) as stream:
            talks = [asyncio.create_task(in_thread(talk, place)) for place in range(30)]
            seen = await take(stream, 30 * 51)
            await asyncio.gather(*talks)
            return seen

    assert asyncio.run(scene()) == broker.api().events()


@pytest.mark.parametrize("key, status", [(None, 401), ("wrong", 401),
                                         (directory_file.READ_KEY, 403)])
def test_a_stream_without_the_right_key_is_refused(broker, key, status):
    async def scene():
        async with connect(broker, key=key):
            pass

    with pytest.raises(websockets.InvalidStatusCode) as refused:
        asyncio.run(scene())
    assert refused.value.status_code == status


def test_a_reader_that_does_not_read_delays_nobody_and_misses_nothing(broker):
    # More than the sockets between them can hold.
    texts = [f"{count:03d}" + "x" * 40000 for count in range(200)]

    async def scene():
        async with connect(broker) as quick:
            slow = await connect(broker)
            slow.transport.pause_reading()
            await asyncio.gather(*[in_thread(broker.receive, ALICE_NUMBER, THEM, text)
                                   for text in texts])
            seen = await take(quick, 201)
            slow.transport.resume_reading()
            late = []
            try:
                late = await take(slow, 201)
            except websockets.ConnectionClosed:
                pass  # It may be disconnected; what it saw until then is a beginning.
            slow.transport.abort()
            return seen, late

    seen, late = asyncio.run(scene())
    assert seen == broker.api().events()
    assert late == seen[:len(late)]
