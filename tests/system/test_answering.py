"""Answering: a reply leaves through the carrier's API once, and its reports come back to it."""

import base64
import concurrent.futures

import pytest

import broker_process
import directory_file
import scripted_carrier
import twilio_callbacks
import waiting
from directory_file import ALICE_NUMBER, SUPPORT_NUMBER
from scripted_carrier import CUT, accept, refuse

THEM = "+15551230001"
SID = "SM" + "a" * 32


@pytest.fixture
def answering(make_broker, carrier):
    """A broker whose carrier is the scripted one, with one conversation; its id."""
    broker = make_broker(provision=directory_file.directory(api_base=carrier.api_base)).start()
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    return broker, broker.conversation_with(THEM)["id"]


def delivery_of(broker, conversation, message):
    found, = [one for one in broker.api().messages(conversation) if one["id"] == message]
    delivery, = found["deliveries"]
    return delivery


def report(broker, sid, state, error_code=None):
    broker.report(sid, state, ALICE_NUMBER, THEM, error_code)


def test_a_reply_reaches_the_carrier_in_its_format(answering, carrier):
    broker, conversation = answering
    message = broker.api().replied(conversation, "Hello yourself Ω & more")
    broker.api().await_state(message["id"], "sent")
    send, = carrier.received()
    assert send["To"] == THEM and send["From"] == ALICE_NUMBER
    assert send["Body"] == "Hello yourself Ω & more"
    assert send["StatusCallback"] == (broker.public_url + "/carriers/twilio/tw/status?message="
                                      + message["id"])
    account = "AC00000000000000000000000000000001"
    assert send[":path"] == f"/2010-04-01/Accounts/{account}/Messages.json"
    expected = base64.b64encode(f"{account}:{directory_file.TOKEN}".encode()).decode()
    assert send[":authorization"] == f"Basic {expected}"


def test_a_whatsapp_reply_leaves_over_whatsapp_and_its_report_comes_back(make_broker, carrier):
    broker = make_broker(provision=directory_file.directory(api_base=carrier.api_base)).start()
    us, them = f"whatsapp:{ALICE_NUMBER}", "whatsapp:US.13491208655302741918"
    carrier.then(accept(SID), accept("SM" + "b" * 32))
    broker.receive(us, them, "Hello")
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    conversation = {peer: one["id"] for one in broker.api().conversations()
                    for peer in one["peers"]}
    message = broker.api().replied(conversation[them], "x" * 1000)
    assert message["segments"] == 1
    broker.api().await_state(message["id"], "sent")
    broker.api().await_state(
        broker.api().replied(conversation[f"sms:{THEM}"], "By SMS")["id"], "sent")
    over_whatsapp, over_sms = carrier.received()
    assert (over_whatsapp["From"], over_whatsapp["To"]) == (us, them)
    assert (over_sms["From"], over_sms["To"]) == (ALICE_NUMBER, THEM)
    broker.report(SID, "read", us, them)
    broker.api().await_state(message["id"], "read")


def test_a_whatsapp_reply_that_waits_leaves_after_a_crash(make_broker, carrier):
    broker = make_broker(provision=directory_file.directory(api_base=carrier.api_base)).start()
    broker.receive(f"whatsapp:{ALICE_NUMBER}", "whatsapp:+15551230001", "Hello")
    conversation, = broker.api().conversations()
    carrier.then(refuse(429, 20429, **{"Retry-After": "1"}))
    message = broker.api().replied(conversation["id"], "Hello yourself")
    # Until the carrier's refusal is durable the outcome of the attempt would be unknown.
    waiting.until(lambda: ("queued", 0) in {(event["data"]["state"], event["data"]["attempts"])
                                            for event in broker.api().events(
                                                types="delivery.updated")},
                  "the first attempt, refused")
    broker.crash_and_restart()
    broker.api().await_state(message["id"], "sent")


