"""Who gets what comes to a team inbox (mission 4.6), and who is there (mission 1)."""

import asyncio

import pytest
import websockets

import directory_file
import waiting
from directory_file import ALICE_NUMBER, SUPPORT_NUMBER

PATIENCE_S = 60
SOON = {"stream": {"presence_grace_s": 1}}


def them(place):
    return f"+1555123{place:04d}"


def start(make_broker, config=None, **settings):
    settings.setdefault("strategy", "round_robin")
    return make_broker(provision=directory_file.directory(**settings), config=config).start()


def write(broker, *places):
    """A first message from each, one behind the other."""
    for place in places:
        broker.receive(SUPPORT_NUMBER, them(place), f"Hello from {place}")


def conversation(broker, place):
    return broker.conversation_with(them(place))


def holder(broker, place):
    return conversation(broker, place)["claimed_by"]


def await_holder(broker, place):
    """Waits until somebody has it, and returns who."""
    return waiting.until(lambda: holder(broker, place), f"somebody for {place}")


def holders(broker, *places):
    return [await_holder(broker, place) for place in places]


def act(broker, place, action, **body):
    return broker.api().acted(conversation(broker, place)["id"], action, **body)


def set_presence(broker, user, presence, key=directory_file.KEY):
    answer = broker.api(key).request("PATCH", f"/v1/users/{user}", body={"presence": presence})
    assert answer.status == 200, answer
    assert answer.json()["presence"] == presence
    return answer.json()


def presence(broker, user):
    return broker.api().read(f"/v1/users/{user}")["presence"]


def await_presence(broker, user, wanted):
    waiting.until(lambda: presence(broker, user) == wanted, f"{user} is {wanted}")


def stay_waiting(broker, *places):
    """They wait. A later conversation of another number shows that the broker had its turn."""
    broker.receive(ALICE_NUMBER, them(9999), "meanwhile")
    for place in places:
        found = conversation(broker, place)
        assert found["waiting"] and found["claimed_by"] is None and found["participants"] == []


# -- 4.6 assignment strategy


def test_round_robin_gives_to_one_after_the_other(make_broker):
    broker = start(make_broker)
    given = []
    for place in range(4):
        write(broker, place)
        given.append(await_holder(broker, place))
    assert given == ["alice", "bob", "alice", "bob"], "carol lacks the licence"
    shown = conversation(broker, 0)
    assert not shown["waiting"] and [who["user"] for who in shown["participants"]] == ["alice"]
    assert broker.api().conversations(user="alice") and shown["team"] == "support"
    claimed = broker.api().events(types="conversation.claimed")
    assert [event["data"]["claimed_by"] for event in claimed] == given
    assert all(event["data"]["assigned"] for event in claimed)


def test_who_may_only_read_is_given_nothing(make_broker):
    broker = start(make_broker)
    answer = broker.api().request("PATCH", "/v1/users/alice", body={"role": "read_only"})
    assert answer.status == 200, answer
    write(broker, *range(4))
    assert holders(broker, *range(4)) == ["bob"] * 4
    broker.api().request("PATCH", "/v1/users/bob", body={"role": "read_only"})
    write(broker, 4)
    stay_waiting(broker, 4)


def test_everyone_is_the_default_and_all_take_part_and_nothing_waits(broker):
    write(broker, 1)
    shown = conversation(broker, 1)
    assert [who["user"] for who in shown["participants"]] == ["alice", "bob"]
    assert not shown["waiting"] and shown["claimed_by"] is None


def test_random_one_gives_to_some_one(make_broker):
    broker = start(make_broker, strategy="random_one")
    write(broker, *range(20))
    assert set(holders(broker, *range(20))) == {"alice", "bob"}


def test_least_busy_gives_to_who_has_fewest_open(make_broker):
    broker = start(make_broker, strategy="least_busy")
    for place in range(4):
        write(broker, place)
        await_holder(broker, place)
    first = await_holder(broker, 0)
    closed = [place for place in range(4) if await_holder(broker, place) == first]
    for place in closed:
        broker.api().close(conversation(broker, place)["id"])
    for place in (10, 11):
        write(broker, place)
        assert await_holder(broker, place) == first


