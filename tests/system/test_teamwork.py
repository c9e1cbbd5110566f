"""Teamwork: claim, release, transfer, participants, notes, labels, snooze (mission 3, 4.5)."""

import concurrent.futures
import datetime

import pytest

import directory_file
import waiting
from directory_file import ALICE_NUMBER, SUPPORT_NUMBER

THEM = "+15551230001"


@pytest.fixture
def shared(broker):
    """A broker with one conversation of the team inbox (alice and bob), and its id."""
    broker.receive(SUPPORT_NUMBER, THEM, "Hello support")
    return broker.api(), broker.conversation_with(THEM)["id"], broker


def users_of(conversation):
    return sorted(participant["user"] for participant in conversation["participants"])


def types_after(api, seq):
    return [event["type"] for event in api.events(after=seq)]


def last_seq(api):
    return api.events()[-1]["seq"]


def in_an_hour():
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


# -- 4.5 claim


def test_a_participant_claims_it_all_others_are_removed_and_the_claimer_carries_on_alone(shared):
    api, conversation, broker = shared
    seq = last_seq(api)
    claimed = api.acted(conversation, "claim", user="bob")
    assert claimed["claimed_by"] == "bob" and users_of(claimed) == ["bob"]
    assert types_after(api, seq) == ["conversation.claimed"]
    assert api.reply(conversation, "I am out", user="alice").code == "not_participant"
    assert api.replied(conversation, "I carry on", user="bob")["author"]["id"] == "bob"
    assert api.conversations(user="alice") == []
    broker.receive(SUPPORT_NUMBER, THEM, "and again")
    assert users_of(api.conversation(conversation)) == ["bob"]


def test_of_two_claims_at_once_exactly_one_wins_and_the_other_gets_a_conflict(shared):
    api, _, broker = shared
    for place in range(20):
        them = f"+1555124{place:04d}"
        broker.receive(SUPPORT_NUMBER, them, "Who takes me?")
        conversation = broker.conversation_with(them)["id"]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = dict(zip(("alice", "bob"), pool.map(
                lambda user, c=conversation: api.act(c, "claim", user=user), ("alice", "bob"))))
        won = [user for user, answer in answers.items() if answer.status == 200]
        lost = [answer for answer in answers.values() if answer.status != 200]
        assert len(won) == 1
        assert [(answer.status, answer.code) for answer in lost] == [(409, "already_claimed")]
        assert users_of(api.conversation(conversation)) == won


def test_who_takes_no_part_claims_nothing_and_a_users_own_conversation_is_not_claimed(shared):
    api, conversation, broker = shared
    assert api.act(conversation, "claim", user="carol").code == "licence_required"
    assert api.act(conversation, "claim", user="nobody").code == "not_participant"
    assert api.act(conversation, "claim").code == "malformed"
    broker.receive(ALICE_NUMBER, THEM, "Hello Alice")
    own = broker.conversation_with(THEM, user="alice", number=ALICE_NUMBER)["id"]
    assert api.act(own, "claim", user="alice").code == "not_team_conversation"


def test_a_claim_survives_a_crash(shared):
    api, conversation, broker = shared
    api.acted(conversation, "claim", user="bob")
    broker.crash_and_restart()
    assert api.conversation(conversation)["claimed_by"] == "bob"
    assert users_of(api.conversation(conversation)) == ["bob"]


def test_released_it_goes_back_to_the_team_with_what_everybody_had_read(shared):
    api, conversation, broker = shared
    api.acted(conversation, "read", user="alice")
    api.acted(conversation, "claim", user="bob")
    broker.receive(SUPPORT_NUMBER, THEM, "and again")
    assert api.act(conversation, "release", user="alice").code == "already_claimed"
    seq = last_seq(api)
    released = api.acted(conversation, "release", user="bob")
    assert released["claimed_by"] is None and users_of(released) == ["alice", "bob"]
    assert {who["user"]: who["unread"] for who in released["participants"]} \
        == {"alice": 1, "bob": 2}
    assert types_after(api, seq) == ["conversation.released"]
    assert api.act(conversation, "release", user="bob").code == "not_claimed"