def test_a_reply_is_a_message_of_its_conversation_at_once(answering):
    broker, conversation = answering
    message = broker.api().replied(conversation, "Hello yourself")
    assert message["conversation"] == conversation
    assert (message["index"], message["direction"]) == (2, "outbound")
    assert message["author"] == {"type": "user", "id": "alice"}
    assert message["from"] == f"sms:{ALICE_NUMBER}" and message["to"] == [f"sms:{THEM}"]
    assert message["deliveries"][0]["state"] in ("queued", "sending", "sent")
    assert broker.api().bodies(conversation) == ["Hello", "Hello yourself"]


def test_a_reply_goes_through_its_states_to_delivered(make_broker, simulator):
    port = broker_process.reserve_port()
    carrier = simulator("--dlr", "on")
    broker = make_broker(port=port, public_url=f"http://127.0.0.1:{port}",
                         provision=directory_file.directory(
                             api_base=carrier.api_base,
                             public_url=f"http://127.0.0.1:{port}")).start()
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    conversation = broker.conversation_with(THEM)["id"]
    message = broker.api().replied(conversation, "Hello yourself")
    states = broker.api().await_state(message["id"], "delivered")
    order = ["queued", "sending", "sent", "delivered"]
    assert [state for state in order if state in states] == states, states
    assert "sending" in states
    send, = carrier.sends()
    assert (send["to"], send["from"], send["body"]) == (THEM, ALICE_NUMBER, "Hello yourself")
    assert delivery_of(broker, conversation, message["id"])["state"] == "delivered"


def test_nothing_is_lost_or_doubled_when_reports_come_early_twice_and_in_disorder(
        make_broker, simulator):
    port = broker_process.reserve_port()
    carrier = simulator("--dlr", "on", "--dlr-duplicate", "0.5", "--dlr-reorder", "0.5",
                        "--dlr-early", "0.5", "--latency-ms", "5", "--seed", "7")
    broker = make_broker(port=port, public_url=f"http://127.0.0.1:{port}",
                         provision=directory_file.directory(
                             api_base=carrier.api_base,
                             public_url=f"http://127.0.0.1:{port}")).start()
    sent = {}
    for place in range(10):
        them = f"+1555128{place:04d}"
        broker.receive(SUPPORT_NUMBER, them, "Hello")
        conversation = broker.conversation_with(them)["id"]
        for count in range(5):
            text = f"reply {place}.{count}"
            sent[broker.api().replied(conversation, text)["id"]] = text
    for message in sent:
        broker.api().await_state(message, "delivered")
    assert sorted(send["body"] for send in carrier.sends()) == sorted(sent.values())
    ranks = {"queued": 0, "sending": 1, "sent": 2, "delivered": 3, "read": 4}
    for message in sent:
        states = [ranks[state] for state in broker.api().delivery_states(message)]
        assert states == sorted(set(states)), states


def test_replies_of_one_conversation_leave_in_their_order(answering, carrier):
    broker, conversation = answering
    texts = [f"reply {count}" for count in range(20)]
    messages = [broker.api().replied(conversation, text)["id"] for text in texts]
    for message in messages:
        broker.api().await_state(message, "sent")
    assert carrier.bodies() == texts


def test_the_same_idempotency_key_is_one_send_and_gets_the_same_answer(answering, carrier):
    broker, conversation = answering
    first = broker.api().replied(conversation, "only once", key="key-1")
    again = broker.api().reply(conversation, "only once", key="key-1")
    assert again.status in (200, 201)
    assert again.json()["id"] == first["id"] and again.json()["index"] == first["index"]
    broker.api().await_state(first["id"], "sent")
    assert broker.api().bodies(conversation) == ["Hello", "only once"]
    assert carrier.bodies() == ["only once"]


def test_the_same_idempotency_key_at_the_same_moment_is_one_send(answering, carrier):
    broker, conversation = answering
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(
            lambda _: broker.api().reply(conversation, "only once", key="key-1"), range(48)))
    assert {answer.status for answer in answers} <= {200, 201}
    message, = {answer.json()["id"] for answer in answers}
    broker.api().await_state(message, "sent")
    assert carrier.bodies() == ["only once"]


