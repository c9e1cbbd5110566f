"""Files (mission 2): taken by content and by name, kept once, shown by URLs that expire."""

import concurrent.futures
import hashlib
import http.client
import io
import json
import pathlib
import re
import socket
import urllib.parse
import zipfile
import zlib

import pytest

import api_client
import directory_file
import waiting

MIB = 1024 * 1024
KIB = 1024


def png(size):
    """A picture of one pixel, filled up with bytes that pictures may have behind their end."""
    def chunk(kind, data):
        return (len(data).to_bytes(4, "big") + kind + data
                + zlib.crc32(kind + data).to_bytes(4, "big"))
    picture = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]))
               + chunk(b"IDAT", zlib.compress(b"\0\xff\xff\xff")) + chunk(b"IEND", b""))
    return picture.ljust(size, b"\0")


def pdf(size):
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".ljust(size, b"x")


def box(kind, *parts):
    """One box of an MP4."""
    content = b"".join(parts)
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def track(handler, sample):
    return box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(12)),
                            box(b"minf", box(b"stbl", box(b"stsd", bytes(7), b"\1", sample)))))


def aac(object_type=0x40):
    decoder = b"\3\x19\0\1\0\4\x11" + bytes([object_type]) + bytes(16)
    return box(b"mp4a", bytes(28), box(b"esds", bytes(4), decoder))


def mp4(size, video=b"avc1", audio=aac()):
    """A film of no pictures, filled up with a box that players step over."""
    film = (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41"
            + box(b"moov", track(b"vide", box(video, bytes(78))), track(b"soun", audio)))
    return film + box(b"free", bytes(max(0, size - len(film) - 8)))


