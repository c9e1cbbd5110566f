"""Message templates, and WhatsApp's customer service window (mission 7): name, language, category,
components with variables, approval state; a send validates variables; outside the window templates
only."""

import datetime
import json

import pytest

import data_action_endpoint
import directory_file
from directory_file import ALICE_NUMBER, SPARE_NUMBER, SUPPORT_NUMBER

THEM = "+15551230001"
OTHERS = "+15551230002"
US_ON_WHATSAPP, THEM_ON_WHATSAPP = f"whatsapp:{ALICE_NUMBER}", f"whatsapp:{THEM}"
CONTENT_SID = "HX" + "0123456789abcdef" * 2
REMINDER = {"id": "reminder", "name": "appointment_reminder", "language": "en_US",
            "category": "utility", "state": "approved", "carrier_id": CONTENT_SID,
            "components": [{"type": "header", "text": "Hello {{name}}"},
                           {"type": "body", "text": "You are expected on {{day}}, {{name}}."},
                           {"type": "footer", "text": "Demo Ltd"},
                           {"type": "button", "text": "Confirm"}]}
VALUES = {"name": "Ann", "day": "Monday"}
TEXT = "Hello Ann\nYou are expected on Monday, Ann.\nDemo Ltd"


@pytest.fixture
def reminding(make_broker, carrier):
    """Makes a broker whose carrier is the scripted one, with the reminder; alice's number carries
    WhatsApp too."""
    def make(reminder=REMINDER, **options):
        broker = make_broker(provision=directory_file.directory(api_base=carrier.api_base,
                                                                **options)).start()
        api = broker.api()
        changed(api, f"/v1/numbers/%2B{ALICE_NUMBER[1:]}", {"channels": ["sms", "mms", "whatsapp"]})
        assert api.post("/v1/templates", reminder).status == 201
        return broker
    return make


def changed(api, path, change):
    answer = api.request("PATCH", path, body=change)
    assert answer.status == 200, answer
    return answer.json()


def refused(answer, status, code, *words):
    assert (answer.status, answer.code) == (status, code), answer
    for word in words:
        assert word in answer.json()["detail"], answer.json()["detail"]


def use(variables=None, template="reminder"):
    return {"id": template, "variables": VALUES if variables is None else variables}


def started(api, sender=US_ON_WHATSAPP, to=THEM_ON_WHATSAPP, variables=None, **more):
    """A message of the template that opens or joins a conversation; it must be accepted."""
    answer = api.post("/v1/messages", {"from": sender, "to": to, "user": "alice",
                                       "template": use(variables), **more})
    assert answer.status == 201, answer
    return answer.json()


def sent(api, carrier, message):
    """What arrived at the carrier as its latest send, once the message is sent."""
    api.await_state(message["id"], "sent")
    return carrier.received()[-1]


# -- the directory

def test_a_template_has_a_name_a_language_a_category_components_and_a_state(broker):
    api = broker.api()
    created = api.post("/v1/templates", {name: REMINDER[name] for name in
                                         ("id", "name", "language", "category", "components")})
    assert created.status == 201, created
    assert created.json() == {**REMINDER, "state": "draft", "carrier_id": None}
    shown = changed(api, "/v1/templates/reminder", {"state": "approved", "carrier_id": CONTENT_SID})
    assert shown == REMINDER == api.read("/v1/templates/reminder")
    assert changed(api, "/v1/templates/reminder", REMINDER) == REMINDER
    assert api.items("/v1/templates") == [REMINDER]
    broker.crash_and_restart()
    assert broker.api().read("/v1/templates/reminder") == REMINDER
    assert broker.api(directory_file.OTHER_KEY).get("/v1/templates/reminder").status == 404
    assert broker.api().request("DELETE", "/v1/templates/reminder").status == 204
    assert broker.api().items("/v1/templates") == []


