"""The directory: users, teams, inboxes, numbers, links, lists, keys, and the entries that say where
messages go; changed while all runs. What only the latter do: test_directory_of_routing.py."""

import asyncio
import concurrent.futures
import urllib.parse

import pytest
import websockets

import directory_file
import twilio_callbacks
import waiting
from directory_file import ALICE_NUMBER, SUPPORT_NUMBER

THEM = "+15551230001"
NEW_NUMBER = "+15550100009"

LINK = {"id": "tw-new", "format": "twilio", "account_sid": "AC" + 32 * "a",
        "auth_token": "new-token", "api_base": "http://127.0.0.1:9",
        "public_url": "https://hooks.example.com", "unknown_outcome": "hold",
        "connections_max": 4}

ANY_MESSAGE = {"numbers": [], "channels": [], "senders": [], "countries": [], "languages": [],
               "body_contains": None, "keywords": [], "body_matches": None, "attribute": None,
               "attribute_value": None, "first_ever": False, "hours": "any"}

# One of each kind that is not there yet: path, how it is called, what to send, what to change.
KINDS = [
    ("/v1/users", "id", {"id": "erin", "name": "Erin", "licence": "pro_cx", "extension": "205",
                         "email": "erin@example.com", "role": "admin", "time_zone": "Asia/Tokyo",
                         "presence": "offline"},
     {"licence": "pro", "extension": None, "role": "agent", "time_zone": None}),
    ("/v1/teams", "id", {"id": "night", "members": ["bob"]}, {"members": ["alice", "bob"]}),
    ("/v1/links", "id", LINK, {"public_url": "https://elsewhere.example.com",
                                "connections_max": 0}),
    ("/v1/numbers", "address", {"address": NEW_NUMBER, "channels": ["sms"], "link": "tw",
                                "user": "bob", "inbox": None, "rate": 2.5},
     {"user": None, "inbox": "support"}),
    ("/v1/caller-id-lists", "id", {"id": "ani", "numbers": [SUPPORT_NUMBER], "users": ["bob"]},
     {"users": []}),
    ("/v1/keys", "name", {"name": "night app", "scopes": ["events:read"], "user": "bob"},
     {"scopes": ["conversations:read"], "user": None}),
    ("/v1/business-hours", "id", {
        "id": "office", "time_zone": "Europe/Berlin",
        "periods": [{"days": ["mon", "tue"], "from": "09:00", "to": "12:30"},
                    {"days": ["sat"], "from": "00:00", "to": "24:00"}],
        "holidays": ["2026-12-25"]}, {"time_zone": "America/New_York", "holidays": []}),
    ("/v1/rules", "id", {
        "id": "complaints", "position": -3, "users": ["bob"], "teams": ["support"],
        "when": {**ANY_MESSAGE, "numbers": [SUPPORT_NUMBER], "channels": ["sms"],
                 "senders": [THEM], "countries": ["US"], "languages": ["en", "de-AT"],
                 "body_contains": "angry", "keywords": ["never"], "body_matches": "(?i)a+ngry",
                 "attribute": "tier", "attribute_value": "gold", "first_ever": True,
                 "hours": "outside"},
        "strategy": "least_busy", "auto_reply": "We are sorry.", "labels": ["complaint"],
        "priority": "urgent", "close": False, "data_action": None},
     {"when": {**ANY_MESSAGE, "body_contains": "quiet"}, "strategy": None, "close": True}),
    ("/v1/data-actions", "id", {"id": "crm", "url": "https://crm.example.com/ask?v=1",
                                "secret": "the-crms-own-secret", "trigger": "outbound"},
     {"trigger": "every_message"}),
    ("/v1/webhooks", "id", {"id": "crm", "url": "https://crm.example.com/events?v=1",
                            "secret": "the-crms-own-secret", "types": ["delivery.updated"],
                            "enabled": False},
     {"types": []}),
]


def of_each_kind(test):
    return pytest.mark.parametrize("path, id_member, entry, change", KINDS,
                                   ids=[kind[0].rpartition("/")[2] for kind in KINDS])(test)


def one(path, entry, id_member):
    return path + "/" + urllib.parse.quote(entry[id_member])


def patch(api, path, change):
    return api.request("PATCH", path, body=change)


def delete(api, path):
    return api.request("DELETE", path)


def created(api, path, entry):
    answer = api.post(path, entry)
    assert answer.status == 201, answer
    return answer.json()