def test_the_same_idempotency_key_after_a_crash_is_one_send(answering, carrier):
    broker, conversation = answering
    first = broker.api().replied(conversation, "only once", key="key-1")
    broker.api().await_state(first["id"], "sent")
    broker.crash_and_restart()
    again = broker.api().reply(conversation, "only once", key="key-1")
    assert again.json()["id"] == first["id"]
    # A second reply has gone through everything that the repeated one might have gone through.
    broker.api().await_state(broker.api().replied(conversation, "another")["id"], "sent")
    assert carrier.bodies() == ["only once", "another"]


def test_an_idempotency_key_used_with_another_request_is_refused(answering):
    broker, conversation = answering
    broker.api().replied(conversation, "one thing", key="key-1")
    answer = broker.api().reply(conversation, "another thing", key="key-1")
    assert (answer.status, answer.code) == (422, "idempotency_mismatch")
    assert broker.api().bodies(conversation) == ["Hello", "one thing"]


def test_an_idempotency_key_belongs_to_an_api_key(answering):
    broker, conversation = answering
    one = broker.api().replied(conversation, "mine", key="key-1")
    other = broker.api(directory_file.WRITE_KEY).reply(conversation, "mine", key="key-1")
    assert other.status == 201 and other.json()["id"] != one["id"]


@pytest.mark.parametrize("body, status, code", [
    ({"user": "alice"}, 422, "body_required"),
    ({"user": "alice", "body": ""}, 422, "body_required"),
    ({"user": "alice", "body": "x" * 1601}, 422, "body_too_long"),
    ({"user": "bob", "body": "not mine"}, 403, "not_participant"),
    ({"body": "from nobody"}, 400, "malformed"),
    ({"user": 7, "body": "typed"}, 400, "malformed"),
    ({"user": "alice", "body": ["list"]}, 400, "malformed"),
    ([], 400, "malformed"),
    (b"{", 400, "malformed"),
    (b"[" * 5000, 400, "malformed"),
    (b'{"user":"alice","body":"\xff\xfe"}', 400, "malformed"),
], ids=lambda value: None)
def test_a_reply_that_cannot_be_sent_is_refused_by_name(answering, carrier, body, status, code):
    broker, conversation = answering
    answer = broker.api().post(f"/v1/conversations/{conversation}/messages", body)
    assert (answer.status, answer.code) == (status, code)
    assert broker.api().bodies(conversation) == ["Hello"]
    assert carrier.received() == []


def test_a_user_without_the_licence_cannot_answer_in_a_team_inbox(answering, carrier):
    broker, _ = answering
    broker.receive(SUPPORT_NUMBER, THEM, "Hello support")
    conversation = broker.conversation_with(THEM, team="support")["id"]
    answer = broker.api().reply(conversation, "may I?", user="carol")
    assert (answer.status, answer.code) == (403, "licence_required")
    assert broker.api().bodies(conversation) == ["Hello support"]
    assert carrier.received() == []


def test_a_team_answers_in_its_inbox(answering, carrier):
    broker, _ = answering
    broker.receive(SUPPORT_NUMBER, THEM, "Hello support")
    conversation = broker.conversation_with(THEM, team="support")["id"]
    answer = broker.api().post(f"/v1/conversations/{conversation}/messages",
                               {"team": "support", "body": "Hello from all of us"})
    assert answer.status == 201, answer
    assert answer.json()["author"] == {"type": "team", "id": "support"}
    broker.api().await_state(answer.json()["id"], "sent")
    assert [(send["From"], send["Body"]) for send in carrier.received()] \
        == [(SUPPORT_NUMBER, "Hello from all of us")]


