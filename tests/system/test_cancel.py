"""A message is called off until it begins to leave (mission 6)."""

from directory_file import ALICE_NUMBER, OTHER_KEY, READ_KEY
from scheduling import (ahead, broker_with, cancel, canceled, schedule, scheduled, sent_bodies,
                        state_now, state_of)
from scripted_carrier import refuse


def test_a_scheduled_message_that_is_cancelled_never_leaves(make_broker, carrier):
    broker, api, conversation = broker_with(make_broker, carrier)
    message = scheduled(api, conversation, "never", 4)
    answer = canceled(api, message["id"])
    assert (state_of(answer), answer["body"]) == ("canceled", "never")
    broker.crash_and_restart()
    reference = scheduled(api, conversation, "after it", 4)
    api.await_state(reference["id"], "sent")
    assert state_now(api, message["id"]) == "canceled"
    sent_bodies(carrier, "after it")


def test_a_queued_message_that_is_cancelled_never_leaves_and_holds_up_no_other(make_broker,
                                                                              carrier):
    _, api, conversation = broker_with(make_broker, carrier, rate=0.2)
    api.await_state(api.replied(conversation, "one")["id"], "sent")
    second, third = (api.replied(conversation, body) for body in ("two", "three"))
    assert state_of(canceled(api, second["id"])) == "canceled"
    assert api.await_state(third["id"], "sent") == ["sending", "sent"]
    assert api.delivery_states(second["id"]) == ["canceled"]
    sent_bodies(carrier, "one", "three")


def test_what_waits_for_another_try_is_cancelled_and_the_next_goes_at_once(make_broker, carrier):
    _, api, conversation = broker_with(make_broker, carrier)
    carrier.then(refuse(500, 20500))
    first = api.replied(conversation, "refused once")
    second = api.replied(conversation, "behind it")
    api.await_state(first["id"], "queued")
    reference = api.post("/v1/messages", {
        "from": f"sms:{ALICE_NUMBER}", "to": "sms:+15551230009", "user": "alice",
        "body": "the clock", "send_at": ahead(4)}).json()
    canceled(api, first["id"])
    api.await_state(second["id"], "sent")
    api.await_state(reference["id"], "sent")
    # The other try would have been after five seconds.
    assert carrier.bodies() == ["refused once", "behind it", "the clock"]


def test_cancelling_twice_is_cancelling_once(make_broker, carrier):
    broker, api, conversation = broker_with(make_broker, carrier)
    message = scheduled(api, conversation, "never", 3600)
    first = canceled(api, message["id"])
    assert canceled(api, message["id"]) == first
    broker.crash_and_restart()
    assert canceled(api, message["id"]) == first
    assert api.delivery_states(message["id"]) == ["canceled"]


def test_what_has_left_cannot_be_cancelled(make_broker, carrier):
    _, api, conversation = broker_with(make_broker, carrier)
    message = api.replied(conversation, "gone")
    api.await_state(message["id"], "sent")
    for one in (message["id"], api.messages(conversation)[0]["id"]):
        answer = cancel(api, one)
        assert (answer.status, answer.code) == (409, "not_cancelable")


def test_a_message_of_a_closed_conversation_is_cancelled_too(make_broker, carrier):
    _, api, conversation = broker_with(make_broker, carrier)
    message = scheduled(api, conversation, "never", 3600)
    api.close(conversation)
    assert state_of(canceled(api, message["id"])) == "canceled"


def test_a_message_to_a_group_is_cancelled_for_all_who_have_not_got_it(make_broker, carrier):
    _, api, _ = broker_with(make_broker, carrier)
    group = api.post("/v1/conversations", {
        "from": f"sms:{ALICE_NUMBER}", "user": "alice",
        "to": [f"sms:+1555123000{party}" for party in (5, 6, 7)]}).json()["id"]
    message = schedule(api, group, "all of you", 3600).json()
    assert [one["state"] for one in message["deliveries"]] == ["scheduled"] * 3
    answer = canceled(api, message["id"])
    assert [one["state"] for one in answer["deliveries"]] == ["canceled"] * 3


def test_only_who_may_write_cancels(make_broker, carrier):
    broker, api, conversation = broker_with(make_broker, carrier)
    message = scheduled(api, conversation, "mine", 3600)["id"]
    assert cancel(broker.api(READ_KEY), message).code == "forbidden"
    assert cancel(broker.api(OTHER_KEY), message).code == "not_found"
    assert api.post(f"/v1/messages/{message}/cancel", {"why": "because"}).code == "malformed"
    assert state_now(api, message) == "scheduled"