def changed(api, path, change):
    answer = patch(api, path, change)
    assert answer.status == 200, answer
    return answer.json()


def names(api, path, member="id"):
    return [entry[member] for entry in api.items(path)]


def participants(conversation):
    return sorted(participant["user"] for participant in conversation["participants"])


def new_number(**members):
    return {"address": NEW_NUMBER, "channels": ["sms"], "link": "tw", **members}


# -- what a resource is ---------------------------------------------------------------------------

@of_each_kind
def test_an_entry_is_made_read_changed_and_removed(broker, path, id_member, entry, change):
    api = broker.api()
    where = one(path, entry, id_member)
    assert api.get(where).code == "not_found"
    made = created(api, path, entry)
    shown = api.read(where)
    assert {name: made[name] for name in shown} == shown
    secret = {"auth_token", "secret"}
    assert shown == {name: value for name, value in entry.items() if name not in secret}
    assert shown in api.items(path)
    after = changed(api, where, change)
    assert after == {**shown, **change}
    assert api.read(where) == after
    assert delete(api, where).status == 204
    assert api.get(where).code == "not_found"
    assert after not in api.items(path)
    assert delete(api, where).code == "not_found"
    assert patch(api, where, change).code == "not_found"


def test_an_inbox_is_made_for_a_team_read_changed_and_removed(broker):
    api = broker.api()
    created(api, "/v1/teams", {"id": "night", "members": ["bob"]})
    made = created(api, "/v1/inboxes", {"team": "night", "close_after_s": 60})
    assert made == {"team": "night", "strategy": "everyone", "outbound": "forbidden",
                    "auto_reply": None, "close_after_s": 60, "inactive_after_s": None,
                    "claim_expiry_s": 0, "available_only": False, "max_open_per_user": 0,
                    "escalation": [], "reopen_within_s": 0, "history": "all",
                    "business_hours": None, "auto_replies": [], "data_action": None}
    after = changed(api, "/v1/inboxes/night", {"outbound": "allowed", "close_after_s": None})
    assert after == {**made, "outbound": "allowed", "close_after_s": None}
    assert delete(api, "/v1/inboxes/night").status == 204
    assert "night" not in names(api, "/v1/inboxes", "team")


@of_each_kind
def test_what_is_taken_is_refused(broker, path, id_member, entry, change):
    created(broker.api(), path, entry)
    answer = broker.api().post(path, entry)
    assert (answer.status, answer.code) == (409, "already_exists")
    assert entry[id_member] in answer.json()["detail"]


@of_each_kind
def test_what_is_shown_can_be_sent_back_unchanged(broker, path, id_member, entry, change):
    api = broker.api()
    created(api, path, entry)
    shown = api.read(one(path, entry, id_member))
    assert changed(api, one(path, entry, id_member), shown) == shown


@of_each_kind
def test_another_organisation_sees_and_changes_nothing(broker, path, id_member, entry, change):
    created(broker.api(), path, entry)
    other = broker.api(directory_file.OTHER_KEY)
    where = one(path, entry, id_member)
    assert entry[id_member] not in names(other, path, id_member)
    assert other.get(where).code == "not_found"
    assert patch(other, where, change).code == "not_found"
    assert delete(other, where).code == "not_found"
    assert broker.api().get(where).status == 200


@of_each_kind
def test_a_key_without_the_scope_may_not(broker, path, id_member, entry, change):
    created(broker.api(), "/v1/keys", {"name": "looks", "scopes": ["directory:read"],
                                       "key": "looks-and-nothing-else"})
    none, looks = broker.api(directory_file.READ_KEY), broker.api("looks-and-nothing-else")
    assert none.get(path).code == "forbidden"
    assert looks.get(path).status == 200
    for api in (none, looks):
        assert api.post(path, entry).code == "forbidden"
        assert patch(api, one(path, entry, id_member), change).code == "forbidden"
        assert delete(api, one(path, entry, id_member)).code == "forbidden"
    assert "allow" not in none.post(path, entry).headers


def test_a_method_that_a_resource_does_not_have_is_named_with_those_it_has(broker):
    answer = broker.api().request("PUT", "/v1/users/alice")
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, PATCH, DELETE"
    answer = broker.api().request("DELETE", "/v1/users")
    assert answer.headers["allow"] == "GET, HEAD, POST"