def test_a_template_stands_in_the_provisioning_file_too(make_broker):
    text = directory_file.directory().replace('[[organization]]\nid = "other"', f"""
  [[organization.template]]
  id = "reminder"
  name = "appointment_reminder"
  language = "en_US"
  category = "utility"
  state = "approved"
  carrier_id = "{CONTENT_SID}"
{"".join(f'''
    [[organization.template.component]]
    type = "{one['type']}"
    text = "{one['text']}"
''' for one in REMINDER["components"])}
[[organization]]\nid = "other\"""")
    broker = make_broker(provision=text).start()
    assert broker.api().items("/v1/templates") == [REMINDER]


@pytest.mark.parametrize("change, where", [
    ({"name": "Appointment"}, "`name`"),
    ({"language": "english"}, "`language`"),
    ({"category": "spam"}, "`category`"),
    ({"state": "lost"}, "`state`"),
    ({"carrier_id": "HX1"}, "`carrier_id`"),
    ({"components": []}, "`components`"),
    ({"components": [{"type": "body", "text": ""}]}, "`components[0].text`"),
    ({"components": [{"type": "body", "text": "x" * 1025}]}, "`components[0].text`"),
    ({"components": [{"type": "body", "text": "Hi {{1"}]}, "character 4"),
    ({"components": [{"type": "body", "text": "Hi {{First name}}"}]}, "`components[0].text`"),
    ({"components": [{"type": "body", "text": "x"}, {"type": "footer", "text": "{{1}}"}]},
     "`components[1].text`"),
    ({"components": [{"type": "body", "text": "x"}, {"type": "body", "text": "y"}]},
     "`components[1].type`"),
    ({"components": [{"text": "x"}]}, "`components[0]`"),
    ({"components": [{"type": "body", "text": "x", "url": "https://a"}]}, "`url`"),
])
def test_an_unsound_template_is_refused_by_its_place(broker, change, where):
    refused(broker.api().post("/v1/templates", {**REMINDER, **change}), 400, "malformed", where)
    assert broker.api().post("/v1/templates", REMINDER).status == 201
    refused(broker.api().request("PATCH", "/v1/templates/reminder", body=change), 400, "malformed",
            where)
    assert broker.api().items("/v1/templates") == [REMINDER]


def test_a_name_is_unique_in_its_language(broker):
    api = broker.api()
    assert api.post("/v1/templates", REMINDER).status == 201
    refused(api.post("/v1/templates", {**REMINDER, "id": "again"}), 409, "already_exists",
            "`reminder`")
    assert api.post("/v1/templates", {**REMINDER, "id": "again", "language": "de"}).status == 201


# -- sending

def test_over_whatsapp_a_template_of_twilios_leaves_as_its_id_and_variables(reminding, carrier):
    api = reminding().api()
    message = started(api)
    assert (message["body"], message["segments"]) == (TEXT, 1)
    assert message["template"] == {"id": "reminder", "variables": VALUES}
    send = sent(api, carrier, message)
    assert (send["From"], send["To"]) == (US_ON_WHATSAPP, THEM_ON_WHATSAPP)
    assert send["ContentSid"] == CONTENT_SID and "Body" not in send
    assert json.loads(send["ContentVariables"]) == VALUES
    assert api.messages(message["conversation"])[0]["template"] == message["template"]
    created, = api.events(types="conversation.message.created")
    assert created["data"]["template"] == message["template"]


def test_over_whatsapp_a_template_without_an_id_leaves_as_the_text_that_was_approved(
        reminding, carrier):
    api = reminding({**REMINDER, "carrier_id": None}).api()
    send = sent(api, carrier, started(api))
    assert send["Body"] == TEXT and "ContentSid" not in send and "ContentVariables" not in send


def test_by_sms_it_is_always_the_text_counted_in_segments(reminding, carrier):
    api = reminding().api()
    message = started(api, ALICE_NUMBER, THEM, {**VALUES, "day": "Ω" * 200})
    assert message["segments"] == 2, "the variables count"
    send = sent(api, carrier, message)
    assert send["Body"] == message["body"] and "ContentSid" not in send