def test_a_report_before_the_answer_to_the_send_is_kept_for_it(answering, carrier):
    broker, conversation = answering
    carrier.then(accept(SID))
    carrier.before_answer = lambda _: report(broker, SID, "delivered")
    message = broker.api().replied(conversation, "quick one")
    states = broker.api().await_state(message["id"], "delivered")
    assert states[-1] == "delivered"


def test_a_report_before_the_answer_is_kept_across_a_crash_for_the_message_it_is_about(
        answering, carrier):
    broker, conversation = answering
    report(broker, SID, "delivered")
    broker.crash_and_restart()
    carrier.then(accept(SID))
    message = broker.api().replied(conversation, "quick one")
    broker.api().await_state(message["id"], "delivered")


def test_a_delivery_never_goes_backwards(answering, carrier):
    broker, conversation = answering
    carrier.then(accept(SID))
    message = broker.api().replied(conversation, "one way")
    broker.api().await_state(message["id"], "sent")
    for state in ("delivered", "sent", "queued", "sending", "delivered", "undelivered", "failed"):
        report(broker, SID, state)
    states = broker.api().delivery_states(message["id"])
    assert states[-1] == "delivered" and states.count("delivered") == 1
    report(broker, SID, "read")
    assert broker.api().delivery_states(message["id"])[-1] == "read"


def test_a_failure_report_keeps_the_carriers_code(answering, carrier):
    broker, conversation = answering
    carrier.then(accept(SID))
    message = broker.api().replied(conversation, "to a landline")
    broker.api().await_state(message["id"], "sent")
    report(broker, SID, "undelivered", error_code=30006)
    delivery = delivery_of(broker, conversation, message["id"])
    assert delivery["state"] == "undelivered"
    assert "30006" in str(delivery["error"])


def test_a_report_goes_to_its_message_and_to_no_other(answering, carrier):
    broker, conversation = answering
    sids = [f"SM{count:032x}" for count in range(1, 4)]
    carrier.then(*[accept(sid) for sid in sids])
    messages = [broker.api().replied(conversation, f"reply {count}")["id"] for count in range(3)]
    for message in messages:
        broker.api().await_state(message, "sent")
    report(broker, sids[1], "delivered")
    states = [delivery_of(broker, conversation, message)["state"] for message in messages]
    assert states == ["sent", "delivered", "sent"]


def test_a_report_for_an_unknown_id_is_acknowledged_and_changes_nothing(answering):
    broker, conversation = answering
    before = broker.api().events()
    report(broker, "SM" + "f" * 32, "delivered")
    report(broker, "SM" + "f" * 32, "failed", error_code=30008)
    assert broker.api().events() == before
    assert broker.api().bodies(conversation) == ["Hello"]


def test_a_report_must_be_signed_and_whole(answering):
    broker, _ = answering
    parameters = twilio_callbacks.status(SID, "delivered", ALICE_NUMBER, THEM)
    assert broker.callback("status", parameters, signature="").status == 403
    assert broker.callback("status", parameters, link="nowhere").status == 404
    del parameters["MessageStatus"], parameters["SmsStatus"]
    assert broker.callback("status", parameters).status == 400


def test_a_permanent_error_fails_the_message_with_the_carriers_code(answering, carrier):
    broker, conversation = answering
    carrier.then(refuse(400, 21211))
    message = broker.api().replied(conversation, "to nowhere")
    broker.api().await_state(message["id"], "failed")
    assert "21211" in str(delivery_of(broker, conversation, message["id"])["error"])
    # The next one goes through: a failure blocks nothing, and is not tried again.
    broker.api().await_state(broker.api().replied(conversation, "another")["id"], "sent")
    assert carrier.bodies() == ["to nowhere", "another"]


def test_a_transient_error_is_tried_again(answering, carrier):
    broker, conversation = answering
    carrier.then(refuse(500, 20500))
    message = broker.api().replied(conversation, "try again")
    broker.api().await_state(message["id"], "sent")
    assert carrier.bodies() == ["try again", "try again"]


