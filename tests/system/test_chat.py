"""Internal chat: users among themselves, two or a group (mission 2, 3). carol's licence is
`standard`."""

import concurrent.futures

import pytest

import directory_file


@pytest.fixture
def broker(make_broker, carrier):
    return make_broker(
        provision=directory_file.directory(api_base=carrier.api_base)).start()


def chat(api, user, *others, body=None, **more):
    asked = {"from": f"chat:{user}", "to": [f"chat:{other}" for other in others], **more}
    if body is not None:
        asked["body"] = body
    return api.post("/v1/conversations", asked)


def users_of(conversation):
    return sorted(participant["user"] for participant in conversation["participants"])


def unread_of(conversation):
    return {who["user"]: who["unread"] for who in conversation["participants"]}


def test_chat_one_to_one_is_for_every_user(broker):
    api = broker.api()
    answer = chat(api, "carol", "alice", body="Lunch?")
    assert answer.status == 201, answer
    conversation = answer.json()
    assert (conversation["channel"], conversation["kind"]) == ("chat", "chat")
    assert (conversation["number"], conversation["peers"]) == (None, [])
    assert users_of(conversation) == ["alice", "carol"]
    assert api.reply(conversation["id"], "Yes", user="alice").status == 201
    first, second = api.messages(conversation["id"])
    assert (first["from"], first["to"], first["direction"]) \
        == ("chat:carol", ["chat:alice"], "internal")
    assert (second["from"], second["to"], second["deliveries"]) \
        == ("chat:alice", ["chat:carol"], [])
    assert (first["segments"], first["automatic"]) == (0, False)


def test_chat_group_is_for_every_user(broker):
    api = broker.api()
    conversation = chat(api, "carol", "alice", "bob", body="Hello you two").json()
    assert users_of(conversation) == ["alice", "bob", "carol"]
    message, = api.messages(conversation["id"])
    assert message["to"] == ["chat:alice", "chat:bob"]
    assert unread_of(api.conversation(conversation["id"])) == {"alice": 1, "bob": 1, "carol": 0}


def test_nothing_of_a_chat_leaves_through_a_carrier(broker, carrier):
    api = broker.api()
    conversation = chat(api, "alice", "bob", body="Between us").json()
    api.replied(conversation["id"], "Sure", user="bob")
    broker.receive(directory_file.ALICE_NUMBER, "+15551230001", "Hello")
    customer = broker.conversation_with("+15551230001")["id"]
    api.await_state(api.replied(customer, "Good day")["id"], "sent")
    assert carrier.bodies() == ["Good day"]


def test_the_same_users_have_one_open_chat_whoever_begins_it(broker):
    api = broker.api()
    first = chat(api, "alice", "carol")
    again = chat(api, "carol", "alice", body="Me again")
    assert (first.status, again.status) == (201, 200)
    assert again.json()["id"] == first.json()["id"]
    other = chat(api, "alice", "carol", "bob")
    assert other.status == 201 and other.json()["id"] != first.json()["id"]