def test_a_template_is_a_reply_as_well_and_opens_a_conversation(reminding, carrier):
    broker = reminding()
    api = broker.api()
    broker.receive(ALICE_NUMBER, THEM, "When is it?")
    conversation = broker.conversation_with(THEM)["id"]
    reply = api.act(conversation, "messages", user="alice", template=use())
    assert (reply.status, reply.json()["body"]) == (201, TEXT)
    assert sent(api, carrier, reply.json())["Body"] == TEXT
    opened = api.post("/v1/conversations", {"from": ALICE_NUMBER, "to": [OTHERS], "user": "alice",
                                            "template": use()})
    assert opened.status == 201
    assert api.bodies(opened.json()["id"]) == [TEXT]
    plain = api.replied(conversation, "See you")
    assert plain["template"] is None


def test_a_group_gets_the_text(reminding, carrier):
    api = reminding().api()
    opened = api.post("/v1/conversations", {"from": ALICE_NUMBER, "to": [THEM, OTHERS],
                                            "user": "alice", "template": use()})
    assert opened.status == 201, opened
    message, = api.messages(opened.json()["id"])
    api.await_state(message["id"], "sent")
    assert message["template"]["id"] == "reminder"


@pytest.mark.parametrize("variables, words", [
    ({"name": "Ann"}, ("`day`", "missing")),
    ({}, ("`name`", "missing")),
    ({**VALUES, "week": "1"}, ("`week`", "none of")),
    ({**VALUES, "day": ""}, ("`day`", "empty")),
    ({**VALUES, "day": "  "}, ("`day`", "empty")),
    ({**VALUES, "day": "Mon\nday"}, ("`day`", "line break")),
    ({**VALUES, "day": "Mon\tday"}, ("`day`", "tab")),
    ({**VALUES, "day": "Mon     day"}, ("`day`", "four spaces")),
    ({**VALUES, "day": "x" * 1025}, ("`day`", "1,024")),
])
def test_a_send_validates_variables(reminding, variables, words):
    api = reminding().api()
    refused(api.post("/v1/messages", {"from": US_ON_WHATSAPP, "to": THEM_ON_WHATSAPP,
                                      "user": "alice", "template": use(variables)}),
            422, "template_variables", *words)
    assert api.conversations() == []


def test_what_the_template_makes_is_no_longer_than_any_text(reminding):
    api = reminding().api()
    refused(api.post("/v1/messages", {"from": ALICE_NUMBER, "to": THEM, "user": "alice",
                                      "template": use({"name": "x" * 800, "day": "y"})}),
            422, "body_too_long", "16")


@pytest.mark.parametrize("more, where", [
    ({"body": "Hello"}, "`body`"),
    ({"media": ["https://a.example/1.png"]}, "`media`"),
    ({"note": True}, "note"),
    ({"template": "reminder"}, "`template`"),
    ({"template": {"variables": VALUES}}, "`template.id`"),
    ({"template": {"id": "reminder", "variables": {"day": 1}}}, "`template.variables.day`"),
    ({"template": {"id": "reminder", "language": "de"}}, "`language`"),
])
def test_a_template_is_in_place_of_text_and_files(reminding, more, where):
    broker = reminding()
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    conversation = broker.conversation_with(THEM)["id"]
    refused(broker.api().act(conversation, "messages",
                             **{"user": "alice", "template": use(), **more}),
            400, "malformed", where)
    assert broker.api().bodies(conversation) == ["Hello"]


def test_users_among_themselves_have_none(reminding):
    api = reminding().api()
    refused(api.post("/v1/conversations", {"from": "chat:alice", "to": ["chat:bob"],
                                           "template": use()}), 400, "malformed", "chat")
    chat = api.post("/v1/conversations", {"from": "chat:alice", "to": ["chat:bob"]}).json()["id"]
    refused(api.act(chat, "messages", user="alice", template=use()), 400, "malformed", "chat")


def test_another_organisations_template_is_none(reminding):
    broker = reminding()
    other = broker.api(directory_file.OTHER_KEY)
    refused(other.post("/v1/messages", {"from": directory_file.OTHER_NUMBER, "to": THEM,
                                        "user": "oscar", "template": use()}),
            422, "unknown_template", "`reminder`")