def test_a_list_comes_in_pages_that_miss_nothing_while_entries_come_and_go(broker):
    api = broker.api()
    created(api, "/v1/users", {"id": "a-first"})
    pages = api.pages("/v1/users", limit=2)
    first = next(pages)
    assert [user["id"] for user in first] == ["a-first", "alice"]
    delete(api, "/v1/users/a-first")
    created(api, "/v1/users", {"id": "zoe"})
    assert [user["id"] for page in pages for user in page] == ["bob", "carol", "zoe"]
    assert api.get("/v1/users", cursor="nonsense").code == "malformed"


@pytest.mark.parametrize("path, body, what", [
    ("/v1/users", {"id": "Erin"}, "`id`"),
    ("/v1/users", {"name": "Erin"}, "`id`"),
    ("/v1/users", {"id": "erin", "licence": "gold"}, "standard, pro, pro_cx"),
    ("/v1/users", {"id": "erin", "nickname": "E"}, "`nickname`"),
    ("/v1/users", {"id": 7}, "`id`"),
    ("/v1/users", {"id": "erin", "name": "x" * 300}, "`name`"),
    ("/v1/teams", {"id": "night", "members": ["zoe"]}, "the user `zoe`"),
    ("/v1/teams", {"id": "night", "members": ["bob", "bob"]}, "twice"),
    ("/v1/inboxes", {"team": "night"}, "the team `night`"),
    ("/v1/inboxes", {"team": "support", "close_after_s": 1.5}, "`close_after_s`"),
    ("/v1/numbers", new_number(user="zoe"), "the user `zoe`"),
    ("/v1/numbers", new_number(inbox="night"), "the inbox `night`"),
    ("/v1/numbers", new_number(link="gone"), "the link `gone`"),
    ("/v1/numbers", new_number(user="bob", inbox="support"), "`user`"),
    ("/v1/numbers", new_number(rate=0), "`rate`"),
    ("/v1/numbers", {**new_number(), "address": "555 0100"}, "`address`"),
    ("/v1/numbers", {**new_number(), "channels": ["fax"]}, "`fax`"),
    ("/v1/links", {**LINK, "account_sid": "AC1"}, "`account_sid`"),
    ("/v1/links", {**LINK, "api_base": "ftp://a"}, "`api_base`"),
    ("/v1/links", {name: value for name, value in LINK.items() if name != "auth_token"},
     "`auth_token`"),
    ("/v1/caller-id-lists", {"id": "ani", "numbers": [NEW_NUMBER]}, f"the number `{NEW_NUMBER}`"),
    ("/v1/keys", {"name": "app 2", "scopes": []}, "`scopes`"),
    ("/v1/keys", {"name": "app 2", "scopes": ["everything"]}, "`everything`"),
    ("/v1/keys", {"name": "app 2", "scopes": ["*"], "key": "short"}, "`key`"),
    ("/v1/users", [], "object"),
])
def test_an_unsound_entry_is_refused_and_says_what_is_wrong(broker, path, body, what):
    before = broker.api().items(path)
    answer = broker.api().post(path, body)
    assert (answer.status, answer.code) == (400, "malformed"), answer
    assert what in answer.json()["detail"]
    assert broker.api().items(path) == before


def test_an_id_cannot_be_changed(broker):
    answer = patch(broker.api(), "/v1/users/alice", {"id": "alicia"})
    assert answer.code == "malformed"
    assert "alice" in names(broker.api(), "/v1/users")


def test_extensions_are_unique_in_the_organisation(broker):
    answer = broker.api().post("/v1/users", {"id": "erin", "extension": "101"})
    assert (answer.status, answer.code) == (409, "already_exists")
    assert "alice" in answer.json()["detail"]
    answer = patch(broker.api(), "/v1/users/bob", {"extension": "101"})
    assert answer.code == "already_exists"
    other = broker.api(directory_file.OTHER_KEY)
    created(other, "/v1/users", {"id": "erin", "extension": "101"})


@pytest.mark.parametrize("path, user", [
    ("/v1/users/alice", "the team `support`"),
    ("/v1/users/bob", "the team `support`"),
    ("/v1/teams/support", "inbox"),
    ("/v1/inboxes/support", f"the number `{SUPPORT_NUMBER}`"),
    ("/v1/links/tw", f"the number `{ALICE_NUMBER}`"),
    ("/v1/keys/app", "this very request"),
])
def test_what_is_in_use_cannot_be_deleted_and_says_by_what(broker, path, user):
    answer = delete(broker.api(), path)
    assert (answer.status, answer.code) == (409, "in_use")
    assert user in answer.json()["detail"]
    assert broker.api().get(path).status == 200