def test_a_claim_goes_back_to_the_team_when_the_claimer_is_silent(make_broker):
    broker = make_broker(provision=directory_file.directory(claim_expiry_s=1)).start()
    broker.receive(SUPPORT_NUMBER, THEM, "Hello support")
    api, conversation = broker.api(), broker.conversation_with(THEM)["id"]
    api.acted(conversation, "claim", user="bob")
    waiting.until(lambda: api.conversation(conversation)["claimed_by"] is None, "the expiry")
    assert users_of(api.conversation(conversation)) == ["alice", "bob"]
    released, = api.events(types="conversation.released")
    assert released["data"]["expired"] is True and released["data"]["released_by"] == "bob"


def test_transferred_to_a_user_that_user_carries_on_alone(shared):
    api, conversation, _ = shared
    moved = api.acted(conversation, "transfer", user="alice", to_user="bob")
    assert moved["claimed_by"] == "bob" and users_of(moved) == ["bob"]
    assert [found["id"] for found in api.conversations(user="bob")] == [conversation]
    assert api.act(conversation, "transfer", user="alice", to_user="bob").code \
        == "not_participant"


def test_transferred_to_a_team_it_is_that_teams(shared):
    api, conversation, _ = shared
    moved = api.acted(conversation, "transfer", user="alice", to_team="sales")
    assert moved["team"] == "sales" and users_of(moved) == ["bob"]
    assert moved["claimed_by"] is None
    assert [found["id"] for found in api.conversations(team="sales")] == [conversation]
    assert api.conversations(team="support") == []
    assert api.conversations(user="alice") == []


def test_a_transfer_names_what_does_not_exist_or_lacks_the_licence(shared):
    api, conversation, _ = shared
    assert api.act(conversation, "transfer", to_user="nobody").code == "unknown_user"
    assert api.act(conversation, "transfer", to_team="nobody").code == "unknown_team"
    assert api.act(conversation, "transfer", to_user="carol").code == "licence_required"
    assert api.act(conversation, "transfer", to_user="oscar").code == "unknown_user"


def test_an_unrouted_conversation_is_transferred_to_somebody(broker):
    broker.receive(directory_file.SPARE_NUMBER, THEM, "Anybody?")
    api = broker.api()
    unrouted, = api.conversations(unrouted="true")
    moved = api.acted(unrouted["id"], "transfer", to_team="support")
    assert users_of(moved) == ["alice", "bob"] and not moved["unrouted"]
    assert api.conversations(unrouted="true") == []


# -- 3 participants, notes, labels, snooze


def test_participants_are_added_and_removed(shared):
    api, conversation, broker = shared
    broker.receive(ALICE_NUMBER, THEM, "Hello Alice")
    own = broker.conversation_with(THEM, number=ALICE_NUMBER)["id"]
    seq = last_seq(api)
    both = api.acted(own, "participants", user="bob")
    assert users_of(both) == ["alice", "bob"] and both["kind"] == "one_to_group"
    assert own in [found["id"] for found in api.conversations(user="bob")]
    api.replied(own, "I join", user="bob")
    removed = api.remove_participant(own, "bob")
    assert removed.status == 200 and users_of(removed.json()) == ["alice"]
    assert own not in [found["id"] for found in api.conversations(user="bob")]
    assert api.remove_participant(own, "bob").code == "not_participant"
    assert api.remove_participant(own, "alice").code == "last_participant"
    assert [kind for kind in types_after(api, seq) if "participant" in kind] \
        == ["conversation.participant_added", "conversation.participant_removed"]


def test_one_to_group_is_for_users_with_the_licence(shared):
    api, conversation, _ = shared
    refused = api.act(conversation, "participants", user="carol")
    assert (refused.status, refused.code) == (403, "licence_required")
    assert "carol" in refused.json()["detail"]
    assert api.act(conversation, "participants", user="nobody").code == "unknown_user"


