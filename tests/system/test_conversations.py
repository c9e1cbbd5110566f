"""Conversation: order, read positions, closing, and what follows a closed one."""

import pytest

from directory_file import ALICE_NUMBER, SUPPORT_NUMBER

THEM = "+15551230001"


def participant(conversation, user):
    found, = [one for one in conversation["participants"] if one["user"] == user]
    return found


def read_up_to(broker, conversation, user, index=None):
    body = {"user": user} if index is None else {"user": user, "index": index}
    answer = broker.api().post(f"/v1/conversations/{conversation}/read", body)
    assert answer.status == 200, answer
    return answer.json()


def test_messages_have_one_order_without_gaps_in_listing_and_events(broker):
    texts = [f"message {count}" for count in range(25)]
    for text in texts:
        broker.receive(ALICE_NUMBER, THEM, text)
    conversation = broker.conversation_with(THEM)
    messages = broker.api().messages(conversation["id"])
    assert [message["body"] for message in messages] == texts
    assert [message["index"] for message in messages] == list(range(1, 26))
    events = broker.api().events(types="conversation.message.created")
    assert [event["data"]["id"] for event in events] == [message["id"] for message in messages]
    assert conversation["last_index"] == 25


def test_everybody_has_what_was_received_unread(broker):
    for count in range(3):
        broker.receive(SUPPORT_NUMBER, THEM, f"message {count}")
    conversation = broker.conversation_with(THEM)
    for user in ("alice", "bob"):
        assert participant(conversation, user)["unread"] == 3


def test_reading_moves_one_users_position_and_nobody_elses(broker):
    for count in range(5):
        broker.receive(SUPPORT_NUMBER, THEM, f"message {count}")
    conversation = broker.conversation_with(THEM)["id"]
    after = read_up_to(broker, conversation, "alice", 2)
    assert participant(after, "alice")["unread"] == 3
    assert participant(after, "bob")["unread"] == 5
    after = read_up_to(broker, conversation, "alice")
    assert participant(after, "alice")["unread"] == 0


def test_a_read_position_never_goes_back(broker):
    for count in range(5):
        broker.receive(SUPPORT_NUMBER, THEM, f"message {count}")
    conversation = broker.conversation_with(THEM)["id"]
    read_up_to(broker, conversation, "alice", 4)
    after = read_up_to(broker, conversation, "alice", 2)
    assert participant(after, "alice")["unread"] == 1


def test_read_positions_survive_a_crash(broker):
    for count in range(5):
        broker.receive(SUPPORT_NUMBER, THEM, f"message {count}")
    conversation = broker.conversation_with(THEM)["id"]
    read_up_to(broker, conversation, "alice", 4)
    broker.crash_and_restart()
    after = broker.api().conversation(conversation)
    assert participant(after, "alice")["unread"] == 1
    assert participant(after, "bob")["unread"] == 5


def test_who_writes_has_read_what_stands_before(broker):
    for count in range(3):
        broker.receive(SUPPORT_NUMBER, THEM, f"message {count}")
    conversation = broker.conversation_with(THEM)["id"]
    broker.api().replied(conversation, "on it", user="alice")
    after = broker.api().conversation(conversation)
    assert participant(after, "alice")["unread"] == 0
    assert participant(after, "bob")["unread"] == 4


def test_somebody_who_takes_no_part_cannot_read(broker):
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    conversation = broker.conversation_with(THEM)["id"]
    answer = broker.api().post(f"/v1/conversations/{conversation}/read", {"user": "bob"})
    assert (answer.status, answer.code) == (403, "not_participant")


@pytest.mark.parametrize("user, reason", [("alice", "user"), (None, "api")])
def test_a_closed_conversation_says_so_and_why(broker, user, reason):
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    conversation = broker.conversation_with(THEM)["id"]
    answer = broker.api().close(conversation, user)
    assert answer.status == 200, answer
    assert answer.json()["state"] == "closed"
    after = broker.api().conversation(conversation)
    assert (after["state"], after["close_reason"]) == ("closed", reason)
    closed, = broker.api().events(types="conversation.closed")
    assert closed["data"]["conversation"] == conversation


def test_closed_is_final_for_replies_and_for_closing(broker):
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    conversation = broker.conversation_with(THEM)["id"]
    broker.api().close(conversation)
    answer = broker.api().reply(conversation, "too late")
    assert (answer.status, answer.code) == (409, "conversation_closed")
    broker.api().close(conversation)
    assert len(broker.api().events(types="conversation.closed")) == 1
    assert broker.api().bodies(conversation) == ["Hello"]


def test_the_next_message_opens_a_new_conversation_that_links_to_the_closed_one(broker):
    broker.receive(ALICE_NUMBER, THEM, "first")
    first = broker.conversation_with(THEM)["id"]
    assert broker.api().close(first).status == 200
    broker.receive(ALICE_NUMBER, THEM, "second")
    second = broker.conversation_with(THEM, state="active")
    assert second["id"] != first
    assert second["previous"] == first
    assert broker.api().bodies(second["id"]) == ["second"]
    assert broker.api().bodies(first) == ["first"]
    assert broker.api().conversation(first)["state"] == "closed"
    message, = broker.api().messages(second["id"])
    assert message["index"] == 1


def test_a_chain_of_closed_conversations_survives_a_crash(broker):
    previous = None
    for count in range(4):
        broker.receive(ALICE_NUMBER, THEM, f"talk {count}")
        conversation = broker.conversation_with(THEM, state="active")
        assert conversation["previous"] == previous
        previous = conversation["id"]
        broker.api().close(previous)
        if count == 1:
            broker.crash_and_restart()
    assert len(broker.api().conversations(state="closed")) == 4
    assert broker.api().conversations(state="active") == []


def test_a_close_that_was_answered_survives_a_crash(broker):
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    conversation = broker.conversation_with(THEM)["id"]
    assert broker.api().close(conversation).status == 200
    broker.crash_and_restart()
    assert broker.api().conversation(conversation)["state"] == "closed"
    assert broker.api().conversations(state="active") == []