def test_a_number_on_a_caller_id_list_is_in_use(broker):
    created(broker.api(), "/v1/caller-id-lists", {"id": "ani", "numbers": [SUPPORT_NUMBER]})
    answer = delete(broker.api(), f"/v1/numbers/{SUPPORT_NUMBER}")
    assert answer.code == "in_use"
    assert "`ani`" in answer.json()["detail"]


def test_a_number_with_messages_to_send_is_in_use(make_broker):
    broker = make_broker(provision=directory_file.directory(rate=0.001)).start()
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    conversation = broker.conversation_with(THEM)["id"]
    for count in range(2):
        broker.api().replied(conversation, f"answer {count}")
    answer = delete(broker.api(), f"/v1/numbers/{ALICE_NUMBER}")
    assert answer.code == "in_use"
    assert "wait to be sent" in answer.json()["detail"]


# -- who acts on a change -------------------------------------------------------------------------

def test_a_new_number_receives_at_once(broker):
    parameters = twilio_callbacks.inbound(NEW_NUMBER, THEM, "Too early")
    assert broker.callback("inbound", parameters).code == "unknown_number"
    created(broker.api(), "/v1/numbers", new_number(user="bob"))
    broker.receive(NEW_NUMBER, THEM, "Hello Bob")
    conversation = broker.conversation_with(THEM)
    assert participants(conversation) == ["bob"]
    assert conversation["number"] == f"sms:{NEW_NUMBER}"


def test_a_new_number_sends(make_broker, carrier):
    broker = make_broker(provision=directory_file.directory(api_base=carrier.api_base)).start()
    created(broker.api(), "/v1/numbers", new_number(user="bob", rate=1000))
    broker.receive(NEW_NUMBER, THEM, "Hello Bob")
    message = broker.api().replied(broker.conversation_with(THEM)["id"], "Hello", user="bob")
    broker.api().await_state(message["id"], "sent")


def test_every_connection_knows_a_new_number(broker):
    created(broker.api(), "/v1/numbers", new_number(user="bob"))
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda i: broker.receive(NEW_NUMBER, f"+1555124{i:04d}", "Hello"),
                      range(100)))
    assert len(broker.api().conversations(number=f"sms:{NEW_NUMBER}")) == 100


def test_a_new_link_is_called_back_at_once(broker):
    created(broker.api(), "/v1/links", LINK)
    created(broker.api(), "/v1/numbers", new_number(link="tw-new", user="bob"))
    parameters = twilio_callbacks.inbound(NEW_NUMBER, THEM, "Hello")
    refused = broker.callback("inbound", parameters, link="tw-new")
    assert refused.code == "bad_signature"
    answer = broker.callback("inbound", parameters, link="tw-new", token="new-token")
    assert answer.status == 200
    changed(broker.api(), "/v1/links/tw-new", {"auth_token": "newer-token"})
    answer = broker.callback("inbound", parameters, link="tw-new", token="new-token")
    assert answer.code == "bad_signature"


def test_a_user_added_to_a_team_is_a_participant_of_the_next_conversation(broker):
    api = broker.api()
    broker.receive(SUPPORT_NUMBER, THEM, "Before")
    created(api, "/v1/users", {"id": "erin", "licence": "pro_cx"})
    changed(api, "/v1/teams/support", {"members": ["alice", "bob", "carol", "erin"]})
    broker.receive(SUPPORT_NUMBER, "+15551230002", "After")
    assert participants(broker.conversation_with("+15551230002")) == ["alice", "bob", "erin"]
    assert participants(broker.conversation_with(THEM)) == ["alice", "bob"]


def test_a_conversation_that_is_opened_anew_is_for_those_of_now(broker):
    api = broker.api()
    broker.receive(SUPPORT_NUMBER, THEM, "First")
    changed(api, "/v1/teams/support", {"members": ["bob"]})
    assert api.close(broker.conversation_with(THEM)["id"]).status == 200
    broker.receive(SUPPORT_NUMBER, THEM, "Second")
    assert participants(broker.conversation_with(THEM, state="active")) == ["bob"]