def office(part):
    """The least that an office document is: an archive with the right names in it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for name in ("[Content_Types].xml", "_rels/.rels", "docProps/app.xml", part):
            out.writestr(name, '<?xml version="1.0" encoding="UTF-8"?><x/>')
    return archive.getvalue()


# Every type that WhatsApp takes (mission 2), by the extension of its name.
WHATSAPP = {
    "jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0",
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0",
    "png": png(100),
    "amr": b"#!AMR\n" + bytes(60),
    "3gp": b"\0\0\0\x18ftyp3gp4\0\0\2\0isom3gp4" + bytes(100),
    "aac": (b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(10)) * 20,
    "mp3": (b"\xff\xfb\x90\0" + bytes(413)) * 4,
    "mpeg": b"\0\0\1\xb3\x14\0\xf0\x13\xff\xff\xe0\x18" + bytes(100),
    "pdf": pdf(100),
    "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\0\3\0\xfe\xff\x09\0"
           + bytes(1504),
    "docx": office("word/document.xml"),
    "pptx": office("ppt/presentation.xml"),
    "xlsx": office("xl/workbook.xml"),
    "mp4": mp4(1000),
    "vcf": b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Alice\r\nEND:VCARD\r\n",
}


def upload(broker, content, name=None, channel=None, declared=None, key=directory_file.KEY):
    return broker.api(key).request(
        "POST", "/v1/files", body=content, query={"name": name, "channel": channel},
        headers={"Content-Type": declared or "application/octet-stream"})


def uploaded(broker, content, name=None, **more):
    """An upload that must be taken; returns the file."""
    answer = upload(broker, content, name, **more)
    assert answer.status == 201, answer
    return answer.json()


def show(broker, url, verb="GET", **fields):
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    return api_client.exchange(broker.host, broker.port, verb, url, headers=headers)


def kept(broker, where="content"):
    """The files on the disk, below one folder of the store of files."""
    return [path for path in (broker.data / "files" / where).rglob("*") if path.is_file()]


def refused(answer, status, code):
    assert (answer.status, answer.code) == (status, code), answer


def test_a_file_is_taken_and_shown_as_it_came(broker):
    content = pdf(300 * KIB)
    file = uploaded(broker, content, "Übersicht 2026.pdf", declared="application/pdf")
    assert (file["name"], file["content_type"]) == ("Übersicht 2026.pdf", "application/pdf")
    assert file["bytes"] == len(content)
    assert file["sha256"] == hashlib.sha256(content).hexdigest()
    answer = show(broker, file["url"])
    assert (answer.status, answer.body) == (200, content)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    name = answer.headers["content-disposition"].removeprefix("attachment; filename*=UTF-8''")
    assert urllib.parse.unquote(name) == "Übersicht 2026.pdf"


def test_a_file_and_its_url_survive_a_crash(broker):
    content = png(5000)
    file = uploaded(broker, content, "a.png")
    broker.crash_and_restart()
    assert show(broker, file["url"]).body == content
    again = broker.api().read(f"/v1/files/{file['id']}")
    stable = ("id", "name", "content_type", "bytes", "sha256")
    assert [again[member] for member in stable] == [file[member] for member in stable]
    assert show(broker, again["url"]).body == content


def test_the_same_content_twice_is_kept_once(broker):
    one, two = uploaded(broker, pdf(1000), "a.pdf"), uploaded(broker, pdf(1000), "b.pdf")
    assert one["id"] != two["id"] and one["sha256"] == two["sha256"]
    assert len(kept(broker)) == 1
    assert show(broker, one["url"]).body == show(broker, two["url"]).body


def test_nothing_is_shared_between_organisations(broker):
    mine = uploaded(broker, pdf(1000), "a.pdf")
    theirs = uploaded(broker, pdf(1000), "a.pdf", key=directory_file.OTHER_KEY)
    assert len(kept(broker)) == 2
    other = broker.api(directory_file.OTHER_KEY)
    refused(other.get(f"/v1/files/{mine['id']}"), 404, "not_found")
    assert other.get(f"/v1/files/{theirs['id']}").status == 200
    # A URL is for one file: its signature shows no other.
    query = theirs["url"].partition("?")[2]
    refused(show(broker, f"/files/{mine['id']}?{query}"), 403, "bad_signature")


@pytest.mark.parametrize("change", [
    lambda url: url.partition("?")[0],
    lambda url: url.partition("&")[0],
    lambda url: re.sub(r"signature=.", "signature=g", url),
    lambda url: re.sub(r"signature=.*", "signature=" + "0" * 64, url),
    lambda url: re.sub(r"expires=\d", "expires=9", url),
    lambda url: re.sub(r"expires=", "expires=0", url),
])
def test_a_url_that_was_changed_shows_nothing(broker, change):
    url = uploaded(broker, pdf(1000), "a.pdf")["url"]
    changed = change(url)
    assert changed != url
    refused(show(broker, changed), 403, "bad_signature")


def test_a_url_shows_nothing_once_it_has_expired(make_broker):
    broker = make_broker(config={"files": {"url_validity_s": 1}}).start()
    file = uploaded(broker, pdf(1000), "a.pdf")
    waiting.until(lambda: show(broker, file["url"]).status == 403, "the URL's end")
    refused(show(broker, file["url"]), 403, "url_expired")
    assert broker.api().get(f"/v1/files/{file['id']}").status == 200


def test_a_file_that_is_not_there_is_not_found(broker):
    nobody = "fl_" + "0" * 26
    refused(broker.api().get(f"/v1/files/{nobody}"), 404, "not_found")
    refused(broker.api().get("/v1/files/nonsense"), 404, "not_found")
    refused(show(broker, "/files/nonsense"), 404, "not_found")
    refused(show(broker, f"/files/{nobody}"), 403, "bad_signature")


@pytest.mark.parametrize("field, status, first, last", [
    ("bytes=0-0", 206, 0, 0), ("bytes=100-199", 206, 100, 199), ("bytes=199900-", 206, 199900,
                                                                  199999),
    ("bytes=-1", 206, 199999, 199999), ("bytes=50000-150000", 206, 50000, 150000),
    ("bytes=0-", 206, 0, 199999), ("bytes=1-2,5-6", 200, 0, 199999),
    ("lines=1-2", 200, 0, 199999),
])
def test_a_part_of_a_file_can_be_asked_for(broker, field, status, first, last):
    content = b"%PDF-1.7\n" + bytes(place % 251 for place in range(200_000 - 9))
    answer = show(broker, uploaded(broker, content, "a.pdf")["url"], Range=field)
    assert (answer.status, answer.body) == (status, content[first:last + 1])
    if status == 206:
        assert answer.headers["content-range"] == f"bytes {first}-{last}/200000"


def test_a_part_behind_the_end_cannot_be_shown(broker):
    answer = show(broker, uploaded(broker, pdf(1000), "a.pdf")["url"], Range="bytes=1000-")
    refused(answer, 416, "range_not_satisfiable")
    assert answer.headers["content-range"] == "bytes */1000"


def test_a_part_of_something_else_is_the_whole(broker):
    file = uploaded(broker, pdf(1000), "a.pdf")
    tag = show(broker, file["url"]).headers["etag"]
    assert show(broker, file["url"], Range="bytes=0-9", If_Range=tag).status == 206
    assert show(broker, file["url"], Range="bytes=0-9", If_Range='"other"').status == 200


def test_the_head_of_a_file_has_its_size_and_no_body(broker):
    answer = show(broker, uploaded(broker, pdf(1000), "a.pdf")["url"], verb="HEAD")
    assert (answer.status, answer.headers["content-length"], answer.body) == (200, "1000", b"")


@pytest.mark.parametrize("channel, name, content", [
    ("chat", "a.pdf", pdf(20 * MIB)), ("whatsapp", "a.mp4", mp4(16 * MIB)),
    ("whatsapp", "a.png", png(5 * MIB)), ("mms", "a.png", png(5 * MIB)),
    ("mms", "a.pdf", pdf(500 * KIB)),
], ids=["chat", "whatsapp", "whatsapp image", "mms image", "mms"])
def test_a_channel_takes_files_up_to_its_limit_and_none_above(broker, channel, name, content):
    file = uploaded(broker, content, name, channel=channel)
    assert show(broker, file["url"]).body == content
    refused(upload(broker, content + b"\0", name, channel=channel), 413, "file_too_large")
    assert len(kept(broker)) == 1 and not kept(broker, "incoming")


@pytest.mark.parametrize("extension", WHATSAPP)
def test_whatsapp_takes_each_of_its_types(broker, extension):
    content = WHATSAPP[extension]
    file = uploaded(broker, content, f"a.{extension}", channel="whatsapp")
    assert show(broker, file["url"]).body == content


@pytest.mark.parametrize("channel, name, declared, content", [
    ("whatsapp", "a.gif", None, b"GIF89a" + bytes(20)),
    ("whatsapp", "a.txt", None, b"words\n"),
    ("chat", "a.png", None, b"MZ\x90\x00" + bytes(60)),
    ("chat", "a.sh", None, b"#!/bin/sh\necho\n"),
    ("chat", "a.html", "text/html", b"<!DOCTYPE html><html><script>1</script></html>"),
    ("chat", "a.png", "image/png", pdf(1000)),
    ("chat", "a.pdf", "image/png", pdf(1000)),
    ("chat", "a.exe", None, pdf(1000)),
    ("chat", "a", None, pdf(1000)),
], ids=["whatsapp gif", "whatsapp text", "program", "script", "page", "disguised", "declared",
        "called a program", "no extension"])
def test_what_is_not_taken_or_not_what_it_says_is_refused(broker, channel, name, declared, content):
    refused(upload(broker, content, name, channel, declared), 415, "file_type_refused")
    assert not kept(broker) and not kept(broker, "records") and not kept(broker, "incoming")


@pytest.mark.parametrize("film", [
    mp4(1000, video=b"hvc1"), mp4(1000, audio=box(b"Opus", bytes(28))), mp4(1000, audio=aac(0x6b)),
    mp4(1000, video=b"encv"), mp4(1000)[:200], mp4(1000).replace(b"moov", b"skip"),
], ids=["H.265", "Opus", "MP3", "encrypted", "cut off", "without tracks"])
def test_whatsapp_takes_mp4_with_h264_and_aac_only(broker, film):
    refused(upload(broker, film, "a.mp4", "whatsapp"), 415, "file_type_refused")
    assert uploaded(broker, film, "a.mp4", channel="chat")["content_type"] == "video/mp4"


@pytest.mark.parametrize("query", [{"name": "../a.pdf"}, {"name": "a\nb.pdf"}, {"name": "x" * 256},
                                   {"name": ""}, {"channel": "fax"}, {"nmae": "a.pdf"}])
def test_an_upload_that_makes_no_sense_is_malformed(broker, query):
    refused(broker.api().request("POST", "/v1/files", body=pdf(10), query=query), 400, "malformed")


def test_an_empty_file_is_malformed(broker):
    refused(upload(broker, b"", "a.pdf"), 400, "malformed")


def test_a_file_without_a_name_is_given_one(broker):
    assert uploaded(broker, png(100))["name"] == "file.png"


def test_only_a_key_with_the_scope_uploads_and_nothing_is_kept_of_others(broker):
    refused(upload(broker, pdf(10), "a.pdf", key=None), 401, "unauthenticated")
    refused(upload(broker, pdf(10), "a.pdf", key=directory_file.READ_KEY), 403, "forbidden")
    file = uploaded(broker, pdf(10), "a.pdf", key=directory_file.WRITE_KEY)
    refused(broker.api(directory_file.WRITE_KEY).get(f"/v1/files/{file['id']}"), 403, "forbidden")
    assert len(kept(broker)) == 1


def head_of(broker, *fields, key=directory_file.KEY):
    lines = ["POST /v1/files?name=a.pdf HTTP/1.1", f"Host: {broker.host}",
             f"Authorization: Bearer {key}", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def spoken(broker, *pieces):
    """Sends bytes over a connection of its own; returns what comes back until it ends."""
    with socket.create_connection((broker.host, broker.port), timeout=60) as connection:
        for piece in pieces:
            connection.sendall(piece)
        answer = http.client.HTTPResponse(connection, method="POST")
        answer.begin()
        return answer.status, json.loads(answer.read())


def test_a_length_over_the_limit_is_refused_before_the_body_is_sent(broker):
    head = head_of(broker, f"Content-Length: {20 * MIB + 1}", "Expect: 100-continue")
    status, problem = spoken(broker, head)
    assert (status, problem["code"]) == (413, "file_too_large")


def test_a_body_without_a_length_is_counted_while_it_comes(make_broker):
    broker = make_broker(config={"files": {"upload_bytes_max": 100_000}}).start()

    def chunks(count):
        body = pdf(count * 10_000)
        parts = [body[place:place + 10_000] for place in range(0, len(body), 10_000)]
        return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"

    head = head_of(broker, "Transfer-Encoding: chunked")
    status, file = spoken(broker, head, chunks(10))
    assert (status, file["bytes"]) == (201, 100_000)
    status, problem = spoken(broker, head, chunks(30))
    assert (status, problem["code"]) == (413, "file_too_large")
    waiting.until(lambda: not kept(broker, "incoming"), "the broken upload's removal")
    assert len(kept(broker)) == 1


def test_a_broken_upload_leaves_nothing_behind(broker):
    with socket.create_connection((broker.host, broker.port)) as connection:
        connection.sendall(head_of(broker, "Content-Length: 1000000") + pdf(500_000))
        waiting.until(lambda: kept(broker, "incoming"), "the upload's beginning")
    waiting.until(lambda: not kept(broker, "incoming"), "the broken upload's removal")
    assert not kept(broker) and not kept(broker, "records")


def test_an_upload_cut_off_by_a_crash_leaves_nothing_behind(broker):
    with socket.create_connection((broker.host, broker.port)) as connection:
        connection.sendall(head_of(broker, "Content-Length: 1000000") + pdf(500_000))
        waiting.until(lambda: kept(broker, "incoming"), "the upload's beginning")
        broker.crash_and_restart()
    assert not kept(broker, "incoming") and not kept(broker)


def test_sigterm_ends_an_upload_in_its_middle_and_leaves_nothing_behind(broker):
    with socket.create_connection((broker.host, broker.port)) as connection:
        connection.sendall(head_of(broker, "Content-Length: 1000000") + pdf(500_000))
        waiting.until(lambda: kept(broker, "incoming"), "the upload's beginning")
        assert broker.terminate() == 0
    assert not kept(broker, "incoming") and not kept(broker)


def test_over_the_bound_of_uploads_the_answer_is_503(make_broker):
    broker = make_broker(config={"files": {"uploads_max": 1}}).start()
    with socket.create_connection((broker.host, broker.port)) as connection:
        connection.sendall(head_of(broker, "Content-Length: 1000000") + pdf(500_000))
        waiting.until(lambda: kept(broker, "incoming"), "the upload's beginning")
        refused(upload(broker, pdf(10), "a.pdf"), 503, "overloaded")
    waiting.until(lambda: upload(broker, pdf(10), "a.pdf").status == 201, "the place's release")


def resident_bytes(broker):
    status = pathlib.Path(f"/proc/{broker.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) * 1024


def test_many_large_files_at_once_are_never_whole_in_memory(broker):
    uploaded(broker, pdf(1000), "warm.pdf")
    before = resident_bytes(broker)
    contents = [pdf(20 * MIB - place) for place in range(8)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        files = list(pool.map(lambda content: uploaded(broker, content, "a.pdf"), contents))
        shown = list(pool.map(lambda file: show(broker, file["url"]).body, files))
    assert shown == contents
    # 160 MiB went in and out. The database of types and the pieces need some; a file would be 20.
    assert resident_bytes(broker) - before < 20 * MIB


def test_the_url_begins_with_what_the_configuration_says(make_broker):
    broker = make_broker(config={"files": {"public_url": "https://parley.example.com"}}).start()
    url = uploaded(broker, pdf(10), "a.pdf")["url"]
    assert url.startswith("https://parley.example.com/files/fl_")
    assert show(broker, url.removeprefix("https://parley.example.com")).status == 200


def test_kept_files_are_counted(broker):
    uploaded(broker, pdf(10), "a.pdf")
    uploaded(broker, pdf(10), "b.pdf")
    upload(broker, b"words", "a.pdf")
    page = broker.get("/metrics").body.decode()
    assert re.search(r"^parley_ingress_files_total 2$", page, re.MULTILINE), page


def test_the_secret_and_the_files_are_for_the_brokers_user_only(broker):
    uploaded(broker, pdf(1000), "a.pdf")
    for path in kept(broker, "."):
        assert path.stat().st_mode & 0o077 == 0, path
