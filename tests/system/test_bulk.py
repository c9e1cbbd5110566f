"""Bulk jobs (mission 8): many recipients in one upload, over real sockets and with real kills."""

import datetime
import json
import socket
import urllib.parse

import pytest

import directory_file
import waiting
from directory_file import ALICE_NUMBER, OTHER_KEY, SUPPORT_NUMBER
from scripted_carrier import refuse
THEM = "+15551230001"


def number(index):
    return f"+1555{4000000 + index}"


def lines_of(count, **more):
    return [{"to": number(index), "vars": {"name": f"n{index}"}, **more} for index in range(count)]


def in_seconds(seconds):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def upload(broker, lines, key=None, idempotency_key=None, headers=None, **query):
    """POST /v1/bulk; the lines as NDJSON, or bytes as they are."""
    parameters = {"from": ALICE_NUMBER, "user": "alice", "body": "Hi {{name}}", **query}
    body = lines if isinstance(lines, bytes) else b"".join(
        json.dumps(line).encode() + b"\n" for line in lines)
    fields = {"Content-Type": "application/x-ndjson", **(headers or {})}
    if idempotency_key:
        fields["Idempotency-Key"] = idempotency_key
    api = broker.api(key) if key else broker.api()
    return api.request("POST", "/v1/bulk", body=body, query=parameters, headers=fields)


def open_upload(broker, query, length, key):
    """A connection on which an upload has begun that never ends by itself."""
    connection = socket.create_connection((broker.host, broker.port))
    key_header = f"Idempotency-Key: {key}\r\n" if key else ""
    connection.sendall((f"POST /v1/bulk?{urllib.parse.urlencode(query)} HTTP/1.1\r\n"
                        f"Host: x\r\nAuthorization: Bearer {directory_file.KEY}\r\n"
                        f"Content-Type: application/x-ndjson\r\n{key_header}"
                        f"Content-Length: {length}\r\n\r\n").encode())
    return connection


def started(broker, lines, **query):
    answer = upload(broker, lines, **query)
    assert answer.status == 202, answer
    return answer.json()["id"]


def job(broker, name):
    return broker.api().read(f"/v1/bulk/{name}")


def act(broker, name, what):
    return broker.api().request("POST", f"/v1/bulk/{name}/{what}")


def until_state(broker, name, state):
    return waiting.until(lambda: (found := job(broker, name))["state"] == state and found,
                         f"the job to be {state}")


def until_count(broker, name, state, count):
    return waiting.until(lambda: (found := job(broker, name))["counts"].get(state, 0) == count
                         and found, f"{count} lines to be {state}")


def results(broker, name, **query):
    return broker.api().items(f"/v1/bulk/{name}/results", **query)


@pytest.fixture
def make(make_broker, carrier):
    def start(rate=1000, config=None, **more):
        return make_broker(provision=directory_file.directory(api_base=carrier.api_base, rate=rate,
                                                              **more),
                           config=config or {}).start()
    return start


@pytest.fixture
def broker(make):
    return make()


def test_a_job_sends_one_text_with_each_recipients_values(broker, carrier):
    name = started(broker, lines_of(150))
    done = until_state(broker, name, "completed")
    assert (done["lines"], done["accepted"], done["refused_total"]) == (150, 150, 0)
    assert done["counts"] == {"sent": 150}
    sent = {send["To"]: send["Body"] for send in carrier.received()}
    assert sent == {number(index): f"Hi n{index}" for index in range(150)}
    assert len(carrier.received()) == 150


def test_accepted_is_durable(broker, carrier):
    name = started(broker, lines_of(200))
    broker.kill()
    broker.start()
    until_state(broker, name, "completed")
    assert sorted(send["To"] for send in carrier.received()) == [number(i) for i in range(200)]


def test_each_line_is_refused_by_its_number_and_the_others_are_sent(broker, carrier):
    body = b"\n".join([
        json.dumps({"to": number(0), "vars": {"name": "Ann"}}).encode(),
        b"nonsense",
        json.dumps({"to": "5", "vars": {"name": "x"}}).encode(),
        json.dumps({"to": number(1)}).encode(),
        b"",
        json.dumps({"to": number(2), "vars": {"name": "x" * 1700}}).encode(),
        json.dumps({"to": number(3), "vars": {"name": "Bob"}}).encode(),
    ])
    answer = upload(broker, body)
    assert answer.status == 202, answer
    told = answer.json()
    assert (told["lines"], told["accepted"], told["refused_total"]) == (7, 2, 4)
    assert [(line["line"], line["code"]) for line in told["refused"]] == [
        (2, "malformed"), (3, "malformed"), (4, "template_variables"), (6, "body_too_long")]
    assert job(broker, told["id"])["refused"] == told["refused"]
    assert broker.api().items(f"/v1/bulk/{told['id']}/refused", limit=2) == told["refused"]
    until_state(broker, told["id"], "completed")
    assert sorted(carrier.bodies()) == ["Hi Ann", "Hi Bob"], "to two people, at once"
    assert [line["line"] for line in results(broker, told["id"])] == [1, 7]


