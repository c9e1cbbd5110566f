"""Idle timers: a conversation becomes inactive and closes by itself, across a restart too.

No test says when: each waits for the event, and the deadline only ends a failure.
"""

import directory_file
import waiting
from directory_file import ALICE_NUMBER, SUPPORT_NUMBER

THEM = "+15551230001"


def await_event(broker, kind, count=1):
    def found():
        events = broker.api().events(types=kind)
        return events if len(events) >= count else None
    return waiting.until(found, f"{count} × {kind}")


def test_an_idle_conversation_closes_by_itself(make_broker):
    broker = make_broker(provision=directory_file.directory(close_after_s=2)).start()
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    conversation = broker.conversation_with(THEM)["id"]
    closed, = await_event(broker, "conversation.closed")
    assert closed["data"]["conversation"] == conversation
    after = broker.api().conversation(conversation)
    assert (after["state"], after["close_reason"]) == ("closed", "idle")
    assert broker.api().conversations(state="active") == []


def test_a_message_after_the_idle_close_opens_a_linked_conversation(make_broker):
    broker = make_broker(provision=directory_file.directory(close_after_s=1)).start()
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    first = broker.conversation_with(THEM)["id"]
    await_event(broker, "conversation.closed")
    broker.receive(ALICE_NUMBER, THEM, "Hello again")
    created = broker.api().events(types="conversation.created")
    assert len(created) == 2
    second = created[1]["data"]["conversation"]
    assert broker.api().conversation(second)["previous"] == first


def test_the_idle_timer_survives_a_crash(make_broker):
    broker = make_broker(provision=directory_file.directory(close_after_s=3)).start()
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    conversation = broker.conversation_with(THEM)["id"]
    broker.crash_and_restart()
    closed, = await_event(broker, "conversation.closed")
    assert closed["data"]["conversation"] == conversation


def test_a_timer_that_came_due_while_the_broker_was_away_fires_at_its_start(make_broker):
    broker = make_broker(provision=directory_file.directory(close_after_s=1)).start()
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    broker.kill()
    broker.start()
    await_event(broker, "conversation.closed")
    assert len(broker.api().conversations(state="closed")) == 1


def test_an_idle_conversation_becomes_inactive_and_a_message_wakes_it(make_broker):
    broker = make_broker(
        provision=directory_file.directory(inactive_after_s=1, close_after_s=3600)).start()
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    conversation = broker.conversation_with(THEM)["id"]
    await_event(broker, "conversation.inactive")
    assert [one["id"] for one in broker.api().conversations(state="inactive")] == [conversation]
    broker.receive(ALICE_NUMBER, THEM, "still here")
    woken = broker.conversation_with(THEM)
    assert woken["id"] == conversation
    # If this machine is slow it may be inactive again by now; then a second event says so.
    idled = len(broker.api().events(types="conversation.inactive"))
    assert woken["state"] == "active" or idled > 1
    assert broker.api().bodies(conversation) == ["Hello", "still here"]


def test_messages_put_the_closing_off(make_broker):
    broker = make_broker(provision=directory_file.directory(close_after_s=4)).start()
    broker.receive(ALICE_NUMBER, THEM, "message 0")
    conversation = broker.conversation_with(THEM)
    for count in range(1, 4):
        last = conversation["last_activity_at"]
        waiting.until(lambda moment=last: waiting.seconds_since(moment) >= 1, "a second")
        broker.receive(ALICE_NUMBER, THEM, f"message {count}")
        conversation = broker.api().conversation(conversation["id"])
    closed, = await_event(broker, "conversation.closed")
    elapsed = waiting.seconds_between(conversation["last_activity_at"], closed["created_at"])
    assert elapsed >= 4.0, "it closed before its idle time had passed"


def test_an_inbox_has_an_idle_time_of_its_own(make_broker):
    broker = make_broker(provision=directory_file.directory(
        close_after_s=3600, inbox_close_after_s=1)).start()
    broker.receive(ALICE_NUMBER, THEM, "for alice")
    broker.receive(SUPPORT_NUMBER, THEM, "for support")
    await_event(broker, "conversation.closed")
    closed, = broker.api().conversations(state="closed")
    assert closed["team"] == "support"
    remaining, = broker.api().conversations(state="active")
    assert remaining["number"] == f"sms:{ALICE_NUMBER}"
