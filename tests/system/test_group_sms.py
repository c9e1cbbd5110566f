"""Group SMS: one of our numbers, two to nine outside parties (mission 2, 3)."""

import urllib.parse

import pytest

import directory_file
import twilio_callbacks
import waiting
from directory_file import ALICE_NUMBER, SUPPORT_NUMBER
from scripted_carrier import accept, refuse

ANN, BEN, CLEO = "+15551230001", "+15551230002", "+15551230003"


@pytest.fixture
def broker(make_broker, carrier):
    return make_broker(
        provision=directory_file.directory(api_base=carrier.api_base)).start()


def start_group(api, *parties, user="alice", number=ALICE_NUMBER, **more):
    return api.post("/v1/conversations",
                    {"from": number, "to": list(parties), "user": user, **more})


def started(api, *parties, **more):
    answer = start_group(api, *parties, **more)
    assert answer.status == 201, answer
    return answer.json()["id"]


def states_of(api, message):
    return {one["to"]: one["state"] for one in
            api.read(f"/v1/messages/{message}")["deliveries"]}


def await_all(api, message, state):
    waiting.until(lambda: set(states_of(api, message).values()) == {state},
                  f"all deliveries of {message} {state}")


def sends(carrier):
    return sorted((send["To"], send["Body"]) for send in carrier.received())


def await_sends(carrier, count):
    waiting.until(lambda: len(carrier.received()) >= count, f"{count} sends")
    return sends(carrier)


def test_it_is_sent_as_individual_legs_with_one_delivery_per_recipient(broker, carrier):
    api = broker.api()
    answer = start_group(api, BEN, ANN, CLEO, body="Hello all of you")
    assert answer.status == 201, answer
    conversation = answer.json()
    assert conversation["kind"] == "group_sms"
    assert conversation["peers"] == [f"sms:{party}" for party in (ANN, BEN, CLEO)]
    message, = api.messages(conversation["id"])
    assert message["to"] == conversation["peers"]
    await_all(api, message["id"], "sent")
    assert sends(carrier) == [(party, "Hello all of you") for party in (ANN, BEN, CLEO)]
    assert {send["From"] for send in carrier.received()} == {ALICE_NUMBER}


def test_replies_from_any_party_reach_all(broker, carrier):
    api = broker.api()
    conversation = started(api, ANN, BEN, CLEO, body="When shall we meet?")
    await_sends(carrier, 3)
    broker.receive(ALICE_NUMBER, BEN, "At noon")
    assert api.bodies(conversation) == ["When shall we meet?", "At noon"]
    reply = api.messages(conversation)[-1]
    assert (reply["direction"], reply["from"], reply["author"]["id"]) \
        == ("inbound", f"sms:{BEN}", f"sms:{BEN}")
    assert reply["to"] == [f"sms:{ALICE_NUMBER}", f"sms:{ANN}", f"sms:{CLEO}"]
    await_all(api, reply["id"], "sent")
    # Everybody sees everybody: all of it comes from our number, so it says who has spoken.
    assert [send for send in sends(carrier) if "noon" in send[1]] \
        == [(ANN, f"{BEN}: At noon"), (CLEO, f"{BEN}: At noon")]
    assert [one["id"] for one in api.conversations()] == [conversation]


def test_each_recipients_delivery_is_its_own(broker, carrier):
    carrier.before_answer = None
    api = broker.api()
    conversation = started(api, ANN, BEN)
    carrier.then(accept("SM" + "a" * 32), refuse(400, 21610))
    message = api.replied(conversation, "Hello")["id"]
    waiting.until(lambda: sorted(states_of(api, message).values()) == ["failed", "sent"],
                  "one sent and one failed")
    first, second = carrier.received()
    query = urllib.parse.urlparse(first["StatusCallback"]).query
    answer = report(broker, first, "SM" + "a" * 32, "delivered")
    assert answer.status == 200, (query, answer)
    waiting.until(lambda: states_of(api, message)[f"sms:{first['To']}"] == "delivered",
                  "the report on its leg")
    assert states_of(api, message)[f"sms:{second['To']}"] == "failed"


