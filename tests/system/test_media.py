"""Files of messages: own ones that leave with a message (mission 2, "Files")."""

import urllib.parse

import pytest

import directory_file
import waiting
from directory_file import ALICE_NUMBER, SPARE_NUMBER
from test_files import KIB, MIB, mp4, pdf, png, refused, show, uploaded

THEM = "+15551230001"
GERMAN = "+4915112345678"


@pytest.fixture
def answering(make_broker, carrier):
    """Makes a broker whose carrier is the scripted one, with one conversation; and its id."""
    def make(theirs=THEM, ours=ALICE_NUMBER, **options):
        broker = make_broker(provision=directory_file.directory(api_base=carrier.api_base),
                             **options).start()
        broker.receive(ours, theirs, "Hello")
        found, = broker.api().conversations()
        return broker, found["id"]
    return make


def reply(broker, conversation, *files, key=None, **more):
    return broker.api().post(f"/v1/conversations/{conversation}/messages",
                             {"user": "alice", "media": list(files), **more}, key)


def replied(broker, conversation, *files, **more):
    answer = reply(broker, conversation, *files, **more)
    assert answer.status == 201, answer
    return answer.json()


def fetched(broker, url):
    """What a carrier gets that is given this URL."""
    parts = urllib.parse.urlsplit(url)
    return show(broker, f"{parts.path}?{parts.query}")


# -- own files ------------------------------------------------------------------------------------


def test_an_uploaded_file_leaves_by_a_url_that_the_carrier_can_fetch(answering, carrier):
    broker, conversation = answering()
    content = png(2000)
    file = uploaded(broker, content, "a.png", channel="mms")
    message = replied(broker, conversation, {"file": file["id"]}, body="Look")
    shown, = message["media"]
    assert (shown["file"], shown["content_type"]) == (file["id"], "image/png")
    assert fetched(broker, shown["url"]).body == content
    broker.api().await_state(message["id"], "sent")
    send, = carrier.received()
    # As the carrier reaches us for its callbacks, since no other URL is configured.
    assert send["MediaUrl"].startswith(f"{broker.public_url}/files/{file['id']}?")
    assert fetched(broker, send["MediaUrl"]).body == content


def test_the_carrier_is_given_the_configured_url(answering, carrier):
    broker, conversation = answering(config={"files": {"public_url": "https://parley.example"}})
    file = uploaded(broker, png(100), "a.png")
    message = replied(broker, conversation, {"file": file["id"]})
    broker.api().await_state(message["id"], "sent")
    assert carrier.received()[0]["MediaUrl"].startswith("https://parley.example/files/")


def test_a_files_url_is_good_whenever_a_message_is_looked_at(answering):
    broker, conversation = answering(config={"files": {"url_validity_s": 3}})
    file = uploaded(broker, png(100), "a.png")
    message = replied(broker, conversation, {"file": file["id"]})
    first = message["media"][0]["url"]
    waiting.until(lambda: fetched(broker, first).status == 403, "the first URL's end")
    api = broker.api()
    assert fetched(broker, api.messages(conversation)[1]["media"][0]["url"]).status == 200
    created = api.events(types="conversation.message.created")
    assert fetched(broker, created[-1]["data"]["media"][0]["url"]).status == 200
    broker.crash_and_restart()
    found = broker.api().read(f"/v1/messages/{message['id']}")
    assert fetched(broker, found["media"][0]["url"]).status == 200


def test_conversations_and_first_messages_start_with_own_files_too(make_broker, carrier):
    broker = make_broker(provision=directory_file.directory(api_base=carrier.api_base)).start()
    file = uploaded(broker, png(100), "a.png")["id"]
    asked = {"from": ALICE_NUMBER, "user": "alice", "media": [{"file": file}]}
    opened = broker.api().post("/v1/conversations", {**asked, "to": [THEM]})
    assert opened.status == 201, opened
    sent = broker.api().post("/v1/messages", {**asked, "to": "+15551230002"})
    assert sent.status == 201 and sent.json()["media"][0]["file"] == file, sent
    waiting.until(lambda: len(carrier.received()) == 2, "both sends")
    for send in carrier.received():
        assert fetched(broker, send["MediaUrl"]).body == png(100)


def test_the_same_key_with_another_file_is_another_request(answering):
    broker, conversation = answering()
    one, two = (uploaded(broker, png(100 + place), "a.png")["id"] for place in range(2))
    first = reply(broker, conversation, {"file": one}, key="k").json()
    assert reply(broker, conversation, {"file": one}, key="k").json()["id"] == first["id"]
    refused(reply(broker, conversation, {"file": two}, key="k"), 422, "idempotency_mismatch")


def test_a_file_that_is_not_the_organisations_is_named(answering):
    broker, conversation = answering()
    theirs = uploaded(broker, png(100), "a.png", key=directory_file.OTHER_KEY)["id"]
    for nobodys in (theirs, "fl_" + "0" * 25 + "1"):
        answer = reply(broker, conversation, {"file": nobodys})
        refused(answer, 422, "file_not_found")
        assert nobodys in answer.json()["detail"]


