"""Webhooks: an organisation's endpoint is told its events (mission 10), over real sockets and with
real kills."""

import pytest

import directory_file
import waiting
from data_action_endpoint import CUT
from directory_file import ALICE_NUMBER, OTHER_NUMBER, SUPPORT_NUMBER
from webhook_endpoint import WebhookEndpoint

THEM, OTHERS = "+15551230001", "+15551230002"
SECRET = "a-secret-of-the-organisation"
# Quick enough for a test that waits for a retry, and nothing is given up by chance.
QUICK = {"retry_first_ms": 20, "retry_longest_ms": 100}
GIVES_UP = {**QUICK, "retry_for_s": 0}
MESSAGES = ["conversation.message.created"]


@pytest.fixture
def endpoint():
    made = WebhookEndpoint()
    yield made
    made.stop()


@pytest.fixture
def make(make_broker, carrier):
    """A broker whose webhooks are as `webhooks` configures them."""
    def start(**webhooks):
        return make_broker(provision=directory_file.directory(api_base=carrier.api_base),
                           config={"webhooks": {**QUICK, **webhooks}}).start()
    return start


@pytest.fixture
def broker(make):
    return make()


def add(broker, endpoint, name="crm", types=(), **more):
    answer = broker.api().post("/v1/webhooks", {
        "id": name, "url": endpoint.url, "secret": SECRET, "types": list(types), **more})
    assert answer.status == 201, answer
    return answer.json()


def change(broker, name="crm", **members):
    answer = broker.api().request("PATCH", f"/v1/webhooks/{name}", body=members)
    assert answer.status == 200, answer


def replay(broker, **what):
    return broker.api().post("/v1/webhooks/crm/replay", what)


def tries(broker, **query):
    return broker.api().items("/v1/webhooks/crm/deliveries", **query)


def dead(broker, **query):
    return broker.api().items("/v1/webhooks/crm/dead", **query)


def bodies(events):
    return [event["data"]["body"] for event in events
            if event["type"] == "conversation.message.created"]


def await_bodies(endpoint, *expected):
    waiting.until(lambda: bodies(endpoint.events()) == list(expected),
                  f"{expected}, not {bodies(endpoint.events())}")


def first_arrivals(events):
    """Each event once, where it came first."""
    return list({event["id"]: event for event in events}.values())


# -- an entry of the directory --------------------------------------------------------------------

WEBHOOK = {"id": "crm", "url": "https://crm.example.com/events", "secret": SECRET}


def test_one_is_enabled_and_told_everything_unless_it_says_otherwise(broker):
    answer = broker.api().post("/v1/webhooks", WEBHOOK)
    assert (answer.status, answer.json()) == (
        201, {"id": "crm", "url": WEBHOOK["url"], "types": [], "enabled": True})


@pytest.mark.parametrize("change, where", [
    ({"id": "CRM"}, "`id`"),
    ({"url": "ftp://crm.example.com"}, "`url`"),
    ({"url": "https://me@crm.example.com"}, "`url`"),
    ({"url": "/events"}, "`url`"),
    ({"url": None}, "`url`"),
    ({"secret": "fifteen-letters"}, "`secret`"),
    ({"secret": "x" * 513}, "`secret`"),
    ({"secret": None}, "`secret`"),
    ({"types": ["conversation"]}, "`types`"),
    ({"types": MESSAGES * 2}, "`types`"),
    ({"types": "all"}, "`types`"),
    ({"enabled": "yes"}, "`enabled`"),
    ({"enabled": None}, "`enabled`"),
    ({"events": []}, "`events`"),
])
def test_an_unsound_webhook_is_refused(broker, change, where):
    answer = broker.api().post("/v1/webhooks", {**WEBHOOK, **change})
    assert (answer.status, answer.code) == (400, "malformed"), answer
    assert where in answer.json()["detail"]
    assert broker.api().items("/v1/webhooks") == []


def test_a_webhook_never_shows_its_secret(broker):
    api = broker.api()
    answers = [api.post("/v1/webhooks", WEBHOOK), api.get("/v1/webhooks"),
               api.get("/v1/webhooks/crm"),
               api.request("PATCH", "/v1/webhooks/crm", body={"secret": "another-secret-of-its"})]
    for answer in answers:
        assert answer.status in (200, 201)
        assert b"secret" not in answer.body


