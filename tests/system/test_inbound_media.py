"""Inbound media: fetched from the carrier with its credentials into the same store (mission 2)."""

import base64
import random
import time

import pytest

import directory_file
import media_host
import waiting
from directory_file import ALICE_NUMBER, SUPPORT_NUMBER
from media_host import CUT
from test_files import MIB, kept, pdf, png, refused, resident_bytes, show
from test_media import fetched

THEM = "+15551230001"
CREDENTIALS = "Basic " + base64.b64encode(
    f"AC00000000000000000000000000000001:{directory_file.TOKEN}".encode()).decode()


@pytest.fixture
def hosts():
    """Makes hosts of files; the first is usually the carrier's own API."""
    made = []

    def make():
        made.append(media_host.MediaHost())
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def carrier(hosts):
    return hosts()


@pytest.fixture
def receiving(make_broker, carrier):
    """Makes a broker whose carrier keeps files."""
    def make(**config):
        files = {"fetch_tries": 1, **config}
        return make_broker(provision=directory_file.directory(api_base=carrier.api_base),
                           config={"files": files}).start()
    carrier.api_base = carrier.url
    return make


def receive(broker, *urls, text="Look", theirs=THEM, ours=ALICE_NUMBER, declared="image/png"):
    media = {}
    for place, url in enumerate(urls):
        media[f"MediaUrl{place}"] = url
        media[f"MediaContentType{place}"] = declared
    broker.receive(ours, theirs, text, NumMedia=str(len(urls)), **media)


def media_of(broker, theirs=THEM, place=-1):
    """The files of a conversation's newest message."""
    return broker.api().messages(broker.conversation_with(theirs)["id"])[place]["media"]


def is_settled(files):
    return all(file["file"] or file["error"] for file in files)


def settled(broker, theirs=THEM):
    """The files of the newest message, once it is known what became of all of them."""
    return waiting.until(lambda: (lambda files: files if is_settled(files) else None)(
        media_of(broker, theirs)), "the outcome of the fetches")


def updates(broker):
    return broker.api().events(types="conversation.message.updated")


def test_inbound_media_is_fetched_with_the_carriers_credentials_and_served_from_the_store(
        receiving, carrier):
    broker = receiving()
    content = png(100_000)
    url = carrier.put("/Accounts/AC1/Media/ME1", content)
    receive(broker, url)
    file, = settled(broker)
    assert (file["content_type"], file["error"]) == ("image/png", None)
    assert carrier.asked() == [("/Accounts/AC1/Media/ME1", CREDENTIALS)]
    assert fetched(broker, file["url"]).body == content
    part = show(broker, file["url"], Range="bytes=10-19")
    assert (part.status, part.body) == (206, content[10:20])
    record = broker.api().read(f"/v1/files/{file['file']}")
    assert (record["bytes"], record["name"]) == (100_000, "file.png")
    refused(broker.api(directory_file.OTHER_KEY).get(f"/v1/files/{file['file']}"), 404,
            "not_found")


def test_the_event_tells_that_the_message_has_its_file_now(receiving, carrier):
    broker = receiving()
    receive(broker, carrier.put("/a", png(100)))
    file, = settled(broker)
    update, = updates(broker)
    assert update["data"]["index"] == 1 and update["data"]["redacted"] is False
    shown, = update["data"]["media"]
    assert shown["file"] == file["file"]
    assert fetched(broker, shown["url"]).body == png(100)
    created, = broker.api().events(types="conversation.message.created")
    assert created["data"]["media"][0]["file"] == file["file"]
    broker.crash_and_restart()
    assert updates(broker)[0]["data"]["media"][0]["file"] == file["file"]


def test_a_redirect_is_followed_and_the_credentials_are_shown_to_no_other_host(
        receiving, carrier, hosts):
    broker, storage = receiving(), hosts()
    there = storage.put("/signed?x=y", png(500))
    receive(broker, carrier.put("/ME1", (307, {"Location": there})))
    file, = settled(broker)
    assert fetched(broker, file["url"]).body == png(500)
    assert carrier.asked() == [("/ME1", CREDENTIALS)]
    assert storage.asked() == [("/signed?x=y", None)]


def test_a_file_that_is_elsewhere_is_fetched_without_credentials(receiving, hosts):
    broker, stranger = receiving(), hosts()
    receive(broker, stranger.put("/a", png(500)))
    assert settled(broker)[0]["file"]
    assert stranger.asked() == [("/a", None)]


