"""Roles and hidden numbers (mission 9): what a key that acts for a user may do and is shown."""

import pytest

import contract
import directory_file
import waiting
from directory_file import ALICE_NUMBER, SPARE_NUMBER, SUPPORT_NUMBER

THEM = "+15551230001"
OTHERS = "+15551230002"
MASKED = "sms:+*********01"

# From the one that may do most.
ROLES = ("owner", "admin", "agent", "read_only")
USERS = {"owner": "olga", "admin": "adam", "agent": "anna", "read_only": "rita"}
SOMEBODY = "cv_" + "0" * 26

CONVERSATION = "/v1/conversations/{id}"

# Every route that asks for a key, and the least role that it needs. A route that is new fails the
# tests below until it stands here.
CONTACT = "/v1/contacts/{id}"
LEAST = {
    ("GET", "/v1/conversations"): "read_only",
    ("POST", "/v1/conversations"): "agent",
    ("GET", CONVERSATION): "read_only",
    ("GET", CONVERSATION + "/messages"): "read_only",
    ("POST", CONVERSATION + "/messages"): "agent",
    **{("POST", f"{CONVERSATION}/{action}"): "agent"
       for action in ("claim", "release", "transfer", "participants", "snooze", "labels",
                      "priority", "close", "read")},
    ("DELETE", CONVERSATION + "/participants/{user}"): "agent",
    ("POST", "/v1/messages"): "agent",
    ("GET", "/v1/messages/{id}"): "read_only",
    ("POST", "/v1/messages/{id}/redact"): "agent",
    ("PATCH", "/v1/messages/{id}"): "agent",
    ("POST", "/v1/messages/{id}/cancel"): "agent",
    ("POST", "/v1/messages/{id}/resolve"): "admin",
    ("GET", "/v1/events"): "read_only",
    ("GET", "/v1/stream"): "read_only",
    ("POST", "/v1/files"): "agent",
    ("GET", "/v1/files/{id}"): "read_only",
    ("GET", "/v1/directory"): "read_only",
    ("GET", "/v1/organization"): "read_only",
    ("PATCH", "/v1/organization"): "admin",
    ("POST", "/v1/users/bulk"): "admin",
    ("POST", "/v1/rules/test"): "admin",
    ("GET", "/v1/contacts"): "read_only",
    ("POST", "/v1/contacts"): "agent",
    ("POST", "/v1/contacts/bulk"): "admin",
    ("GET", CONTACT): "read_only",
    ("PATCH", CONTACT): "agent",
    ("DELETE", CONTACT): "admin",
    ("POST", CONTACT + "/merge"): "agent",
    ("POST", CONTACT + "/addresses"): "agent",
    ("GET", CONTACT + "/export"): "admin",
    ("POST", CONTACT + "/erase"): "admin",
    ("GET", "/v1/webhooks/{id}/deliveries"): "admin",
    ("GET", "/v1/webhooks/{id}/dead"): "admin",
    ("POST", "/v1/webhooks/{id}/replay"): "admin",
    ("GET", "/v1/bulk"): "admin",
    ("POST", "/v1/bulk"): "agent",
    ("GET", "/v1/bulk/{id}"): "read_only",
    ("GET", "/v1/bulk/{id}/refused"): "read_only",
    ("GET", "/v1/bulk/{id}/results"): "read_only",
    **{("POST", f"/v1/bulk/{{id}}/{action}"): "agent"
       for action in ("pause", "resume", "cancel", "retry_failed")},
    ("GET", "/v1/consents"): "read_only",
    ("POST", "/v1/consents"): "agent",
    ("GET", "/v1/consents/{id}"): "read_only",
    ("PATCH", "/v1/consents/{id}"): "agent",
    **{(method, path): least
       for kind in ("users", "teams", "inboxes", "links", "numbers", "caller-id-lists", "keys",
                    "business-hours", "rules", "data-actions", "templates", "webhooks")
       for method, path, least in (
           ("GET", f"/v1/{kind}", "admin" if kind == "keys" else "read_only"),
           ("GET", f"/v1/{kind}/{{id}}", "admin" if kind == "keys" else "read_only"),
           ("POST", f"/v1/{kind}", "admin"),
           ("PATCH", f"/v1/{kind}/{{id}}", "admin"),
           ("DELETE", f"/v1/{kind}/{{id}}", "admin"))},
}


