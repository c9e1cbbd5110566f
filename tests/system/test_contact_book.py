"""The book of contacts in detail: what a contact is, whose an address is, search, upload, export,
erasure (mission 1, 3 and 9)."""

import concurrent.futures
import json

import pytest

import directory_file
from directory_file import ALICE_NUMBER, SUPPORT_NUMBER

ANNA, BERT = "+15551230001", "+15551230002"
NOBODY = "ct_" + "0" * 26


def created(api, **members):
    answer = api.post("/v1/contacts", members)
    assert answer.status == 201, answer
    return answer.json()


def one(contact, action=""):
    return f"/v1/contacts/{contact['id']}{action}"


def posted(api, path, body):
    answer = api.post(path, body)
    assert answer.status == 200, answer
    return answer.json()


def patched(api, contact, **members):
    answer = api.request("PATCH", one(contact), body=members)
    assert answer.status == 200, answer
    return answer.json()


def upload(api, body, kind):
    answer = api.request("POST", "/v1/contacts/bulk", body=body.encode(),
                         headers={"Content-Type": kind})
    assert answer.status == 200, answer
    return answer.json()


def names(api, **query):
    return [who["name"] for who in api.items("/v1/contacts", **query)]


# -- what a contact is ----------------------------------------------------------------------------

def test_a_contact_is_a_set_of_addresses_names_attributes_language_and_time_zone(broker):
    api = broker.api()
    made = created(api, name="Anna", addresses=[ANNA, f"whatsapp:{ANNA}"],
                   attributes={"plan": "gold", "city": "Köln"}, language="de",
                   time_zone="Europe/Berlin", phone_books=["customers"])
    assert made["addresses"] == [f"sms:{ANNA}", f"whatsapp:{ANNA}"]
    assert made["attributes"] == {"city": "Köln", "plan": "gold"}
    assert (made["language"], made["time_zone"]) == ("de", "Europe/Berlin")
    assert api.read(one(made)) == made
    assert api.items("/v1/contacts") == [made]


def test_a_contact_is_changed_and_removed(broker):
    api = broker.api()
    made = created(api, name="Anna", addresses=[ANNA], attributes={"plan": "gold", "city": "Rome"},
                   language="it", phone_books=["friends"])
    after = patched(api, made, name="Anna B", addresses=[BERT], language=None,
                    attributes={"plan": None, "age": "40"}, phone_books=[])
    assert after["updated_at"] >= made["updated_at"]
    assert after == {**made, "name": "Anna B", "addresses": [f"sms:{BERT}"], "language": None,
                     "attributes": {"age": "40", "city": "Rome"}, "phone_books": [],
                     "updated_at": after["updated_at"]}
    assert names(api, address=ANNA) == [] and names(api, address=BERT) == ["Anna B"]
    assert api.request("DELETE", one(made)).status == 204
    assert api.get(one(made)).code == "not_found"
    assert api.request("DELETE", one(made)).code == "not_found"
    assert names(api, address=BERT) == []


@pytest.mark.parametrize("members, word", [
    ({"name": "a" * 256}, "name"), ({"name": 1}, "name"), ({"nmae": "Anna"}, "nmae"),
    ({"addresses": ["who"]}, "who"), ({"addresses": ["chat:bob"]}, "chat"),
    ({"addresses": [ANNA, f"sms:{ANNA}"]}, "twice"), ({"attributes": ["plan"]}, "attributes"),
    ({"attributes": {"plan": 1}}, "attributes"), ({"attributes": {"a" * 65: "x"}}, "attributes"),
    ({"language": "german, please"}, "language"), ({"time_zone": "../zone"}, "time_zone"),
    ({"phone_books": ["a" * 65]}, "phone_books"),
])
def test_what_is_unsound_is_refused_by_name(broker, members, word):
    answer = broker.api().post("/v1/contacts", members)
    assert (answer.status, answer.code) == (400, "malformed")
    assert word in answer.json()["detail"]
    assert broker.api().items("/v1/contacts") == []