def test_nobody_has_more_than_max_open_per_user_and_the_first_in_the_queue_is_next(make_broker):
    broker = start(make_broker, max_open_per_user=1)
    write(broker, 1, 2, 3, 4, 5)
    assert holders(broker, 1, 2) == ["alice", "bob"]
    stay_waiting(broker, 3, 4, 5)
    broker.api().close(conversation(broker, 2)["id"])
    assert await_holder(broker, 3) == "bob"
    stay_waiting(broker, 4, 5)
    broker.api().close(conversation(broker, 1)["id"])
    assert await_holder(broker, 4) == "alice"
    stay_waiting(broker, 5)
    answer = broker.api().request("PATCH", "/v1/inboxes/support", body={"max_open_per_user": 2})
    assert answer.status == 200
    assert await_holder(broker, 5) in ("alice", "bob")


def test_available_only_waits_in_a_fifo_queue_until_somebody_becomes_available(make_broker):
    broker = start(make_broker, available_only=True, max_open_per_user=2)
    write(broker, 1, 2, 3)
    set_presence(broker, "alice", "busy")
    stay_waiting(broker, 1, 2, 3)
    set_presence(broker, "bob", "available")
    assert holders(broker, 1, 2) == ["bob", "bob"]
    stay_waiting(broker, 3)
    set_presence(broker, "alice", "available")
    assert await_holder(broker, 3) == "alice"


def test_a_crash_while_conversations_wait_loses_none_and_keeps_their_order(make_broker):
    broker = start(make_broker, available_only=True, max_open_per_user=1)
    write(broker, 1, 2, 3)
    broker.crash_and_restart()
    stay_waiting(broker, 1, 2, 3)
    set_presence(broker, "bob", "available")
    assert await_holder(broker, 1) == "bob"
    broker.crash_and_restart()
    stay_waiting(broker, 2, 3)
    broker.api().close(conversation(broker, 1)["id"])
    assert await_holder(broker, 2) == "bob"
    broker.kill()
    broker.verify()


def test_a_crash_in_the_middle_of_giving_loses_none_and_gives_nobody_too_much(make_broker):
    broker = start(make_broker, max_open_per_user=5)
    for round_ in range(3):
        for place in range(6 * round_, 6 * round_ + 6):
            write(broker, place)
        broker.crash_and_restart()
    given = waiting.until(
        lambda: (lambda has: has if sum(map(bool, has)) == 10 else None)(
            [holder(broker, place) for place in range(18)]), "ten to be given")
    assert sorted(filter(None, given)) == ["alice"] * 5 + ["bob"] * 5
    assert all(given[:10]) and not any(given[10:]), "first come, first"


def test_released_it_goes_to_another(make_broker):
    broker = start(make_broker)
    write(broker, 1)
    assert await_holder(broker, 1) == "alice"
    for expected in ("bob", "alice", "bob"):
        act(broker, 1, "release")
        waiting.until(lambda who=expected: holder(broker, 1) == who, f"{expected} to get it")


def test_a_silent_holders_claim_expires_and_another_gets_it(make_broker):
    broker = start(make_broker, claim_expiry_s=3)
    write(broker, 1)
    assert await_holder(broker, 1) == "alice"
    waiting.until(lambda: len(broker.api().events(types="conversation.claimed")) >= 2,
                  "somebody else to get it")
    first, second = broker.api().events(types="conversation.claimed")[:2]
    assert (first["data"]["claimed_by"], second["data"]["claimed_by"]) == ("alice", "bob")
    assert broker.api().events(types="conversation.released")[0]["data"]["expired"] is True


def test_what_was_released_goes_to_somebody_on_shift(make_broker):
    broker = start(make_broker)
    set_presence(broker, "alice", "available")
    write(broker, 1, 2)
    assert holders(broker, 1, 2) == ["alice", "bob"]
    act(broker, 2, "release")
    waiting.until(lambda: holder(broker, 2) == "alice", "alice, who is there")


def test_what_waits_may_be_claimed_by_a_member(make_broker):
    broker = start(make_broker, available_only=True)
    write(broker, 1)
    stay_waiting(broker, 1)
    assert act(broker, 1, "claim", user="bob")["claimed_by"] == "bob"
    assert not conversation(broker, 1)["waiting"]


def test_a_transfer_to_such_a_team_waits_for_that_team(make_broker):
    broker = start(make_broker, available_only=True)
    broker.receive(ALICE_NUMBER, them(1), "Hello Alice")
    act(broker, 1, "transfer", to_team="support")
    stay_waiting(broker, 1)
    set_presence(broker, "bob", "available")
    assert await_holder(broker, 1) == "bob"


def test_a_member_more_gets_what_waits(make_broker):
    broker = start(make_broker, max_open_per_user=1)
    write(broker, 1, 2, 3)
    holders(broker, 1, 2)
    stay_waiting(broker, 3)
    api = broker.api()
    assert api.request("PATCH", "/v1/users/carol", body={"licence": "pro_cx"}).status == 200
    assert await_holder(broker, 3) == "carol"


