"""Scheduled sends (mission 6): at least one minute and at most 35 days ahead, edited and cancelled
until they are queued; and how long a message is good for."""

import pytest

import waiting
from directory_file import ALICE_NUMBER
from scheduling import (SOON, THEM, ahead, broker_with, canceled, edit, schedule, scheduled,
                        sent_bodies, state_now, state_of)
from scripted_carrier import refuse


@pytest.fixture
def planning(make_broker, carrier):
    return broker_with(make_broker, carrier)


def test_a_scheduled_message_takes_its_place_at_once_and_leaves_when_its_time_has_come(
        planning, carrier):
    _, api, conversation = planning
    message = scheduled(api, conversation, "see you soon", 5)
    api.replied(conversation, "a word before")
    assert api.bodies(conversation) == ["Hello", "see you soon", "a word before"]
    assert api.await_state(message["id"], "sent") == ["queued", "sending", "sent"]
    sent_bodies(carrier, "a word before", "see you soon")
    assert carrier.bodies()[0] == "a word before"
    queued = next(event for event in api.events(types="delivery.updated")
                  if event["data"]["message"] == message["id"])
    assert queued["created_at"] >= message["send_at"], "never before its time"


def test_its_resource_and_its_event_say_when_it_is_to_leave(planning):
    _, api, conversation = planning
    message = scheduled(api, conversation, "in an hour", 3600, validity_s=60)
    assert api.read(f"/v1/messages/{message['id']}") == message
    assert (message["validity_s"], message["edited_at"]) == (60, None)
    told = api.events(types="conversation.message.created")[-1]["data"]
    assert told["send_at"] == message["send_at"] and state_of(told) == "scheduled"
    assert api.messages(conversation)[0]["send_at"] is None


def test_a_first_message_is_scheduled_too(planning, carrier):
    _, api, _ = planning
    answer = api.post("/v1/messages", {"from": f"sms:{ALICE_NUMBER}", "to": "sms:+15551230009",
                                       "user": "alice", "body": "Good morning",
                                       "send_at": ahead(4)})
    assert answer.status == 201 and state_of(answer.json()) == "scheduled"
    sent_bodies(carrier, "Good morning")


def test_it_is_at_least_a_minute_and_at_most_35_days_ahead(make_broker, carrier):
    _, api, conversation = broker_with(make_broker, carrier, config={"sender": {"window_max": 64}})
    for seconds, bound in ((-5, "60 seconds"), (50, "60 seconds"), (35 * 86400 + 60, "35 days")):
        answer = schedule(api, conversation, "no", seconds)
        assert (answer.status, answer.code) == (422, "bad_schedule")
        assert bound in answer.json()["detail"]
    for seconds in (70, 35 * 86400 - 60):
        scheduled(api, conversation, "yes", seconds)
    message = api.messages(conversation)[-1]["id"]
    assert edit(api, message, send_at=ahead(36 * 86400)).code == "bad_schedule"


@pytest.mark.parametrize("given", ["tomorrow", 5, "2026-01-01", "1960-01-01T00:00:00Z"])
def test_a_time_that_is_none_is_malformed(planning, given):
    _, api, conversation = planning
    answer = api.post(f"/v1/conversations/{conversation}/messages",
                      {"user": "alice", "body": "no", "send_at": given})
    assert answer.code == "malformed" and "send_at" in answer.json()["detail"]


def test_notes_and_chats_do_not_wait(planning):
    _, api, conversation = planning
    assert schedule(api, conversation, "a note", 100, note=True).code == "bad_schedule"
    chat = api.post("/v1/conversations", {"from": "chat:alice", "to": ["chat:bob"],
                                          "body": "Hi"}).json()["id"]
    assert schedule(api, chat, "later", 100).code == "bad_schedule"