def test_a_private_note_is_seen_by_participants_and_never_sent(make_broker, carrier):
    broker = make_broker(provision=directory_file.directory(api_base=carrier.api_base)).start()
    broker.receive(SUPPORT_NUMBER, THEM, "Hello support")
    api, conversation = broker.api(), broker.conversation_with(THEM)["id"]
    note = api.post(f"/v1/conversations/{conversation}/messages",
                    {"user": "alice", "body": "Careful with this one", "note": True}).json()
    assert (note["direction"], note["to"], note["deliveries"]) == ("note", [], [])
    reply = api.replied(conversation, "How can we help?")
    api.await_state(reply["id"], "sent")
    assert carrier.bodies() == ["How can we help?"]
    assert api.bodies(conversation) == ["Hello support", "Careful with this one",
                                        "How can we help?"]
    unread = {who["user"]: who["unread"] for who in api.conversation(conversation)["participants"]}
    assert unread == {"alice": 0, "bob": 3}


def test_labels_are_added_removed_and_filtered_by(shared):
    api, conversation, broker = shared
    labelled = api.acted(conversation, "labels", add=["vip", "late"])
    assert labelled["labels"] == ["late", "vip"]
    assert api.acted(conversation, "labels", remove=["late"])["labels"] == ["vip"]
    assert [found["id"] for found in api.conversations(label="vip")] == [conversation]
    assert api.conversations(label="late") == []
    too_many = [f"label {place}" for place in range(32)]
    assert api.act(conversation, "labels", add=too_many).code == "too_many"
    broker.crash_and_restart()
    assert api.conversation(conversation)["labels"] == ["vip"]


def test_a_conversation_has_a_priority(shared):
    api, conversation, broker = shared
    assert api.conversation(conversation)["priority"] == "normal"
    assert api.acted(conversation, "priority", user="bob", priority="urgent")["priority"] \
        == "urgent"
    told, = [event["data"] for event in api.events(types="conversation.updated")]
    assert (told["priority"], told["user"]) == ("urgent", "bob")
    assert api.act(conversation, "priority", user="carol", priority="low").code \
        == "not_participant"
    assert api.act(conversation, "priority", priority="extreme").code == "malformed"
    broker.crash_and_restart()
    assert api.conversation(conversation)["priority"] == "urgent"


def test_a_note_calls_users_by_name(shared):
    api, conversation, _ = shared
    note = api.post(f"/v1/conversations/{conversation}/messages",
                    {"user": "alice", "body": "@bob can you? Not @nobody, not a@carol.example",
                     "note": True}).json()
    assert note["mentions"] == ["bob"]
    assert [message["mentions"] for message in api.messages(conversation)] == [[], ["bob"]]
    assert api.replied(conversation, "hello @bob")["mentions"] == [], "customers see no names"


def test_a_snoozed_conversation_comes_back_at_its_time_or_with_a_message(shared):
    api, conversation, broker = shared
    until = in_an_hour()
    assert api.acted(conversation, "snooze", user="bob", until=until)["snoozed_until"] == until
    broker.receive(SUPPORT_NUMBER, THEM, "and again")
    assert api.conversation(conversation)["snoozed_until"] is None
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)
    api.acted(conversation, "snooze", until=soon.isoformat())
    waiting.until(lambda: api.conversation(conversation)["snoozed_until"] is None, "its time")
    api.acted(conversation, "snooze", until=in_an_hour())
    assert api.acted(conversation, "snooze", until=None)["snoozed_until"] is None


def test_nothing_of_it_crosses_organisations(shared):
    _, conversation, broker = shared
    other = broker.api(directory_file.OTHER_KEY)
    for action, body in (("claim", {"user": "oscar"}), ("release", {}),
                         ("transfer", {"to_user": "oscar"}), ("participants", {"user": "oscar"}),
                         ("snooze", {"until": None}), ("labels", {"add": ["x"]})):
        assert other.act(conversation, action, **body).code == "not_found", action
    assert other.remove_participant(conversation, "alice").code == "not_found"


def test_a_key_without_the_scope_does_none_of_it(shared):
    _, conversation, broker = shared
    reader = broker.api(directory_file.READ_KEY)
    for action in ("claim", "release", "transfer", "participants", "snooze", "labels"):
        assert reader.act(conversation, action).code == "forbidden", action
    assert reader.remove_participant(conversation, "alice").code == "forbidden"