def test_a_licence_lets_a_member_take_part_from_the_next_conversation_on(broker):
    changed(broker.api(), "/v1/users/carol", {"licence": "pro_cx"})
    broker.receive(SUPPORT_NUMBER, THEM, "Hello")
    assert participants(broker.conversation_with(THEM)) == ["alice", "bob", "carol"]


def test_a_number_given_to_an_inbox_is_its_teams(broker):
    changed(broker.api(), f"/v1/numbers/{ALICE_NUMBER}", {"user": None, "inbox": "support"})
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    conversation = broker.conversation_with(THEM)
    assert conversation["team"] == "support"
    assert participants(conversation) == ["alice", "bob"]


def test_a_removed_number_receives_and_answers_no_longer(broker):
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    conversation = broker.conversation_with(THEM)["id"]
    assert delete(broker.api(), f"/v1/numbers/{ALICE_NUMBER}").status == 204
    parameters = twilio_callbacks.inbound(ALICE_NUMBER, THEM, "Anybody?")
    answer = broker.callback("inbound", parameters)
    assert (answer.status, answer.code) == (404, "unknown_number")
    assert broker.api().reply(conversation, "Too late").code == "unknown_number"
    assert broker.api().bodies(conversation) == ["Hello"]


def test_a_number_that_comes_back_goes_on_with_its_conversations(broker):
    api = broker.api()
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    number = api.read(f"/v1/numbers/{ALICE_NUMBER}")
    delete(api, f"/v1/numbers/{ALICE_NUMBER}")
    created(api, "/v1/numbers", {**number, "user": "bob"})
    broker.receive(ALICE_NUMBER, THEM, "Again")
    conversation = broker.conversation_with(THEM)
    assert api.bodies(conversation["id"]) == ["Hello", "Again"]
    assert participants(conversation) == ["alice"]
    broker.receive(ALICE_NUMBER, "+15551230002", "Hello")
    assert participants(broker.conversation_with("+15551230002")) == ["bob"]


# -- keys -----------------------------------------------------------------------------------------

def test_a_key_that_was_made_is_shown_once_and_opens(broker):
    made = created(broker.api(), "/v1/keys", {"name": "app 2", "scopes": ["conversations:read"]})
    assert broker.api(made["key"]).get("/v1/conversations").status == 200
    assert broker.api(made["key"]).get("/v1/users").code == "forbidden"
    assert broker.api().read("/v1/keys/app%202") == {"name": "app 2",
                                                     "scopes": ["conversations:read"],
                                                     "user": None}
    assert made["key"] not in broker.api().get("/v1/keys").body.decode()
    again = created(broker.api(), "/v1/keys", {"name": "app 3", "scopes": ["conversations:read"]})
    assert again["key"] != made["key"]


def test_only_a_digest_of_a_key_is_stored(broker):
    made = created(broker.api(), "/v1/keys", {"name": "app 2", "scopes": ["*"]})
    assert broker.terminate() == 0
    assert made["key"].encode() not in (broker.data / "data.mdb").read_bytes()


def test_ones_own_key_is_taken_and_not_shown(broker):
    made = created(broker.api(), "/v1/keys", {"name": "app 2", "scopes": ["*"],
                                              "key": "sixteen-or-more-characters"})
    assert "key" not in made
    assert broker.api("sixteen-or-more-characters").get("/v1/users").status == 200
    answer = broker.api().post("/v1/keys", {"name": "app 3", "scopes": ["*"],
                                            "key": "sixteen-or-more-characters"})
    assert answer.code == "already_exists"
    answer = broker.api(directory_file.OTHER_KEY).post(
        "/v1/keys", {"name": "app 3", "scopes": ["*"], "key": "sixteen-or-more-characters"})
    assert answer.code == "already_exists"
    assert "demo" not in answer.body.decode()


def test_a_removed_key_opens_nothing_any_more(broker):
    made = created(broker.api(), "/v1/keys", {"name": "app 2", "scopes": ["*"]})
    delete(broker.api(), "/v1/keys/app%202")
    assert broker.api(made["key"]).get("/v1/users").code == "unauthenticated"