def test_an_organisation_has_a_hundred_webhooks_and_no_more(broker):
    api = broker.api()
    for i in range(100):
        made = api.post("/v1/webhooks", {**WEBHOOK, "id": f"w{i}", "enabled": False})
        assert made.status == 201, made
    answer = api.post("/v1/webhooks", WEBHOOK)
    assert (answer.status, answer.code) == (422, "too_many"), answer
    assert api.request("DELETE", "/v1/webhooks/w7").status == 204
    assert api.post("/v1/webhooks", WEBHOOK).status == 201


# -- what is posted -------------------------------------------------------------------------------

def test_an_event_is_posted_in_its_wrapper(broker, endpoint):
    add(broker, endpoint)
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    waiting.until(lambda: len(endpoint.posts()) == 2, "the opening and the message")
    shown = broker.api().events()
    assert endpoint.events() == [
        {key: value for key, value in event.items() if key != "seq"} for event in shown]
    assert set(endpoint.events()[0]) == {"id", "type", "created_at", "organization", "data"}
    headers = endpoint.posts()[1].headers
    assert headers["content-type"] == "application/json"
    assert (headers["parley-webhook"], headers["parley-event"]) == ("crm", shown[1]["id"])


def test_it_is_signed_by_hmac_sha256_over_time_and_body(broker, endpoint):
    add(broker, endpoint)
    broker.receive(ALICE_NUMBER, THEM, "Grüße ✓")
    waiting.until(endpoint.posts, "a post")
    for post in endpoint.posts():
        assert post.is_signed_with(SECRET)
        assert not post.is_signed_with("another secret of somebody")


def test_only_the_types_that_are_wanted(broker, endpoint):
    add(broker, endpoint, types=MESSAGES)
    broker.receive(ALICE_NUMBER, THEM, "1")
    broker.receive(ALICE_NUMBER, THEM, "2")
    await_bodies(endpoint, "1", "2")
    assert {event["type"] for event in endpoint.events()} == set(MESSAGES)


def test_it_begins_with_what_happens_after_it_was_made(broker, endpoint):
    broker.receive(ALICE_NUMBER, THEM, "before")
    add(broker, endpoint)
    broker.receive(ALICE_NUMBER, THEM, "after")
    await_bodies(endpoint, "after")


def test_a_webhook_of_the_provisioning_file_is_told_too(make_broker, carrier, endpoint):
    text = directory_file.directory(api_base=carrier.api_base)
    first_key = "\n  [[organization.key]]"
    broker = make_broker(provision=text.replace(first_key, f"""
  [[organization.webhook]]
  id = "crm"
  url = "{endpoint.url}"
  secret = "{SECRET}"
  types = ["conversation.message.created"]
""" + first_key, 1)).start()
    broker.receive(ALICE_NUMBER, THEM, "1")
    await_bodies(endpoint, "1")
    broker.crash_and_restart()
    broker.receive(ALICE_NUMBER, THEM, "2")
    waiting.until(lambda: bodies(first_arrivals(endpoint.events())) == ["1", "2"], "both")


def test_one_of_the_provisioning_file_misses_not_even_the_first_event(make_broker, endpoint):
    first_key = "\n  [[organization.key]]"
    broker = make_broker(config={"webhooks": QUICK}, provision=directory_file.directory().replace(
        first_key, f"""
  [[organization.webhook]]
  id = "crm"
  url = "{endpoint.url}"
  secret = "{SECRET}"
{first_key}""", 1)).start()
    endpoint.answering(lambda event: 503)
    broker.receive(ALICE_NUMBER, THEM, "1")
    waiting.until(endpoint.posts, "a try of the opening")
    broker.kill()
    before = len(endpoint.posts())
    endpoint.answering(lambda event: 204)
    broker.start()
    broker.receive(ALICE_NUMBER, THEM, "2")
    waiting.until(lambda: bodies(endpoint.events()[before:])[-1:] == ["2"], "what came last")
    assert [event["id"] for event in first_arrivals(endpoint.events()[before:])] \
        == [event["id"] for event in broker.api().events()]


