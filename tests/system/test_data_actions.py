"""Data actions: an endpoint of the organisation is asked about conversations (mission 4.8)."""

import concurrent.futures

import pytest

import data_action_endpoint
import directory_file
import waiting
from data_action_endpoint import CUT, NOTHING, answer, garbage, status
from directory_file import ALICE_NUMBER, SPARE_NUMBER, SUPPORT_NUMBER

THEM = "+15551230001"


@pytest.fixture
def endpoint():
    """An endpoint that a test gives instructions to."""
    running = data_action_endpoint.DataActionEndpoint()
    yield running
    running.stop()


@pytest.fixture
def asking(make_broker, carrier, endpoint):
    """Makes a broker that asks the endpoint; by default about what is opened."""
    def make(trigger="conversation_opened", config=None, **options):
        broker = make_broker(
            provision=directory_file.directory(api_base=carrier.api_base, **options),
            config={"actions": config} if config else None).start()
        api = broker.api()
        made = api.post("/v1/data-actions", {"id": "crm", "url": endpoint.url, "trigger": trigger,
                                             "secret": data_action_endpoint.SECRET})
        assert made.status == 201, made
        member = "outbound_data_action" if trigger == "outbound" else "data_action"
        changed = api.request("PATCH", "/v1/organization", {member: "crm"})
        assert changed.status == 200, changed
        return broker
    return make


def users_of(conversation):
    return sorted(participant["user"] for participant in conversation["participants"])


def outcomes(api):
    """What came of each question so far, with what was wrong."""
    return [(event["data"]["data_action"]["outcome"], event["data"]["data_action"]["detail"])
            for event in api.events(types="conversation.updated")
            if "data_action" in event["data"]]


def await_outcomes(api, count=1):
    return waiting.until(lambda: (lambda found: found if len(found) >= count else None)(
        outcomes(api)), f"the outcome of {count} questions")


# Inbound.

def test_an_endpoint_is_asked_when_a_conversation_opens_signed_and_with_everything(
        asking, endpoint):
    broker = asking()
    broker.receive(SUPPORT_NUMBER, THEM, "Hello")
    assert await_outcomes(broker.api()) == [("answered", None)]
    question, = endpoint.asked()
    conversation = broker.conversation_with(THEM)
    message, = broker.api().messages(conversation["id"])
    assert question.is_signed_with(data_action_endpoint.SECRET)
    assert question.headers["parley-action"] == "crm"
    asked = question.json()
    assert (asked["version"], asked["type"]) == (1, "conversation.opened")
    assert asked["conversation"] == {"id": conversation["id"], "channel": "sms",
                                     "number": f"sms:{SUPPORT_NUMBER}", "peers": [f"sms:{THEM}"]}
    assert {name: asked["message"][name] for name in ("id", "index", "direction", "body")} \
        == {"id": message["id"], "index": 1, "direction": "inbound", "body": "Hello"}
    assert asked["default_route"] == {"users": ["alice", "bob"], "team": "support"}
    broker.receive(SUPPORT_NUMBER, THEM, "Are you there?")
    assert len(endpoint.asked()) == 1, "only when it opens"


def test_an_endpoint_is_asked_on_every_message_if_configured(asking, endpoint):
    broker = asking(trigger="every_message")
    broker.receive(ALICE_NUMBER, THEM, "One")
    await_outcomes(broker.api())
    broker.receive(ALICE_NUMBER, THEM, "Two")
    await_outcomes(broker.api(), 2)
    assert [question.json()["type"] for question in endpoint.asked()] \
        == ["conversation.opened", "message.received"]


def test_it_answers_with_participants_replies_labels_attributes_and_priority(
        asking, endpoint, carrier):
    broker = asking()
    endpoint.then(answer(participants={"add": ["bob"], "remove": ["alice"]}, labels=["vip"],
                         replies=["Welcome back", {"body": "We are on it"}], priority="high",
                         attributes={"order": "17"}))
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    api = broker.api()
    assert await_outcomes(api) == [("answered", None)]
    conversation = broker.conversation_with(THEM)
    assert users_of(conversation) == ["bob"]
    assert (conversation["labels"], conversation["priority"], conversation["attributes"]) \
        == (["vip"], "high", {"order": "17"})
    assert api.bodies(conversation["id"]) == ["Hello", "Welcome back", "We are on it"]
    for message in api.messages(conversation["id"])[1:]:
        assert message["automatic"]
        api.await_state(message["id"], "sent")
    assert carrier.bodies() == ["Welcome back", "We are on it"]


def test_it_answers_with_a_team(asking, endpoint):
    broker = asking()
    endpoint.then(answer(team="sales"))
    broker.receive(SUPPORT_NUMBER, THEM, "Hello")
    await_outcomes(broker.api())
    conversation = broker.conversation_with(THEM)
    assert (conversation["team"], users_of(conversation)) == ("sales", ["bob"])