# -- 1 presence


def test_presence_is_set_by_the_api_shown_everywhere_and_kept(broker):
    assert presence(broker, "alice") == "offline"
    set_presence(broker, "alice", "busy")
    users = {user["id"]: user["presence"] for user in broker.api().items("/v1/users")}
    assert users == {"alice": "busy", "bob": "offline", "carol": "offline"}
    lines = {line["id"]: line["presence"] for line in broker.api().items("/v1/directory")
             if line["type"] == "user"}
    assert lines == users
    changed, = broker.api().events(types="user.availability.updated")
    assert changed["data"] == {"user": "alice", "presence": "busy", "by_stream": False}
    broker.crash_and_restart()
    assert presence(broker, "alice") == "busy"
    broker.kill()
    broker.verify()


def test_presence_is_changed_by_itself_and_must_be_one(broker):
    api = broker.api()
    for change in ({"presence": "asleep"}, {"presence": 1}, {"presence": None},
                   {"presence": "busy", "name": "Al"}):
        answer = api.request("PATCH", "/v1/users/alice", body=change)
        assert (answer.status, answer.code) == (400, "malformed"), change
        assert "presence" in answer.json()["detail"]
    assert api.post("/v1/users", {"id": "zoe", "presence": "busy"}).code == "malformed"
    assert api.request("PATCH", "/v1/users/nobody", body={"presence": "busy"}).status == 404
    other = broker.api(directory_file.OTHER_KEY)
    assert other.request("PATCH", "/v1/users/alice", body={"presence": "busy"}).status == 404
    assert presence(broker, "alice") == "offline"
    assert api.events(types="user.availability.updated") == []


def connect(broker, user, key=directory_file.KEY):
    return websockets.connect(f"ws://{broker.host}:{broker.port}/v1/stream?user={user}",
                              extra_headers={"Authorization": f"Bearer {key}"})


def in_thread(function, *arguments):
    return asyncio.get_running_loop().run_in_executor(None, function, *arguments)


def test_a_user_is_available_while_a_stream_is_open_and_offline_after_a_grace(make_broker):
    broker = start(make_broker, config=SOON)

    async def scene():
        async with connect(broker, "alice"):
            await in_thread(await_presence, broker, "alice", "available")
            assert await in_thread(presence, broker, "bob") == "offline"

    asyncio.run(scene())
    await_presence(broker, "alice", "offline")
    changes = broker.api().events(types="user.availability.updated")
    assert [(event["data"]["presence"], event["data"]["by_stream"]) for event in changes] \
        == [("available", True), ("offline", True)]


def test_whoever_opens_a_stream_gets_what_waits(make_broker):
    broker = start(make_broker, available_only=True)
    write(broker, 1)
    stay_waiting(broker, 1)

    async def scene():
        async with connect(broker, "bob"):
            return await in_thread(await_holder, broker, 1)

    assert asyncio.run(scene()) == "bob"


def test_what_the_api_has_set_stays_whatever_streams_do(make_broker):
    broker = start(make_broker, config=SOON)
    set_presence(broker, "alice", "busy")

    async def scene():
        async with connect(broker, "alice"), connect(broker, "bob"):
            await in_thread(await_presence, broker, "bob", "available")
            assert await in_thread(presence, broker, "alice") == "busy"

    asyncio.run(scene())
    await_presence(broker, "bob", "offline")
    assert presence(broker, "alice") == "busy"


def test_after_a_crash_whose_stream_does_not_come_back_is_offline_after_the_grace(make_broker):
    broker = start(make_broker, config=SOON)

    async def scene():
        async with connect(broker, "alice"):
            await in_thread(await_presence, broker, "alice", "available")
            await in_thread(broker.kill)

    asyncio.run(scene())
    broker.start()
    await_presence(broker, "alice", "offline")
    waiting.until(lambda: len(broker.api().events(types="user.availability.updated")) == 2,
                  "that to be journalled")


@pytest.mark.parametrize("user, key, status", [
    ("nobody", directory_file.KEY, 422), ("oscar", directory_file.KEY, 422),
    ("alice", directory_file.OTHER_KEY, 422), ("alice", directory_file.READ_KEY, 403)])
def test_a_stream_of_a_user_needs_one_of_the_organisation_and_the_scope(broker, user, key, status):
    async def scene():
        with pytest.raises(websockets.exceptions.InvalidStatusCode) as refused:
            async with connect(broker, user, key):
                pass
        return refused.value.status_code

    assert asyncio.run(scene()) == status