def report(broker, send, sid, state):
    """Posts a report to where the send asked for it, as a carrier does."""
    url = urllib.parse.urlparse(send["StatusCallback"])
    parameters = twilio_callbacks.status(sid, state, send["From"], send["To"])
    signature = twilio_callbacks.signature(
        directory_file.TOKEN, f"{broker.public_url}{url.path}?{url.query}", parameters)
    return broker.callback(f"status?{url.query}", parameters, signature=signature)


def test_a_report_that_names_a_foreign_group_is_refused(broker, carrier):
    api = broker.api()
    started(api, ANN, BEN, body="Hello")
    await_sends(carrier, 2)
    send = dict(carrier.received()[0], To=CLEO)
    assert report(broker, send, "SM" + "a" * 32, "delivered").status == 400


def test_at_most_one_open_conversation_for_our_address_and_the_set_of_theirs(broker):
    api = broker.api()
    first = started(api, ANN, BEN)
    again = start_group(api, BEN, ANN, body="Me again")
    assert (again.status, again.json()["id"]) == (200, first)
    assert started(api, ANN, BEN, CLEO) != first
    assert started(api, ANN) not in (first, None)


def test_a_reply_belongs_to_the_thread_that_was_used_last(broker, carrier):
    api = broker.api()
    group = started(api, ANN, BEN, body="To both")
    await_sends(carrier, 2)
    broker.receive(ALICE_NUMBER, ANN, "to both, too")
    alone = api.post("/v1/conversations", {"from": ALICE_NUMBER, "to": [ANN], "user": "alice",
                                           "body": "To you alone"}).json()["id"]
    broker.receive(ALICE_NUMBER, ANN, "to you alone, too")
    assert api.bodies(group) == ["To both", "to both, too"]
    assert api.bodies(alone) == ["To you alone", "to you alone, too"]
    api.replied(group, "To both again")
    broker.receive(ALICE_NUMBER, ANN, "fine")
    assert api.bodies(group)[-1] == "fine"


def test_a_message_that_a_carrier_repeats_is_one_whatever_was_said_meanwhile(broker):
    api = broker.api()
    group = started(api, ANN, BEN, body="To both")
    sid = broker.receive(ALICE_NUMBER, ANN, "hello")
    started(api, ANN, body="To you alone")
    broker.receive(ALICE_NUMBER, ANN, "hello", sid=sid)
    assert api.bodies(group) == ["To both", "hello"]
    api.close(group)
    broker.receive(ALICE_NUMBER, ANN, "hello", sid=sid)
    every = [body for one in api.conversations() for body in api.bodies(one["id"])]
    assert every.count("hello") == 1


def test_who_is_in_no_open_group_writes_to_us_alone(broker):
    api = broker.api()
    group = started(api, ANN, BEN, body="To both")
    broker.receive(ALICE_NUMBER, CLEO, "who are you?")
    api.close(group)
    broker.receive(ALICE_NUMBER, ANN, "are you there?")
    kinds = {one["peers"][0]: one["kind"] for one in api.conversations(state="active")}
    assert kinds == {f"sms:{CLEO}": "one_to_one", f"sms:{ANN}": "one_to_one"}


def test_a_closed_groups_next_message_opens_a_new_one_linked_to_it(broker):
    api = broker.api()
    first = started(api, ANN, BEN, body="To both")
    api.close(first)
    second = start_group(api, ANN, BEN, body="Once more")
    assert second.status == 201 and second.json()["previous"] == first


def test_group_sms_needs_the_licence_pro_cx(make_broker, carrier):
    broker = make_broker(provision=directory_file.directory(
        api_base=carrier.api_base, caller_ids={ALICE_NUMBER: ["carol"]})).start()
    api = broker.api()
    refused = start_group(api, ANN, BEN, user="carol")
    assert (refused.status, refused.code) == (403, "licence_required")
    group = started(api, ANN, BEN)
    assert api.act(group, "participants", user="carol").code == "licence_required"
    assert api.conversations()[0]["id"] == group