def test_it_can_close_the_conversation(asking, endpoint):
    broker = asking()
    endpoint.then(answer(close=True, replies=["Goodbye"]))
    broker.receive(ALICE_NUMBER, THEM, "Spam")
    await_outcomes(broker.api())
    conversation = broker.conversation_with(THEM)
    assert (conversation["state"], conversation["close_reason"]) == ("closed", "data_action")
    assert broker.api().bodies(conversation["id"]) == ["Spam", "Goodbye"]


def test_the_callback_is_acknowledged_without_waiting_and_the_route_is_held(asking, endpoint):
    broker = asking(config={"timeout_ms": 60000})
    endpoint.hold()
    broker.receive(SUPPORT_NUMBER, THEM, "Hello")
    assert users_of(broker.conversation_with(THEM)) == []
    endpoint.let_go()
    await_outcomes(broker.api())
    assert users_of(broker.conversation_with(THEM)) == ["alice", "bob"]


@pytest.mark.parametrize("misbehaves, tries, detail", [
    ([status(500), status(503)], 2, "status 503"),
    ([CUT, CUT], 2, "not reached"),
    ([status(404)], 1, "status 404"),
    ([garbage("<html>")], 1, "no JSON"),
    ([garbage('{"labels": "vip"}')], 1, "`labels`"),
    ([garbage('{"team": "nowhere"}')], 1, "`team`"),
    ([garbage('{"participants": {"add": ["oscar"]}}')], 1, "`participants.add`"),
    ([garbage('{"replies": ["' + "a" * 70000 + '"]}')] * 2, 2, "not reached"),
], ids=["errors", "cuts", "final", "html", "labels", "team", "users", "size"])
def test_a_broken_endpoint_never_loses_or_blocks_a_message(asking, endpoint, misbehaves, tries,
                                                           detail):
    broker = asking()
    endpoint.then(*misbehaves)
    broker.receive(SUPPORT_NUMBER, THEM, "Hello")
    (outcome, why), = await_outcomes(broker.api())
    assert outcome == "failed" and detail in why
    assert len(endpoint.asked()) == tries
    conversation = broker.conversation_with(THEM)
    assert users_of(conversation) == ["alice", "bob"]
    assert broker.api().bodies(conversation["id"]) == ["Hello"]


def test_a_second_try_is_as_good_as_the_first(asking, endpoint):
    broker = asking()
    endpoint.then(status(500), answer(labels=["vip"]))
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    assert await_outcomes(broker.api()) == [("answered", None)]
    first, second = endpoint.asked()
    assert first.json() == second.json()
    assert broker.conversation_with(THEM)["labels"] == ["vip"]


def test_after_the_time_limit_the_default_route_is_used(asking, endpoint):
    broker = asking(config={"timeout_ms": 200, "tries": 1})
    endpoint.hold()
    broker.receive(SUPPORT_NUMBER, THEM, "Hello")
    (outcome, _), = await_outcomes(broker.api())
    assert outcome == "timed_out"
    assert users_of(broker.conversation_with(THEM)) == ["alice", "bob"]
    settled = broker.api().events(types="conversation.updated")[-1]["data"]
    assert (users_of(settled), settled["waiting"]) == (["alice", "bob"], False)


def test_a_question_outlives_the_broker_by_its_timer(asking, endpoint):
    broker = asking(config={"timeout_ms": 1000, "tries": 1})
    endpoint.hold()
    broker.receive(SUPPORT_NUMBER, THEM, "Hello")
    broker.crash_and_restart()
    (outcome, _), = await_outcomes(broker.api())
    assert outcome == "timed_out"
    assert users_of(broker.conversation_with(THEM)) == ["alice", "bob"]
    broker.verify()


def test_a_slow_endpoint_holds_up_only_its_own_conversations(asking, endpoint):
    broker = asking(config={"timeout_ms": 60000, "in_flight_max": 2, "waiting_max": 2})
    api = broker.api()
    quick = data_action_endpoint.DataActionEndpoint()
    try:
        made = api.post("/v1/data-actions", {"id": "quick", "url": quick.url,
                                             "secret": data_action_endpoint.SECRET})
        assert made.status == 201, made
        changed = api.request("PATCH", "/v1/inboxes/support", {"data_action": "quick"})
        assert changed.status == 200, changed
        endpoint.hold()
        for place in range(5):
            broker.receive(ALICE_NUMBER, f"+1555124000{place}", "Slow")
        # One slow question finds no place; the quick ones are answered while the slow ones wait.
        await_outcomes(api, 1)
        for place in range(5):
            broker.receive(SUPPORT_NUMBER, f"+1555125000{place}", "Quick")
            found = await_outcomes(api, 2 + place)
        assert sorted(outcome for outcome, _ in found) == ["answered"] * 5 + ["failed"]
        assert "too many questions wait" in [why for _, why in found]
        endpoint.let_go()
        await_outcomes(api, 10)
    finally:
        quick.stop()