def test_two_chats_started_at_the_same_moment_are_one(broker):
    api = broker.api()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(
            lambda place: chat(api, *(("alice", "bob") if place % 2 else ("bob", "alice")),
                               body=f"text {place}"), range(16)))
    assert {answer.status for answer in answers} <= {200, 201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sorted(api.bodies(answers[0].json()["id"])) \
        == sorted(f"text {place}" for place in range(16))


def test_one_send_opens_or_joins_the_chat(broker):
    api = broker.api()
    asked = {"from": "chat:alice", "to": "chat:bob", "user": "alice", "body": "Hi"}
    first = api.post("/v1/messages", asked)
    assert first.status == 201, first
    second = api.post("/v1/messages", {**asked, "from": "chat:bob", "to": "chat:alice",
                                       "user": "bob"})
    assert second.json()["conversation"] == first.json()["conversation"]
    assert second.json()["index"] == 2


def test_the_same_idempotency_key_says_it_once(broker):
    api = broker.api()
    asked = {"from": "chat:alice", "to": "chat:bob", "body": "Once"}
    first = api.post("/v1/messages", asked, idempotency_key="k")
    again = api.post("/v1/messages", asked, idempotency_key="k")
    assert first.status == again.status == 201
    assert first.json() == again.json()
    assert api.bodies(first.json()["conversation"]) == ["Once"]


def test_a_subject_says_what_it_is_about(broker):
    api = broker.api()
    conversation = chat(api, "alice", "bob", "carol", subject="Summer party").json()
    assert conversation["subject"] == "Summer party"
    assert api.conversation(conversation["id"])["subject"] == "Summer party"
    created, = api.events(types="conversation.created")
    assert created["data"]["subject"] == "Summer party"
    assert chat(api, "alice", "bob", subject="x" * 256).code == "malformed"


def test_users_join_and_leave_a_group(broker):
    api = broker.api()
    conversation = chat(api, "alice", "bob", "carol", body="Hello").json()["id"]
    assert api.remove_participant(conversation, "carol").status == 200
    assert api.reply(conversation, "?", user="carol").code == "not_participant"
    message = api.replied(conversation, "Carol has left", user="bob")
    assert message["to"] == ["chat:alice"]
    assert users_of(api.acted(conversation, "participants", user="carol")) \
        == ["alice", "bob", "carol"]


def test_who_is_asked_into_a_group_again_takes_part_again(broker):
    api = broker.api()
    conversation = chat(api, "alice", "bob", "carol", body="Hello").json()["id"]
    api.remove_participant(conversation, "carol")
    again = chat(api, "bob", "alice", "carol", body="Back again")
    assert (again.status, again.json()["id"]) == (200, conversation)
    assert users_of(again.json()) == ["alice", "bob", "carol"]
    assert api.messages(conversation)[-1]["to"] == ["chat:alice", "chat:carol"]


def test_a_chat_of_two_stays_one_of_two(broker):
    api = broker.api()
    conversation = chat(api, "alice", "bob", body="For you only").json()["id"]
    assert api.act(conversation, "participants", user="carol").code == "internal_chat"
    assert api.remove_participant(conversation, "bob").code == "internal_chat"
    assert users_of(api.conversation(conversation)) == ["alice", "bob"]


def test_a_chat_is_nothing_to_claim_or_transfer(broker):
    api = broker.api()
    conversation = chat(api, "alice", "bob", body="Hello").json()["id"]
    assert api.act(conversation, "claim", user="alice").code == "not_team_conversation"
    assert api.act(conversation, "transfer", user="alice", to_user="carol").code \
        == "internal_chat"


def test_closed_is_final_and_the_next_message_opens_a_new_chat(broker):
    api = broker.api()
    first = chat(api, "alice", "bob", body="Hello").json()["id"]
    assert api.close(first, user="bob").status == 200
    assert api.reply(first, "?", user="alice").code == "conversation_closed"
    second = chat(api, "bob", "alice", body="Hello again")
    assert second.status == 201 and second.json()["previous"] == first


def test_only_those_who_take_part_see_a_chat(broker):
    api = broker.api()
    for user in ("bob", "carol"):
        key = {"name": f"of-{user}", "key": f"key-of-{user}-000001", "scopes": ["*"], "user": user}
        assert api.post("/v1/keys", key).status == 201
    conversation = chat(api, "alice", "bob", body="Hello").json()["id"]
    bob, carol = broker.api("key-of-bob-000001"), broker.api("key-of-carol-000001")
    assert bob.bodies(conversation) == ["Hello"]
    assert bob.reply(conversation, "Hi", user="bob").status == 201
    assert carol.get(f"/v1/conversations/{conversation}").code == "not_found"
    assert (carol.conversations(), carol.events(types="conversation.message.created")) == ([], [])
    assert chat(carol, "alice", "carol").code == "malformed"  # Nobody speaks for another.
    assert [one["id"] for one in api.conversations(user="bob")] == [conversation]
    assert api.conversations(user="carol") == []
    assert [one["id"] for one in api.conversations(address="chat:bob")] == [conversation]
    assert api.conversations(address="chat:carol") == []


@pytest.mark.parametrize("asked, code", [
    ({"from": "chat:alice", "to": ["chat:nobody"]}, "unknown_user"),
    ({"from": "chat:nobody", "to": ["chat:alice"]}, "unknown_user"),
    ({"from": "chat:alice", "to": ["chat:oscar"]}, "unknown_user"),  # Of the other organisation.
    ({"from": "chat:alice", "to": ["chat:alice"]}, "malformed"),
    ({"from": "chat:alice", "to": ["chat:bob"], "user": "bob"}, "malformed"),
    ({"from": "chat:alice", "to": ["chat:bob"], "team": "support"}, "malformed"),
    ({"from": "chat:alice", "to": ["+15551230001"]}, "malformed"),
    ({"from": directory_file.ALICE_NUMBER, "to": ["chat:bob"], "user": "alice"}, "malformed"),
])
def test_a_chat_that_cannot_be_is_refused_by_name(broker, asked, code):
    api = broker.api()
    assert api.post("/v1/conversations", asked).code == code
    assert api.conversations() == []


def test_a_chat_survives_a_kill(broker):
    api = broker.api()
    conversation = chat(api, "alice", "bob", "carol", body="Hello", subject="Plans").json()["id"]
    api.replied(conversation, "Hello Alice", user="bob")
    before = api.messages(conversation)
    broker.crash_and_restart()
    assert api.messages(conversation) == before
    assert api.conversation(conversation)["subject"] == "Plans"
    assert chat(api, "bob", "carol", "alice").json()["id"] == conversation
    broker.terminate()
    broker.verify()