def test_nothing_crosses_organisations(broker, endpoint):  # I11
    add(broker, endpoint)
    broker.callback("inbound", {"MessageSid": "SM" + "1" * 32,
                                "AccountSid": "AC00000000000000000000000000000002",
                                "From": THEM, "To": OTHER_NUMBER, "Body": "Not for demo",
                                "NumMedia": "0"}, link="tw-other",
                    token=directory_file.OTHER_TOKEN)
    broker.receive(ALICE_NUMBER, THEM, "For demo")
    await_bodies(endpoint, "For demo")
    other = broker.api(directory_file.OTHER_KEY)
    for answer in (other.get("/v1/webhooks/crm/deliveries"), other.get("/v1/webhooks/crm/dead"),
                   other.post("/v1/webhooks/crm/replay", {"after": 0})):
        assert (answer.status, answer.code) == (404, "not_found")


# -- when it goes wrong ---------------------------------------------------------------------------

@pytest.mark.parametrize("wrong", [500, 404, 302, 410, CUT])
def test_an_event_is_posted_again_until_it_is_taken(broker, endpoint, wrong):
    answers = iter([wrong, wrong])
    endpoint.answering(lambda event: next(answers, 200))
    add(broker, endpoint, types=MESSAGES)
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    waiting.until(lambda: len(endpoint.posts()) == 3, "three tries")
    assert len({event["id"] for event in endpoint.events()}) == 1
    waiting.until(lambda: len(tries(broker)) == 3, "three lines of the log")
    assert [one["outcome"] for one in tries(broker)] == ["delivered", "retrying", "retrying"]


def test_the_order_within_a_conversation_is_kept_and_others_do_not_wait(broker, endpoint):
    refuse = {"on": True}
    endpoint.answering(lambda event: 503 if refuse["on"] and event["data"]["body"] == "1" else 204)
    add(broker, endpoint, types=MESSAGES)
    for text in ("1", "2", "3"):
        broker.receive(ALICE_NUMBER, THEM, text)
    broker.receive(ALICE_NUMBER, OTHERS, "other")
    waiting.until(lambda: "other" in bodies(endpoint.events()), "the other conversation's")
    waiting.until(lambda: bodies(endpoint.events()).count("1") > 2, "more tries")
    assert "2" not in bodies(endpoint.events())
    refuse["on"] = False
    waiting.until(lambda: bodies(endpoint.events())[-1] == "3", "the rest")
    arrived = [text for text in bodies(first_arrivals(endpoint.events())) if text != "other"]
    assert arrived == ["1", "2", "3"]


def test_what_is_refused_of_one_conversation_holds_up_no_other(make, endpoint):
    """However often: the pause that an endpoint gets when it is down would end this test."""
    broker = make(**{**GIVES_UP, "retry_first_ms": 3600000, "retry_longest_ms": 3600000},
                  in_flight_max=2)
    endpoint.answering(lambda event: 500 if event["data"]["body"].startswith("bad") else 204)
    add(broker, endpoint, types=MESSAGES)
    for i in range(5):
        broker.receive(ALICE_NUMBER, THEM, f"bad {i}")
    waiting.until(lambda: len(dead(broker)) == 5, "five dead letters")
    broker.receive(ALICE_NUMBER, OTHERS, "good")
    waiting.until(lambda: "good" in bodies(endpoint.events()), "the other conversation's")


def test_an_endpoint_that_is_down_is_asked_one_thing_at_a_time(make, endpoint):
    broker = make(in_flight_max=4, timeout_ms=600000)
    endpoint.answering(lambda event: 503)
    add(broker, endpoint, types=MESSAGES)
    for i in range(20):
        broker.receive(ALICE_NUMBER, f"+1555124{i:04}", str(i))
    waiting.until(lambda: len(endpoint.posts()) > 30, "its being down")
    endpoint.hold()
    waiting.until(endpoint.held, "a try without an answer")
    for i in range(20, 30):
        broker.receive(ALICE_NUMBER, f"+1555124{i:04}", str(i))
    assert endpoint.held() == 1
    endpoint.answering(lambda event: 204)
    endpoint.let_go()
    waiting.until(lambda: {one["seq"] for one in tries(broker, outcome="delivered")}
                  == {event["seq"] for event in broker.api().events(types=MESSAGES[0])}, "all")


def test_an_endpoint_that_is_down_delays_only_itself(make, endpoint):  # I9
    broker = make(timeout_ms=600000)
    down = WebhookEndpoint()
    down.hold()
    add(broker, down, "down", types=MESSAGES)
    add(broker, endpoint, types=MESSAGES)
    texts = [str(i) for i in range(300)]
    for i, text in enumerate(texts):
        broker.receive(ALICE_NUMBER, f"+1555124{i:04}", text)
    waiting.until(lambda: sorted(bodies(endpoint.events())) == sorted(texts), "all")
    assert len(down.posts()) <= 8, "no more than its own places"
    down.let_go()
    waiting.until(lambda: sorted(set(bodies(down.events()))) == sorted(texts), "all, later")
    down.stop()


