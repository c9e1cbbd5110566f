"""Automatic replies of an inbox, and what keeps them from answering each other (mission 4.9)."""

import pytest

import directory_file
from directory_file import ALICE_NUMBER, SUPPORT_NUMBER

THEM = "+15551230001"
TEXT = "Thanks, one of us will be with you soon."


@pytest.fixture
def automatic(make_broker, carrier):
    """A broker whose team inbox answers by itself."""
    return make_broker(provision=directory_file.directory(
        api_base=carrier.api_base, auto_reply=TEXT)).start()


def test_the_first_message_of_a_new_conversation_is_answered(automatic, carrier):
    automatic.receive(SUPPORT_NUMBER, THEM, "Hello support")
    api, conversation = automatic.api(), automatic.conversation_with(THEM)
    first, reply = api.messages(conversation["id"])
    assert (first["body"], first["automatic"]) == ("Hello support", False)
    assert (reply["body"], reply["automatic"]) == (TEXT, True)
    assert reply["author"] == {"type": "system", "id": None} and reply["segments"] == 1
    api.await_state(reply["id"], "sent")
    automatic.receive(SUPPORT_NUMBER, THEM, "Are you there?")
    assert api.bodies(conversation["id"]) == ["Hello support", TEXT, "Are you there?"]
    assert carrier.bodies() == [TEXT]
    unread = {who["user"]: who["unread"] for who in api.conversation(conversation["id"])[
        "participants"]}
    assert unread == {"alice": 3, "bob": 3}, "nobody of the team has read anything"


def test_at_most_one_in_ten_minutes_even_when_it_was_closed_in_between(automatic):
    api = automatic.api()
    for expected in (["1", TEXT], ["2"], ["3"]):
        automatic.receive(SUPPORT_NUMBER, THEM, expected[0])
        conversation = automatic.conversation_with(THEM, state="active")["id"]
        assert api.bodies(conversation) == expected
        api.close(conversation)
        automatic.crash_and_restart()


def test_what_the_carrier_has_answered_is_not_answered_again(automatic):
    automatic.receive(SUPPORT_NUMBER, THEM, "STOP", OptOutType="STOP")
    assert automatic.api().bodies(automatic.conversation_with(THEM)["id"]) == ["STOP"]


def test_a_users_own_number_answers_nothing_by_itself(automatic):
    automatic.receive(ALICE_NUMBER, THEM, "Hello Alice")
    assert automatic.api().bodies(automatic.conversation_with(THEM)["id"]) == ["Hello Alice"]
