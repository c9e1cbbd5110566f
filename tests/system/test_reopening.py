"""Reopening: an inbox may let a closed conversation go on for a time (mission 3)."""

import pytest

import waiting
from directory_file import ALICE_NUMBER, SUPPORT_NUMBER

THEM = "+15551230001"
WITHIN_S = 1


@pytest.fixture
def reopening(broker):
    """Makes the inbox reopen within a time, and opens and closes a conversation of it."""
    def make(within_s, **settings):
        api = broker.api()
        changed = api.request("PATCH", "/v1/inboxes/support",
                              body={"reopen_within_s": within_s, **settings})
        assert changed.status == 200, changed
        broker.receive(SUPPORT_NUMBER, THEM, "first")
        conversation = broker.conversation_with(THEM)["id"]
        closed = api.close(conversation)
        assert closed.status == 200, closed
        return api, conversation, broker
    return make


def users_of(conversation):
    return sorted(participant["user"] for participant in conversation["participants"])


def await_expiry(api):
    """The time since the last close is over."""
    *_, closed = api.events(types="conversation.closed")
    waiting.until(lambda: waiting.seconds_since(closed["created_at"]) > WITHIN_S + 0.1,
                  "the end of the time")


def test_within_the_time_a_closed_conversation_goes_on(reopening):
    api, conversation, broker = reopening(3600)
    assert api.conversation(conversation)["close_reason"] == "api"
    broker.receive(SUPPORT_NUMBER, THEM, "second")
    found = broker.conversation_with(THEM)
    assert (found["id"], found["state"], found["close_reason"], found["previous"]) \
        == (conversation, "active", None, None)
    assert users_of(found) == ["alice", "bob"]
    assert api.bodies(conversation) == ["first", "second"]
    assert [message["index"] for message in api.messages(conversation)] == [1, 2]
    reopened, = [event["data"] for event in api.events(types="conversation.updated")
                 if "reopened" in event["data"]]
    assert (reopened["conversation"], reopened["state"]) == (conversation, "active")
    assert len(api.events(types="conversation.created")) == 1
    assert api.replied(conversation, "third")["index"] == 3


def test_it_may_be_closed_and_reopened_again_over_crashes(reopening):
    _, conversation, broker = reopening(3600)
    for text in ("second", "third"):
        broker.crash_and_restart()
        broker.receive(SUPPORT_NUMBER, THEM, text)
        assert broker.conversation_with(THEM)["id"] == conversation
        broker.crash_and_restart()
        assert broker.api().close(conversation).status == 200
    assert broker.api().bodies(conversation) == ["first", "second", "third"]
    broker.kill()
    broker.verify()


def test_after_the_time_a_new_conversation_links_to_the_one_before(reopening):
    api, conversation, broker = reopening(WITHIN_S)
    await_expiry(api)
    broker.receive(SUPPORT_NUMBER, THEM, "second")
    second = broker.conversation_with(THEM, state="active")
    assert second["id"] != conversation and second["previous"] == conversation
    assert api.bodies(second["id"]) == ["second"]
    assert api.conversation(conversation)["state"] == "closed"
    assert api.close(second["id"]).status == 200
    await_expiry(api)
    broker.crash_and_restart()
    broker.receive(SUPPORT_NUMBER, THEM, "third")
    assert broker.conversation_with(THEM, state="active")["previous"] == second["id"]


def test_without_a_time_closed_is_final(reopening):
    _, conversation, broker = reopening(0)
    broker.receive(SUPPORT_NUMBER, THEM, "second")
    assert broker.conversation_with(THEM, state="active")["previous"] == conversation


def test_a_users_own_number_reopens_nothing(reopening):
    api, _, broker = reopening(3600)
    first = api.start(ALICE_NUMBER, THEM, body="Hello").json()["id"]
    assert api.close(first).status == 200
    broker.receive(ALICE_NUMBER, THEM, "Hello Alice")
    second, = [one for one in api.conversations(state="active")
               if one["number"] == f"sms:{ALICE_NUMBER}"]
    assert second["previous"] == first


def test_what_is_reopened_is_no_new_conversation_and_is_not_answered_or_ruled_again(reopening):
    api, conversation, broker = reopening(3600, auto_reply="One moment")
    made = api.post("/v1/rules", {"id": "all", "labels": ["late"], "close": True})
    assert made.status == 201, made
    broker.receive(SUPPORT_NUMBER, THEM, "second")
    found = broker.conversation_with(THEM)
    assert (found["id"], found["state"], found["labels"]) == (conversation, "active", [])
    assert api.bodies(conversation) == ["first", "One moment", "second"]


def test_what_a_rule_has_closed_goes_on_within_the_time(broker):
    api = broker.api()
    changed = api.request("PATCH", "/v1/inboxes/support", body={"reopen_within_s": 3600})
    assert changed.status == 200, changed
    made = api.post("/v1/rules", {"id": "all", "close": True})
    assert made.status == 201, made
    broker.receive(SUPPORT_NUMBER, THEM, "first")
    closed = broker.conversation_with(THEM)
    assert (closed["state"], closed["close_reason"]) == ("closed", "rule")
    broker.receive(SUPPORT_NUMBER, THEM, "second")
    found = broker.conversation_with(THEM)
    assert (found["id"], found["state"]) == (closed["id"], "active")
    assert users_of(found) == ["alice", "bob"]