def test_a_consumer_that_was_away_resumes_and_misses_nothing(broker, endpoint):
    add(broker, endpoint, types=MESSAGES)
    broker.receive(ALICE_NUMBER, THEM, "0")
    await_bodies(endpoint, "0")
    endpoint.answering(lambda event: 503)
    for i in range(1, 30):
        broker.receive(ALICE_NUMBER, THEM, str(i))
        if i % 10 == 0:
            broker.crash_and_restart()
    endpoint.answering(lambda event: 204)
    waiting.until(lambda: bodies(endpoint.events())[-1] == "29", "the last")
    assert bodies(first_arrivals(endpoint.events())) == [str(i) for i in range(30)]


def test_after_an_orderly_end_nothing_is_posted_twice(broker, endpoint):
    add(broker, endpoint, types=MESSAGES)
    for i in range(5):
        broker.receive(ALICE_NUMBER, THEM, str(i))
    await_bodies(endpoint, *"01234")
    waiting.until(lambda: len(tries(broker)) == 5, "the log")
    broker.terminate()
    broker.start()
    broker.receive(ALICE_NUMBER, THEM, "5")
    await_bodies(endpoint, *"012345")


def test_one_that_is_not_enabled_waits_and_goes_on_where_it_stopped(broker, endpoint):
    add(broker, endpoint, types=MESSAGES)
    broker.receive(ALICE_NUMBER, THEM, "1")
    await_bodies(endpoint, "1")
    change(broker, enabled=False)
    broker.receive(ALICE_NUMBER, THEM, "2")
    broker.crash_and_restart()
    broker.receive(ALICE_NUMBER, THEM, "3")
    assert "2" not in bodies(endpoint.events())
    change(broker, enabled=True)
    waiting.until(lambda: bodies(first_arrivals(endpoint.events())) == ["1", "2", "3"], "all")


def test_another_url_is_used_at_once(broker, endpoint):
    endpoint.answering(lambda event: 503)
    add(broker, endpoint, types=MESSAGES)
    broker.receive(ALICE_NUMBER, THEM, "1")
    waiting.until(endpoint.posts, "a try")
    better = WebhookEndpoint()
    change(broker, url=better.url)
    await_bodies(better, "1")
    better.stop()


def test_private_destinations_are_refused_where_they_are_not_allowed(make_broker, carrier,
                                                                      endpoint):
    broker = make_broker(provision=directory_file.directory(api_base=carrier.api_base),
                         config={"webhooks": QUICK,
                                 "security": {"allow_private_destinations": False}}).start()
    add(broker, endpoint, types=MESSAGES)
    broker.receive(ALICE_NUMBER, THEM, "1")
    line = waiting.until(lambda: tries(broker), "a try")[0]
    assert line["status"] is None and "not reached" in line["error"]
    assert endpoint.posts() == []


# -- dead letters, the log, replay ----------------------------------------------------------------

def test_what_was_not_taken_in_time_is_a_dead_letter(make, endpoint):
    broker = make(**GIVES_UP)
    endpoint.answering(lambda event: 500 if event["data"]["body"] == "bad" else 204)
    add(broker, endpoint, types=MESSAGES)
    for text in ("1", "bad", "2"):
        broker.receive(ALICE_NUMBER, THEM, text)
    waiting.until(lambda: bodies(endpoint.events())[-1:] == ["2"], "what is behind it")
    letter, = waiting.until(lambda: dead(broker), "a dead letter")
    event, = [one for one in broker.api().events(types=MESSAGES[0])
              if one["data"]["body"] == "bad"]
    assert (letter["event"], letter["seq"], letter["type"]) == (
        event["id"], event["seq"], MESSAGES[0])
    assert letter["status"] == 500 and letter["attempts"] == 1
    broker.crash_and_restart()
    assert dead(broker) == [letter]
    assert broker.verify().returncode == 0


