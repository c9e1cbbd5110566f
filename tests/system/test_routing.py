"""Routing: whom a number's messages are for, and one open conversation per pair (I4)."""

import concurrent.futures

import pytest

import directory_file
import twilio_callbacks
from directory_file import ALICE_NUMBER, SPARE_NUMBER, SUPPORT_NUMBER

THEM = "+15551230001"


def users_of(conversation):
    return sorted(participant["user"] for participant in conversation["participants"])


def test_a_dedicated_numbers_messages_are_for_its_user_alone(broker):
    broker.receive(ALICE_NUMBER, THEM, "Hello Alice")
    conversation = broker.conversation_with(THEM)
    assert users_of(conversation) == ["alice"]
    assert conversation["number"] == f"sms:{ALICE_NUMBER}"
    assert conversation["peers"] == [f"sms:{THEM}"]
    assert conversation["state"] == "active"
    assert conversation["kind"] == "one_to_one"
    assert not conversation["team"]
    assert broker.api().conversations(user="bob") == []


def test_a_team_inbox_has_every_member_with_the_licence_and_leaves_out_the_others(broker):
    broker.receive(SUPPORT_NUMBER, THEM, "Hello support")
    conversation = broker.conversation_with(THEM)
    assert users_of(conversation) == ["alice", "bob"]
    assert conversation["team"] == "support"
    assert conversation["kind"] == "one_to_group"
    for user in ("alice", "bob"):
        assert [found["id"] for found in broker.api().conversations(user=user)] \
            == [conversation["id"]]
    assert broker.api().conversations(user="carol") == []
    assert [found["id"] for found in broker.api().conversations(team="support")] \
        == [conversation["id"]]


def test_a_left_out_member_is_counted_in_a_warning(broker):
    broker.receive(SUPPORT_NUMBER, THEM, "Hello support")
    broker.conversation_with(THEM)
    assert "carol" in broker.printed() or "licence" in broker.printed()


def test_an_unassigned_number_goes_to_the_default_inbox(make_broker):
    broker = make_broker(provision=directory_file.directory(default_inbox="support")).start()
    broker.receive(SPARE_NUMBER, THEM, "Anybody?")
    conversation = broker.conversation_with(THEM)
    assert conversation["team"] == "support"
    assert users_of(conversation) == ["alice", "bob"]
    assert broker.api().events(types="number.unrouted") == []


def test_an_unassigned_number_without_a_default_inbox_is_kept_as_unrouted(broker):
    broker.receive(SPARE_NUMBER, THEM, "Anybody?")
    conversation, = broker.api().conversations(unrouted="true")
    assert conversation["peers"] == [f"sms:{THEM}"]
    assert conversation["participants"] == []
    assert broker.api().bodies(conversation["id"]) == ["Anybody?"]
    unrouted, = broker.api().events(types="number.unrouted")
    assert SPARE_NUMBER in unrouted["data"]["number"]


def test_a_routed_conversation_is_not_listed_as_unrouted(broker):
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    assert broker.api().conversations(unrouted="true") == []


def test_an_unrouted_conversation_survives_a_crash(broker):
    broker.receive(SPARE_NUMBER, THEM, "Anybody?")
    broker.crash_and_restart()
    broker.receive(SPARE_NUMBER, THEM, "Really nobody?")
    conversation, = broker.api().conversations(unrouted="true")
    assert broker.api().bodies(conversation["id"]) == ["Anybody?", "Really nobody?"]
    assert len(broker.api().events(types="number.unrouted")) == 1


@pytest.mark.parametrize("number", [ALICE_NUMBER, SUPPORT_NUMBER, SPARE_NUMBER],
                         ids=["dedicated", "team", "unassigned"])
def test_first_callbacks_that_race_open_exactly_one_conversation(broker, number):
    texts = [f"message {count}" for count in range(48)]

    def post(text):
        return broker.callback("inbound", twilio_callbacks.inbound(number, THEM, text)).status

    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        assert set(pool.map(post, texts)) == {200}
    created = broker.api().events(types="conversation.created")
    assert len(created) == 1
    conversation = broker.conversation_with(THEM)
    messages = broker.api().messages(conversation["id"])
    assert sorted(message["body"] for message in messages) == sorted(texts)
    assert [message["index"] for message in messages] == list(range(1, 49))


def test_callbacks_that_race_after_a_close_open_exactly_one_conversation(broker):
    broker.receive(SUPPORT_NUMBER, THEM, "before")
    first = broker.conversation_with(THEM)["id"]
    assert broker.api().close(first).status == 200
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        list(pool.map(lambda count: broker.receive(SUPPORT_NUMBER, THEM, f"after {count}"),
                      range(48)))
    second = broker.conversation_with(THEM, state="active")
    assert second["previous"] == first
    assert second["last_index"] == 48
    assert len(broker.api().events(types="conversation.created")) == 2


def test_each_pair_has_a_conversation_of_its_own(broker):
    for number in (ALICE_NUMBER, SUPPORT_NUMBER):
        for them in ("+15551230001", "+15551230002"):
            broker.receive(number, them, f"{number} {them}")
    conversations = broker.api().conversations()
    assert len({conversation["id"] for conversation in conversations}) == 4
    for conversation in conversations:
        ours = conversation["number"].removeprefix("sms:")
        theirs = conversation["peers"][0].removeprefix("sms:")
        assert broker.api().bodies(conversation["id"]) == [f"{ours} {theirs}"]