def test_a_carrier_that_cannot_be_reached_is_tried_again(make_broker):
    stopped = scripted_carrier.ScriptedCarrier()
    api_base = stopped.api_base
    stopped.stop()
    broker = make_broker(provision=directory_file.directory(api_base=api_base)).start()
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    conversation = broker.conversation_with(THEM)["id"]
    message = broker.api().replied(conversation, "anybody there?")
    waiting.until(lambda: "sending" in broker.api().delivery_states(message["id"]), "an attempt")
    state = delivery_of(broker, conversation, message["id"])["state"]
    assert state in ("queued", "sending"), state


def test_a_throttled_send_is_slowed_and_still_sent_once_accepted(answering, carrier):
    broker, conversation = answering
    carrier.then(refuse(429, 20429), refuse(429, 20429))
    messages = [broker.api().replied(conversation, f"reply {count}")["id"] for count in range(3)]
    for message in messages:
        broker.api().await_state(message, "sent")
    bodies = carrier.bodies()
    assert len(bodies) == 5 and set(bodies) == {"reply 0", "reply 1", "reply 2"}


def test_a_cut_connection_leaves_the_outcome_unknown_and_the_message_is_held(answering, carrier):
    broker, conversation = answering
    carrier.then(CUT)
    message = broker.api().replied(conversation, "who knows")
    broker.api().await_state(message["id"], "unknown")
    broker.crash_and_restart()
    broker.api().await_state(broker.api().replied(conversation, "another")["id"], "sent")
    assert carrier.bodies() == ["who knows", "another"]
    assert delivery_of(broker, conversation, message["id"])["state"] == "unknown"


def test_a_crash_between_the_send_and_its_answer_sends_nothing_twice(answering, carrier):
    broker, conversation = answering
    carrier.before_answer = lambda _: broker.kill()
    message = broker.api().replied(conversation, "in flight")
    waiting.until(lambda: broker.process.poll() is not None, "the kill")
    carrier.before_answer = None
    broker.start()
    broker.api().await_state(message["id"], "unknown")
    broker.api().await_state(broker.api().replied(conversation, "another")["id"], "sent")
    assert carrier.bodies() == ["in flight", "another"]


def test_what_was_queued_at_a_crash_is_sent_after_it(make_broker, carrier):
    # One segment a second: most of the replies still wait when the broker is killed.
    broker = make_broker(provision=directory_file.directory(api_base=carrier.api_base,
                                                            rate=2.0)).start()
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    conversation = broker.conversation_with(THEM)["id"]
    texts = [f"reply {count}" for count in range(6)]
    messages = [broker.api().replied(conversation, text)["id"] for text in texts]
    broker.crash_and_restart()
    for message in messages:
        waiting.until(lambda one=message: delivery_of(broker, conversation, one)["state"]
                      in ("sent", "unknown"), "an outcome")
    bodies = carrier.bodies()
    assert len(bodies) == len(set(bodies)), "one was sent twice"
    assert bodies == [text for text in texts if text in bodies], "the order changed"
    outcomes = [delivery_of(broker, conversation, message)["state"] for message in messages]
    assert outcomes.count("unknown") <= 1 + texts.index(bodies[-1])
    for text, outcome in zip(texts, outcomes):
        assert outcome == "unknown" or text in bodies


def test_private_destinations_are_refused_unless_the_configuration_allows_them(
        make_broker, carrier):
    broker = make_broker(provision=directory_file.directory(api_base=carrier.api_base),
                         config={"security": {"allow_private_destinations": False}}).start()
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    conversation = broker.conversation_with(THEM)["id"]
    message = broker.api().replied(conversation, "to the inside")
    waiting.until(lambda: "sending" in broker.api().delivery_states(message["id"]), "an attempt")
    waiting.until(lambda: delivery_of(broker, conversation, message["id"])["state"] != "sending",
                  "an outcome")
    assert carrier.received() == []
