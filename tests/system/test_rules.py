"""Routing rules without code, business hours and the auto-responder's texts (mission 4.7, 4.9), as
`POST /v1/rules/test` tells them: what would become of a message, and why."""

import pytest

import directory_file
from directory_file import ALICE_NUMBER, OTHER_NUMBER, SPARE_NUMBER, SUPPORT_NUMBER

THEM = "sms:+4915112345678"
WORK_DAYS = ["mon", "tue", "wed", "thu", "fri"]
# A Tuesday: 10:00 and 20:00 in New York.
MORNING = "2026-03-03T15:00:00.000Z"
EVENING = "2026-03-04T01:00:00.000Z"


@pytest.fixture(name="api")
def fixture_api(broker):
    return broker.api()


def created(api, path, entry):
    answer = api.post(path, entry)
    assert answer.status == 201, answer
    return answer.json()


def add_rule(api, name, position=0, **members):
    return created(api, "/v1/rules", {"id": name, "position": position, **members})


def changed(api, path, change):
    answer = api.request("PATCH", path, body=change)
    assert answer.status == 200, answer


def add_office_hours(api, **members):
    created(api, "/v1/business-hours", {
        "id": "office", "time_zone": "America/New_York",
        "periods": [{"days": WORK_DAYS, "from": "09:00", "to": "12:00"},
                    {"days": WORK_DAYS, "from": "13:00", "to": "17:30"}], **members})


def tried(api, body="Hello", number=SUPPORT_NUMBER, sender=THEM, **members):
    answer = api.post("/v1/rules/test",
                      {"number": number, "from": sender, "body": body, **members})
    assert answer.status == 200, answer
    return answer.json()


def route(api, *arguments, **members):
    return tried(api, *arguments, **members)["route"]


def matched(api, *arguments, **members):
    return tried(api, *arguments, **members)["matched"]


# -- without rules --------------------------------------------------------------------------------


def test_without_rules_the_number_decides(api):
    found = tried(api)
    assert found["matched"] is None and found["rules"] == []
    assert found["route"] == {
        "team": "support", "users": ["alice", "bob"], "unrouted": False, "assigned": False,
        "members_without_licence": 1, "labels": [], "priority": "normal", "close": False,
        "auto_reply": None, "data_action": None}
    assert route(api, number=ALICE_NUMBER)["users"] == ["alice"]
    assert route(api, number=SPARE_NUMBER)["unrouted"]


# -- the first match wins -------------------------------------------------------------------------


def test_the_first_match_wins_and_says_why(api):
    add_rule(api, "rest", 9, labels=["rest"])
    add_rule(api, "stop", 1, when={"keywords": ["stop"], "countries": ["DE"]}, users=["bob"])
    add_rule(api, "never", 20)
    met = tried(api, "Stop!")
    assert met["matched"] == "stop"
    assert met["rules"] == [{"id": "stop", "held": True, "conditions": [
        {"condition": "keywords", "held": True, "why": "the whole text is one of the keywords"},
        {"condition": "countries", "held": True,
         "why": "the sender's country is `DE`, which is one of those asked for"}]}]
    assert met["route"]["users"] == ["bob"] and met["route"]["team"] is None
    missed = tried(api, "Stop it")
    assert missed["matched"] == "rest"
    assert [(one["id"], one["held"]) for one in missed["rules"]] == [("stop", False),
                                                                    ("rest", True)]
    assert missed["route"]["labels"] == ["rest"]


@pytest.mark.parametrize("when, meets, misses", [
    ({"numbers": [SUPPORT_NUMBER]}, {}, {"number": SPARE_NUMBER}),
    ({"channels": ["whatsapp"]}, {"sender": "+4915112345678", "channel": "whatsapp"}, {}),
    ({"senders": ["+4915112345678"]}, {}, {"sender": "sms:+4915112345679"}),
    ({"countries": ["AT"]}, {"sender": "sms:+436641234567"}, {"sender": "sms:80888"}),
    ({"body_contains": "straße"}, {"body": "HAUPTSTRASSE 5"}, {"body": "Hauptplatz 5"}),
    ({"keywords": ["opt in"]}, {"body": " OPT IN. "}, {"body": "opt in please"}),
    ({"body_matches": "(?i)order #?[0-9]+"}, {"body": "my Order 17"}, {"body": "my order"}),
    ({"attribute": "tier", "attribute_value": "gold"},
     {"contact": {"attributes": {"tier": "gold"}}}, {"contact": {"attributes": {"tier": "tin"}}}),
    ({"first_ever": True}, {"first_ever": True}, {}),
    ({"languages": ["de"]}, {"contact": {"language": "de-AT"}}, {"contact": {"language": "en"}}),
], ids=lambda value: next(iter(value), "plain"))
def test_conditions_on(api, when, meets, misses):
    add_rule(api, "one", when=when)
    assert matched(api, **meets) == "one"
    assert matched(api, **misses) is None


