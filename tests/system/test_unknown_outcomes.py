"""Unknown outcomes (mission 6): the connection was lost after the carrier had been given a message.
It is held, listed, and settled by an operator."""

import urllib.parse

import pytest

import directory_file
import twilio_callbacks
import waiting
from directory_file import ALICE_NUMBER
from scheduling import THEM, broker_with, state_now, state_of
from scripted_carrier import CUT

SID = "SM" + "a" * 32


def resolve(api, message, **how):
    return api.post(f"/v1/messages/{message}/resolve", how)


def unknown_conversations(api):
    return [one["id"] for one in api.conversations(unknown="true")]


@pytest.fixture
def puzzled(make_broker, carrier):
    """A broker with one message of which nobody knows whether it left: broker, API, conversation,
    message."""
    broker, api, conversation = broker_with(make_broker, carrier)
    carrier.then(CUT)
    message = api.replied(conversation, "who knows")["id"]
    api.await_state(message, "unknown")
    return broker, api, conversation, message


@pytest.mark.parametrize("how", ["sent", "failed"])
def test_an_operator_says_what_came_of_it(puzzled, carrier, how):
    broker, api, _, message = puzzled
    answer = resolve(api, message, **{"as": how})
    assert answer.status == 200 and state_of(answer.json()) == how
    assert api.delivery_states(message) == ["sending", "unknown", how]
    broker.crash_and_restart()
    assert state_now(api, message) == how
    assert carrier.bodies() == ["who knows"]


def test_or_has_it_sent_again(puzzled, carrier):
    broker, api, conversation, message = puzzled
    api.await_state(api.replied(conversation, "in between")["id"], "sent")
    answer = resolve(api, message, **{"as": "resend"})
    assert answer.status == 200 and state_of(answer.json()) == "queued"
    api.await_state(message, "sent")
    assert carrier.bodies() == ["who knows", "in between", "who knows"]
    broker.crash_and_restart()
    assert state_now(api, message) == "sent"


def test_what_is_sent_again_survives_a_crash_before_it_leaves(make_broker, carrier):
    broker, api, conversation = broker_with(make_broker, carrier, rate=0.3)
    carrier.then(CUT)
    message = api.replied(conversation, "who knows")["id"]
    api.await_state(message, "unknown")
    resolve(api, message, **{"as": "resend"})
    broker.crash_and_restart()
    waiting.until(lambda: len(carrier.bodies()) == 2, "it is sent again")
    assert carrier.bodies() == ["who knows"] * 2


def test_only_what_is_unknown_is_settled(puzzled):
    _, api, conversation, message = puzzled
    other = api.replied(conversation, "no doubt")["id"]
    api.await_state(other, "sent")
    resolve(api, message, **{"as": "failed"})
    for one in (other, message, api.messages(conversation)[0]["id"]):
        answer = resolve(api, one, **{"as": "resend"})
        assert (answer.status, answer.code) == (409, "not_unknown")


@pytest.mark.parametrize("body", [{}, {"as": "lost"}, {"as": "sent", "to": "sms:+15559990000"},
                                  {"as": "sent", "why": "because"}])
def test_what_is_said_of_it_is_checked(puzzled, body):
    _, api, _, message = puzzled
    assert resolve(api, message, **body).code == "malformed"
    assert state_now(api, message) == "unknown"


def test_nobody_who_has_opted_out_meanwhile_is_sent_to_again(puzzled, carrier):
    broker, api, _, message = puzzled
    broker.receive(ALICE_NUMBER, THEM, "STOP")
    assert resolve(api, message, **{"as": "resend"}).code == "opted_out"
    assert state_of(resolve(api, message, **{"as": "failed"}).json()) == "failed"
    assert carrier.bodies().count("who knows") == 1