def test_a_teams_number_has_groups_too(broker, carrier):
    api = broker.api()
    answer = api.post("/v1/conversations", {"from": SUPPORT_NUMBER, "to": [ANN, BEN],
                                            "team": "support", "body": "Hello"})
    assert answer.status == 201, answer
    group = answer.json()
    assert (group["kind"], group["team"]) == ("group_sms", "support")
    await_sends(carrier, 2)
    broker.receive(SUPPORT_NUMBER, ANN, "hi")
    assert api.bodies(group["id"]) == ["Hello", "hi"]


@pytest.mark.parametrize("asked, code", [
    ({"to": [f"+1555123{place:04}" for place in range(10)]}, "malformed"),
    ({"to": [ANN, ANN]}, "malformed"),
    ({"to": [ANN, ALICE_NUMBER]}, "malformed"),
    ({"to": [ANN, f"whatsapp:{BEN}"]}, "malformed"),
    ({"to": []}, "malformed"),
])
def test_a_group_that_cannot_be_is_refused_by_name(broker, asked, code):
    api = broker.api()
    answer = api.post("/v1/conversations", {"from": ALICE_NUMBER, "user": "alice", **asked})
    assert (answer.status, answer.code) == (400, code)
    assert api.conversations() == []


def test_lookup_by_phone_number_finds_groups(broker):
    api = broker.api()
    group = started(api, ANN, BEN, body="To both")
    alone = started(api, ANN, body="To you")
    assert {one["id"] for one in api.conversations(address=ANN)} == {group, alone}
    assert [one["id"] for one in api.conversations(address=BEN)] == [group]
    api.close(group)
    assert [one["id"] for one in api.conversations(address=BEN)] == [group]


def test_legs_that_wait_survive_a_kill_and_each_leaves_once(broker, carrier):
    api = broker.api()
    group = started(api, ANN, BEN, CLEO)
    carrier.then(accept("SM" + "a" * 32), refuse(503, 0), refuse(503, 0))
    message = api.replied(group, "Hello")["id"]
    waiting.until(lambda: "sent" in states_of(api, message).values(), "one leg sent")
    await_sends(carrier, 3)
    waiting.until(lambda: sorted(states_of(api, message).values()) == ["queued", "queued", "sent"],
                  "two legs that wait for another try")
    broker.crash_and_restart()
    await_all(api, message, "sent")
    taken = [send["To"] for send in carrier.received()]
    assert sorted(taken[:1] + taken[3:]) == [ANN, BEN, CLEO]
    broker.terminate()
    broker.verify()


def test_erasing_a_contact_takes_its_own_words_out_of_a_group(broker, carrier):
    api = broker.api()
    group = started(api, ANN, BEN, body="To both")
    await_sends(carrier, 2)
    broker.receive(ALICE_NUMBER, ANN, "from Ann")
    broker.receive(ALICE_NUMBER, BEN, "from Ben")
    contact = api.post("/v1/contacts", {"name": "Ann", "addresses": [f"sms:{ANN}"]}).json()["id"]
    waiting.until(lambda: api.post(f"/v1/contacts/{contact}/erase", {}).json()["done"],
                  "the erasure")
    assert api.bodies(group) == ["To both", "", "from Ben"]


def test_hidden_numbers_are_masked_one_by_one(make_broker, carrier):
    text = directory_file.directory(api_base=carrier.api_base).replace(
        'name = "Demo Ltd"', 'name = "Demo Ltd"\nhide_contact_numbers = true', 1).replace(
        'scopes = ["conversations:read"]', 'scopes = ["conversations:read", "events:read"]', 1)
    broker = make_broker(provision=text).start()
    group = started(broker.api(), ANN, BEN, body="To both")
    reader = broker.api(directory_file.READ_KEY)
    masked = ["sms:+*********01", "sms:+*********02"]
    assert reader.conversation(group)["peers"] == masked
    message, = reader.messages(group)
    assert message["to"] == masked
    assert [one["to"] for one in message["deliveries"]] == masked
    for event in reader.events():
        assert ANN not in str(event) and BEN not in str(event)
