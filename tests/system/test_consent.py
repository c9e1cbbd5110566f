"""Consent: who wants messages and who does not (mission 5), over real callbacks and a scripted
carrier. I7: nobody who opted out is sent to."""

import pytest

import directory_file
import waiting
from directory_file import ALICE_NUMBER, SPARE_NUMBER, SUPPORT_NUMBER
from scripted_carrier import refuse

THEM, OTHERS = "+15551230001", "+15551230002"
GERMAN = "+4915112345678"
GOODBYE = "You will receive no more messages from us. Reply START to receive them again."
WELCOME = "You will receive our messages again. Reply STOP to receive no more."
HELP = "Reply STOP to receive no more messages from us, START to receive them again."
LISTS = {SPARE_NUMBER: ["alice"]}


@pytest.fixture
def broker(make_broker, carrier):
    return make_broker(provision=directory_file.directory(
        api_base=carrier.api_base, caller_ids=LISTS)).start()


def settle(broker, **consent):
    answer = broker.api().request("PATCH", "/v1/organization", body={"consent": consent})
    assert answer.status == 200, answer
    return answer.json()["consent"]


def opt_out(broker, them=THEM, number=ALICE_NUMBER, text="STOP"):
    broker.receive(number, them, "Hello")
    broker.receive(number, them, text)


def records(broker, **query):
    return broker.api().items("/v1/consents", **query)


def start_group(api, *parties, body):
    return api.post("/v1/conversations", {"from": ALICE_NUMBER, "to": list(parties),
                                          "user": "alice", "body": body})


def await_bodies(carrier, *bodies):
    waiting.until(lambda: carrier.bodies() == list(bodies), f"{bodies} at the carrier")


# -- keywords -------------------------------------------------------------------------------------

@pytest.mark.parametrize("word", ["STOP", "stopall", " Unsubscribe. ", "cancel", "End!", "quit",
                                  "REVOKE", "OptOut", "opt out"])
def test_an_opt_out_keyword_as_the_whole_message_opts_out(broker, word):
    broker.receive(ALICE_NUMBER, THEM, word)
    record, = records(broker)
    assert (record["address"], record["number"], record["state"], record["source"]) == (
        f"sms:{THEM}", ALICE_NUMBER, "opted_out", "keyword")
    assert record["text"] == word
    message, *_ = broker.api().messages(broker.conversation_with(THEM)["id"])
    assert record["message"] == message["id"] and message["body"] == word


@pytest.mark.parametrize("text", ["please stop by", "Stop texting me", "It will not end", "YES"])
def test_what_only_contains_a_keyword_does_not(broker, text):
    broker.receive(ALICE_NUMBER, THEM, text)
    assert records(broker) == []


def test_an_opted_out_recipient_is_never_sent_to(broker, carrier):
    opt_out(broker)
    api, conversation = broker.api(), broker.conversation_with(THEM)["id"]
    answer = api.reply(conversation, "But we have offers!")
    assert (answer.status, answer.code) == (422, "opted_out")
    answer = api.start(ALICE_NUMBER, THEM, body="Please?")
    assert (answer.status, answer.code) == (422, "opted_out")
    answer = api.post("/v1/messages", {"from": ALICE_NUMBER, "to": THEM, "user": "alice",
                                       "body": "Pretty please?"})
    assert (answer.status, answer.code) == (422, "opted_out")
    note = api.post(f"/v1/conversations/{conversation}/messages",
                    {"user": "alice", "body": "They have left us.", "note": True})
    assert note.status == 201, "a note is not sent"
    api.close(conversation)
    assert api.start(ALICE_NUMBER, THEM, body="Now?").code == "opted_out"
    await_bodies(carrier, GOODBYE)


