"""Callback in: what a carrier may post, what it is answered, and what is kept of it."""

import concurrent.futures
import socket

import pytest

import directory_file
import twilio_callbacks
from directory_file import ALICE_NUMBER, OTHER_NUMBER

THEM = "+15551230001"


def inbound_messages(broker):
    return [event for event in broker.api().events(types="conversation.message.created")
            if event["data"]["direction"] == "inbound"]


def test_a_signed_callback_is_acknowledged_with_an_empty_response(broker):
    answer = broker.callback("inbound", twilio_callbacks.inbound(ALICE_NUMBER, THEM, "Hello"))
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.body.endswith(b"<Response/>")
    conversation = broker.conversation_with(THEM)
    assert broker.api().bodies(conversation["id"]) == ["Hello"]


def test_a_message_keeps_its_carrier_id_its_ends_and_its_direction(broker):
    sid = broker.receive(ALICE_NUMBER, THEM, "Hello")
    message, = broker.api().messages(broker.conversation_with(THEM)["id"])
    assert message["provider_id"] == sid
    assert message["direction"] == "inbound"
    assert message["from"] == f"sms:{THEM}"
    assert message["to"] == [f"sms:{ALICE_NUMBER}"]
    assert message["index"] == 1
    assert message["author"] == {"type": "contact", "id": f"sms:{THEM}"}
    assert message["id"].startswith("ms_") and len(message["id"]) == 29


@pytest.mark.parametrize("text", ["", " ", "Ω µ 漢字 🎉", "a&b=c+d%20e", "line\r\nline", "x" * 1600],
                         ids=["empty", "blank", "unicode", "reserved", "lines", "long"])
def test_any_text_comes_out_as_it_went_in(broker, text):
    broker.receive(ALICE_NUMBER, THEM, text)
    assert broker.api().bodies(broker.conversation_with(THEM)["id"]) == [text]


@pytest.mark.parametrize("signature", ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "not base64 at all"])
def test_a_missing_or_wrong_signature_is_refused_and_nothing_is_kept(broker, signature):
    parameters = twilio_callbacks.inbound(ALICE_NUMBER, THEM, "forged")
    assert broker.callback("inbound", parameters, signature=signature).status == 403
    assert broker.api().events() == []


def test_a_signature_for_other_parameters_is_refused(broker):
    parameters = twilio_callbacks.inbound(ALICE_NUMBER, THEM, "told")
    url = broker.public_url + "/carriers/twilio/tw/inbound"
    signature = twilio_callbacks.signature(directory_file.TOKEN, url, parameters)
    parameters["Body"] = "changed"
    assert broker.callback("inbound", parameters, signature=signature).status == 403


def test_a_signature_with_another_links_token_is_refused(broker):
    parameters = twilio_callbacks.inbound(ALICE_NUMBER, THEM, "forged")
    answer = broker.callback("inbound", parameters, token=directory_file.OTHER_TOKEN)
    assert answer.status == 403


def test_the_signature_is_checked_against_the_public_url_and_not_the_host_header(broker):
    parameters = twilio_callbacks.inbound(ALICE_NUMBER, THEM, "forged")
    seen = f"http://{broker.host}:{broker.port}/carriers/twilio/tw/inbound"
    signature = twilio_callbacks.signature(directory_file.TOKEN, seen, parameters)
    assert broker.callback("inbound", parameters, signature=signature).status == 403


def test_a_signature_over_the_url_with_its_standard_port_is_accepted(broker):
    parameters = twilio_callbacks.inbound(ALICE_NUMBER, THEM, "with port")
    url = broker.public_url + ":443/carriers/twilio/tw/inbound"
    signature = twilio_callbacks.signature(directory_file.TOKEN, url, parameters)
    assert broker.callback("inbound", parameters, signature=signature).status == 200


def test_an_unknown_link_is_not_found(broker):
    parameters = twilio_callbacks.inbound(ALICE_NUMBER, THEM, "lost")
    assert broker.callback("inbound", parameters, link="nowhere").status == 404


