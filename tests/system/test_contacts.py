"""Contacts: sets of addresses of people outside, matched on inbound (mission 1, 3, 9)."""

import json

import pytest

import directory_file
from directory_file import ALICE_NUMBER, SUPPORT_NUMBER

THEM = "+15551230001"
ELSEWHERE = "+15551230009"


def created(api, **members):
    answer = api.post("/v1/contacts", members)
    assert answer.status == 201, answer
    return answer.json()


def act(api, contact, action, body):
    return api.post(f"/v1/contacts/{contact}/{action}", body)


@pytest.fixture
def ann(broker):
    """A broker whose organisation knows Ann by two addresses."""
    api = broker.api()
    return api, created(api, name="Ann", addresses=[f"sms:{THEM}", f"whatsapp:{THEM}"],
                        language="de-AT", attributes={"tier": "gold"},
                        phone_books=["customers"]), broker


def test_a_contact_is_a_set_of_addresses_and_is_made_found_changed_and_removed(ann):
    api, contact, broker = ann
    where = f"/v1/contacts/{contact['id']}"
    assert api.read(where) == contact
    assert [one["id"] for one in api.items("/v1/contacts", address=THEM)] == [contact["id"]]
    assert [one["id"] for one in api.items("/v1/contacts", q="an")] == [contact["id"]]
    assert [one["id"] for one in api.items("/v1/contacts", phone_book="customers")] \
        == [contact["id"]]
    changed = api.request("PATCH", where, body={"name": "Anna", "attributes": {"tier": None}})
    assert (changed.json()["name"], changed.json()["attributes"]) == ("Anna", {})
    broker.crash_and_restart()
    assert api.read(where)["name"] == "Anna"
    assert api.request("DELETE", where).status == 204
    assert api.get(where).code == "not_found"


def test_an_address_belongs_to_one_contact_and_can_be_moved(ann):
    api, contact, _ = ann
    refused = api.post("/v1/contacts", {"name": "Ben", "addresses": [f"sms:{THEM}"]})
    assert (refused.status, refused.code) == (409, "address_taken")
    ben = created(api, name="Ben", addresses=[f"sms:{ELSEWHERE}"])
    assert act(api, ben["id"], "addresses", {"add": [f"sms:{THEM}"]}).code == "address_taken"
    moved = act(api, ben["id"], "addresses", {"add": [f"sms:{THEM}"], "move": True}).json()
    assert sorted(moved["addresses"]) == [f"sms:{THEM}", f"sms:{ELSEWHERE}"]
    assert api.read(f"/v1/contacts/{contact['id']}")["addresses"] == [f"whatsapp:{THEM}"]


def test_merged_the_other_is_gone_and_its_addresses_are_here(ann):
    api, contact, _ = ann
    ben = created(api, name="Ben", addresses=[f"sms:{ELSEWHERE}"], attributes={"tier": "tin",
                                                                               "city": "Wien"})
    merged = act(api, contact["id"], "merge", {"from": ben["id"]}).json()
    assert f"sms:{ELSEWHERE}" in merged["addresses"]
    assert merged["attributes"] == {"tier": "gold", "city": "Wien"}
    assert api.get(f"/v1/contacts/{ben['id']}").code == "not_found"


def test_inbound_is_matched_and_the_event_says_with_whom(ann):
    api, contact, broker = ann
    broker.receive(SUPPORT_NUMBER, THEM, "Hello")
    conversation = broker.conversation_with(THEM)
    assert conversation["contact"] == contact["id"]
    told, = api.events(types="conversation.contact_assigned")
    assert told["data"]["contact"] == contact["id"]
    broker.receive(SUPPORT_NUMBER, ELSEWHERE, "Hello")
    assert broker.conversation_with(ELSEWHERE)["contact"] is None