def test_a_contact_has_so_many_addresses_and_no_more(broker):
    addresses = [f"+1555123{number:04}" for number in range(33)]
    answer = broker.api().post("/v1/contacts", {"addresses": addresses})
    assert (answer.status, answer.code) == (422, "too_many")
    assert created(broker.api(), addresses=addresses[:32])["addresses"]


def test_contacts_survive_being_killed(broker):
    made = created(broker.api(), name="Anna", addresses=[ANNA])
    broker.kill()
    broker.start()
    assert broker.api().items("/v1/contacts", address=ANNA) == [made]


def test_nothing_of_contacts_crosses_organisations(broker):
    made = created(broker.api(), name="Anna", addresses=[ANNA])
    other = broker.api(directory_file.OTHER_KEY)
    assert other.items("/v1/contacts") == other.items("/v1/contacts", address=ANNA) == []
    assert other.items("/v1/contacts", q=ANNA) == []
    for answer in (other.get(one(made)), other.request("PATCH", one(made), body={"name": "X"}),
                   other.request("DELETE", one(made)), other.get(one(made, "/export")),
                   other.request("POST", one(made, "/erase")),
                   other.post(one(made, "/addresses"), {"add": [BERT]}),
                   other.post(one(created(other), "/merge"), {"from": made["id"]})):
        assert answer.code == "not_found"
    assert created(other, name="Anna of others", addresses=[ANNA])["addresses"] == [f"sms:{ANNA}"]
    assert broker.api().read(one(made)) == made


def test_a_key_without_the_scope_may_not(broker):
    made = created(broker.api(), name="Anna")
    broker.api().post("/v1/keys", {"name": "looks", "scopes": ["contacts:read"],
                                   "key": "looks-and-nothing-else"})
    looks, none = broker.api("looks-and-nothing-else"), broker.api(directory_file.READ_KEY)
    assert looks.get("/v1/contacts").status == looks.get(one(made)).status == 200
    for answer in (none.get("/v1/contacts"), looks.post("/v1/contacts", {}),
                   looks.get(one(made, "/export")), looks.request("POST", one(made, "/erase"))):
        assert (answer.status, answer.code) == (403, "forbidden")


# -- addresses belong to one contact --------------------------------------------------------------

def test_an_address_belongs_to_one_contact_and_the_refusal_names_it(broker):
    api = broker.api()
    anna, bert = created(api, name="Anna", addresses=[ANNA]), created(api, name="Bert")
    for answer in (api.post("/v1/contacts", {"addresses": [ANNA]}),
                   api.request("PATCH", one(bert), body={"addresses": [BERT, ANNA]}),
                   api.post(one(bert, "/addresses"), {"add": [ANNA]})):
        assert (answer.status, answer.code) == (409, "address_taken")
        assert anna["id"] in answer.json()["detail"]
    assert api.read(one(bert))["addresses"] == []
    assert names(api, address=ANNA) == ["Anna"]


