"""Reading: lists, cursors, scopes, errors, and that nothing crosses organisations (I11)."""

import re

import pytest

import directory_file
import twilio_callbacks
from directory_file import ALICE_NUMBER, OTHER_NUMBER, SUPPORT_NUMBER

THEM = "+15551230001"
MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


@pytest.fixture
def talk(broker):
    """A broker with one conversation of 25 messages; its id."""
    for count in range(25):
        broker.receive(ALICE_NUMBER, THEM, f"message {count}")
    return broker.conversation_with(THEM)["id"]


def test_a_conversation_is_shown_with_every_field_of_the_contract(broker, talk):
    conversation = broker.api().conversation(talk)
    for field in ("id", "organization", "channel", "kind", "state", "number", "peers",
                  "participants", "team", "claimed_by", "labels", "priority", "snoozed_until",
                  "previous", "window", "created_at", "last_activity_at", "last_index",
                  "close_reason"):
        assert field in conversation, field
    assert (conversation["organization"], conversation["channel"]) == ("demo", "sms")
    assert MOMENT.match(conversation["created_at"])
    assert re.match(r"^cv_[0-9A-HJKMNP-TV-Z]{26}$", conversation["id"])


def test_a_message_is_shown_with_every_field_of_the_contract(broker, talk):
    message = broker.api().messages(talk)[0]
    for field in ("id", "conversation", "index", "direction", "author", "from", "to", "body",
                  "media", "created_at", "segments", "automatic", "provider_id", "deliveries"):
        assert field in message, field
    assert MOMENT.match(message["created_at"])
    assert message["conversation"] == talk


def test_an_event_is_shown_with_every_field_of_the_contract(broker, talk):
    event = broker.api().events()[0]
    assert set(event) == {"seq", "id", "type", "created_at", "organization", "data"}
    assert event["type"] == "conversation.created"
    assert event["organization"] == "demo"
    assert event["data"]["conversation"] == talk
    assert re.match(r"^ev_[0-9A-HJKMNP-TV-Z]{26}$", event["id"])


def test_pages_of_messages_follow_each_other_without_gap_or_repetition(broker, talk):
    pages = list(broker.api().pages(f"/v1/conversations/{talk}/messages", limit=10))
    assert [len(page) for page in pages if page] == [10, 10, 5]
    assert [message["index"] for page in pages for message in page] == list(range(1, 26))


def test_messages_after_and_before_an_index(broker, talk):
    path = f"/v1/conversations/{talk}/messages"
    after = broker.api().read(path, after=20)["items"]
    assert [message["index"] for message in after] == [21, 22, 23, 24, 25]
    before = broker.api().read(path, before=4)["items"]
    assert sorted(message["index"] for message in before) == [1, 2, 3]


def test_pages_of_conversations_follow_each_other_without_gap_or_repetition(broker):
    for place in range(23):
        broker.receive(ALICE_NUMBER, f"+1555127{place:04d}", "Hello")
    pages = list(broker.api().pages("/v1/conversations", limit=5))
    assert all(len(page) <= 5 for page in pages)
    found = [conversation["peers"][0] for page in pages for conversation in page]
    assert sorted(found) == [f"sms:+1555127{place:04d}" for place in range(23)]


def test_conversations_are_filtered_by_state_number_user_team_and_address(broker):
    broker.receive(ALICE_NUMBER, "+15551230001", "one")
    broker.receive(SUPPORT_NUMBER, "+15551230001", "two")
    broker.receive(SUPPORT_NUMBER, "+15551230002", "three")
    api = broker.api()
    api.close(broker.conversation_with("+15551230002")["id"])

    def count(**query):
        return len(api.conversations(**query))

    assert count() == 3
    assert count(state="active") == 2
    assert count(state="closed") == 1
    assert count(team="support") == 2
    assert count(user="alice") == 3
    assert count(user="bob") == 2
    assert count(user="bob", state="active") == 1
    assert count(number=f"sms:{ALICE_NUMBER}") == 1
    assert count(address="sms:+15551230001") == 2
    assert count(address="+15551230001") == 2
    assert count(address="whatsapp:+15551230001") == 0


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1001}, {"limit": "x"}, {"limit": -1},
                                   {"cursor": "made up"}, {"state": "asleep"}])
def test_a_query_that_makes_no_sense_is_malformed(broker, query):
    answer = broker.api().get("/v1/conversations", **query)
    assert (answer.status, answer.code) == (400, "malformed")


def test_without_a_key_or_with_a_wrong_one_nothing_is_shown(broker, talk):
    for key in (None, "", "wrong-key", directory_file.TOKEN):
        for path in ("/v1/conversations", f"/v1/conversations/{talk}",
                     f"/v1/conversations/{talk}/messages", "/v1/events"):
            answer = broker.api(key).get(path)
            assert (answer.status, answer.code) == (401, "unauthenticated"), (key, path)