@pytest.mark.parametrize("given", [{"file": "nonsense"}, {"file": 7}, {"file": "fl_"},
                                   {"file": "fl_" + "0" * 26},
                                   {"file": "fl_" + "0" * 25 + "1", "url": "https://a.example"},
                                   {}])
def test_a_reference_that_makes_no_sense_is_malformed(answering, given):
    broker, conversation = answering()
    refused(reply(broker, conversation, given), 400, "malformed")


@pytest.mark.parametrize("theirs, name, content, status, code", [
    (f"sms:{THEM}", "a.pdf", pdf(500 * KIB), 201, ""),
    (f"sms:{THEM}", "a.pdf", pdf(500 * KIB + 1), 413, "file_too_large"),
    (f"sms:{THEM}", "a.png", png(5 * MIB), 201, ""),
    (f"sms:{THEM}", "a.png", png(5 * MIB + 1), 413, "file_too_large"),
    (f"whatsapp:{THEM}", "a.png", png(5 * MIB + 1), 413, "file_too_large"),
    (f"whatsapp:{THEM}", "a.mp4", mp4(16 * MIB), 201, ""),
    (f"whatsapp:{THEM}", "a.mp4", mp4(16 * MIB + 1), 413, "file_too_large"),
    (f"whatsapp:{THEM}", "a.txt", b"words\n", 415, "file_type_refused"),
    (f"whatsapp:{THEM}", "a.mp4", mp4(1000, video=b"hvc1"), 415, "file_type_refused"),
    (f"sms:{THEM}", "a.mp4", mp4(1000, video=b"hvc1"), 201, ""),
], ids=["mms", "mms over", "mms image", "mms image over", "whatsapp image over", "whatsapp video",
        "whatsapp video over", "whatsapp type", "whatsapp codec", "mms codec"])
def test_the_limits_of_the_channel_that_it_leaves_by_hold(answering, theirs, name, content,
                                                           status, code):
    channel = theirs.partition(":")[0]
    whatsapp = channel == "whatsapp"
    broker, conversation = answering(
        theirs=theirs if whatsapp else THEM,
        ours=f"whatsapp:{ALICE_NUMBER}" if whatsapp else ALICE_NUMBER)
    # It was uploaded for chat, which takes more.
    file = uploaded(broker, content, name)["id"]
    answer = reply(broker, conversation, {"file": file})
    assert (answer.status, answer.code) == (status, code), answer


def test_a_note_takes_what_chat_takes(answering):
    broker, conversation = answering()
    file = uploaded(broker, pdf(MIB), "a.pdf")["id"]
    note = replied(broker, conversation, {"file": file}, note=True)
    assert fetched(broker, note["media"][0]["url"]).body == pdf(MIB)


# -- MMS by country -------------------------------------------------------------------------------


@pytest.mark.parametrize("ways, status", [("none", 422), ("inbound", 422), ("outbound", 201),
                                          ("both", 201)])
def test_some_countries_are_outbound_only_or_inbound_only_for_mms(answering, ways, status):
    broker, conversation = answering(theirs=GERMAN,
                                     config={"mms": {"countries": f"DE:{ways} US:both"}})
    answer = reply(broker, conversation, {"url": "https://files.example/a.png"})
    assert answer.status == status, answer
    if status == 422:
        assert answer.code == "mms_unavailable" and "DE" in answer.json()["detail"]
    assert reply(broker, conversation, body="Text goes everywhere").status == 201


def test_mms_goes_everywhere_unless_it_is_configured_otherwise(answering):
    broker, conversation = answering(theirs=GERMAN)
    replied(broker, conversation, {"url": "https://files.example/a.png"})


def test_the_table_is_for_mms_only(answering):
    broker, conversation = answering(theirs=f"whatsapp:{GERMAN}", ours=f"whatsapp:{ALICE_NUMBER}",
                                     config={"mms": {"countries": "DE:none"}})
    replied(broker, conversation, {"url": "https://files.example/a.png"})


def test_a_first_message_with_a_file_heeds_the_table_too(make_broker):
    broker = make_broker(config={"mms": {"countries": "DE:none"}}).start()
    asked = {"from": ALICE_NUMBER, "user": "alice", "media": ["https://files.example/a.png"]}
    api = broker.api()
    refused(api.post("/v1/conversations", {**asked, "to": [GERMAN]}), 422, "mms_unavailable")
    refused(api.post("/v1/messages", {**asked, "to": GERMAN}), 422, "mms_unavailable")
    assert api.post("/v1/messages", {**asked, "to": THEM}).status == 201


def test_a_number_without_mms_sends_no_files(make_broker, carrier):
    broker = make_broker(provision=directory_file.directory(
        api_base=carrier.api_base, caller_ids={SPARE_NUMBER: ["alice"]})).start()
    file = uploaded(broker, png(2000), "a.png", channel="mms")
    asked = {"from": SPARE_NUMBER, "to": THEM, "user": "alice", "media": [{"file": file["id"]}]}
    answer = broker.api().post("/v1/messages", asked)
    assert (answer.status, answer.code) == (403, "number_not_allowed")
    opened = broker.api().start(SPARE_NUMBER, THEM).json()["id"]
    assert reply(broker, opened, {"file": file["id"]}).code == "number_not_allowed"
    assert reply(broker, opened, body="Without").status == 201