def test_the_one_confirmation_text_is_the_exception(broker, carrier):
    opt_out(broker)
    api = broker.api()
    *_, confirmation = api.messages(broker.conversation_with(THEM)["id"])
    assert (confirmation["body"], confirmation["automatic"]) == (GOODBYE, True)
    api.await_state(confirmation["id"], "sent")
    broker.receive(ALICE_NUMBER, THEM, "STOP")
    broker.receive(ALICE_NUMBER, THEM, "HELP")
    assert len(records(broker, history="true")) == 2, "every wish is recorded"
    assert carrier.bodies() == [GOODBYE], "and confirmed once"


def test_an_opt_out_survives_a_crash(broker, carrier):
    opt_out(broker)
    await_bodies(carrier, GOODBYE)  # Cut off in the attempt its outcome would be unknown.
    broker.crash_and_restart()
    api = broker.api()
    assert api.reply(broker.conversation_with(THEM)["id"], "Hello?").code == "opted_out"
    assert carrier.bodies() == [GOODBYE]
    assert broker.verify().returncode == 0


def test_opting_in_again_lets_messages_out(broker, carrier):
    opt_out(broker)
    broker.receive(ALICE_NUMBER, THEM, "Yes!")
    api, conversation = broker.api(), broker.conversation_with(THEM)["id"]
    api.await_state(api.replied(conversation, "Welcome back")["id"], "sent")
    await_bodies(carrier, GOODBYE, WELCOME, "Welcome back")
    assert [one["state"] for one in records(broker, history="true")] == ["opted_out", "opted_in"]
    assert [one["state"] for one in records(broker)] == ["opted_in"], "the newest says how it is"


def test_help_is_answered(broker, carrier):
    broker.receive(ALICE_NUMBER, THEM, "help")
    await_bodies(carrier, HELP)
    assert records(broker) == []


def test_when_the_carrier_has_answered_parley_records_but_does_not_answer_again(broker, carrier):
    broker.receive(ALICE_NUMBER, THEM, "Please stop", OptOutType="STOP")
    record, = records(broker)
    assert (record["state"], record["source"]) == ("opted_out", "carrier")
    api, conversation = broker.api(), broker.conversation_with(THEM)["id"]
    assert api.reply(conversation, "Hello?").code == "opted_out"
    broker.receive(ALICE_NUMBER, THEM, "start", OptOutType="START")
    api.await_state(api.replied(conversation, "Hello!")["id"], "sent")
    assert carrier.bodies() == ["Hello!"]


def test_a_send_that_the_carrier_refuses_as_opted_out_is_an_opt_out(broker, carrier):
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    api, conversation = broker.api(), broker.conversation_with(THEM)["id"]
    carrier.then(refuse(400, 21610))
    message = api.replied(conversation, "Hello you")["id"]
    api.await_state(message, "failed")
    record, = records(broker)
    assert (record["state"], record["source"], record["message"]) == (
        "opted_out", "carrier", message)
    assert api.reply(conversation, "Still there?").code == "opted_out"


def test_queued_sends_to_that_recipient_are_cancelled_at_once(make_broker, carrier):
    slow = make_broker(provision=directory_file.directory(
        api_base=carrier.api_base, rate=0.01)).start()
    slow.receive(ALICE_NUMBER, THEM, "Hello")
    api, conversation = slow.api(), slow.conversation_with(THEM)["id"]
    first, *others = [api.replied(conversation, str(i))["id"] for i in range(4)]
    api.await_state(first, "sent")
    slow.receive(ALICE_NUMBER, THEM, "Stop")
    for message in others:
        delivery, = api.read(f"/v1/messages/{message}")["deliveries"]
        assert (delivery["state"], delivery["error"]) == ("canceled", 21610)
    assert carrier.bodies() == ["0"]


# -- scope ----------------------------------------------------------------------------------------

def test_the_scope_is_the_number_that_it_was_said_to(broker, carrier):
    opt_out(broker)
    answer = broker.api().start(SPARE_NUMBER, THEM, body="From another number")
    assert answer.status == 201, answer
    await_bodies(carrier, GOODBYE, "From another number")


