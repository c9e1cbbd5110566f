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


# -- which text -----------------------------------------------------------------------------------

GERMAN, AUSTRIAN = "+4915112345678", "+436641234567"


@pytest.fixture
def choosing(automatic):
    """The inbox has texts by body and by country besides its own."""
    changed = automatic.api().request("PATCH", "/v1/inboxes/support", body={"auto_replies": [
        {"text": "Prices are online.", "when": {"body_contains": "price"}},
        {"text": "Servus", "when": {"countries": ["AT"]}}]})
    assert changed.status == 200, changed
    return automatic


@pytest.mark.parametrize("sender, body, answer", [
    (GERMAN, "Your PRICES?", "Prices are online."),
    (AUSTRIAN, "Your prices?", "Prices are online."),
    (AUSTRIAN, "Hello", "Servus"),
    (GERMAN, "Hello", TEXT),
], ids=["body", "first of two", "country", "neither"])
def test_another_text_by_body_and_by_country(choosing, carrier, sender, body, answer):
    choosing.receive(SUPPORT_NUMBER, sender, body)
    api, conversation = choosing.api(), choosing.conversation_with(sender)["id"]
    _, reply = api.messages(conversation)
    assert (reply["body"], reply["automatic"]) == (answer, True)
    api.await_state(reply["id"], "sent")
    assert carrier.bodies() == [answer]


def test_at_most_one_in_ten_minutes_whichever_text_it_would_be(choosing):
    api = choosing.api()
    for expected in (["Hello", "Servus"], ["The price?"], ["Hello again"]):
        choosing.receive(SUPPORT_NUMBER, AUSTRIAN, expected[0])
        conversation = choosing.conversation_with(AUSTRIAN, state="active")["id"]
        assert api.bodies(conversation) == expected
        api.close(conversation)
    choosing.receive(SUPPORT_NUMBER, GERMAN, "Hello")
    assert api.bodies(choosing.conversation_with(GERMAN)["id"]) == ["Hello", TEXT], \
        "another sender's pause is its own"


def test_a_rules_text_comes_before_the_inboxs_and_is_held_back_like_it(choosing):
    api = choosing.api()
    made = api.post("/v1/rules", {"id": "all", "auto_reply": "By rule", "close": True})
    assert made.status == 201, made
    for expected in (["The price?", "By rule"], ["Hello"]):
        before = {one["id"] for one in api.conversations()}
        choosing.receive(SUPPORT_NUMBER, GERMAN, expected[0])
        opened, = [one for one in api.conversations() if one["id"] not in before]
        assert api.bodies(opened["id"]) == expected


def test_what_the_carrier_has_answered_gets_no_rules_text_either(choosing):
    made = choosing.api().post("/v1/rules", {"id": "all", "auto_reply": "By rule"})
    assert made.status == 201, made
    choosing.receive(SUPPORT_NUMBER, GERMAN, "STOP", OptOutType="STOP")
    assert choosing.api().bodies(choosing.conversation_with(GERMAN)["id"]) == ["STOP"]