def test_conditions_inside_and_outside_business_hours(api):
    add_office_hours(api, holidays=["2026-12-25"])
    changed(api, "/v1/inboxes/support", {"business_hours": "office"})
    add_rule(api, "day", when={"hours": "inside"})
    add_rule(api, "night", when={"hours": "outside"})
    assert matched(api, at=MORNING) == "day"
    assert matched(api, at=EVENING) == "night"
    assert matched(api, at="2026-03-03T17:30:00.000Z") == "night", "the break"
    assert matched(api, at="2026-12-25T15:00:00.000Z") == "night", "a holiday"
    # 09:30 by the local clock, before and after the clocks go forward on 8 March.
    assert matched(api, at="2026-03-06T14:30:00.000Z") == "day"
    assert matched(api, at="2026-03-09T13:30:00.000Z") == "day"
    assert matched(api, at="2026-03-06T13:30:00.000Z") == "night"
    assert matched(api, at=EVENING, number=ALICE_NUMBER) == "day", "she keeps no hours"


# -- what a rule does -----------------------------------------------------------------------------


def test_a_rule_leads_to_teams_and_users_with_a_strategy(api):
    created(api, "/v1/teams", {"id": "orders", "members": ["bob"]})
    created(api, "/v1/inboxes", {"team": "orders"})
    add_rule(api, "orders", when={"keywords": ["buy"]}, teams=["orders"],
             users=["alice", "carol"], strategy="round_robin")
    add_rule(api, "carol", when={"keywords": ["carol"]}, users=["carol"])
    add_rule(api, "one", when={"keywords": ["any"]}, users=["alice", "bob"], strategy="random_one")
    bought = route(api, "buy")
    assert (bought["team"], bought["users"], bought["assigned"]) == ("orders", ["bob", "alice"],
                                                                     True)
    assert bought["members_without_licence"] == 1, "carol is standard"
    assert route(api, "carol")["users"] == ["carol"]
    assert route(api, "any")["users"] in (["alice"], ["bob"])


def test_a_rule_labels_ranks_closes_answers_and_asks(api):
    created(api, "/v1/data-actions", {"id": "crm", "url": "https://crm.example.com/ask",
                                      "secret": 16 * "s", "trigger": "every_message"})
    add_rule(api, "all", labels=["vip", "billing"], priority="urgent", close=True,
             auto_reply="Thank you, {{contact.name}}.", data_action="crm")
    found = route(api, contact={"name": "Ada"})
    assert found["labels"] == ["billing", "vip"]
    assert (found["priority"], found["close"]) == ("urgent", True)
    assert (found["auto_reply"], found["data_action"]) == ("Thank you, Ada.", "crm")
    assert found["team"] == "support", "it names nobody, so the number decides"


# -- auto-responders ------------------------------------------------------------------------------


def test_auto_responders_differ_by_hours_body_country_and_language_with_contact_fields(api):
    add_office_hours(api)
    changed(api, "/v1/inboxes/support", {
        "business_hours": "office", "auto_reply": "Hello {{contact.name}} of {{contact.city}}",
        "auto_replies": [{"text": "closed", "when": {"hours": "outside"}},
                         {"text": "price list", "when": {"body_contains": "price"}},
                         {"text": "Servus", "when": {"countries": ["AT"]}},
                         {"text": "Hallo", "when": {"languages": ["de"]}}]})

    def reply(body="Hello", at=MORNING, **members):
        return route(api, body, at=at, **members)["auto_reply"]

    assert reply("PRICE?", at=EVENING) == "closed"
    assert reply("PRICE?") == "price list"
    assert reply(sender="sms:+436641234567") == "Servus"
    assert reply(contact={"language": "de-CH"}) == "Hallo"
    assert reply(contact={"name": "Ada", "attributes": {"city": "Köln"}}) == "Hello Ada of Köln"
    assert reply() == "Hello  of "


# -- what cannot be tried -------------------------------------------------------------------------


@pytest.mark.parametrize("body", [
    {"number": SUPPORT_NUMBER},
    {"from": THEM},
    {"number": SUPPORT_NUMBER, "from": "somebody"},
    {"number": SUPPORT_NUMBER, "from": "chat:alice"},
    {"number": SUPPORT_NUMBER, "from": THEM, "channel": "whatsapp"},
    {"number": SUPPORT_NUMBER, "from": THEM, "channel": "fax"},
    {"number": SUPPORT_NUMBER, "from": THEM, "at": "yesterday"},
    {"number": SUPPORT_NUMBER, "from": THEM, "contact": "Ada"},
    {"number": SUPPORT_NUMBER, "from": THEM, "contact": {"attributes": ["tier"]}},
    {"number": SUPPORT_NUMBER, "from": THEM, "contact": {"attributes": {"tier": 1}}},
    {"number": SUPPORT_NUMBER, "from": THEM, "contact": {"age": 1}},
    {"number": SUPPORT_NUMBER, "from": THEM, "to": "sms:+1"},
    [],
], ids=str)
def test_a_message_that_cannot_be_read_is_refused(api, body):
    answer = api.post("/v1/rules/test", body)
    assert (answer.status, answer.code) == (400, "malformed")


def test_nothing_crosses_organisations(broker, api):
    add_rule(api, "one")
    answer = api.post("/v1/rules/test", {"number": OTHER_NUMBER, "from": THEM})
    assert (answer.status, answer.code) == (404, "unknown_number")
    other = broker.api(directory_file.OTHER_KEY)
    assert matched(other, number=OTHER_NUMBER) is None


def test_trying_rules_needs_the_scope_of_the_directory(broker):
    answer = broker.api(directory_file.READ_KEY).post("/v1/rules/test",
                                                      {"number": SUPPORT_NUMBER, "from": THEM})
    assert (answer.status, answer.code) == (403, "forbidden")