@pytest.mark.parametrize("state, whatsapp, sms", [
    ("draft", False, True), ("pending", False, True), ("approved", True, True),
    ("rejected", False, False), ("paused", False, False)])
def test_over_whatsapp_only_what_is_approved_is_sent_and_by_sms_all_but_what_was_turned_down(
        reminding, state, whatsapp, sms):
    api = reminding({**REMINDER, "state": state}).api()
    for (sender, to), allowed in (((US_ON_WHATSAPP, THEM_ON_WHATSAPP), whatsapp),
                                  ((ALICE_NUMBER, THEM), sms)):
        answer = api.post("/v1/messages", {"from": sender, "to": to, "user": "alice",
                                           "template": use()})
        if allowed:
            assert answer.status == 201, answer
        else:
            refused(answer, 422, "template_not_approved", "`reminder`", state)


def test_what_was_sent_stays_as_it_was_when_the_template_changes_and_goes(reminding, carrier):
    broker = reminding(rate=0.001)
    api = broker.api()
    api.await_state(started(api, ALICE_NUMBER, THEM)["id"], "sent")
    waits = started(api, ALICE_NUMBER, OTHERS)
    changed(api, "/v1/templates/reminder", {"state": "paused",
                                            "components": [{"type": "body", "text": "Changed"}]})
    assert api.request("DELETE", "/v1/templates/reminder").status == 204
    assert api.read(f"/v1/messages/{waits['id']}")["body"] == TEXT
    broker.crash_and_restart()
    changed(broker.api(), f"/v1/numbers/{ALICE_NUMBER}", {"rate": 1000})  # It still owes the first.
    assert sent(broker.api(), carrier, waits)["Body"] == TEXT


def test_a_repeated_request_gets_the_first_answer_whatever_became_of_the_template(
        reminding, carrier):
    api = reminding().api()
    request = {"from": US_ON_WHATSAPP, "to": THEM_ON_WHATSAPP, "user": "alice", "template": use()}
    first = api.post("/v1/messages", request, idempotency_key="once")
    assert first.status == 201
    changed(api, "/v1/templates/reminder", {"components": [{"type": "body", "text": "Changed"}]})
    turned = {**request, "template": {"variables": dict(reversed(VALUES.items())),
                                      "id": "reminder"}}
    again = api.post("/v1/messages", turned, idempotency_key="once")
    assert (again.status, again.json()) == (201, first.json())
    assert api.request("DELETE", "/v1/templates/reminder").status == 204
    assert api.post("/v1/messages", request, idempotency_key="once").json() == first.json()
    other = {**request, "template": use({**VALUES, "day": "Tuesday"})}
    assert api.post("/v1/messages", other, idempotency_key="once").code == "unknown_template"
    assert len(api.messages(first.json()["conversation"])) == 1


def test_another_value_under_the_same_key_is_another_request(reminding):
    api = reminding().api()
    request = {"from": ALICE_NUMBER, "to": THEM, "user": "alice", "template": use()}
    assert api.post("/v1/messages", request, idempotency_key="once").status == 201
    other = {**request, "template": use({**VALUES, "day": "Tuesday"})}
    refused_by_key = api.post("/v1/messages", other, idempotency_key="once")
    assert (refused_by_key.status, refused_by_key.code) == (422, "idempotency_mismatch")


def test_a_redaction_takes_the_variables_too(reminding, carrier):
    broker = reminding()
    message = started(broker.api())
    sent(broker.api(), carrier, message)
    assert broker.api().request("POST", f"/v1/messages/{message['id']}/redact").status == 204
    broker.crash_and_restart()
    shown = broker.api().read(f"/v1/messages/{message['id']}")
    assert (shown["body"], shown["redacted"]) == ("", True)
    assert shown["template"] == {"id": "reminder", "variables": {}}
    assert "Monday" not in json.dumps(broker.api().events())