# Outbound.

def test_before_an_outbound_conversations_first_message_the_endpoint_is_asked(
        asking, endpoint, carrier):
    broker = asking(trigger="outbound")
    api = broker.api()
    started = api.start(ALICE_NUMBER, THEM, body="Your order is ready")
    assert started.status == 201, started
    question, = endpoint.asked()
    assert question.is_signed_with(data_action_endpoint.SECRET)
    asked = question.json()
    assert (asked["type"], asked["conversation"]["id"]) == ("conversation.outbound", None)
    assert asked["message"]["author"] == {"type": "user", "id": "alice"}
    assert asked["message"]["body"] == "Your order is ready"
    assert asked["default_route"] == {"users": ["alice"], "team": None}
    message, = api.messages(started.json()["id"])
    api.await_state(message["id"], "sent")
    assert api.start(ALICE_NUMBER, THEM, body="Again").status == 200
    assert len(endpoint.asked()) == 1, "not for an open conversation"
    assert carrier.bodies()[0] == "Your order is ready"


def test_the_answer_can_refuse_with_a_reason(asking, endpoint, carrier):
    api = asking(trigger="outbound").api()
    endpoint.then(answer(refuse={"reason": "They asked for peace."}), answer(refuse=True))
    refused = api.start(ALICE_NUMBER, THEM, body="Buy now")
    assert (refused.status, refused.code) == (422, "action_refused")
    assert refused.json()["detail"] == "They asked for peace."
    again = api.post("/v1/messages", {"from": ALICE_NUMBER, "to": THEM, "user": "alice",
                                      "body": "Buy now"})
    assert (again.status, again.code) == (422, "action_refused")
    assert api.conversations() == [] and carrier.received() == []


def test_the_answer_can_change_the_sending_number(asking, endpoint, carrier):
    broker = asking(trigger="outbound", caller_ids={SPARE_NUMBER: ["alice"]})
    api = broker.api()
    endpoint.then(answer(**{"from": SPARE_NUMBER}))
    started = api.start(ALICE_NUMBER, THEM, body="Hello")
    assert started.status == 201, started
    assert started.json()["number"] == f"sms:{SPARE_NUMBER}"
    message, = api.messages(started.json()["id"])
    api.await_state(message["id"], "sent")
    assert [send["From"] for send in carrier.received()] == [SPARE_NUMBER]


@pytest.mark.parametrize("misbehaves", [
    [status(500), status(500)], [NOTHING], [garbage('{"from": "+15559999999"}')],
    [garbage('{"from": "%s"}' % SPARE_NUMBER)], [garbage('{"labels": ["vip"]}')],
], ids=["errors", "nothing", "stranger", "not_theirs", "labels"])
def test_a_broken_endpoint_never_blocks_an_outbound_message(asking, endpoint, misbehaves):
    broker = asking(trigger="outbound")
    endpoint.then(*misbehaves)
    started = broker.api().start(ALICE_NUMBER, THEM, body="Hello")
    assert (started.status, started.json()["number"]) == (201, f"sms:{ALICE_NUMBER}")


def test_no_thread_waits_for_an_outbound_answer(asking, endpoint):
    broker = asking(trigger="outbound", config={"timeout_ms": 60000})
    endpoint.hold()
    api = broker.api()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        started = [pool.submit(api.start, ALICE_NUMBER, f"+1555126000{place}", "alice", "Hello")
                   for place in range(8)]
        waiting.until(lambda: len(endpoint.asked()) == 8, "eight questions")
        assert api.conversations() == []  # Served by the very pool that would be waiting.
        endpoint.let_go()
        assert [one.result().status for one in started] == [201] * 8


def test_the_same_key_never_starts_twice(asking, endpoint):
    api = asking(trigger="outbound").api()
    first = api.start(ALICE_NUMBER, THEM, body="Hello", key="once")
    again = api.start(ALICE_NUMBER, THEM, body="Hello", key="once")
    assert (first.status, again.status) == (201, 200)
    api.close(first.json()["id"])
    endpoint.then(answer(refuse=True))
    assert api.start(ALICE_NUMBER, THEM, body="Hello", key="once").status == 200
    assert len(endpoint.asked()) == 1
    assert len(api.messages(first.json()["id"])) == 1


def test_the_same_key_never_starts_twice_though_the_endpoint_chose_the_number(asking, endpoint):
    api = asking(trigger="outbound", caller_ids={SPARE_NUMBER: ["alice"]}).api()
    endpoint.then(answer(**{"from": SPARE_NUMBER}), answer(refuse=True))
    first = api.start(ALICE_NUMBER, THEM, body="Hello", key="once")
    again = api.start(ALICE_NUMBER, THEM, body="Hello", key="once")
    assert (first.status, again.status) == (201, 200)
    assert again.json()["id"] == first.json()["id"]
    assert len(endpoint.asked()) == 1
    assert api.bodies(first.json()["id"]) == ["Hello"]