def test_it_survives_a_crash_and_leaves_once(planning, carrier):
    broker, api, conversation = planning
    message = scheduled(api, conversation, "after the crash", 6)
    broker.crash_and_restart()
    assert state_now(api, message["id"]) == "scheduled"
    api.await_state(message["id"], "sent")
    broker.crash_and_restart()
    sent_bodies(carrier, "after the crash")


def test_what_came_due_while_the_broker_was_away_leaves_when_it_is_back(planning, carrier):
    broker, api, conversation = planning
    message = scheduled(api, conversation, "late", 4)
    broker.kill()
    waiting.until(lambda: waiting.seconds_since(message["send_at"]) > 1, "its time")
    broker.start()
    api.await_state(message["id"], "sent")
    sent_bodies(carrier, "late")


def test_unless_it_is_good_no_longer_by_then(planning, carrier):
    broker, api, conversation = planning
    message = scheduled(api, conversation, "too late", 5, validity_s=1)
    broker.kill()
    waiting.until(lambda: waiting.seconds_since(message["send_at"]) > 2, "its end")
    broker.start()
    assert api.await_state(message["id"], "expired") == ["queued", "expired"]
    assert carrier.bodies() == []


def test_a_closed_conversation_still_sends_what_was_promised_and_stays_closed(planning, carrier):
    _, api, conversation = planning
    message = scheduled(api, conversation, "as promised", 5)
    api.close(conversation)
    api.await_state(message["id"], "sent")
    assert api.conversation(conversation)["state"] == "closed"
    assert state_now(api, message["id"]) == "sent"
    sent_bodies(carrier, "as promised")


def test_an_opt_out_calls_off_what_is_scheduled_at_once(planning, carrier):
    broker, api, conversation = planning
    message = scheduled(api, conversation, "an offer", 3600)
    broker.receive(ALICE_NUMBER, THEM, "STOP")
    assert api.await_state(message["id"], "canceled") == ["canceled"]
    assert api.read(f"/v1/messages/{message['id']}")["deliveries"][0]["error"] == 21610
    assert "an offer" not in carrier.bodies()


# -- editing --------------------------------------------------------------------------------------

def test_text_and_time_are_edited_until_it_is_queued(planning, carrier):
    _, api, conversation = planning
    message = scheduled(api, conversation, "see you", 3600)
    answer = edit(api, message["id"], body="see you there", send_at=ahead(4))
    assert answer.status == 200
    edited = answer.json()
    assert (edited["body"], edited["id"]) == ("see you there", message["id"])
    assert edited["send_at"] < message["send_at"] and edited["edited_at"] is not None
    assert api.read(f"/v1/messages/{message['id']}") == edited
    told, = api.events(types="conversation.message.updated")
    assert told["data"] == {"conversation": conversation, "message": message["id"], "index": 2,
                            "redacted": False, "body": "see you there",
                            "send_at": edited["send_at"]}
    api.await_state(message["id"], "sent")
    sent_bodies(carrier, "see you there")
    assert edit(api, message["id"], body="too late").code == "not_editable"


def test_one_of_the_two_is_edited_alone(planning):
    _, api, conversation = planning
    message = scheduled(api, conversation, "see you", 3600)
    later = edit(api, message["id"], send_at=ahead(7200)).json()
    assert later["body"] == "see you" and later["send_at"] > message["send_at"]
    longer = edit(api, message["id"], body="é" * 200).json()
    assert longer["send_at"] == later["send_at"] and longer["segments"] == 2
    assert edit(api, message["id"], send_at=ahead(3600)).json()["segments"] == 2


def test_a_later_time_is_kept(planning, carrier):
    _, api, conversation = planning
    message = scheduled(api, conversation, "not yet", 4)
    edit(api, message["id"], send_at=ahead(9))
    reference = scheduled(api, conversation, "before", 4)
    api.await_state(reference["id"], "sent")
    assert state_now(api, message["id"]) == "scheduled"
    api.await_state(message["id"], "sent")
    assert carrier.bodies() == ["before", "not yet"]