def with_roles(hide=False, history="all", **options):
    """The usual directory, with a user and a key for each role. anna and rita are the team desk,
    whose inbox has a number."""
    text = directory_file.directory(**options)
    if hide:
        name = 'name = "Demo Ltd"\n'
        text = text.replace(name, name + "hide_contact_numbers = true\n")
    added = "".join(f"""
  [[organization.user]]
  id = "{user}"
  licence = "pro_cx"
  role = "{role}"

  [[organization.key]]
  name = "of-{user}"
  key = "key-of-{user}"
  scopes = ["*"]
  user = "{user}"

  [[organization.key]]
  name = "of-{user}-plain"
  key = "plain-key-of-{user}"
  scopes = ["conversations:read", "conversations:write", "messages:write", "events:read"]
  user = "{user}"
""" for role, user in USERS.items())
    added += f"""
  [[organization.key]]
  name = "plain"
  key = "plain-key"
  scopes = ["conversations:read", "conversations:write", "messages:write", "events:read"]

  [[organization.key]]
  name = "numbers"
  key = "numbers-key"
  scopes = ["conversations:read", "events:read", "contact_numbers:read"]

  [[organization.team]]
  id = "desk"
  members = ["anna", "rita"]

  [[organization.inbox]]
  team = "desk"
  history = "{history}"

  [[organization.number]]
  address = "{DESK_NUMBER}"
  channels = ["sms"]
  link = "tw"
  inbox = "desk"
  rate = 1000.0

  [[organization.number]]
  address = "{ANNAS_NUMBER}"
  channels = ["sms"]
  link = "tw"
  user = "anna"
  rate = 1000.0
"""
    demo, other = text.split('[[organization]]\nid = "other"')
    return demo + added + '\n[[organization]]\nid = "other"' + other


DESK_NUMBER = "+15550100008"
ANNAS_NUMBER = "+15550100009"


@pytest.fixture(name="broker")
def fixture_broker(make_broker):
    return make_broker(provision=with_roles()).start()


def of(broker, role):
    return broker.api(f"key-of-{USERS[role]}")


def operations(document):
    """Every method of every path that asks for a key."""
    return {(method.upper(), path): operation
            for path, shared in document["paths"].items() for method, operation in shared.items()
            if method != "parameters" and "security" not in operation}


def test_every_route_has_a_least_role():
    assert set(operations(contract.contract().document)) == set(LEAST)


@pytest.mark.parametrize("role", ROLES)
def test_a_keys_user_may_ask_for_what_the_role_reaches_and_for_nothing_else(broker, role):
    api = of(broker, role)
    for (method, path), least in LEAST.items():
        if path == "/v1/stream":
            continue  # A WebSocket: below, and in tests/ingress.
        body = None if method in ("GET", "DELETE") or path.endswith(("/redact", "/cancel")) \
            else {}
        target = path.replace("{id}", SOMEBODY).replace("{user}", "bob")
        answer = api.request(method, target, body=b"{}" if body is not None else None)
        allowed = ROLES.index(role) <= ROLES.index(least)
        assert (answer.code == "role_required") == (not allowed), (method, path, answer)
        if not allowed:
            assert answer.status == 403 and USERS[role] in answer.json()["detail"]


def test_who_acts_says_whether_he_or_she_is_there_and_nobody_says_it_for_another(broker):
    anna = of(broker, "agent")
    mine = anna.request("PATCH", f"/v1/users/{USERS['agent']}", body={"presence": "busy"})
    assert (mine.status, mine.json()["presence"]) == (200, "busy")
    refused = anna.request("PATCH", "/v1/users/bob", body={"presence": "busy"})
    assert (refused.status, refused.code) == (403, "role_required")