def test_dead_letters_are_replayed(make, endpoint):
    broker = make(**GIVES_UP)
    endpoint.answering(lambda event: 500)
    add(broker, endpoint, types=MESSAGES)
    for text in ("1", "2"):
        broker.receive(ALICE_NUMBER, THEM, text)
    waiting.until(lambda: len(dead(broker)) == 2, "two dead letters")
    endpoint.answering(lambda event: 204)
    answer = replay(broker, dead=True)
    assert (answer.status, answer.json()) == (
        202, {"webhook": "crm", "after": None, "events": 2})
    assert dead(broker) == []
    waiting.until(lambda: [one["outcome"] for one in tries(broker)][:2] == ["delivered"] * 2,
                  "both delivered")
    assert bodies(endpoint.events()) == ["1", "2", "1", "2"]


def test_a_replay_survives_a_crash(make, endpoint):
    broker = make(**GIVES_UP)
    endpoint.answering(lambda event: 500)
    add(broker, endpoint, types=MESSAGES)
    broker.receive(ALICE_NUMBER, THEM, "1")
    waiting.until(lambda: dead(broker), "a dead letter")
    endpoint.hold()
    endpoint.answering(lambda event: 204)
    assert replay(broker, dead=True).status == 202
    broker.kill()
    endpoint.let_go()
    count = len(endpoint.posts())
    broker.start()
    waiting.until(lambda: len(endpoint.posts()) > count, "the event again")
    assert dead(broker) == []


def test_replay_from_a_position_of_the_journal(broker, endpoint):
    add(broker, endpoint, types=MESSAGES)
    for text in ("1", "2", "3"):
        broker.receive(ALICE_NUMBER, THEM, text)
    await_bodies(endpoint, "1", "2", "3")
    second = broker.api().events(types=MESSAGES[0])[1]
    answer = replay(broker, after=second["seq"] - 1)
    assert (answer.status, answer.json()["after"]) == (202, second["seq"] - 1)
    await_bodies(endpoint, "1", "2", "3", "2", "3")


def test_replay_of_chosen_events(broker, endpoint):
    broker.receive(ALICE_NUMBER, THEM, "before it was made")
    add(broker, endpoint, types=MESSAGES)
    broker.receive(ALICE_NUMBER, THEM, "1")
    await_bodies(endpoint, "1")
    chosen = [event["id"] for event in broker.api().events()]
    assert replay(broker, events=chosen).json()["events"] == len(chosen)
    waiting.until(lambda: len(endpoint.posts()) == 1 + len(chosen), "all of them")
    assert [event["id"] for event in endpoint.events()[1:]] == chosen


def test_chosen_events_come_in_the_order_of_the_journal(broker, endpoint):
    add(broker, endpoint, types=MESSAGES)
    for text in ("1", "2", "3"):
        broker.receive(ALICE_NUMBER, THEM, text)
    await_bodies(endpoint, "1", "2", "3")
    first, second, third = [event["id"] for event in broker.api().events(types=MESSAGES[0])]
    assert replay(broker, events=[third, first, second]).status == 202
    await_bodies(endpoint, "1", "2", "3", "1", "2", "3")


@pytest.mark.parametrize("body, status, code", [
    ({}, 400, "malformed"),
    ({"after": 0, "dead": True}, 400, "malformed"),
    ({"after": -1}, 400, "malformed"),
    ({"after": 10**9}, 400, "malformed"),
    ({"after": "0"}, 400, "malformed"),
    ({"dead": False}, 400, "malformed"),
    ({"events": []}, 400, "malformed"),
    ({"events": ["x"]}, 400, "malformed"),
    ({"events": ["ev_" + "0" * 26]}, 404, "not_found"),
    ({"everything": True}, 400, "malformed"),
])
def test_a_replay_that_cannot_be_is_refused_and_nothing_posted(broker, endpoint, body, status,
                                                               code):
    broker.receive(ALICE_NUMBER, THEM, "1")
    add(broker, endpoint)
    answer = replay(broker, **body)
    assert (answer.status, answer.code) == (status, code), answer
    assert endpoint.posts() == []


def test_another_organisations_event_is_none(broker, endpoint):  # I11
    broker.receive(SUPPORT_NUMBER, THEM, "Hello")
    event = broker.api().events()[0]["id"]
    other = broker.api(directory_file.OTHER_KEY)
    assert other.post("/v1/webhooks", {"id": "crm", "url": endpoint.url,
                                       "secret": SECRET}).status == 201
    answer = other.post("/v1/webhooks/crm/replay", {"events": [event]})
    assert (answer.status, answer.code) == (404, "not_found")


