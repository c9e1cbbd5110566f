"""Redaction of a message's body and media, and one message by its id (mission 3)."""

import pytest

import directory_file
from directory_file import ALICE_NUMBER

THEM = "+15551230001"
SECRET = "my card is 4111 1111 1111 1111"


@pytest.fixture
def told(broker):
    """A broker with one conversation in which a secret was said: API, conversation, message."""
    broker.receive(ALICE_NUMBER, THEM, SECRET)
    api, conversation = broker.api(), broker.conversation_with(THEM)["id"]
    return api, conversation, api.messages(conversation)[0], broker


def redact(api, message):
    return api.request("POST", f"/v1/messages/{message}/redact")


def test_a_redacted_message_keeps_its_place_and_loses_body_and_media_everywhere(told):
    api, conversation, message, broker = told
    api.replied(conversation, "Please never send that")
    assert redact(api, message["id"]).status == 204
    for look in range(2):
        first, second = api.messages(conversation)
        assert (first["body"], first["media"], first["redacted"]) == ("", [], True)
        assert (first["id"], first["index"]) == (message["id"], 1)
        assert (second["body"], second["redacted"]) == ("Please never send that", False)
        assert SECRET not in str(api.events())
        if look == 0:
            broker.crash_and_restart()


def test_the_event_tells_who_keeps_copies(told):
    api, conversation, message, _ = told
    redact(api, message["id"])
    told_of, = api.events(types="conversation.message.updated")
    assert told_of["data"] == {"conversation": conversation, "message": message["id"], "index": 1,
                               "redacted": True}


def test_a_message_of_a_closed_conversation_is_redacted_too(told):
    api, conversation, message, broker = told
    api.close(conversation)
    broker.receive(ALICE_NUMBER, THEM, "another one")
    assert redact(api, message["id"]).status == 204
    assert api.read(f"/v1/messages/{message['id']}")["body"] == ""
    assert api.bodies(conversation) == [""]


def test_what_waits_to_be_sent_is_not_sent_any_more(make_broker, carrier):
    broker = make_broker(provision=directory_file.directory(api_base=carrier.api_base,
                                                            rate=0.001)).start()
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    api, conversation = broker.api(), broker.conversation_with(THEM)["id"]
    first = api.replied(conversation, "this one goes")
    api.await_state(first["id"], "sent")
    second = api.replied(conversation, SECRET)
    assert redact(api, second["id"]).status == 204
    assert api.await_state(second["id"], "canceled") == ["canceled"]
    assert carrier.bodies() == ["this one goes"]


def test_a_message_is_found_by_its_id_with_what_became_of_it(make_broker, carrier):
    broker = make_broker(provision=directory_file.directory(api_base=carrier.api_base)).start()
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    api, conversation = broker.api(), broker.conversation_with(THEM)["id"]
    sent = api.replied(conversation, "Good morning")
    api.await_state(sent["id"], "sent")
    found = api.read(f"/v1/messages/{sent['id']}")
    assert found["body"] == "Good morning" and found["deliveries"][0]["state"] == "sent"
    assert api.read(f"/v1/messages/{api.messages(conversation)[0]['id']}")["body"] == "Hello"


def test_a_message_that_is_none_or_another_organisations_is_not_found(told):
    api, _, message, broker = told
    other = broker.api(directory_file.OTHER_KEY)
    for who, wanted in ((api, "ms_00000000000000000000000000"), (api, "nonsense"),
                        (other, message["id"])):
        assert who.get(f"/v1/messages/{wanted}").code == "not_found"
        assert redact(who, wanted).code == "not_found"
    assert broker.api(directory_file.READ_KEY).request(
        "POST", f"/v1/messages/{message['id']}/redact").code == "forbidden"