def test_an_edition_survives_a_crash(planning, carrier):
    broker, api, conversation = planning
    message = scheduled(api, conversation, "first words", 3600)
    edit(api, message["id"], body="last words", send_at=ahead(3))
    broker.crash_and_restart()
    assert api.read(f"/v1/messages/{message['id']}")["body"] == "last words"
    api.await_state(message["id"], "sent")
    sent_bodies(carrier, "last words")


def test_what_was_never_scheduled_is_not_edited(planning):
    _, api, conversation = planning
    reply = api.replied(conversation, "Hi")
    for message in (reply["id"], api.messages(conversation)[0]["id"]):
        answer = edit(api, message, body="changed")
        assert (answer.status, answer.code) == (409, "not_editable")
    assert edit(api, "ms_00000000000000000000000000", body="x").code == "not_found"


@pytest.mark.parametrize("changes, code", [
    ({}, "malformed"), ({"body": None}, "malformed"), ({"user": "alice", "body": "x"}, "malformed"),
    ({"body": ""}, "body_required"), ({"body": "x" * 1601}, "body_too_long"),
    ({"send_at": "soon"}, "malformed")])
def test_the_limits_of_a_send_hold_for_an_edition(planning, changes, code):
    _, api, conversation = planning
    message = scheduled(api, conversation, "see you", 3600)
    assert edit(api, message["id"], **changes).code == code
    assert api.read(f"/v1/messages/{message['id']}") == message


def test_the_same_key_gives_the_first_answer_whatever_became_of_the_message(planning, carrier):
    broker, api, conversation = planning
    when = ahead(3)
    asked = {"user": "alice", "body": "once", "send_at": when}
    path = f"/v1/conversations/{conversation}/messages"
    first = api.post(path, asked, idempotency_key="k").json()
    assert api.post(path, asked, idempotency_key="k").json() == first
    api.await_state(first["id"], "sent")
    broker.crash_and_restart()
    again = api.post(path, asked, idempotency_key="k")  # Its time has passed by now.
    assert (again.status, again.json()) == (201, first)
    other = api.post(path, {**asked, "send_at": ahead(9)}, idempotency_key="k")
    assert other.code == "idempotency_mismatch"
    call_off = api.post(path, {**asked, "send_at": ahead(3600)}, idempotency_key="other")
    canceled(api, call_off.json()["id"])
    assert api.post(path, {**asked, "send_at": call_off.json()["send_at"]},
                    idempotency_key="other").json() == call_off.json()
    sent_bodies(carrier, "once")


# -- validity -------------------------------------------------------------------------------------

def test_a_validity_has_bounds(planning):
    _, api, conversation = planning
    for seconds in (0, -1, 10 * 3600 + 1, 10 ** 15):
        answer = api.post(f"/v1/conversations/{conversation}/messages",
                          {"user": "alice", "body": "no", "validity_s": seconds})
        assert (answer.status, answer.code) == (422, "bad_schedule")
        assert "validity_s" in answer.json()["detail"]


def test_what_could_not_be_sent_within_its_validity_is_expired(make_broker, carrier):
    _, api, conversation = broker_with(make_broker, carrier, rate=0.1)
    api.await_state(api.replied(conversation, "this one goes")["id"], "sent")
    message = api.post(f"/v1/conversations/{conversation}/messages",
                       {"user": "alice", "body": "this one waits", "validity_s": 1}).json()
    assert api.await_state(message["id"], "expired") == ["expired"]
    assert carrier.bodies() == ["this one goes"]


def test_it_expires_while_it_waits_for_another_try(make_broker, carrier):
    _, api, conversation = broker_with(make_broker, carrier, config=SOON)
    carrier.then(refuse(500, 20500), refuse(500, 20500))
    message = api.post(f"/v1/conversations/{conversation}/messages",
                       {"user": "alice", "body": "again", "validity_s": 4}).json()
    assert api.await_state(message["id"], "expired") == ["sending", "queued", "expired"]
    assert carrier.bodies() == ["again"], "the next try would have been after five seconds"