def test_a_slow_carrier_delays_only_media(receiving, carrier):
    broker = receiving()
    carrier.hold()
    url = carrier.put("/a", png(500))
    for _ in range(6):  # More than are fetched at once.
        receive(broker, url)
    receive(broker, text="And so I say")
    waiting.until(lambda: len(carrier.asked()) == 4, "as many fetches as there may be at once")
    api, conversation = broker.api(), broker.conversation_with(THEM)["id"]
    assert api.bodies(conversation) == ["Look"] * 6 + ["And so I say"]
    # Until then the carrier's URL is shown.
    for message in api.messages(conversation)[:6]:
        assert message["media"] == [{"url": url, "content_type": "image/png", "file": None,
                                     "error": None}]
    # And another number's media are not held up by this one's, whose host does not answer.
    carrier.let_go()
    waiting.until(lambda: len(updates(broker)) == 6, "all of them")
    assert all(message["media"][0]["file"] for message in api.messages(conversation)[:6])


def test_the_host_of_one_numbers_media_holds_up_no_other_numbers(receiving, carrier, hosts):
    broker, other = receiving(fetches_max=1), hosts()
    carrier.hold()
    receive(broker, carrier.put("/slow", png(100)))
    waiting.until(carrier.asked, "the slow fetch")
    receive(broker, other.put("/quick", png(200)), ours=SUPPORT_NUMBER, theirs="+15551230002")
    assert settled(broker, "+15551230002")[0]["file"]
    assert media_of(broker)[0]["file"] is None


@pytest.mark.parametrize("content, error", [
    (404, "fetch_refused"), (401, "fetch_refused"), (503, "fetch_failed"), (429, "fetch_failed"),
    (png(200_001), "file_too_large"),
    (lambda: (png(10_000) for _ in range(21)), "file_too_large"),
    (b"MZ\x90\x00" + bytes(60), "file_type_refused"),
    (b"<!DOCTYPE html><html><script>1</script></html>", "file_type_refused"),
    (b"", "file_type_refused"),
    ((CUT, png(100_000)), "fetch_failed"),
    ((307, {}), "fetch_refused"), ((307, {"Location": "file:///etc/passwd"}), "fetch_refused"),
    ((307, {"Location": "/a"}), "fetch_refused"),
], ids=["404", "401", "503", "429", "large", "large without a length", "program", "page", "empty",
        "cut off", "redirect to nowhere", "redirect to a file", "redirect for ever"])
def test_what_cannot_be_fetched_is_named_and_stays_with_the_carrier(receiving, carrier, content,
                                                                    error):
    broker = receiving(fetch_bytes_max=200_000)
    bad, good = carrier.put("/a", content), carrier.put("/b", pdf(200_000))
    receive(broker, bad, good)
    first, second = settled(broker)
    assert first == {"url": bad, "content_type": "image/png", "file": None, "error": error}
    assert second["file"] and second["content_type"] == "application/pdf"
    update, = updates(broker)
    assert [file["error"] for file in update["data"]["media"]] == [error, None]
    assert not kept(broker, "incoming") and len(kept(broker)) == 1
    # It is settled for good.
    asked = len(carrier.asked())
    broker.crash_and_restart()
    assert settled(broker) is not None and len(updates(broker)) == 1
    assert len(carrier.asked()) == asked
    broker.kill()
    broker.verify()


def test_what_fails_for_the_moment_is_tried_again(receiving, carrier):
    broker = receiving(fetch_tries=3)
    receive(broker, carrier.put("/a", 503, png(500)))
    assert settled(broker)[0]["file"]
    assert len(carrier.asked()) == 2


def test_nothing_is_fetched_from_inside_our_own_network(make_broker, carrier):
    broker = make_broker(provision=directory_file.directory(api_base=carrier.url),
                         config={"files": {"fetch_tries": 1},
                                 "security": {"allow_private_destinations": False}}).start()
    receive(broker, carrier.put("/a", png(100)))
    assert settled(broker)[0]["error"] == "fetch_failed"
    assert not carrier.asked()


def test_a_fetch_survives_a_crash(receiving, carrier):
    broker = receiving()
    carrier.hold()
    receive(broker, carrier.put("/a", png(100)), carrier.put("/b", pdf(100)))
    waiting.until(carrier.asked, "the fetch")
    broker.kill()
    carrier.let_go()
    broker.start()
    assert [file["content_type"] for file in settled(broker)] == ["image/png", "application/pdf"]
    assert len(updates(broker)) == 1 and not kept(broker, "incoming")


