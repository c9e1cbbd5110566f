"""The test of the rules of schedules, as `test_checker.py` is of the others: scheduled replies are
added to its good history, and one thing of that spoilt at a time."""

import pytest

import checker
import schedule_rules
import test_checker
from history import Conversation, History, Message, Reply, Send

OURS, THEM, TALK = "+15550100001", "+15551230008", "cv_6"


def at(second):
    return f"2026-01-01T00:00:{second:02d}.000Z"


def add_events(history):
    def event(kind, **fields):
        test_checker.append(history, kind=kind, conversation=TALK, **fields)

    message, edited, delivery = ("conversation.message.created", "conversation.message.updated",
                                 "delivery.updated")
    event("conversation.created", ours=OURS, theirs=THEM, users=("alice",))
    event(message, message="ms_p", index=1, direction="outbound", body="s1", at=at(0))
    event(message, message="ms_q", index=2, direction="outbound", body="s2", at=at(1))
    event(edited, message="ms_p", send_at=at(20), at=at(2))
    event(delivery, message="ms_q", state="canceled", at=at(3))
    event(message, message="ms_r", index=3, direction="outbound", body="r6", at=at(4))
    event(delivery, message="ms_r", state="sending", at=at(4))
    event(delivery, message="ms_r", state="sent", provider_id="SM7", at=at(5))
    event(delivery, message="ms_p", state="queued", at=at(20))
    event(delivery, message="ms_p", state="sending", at=at(21))
    event(delivery, message="ms_p", state="sent", provider_id="SM8", at=at(22))


def build():
    """A history that keeps every rule."""
    good = test_checker.build()
    add_events(good)
    good.replies["s1"] = Reply("key7", TALK, "s1", 20.0, 20.1, {"ms_p"}, send_at=at(10), edition=1,
                               edition_asked=2, editions=1)
    good.replies["s2"] = Reply("key8", TALK, "s2", 21.0, 21.1, {"ms_q"}, send_at=at(15))
    good.replies["r6"] = Reply("key9", TALK, "r6", 24.0, 24.1, {"ms_r"})
    good.cancels = ["ms_q"]
    good.sends += [Send("SM7", OURS, THEM, "r6", True), Send("SM8", OURS, THEM, "s1", True, 1)]
    good.conversations[TALK] = Conversation(
        TALK, OURS, THEM, "active", "", 3, reads={"alice": 0}, listed_as={"active"},
        messages=[Message(1, "ms_p", "outbound", "s1", "SM8", "sent", 1),
                  Message(2, "ms_q", "outbound", "s2", "", "canceled"),
                  Message(3, "ms_r", "outbound", "r6", "SM7", "sent")])
    return good


def said(history, kind, message):
    return next(one for one in history.events if one.kind == kind and one.message == message)


def ended(history, message):
    return next(one for one in history.conversations[TALK].messages if one.id == message)


BREAKAGES = []


def breaks(rule):
    def note(spoil):
        BREAKAGES.append((rule, spoil))
        return spoil
    return note


@breaks("nothing_scheduled_leaves_before_its_time")
def a_message_is_queued_before_its_time(history):
    said(history, "delivery.updated", "ms_p").at = at(19)


@breaks("nothing_scheduled_leaves_before_its_time")
def a_later_time_is_forgotten(history):
    said(history, "conversation.message.updated", "ms_p").send_at = at(40)


@breaks("nothing_scheduled_leaves_before_its_time")
def an_attempt_is_begun_before_the_time(history):
    said(history, "delivery.updated", "ms_p").state = "sending"
    said(history, "delivery.updated", "ms_p").at = at(5)


@breaks("nothing_scheduled_leaves_before_its_time")
def a_message_is_edited_when_it_is_queued(history):
    test_checker.append(history, kind="conversation.message.updated", conversation=TALK,
                        message="ms_p", send_at=at(50), at=at(30))


@breaks("what_was_cancelled_never_leaves")
def a_cancelled_message_is_sent(history):
    ended(history, "ms_q").state = "sent"


@breaks("what_was_cancelled_never_leaves")
def a_cancelled_message_reaches_the_carrier(history):
    history.sends.append(Send("SM9", OURS, THEM, "s2", True))


@breaks("what_was_cancelled_never_leaves")
def a_cancelled_message_is_lost(history):
    history.cancels.append("ms_z")


@breaks("an_acknowledged_edition_is_what_leaves")
def an_acknowledged_edition_is_lost(history):
    history.replies["s1"].edition = 2


@breaks("an_acknowledged_edition_is_what_leaves")
def an_edition_is_there_that_nobody_asked_for(history):
    history.replies["s1"].edition_asked = 0


@breaks("an_acknowledged_edition_is_what_leaves")
def an_edition_has_no_event(history):
    history.events.remove(said(history, "conversation.message.updated", "ms_p"))


@breaks("an_acknowledged_edition_is_what_leaves")
def the_carrier_gets_the_text_of_before(history):
    history.sends[-1].edition = 0


@breaks("no_reply_is_sent_twice")
def a_scheduled_message_leaves_twice(history):
    history.sends.append(Send("SM9", OURS, THEM, "s1", True, 1))


@breaks("every_reply_has_an_outcome")
def a_scheduled_message_never_leaves(history):
    ended(history, "ms_p").state = "scheduled"


@breaks("no_delivery_goes_backwards")
def a_scheduled_message_is_scheduled_again(history):
    said(history, "delivery.updated", "ms_r").message = "ms_p"
    test_checker.append(history, kind="delivery.updated", conversation=TALK, message="ms_p",
                        state="scheduled")


@breaks("sends_go_to_the_right_ends_in_order")
def a_scheduled_message_overtakes_what_was_queued_before(history):
    history.sends[-2:] = reversed(history.sends[-2:])


def test_a_good_history_has_no_violation():
    assert checker.check(build()) == []


def test_an_empty_history_has_no_violation():
    assert checker.check(History()) == []


@pytest.mark.parametrize("rule, spoil", BREAKAGES, ids=lambda one: getattr(one, "__name__", None))
def test_a_broken_history_is_reported_under_its_rule(rule, spoil):
    history = build()
    spoil(history)
    assert rule in {name for name, _ in checker.check(history)}


def test_every_rule_of_schedules_has_a_history_that_breaks_it():
    assert {rule.__name__ for rule in schedule_rules.RULES} <= {rule for rule, _ in BREAKAGES}