def test_an_outbound_data_action_may_choose_the_number_of_a_template(reminding, carrier):
    endpoint = data_action_endpoint.DataActionEndpoint()
    try:
        api = reminding(caller_ids={SPARE_NUMBER: ["alice"]}).api()
        made = api.post("/v1/data-actions", {"id": "gate", "url": endpoint.url,
                                             "secret": data_action_endpoint.SECRET,
                                             "trigger": "outbound"})
        assert made.status == 201
        changed(api, "/v1/organization", {"outbound_data_action": "gate"})
        endpoint.then(data_action_endpoint.answer(**{"from": f"sms:{SPARE_NUMBER}"}))
        message = started(api, ALICE_NUMBER, THEM)
        assert (message["from"], message["body"]) == (f"sms:{SPARE_NUMBER}", TEXT)
        assert sent(api, carrier, message)["Body"] == TEXT
    finally:
        endpoint.stop()


# -- the window

def test_outside_the_window_a_template_starts_a_conversation_and_a_text_does_not(
        reminding, carrier):
    broker = reminding()
    api = broker.api()
    refused(api.start(US_ON_WHATSAPP, THEM_ON_WHATSAPP, body="Hello"), 422, "outside_window")
    refused(api.start(US_ON_WHATSAPP, THEM_ON_WHATSAPP), 422, "outside_window")
    assert api.conversations() == []
    opened = api.post("/v1/conversations", {"from": US_ON_WHATSAPP, "to": [THEM_ON_WHATSAPP],
                                            "user": "alice", "template": use()})
    assert opened.status == 201, opened
    conversation = opened.json()
    assert conversation["window"] is None
    answer = api.reply(conversation["id"], "Are you there?")
    assert (answer.status, answer.code) == (422, "outside_window")
    note = api.act(conversation["id"], "messages", user="alice", body="No answer yet", note=True)
    assert note.status == 201
    broker.crash_and_restart()
    assert broker.api().reply(conversation["id"], "Are you there?").code == "outside_window"
    broker.receive(US_ON_WHATSAPP, THEM_ON_WHATSAPP, "Yes")
    api = broker.api()
    answered = api.messages(conversation["id"])[-1]
    until = datetime.datetime.fromisoformat(api.conversation(conversation["id"])["window"]
                                            ["open_until"].replace("Z", "+00:00"))
    said = datetime.datetime.fromisoformat(answered["created_at"].replace("Z", "+00:00"))
    assert until - said == datetime.timedelta(hours=24)
    assert sent(api, carrier, api.replied(conversation["id"], "Good"))["Body"] == "Good"


def test_the_window_is_the_customers_and_outlives_the_conversation(reminding):
    broker = reminding()
    broker.receive(US_ON_WHATSAPP, THEM_ON_WHATSAPP, "Hello")
    api = broker.api()
    first, = api.conversations()
    api.close(first["id"])
    second = api.start(US_ON_WHATSAPP, THEM_ON_WHATSAPP, body="One more thing")
    assert second.status == 201 and second.json()["previous"] == first["id"]


def test_by_sms_there_is_no_window(reminding):
    api = reminding().api()
    opened = api.start(ALICE_NUMBER, THEM, body="Hello")
    assert opened.status == 201 and opened.json()["window"] is None
    api.replied(opened.json()["id"], "Hello again")


def test_what_answers_a_customer_by_itself_is_in_the_window(make_broker, carrier):
    broker = make_broker(provision=directory_file.directory(api_base=carrier.api_base,
                                                            auto_reply="One moment please"))
    broker.start()
    api = broker.api()
    changed(api, f"/v1/numbers/%2B{SUPPORT_NUMBER[1:]}", {"channels": ["sms", "whatsapp"]})
    broker.receive(f"whatsapp:{SUPPORT_NUMBER}", THEM_ON_WHATSAPP, "Hello")
    conversation, = api.conversations()
    _, automatic = api.messages(conversation["id"])
    assert sent(api, carrier, automatic)["Body"] == "One moment please"