def test_an_unknown_number_is_not_found_and_counted(broker):
    before = broker.get("/metrics").body
    parameters = twilio_callbacks.inbound("+15559999999", THEM, "lost")
    assert broker.callback("inbound", parameters).status == 404
    assert broker.api().events() == []
    assert broker.get("/metrics").body != before


def test_a_number_of_another_organisation_is_not_found_through_this_link(broker):
    parameters = twilio_callbacks.inbound(OTHER_NUMBER, THEM, "across")
    assert broker.callback("inbound", parameters).status == 404
    assert broker.api(directory_file.OTHER_KEY).events() == []


@pytest.mark.parametrize("missing", ["MessageSid", "From", "To"])
def test_a_callback_without_a_needed_parameter_is_malformed(broker, missing):
    parameters = twilio_callbacks.inbound(ALICE_NUMBER, THEM, "half")
    for name in ("SmsSid", "SmsMessageSid", missing):
        parameters.pop(name, None)
    assert broker.callback("inbound", parameters).status == 400


@pytest.mark.parametrize("address", ["", "15551230001 ", "sms:", "+", "+1555x", "+1" * 40])
def test_an_address_that_is_none_is_malformed(broker, address):
    parameters = twilio_callbacks.inbound(ALICE_NUMBER, address, "who")
    assert broker.callback("inbound", parameters).status == 400


@pytest.mark.parametrize("body", [b"MessageSid=%", b"a=%zz", b"\xff\xfe\x00", b""],
                         ids=["cut escape", "bad escape", "bytes", "empty"])
def test_a_body_that_is_no_form_is_refused(broker, body):
    answer = broker.callback("inbound", {}, body=body)
    assert answer.status in (400, 403), answer
    assert broker.api().events() == []


def test_a_text_that_is_no_utf8_is_malformed(broker):
    parameters = twilio_callbacks.inbound(ALICE_NUMBER, THEM, "?")
    path = "/carriers/twilio/tw/inbound"
    # The signature is over the decoded bytes, so it is made over the same bytes by hand.
    body = twilio_callbacks.encode(parameters).replace(b"Body=%3F", b"Body=%FF%FE")
    text = "".join(key + value for key, value in sorted(parameters.items())).encode()
    text = (broker.public_url + path).encode() + text.replace(b"Body?", b"Body\xff\xfe")
    signature = twilio_callbacks.sign_bytes(directory_file.TOKEN, text)
    assert broker.callback("inbound", parameters, body=body, signature=signature).status == 400


def test_a_body_over_256_kib_is_too_large_and_one_below_is_not(broker):
    parameters = twilio_callbacks.inbound(ALICE_NUMBER, THEM, "big", Unknown="x" * (256 * 1024))
    assert broker.callback("inbound", parameters).status == 413
    parameters = twilio_callbacks.inbound(ALICE_NUMBER, THEM, "fits", Unknown="x" * (250 * 1024))
    assert broker.callback("inbound", parameters).status == 200
    assert broker.api().bodies(broker.conversation_with(THEM)["id"]) == ["fits"]


@pytest.mark.parametrize("path", ["/carriers/twilio/tw/inbound", "/carriers/twilio/tw/status"])
def test_a_callback_is_a_post(broker, path):
    answer = broker.get(path)
    assert answer.status == 405
    assert "POST" in answer.headers.get("allow", "POST")


def test_the_same_message_id_again_is_acknowledged_and_is_no_second_message(broker):
    sid = broker.receive(ALICE_NUMBER, THEM, "once")
    assert broker.receive(ALICE_NUMBER, THEM, "once", sid=sid) == sid
    assert len(inbound_messages(broker)) == 1


def test_the_same_message_id_again_after_a_crash_is_no_second_message(broker):
    sid = broker.receive(ALICE_NUMBER, THEM, "once")
    broker.crash_and_restart()
    broker.receive(ALICE_NUMBER, THEM, "once", sid=sid)
    broker.receive(ALICE_NUMBER, THEM, "twice")
    assert broker.api().bodies(broker.conversation_with(THEM)["id"]) == ["once", "twice"]


