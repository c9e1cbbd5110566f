"""Starting: conversations that users start, and from which numbers (mission 3, 4.1 to 4.3)."""

import concurrent.futures

import pytest

import directory_file
from directory_file import ALICE_NUMBER, SPARE_NUMBER, SUPPORT_NUMBER

THEM = "+15551230001"


@pytest.fixture
def starting(make_broker, carrier):
    """Makes a broker whose carrier is the scripted one."""
    return lambda **options: make_broker(
        provision=directory_file.directory(api_base=carrier.api_base, **options)).start()


def users_of(conversation):
    return sorted(participant["user"] for participant in conversation["participants"])


def test_a_started_conversation_sends_its_message_and_replies_go_to_the_starter_alone(
        starting, carrier):
    broker = starting()
    api = broker.api()
    answer = api.start(ALICE_NUMBER, THEM, body="Your order is ready")
    assert answer.status == 201, answer
    conversation = answer.json()
    assert users_of(conversation) == ["alice"] and conversation["state"] == "active"
    message, = api.messages(conversation["id"])
    api.await_state(message["id"], "sent")
    send, = carrier.received()
    assert (send["From"], send["To"], send["Body"]) \
        == (ALICE_NUMBER, THEM, "Your order is ready")
    broker.receive(ALICE_NUMBER, THEM, "Thank you")
    assert api.bodies(conversation["id"]) == ["Your order is ready", "Thank you"]
    assert users_of(api.conversation(conversation["id"])) == ["alice"]


def test_an_open_conversation_of_the_pair_is_the_same(starting):
    broker = starting()
    api = broker.api()
    first = api.start(ALICE_NUMBER, THEM)
    again = api.start(ALICE_NUMBER, THEM, body="Hello")
    assert (first.status, again.status) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert api.bodies(first.json()["id"]) == ["Hello"]


def test_starts_and_callbacks_that_race_open_one_conversation(starting):
    broker = starting()
    api = broker.api()

    def either(place):
        if place % 2:
            return broker.receive(ALICE_NUMBER, THEM, f"in {place}")
        answer = api.start(ALICE_NUMBER, THEM, body=f"out {place}")
        assert answer.status in (200, 201)
        return answer

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(either, range(24)))
    conversation, = api.conversations()
    assert conversation["last_index"] == 24
    assert len(api.events(types="conversation.created")) == 1


def test_others_send_from_a_dedicated_number_only_through_a_caller_id_list(starting):
    api = starting().api()
    refused = api.start(ALICE_NUMBER, THEM, user="bob", body="Hello")
    assert (refused.status, refused.code) == (403, "number_not_allowed")
    assert api.conversations() == []
    listed = starting(caller_ids={ALICE_NUMBER: ["bob"]}).api()
    assert users_of(listed.start(ALICE_NUMBER, THEM, user="bob", body="Hello").json()) == ["bob"]


def test_a_reply_to_a_shared_number_goes_to_the_user_who_started(starting):
    broker = starting(caller_ids={SPARE_NUMBER: ["alice", "bob"]})
    api = broker.api()
    started = {}
    for user, them in (("alice", THEM), ("bob", "+15551230002")):
        started[them] = api.start(SPARE_NUMBER, them, user=user, body="Hello").json()["id"]
        broker.receive(SPARE_NUMBER, them, "Who is this?")
        assert users_of(api.conversation(started[them])) == [user]
    assert api.start(SPARE_NUMBER, "+15551230003", user="carol").code == "number_not_allowed"


def test_replies_to_a_shared_number_of_a_team_inbox_come_to_the_inbox(starting):
    broker = starting(caller_ids={SUPPORT_NUMBER: ["bob"]})
    api = broker.api()
    conversation = api.start(SUPPORT_NUMBER, THEM, user="bob", body="Hello").json()
    assert conversation["team"] == "support"
    assert users_of(conversation) == ["alice", "bob"]


def test_whether_users_start_from_an_inbox_only_number_is_a_setting(starting):
    refused = starting().api().start(SUPPORT_NUMBER, THEM, user="bob", body="Hello")
    assert (refused.status, refused.code) == (403, "outbound_forbidden")
    alone = starting(outbound="allowed").api()
    conversation = alone.start(SUPPORT_NUMBER, THEM, user="bob", body="Hello").json()
    assert users_of(conversation) == ["bob"] and conversation["team"] is None
    copied = starting(outbound="allowed_copy_team").api()
    conversation = copied.start(SUPPORT_NUMBER, THEM, user="bob", body="Hello").json()
    assert users_of(conversation) == ["alice", "bob"] and conversation["team"] == "support"