def test_attributes_and_language_are_used_by_rules_and_texts(ann):
    api, _, broker = ann
    rule = {"id": "gold", "position": 1, "labels": ["gold"],
            "auto_reply": "Servus {{contact.name}}, {{contact.tier}} comes first",
            "when": {"attribute": "tier", "attribute_value": "gold", "languages": ["de"]}}
    assert api.post("/v1/rules", rule).status == 201
    broker.receive(SUPPORT_NUMBER, THEM, "Hello")
    broker.receive(SUPPORT_NUMBER, ELSEWHERE, "Hello")
    conversation = broker.conversation_with(THEM)
    assert conversation["labels"] == ["gold"]
    assert api.bodies(conversation["id"]) == ["Hello", "Servus Ann, gold comes first"]
    assert broker.conversation_with(ELSEWHERE)["labels"] == []


def test_earlier_conversations_of_a_contact_are_listed_over_all_numbers(ann):
    api, contact, broker = ann
    broker.receive(SUPPORT_NUMBER, THEM, "one")
    first = broker.conversation_with(THEM)["id"]
    api.close(first)
    broker.receive(SUPPORT_NUMBER, THEM, "two")
    broker.receive(ALICE_NUMBER, THEM, "three")
    broker.receive(ALICE_NUMBER, ELSEWHERE, "somebody else's")
    found = api.conversations(contact=contact["id"])
    assert len(found) == 3 and first in [one["id"] for one in found]


@pytest.mark.parametrize("kind, body", [
    ("application/json", json.dumps([{"name": "Ben", "addresses": [ELSEWHERE]},
                                     {"addresses": [THEM], "language": "en"},
                                     {"name": "Eve", "addresses": ["nonsense"]}])),
    ("application/x-ndjson", "\n".join([
        json.dumps({"name": "Ben", "addresses": [ELSEWHERE]}),
        json.dumps({"addresses": [THEM], "language": "en"}),
        json.dumps({"name": "Eve", "addresses": ["nonsense"]})])),
    ("text/csv", f"name,addresses,language\r\nBen,{ELSEWHERE},\r\n,{THEM},en\r\n"
                 "Eve,nonsense,\r\n"),
], ids=["json", "ndjson", "csv"])
def test_a_bulk_upload_reports_on_every_row(ann, kind, body):
    api, contact, _ = ann
    report = api.request("POST", "/v1/contacts/bulk", body=body.encode(),
                         headers={"Content-Type": kind}).json()
    assert [row["status"] for row in report["items"]] == ["created", "updated", "refused"]
    assert report["items"][1]["id"] == contact["id"]
    assert report["items"][2]["code"] == "malformed"
    assert api.read(f"/v1/contacts/{contact['id']}")["language"] == "en"


def test_one_contact_is_exported_and_erased(ann):
    api, contact, broker = ann
    broker.receive(SUPPORT_NUMBER, THEM, "my secret")
    broker.receive(ALICE_NUMBER, ELSEWHERE, "stays")
    exported = api.read(f"/v1/contacts/{contact['id']}/export")
    (one,) = exported["conversations"]
    assert [message["body"] for message in one["messages"]] == ["my secret"]
    while True:
        answer = api.request("POST", f"/v1/contacts/{contact['id']}/erase")
        assert answer.status in (200, 202), answer
        if answer.json()["done"]:
            break
    assert api.get(f"/v1/contacts/{contact['id']}").code == "not_found"
    assert "my secret" not in str(api.events())
    assert api.bodies(broker.conversation_with(ELSEWHERE)["id"]) == ["stays"]
    broker.kill()
    broker.verify()


def test_nothing_of_it_crosses_organisations(ann):
    _, contact, broker = ann
    other = broker.api(directory_file.OTHER_KEY)
    where = f"/v1/contacts/{contact['id']}"
    assert other.items("/v1/contacts") == []
    assert other.get(where).code == "not_found"
    assert other.request("PATCH", where, body={"name": "Mine"}).code == "not_found"
    assert other.request("DELETE", where).code == "not_found"
    assert created(other, name="Own", addresses=[f"sms:{THEM}"])["name"] == "Own"