def test_csv_names_its_columns_in_the_first_row(broker, carrier):
    body = f'name,to\r\n"Ann ""A""",{number(0)}\r\nBob,{number(1)}\r\n'.encode()
    answer = upload(broker, body, headers={"Content-Type": "text/csv; charset=utf-8"})
    assert answer.status == 202, answer
    until_state(broker, answer.json()["id"], "completed")
    assert sorted(carrier.bodies()) == ["Hi Ann \"A\"", "Hi Bob"]


def test_a_dry_run_counts_segments_and_refusals_and_keeps_nothing(broker, carrier):
    answer = upload(broker, lines_of(3) + [{"to": "x"}], body="{{name}}" + "x" * 160,
                    dry_run="true")
    assert answer.status == 200, answer
    told = answer.json()
    assert (told["accepted"], told["segments"], told["refused_total"]) == (3, 6, 1)
    assert broker.api().items("/v1/bulk") == []
    assert carrier.received() == []


def test_a_dry_run_tells_the_cost_by_the_organisations_prices(broker):
    def cost(lines, **query):
        answer = upload(broker, lines, body="{{name}}" + "x" * 160, dry_run="true", **query)
        assert answer.status == 200, answer
        return answer.json()["cost"]

    two = [*lines_of(2), {"to": "+442071838750", "vars": {"name": "Eve"}},
           {"to": "nobody", "vars": {"name": "Bob"}}]
    assert cost(two) is None, "there are no prices"
    prices = {"currency": "EUR", "sms": [{"to": "+1", "per_segment": "0.0079"}]}
    assert broker.api().request("PATCH", "/v1/organization", {"prices": prices}).status == 200
    assert cost(two) == {"currency": "EUR", "amount": "0.0316", "unpriced_segments": 2}
    broker.provision.write_text("")
    broker.crash_and_restart()
    assert cost(two) == {"currency": "EUR", "amount": "0.0316", "unpriced_segments": 2}


def test_a_job_waits_for_its_time(broker, carrier):
    answer = upload(broker, lines_of(2), start_at=in_seconds(3600))
    assert answer.status == 202, answer
    name = answer.json()["id"]
    broker.kill()
    broker.start()
    assert job(broker, name)["state"] == "scheduled"
    assert carrier.received() == []


def test_a_job_that_is_due_starts_by_itself(broker, carrier):
    name = started(broker, lines_of(2), start_at=in_seconds(1))
    until_state(broker, name, "completed")
    assert len(carrier.received()) == 2


def test_a_job_is_smoothed_over_a_period(broker, carrier):
    name = started(broker, lines_of(200), spread_s=3600)
    waiting.until(lambda: carrier.received(), "the first line to be sent")
    assert job(broker, name)["counts"].get("waiting", 0) > 100


def zone_where_it_is(hour):
    """A time zone in which it is about that hour now. Their signs are the other way round."""
    east = (hour - datetime.datetime.now(datetime.timezone.utc).hour + 12) % 24 - 12
    return f"Etc/GMT{-east:+d}" if east else "Etc/GMT"


def test_in_quiet_hours_of_the_recipients_clock_a_line_waits(broker, carrier):
    for name, index, hour in (("Night", 0, 2), ("Noon", 1, 12)):
        answer = broker.api().post("/v1/contacts", {
            "name": name, "addresses": [f"sms:{number(index)}"],
            "time_zone": zone_where_it_is(hour)})
        assert answer.status == 201, answer
    job_name = started(broker, lines_of(2), quiet_hours="true")
    until_count(broker, job_name, "sent", 1)
    assert [send["To"] for send in carrier.received()] == [number(1)]
    assert job(broker, job_name)["counts"]["waiting"] == 1
    assert act(broker, job_name, "cancel").json()["state"] == "canceled"


