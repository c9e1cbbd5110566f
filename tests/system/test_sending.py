"""Sending: rates, order and retries (mission 6), and links that trouble nobody else's (I8, I9)."""

import re
import threading
import time

import pytest

import directory_file
import scripted_carrier
import waiting
from directory_file import ALICE_NUMBER, OTHER_KEY, OTHER_NUMBER
from scripted_carrier import CUT, refuse

THEM = "+15551230001"
OTHERS_CUSTOMER = "+15551239999"


@pytest.fixture
def other_carrier():
    """The carrier of the other organisation's link."""
    running = scripted_carrier.ScriptedCarrier()
    yield running
    running.stop()


def provision(carrier, other_carrier, rate=1000.0):
    """The usual directory, in which the two organisations' links go to two carriers."""
    text = directory_file.directory(api_base=carrier.api_base, rate=rate)
    ours, theirs = text.split('[[organization]]\nid = "other"')
    theirs = theirs.replace(carrier.api_base, other_carrier.api_base)
    return ours + '[[organization]]\nid = "other"' + theirs


def started(broker, to, body="Hello", api=None, sender=ALICE_NUMBER, user="alice"):
    """A message that alice starts a conversation with, or goes on with it; its id."""
    api = api or broker.api()
    answer = api.start(sender, to, user=user, body=body)
    assert answer.status in (200, 201), answer
    return api.messages(answer.json()["id"])[-1]["id"]


def started_elsewhere(broker, body):
    """The same in the other organisation."""
    return started(broker, OTHERS_CUSTOMER, body, broker.api(OTHER_KEY), OTHER_NUMBER, "oscar")


def metric(broker, name):
    found = re.search(rf"^{re.escape(name)} (\S+)$", broker.get("/metrics").body.decode(), re.M)
    return float(found.group(1)) if found else None


def people(count):
    return [f"+1555124{number:04d}" for number in range(count)]


def test_a_carrier_that_never_answers_delays_nobody_else(make_broker, carrier, other_carrier):
    released = threading.Event()
    carrier.before_answer = lambda form: released.wait(waiting.DEADLINE_S)
    broker = make_broker(provision=provision(carrier, other_carrier)).start()
    try:
        waiting_for_it = [started(broker, one) for one in people(70)]
        waiting.until(lambda: len(carrier.received()) >= 64, "the link to be full")
        message = started_elsewhere(broker, "Nobody holds me up")
        broker.api(OTHER_KEY).await_state(message, "sent")
        assert len(carrier.received()) == 64
        assert metric(broker, 'parley_actors_link_in_flight{link="tw"}') == 64
    finally:
        released.set()
    for one in waiting_for_it:
        broker.api().await_state(one, "sent")
    waiting.until(lambda: metric(broker, 'parley_actors_link_in_flight{link="tw"}') == 0,
                  "every place to be given back")
    assert metric(broker, 'parley_actors_queued{lane="reply"}') == 0


def test_a_link_has_no_more_sends_at_once_than_its_own_limit(make_broker, carrier):
    released = threading.Event()
    carrier.before_answer = lambda form: released.wait(waiting.DEADLINE_S)
    text = directory_file.directory(api_base=carrier.api_base)
    broker = make_broker(provision=text.replace(
        'id = "tw"\n', 'id = "tw"\n  connections_max = 2\n')).start()
    try:
        messages = [started(broker, one) for one in people(5)]
        waiting.until(lambda: len(carrier.received()) >= 2, "two sends")
        assert broker.api().read("/v1/links/tw")["connections_max"] == 2
        assert len(carrier.received()) == 2
    finally:
        released.set()
    for one in messages:
        broker.api().await_state(one, "sent")


def test_a_link_that_fails_is_left_alone_and_troubles_nobody_else(make_broker, carrier,
                                                                  other_carrier):
    carrier.then(*3 * [refuse(503, None)])
    broker = make_broker(provision=provision(carrier, other_carrier), config={
        "sender": {"link_failures_max": 3, "link_pause_ms": 5000}}).start()
    failed = [started(broker, one) for one in people(3)]
    waiting.until(lambda: "link: left alone, link=tw " in broker.printed(), "the link to be left")
    assert metric(broker, 'parley_actors_link_open{link="tw"}') == 1
    later = started(broker, THEM, "I wait")
    message = started_elsewhere(broker, "I do not")
    broker.api(OTHER_KEY).await_state(message, "sent")
    assert metric(broker, 'parley_actors_link_open{link="tw-other"}') == 0
    assert "I wait" not in carrier.bodies()
    states = broker.api().await_state(later, "sent")
    assert states.count("sending") == 1, "while it waited, nothing was tried"
    waiting.until(lambda: "link: works again, link=tw" in broker.printed(), "the link to be back")
    for one in failed:
        broker.api().await_state(one, "sent")
    assert metric(broker, 'parley_actors_link_open{link="tw"}') == 0