def test_one_send_on_behalf_of_a_team_opens_or_joins_the_pairs_conversation(starting, carrier):
    api = starting().api()
    asked = {"from": SUPPORT_NUMBER, "to": THEM, "team": "support", "body": "Hello from us"}
    answer = api.post("/v1/messages", asked)
    assert answer.status == 201, answer
    message = answer.json()
    assert message["author"] == {"type": "team", "id": "support"}
    assert message["index"] == 1 and message["segments"] == 1
    again = api.post("/v1/messages", {**asked, "body": "And again"}).json()
    assert again["conversation"] == message["conversation"] and again["index"] == 2
    api.await_state(again["id"], "sent")
    assert carrier.bodies() == ["Hello from us", "And again"]
    other = api.post("/v1/messages", {**asked, "from": ALICE_NUMBER})
    assert other.code == "number_not_allowed"


def test_the_same_key_never_sends_twice_and_gets_the_first_answer(starting, carrier):
    broker = starting()
    api = broker.api()
    asked = {"from": ALICE_NUMBER, "to": THEM, "user": "alice", "body": "Once"}
    first = api.post("/v1/messages", asked, idempotency_key="k1")
    api.await_state(first.json()["id"], "sent")  # A crash earlier could leave it unknown.
    broker.crash_and_restart()
    again = api.post("/v1/messages", asked, idempotency_key="k1")
    assert first.status == again.status == 201
    assert first.json()["id"] == again.json()["id"]
    assert api.post("/v1/messages", {**asked, "body": "Other"}, idempotency_key="k1").code \
        == "idempotency_mismatch"
    assert carrier.bodies() == ["Once"]


def test_what_is_wrong_is_named_and_opens_nothing(starting):
    api = starting().api()
    cases = (({"from": "+15559999999"}, 404, "unknown_number"),
             ({"from": directory_file.OTHER_NUMBER}, 404, "unknown_number"),
             ({"user": "nobody"}, 422, "unknown_user"),
             ({"user": "oscar"}, 422, "unknown_user"),
             ({"user": None, "team": "nobody"}, 422, "unknown_team"),
             ({"to": "not a number"}, 400, "malformed"),
             ({"body": ""}, 422, "body_required"),
             ({"body": "x" * 1601}, 422, "body_too_long"),
             ({"from": f"whatsapp:{ALICE_NUMBER}", "to": f"whatsapp:{THEM}"}, 403,
              "number_not_allowed"),
             ({"send_at": "2099-01-01T00:00:00Z"}, 422, "bad_schedule"))
    for change, status, code in cases:
        asked = {"from": ALICE_NUMBER, "to": THEM, "user": "alice", "body": "Hello", **change}
        answer = api.post("/v1/messages", {k: v for k, v in asked.items() if v is not None})
        assert (answer.status, answer.code) == (status, code), change
    assert api.conversations() == []


def test_a_key_that_only_reads_starts_nothing(starting):
    reader = starting().api(directory_file.READ_KEY)
    assert reader.start(ALICE_NUMBER, THEM, body="Hello").code == "forbidden"


def test_over_whatsapp_a_conversation_is_not_started_without_a_message_of_the_customer(starting):
    broker = starting()
    api = broker.api()
    answer = api.request("PATCH", f"/v1/numbers/%2B{ALICE_NUMBER[1:]}",
                         body={"channels": ["sms", "whatsapp"]})
    assert answer.status == 200, answer
    us, them = f"whatsapp:{ALICE_NUMBER}", f"whatsapp:{THEM}"
    refused = api.start(us, them, body="Hello")
    assert (refused.status, refused.code) == (422, "outside_window")
    broker.receive(us, them, "Hello Alice")
    joined = api.start(us, them, body="Hello yourself")
    assert joined.status == 200
    assert api.bodies(joined.json()["id"]) == ["Hello Alice", "Hello yourself"]


def test_a_teams_conversation_is_started_with_the_licence_only(starting):
    api = starting(caller_ids={SUPPORT_NUMBER: ["carol"]}).api()
    refused = api.start(SUPPORT_NUMBER, THEM, user="carol", body="Hello")
    assert (refused.status, refused.code) == (403, "licence_required")
    assert api.conversations() == []
