"""Routing rules without code, business hours and the auto-responder's texts (mission 4.7, 4.9), as
`POST /v1/rules/test` tells them: what would become of a message, and why; and what does become of
real ones."""

import pytest

import data_action_endpoint
import directory_file
import waiting
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


# -- what rules do to real messages ---------------------------------------------------------------


def arrived(broker, body="Hello", number=SUPPORT_NUMBER, sender=THEM):
    """The open conversation that an inbound message is in; a sender writes to one number."""
    bare = sender.removeprefix("sms:")
    broker.receive(number, bare, body)
    found, = [one for one in broker.api().conversations(
        address=bare if ":" in bare else f"sms:{bare}") if one["state"] != "closed"]
    return found


def users_of(conversation):
    return sorted(participant["user"] for participant in conversation["participants"])


def removed(api, path):
    answer = api.request("DELETE", path)
    assert answer.status == 204, answer


def test_of_the_rules_that_hold_for_a_message_the_first_by_position_wins(broker, api):
    add_rule(api, "a-late", 5, labels=["late"])
    add_rule(api, "z-early", 1, labels=["early"])
    add_rule(api, "never", 0, when={"keywords": ["never"]}, labels=["never"])
    assert arrived(broker)["labels"] == ["early"]
    changed(api, "/v1/rules/z-early", {"position": 6})
    assert arrived(broker, sender="+4915112345679")["labels"] == ["late"]


# What a rule asks for; a message that it holds for, one that it does not hold for.
@pytest.mark.parametrize("when, meets, misses", [
    ({"numbers": [SUPPORT_NUMBER]}, {}, {"number": ALICE_NUMBER}),
    ({"channels": ["whatsapp"]},
     {"number": f"whatsapp:{SUPPORT_NUMBER}", "sender": "whatsapp:+4915112345678"}, {}),
    ({"senders": ["+4915112345678"]}, {}, {}),
    ({"countries": ["DE"]}, {}, {"sender": "+436641234567"}),
    ({"body_contains": "invoice"}, {"body": "My INVOICE is wrong"}, {"body": "My bill is wrong"}),
    ({"keywords": ["sales"]}, {"body": " Sales! "}, {"body": "sales please"}),
    ({"body_matches": "^order #?[0-9]+$"}, {"body": "order 17"}, {"body": "order seventeen"}),
    ({"body_contains": "a", "countries": ["DE"]}, {"body": "a"}, {"body": "b"}),
], ids=["number", "channel", "sender", "country", "contains", "keyword", "expression", "two"])
def test_a_real_message_meets_a_condition_on(broker, api, when, meets, misses):
    changed(api, f"/v1/numbers/%2B{SUPPORT_NUMBER[1:]}", {"channels": ["sms", "whatsapp"]})
    add_rule(api, "one", when=when, labels=["met"])
    assert arrived(broker, **meets)["labels"] == ["met"]
    assert arrived(broker, **{"sender": "+4915112345679", **misses})["labels"] == []


def test_a_condition_on_the_first_ever_message_holds_once_for_a_sender_and_a_number(broker, api):
    add_rule(api, "welcome", when={"first_ever": True}, labels=["new"])
    first = arrived(broker)
    assert first["labels"] == ["new"]
    api.close(first["id"])
    broker.crash_and_restart()
    assert arrived(broker)["labels"] == []
    assert arrived(broker, sender="+4915112345679")["labels"] == ["new"]


def test_a_real_message_goes_to_the_rules_users_and_teams(broker, api):
    add_rule(api, "users", when={"keywords": ["users"]}, users=["alice", "bob"])
    add_rule(api, "carol", when={"keywords": ["carol"]}, users=["carol"])
    add_rule(api, "team", when={"keywords": ["team"]}, teams=["sales"], users=["alice"])
    for sender, body, team, users in (("+4915112345671", "users", None, ["alice", "bob"]),
                                      ("+4915112345672", "carol", None, ["carol"]),
                                      ("+4915112345673", "team", "sales", ["alice", "bob"])):
        found = arrived(broker, body, SPARE_NUMBER, sender)
        assert (found["team"], users_of(found)) == (team, users)
        assert not found["unrouted"]
    assert api.events(types="number.unrouted") == []


@pytest.mark.parametrize("strategy", ["random_one", "round_robin", "least_busy"])
def test_a_rules_strategy_gives_a_real_message_to_one_of_the_team(broker, api, strategy):
    add_rule(api, "one", teams=["support"], strategy=strategy)
    holders = []
    for place in range(4):
        conversation = arrived(broker, sender=f"+491511234567{place}")["id"]
        found = waiting.until(lambda c=conversation: (lambda one: one if one["claimed_by"] else
                                                      None)(api.conversation(c)), "a holder")
        assert users_of(found) == [found["claimed_by"]]
        holders.append(found["claimed_by"])
    assert set(holders) <= {"alice", "bob"}
    if strategy != "random_one":
        assert sorted(holders) == ["alice", "alice", "bob", "bob"]