def test_a_key_without_a_user_is_the_organisations_and_its_scopes_decide(broker):
    assert broker.api().post("/v1/teams", {"id": "night", "members": []}).status == 201
    assert broker.api(directory_file.READ_KEY).post("/v1/teams", {"id": "day"}).code == "forbidden"


def test_a_scope_that_is_missing_is_missing_whatever_the_role(broker):
    refused = broker.api("plain-key-of-olga").get("/v1/users")
    assert (refused.status, refused.code) == (403, "forbidden")


# -- in whose name


def test_a_users_key_acts_as_that_user_named_or_not(broker):
    broker.receive(DESK_NUMBER, THEM, "Hello")
    anna = of(broker, "agent")
    conversation = anna.conversations()[0]["id"]
    unnamed = anna.post(f"/v1/conversations/{conversation}/messages", {"body": "It is me"})
    named = anna.post(f"/v1/conversations/{conversation}/messages",
                      {"body": "It is me", "user": "anna"})
    for answer in (unnamed, named):
        assert answer.status == 201 and answer.json()["author"] == {"type": "user", "id": "anna"}
    assert anna.acted(conversation, "claim")["claimed_by"] == "anna"
    assert anna.acted(conversation, "read")["participants"][0]["unread"] == 0
    assert anna.acted(conversation, "release")["claimed_by"] is None
    anna.acted(conversation, "close")
    closed, = broker.api().events(types="conversation.closed")
    assert closed["data"]["user"] == "anna"


def test_a_users_key_acts_for_nobody_else(broker):
    broker.receive(DESK_NUMBER, THEM, "Hello")
    anna = of(broker, "agent")
    conversation = anna.conversations()[0]["id"]
    for action, body in (("messages", {"user": "rita", "body": "Not me"}),
                         ("messages", {"team": "desk", "body": "Not me"}),
                         ("claim", {"user": "rita"}), ("close", {"user": "rita"}),
                         ("release", {"user": "rita"}), ("read", {"user": "rita"}),
                         ("snooze", {"user": "rita", "until": None}),
                         ("priority", {"user": "rita", "priority": "high"}),
                         ("transfer", {"user": "rita", "to_team": "support"})):
        refused = anna.act(conversation, action, **body)
        assert (refused.status, refused.code) == (403, "role_required"), action
        assert "anna" in refused.json()["detail"]
    for path, to in (("/v1/conversations", [OTHERS]), ("/v1/messages", OTHERS)):
        asked = {"from": ALICE_NUMBER, "to": to, "user": "alice", "body": "Hello"}
        assert anna.post(path, asked).code == "role_required"


def test_an_application_has_nobody_act_who_may_only_read(broker):
    broker.receive(DESK_NUMBER, THEM, "Hello")
    api = broker.api()
    conversation = broker.conversation_with(THEM)["id"]
    for action, body in (("messages", {"body": "x"}), ("claim", {}), ("close", {}), ("release", {}),
                         ("read", {}), ("snooze", {"until": None}),
                         ("priority", {"priority": "low"}), ("transfer", {"to_team": "support"})):
        assert api.act(conversation, action, user="rita", **body).code == "role_required", action
    assert api.act(conversation, "transfer", to_user="rita").code == "role_required"
    assert api.acted(conversation, "claim", user="anna")["claimed_by"] == "anna"


def test_who_takes_no_part_changes_nothing_though_it_is_in_sight(broker):
    broker.receive(DESK_NUMBER, THEM, "Hello")
    conversation = broker.conversation_with(THEM)["id"]
    broker.api().acted(conversation, "transfer", to_user="alice")
    anna = of(broker, "agent")
    assert anna.conversation(conversation)["claimed_by"] == "alice"
    for action, body in (("labels", {"add": ["x"]}), ("participants", {"user": "anna"}),
                         ("close", {}), ("transfer", {"to_user": "anna"}),
                         ("messages", {"body": "x"}), ("snooze", {"until": None})):
        assert anna.act(conversation, action, **body).code == "not_participant", action
    assert anna.remove_participant(conversation, "alice").code == "not_participant"