def test_the_same_message_id_at_the_same_moment_is_one_message(broker):
    parameters = twilio_callbacks.inbound(ALICE_NUMBER, THEM, "once")
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda _: broker.callback("inbound", parameters), range(72)))
    assert {answer.status for answer in answers} == {200}
    assert len(inbound_messages(broker)) == 1


def test_the_same_message_id_after_the_conversation_was_closed_is_no_second_message(broker):
    sid = broker.receive(ALICE_NUMBER, THEM, "once")
    assert broker.api().close(broker.conversation_with(THEM)["id"]).status == 200
    broker.receive(ALICE_NUMBER, THEM, "once", sid=sid)
    assert len(inbound_messages(broker)) == 1


def test_media_are_kept_as_references_in_their_order(broker):
    broker.receive(ALICE_NUMBER, THEM, "look", NumMedia="2",
                   MediaUrl0="https://api.example.com/a.jpg", MediaContentType0="image/jpeg",
                   MediaUrl1="https://api.example.com/b.pdf",
                   MediaContentType1="application/pdf")
    message, = broker.api().messages(broker.conversation_with(THEM)["id"])
    assert [(file["url"], file["content_type"]) for file in message["media"]] == [
        ("https://api.example.com/a.jpg", "image/jpeg"),
        ("https://api.example.com/b.pdf", "application/pdf")]


def test_unknown_parameters_are_accepted_signed_and_kept(broker):
    broker.receive(ALICE_NUMBER, THEM, "new", FromCity="BROOKLYN", ZzzBrandNew="Ω & more")
    broker.crash_and_restart()
    assert broker.api().bodies(broker.conversation_with(THEM)["id"]) == ["new"]
    stored = (broker.data / "data.mdb").read_bytes()
    assert b"FromCity=BROOKLYN" in stored and b"ZzzBrandNew=%CE%A9%20%26%20more" in stored


def test_over_the_bound_of_commands_in_flight_the_answer_is_503_and_nothing_is_kept(make_broker):
    broker = make_broker(config={"limits": {"commands_in_flight_max": 1}}).start()
    accepted, refused = [], []
    # One round nearly always meets the bound; how many it takes is the machine's business.
    for attempt in range(100):
        for sid, head in burst(broker, attempt):
            (accepted if head.startswith(b"HTTP/1.1 200") else refused).append((sid, head))
        if refused:
            break
    assert refused, "64 callbacks at once never met a bound of one"
    for _, head in refused:
        assert head.startswith(b"HTTP/1.1 503"), head
        assert b"\r\nretry-after:" in head.lower(), head
    kept = {event["data"]["provider_id"] for event in inbound_messages(broker)}
    assert kept == {sid for sid, _ in accepted}


def burst(broker, attempt, count=64):
    """Writes that many callbacks on as many connections before it reads the first answer."""
    path = "/carriers/twilio/tw/inbound"
    connections = []
    for place in range(count):
        parameters = twilio_callbacks.inbound(ALICE_NUMBER, f"+1555124{place:04d}", f"r{attempt}")
        body = twilio_callbacks.encode(parameters)
        signature = twilio_callbacks.signature(directory_file.TOKEN, broker.public_url + path,
                                               parameters)
        head = (f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {twilio_callbacks.FORM}\r\n"
                f"X-Twilio-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n")
        connection = socket.create_connection((broker.host, broker.port))
        connections.append((parameters["MessageSid"], connection, head.encode() + body))
    for _, connection, request in connections:
        connection.sendall(request)
    for sid, connection, _ in connections:
        with connection:
            answer = b""
            while b"\r\n\r\n" not in answer:
                received = connection.recv(4096)
                assert received, "the connection ended without an answer"
                answer += received
            yield sid, answer