def test_a_stream_ends_with_its_key(broker):
    made = created(broker.api(), "/v1/keys", {"name": "app 2", "scopes": ["events:read"]})

    async def scene():
        target = f"ws://{broker.host}:{broker.port}/v1/stream?after=0"
        headers = {"Authorization": f"Bearer {made['key']}"}
        async with websockets.connect(target, extra_headers=headers) as stream:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, broker.receive, ALICE_NUMBER, THEM, "Seen")
            seen = [await asyncio.wait_for(stream.recv(), 60) for _ in range(2)]
            await loop.run_in_executor(None, delete, broker.api(), "/v1/keys/app%202")
            await loop.run_in_executor(None, broker.receive, ALICE_NUMBER, THEM, "Not seen")
            with pytest.raises(websockets.ConnectionClosed) as closed:
                seen.append(await asyncio.wait_for(stream.recv(), 60))
            return seen, closed.value.code

    seen, code = asyncio.run(scene())
    assert len(seen) == 2
    assert code == 1008


def test_a_key_gives_no_scope_that_it_does_not_have(broker):
    created(broker.api(), "/v1/keys", {"name": "clerk", "key": "the-clerks-own-key",
                                       "scopes": ["directory:read", "directory:write"]})
    clerk = broker.api("the-clerks-own-key")
    assert clerk.post("/v1/keys", {"name": "x", "scopes": ["*"]}).code == "forbidden"
    assert patch(clerk, "/v1/keys/clerk", {"scopes": ["*"]}).code == "forbidden"
    created(clerk, "/v1/keys", {"name": "x", "scopes": ["directory:read"]})


def test_a_link_never_shows_its_token(broker):
    made = broker.api().post("/v1/links", LINK)
    shown = [made, broker.api().get("/v1/links"), broker.api().get("/v1/links/tw-new"),
             patch(broker.api(), "/v1/links/tw-new", {"auth_token": "another-token"})]
    for answer in shown:
        assert answer.status in (200, 201)
        for token in (b"new-token", b"another-token", directory_file.TOKEN.encode()):
            assert token not in answer.body


def test_a_link_id_is_unique_over_all_organisations(broker):
    answer = broker.api(directory_file.OTHER_KEY).post("/v1/links", {**LINK, "id": "tw"})
    assert answer.code == "already_exists"


# -- many at once ---------------------------------------------------------------------------------

def test_a_bulk_upload_applies_the_sound_rows_and_reports_every_row(broker):
    api = broker.api()
    answer = api.post("/v1/users/bulk", [
        {"id": "erin", "extension": "301"},
        {"id": "alice"},
        {"id": "frank", "extension": "301"},
        {"id": "grace", "licence": "gold"},
        "heidi",
        {"id": "ivan", "name": "Ivan", "licence": "pro"},
        {"id": "ivan"},
    ])
    assert answer.status == 200
    report = answer.json()
    assert (report["created"], report["refused"]) == (2, 5)
    assert [(row["row"], row["id"], row["status"], row.get("code"))
            for row in report["items"]] == [
                (1, "erin", "created", None),
                (2, "alice", "refused", "already_exists"),
                (3, "frank", "refused", "already_exists"),
                (4, "grace", "refused", "malformed"),
                (5, None, "refused", "malformed"),
                (6, "ivan", "created", None),
                (7, "ivan", "refused", "already_exists")]
    assert "301" in report["items"][2]["detail"]
    assert names(api, "/v1/users") == ["alice", "bob", "carol", "erin", "ivan"]


def test_a_bulk_upload_takes_a_thousand_users_and_no_more(broker):
    def users(count):
        return [{"id": f"user-{i}"} for i in range(count)]

    answer = broker.api().post("/v1/users/bulk", {"users": users(1001)})
    assert answer.code == "malformed"
    report = broker.api().post("/v1/users/bulk", {"users": users(1000)}).json()
    assert report["created"] == 1000
    assert len(names(broker.api(), "/v1/users")) == 1003


def test_a_directory_that_is_full_takes_no_more_and_says_so(make_broker):
    broker = make_broker(config={"limits": {"directory_entries_max": 1}}).start()
    answer = broker.api().post("/v1/users", {"id": "erin"})
    assert (answer.status, answer.code) == (422, "too_many")
    changed(broker.api(), "/v1/users/bob", {"name": "Robert"})
    report = broker.api().post("/v1/users/bulk", [{"id": "erin"}]).json()
    assert report["items"][0]["code"] == "too_many"


def test_concurrent_changes_are_all_kept(broker):
    def add(i):
        return broker.api().post("/v1/users", {"id": f"user-{i}"}).status

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert set(pool.map(add, range(200))) == {201}
    broker.crash_and_restart()
    assert len([user for user in names(broker.api(), "/v1/users")
                if user.startswith("user-")]) == 200