def test_a_job_sends_a_template_with_each_recipients_values(broker, carrier):
    answer = broker.api().post("/v1/templates", {
        "id": "hello", "name": "hello", "language": "en_US", "category": "utility",
        "components": [{"type": "body", "text": "Hello {{name}}, we are here."}]})
    assert answer.status == 201, answer
    lines = b"".join(json.dumps(line).encode() + b"\n" for line in lines_of(2))
    answer = broker.api().request(
        "POST", "/v1/bulk", body=lines,
        query={"from": ALICE_NUMBER, "user": "alice", "template": "hello"},
        headers={"Content-Type": "application/x-ndjson"})
    assert answer.status == 202 and answer.json()["template"] == "hello", answer
    until_state(broker, answer.json()["id"], "completed")
    assert sorted(carrier.bodies()) == ["Hello n0, we are here.", "Hello n1, we are here."]


def test_pause_resume_and_cancel(make, carrier):
    broker = make(rate=5)
    name = started(broker, lines_of(500))
    waiting.until(lambda: carrier.received(), "the job to begin")
    paused = act(broker, name, "pause")
    assert paused.status == 200 and paused.json()["state"] == "paused"
    assert act(broker, name, "pause").status == 200, "twice is once"
    assert job(broker, name)["counts"]["waiting"] > 300
    broker.kill()
    broker.start()
    assert job(broker, name)["state"] == "paused"
    assert act(broker, name, "resume").json()["state"] == "running"
    canceled = act(broker, name, "cancel")
    assert canceled.status == 200, canceled
    assert canceled.json()["state"] == "canceled"
    counts = until_count(broker, name, "queued", 0)["counts"]
    assert counts["canceled"] > 400 and "waiting" not in counts
    assert counts["canceled"] + counts["sent"] + counts.get("sending", 0) == 500
    assert act(broker, name, "resume").code == "wrong_bulk_state"
    assert act(broker, name, "retry_failed").code == "wrong_bulk_state"


def test_what_has_failed_is_sent_again_when_asked(broker, carrier):
    carrier.then(*[refuse(400, 30003)] * 3)
    name = started(broker, lines_of(5))
    until_state(broker, name, "completed")
    assert job(broker, name)["counts"] == {"sent": 2, "failed": 3}
    failed = results(broker, name, state="failed")
    assert [line["error"]["code"] for line in failed] == ["30003"] * 3
    again = act(broker, name, "retry_failed")
    assert again.status == 200, again
    done = until_count(broker, name, "sent", 5)
    assert "failed" not in done["counts"]
    until_state(broker, name, "completed")
    assert len(carrier.received()) == 8
    assert {send["To"] for send in carrier.received()} == {number(i) for i in range(5)}


def test_results_are_paged_by_state(broker):
    name = started(broker, lines_of(200))
    until_state(broker, name, "completed")
    found = results(broker, name, state="sent", limit=30)
    assert [line["line"] for line in found] == list(range(1, 201))
    assert found[0]["to"] == f"sms:{number(0)}" and found[0]["message"].startswith("ms_")
    assert results(broker, name, state="failed") == []
    assert broker.api().get(f"/v1/bulk/{name}/results", state="lost").code == "malformed"
    message = broker.api().read(f"/v1/messages/{found[7]['message']}")
    assert message["body"] == "Hi n7" and message["author"] == {"type": "user", "id": "alice"}


def export(broker, name, kind, **query):
    return broker.api().request("GET", f"/v1/bulk/{name}/results", query=query,
                                headers={"Accept": kind})


def test_results_are_exported_as_one_stream(broker, carrier):
    carrier.then(refuse(400, 30003))
    name = started(broker, lines_of(3000))
    until_state(broker, name, "completed")
    answer = export(broker, name, "application/x-ndjson")
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.body.splitlines()]
    assert lines == results(broker, name, limit=1000)
    [failed] = export(broker, name, "application/x-ndjson", state="failed").body.splitlines()
    rows = export(broker, name, "text/csv", state="failed").body.decode().split("\r\n")
    assert rows == ["line,to,state,message,error", ",".join(
        str(part) for part in (lambda one: (one["line"], one["to"], "failed", one["message"],
                                            "30003"))(json.loads(failed))), ""]
    assert export(broker, name, "application/x-ndjson", state="canceled").body == b""
    assert export(broker, name, "text/csv", state="lost").code == "malformed"
    assert export(broker, "bk_none", "text/csv").code == "not_found"


def test_replies_go_to_the_user_it_was_sent_for(broker, carrier):
    name = started(broker, [{"to": THEM, "vars": {"name": "Ann"}}])
    until_state(broker, name, "completed")
    broker.receive(ALICE_NUMBER, THEM, "Thanks")
    [conversation] = broker.api().conversations(address=THEM)
    assert [who["user"] for who in conversation["participants"]] == ["alice"]
    assert broker.api().bodies(conversation["id"]) == ["Hi Ann", "Thanks"]