def test_of_many_who_take_the_same_address_at_once_one_gets_it(broker):
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(
            lambda number: broker.api().post("/v1/contacts", {"name": f"Anna {number}",
                                                              "addresses": [ANNA]}), range(32)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 31
    assert len(broker.api().items("/v1/contacts")) == 1


def test_addresses_are_added_to_removed_from_and_moved_between_contacts(broker):
    api = broker.api()
    anna = created(api, name="Anna", addresses=[ANNA, BERT])
    bert = created(api, name="Bert")
    after = posted(api, one(bert, "/addresses"), {"add": [BERT, "whatsapp:US.13491"],
                                                  "move": True})
    assert after["addresses"] == [f"sms:{BERT}", "whatsapp:US.13491"]
    assert api.read(one(anna))["addresses"] == [f"sms:{ANNA}"]
    after = posted(api, one(bert, "/addresses"), {"remove": [BERT, ANNA]})
    assert after["addresses"] == ["whatsapp:US.13491"]
    assert names(api, address=BERT) == [] and names(api, address=ANNA) == ["Anna"]


def test_a_merge_moves_everything_and_the_targets_word_stands(broker):
    api = broker.api()
    anna = created(api, name="Anna", addresses=[ANNA], attributes={"plan": "gold"},
                   phone_books=["customers"])
    work = created(api, name="A. Bell", addresses=[BERT], language="en", phone_books=["friends"],
                   attributes={"plan": "basic", "city": "Rome"})
    after = posted(api, one(anna, "/merge"), {"from": work["id"]})
    assert after["name"] == "Anna" and after["language"] == "en"
    assert after["addresses"] == [f"sms:{ANNA}", f"sms:{BERT}"]
    assert after["attributes"] == {"city": "Rome", "plan": "gold"}
    assert after["phone_books"] == ["customers", "friends"]
    assert api.get(one(work)).code == "not_found"
    assert api.items("/v1/contacts", address=BERT) == [after]
    assert api.post(one(anna, "/merge"), {"from": anna["id"]}).code == "malformed"
    assert api.post(one(anna, "/merge"), {"from": NOBODY}).code == "not_found"


# -- search and phone books -----------------------------------------------------------------------

def test_contacts_are_found_by_name_number_and_phone_book(broker):
    api = broker.api()
    created(api, name="Anna-Maria Bell", addresses=["+15551230001", "+15551230007"],
            phone_books=["friends"])
    created(api, name="ÜNAL Öz", addresses=["whatsapp:+15551230003"], phone_books=["customers"])
    created(api, name="Bert", addresses=["+4915112345678", "12345"], phone_books=["customers"])
    assert names(api, q="maria b") == names(api, q="BELL") == ["Anna-Maria Bell"]
    assert names(api, q="ünal") == ["ÜNAL Öz"]
    assert names(api, q="ell") == []
    assert names(api, q="+1555123") == ["Anna-Maria Bell", "ÜNAL Öz"]
    assert names(api, q="1555123") == ["Anna-Maria Bell", "ÜNAL Öz"]
    assert names(api, q="123") == ["Bert"]
    assert names(api, q="+49") == ["Bert"]
    assert names(api, phone_book="customers") == ["ÜNAL Öz", "Bert"]
    assert names(api, phone_book="customers", q="+1") == ["ÜNAL Öz"]
    assert names(api, address="+15551230003") == ["ÜNAL Öz"]
    assert names(api, address="sms:+15551230003") == []
    assert api.get("/v1/contacts", q="a", address=ANNA).code == "malformed"


@pytest.mark.parametrize("query", [{}, {"q": "contact"}, {"q": "+1555"}, {"q": "1"},
                                   {"phone_book": "all"}])
def test_pages_have_neither_gaps_nor_repeats(broker, query):
    api = broker.api()
    rows = [{"name": f"Contact {number}", "phone_books": ["all"],
             "addresses": [f"+1555{number:07}", f"whatsapp:+1555{number:07}"]}
            for number in range(7)]
    upload(api, json.dumps(rows), "application/json")
    expected = [row["name"] for row in rows]
    for limit in (1, 2, 3, 7, 8):
        assert names(api, limit=limit, **query) == expected
    assert api.get("/v1/contacts", cursor="nothing", **query).code == "malformed"


# -- upload ---------------------------------------------------------------------------------------

ROWS = [{"name": "Anna", "addresses": [ANNA], "attributes": {"plan": "gold"},
         "phone_books": ["customers"]},
        {"name": "Bert", "addresses": ["who"]},
        {"name": "Anna Bell", "addresses": [BERT, ANNA], "phone_books": ["friends"]}]
CSV = (f"name,addresses,attributes.plan,phone_books\r\nAnna,{ANNA},gold,customers\r\n"
       f'Bert,who,,\r\n"Anna Bell",{BERT}; sms:{ANNA},,friends\r\n')


@pytest.mark.parametrize("body, kind", [
    (json.dumps(ROWS), "application/json"),
    ("\n".join(json.dumps(row) for row in ROWS) + "\n\n", "application/x-ndjson"),
    (CSV, "text/csv; charset=utf-8")], ids=["json", "ndjson", "csv"])
def test_an_upload_reports_on_every_row(broker, body, kind):
    api = broker.api()
    report = upload(api, body, kind)
    contact, = api.items("/v1/contacts")
    assert [report[word] for word in ("created", "updated", "refused")] == [1, 1, 1]
    assert [row["status"] for row in report["items"]] == ["created", "refused", "updated"]
    assert [row["id"] for row in report["items"]] == [contact["id"], None, contact["id"]]
    assert report["items"][1]["code"] == "malformed" and "who" in report["items"][1]["detail"]
    assert contact["name"] == "Anna Bell" and contact["attributes"] == {"plan": "gold"}
    assert contact["addresses"] == [f"sms:{ANNA}", f"sms:{BERT}"]
    assert contact["phone_books"] == ["customers", "friends"]
    again = upload(api, body, kind)
    assert (again["created"], again["updated"], again["refused"]) == (0, 2, 1)


def test_an_uploads_row_that_is_two_contacts_is_refused_and_changes_neither(broker):
    api = broker.api()
    both = [created(api, name="Anna", addresses=[ANNA]),
            created(api, name="Bert", addresses=[BERT])]
    report = upload(api, json.dumps([
        {"name": "X", "addresses": [ANNA, BERT]}, {"id": NOBODY, "name": "X"}, 7,
        {"id": both[1]["id"], "attributes": {"plan": "gold"}}]), "application/json")
    assert [row.get("code") for row in report["items"]] \
        == ["address_taken", "not_found", "malformed", None]
    assert both[1]["id"] in report["items"][0]["detail"]
    assert api.read(one(both[0])) == both[0]
    assert api.read(one(both[1]))["attributes"] == {"plan": "gold"}


def test_an_upload_has_a_bound_and_is_read_strictly(broker):
    api = broker.api()
    def refusal(body, kind):
        return api.request("POST", "/v1/contacts/bulk", body=body.encode(),
                           headers={"Content-Type": kind}).code
    assert upload(api, "[" + ",".join(["{}"] * 1000) + "]", "application/json")["created"] == 1000
    assert refusal("[" + ",".join(["{}"] * 1001) + "]", "application/json") == "malformed"
    assert refusal("{}\n" * 1001, "application/x-ndjson") == "malformed"
    assert refusal("name\n" + "a\n" * 1001, "text/csv") == "malformed"
    assert refusal("name\n\"open", "text/csv") == "malformed"
    assert refusal("nmae\nAnna", "text/csv") == "malformed"
    assert refusal("name,name\nAnna,Anna", "text/csv") == "malformed"
    assert refusal("{}", "application/json") == "malformed"
    assert refusal("name\nAnna", "text/plain") == "unsupported_media"
    assert upload(api, "name,language\nAnna\n", "text/csv")["items"][0]["code"] == "malformed"


# -- conversations, export and erasure ------------------------------------------------------------

def test_earlier_conversations_of_a_contact_are_listed_over_all_addresses(broker):
    api = broker.api()
    anna = created(api, name="Anna", addresses=[ANNA, BERT])
    broker.receive(ALICE_NUMBER, ANNA, "First")
    first, = api.conversations(contact=anna["id"])
    assert api.close(first["id"]).status == 200
    broker.receive(ALICE_NUMBER, ANNA, "Second")
    broker.receive(SUPPORT_NUMBER, BERT, "Third")
    broker.receive(SUPPORT_NUMBER, "+15551230003", "Somebody else")
    found = api.conversations(contact=anna["id"], limit=2)
    assert [api.bodies(each["id"]) for each in found] == [["Third"], ["Second"], ["First"]]
    assert [each["id"] for each in api.conversations(contact=anna["id"], state="closed")] \
        == [first["id"]]
    assert len(api.conversations(contact=anna["id"], address=BERT)) == 1
    assert api.conversations(contact=NOBODY) == []
    assert api.get("/v1/conversations", contact="who").code == "malformed"


def talk(broker, anna_messages, bert_messages):
    """A contact with two addresses and messages on both."""
    api = broker.api()
    anna = created(api, name="Anna", addresses=[ANNA, BERT])
    for number in range(anna_messages):
        broker.receive(ALICE_NUMBER, ANNA, f"Anna {number}")
    for number in range(bert_messages):
        broker.receive(SUPPORT_NUMBER, BERT, f"Bert {number}")
    return api, anna


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
def test_an_export_has_the_contact_and_every_message_page_by_page(broker, limit):
    api, anna = talk(broker, 3, 2)
    bodies, cursor = [], None
    while True:
        page = api.read(one(anna, "/export"), limit=limit, cursor=cursor)
        assert page["contact"] == anna
        messages = [message for part in page["conversations"] for message in part["messages"]]
        assert len(messages) <= limit
        for part in page["conversations"]:
            assert {message["conversation"] for message in part["messages"]} \
                == {part["conversation"]["id"]}
        bodies += [message["body"] for message in messages]
        cursor = page["next"]
        if cursor is None:
            break
    assert bodies == ["Anna 0", "Anna 1", "Anna 2", "Bert 0", "Bert 1"]
    assert api.get(one(anna, "/export"), cursor="nothing").code == "malformed"


def erase(api, contact):
    """Repeats the call until it says that it is done; how many messages were redacted."""
    redacted = 0
    for _ in range(20):
        answer = api.request("POST", one(contact, "/erase"))
        assert answer.status in (200, 202), answer
        assert answer.json()["done"] == (answer.status == 200)
        redacted += answer.json()["redacted"]
        if answer.json()["done"]:
            return redacted
    raise AssertionError("the erasure does not come to an end")


def test_an_erasure_takes_away_every_message_and_the_contact(broker):
    api, anna = talk(broker, 2, 1)
    first = api.conversations(address=ANNA)[0]["id"]
    note = api.post(f"/v1/conversations/{first}/messages",
                    {"user": "alice", "body": "A secret note", "note": True})
    assert note.status == 201
    assert api.close(first).status == 200
    broker.receive(ALICE_NUMBER, ANNA, "Later")
    broker.receive(ALICE_NUMBER, "+15551230003", "Somebody else")
    assert erase(api, anna) == 5
    assert api.get(one(anna)).code == "not_found" and names(api, address=ANNA) == []
    for address in (ANNA, BERT):
        for conversation in api.conversations(address=address):
            messages = api.messages(conversation["id"])
            assert messages and {message["body"] for message in messages} == {""}
            assert all(message["redacted"] for message in messages)
    other, = api.conversations(address="+15551230003")
    assert api.bodies(other["id"]) == ["Somebody else"]
    broker.kill()
    broker.start()
    assert api.get(one(anna)).code == "not_found"
    assert {message["body"] for message in api.messages(first)} == {""}


def test_an_erasure_of_many_messages_goes_on_where_it_stopped(broker):
    api, anna = talk(broker, 150, 120)
    answer = api.request("POST", one(anna, "/erase"))
    assert (answer.status, answer.json()["redacted"], answer.json()["done"]) == (202, 200, False)
    assert api.get(one(anna)).status == 200, "a contact goes last, so that the erasure can go on"
    assert erase(api, anna) == 70
    assert api.get(one(anna)).code == "not_found"


# -- whoever may not see customers' numbers -------------------------------------------------------

def test_numbers_of_contacts_are_masked_and_cannot_be_searched_where_they_are_hidden(broker):
    api = broker.api()
    anna = created(api, name="Anna", addresses=[ANNA])
    broker.receive(ALICE_NUMBER, ANNA, "Hello")
    assert api.request("PATCH", "/v1/organization",
                       body={"hide_contact_numbers": True}).status == 200
    api.post("/v1/keys", {"name": "masked", "key": "masked-and-nothing-else",
                          "scopes": ["contacts:read", "contacts:write", "conversations:read"]})
    masked = broker.api("masked-and-nothing-else")
    assert masked.read(one(anna))["addresses"] == ["sms:+*********01"]
    assert ANNA not in json.dumps(masked.read(one(anna, "/export")))
    assert patched(masked, anna, name="Anna B")["addresses"] == ["sms:+*********01"]
    assert names(masked, q="anna") == ["Anna B"]
    assert len(masked.conversations(contact=anna["id"])) == 1
    for query in ({"address": ANNA}, {"q": "+1555"}):
        assert masked.get("/v1/contacts", **query).code == "forbidden"
    assert names(api, q="+1555") == ["Anna B"]