def test_or_the_organisation_where_that_is_configured(broker, carrier):
    settle(broker, scope="organization")
    opt_out(broker)
    record, = records(broker)
    assert record["number"] is None
    api = broker.api()
    assert api.start(SPARE_NUMBER, THEM, body="Elsewhere?").code == "opted_out"
    await_bodies(carrier, GOODBYE)


def test_what_waits_on_another_number_is_not_sent_either(make_broker, carrier):
    slow = make_broker(provision=directory_file.directory(
        api_base=carrier.api_base, rate=0.2, caller_ids=LISTS)).start()
    settle(slow, scope="organization")
    api = slow.api()
    sent = [api.post("/v1/messages", {"from": SPARE_NUMBER, "to": THEM, "user": "alice",
                                      "body": str(i)}).json()["id"] for i in range(2)]
    api.await_state(sent[0], "sent")
    slow.receive(ALICE_NUMBER, THEM, "STOP")
    api.await_state(sent[1], "canceled")
    assert "1" not in carrier.bodies()


def test_in_a_group_the_others_are_still_sent_to(broker, carrier):
    api = broker.api()
    group = start_group(api, THEM, OTHERS, body="Lunch?").json()["id"]
    waiting.until(lambda: len(carrier.received()) == 2, "two legs")
    broker.receive(ALICE_NUMBER, OTHERS, "STOP")
    waiting.until(lambda: len(carrier.received()) == 3, "the confirmation")
    message = api.replied(group, "At noon", key="k1")
    assert [one["to"] for one in message["deliveries"]] == [f"sms:{THEM}"]
    assert api.replied(group, "At noon", key="k1")["to"] == message["to"], "the first answer"
    waiting.until(lambda: len(carrier.received()) == 4, "one leg")
    assert [(send["To"], send["Body"]) for send in carrier.received()[2:]] == [
        (OTHERS, GOODBYE), (THEM, "At noon")]
    assert api.start(ALICE_NUMBER, OTHERS, body="You alone?").code == "opted_out"
    assert start_group(api, THEM, OTHERS, GERMAN, body="Again?").code == "opted_out"


def test_nothing_crosses_organisations(broker):  # I11
    opt_out(broker)
    record, = records(broker)
    other = broker.api(directory_file.OTHER_KEY)
    assert other.items("/v1/consents") == []
    assert other.get(f"/v1/consents/{record['id']}").status == 404
    assert other.request("PATCH", f"/v1/consents/{record['id']}",
                         body={"state": "opted_in"}).status == 404


# -- keywords of one's own ------------------------------------------------------------------------

def test_sets_by_language_and_country_with_texts_of_their_own(broker, carrier):
    settle(broker, keywords=[{"country": "DE", "opt_out": ["Stopp", "Abmelden"], "opt_in": ["Ja"],
                              "opt_out_text": "Sie sind abgemeldet."}])
    broker.receive(ALICE_NUMBER, GERMAN, "abmelden!")
    broker.receive(ALICE_NUMBER, THEM, "Abmelden")
    assert [one["address"] for one in records(broker)] == [f"sms:{GERMAN}"]
    await_bodies(carrier, "Sie sind abgemeldet.")


def test_reasonable_intent_marks_the_conversation_for_a_person(broker, carrier):
    settle(broker, intent="mark")
    broker.receive(ALICE_NUMBER, THEM, "Please stop texting me, thank you")
    assert broker.conversation_with(THEM)["labels"] == ["opt-out-request"]
    assert records(broker) == []
    assert len(broker.api().conversations(label="opt-out-request")) == 1
    assert carrier.bodies() == []


def test_and_can_opt_out_automatically(broker, carrier):
    settle(broker, intent="opt_out")
    broker.receive(ALICE_NUMBER, THEM, "Please stop texting me, thank you")
    record, = records(broker)
    assert (record["state"], record["source"]) == ("opted_out", "intent")
    await_bodies(carrier, GOODBYE)