def test_there_can_be_too_much_to_replay(make, endpoint):
    broker = make(replays_max=1)
    for text in ("1", "2"):
        broker.receive(ALICE_NUMBER, THEM, text)
    add(broker, endpoint)
    chosen = [event["id"] for event in broker.api().events()]
    answer = replay(broker, events=chosen)
    assert (answer.status, answer.code) == (422, "too_many")


def test_the_delivery_log_tells_of_every_try(make, endpoint):
    broker = make(log_entries_max=5)
    answers = iter([500])
    endpoint.answering(lambda event: next(answers, 200))
    add(broker, endpoint, types=MESSAGES)
    broker.receive(ALICE_NUMBER, THEM, "1")
    waiting.until(lambda: len(tries(broker)) == 2, "two lines")
    last, first = tries(broker)
    assert (first["outcome"], first["status"], first["attempt"]) == ("retrying", 500, 1)
    assert (last["outcome"], last["status"], last["attempt"], last["error"]) == (
        "delivered", 200, 2, None)
    event, = broker.api().events(types=MESSAGES[0])
    assert last["event"] == first["event"] == event["id"] and last["seq"] == event["seq"]
    assert tries(broker, outcome="retrying") == [first]
    assert tries(broker, event=event["id"], limit=1) == [last, first], "over pages"
    for i in range(2, 7):
        broker.receive(ALICE_NUMBER, THEM, str(i))
    waiting.until(lambda: tries(broker)[0]["seq"] > last["seq"] and len(tries(broker)) == 5
                  and tries(broker)[0]["seq"] == broker.api().events(types=MESSAGES[0])[-1]["seq"],
                  "the newest five")
    for query in ({"outcome": "lost"}, {"event": "x"}, {"cursor": "x"}):
        answer = broker.api().get("/v1/webhooks/crm/deliveries", **query)
        assert (answer.status, answer.code) == (400, "malformed"), query


def test_dead_letters_are_bounded_and_paged(make, endpoint):
    broker = make(**GIVES_UP, dead_letters_max=3)
    endpoint.answering(lambda event: 500)
    add(broker, endpoint, types=MESSAGES)
    for i in range(5):
        broker.receive(ALICE_NUMBER, f"+1555124{i:04}", str(i))
    newest = [event["id"] for event in broker.api().events(types=MESSAGES[0])]
    waiting.until(lambda: len(tries(broker, outcome="dead")) == 5, "five given up")
    letters = dead(broker, limit=2)
    assert len(letters) == 3 and {one["event"] for one in letters} <= set(newest)
    metrics = broker.get("/metrics").body.decode()
    assert "parley_webhook_dead_dropped_total 2" in metrics


def test_deleting_it_ends_it_and_a_new_one_of_its_name_begins_anew(make, endpoint):
    broker = make(**GIVES_UP)
    endpoint.answering(lambda event: 500)
    add(broker, endpoint, types=MESSAGES)
    broker.receive(ALICE_NUMBER, THEM, "1")
    waiting.until(lambda: dead(broker), "a dead letter")
    assert broker.api().request("DELETE", "/v1/webhooks/crm").status == 204
    assert broker.api().get("/v1/webhooks/crm/dead").status == 404
    broker.receive(ALICE_NUMBER, THEM, "2")
    broker.crash_and_restart()
    endpoint.answering(lambda event: 204)
    add(broker, endpoint, types=MESSAGES)
    broker.receive(ALICE_NUMBER, THEM, "3")
    await_bodies(endpoint, "1", "3")
    waiting.until(lambda: len(tries(broker)) == 1, "its own log")
    assert dead(broker) == []


def test_a_damaged_record_is_passed_over_and_holds_nothing_up(broker, endpoint):  # R4
    for text in ("before", "a text that stands nowhere else", "behind"):
        broker.receive(ALICE_NUMBER, THEM, text)
    add(broker, endpoint, types=MESSAGES)
    broker.terminate()
    data = broker.data / "data.mdb"
    whole = data.read_bytes()
    assert b"stands nowhere else" in whole
    data.write_bytes(whole.replace(b"stands nowhere else", b"stands nowhere eLse"))
    broker.start()
    assert replay(broker, after=0).status == 202
    waiting.until(lambda: bodies(endpoint.events())[-1:] == ["behind"], "what is behind it")
    assert bodies(endpoint.events()) == ["before", "behind"]
    assert "a damaged record is passed over" in broker.log.read_text()