def test_an_orderly_end_does_not_wait_for_a_carrier(receiving, carrier):
    broker = receiving()
    carrier.hold()
    receive(broker, carrier.put("/a", png(100)))
    waiting.until(carrier.asked, "the fetch")
    assert broker.terminate() == 0
    carrier.let_go()
    broker.start()
    assert settled(broker)[0]["file"]


def test_every_file_is_fetched_and_told_of_once_whenever_the_broker_is_killed(receiving, carrier):
    broker = receiving(fetches_max=2)
    instants = random.Random(7)
    sent = 0
    for _ in range(12):
        for _ in range(3):
            sent += 1
            receive(broker, carrier.put(f"/{sent}", png(1000 + sent)), text=str(sent))
        time.sleep(instants.uniform(0, 0.03))  # Any instant will do; none is waited for.
        broker.crash_and_restart()
    waiting.until(lambda: len(updates(broker)) >= sent, "all outcomes")
    messages = broker.api().messages(broker.conversation_with(THEM)["id"])
    assert [message["body"] for message in messages] == [str(one + 1) for one in range(sent)]
    for one, message in enumerate(messages, 1):
        assert fetched(broker, message["media"][0]["url"]).body == png(1000 + one)
    told = [update["data"]["message"] for update in updates(broker)]
    assert sorted(told) == sorted(message["id"] for message in messages)
    broker.kill()
    broker.verify()


def test_large_files_are_never_whole_in_memory(receiving, carrier):
    broker = receiving(fetches_max=8)
    receive(broker, carrier.put("/warm", png(1000)))
    settled(broker)
    before = resident_bytes(broker)
    contents = [png(20 * MIB - place) for place in range(8)]
    for place, content in enumerate(contents):
        receive(broker, carrier.put(f"/{place}", content))
    waiting.until(lambda: len(updates(broker)) == 9, "all of them")
    sizes = sorted(path.stat().st_size for path in kept(broker))
    assert sizes == sorted([1000, *map(len, contents)])
    # 160 MiB came in. A file would be 20.
    assert resident_bytes(broker) - before < 20 * MIB


def redact(broker):
    message, = broker.api().messages(broker.conversation_with(THEM)["id"])
    assert broker.api().request("POST", f"/v1/messages/{message['id']}/redact").status == 204


def test_a_redacted_messages_file_goes_with_it(receiving, carrier):
    broker = receiving()
    url = carrier.put("/a", png(100))
    receive(broker, url)
    file = settled(broker)[0]["file"]
    assert file in str(updates(broker))
    redact(broker)
    for look in range(2):
        assert media_of(broker) == []
        events = str(broker.api().events())
        assert file not in events and url not in events
        if look == 0:
            broker.crash_and_restart()


def test_a_fetch_that_ends_after_a_redaction_stores_nothing(receiving, carrier):
    broker = receiving()
    carrier.hold()
    receive(broker, carrier.put("/a", png(100)))
    waiting.until(carrier.asked, "the fetch")
    redact(broker)
    carrier.let_go()
    # The next one of the number is fetched behind it.
    receive(broker, carrier.put("/b", png(200)))
    assert settled(broker)[0]["file"]
    assert media_of(broker, place=0) == []
    waiting.until(lambda: not kept(broker, "incoming"), "the redacted file's removal")
    assert [path.stat().st_size for path in kept(broker)] == [200]
    broker.kill()
    broker.verify()


def test_what_came_in_can_be_sent_on(make_broker, hosts):
    files = hosts()
    broker = make_broker().start()
    receive(broker, files.put("/a", png(100)))
    file = settled(broker)[0]["file"]
    sent = broker.api().post("/v1/messages", {"from": ALICE_NUMBER, "to": "+15551230009",
                                              "user": "alice", "media": [{"file": file}]})
    assert sent.status == 201 and sent.json()["media"][0]["file"] == file, sent


def test_fetches_are_counted(receiving, carrier):
    broker = receiving()
    receive(broker, carrier.put("/a", png(100)), carrier.put("/b", 404))
    settled(broker)
    page = broker.get("/metrics").body.decode()
    assert "parley_actors_media_fetched_total 1\n" in page
    assert "parley_actors_media_failed_total 1\n" in page