def test_an_admin_looks_after_what_he_takes_no_part_in(broker):
    broker.receive(SPARE_NUMBER, THEM, "Anybody?")
    admin = of(broker, "admin")
    unrouted, = admin.conversations(unrouted="true")
    moved = admin.acted(unrouted["id"], "transfer", to_user="anna")
    assert [who["user"] for who in moved["participants"]] == ["anna"]
    assert admin.acted(unrouted["id"], "labels", add=["late"])["labels"] == ["late"]
    assert admin.act(unrouted["id"], "messages", body="I am not in it").code == "not_participant"
    admin.acted(unrouted["id"], "close")


# -- what is shown


def test_an_agent_sees_the_own_conversations_and_those_of_the_own_teams(broker):
    broker.receive(ALICE_NUMBER, THEM, "For alice")
    broker.receive(SUPPORT_NUMBER, THEM, "For support")
    broker.receive(SPARE_NUMBER, THEM, "For nobody")
    broker.receive(DESK_NUMBER, THEM, "For the desk")
    broker.receive(ANNAS_NUMBER, THEM, "For anna")
    numbers = {one["id"]: one["number"] for one in broker.api().conversations()}
    own = {f"sms:{DESK_NUMBER}", f"sms:{ANNAS_NUMBER}"}
    assert len(numbers) == 5
    for role, seen in (("owner", set(numbers.values())), ("admin", set(numbers.values())),
                       ("agent", own), ("read_only", {f"sms:{DESK_NUMBER}"})):
        api = of(broker, role)
        assert {one["number"] for one in api.conversations()} == seen
        assert {one["number"] for one in api.conversations(address=THEM)} == seen
        for conversation, number in numbers.items():
            for path in ("", "/messages"):
                answer = api.get(f"/v1/conversations/{conversation}{path}")
                assert answer.status == (200 if number in seen else 404), (role, number)
        told = {event["data"]["number"] for event in api.events(types="conversation.created")}
        assert told == seen
        bodies = [event["data"] for event in api.events(types="conversation.message.created")]
        assert {one["to"][0] for one in bodies} == seen


def test_unrouted_conversations_are_for_admins(broker):
    broker.receive(SPARE_NUMBER, THEM, "Anybody?")
    for role in ROLES:
        answer = of(broker, role).get("/v1/conversations", unrouted="true")
        assert answer.code == ("" if role in ("owner", "admin") else "role_required")
        told = of(broker, role).events(types="number.unrouted")
        assert len(told) == (1 if role in ("owner", "admin") else 0)


def test_what_is_not_an_agents_is_not_found_whatever_is_done_with_it(broker):
    broker.receive(ALICE_NUMBER, THEM, "For alice")
    conversation = broker.conversation_with(THEM)["id"]
    anna = of(broker, "agent")
    for action, body in (("messages", {"body": "x"}), ("claim", {}), ("close", {}), ("read", {}),
                         ("labels", {"add": ["x"]}), ("participants", {"user": "anna"}),
                         ("transfer", {"to_user": "anna"})):
        assert anna.act(conversation, action, **body).code == "not_found", action
    message, = broker.api().messages(conversation)
    assert anna.get(f"/v1/messages/{message['id']}").code == "not_found"
    assert anna.request("POST", f"/v1/messages/{message['id']}/redact").code == "not_found"


def test_an_agents_key_is_shown_the_files_that_the_same_user_has_uploaded(broker):
    def upload(api, text):
        answer = api.request("POST", "/v1/files?name=a.txt", text,
                             headers={"Content-Type": "text/plain"})
        assert answer.status == 201, answer
        return f"/v1/files/{answer.json()['id']}"

    anna = of(broker, "agent")
    hers, the_applications = upload(anna, b"by anna"), upload(broker.api(), b"by nobody")
    assert anna.get(hers).status == 200
    assert anna.get(the_applications).code == "not_found"
    assert of(broker, "read_only").get(hers).code == "not_found"
    for api in (broker.api(), of(broker, "admin")):
        assert api.get(hers).status == api.get(the_applications).status == 200