def test_keywords_can_be_left_to_somebody_else(broker, carrier):
    settle(broker, reads_keywords=False)
    opt_out(broker)
    assert records(broker) == []
    api = broker.api()
    api.await_state(api.replied(broker.conversation_with(THEM)["id"], "Hello")["id"], "sent")


@pytest.mark.parametrize("consent, place", [
    ({"scope": "planet"}, "scope"),
    ({"keywords": [{"language": "german"}]}, "consent.keywords[0].language"),
    ({"keywords": [{}, {"country": "de"}]}, "consent.keywords[1].country"),
    ({"keywords": [{"opt_out": [""]}]}, "opt_out"),
    ({"keywords": [{"opt_out_text": "x" * 1601}]}, "opt_out_text"),
    ({"intent_phrases": ["x"] * 2}, "intent_phrases"),
    ({"quiet": True}, "quiet"),
    ("none", "consent"),
])
def test_settings_that_cannot_be_are_refused_by_name(broker, consent, place):
    answer = broker.api().request("PATCH", "/v1/organization", body={"consent": consent})
    assert (answer.status, answer.code) == (400, "malformed")
    assert place in answer.json()["detail"]
    assert broker.api().read("/v1/organization")["consent"]["scope"] == "number"


def test_settings_come_from_the_provisioning_file_too(make_broker, carrier):
    text = directory_file.directory(api_base=carrier.api_base)
    first_key = "\n  [[organization.key]]"
    broker = make_broker(provision=text.replace(first_key, """
  [organization.consent]
  scope = "organization"
  intent = "mark"

    [[organization.consent.keywords]]
    language = "de"
    opt_out = ["Stopp"]
    opt_out_text = "Schade."
""" + first_key, 1)).start()
    consent = broker.api().read("/v1/organization")["consent"]
    assert (consent["scope"], consent["intent"]) == ("organization", "mark")
    assert consent["keywords"][0]["opt_out"] == ["Stopp"]


# -- records --------------------------------------------------------------------------------------

def test_every_change_writes_a_record_who_when_scope_source_message_text(broker):
    opt_out(broker)
    record, = records(broker)
    event, = broker.api().events(types="consent.changed")
    assert record["id"] == event["id"] and record["created_at"] == event["created_at"]
    assert event["data"] == {key: value for key, value in record.items()
                             if key not in ("id", "created_at")}
    assert broker.api().read(f"/v1/consents/{record['id']}") == record


def test_a_person_inside_can_record_it(broker, carrier):
    api = broker.api()
    answer = api.post("/v1/consents", {"address": f"sms:{THEM}", "number": ALICE_NUMBER,
                                       "state": "opted_out", "text": "said so by telephone",
                                       "user": "alice"})
    assert answer.status == 201, answer
    record = answer.json()
    assert (record["source"], record["by"], record["text"], record["conversation"]) == (
        "api", "alice", "said so by telephone", None)
    assert api.start(ALICE_NUMBER, THEM, body="Hello").code == "opted_out"
    changed = api.request("PATCH", f"/v1/consents/{record['id']}", body={"state": "opted_in"})
    assert changed.status == 200 and changed.json()["by"] == "app"
    assert changed.json()["id"] != record["id"], "records are only added"
    assert api.read(f"/v1/consents/{record['id']}") == record
    assert api.start(ALICE_NUMBER, THEM, body="Hello").status == 201
    assert api.request("DELETE", f"/v1/consents/{record['id']}").status == 405


def test_a_record_without_a_number_is_about_all_of_them(broker):
    api = broker.api()
    record = api.post("/v1/consents", {"address": f"sms:{THEM}", "state": "opted_out"}).json()
    assert record["number"] is None
    for number in (ALICE_NUMBER, SPARE_NUMBER):
        assert api.start(number, THEM, body="Hello").code == "opted_out"
    broker.receive(ALICE_NUMBER, THEM, "START")
    assert api.start(ALICE_NUMBER, THEM, body="Hello").status == 200, "the newer wish counts"
    assert api.start(SPARE_NUMBER, THEM, body="Hello").code == "opted_out"