def test_of_concurrent_changes_to_the_same_name_exactly_one_wins(broker):
    def add(i):
        return broker.api().post("/v1/users", {"id": "erin", "name": f"Erin {i}"})

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(add, range(32)))
    won, = [answer for answer in answers if answer.status == 201]
    assert {answer.code for answer in answers if answer is not won} == {"already_exists"}
    assert broker.api().read("/v1/users/erin") == won.json()


def test_messages_go_on_while_the_directory_changes(broker):
    def change(i):
        created(broker.api(), "/v1/users", {"id": f"user-{i}", "licence": "pro_cx"})
        changed(broker.api(), "/v1/teams/support", {"members": ["alice", f"user-{i}"]})

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        work = [pool.submit(change, i) for i in range(50)]
        work += [pool.submit(broker.receive, SUPPORT_NUMBER, f"+1555124{i % 40:04d}", str(i))
                 for i in range(400)]
        for one_of_them in work:
            one_of_them.result()
    assert len(broker.api().conversations(team="support", limit=1000)) == 40
    assert broker.terminate() == 0
    broker.verify()


# -- what stays -----------------------------------------------------------------------------------

def test_a_change_survives_sigkill(broker):
    api = broker.api()
    for path, _, entry, _ in KINDS:
        created(api, path, entry)
    expected = {path: api.items(path) for path, *_ in KINDS}
    broker.crash_and_restart()
    assert {path: api.items(path) for path, *_ in KINDS} == expected
    broker.receive(NEW_NUMBER, THEM, "Hello Bob")
    assert participants(broker.conversation_with(THEM)) == ["bob"]
    broker.kill()
    broker.verify()


def test_a_removal_survives_sigkill(broker):
    broker.provision.write_text("")
    delete(broker.api(), f"/v1/numbers/{ALICE_NUMBER}")
    broker.crash_and_restart()
    assert ALICE_NUMBER not in names(broker.api(), "/v1/numbers", "address")


def test_a_crash_amid_changes_leaves_each_whole_or_not_at_all(make_broker):
    broker = make_broker().start()
    acknowledged = []

    def add(i):
        try:
            if broker.api().post("/v1/users", {"id": f"user-{i}", "name": f"User {i}",
                                               "extension": f"9{i}"}).status == 201:
                acknowledged.append(i)
        except OSError:
            pass  # The broker was killed: whether this one is there is for it to say.
        except Exception as fault:  # http.client's own, when the answer was cut off.
            assert "http.client" in type(fault).__module__, fault

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        work = [pool.submit(add, i) for i in range(400)]
        waiting.until(lambda: len(acknowledged) > 50, "50 acknowledged changes")
        broker.kill()
        concurrent.futures.wait(work)
    broker.start()
    there = {user["id"]: user for user in broker.api().items("/v1/users")}
    for i in acknowledged:
        assert there[f"user-{i}"]["extension"] == f"9{i}"
    for user in there.values():
        if user["id"].startswith("user-"):
            assert user["name"] == user["id"].replace("user-", "User ")
    broker.kill()
    broker.verify()


def test_the_provisioning_file_wins_for_what_it_names_and_leaves_the_rest(broker):
    api = broker.api()
    created(api, "/v1/users", {"id": "erin", "name": "Erin"})
    changed(api, "/v1/users/bob", {"name": "Robert"})
    broker.crash_and_restart()
    assert api.read("/v1/users/erin")["name"] == "Erin"
    assert api.read("/v1/users/bob")["name"] == "Bob"


# -- the unified directory ------------------------------------------------------------------------

def test_the_directory_lists_users_and_teams_together(broker):
    created(broker.api(), "/v1/teams", {"id": "night", "members": []})
    found = broker.api().items("/v1/directory", limit=2)
    assert [(line["type"], line["id"]) for line in found] == [
        ("team", "night"), ("team", "sales"), ("team", "support"), ("user", "alice"),
        ("user", "bob"), ("user", "carol")]
    night, _, support, alice, *_ = found
    assert (alice["name"], alice["extension"], alice["licence"]) == ("Alice", "101", "pro_cx")
    assert (night["inbox"], support["inbox"]) == (False, True)
    assert support["members"] == ["alice", "bob", "carol"]
    other = broker.api(directory_file.OTHER_KEY).items("/v1/directory")
    assert [line["id"] for line in other] == ["oscar"]