def test_a_real_message_is_labelled_ranked_answered_and_closed_by_a_rule(broker, api):
    add_rule(api, "done", labels=["spam", "auto"], priority="low", auto_reply="No, thank you.",
             close=True)
    broker.receive(SUPPORT_NUMBER, THEM.removeprefix("sms:"), "Buy now")
    found, = api.conversations()
    assert (found["labels"], found["priority"]) == (["auto", "spam"], "low")
    assert (found["state"], found["close_reason"]) == ("closed", "rule")
    assert api.bodies(found["id"]) == ["Buy now", "No, thank you."]
    closed, = api.events(types="conversation.closed")
    assert (closed["data"]["close_reason"], closed["data"]["user"]) == ("rule", None)
    broker.receive(SUPPORT_NUMBER, THEM.removeprefix("sms:"), "Buy soon")
    second, = [one for one in api.conversations() if one["id"] != found["id"]]
    assert (second["previous"], second["close_reason"]) == (found["id"], "rule")


def test_a_rules_data_action_is_asked_about_a_real_message(broker, api):
    endpoint = data_action_endpoint.DataActionEndpoint()
    try:
        for name in ("crm", "shop"):
            created(api, "/v1/data-actions", {"id": name, "url": endpoint.url,
                                              "secret": data_action_endpoint.SECRET})
        changed(api, "/v1/organization", {"data_action": "crm"})
        add_rule(api, "orders", when={"body_contains": "order"}, data_action="shop")
        for sender, body in (("+4915112345671", "my order"), ("+4915112345672", "Hello")):
            count = len(endpoint.asked())
            arrived(broker, body, sender=sender)
            waiting.until(lambda c=count: len(endpoint.asked()) > c, "the question")
        assert [question.headers["parley-action"] for question in endpoint.asked()] \
            == ["shop", "crm"]
    finally:
        endpoint.stop()


# Each message is tried first; then it comes.
@pytest.mark.parametrize("sender, number, body", [
    ("+4915112345671", SUPPORT_NUMBER, "price"),
    ("+4915112345672", SUPPORT_NUMBER, "I want to buy"),
    ("+4915112345673", SPARE_NUMBER, "I want to buy"),
    ("+436641234567", SUPPORT_NUMBER, "Hello"),
    ("+15551230001", SUPPORT_NUMBER, "Hello"),
    ("+15551230001", ALICE_NUMBER, "Hello"),
    ("+15551230001", SPARE_NUMBER, "Hello"),
    ("+15551230001", SUPPORT_NUMBER, "carol please"),
], ids=str)
def test_what_trying_the_rules_says_is_what_happens_to_a_real_message(broker, api, sender, number,
                                                                      body):
    changed(api, "/v1/inboxes/support", {"auto_reply": "One moment"})
    add_rule(api, "price", 1, when={"keywords": ["price"]}, close=True, labels=["price"],
             auto_reply="It is {{contact.price}} 5 euros.")
    add_rule(api, "sales", 2, when={"body_matches": r"\bbuy\b"}, teams=["sales"], priority="high")
    add_rule(api, "austria", 3, when={"countries": ["AT"]}, users=["alice", "bob", "carol"])
    add_rule(api, "nobody", 4, when={"body_contains": "carol"}, teams=["sales"], users=["carol"])
    said = tried(api, body, number, sender, first_ever=True)["route"]
    broker.receive(number, sender, body)
    found = broker.conversation_with(sender)
    assert {"team": found["team"], "users": users_of(found), "unrouted": found["unrouted"],
            "labels": found["labels"], "priority": found["priority"],
            "close": found["close_reason"] == "rule"} == {
                "team": said["team"], "users": sorted(said["users"]),
                "unrouted": said["unrouted"], "labels": said["labels"],
                "priority": said["priority"], "close": said["close"]}
    answered = [said["auto_reply"]] if said["auto_reply"] else []
    assert api.bodies(found["id"]) == [body, *answered]


def test_a_rule_that_is_removed_no_longer_holds(broker, api):
    add_rule(api, "first", 1, labels=["first"])
    add_rule(api, "second", 2, labels=["second"])
    assert arrived(broker, sender="+4915112345671")["labels"] == ["first"]
    removed(api, "/v1/rules/first")
    assert arrived(broker, sender="+4915112345672")["labels"] == ["second"]
    removed(api, "/v1/rules/second")
    assert arrived(broker, sender="+4915112345673")["labels"] == []
    broker.crash_and_restart()
    assert arrived(broker, sender="+4915112345674")["labels"] == []


def test_rules_survive_a_crash_and_hold_for_the_next_message(broker, api):
    add_rule(api, "late", 2, labels=["late"])
    add_rule(api, "stop", 1, when={"body_matches": "(?i)^complaint"}, users=["bob"],
             labels=["complaint"], priority="urgent")
    before = api.items("/v1/rules")
    broker.crash_and_restart()
    assert broker.api().items("/v1/rules") == before
    found = arrived(broker, "Complaint about you")
    assert (found["labels"], found["priority"], users_of(found)) \
        == (["complaint"], "urgent", ["bob"])
    assert arrived(broker, sender="+4915112345679")["labels"] == ["late"]


def test_a_bad_expression_is_refused_by_its_place_and_the_rule_holds_as_before(broker, api):
    add_rule(api, "orders", when={"body_matches": "order"}, labels=["order"])
    before = api.read("/v1/rules/orders")
    answer = api.request("PATCH", "/v1/rules/orders", body={"when": {"body_matches": "order ("}})
    assert (answer.status, answer.code) == (400, "malformed")
    assert "`when.body_matches`" in answer.json()["detail"]
    assert api.read("/v1/rules/orders") == before
    assert arrived(broker, "my order")["labels"] == ["order"]