def test_conversations_with_an_unknown_outcome_are_listed_until_it_is_settled(puzzled):
    broker, api, conversation, message = puzzled
    broker.receive(ALICE_NUMBER, "+15551230002", "Hello")
    assert unknown_conversations(api) == [conversation]
    api.close(conversation)
    broker.crash_and_restart()
    assert unknown_conversations(api) == [conversation]
    assert unknown_conversations(broker.api("other-key")) == []
    assert [one["id"] for one in api.conversations(unknown="true", state="active")] == []
    resolve(api, message, **{"as": "sent"})
    assert unknown_conversations(api) == []


def test_each_party_of_a_group_is_settled_by_itself(make_broker, carrier):
    _, api, _ = broker_with(make_broker, carrier)
    parties = [f"sms:+1555123000{party}" for party in (5, 6)]
    group = api.post("/v1/conversations", {"from": f"sms:{ALICE_NUMBER}", "user": "alice",
                                           "to": parties}).json()["id"]
    carrier.then(CUT, CUT)
    message = api.replied(group, "both of you")["id"]
    waiting.until(lambda: api.delivery_states(message).count("unknown") == 2, "both unknown")
    assert resolve(api, message, **{"as": "sent"}).code == "malformed", "who of them?"
    resolve(api, message, **{"as": "sent", "to": parties[0]})
    assert unknown_conversations(api) == [group]
    resolve(api, message, **{"as": "resend", "to": parties[1]})
    waiting.until(lambda: api.delivery_states(message).count("sent") == 2, "the other is sent")
    assert unknown_conversations(api) == []
    assert [send["To"] for send in carrier.received()].count(parties[1][4:]) == 2
    assert [send["To"] for send in carrier.received()].count(parties[0][4:]) == 1


def reported(broker, send, sid, state):
    """Posts a report to where the send asked for it, as a carrier does."""
    url = urllib.parse.urlparse(send["StatusCallback"])
    parameters = twilio_callbacks.status(sid, state, send["From"], send["To"])
    signature = twilio_callbacks.signature(
        directory_file.TOKEN, f"{broker.public_url}{url.path}?{url.query}", parameters)
    answer = broker.callback(f"status?{url.query}", parameters, signature=signature)
    assert answer.status == 200, answer


def test_a_later_report_settles_it_too(puzzled, carrier):
    broker, api, _, message = puzzled
    send, = carrier.received()
    reported(broker, send, SID, "sent")
    assert state_now(api, message) == "sent"
    assert unknown_conversations(api) == []
    broker.report(SID, "delivered", ALICE_NUMBER, THEM)
    assert state_now(api, message) == "delivered"
    assert api.read(f"/v1/messages/{message}")["provider_id"] == SID
    assert resolve(api, message, **{"as": "resend"}).code == "not_unknown"


def test_a_report_that_came_before_the_connection_was_cut_settles_it_at_once(make_broker, carrier):
    broker, api, conversation = broker_with(make_broker, carrier)
    carrier.then(CUT)
    carrier.before_answer = lambda send: reported(broker, send, SID, "delivered")
    message = api.replied(conversation, "who knows")["id"]
    assert api.await_state(message, "delivered") == ["sending", "unknown", "delivered"]
    assert unknown_conversations(api) == []


def test_a_report_that_names_no_message_leaves_it_to_the_operator(puzzled):
    broker, api, _, message = puzzled
    broker.report(SID, "delivered", ALICE_NUMBER, THEM)
    assert state_now(api, message) == "unknown"
    assert state_of(resolve(api, message, **{"as": "sent"}).json()) == "sent"


def test_a_report_on_something_that_is_no_message_is_malformed(puzzled, carrier):
    broker, _, _, _ = puzzled
    send, = carrier.received()
    url = send["StatusCallback"].partition("?")[0] + "?message=nonsense"
    parameters = twilio_callbacks.status(SID, "sent", send["From"], send["To"])
    signature = twilio_callbacks.signature(directory_file.TOKEN, url, parameters)
    assert broker.callback("status?message=nonsense", parameters,
                           signature=signature).status == 400