def test_replies_go_to_the_team_it_was_sent_for(make, carrier):
    broker = make(outbound="allowed_copy_team")
    answer = broker.api().request(
        "POST", "/v1/bulk", body=json.dumps({"to": THEM}).encode(),
        query={"from": SUPPORT_NUMBER, "team": "support", "body": "News"},
        headers={"Content-Type": "application/x-ndjson"})
    assert answer.status == 202, answer
    until_state(broker, answer.json()["id"], "completed")
    [conversation] = broker.api().conversations(address=THEM)
    assert conversation["team"] == "support"


def test_whoever_has_opted_out_is_not_sent_to(broker, carrier):
    broker.receive(ALICE_NUMBER, number(1), "STOP")
    waiting.until(lambda: carrier.received(), "the confirmation")
    name = started(broker, lines_of(3))
    done = until_state(broker, name, "completed")
    assert done["counts"] == {"sent": 2, "refused": 1}
    [refused] = results(broker, name, state="refused")
    assert (refused["to"], refused["error"]["code"]) == (f"sms:{number(1)}", "opted_out")
    assert number(1) not in [send["To"] for send in carrier.received()[1:]]


def test_a_repeated_request_gets_its_job_and_sends_nothing_twice(broker, carrier):
    first = upload(broker, lines_of(100), idempotency_key="k1").json()
    until_state(broker, first["id"], "completed")
    again = upload(broker, lines_of(100), idempotency_key="k1")
    assert again.status == 202 and again.json()["id"] == first["id"]
    other = upload(broker, lines_of(101), idempotency_key="k1")
    assert other.code == "idempotency_mismatch"
    assert upload(broker, lines_of(100), idempotency_key="k1",
                  body="Bye {{name}}").code == "idempotency_mismatch"
    assert len(carrier.received()) == 100