def test_a_link_that_flaps_loses_nothing_and_sends_nothing_twice(make_broker, carrier,
                                                                 other_carrier):
    carrier.then(*2 * [refuse(503, None)], *2 * [scripted_carrier.accept("SM" + 32 * "a")],
                 *2 * [refuse(500, None)])
    broker = make_broker(provision=provision(carrier, other_carrier), config={
        "sender": {"link_failures_max": 1, "link_pause_ms": 100, "window_max": 1}}).start()
    messages = [started(broker, one, f"Number {one}") for one in people(6)]
    elsewhere = [started_elsewhere(broker, f"Elsewhere {number}") for number in range(6)]
    for one in elsewhere:
        broker.api(OTHER_KEY).await_state(one, "sent")
    for one in messages:
        broker.api().await_state(one, "sent")
    assert len(carrier.received()) == len(messages) + 4
    assert len(other_carrier.received()) == len(elsewhere)


def test_a_failed_send_holds_up_nobody_but_its_own_conversation(make_broker, carrier):
    carrier.then(refuse(500, None))
    broker = make_broker(provision=directory_file.directory(api_base=carrier.api_base)).start()
    first = started(broker, THEM, "I failed")
    waiting.until(carrier.received, "the first try")
    conversation = broker.conversation_with(THEM)["id"]
    behind = broker.api().replied(conversation, "I wait for it")["id"]
    for one in people(3):
        broker.api().await_state(started(broker, one, "I do not"), "sent")
    broker.api().await_state(first, "sent")
    broker.api().await_state(behind, "sent")
    assert carrier.bodies() == ["I failed", *3 * ["I do not"], "I failed", "I wait for it"]


def test_a_retry_waits_for_its_time_over_a_crash(make_broker, carrier):
    carrier.then(refuse(500, None))
    broker = make_broker(provision=directory_file.directory(api_base=carrier.api_base)).start()
    first = started(broker, THEM, "I failed")
    waiting.until(carrier.received, "the first try")
    waiting.until(lambda: broker.api().delivery_states(first)[-1:] == ["queued"],
                  "it to wait")
    broker.crash_and_restart()
    broker.api().await_state(started(broker, people(1)[0], "I came later"), "sent")
    broker.api().await_state(first, "sent")
    assert carrier.bodies() == ["I failed", "I came later", "I failed"]


def test_a_throttled_send_counts_as_no_try(make_broker, carrier):
    carrier.then(*6 * [refuse(429, 20429, **{"Retry-After": "1"})], refuse(500, None))
    broker = make_broker(provision=directory_file.directory(api_base=carrier.api_base)).start()
    message = started(broker, THEM)
    broker.api().await_state(message, "sent")
    assert len(carrier.received()) == 8


def test_a_numbers_rate_holds_over_a_crash(make_broker, carrier):
    arrivals = []
    carrier.before_answer = lambda form: arrivals.append(time.monotonic())
    broker = make_broker(
        provision=directory_file.directory(api_base=carrier.api_base, rate=0.25)).start()
    broker.api().await_state(started(broker, THEM), "sent")
    broker.crash_and_restart()
    broker.api().await_state(started(broker, people(1)[0]), "sent")
    first, second = arrivals
    # One segment in four seconds, and what 20 ms pay for.
    assert second - first >= 3.9


def test_a_connection_that_breaks_delays_nobody_else(make_broker, carrier, other_carrier):
    carrier.then(*3 * [CUT])
    broker = make_broker(provision=provision(carrier, other_carrier), config={
        "sender": {"link_failures_max": 3, "link_pause_ms": 60000}}).start()
    for one in people(3):
        broker.api().await_state(started(broker, one), "unknown")
    waiting.until(lambda: "link: left alone, link=tw " in broker.printed(), "the link to be left")
    broker.api(OTHER_KEY).await_state(started_elsewhere(broker, "Fine"), "sent")