def test_who_is_removed_is_told_so_and_sees_it_no_more(broker):
    broker.receive(ALICE_NUMBER, THEM, "For alice")
    api, anna = broker.api(), of(broker, "agent")
    conversation = broker.conversation_with(THEM)["id"]
    api.acted(conversation, "participants", user="anna")
    assert [one["id"] for one in anna.conversations()] == [conversation]
    assert api.remove_participant(conversation, "anna").status == 200
    assert anna.conversations() == []
    assert [event["type"] for event in anna.events()] == ["conversation.participant_removed"]


def test_joining_shows_history_from_joining_on_where_the_inbox_says_so(make_broker):
    broker = make_broker(provision=with_roles(history="from_join")).start()
    broker.receive(DESK_NUMBER, THEM, "one")
    broker.receive(DESK_NUMBER, THEM, "two")
    conversation = broker.conversation_with(THEM)["id"]
    broker.api("key-of-olga").acted(conversation, "participants", user="alice")
    broker.api().post("/v1/keys", {"name": "of-alice", "key": "key-of-alice-0001", "scopes": ["*"],
                                   "user": "alice"})
    alice, anna = broker.api("key-of-alice-0001"), of(broker, "agent")
    assert alice.messages(conversation) == []
    broker.receive(DESK_NUMBER, THEM, "three")
    assert alice.bodies(conversation) == ["three"]
    assert [one["body"] for one in alice.messages(conversation, before=9)] == ["three"]
    assert anna.bodies(conversation) == ["one", "two", "three"]
    told = alice.events(types="conversation.message.created")
    assert [event["data"]["body"] for event in told] == ["three"]
    first = broker.api().messages(conversation)[0]["id"]
    assert alice.get(f"/v1/messages/{first}").code == "not_found"
    assert anna.get(f"/v1/messages/{first}").status == 200


# -- owners and keys


def test_an_admin_neither_makes_nor_changes_an_owner(broker):
    admin, owner = of(broker, "admin"), of(broker, "owner")
    for verb, path, body in (("POST", "/v1/users", {"id": "otto", "role": "owner"}),
                             ("PATCH", "/v1/users/adam", {"role": "owner"}),
                             ("PATCH", "/v1/users/olga", {"role": "agent"}),
                             ("DELETE", "/v1/users/olga", None)):
        refused = admin.request(verb, path, body)
        assert (refused.status, refused.code) == (403, "role_required"), (verb, path)
    rows = [{"id": "otto", "role": "owner"}, {"id": "ida", "role": "admin"}]
    report = admin.post("/v1/users/bulk", rows).json()
    assert [row.get("code") for row in report["items"]] == ["role_required", None]
    assert admin.request("PATCH", "/v1/users/rita", {"role": "agent"}).status == 200
    assert owner.post("/v1/users", {"id": "otto", "role": "owner"}).status == 201


def test_an_admin_gives_no_key_that_could_do_what_he_cannot(broker):
    admin, owner = of(broker, "admin"), of(broker, "owner")
    refused = [{"scopes": ["*"]}, {"scopes": ["*"], "user": "adam"},
               {"scopes": ["directory:write"]}, {"scopes": ["events:read"], "user": "olga"}]
    for place, body in enumerate(refused):
        asked = {"name": f"new-{place}", **body}
        assert admin.post("/v1/keys", asked).code == "role_required", body
        assert owner.post("/v1/keys", asked).status == 201, body
    given = {"name": "given", "scopes": ["directory:write"], "user": "adam"}
    assert admin.post("/v1/keys", given).status == 201
    assert admin.request("PATCH", "/v1/keys/given", {"user": None}).code == "role_required"
    assert admin.request("PATCH", "/v1/keys/given", {"scopes": ["*"]}).code == "role_required"
    assert admin.request("DELETE", "/v1/keys/app").code == "role_required"
    assert admin.request("DELETE", "/v1/keys/given").status == 204


# -- hide_contact_numbers