def test_a_key_without_the_scope_is_refused_by_name(broker, talk):
    reader, writer = broker.api(directory_file.READ_KEY), broker.api(directory_file.WRITE_KEY)
    assert reader.get(f"/v1/conversations/{talk}").status == 200
    refused = [reader.reply(talk, "no"), reader.get("/v1/events"),
               writer.get("/v1/conversations"), writer.get(f"/v1/conversations/{talk}/messages")]
    for answer in refused:
        assert (answer.status, answer.code) == (403, "forbidden")
    assert writer.reply(talk, "yes").status == 201


def test_what_does_not_exist_is_not_found(broker):
    nobody = "cv_" + "0" * 26
    api = broker.api()
    for answer in (api.get(f"/v1/conversations/{nobody}"),
                   api.get(f"/v1/conversations/{nobody}/messages"),
                   api.reply(nobody, "hello?"), api.close(nobody),
                   api.get("/v1/conversations/not-an-id"), api.get("/v1/nothing"),
                   api.get("/")):
        assert (answer.status, answer.code) == (404, "not_found"), answer


def test_a_problem_says_what_it_is_in_the_standard_words(broker):
    problem = broker.api().get("/v1/conversations/" + "cv_" + "0" * 26).json()
    assert problem["status"] == 404
    assert problem["title"] and problem["code"] == "not_found"


def test_another_organisations_conversation_does_not_exist(broker, talk):
    other = broker.api(directory_file.OTHER_KEY)
    path = f"/v1/conversations/{talk}"
    for answer in (other.get(path), other.get(path + "/messages"),
                   other.reply(talk, "intruder", user="oscar"), other.close(talk),
                   other.post(path + "/read", {"user": "oscar"})):
        assert (answer.status, answer.code) == (404, "not_found")
    assert broker.api().conversation(talk)["state"] == "active"
    assert broker.api().conversation(talk)["last_index"] == 25


def receive_for_other(broker, text):
    parameters = twilio_callbacks.inbound(OTHER_NUMBER, THEM, text)
    answer = broker.callback("inbound", parameters, link="tw-other",
                             token=directory_file.OTHER_TOKEN)
    assert answer.status == 200, answer


def test_lists_and_events_show_only_ones_own_organisation(broker, talk):
    receive_for_other(broker, "for oscar")
    other = broker.api(directory_file.OTHER_KEY)
    conversation, = other.conversations()
    assert conversation["organization"] == "other"
    assert other.bodies(conversation["id"]) == ["for oscar"]
    assert {event["organization"] for event in other.events()} == {"other"}
    assert [one["id"] for one in broker.api().conversations()] == [talk]
    assert {event["organization"] for event in broker.api().events()} == {"demo"}
    assert broker.api().get(f"/v1/conversations/{conversation['id']}").status == 404


def test_events_come_in_order_and_resume_after_a_position(broker, talk):
    del talk
    everything = broker.api().events()
    positions = [event["seq"] for event in everything]
    assert positions == sorted(positions) and len(set(positions)) == len(positions)
    assert len({event["id"] for event in everything}) == len(everything)
    for place in (0, 1, 10, len(everything) - 1):
        rest = broker.api().read("/v1/events", after=positions[place])["items"]
        assert rest == everything[place + 1:]
    assert broker.api().read("/v1/events", after=positions[-1])["items"] == []


def test_events_are_filtered_by_type(broker, talk):
    broker.api().close(talk)
    both = broker.api().events(types="conversation.created,conversation.closed")
    assert [event["type"] for event in both] == ["conversation.created", "conversation.closed"]
    assert len(broker.api().events(types="conversation.message.created")) == 25


def test_pages_of_events_follow_each_other_even_when_a_filter_leaves_most_out(broker, talk):
    broker.api().close(talk)
    types = "conversation.created,conversation.closed"
    pages = list(broker.api().pages("/v1/events", limit=1, types=types))
    assert all(len(page) <= 1 for page in pages)
    found = [event["type"] for page in pages for event in page]
    assert found == ["conversation.created", "conversation.closed"]


def test_small_pages_of_events_hold_what_large_ones_hold(broker, talk):
    del talk
    broker.receive(directory_file.SPARE_NUMBER, THEM, "unrouted: two events of one position")
    everything = broker.api().events()
    assert "number.unrouted" in [event["type"] for event in everything]
    assert broker.api().items("/v1/events", limit=1) == everything


def test_event_positions_and_contents_survive_a_crash(broker, talk):
    del talk
    before = broker.api().events()
    broker.crash_and_restart()
    broker.receive(ALICE_NUMBER, THEM, "one more")
    after = broker.api().events()
    assert after[:len(before)] == before
    assert after[-1]["data"]["body"] == "one more"