@pytest.mark.parametrize("body, status, code", [
    ({"state": "opted_out"}, 400, "malformed"),
    ({"address": "sms:+15551230001"}, 400, "malformed"),
    ({"address": "+15551230001", "state": "opted_out"}, 400, "malformed"),
    ({"address": "chat:alice", "state": "opted_out"}, 400, "malformed"),
    ({"address": "sms:+15551230001,+15551230002", "state": "opted_out"}, 400, "malformed"),
    ({"address": "sms:+15551230001", "state": "maybe"}, 400, "malformed"),
    ({"address": "sms:+15551230001", "state": "opted_out", "text": "x" * 1601}, 400, "malformed"),
    ({"address": "sms:+15551230001", "state": "opted_out", "number": "+15550109999"}, 404,
     "unknown_number"),
    ({"address": "sms:+15551230001", "state": "opted_out", "user": "nobody"}, 422,
     "unknown_user"),
])
def test_a_bad_record_is_refused_and_nothing_recorded(broker, body, status, code):
    answer = broker.api().post("/v1/consents", body)
    assert (answer.status, answer.code) == (status, code), answer
    assert records(broker) == []


def test_the_list_is_filtered_and_paged(broker):
    api = broker.api()
    people = [f"+1555124{i:04}" for i in range(5)]
    for number in people:
        broker.receive(ALICE_NUMBER, number, "STOP")
        broker.receive(SPARE_NUMBER, number, "STOP")
    for number in people[:2]:
        broker.receive(SPARE_NUMBER, number, "START")
    assert len(records(broker, limit=3)) == 10, "over pages"
    assert len(records(broker, history="true", limit=3)) == 12
    assert [one["address"] for one in records(broker, state="opted_in", limit=1)] == [
        f"sms:{number}" for number in people[:2]]
    assert len(records(broker, number=SPARE_NUMBER)) == 5
    assert [one["number"] for one in records(broker, address=people[0])] == [
        ALICE_NUMBER, SPARE_NUMBER]
    contact = api.post("/v1/contacts", {"name": "Ann", "addresses": [
        f"sms:{people[0]}", f"sms:{people[3]}"]}).json()["id"]
    for limit in range(1, 6):  # Wherever a page ends, between the two addresses too.
        assert len(records(broker, contact=contact, history="true", limit=limit)) == 5
    for query in ({"state": "perhaps"}, {"address": "x"}, {"contact": "ct_x"}, {"cursor": "zz"},
                  {"address": people[0], "contact": contact}, {"history": "yes"}):
        answer = api.get("/v1/consents", **query)
        assert (answer.status, answer.code) == (400, "malformed"), query


def test_records_are_exportable_per_contact(broker):
    opt_out(broker)
    broker.receive(ALICE_NUMBER, OTHERS, "STOP")
    contact = broker.api().post("/v1/contacts", {"name": "Ann", "addresses": [f"sms:{THEM}"]})
    exported = broker.api().read(f"/v1/contacts/{contact.json()['id']}/export")
    assert [one["address"] for one in exported["consents"]] == [f"sms:{THEM}"]


def test_hidden_numbers_stay_hidden(broker):
    opt_out(broker)
    hidden = broker.api().request("PATCH", "/v1/organization", body={"hide_contact_numbers": True})
    assert hidden.status == 200
    key = broker.api().post("/v1/keys", {"name": "hidden", "scopes": ["consents:read"]}).json()
    api = broker.api(key["key"])
    record, = api.items("/v1/consents")
    assert record["address"] == "sms:+*********01"
    assert api.get("/v1/consents", address=THEM).status == 403