def spoken_to(broker):
    """A conversation of the desk with a message each way; its id."""
    broker.receive(DESK_NUMBER, THEM, "Call me under +15551230001")
    conversation = broker.conversation_with(THEM)["id"]
    reply = broker.api().replied(conversation, "We will", user="anna")
    waiting.until(lambda: broker.api().delivery_states(reply["id"]), "the delivery")
    return conversation


def answers_about(api, conversation):
    """Everything that is shown of a conversation, as texts by path."""
    paths = ("/v1/conversations", f"/v1/conversations/{conversation}",
             f"/v1/conversations/{conversation}/messages", "/v1/events?limit=1000")
    return {path: api.get(path).body.decode() for path in paths}


@pytest.mark.parametrize("key", ("plain-key", "plain-key-of-olga", "plain-key-of-anna",
                                 "plain-key-of-rita"))
def test_customers_numbers_are_masked_for_keys_without_the_scope(make_broker, key):
    broker = make_broker(provision=with_roles(hide=True)).start()
    conversation = spoken_to(broker)
    api = broker.api(key)
    for path, text in answers_about(api, conversation).items():
        assert f"sms:{THEM}" not in text and MASKED in text, path
    inbound, reply = api.messages(conversation)
    assert (inbound["from"], inbound["author"]["id"]) == (MASKED, MASKED)
    assert inbound["body"] == "Call me under +15551230001"
    assert (reply["to"], reply["deliveries"][0]["to"]) == ([MASKED], MASKED)
    assert (inbound["to"], reply["from"]) == ([f"sms:{DESK_NUMBER}"], f"sms:{DESK_NUMBER}")
    refused = api.get("/v1/conversations", address=THEM)
    assert (refused.status, refused.code) == (403, "forbidden")
    assert "contact_numbers:read" in refused.json()["detail"]


def test_an_answer_to_a_command_is_masked_too(make_broker):
    broker = make_broker(provision=with_roles(hide=True)).start()
    conversation = spoken_to(broker)
    anna = broker.api("plain-key-of-anna")
    assert anna.acted(conversation, "labels", add=["vip"])["peers"] == [MASKED]
    said = anna.post(f"/v1/conversations/{conversation}/messages", {"body": "Hello"}).json()
    assert said["to"] == [MASKED]
    started = anna.post("/v1/conversations", {"from": ANNAS_NUMBER, "to": [THEM], "body": "Hello"})
    assert started.status == 201 and started.json()["peers"] == [MASKED]


def test_numbers_are_hidden_from_agents_whatever_else_their_keys_can_do(make_broker):
    broker = make_broker(provision=with_roles(hide=True)).start()
    conversation = spoken_to(broker)
    for key in ("key-of-anna", "key-of-rita"):  # Both have the scope `*`.
        for path, text in answers_about(broker.api(key), conversation).items():
            assert f"sms:{THEM}" not in text and MASKED in text, (key, path)


@pytest.mark.parametrize("key", ("numbers-key", "key-of-olga", directory_file.KEY))
def test_who_has_the_scope_is_shown_them(make_broker, key):
    broker = make_broker(provision=with_roles(hide=True)).start()
    conversation = spoken_to(broker)
    for path, text in answers_about(broker.api(key), conversation).items():
        assert f"sms:{THEM}" in text and MASKED not in text, path
    assert broker.api(key).conversations(address=THEM)[0]["id"] == conversation


def test_nothing_is_masked_where_the_organisation_does_not_say_so(broker):
    conversation = spoken_to(broker)
    for path, text in answers_about(broker.api("plain-key-of-anna"), conversation).items():
        assert f"sms:{THEM}" in text and MASKED not in text, path


def test_hiding_begins_and_ends_with_the_setting(broker):
    conversation = spoken_to(broker)
    plain = broker.api("plain-key")
    for hidden in (True, False, True):
        answer = broker.api().request("PATCH", "/v1/organization", {"hide_contact_numbers": hidden})
        assert answer.status == 200, answer
        for path, text in answers_about(plain, conversation).items():
            assert (f"sms:{THEM}" in text, MASKED in text) == (not hidden, hidden), path