def test_an_upload_that_broke_goes_on_where_it_was(broker, carrier):
    """Accepted means durable: what was read is there, and the rest comes with the same key."""
    whole = b"".join(json.dumps(line).encode() + b"\n" for line in lines_of(20000))
    broken = open_upload(broker, {
        "from": ALICE_NUMBER, "user": "alice", "body": "Hi {{name}}"}, len(whole),
        "k2")
    broken.sendall(whole[:len(whole) // 2])
    found = waiting.until(lambda: [one for one in broker.api().items("/v1/bulk")
                                   if one["lines"] > 5000], "half of the lines to be durable")
    broken.close()
    broker.kill()
    broker.start()
    [left] = broker.api().items("/v1/bulk")
    assert left["state"] == "receiving" and left["lines"] >= found[0]["lines"]
    assert carrier.received() == []
    answer = upload(broker, whole, idempotency_key="k2")
    assert answer.status == 202, answer
    assert answer.json()["id"] == left["id"]
    assert (answer.json()["lines"], answer.json()["accepted"]) == (20000, 20000)
    assert act(broker, left["id"], "cancel").status == 200


@pytest.mark.parametrize("killed", [False, True])
def test_a_broken_upload_that_nobody_can_go_on_with_is_canceled(broker, carrier, killed):
    """It has no key. Else it would hold a place among the jobs that may be open for ever."""
    whole = b"".join(json.dumps(line).encode() + b"\n" for line in lines_of(20000))
    broken = open_upload(broker, {
        "from": ALICE_NUMBER, "user": "alice", "body": "Hi {{name}}"}, len(whole), None)
    broken.sendall(whole[:len(whole) // 2])
    waiting.until(lambda: [one for one in broker.api().items("/v1/bulk")
                           if one["lines"] > 5000], "half of the lines to be durable")
    if killed:
        broker.kill()
        broker.start()
    broken.close()
    left = waiting.until(lambda: [one for one in broker.api().items("/v1/bulk")
                                  if one["state"] == "canceled"], "the job to be canceled")[0]
    assert left["counts"] == {"canceled": left["accepted"]} and left["accepted"] > 5000
    assert carrier.received() == []


def test_other_lines_do_not_complete_a_broken_upload(broker):
    whole = b"".join(json.dumps(line).encode() + b"\n" for line in lines_of(2000))
    broken = open_upload(broker, {
        "from": ALICE_NUMBER, "user": "alice", "body": "Hi {{name}}"}, len(whole) + 1,
        "k3")
    broken.sendall(whole)
    waiting.until(lambda: broker.api().items("/v1/bulk"), "some lines to be durable")
    broken.close()
    changed = whole.replace(b'"n5"', b'"x5"')
    answer = waiting.until(lambda: (made := upload(broker, changed, idempotency_key="k3")).code
                           != "upload_in_progress" and made, "the broken upload to end")
    assert answer.code == "idempotency_mismatch"


def test_a_job_survives_kills_at_any_moment(make, carrier):
    broker = make(rate=2000)
    name = started(broker, lines_of(3000))
    for share in (300, 900, 1500, 2200):
        waiting.until(lambda: len(carrier.received()) > share, f"{share} sends")
        broker.kill()
        broker.start()
    done = until_state(broker, name, "completed")
    held = done["counts"].get("unknown", 0)
    assert done["counts"].get("sent", 0) + held == 3000, done
    to = [send["To"] for send in carrier.received()]
    assert len(to) == len(set(to)), "nobody is sent to twice"
    assert len(to) >= 3000 - held, "nobody is left out"


def test_a_broker_whose_jobs_are_over_ends_when_told(broker):
    until_state(broker, started(broker, lines_of(3)), "completed")
    name = started(broker, lines_of(3), start_at=in_seconds(3600))
    act(broker, name, "cancel")
    assert broker.terminate() == 0


def test_progress_is_told_as_events(broker):
    name = started(broker, lines_of(50))
    until_state(broker, name, "completed")
    events = broker.api().events(types="bulk.progress,bulk.completed")
    assert [event["type"] for event in events][-1] == "bulk.completed"
    assert events[-1]["data"]["counts"] == {"sent": 50}
    assert all(event["data"]["id"] == name for event in events)


@pytest.mark.parametrize("change, code", [
    ({"from": "+15559999999"}, "unknown_number"),
    ({"from": "x"}, "malformed"),
    ({"user": "nobody"}, "unknown_user"),
    ({"user": "bob"}, "number_not_allowed"),
    ({"team": "support"}, "malformed"),
    ({"body": "Hi {{"}, "malformed"),
    ({"template": "none"}, "malformed"),
    ({"start_at": "tomorrow"}, "malformed"),
    ({"spread_s": "-1"}, "malformed"),
    ({"dry_run": "maybe"}, "malformed"),
    ({"who": "x"}, "malformed"),
])
def test_what_cannot_be_done_is_refused_before_the_first_line(broker, change, code):
    assert upload(broker, lines_of(1), **change).code == code


def test_the_type_of_the_lines_must_be_known(broker):
    assert upload(broker, lines_of(1), headers={"Content-Type": "application/json"}
                  ).code == "unsupported_media"


def test_no_lines_are_no_job(broker):
    assert upload(broker, b"").code == "malformed"
    assert broker.api().items("/v1/bulk") == []


def test_jobs_belong_to_their_organisation(broker):
    name = started(broker, lines_of(1))
    other = broker.api(OTHER_KEY)
    assert other.get(f"/v1/bulk/{name}").code == "not_found"
    assert other.get(f"/v1/bulk/{name}/results").code == "not_found"
    assert other.request("POST", f"/v1/bulk/{name}/cancel").code == "not_found"
    assert other.items("/v1/bulk") == []


def test_jobs_are_listed_newest_first(broker):
    names = [started(broker, lines_of(1)) for _ in range(5)]
    assert [one["id"] for one in broker.api().items("/v1/bulk", limit=2)] == names[::-1]


def test_too_many_open_jobs_are_refused(make):
    broker = make(config={"bulk": {"jobs_open_max": 1}})
    started(broker, lines_of(1), start_at=in_seconds(3600))
    assert upload(broker, lines_of(1)).code == "overloaded"


def test_a_line_that_is_too_long_is_passed_over(make, carrier):
    broker = make(config={"bulk": {"line_bytes_max": 300}})
    answer = upload(broker, [*lines_of(1), {"to": number(7), "vars": {"name": "x" * 400}},
                             {"to": number(8), "vars": {"name": "Eve"}}])
    assert [(line["line"], line["code"]) for line in answer.json()["refused"]] == [(2, "too_large")]
    until_state(broker, answer.json()["id"], "completed")
    assert sorted(carrier.bodies()) == ["Hi Eve", "Hi n0"]


def test_a_store_with_jobs_is_sound(broker):
    name = started(broker, lines_of(100))
    until_state(broker, name, "completed")
    broker.kill()
    broker.verify()
