"""The test of the rules of consent, as `test_checker.py` is of the others: one more person, who
leaves and comes back, is added to its good history, and one thing of that spoilt at a time."""

import dataclasses

import pytest

import checker
import consent_rules
import test_checker
from history import Consent, Conversation, Event, History, Inbound, Message, Reply, Send
from organisation import ANSWERS, GOODBYE, OPT_IN_AGAIN, OPT_OUT

OURS, THEM, TALK = "+15550100001", "+15551230009", "cv_5"
WELCOME = next(text for text, words in ANSWERS.items() if OPT_IN_AGAIN in words)
REMARK = "by telephone 1"


def consent(record, state, source, message="", text="", number=OURS):
    return Consent(record, THEM, number, state, source, TALK, message, text)


def add_events(history):
    def event(kind, **fields):
        test_checker.append(history, kind=kind, conversation=TALK, **fields)

    def inbound(sid, index, body):
        event(message, message=f"ms_{sid}", index=index, direction="inbound", body=body,
              provider_id=f"SM{sid}")
        history.inbound[f"SM{sid}"] = Inbound(f"SM{sid}", OURS, THEM, body, 10.0 + index,
                                              10.5 + index)

    message, delivery, changed = ("conversation.message.created", "delivery.updated",
                                  "consent.changed")
    event("conversation.created", ours=OURS, theirs=THEM, users=("alice",))
    inbound("f", 1, "f")
    event(message, message="ms_g", index=2, direction="outbound", body="r3")
    inbound("h", 3, OPT_OUT)
    event(changed, consent=consent("ev_1", "opted_out", "keyword", "ms_h", OPT_OUT))
    event(delivery, message="ms_g", state="canceled", error_code=21610)
    event(message, message="ms_i", index=4, direction="outbound", body=GOODBYE)
    event(delivery, message="ms_i", state="sending")
    event(delivery, message="ms_i", state="sent", provider_id="SM3")
    event(changed, consent=consent("ev_2", "opted_in", "api", text=REMARK))
    event(message, message="ms_j", index=5, direction="outbound", body="r4")
    event(delivery, message="ms_j", state="sending")
    event(delivery, message="ms_j", state="failed", error_code=21610)
    event(changed, consent=consent("ev_3", "opted_out", "carrier", "ms_j"))
    inbound("k", 6, OPT_IN_AGAIN)
    event(changed, consent=consent("ev_4", "opted_in", "keyword", "ms_k", OPT_IN_AGAIN))
    event(message, message="ms_l", index=7, direction="outbound", body=WELCOME)
    event(delivery, message="ms_l", state="sending")
    event(delivery, message="ms_l", state="sent", provider_id="SM5")


def build():
    """A history that keeps every rule."""
    good = test_checker.build()
    add_events(good)
    good.replies["r3"] = Reply("key4", TALK, "r3", 12.0, 12.5, {"ms_g"})
    good.replies["r4"] = Reply("key5", TALK, "r4", 15.0, 15.2, {"ms_j"})
    good.replies["r5"] = Reply("key6", TALK, "r5", 14.0, None, set(), "opted_out")
    good.remarks = {REMARK, "never answered"}
    good.sends += [Send("SM3", OURS, THEM, GOODBYE, True), Send("", OURS, THEM, "r4", False),
                   Send("SM5", OURS, THEM, WELCOME, True)]
    states = {"ms_g": ("", "canceled"), "ms_i": ("SM3", "sent"), "ms_j": ("", "failed"),
              "ms_l": ("SM5", "sent")}
    good.conversations[TALK] = Conversation(
        TALK, OURS, THEM, "active", "", 7, reads={"alice": 0}, listed_as={"active"},
        messages=[Message(one.index, one.message, one.direction, one.body,
                          *states.get(one.message, (one.provider_id, "")))
                  for one in good.events
                  if one.kind == "conversation.message.created" and one.conversation == TALK])
    good.consents = [dataclasses.replace(one.consent) for one in good.events if one.consent]
    good.newest_consents = good.consents[-1:]
    good.wishes = [dataclasses.replace(good.consents[1])]
    return good


def place_of(history, record):
    return next(place for place, one in enumerate(history.events)
                if one.consent and one.consent.id == record)


def said(history, message):
    return next(one for one in history.events if one.message == message)


BREAKAGES = []


def breaks(rule):
    def note(spoil):
        BREAKAGES.append((rule, spoil))
        return spoil
    return note


def opt_out_again(history, number=OURS):
    record = consent("ev_5", "opted_out", "api", text=REMARK, number=number)
    test_checker.append(history, kind="consent.changed", conversation=TALK, consent=record)


def begin_another(history):
    test_checker.append(history, kind="delivery.updated", conversation=TALK, message="ms_l",
                        state="sending")


@breaks("nobody_who_opted_out_is_sent_to")
def an_attempt_is_begun_after_an_opt_out(history):
    opt_out_again(history)
    begin_another(history)


@breaks("nobody_who_opted_out_is_sent_to")
def an_attempt_is_begun_after_an_opt_out_of_all_numbers(history):
    opt_out_again(history, number="")
    begin_another(history)


@breaks("nobody_who_opted_out_is_sent_to")
def a_message_is_taken_after_an_opt_out(history):
    opt_out_again(history)
    test_checker.append(history, kind="conversation.message.created", conversation=TALK,
                        message="ms_m", index=8, direction="outbound", body="r5")


@breaks("what_was_refused_is_not_there")
def a_reply_that_was_refused_is_there(history):
    test_checker.append(history, kind="conversation.message.created", conversation=TALK,
                        message="ms_m", index=8, direction="outbound", body="r5")


def confirm_again(history):
    test_checker.append(history, kind="conversation.message.created", conversation=TALK,
                        message="ms_m", index=8, direction="outbound", body=GOODBYE)


@breaks("an_opt_out_is_confirmed_once")
def an_opt_out_through_the_api_is_confirmed(history):
    opt_out_again(history)
    confirm_again(history)


@breaks("an_opt_out_is_confirmed_once")
def an_opt_out_is_confirmed_twice(history):
    place = history.events.index(said(history, "ms_i"))
    history.events.insert(place, dataclasses.replace(history.events[place], message="ms_m"))


@breaks("an_opt_out_cancels_what_waits")
def what_waited_is_sent(history):
    test_checker.event(history, "delivery.updated", 8).state = "sending"


@breaks("an_opt_out_cancels_what_waits")
def what_waited_is_canceled_for_another_reason(history):
    test_checker.event(history, "delivery.updated", 8).error_code = 0


@breaks("an_opt_out_cancels_what_waits")
def what_waited_is_forgotten(history):
    del history.events[place_of(history, "ev_1") + 1]


@breaks("an_opt_out_cancels_what_waits")
def what_waited_is_canceled_later(history):
    place = place_of(history, "ev_1") + 1
    history.events.insert(place + 2, history.events.pop(place))


@breaks("an_opt_out_cancels_what_waits")
def what_waited_is_forgotten_at_the_last(history):
    del history.events[place_of(history, "ev_1") + 1:]


@breaks("every_wish_is_recorded_once")
def what_was_said_is_not_recorded(history):
    del history.events[place_of(history, "ev_1")]


@breaks("every_wish_is_recorded_once")
def that_somebody_wants_messages_again_is_not_recorded(history):
    del history.events[place_of(history, "ev_4")]


@breaks("every_wish_is_recorded_once")
def what_was_said_is_recorded_twice(history):
    place = place_of(history, "ev_1")
    again = dataclasses.replace(history.events[place].consent, id="ev_9")
    history.events.insert(place, dataclasses.replace(history.events[place], consent=again))


@breaks("every_wish_is_recorded_once")
def what_nobody_said_is_recorded(history):
    said(history, "ms_h").body = "halt"


@breaks("every_wish_is_recorded_once")
def a_wish_is_recorded_as_its_opposite(history):
    history.events[place_of(history, "ev_1")].consent.state = "opted_in"


@breaks("every_wish_is_recorded_once")
def a_wish_is_recorded_of_another_number(history):
    history.events[place_of(history, "ev_1")].consent.number = "+15550100002"


@breaks("every_wish_is_recorded_once")
def a_record_that_was_acknowledged_is_gone(history):
    del history.events[place_of(history, "ev_2")]


@breaks("every_wish_is_recorded_once")
def a_record_says_something_else_than_its_answer(history):
    history.wishes[0].state = "opted_out"


@breaks("every_wish_is_recorded_once")
def a_record_was_never_posted(history):
    history.remarks.discard(REMARK)


@breaks("the_carriers_refusal_is_an_opt_out")
def a_refusal_of_the_carrier_is_not_recorded(history):
    del history.events[place_of(history, "ev_3")]


@breaks("the_carriers_refusal_is_an_opt_out")
def a_refusal_of_the_carrier_is_recorded_elsewhere(history):
    history.events[place_of(history, "ev_3")].consent.message = "ms_i"


@breaks("the_carriers_refusal_is_an_opt_out")
def a_refusal_is_recorded_that_there_was_not(history):
    test_checker.event(history, "delivery.updated", 12).error_code = 30007


@breaks("the_list_of_consents_is_the_events")
def the_list_lacks_a_record(history):
    history.consents.pop(0)


@breaks("the_list_of_consents_is_the_events")
def the_list_has_a_record_twice(history):
    history.consents.append(history.consents[0])


@breaks("the_list_of_consents_is_the_events")
def a_record_has_changed(history):
    history.consents[0].text = "changed"


@breaks("the_list_of_consents_is_the_events")
def an_older_record_is_shown_as_how_it_is(history):
    history.newest_consents = history.consents[:1]


@breaks("nothing_is_invented")
def an_answer_answers_nothing(history):
    said(history, "ms_k").body = history.inbound["SMk"].body = "yes and no"


@breaks("no_reply_is_sent_twice")
def the_carrier_took_the_confirmation_twice(history):
    history.sends.append(Send("SM6", OURS, THEM, GOODBYE, True))


@breaks("nothing_leaves_before_it_is_durable")
def a_confirmation_went_to_somebody_who_has_not_left(history):
    history.sends.append(Send("SM6", OURS, "+15551230001", GOODBYE, True))


@breaks("sends_go_to_the_right_ends_in_order")
def a_confirmation_went_to_somebody_else(history):
    next(one for one in history.sends if one.sid == "SM3").theirs = "+15551230001"


@breaks("every_reply_has_an_outcome")
def a_confirmation_is_called_sent_and_was_not(history):
    history.sends = [one for one in history.sends if one.body != GOODBYE]


def test_a_good_history_has_no_violation():
    assert checker.check(build()) == []


def test_an_empty_history_has_no_violation():
    assert checker.check(History()) == []


def test_what_is_said_of_another_number_counts_for_that_one():
    walk = consent_rules.Walk()
    for place, (number, state) in enumerate([("", "opted_out"), (OURS, "opted_in")]):
        walk.follow(Event(place, "consent.changed", "",
                          consent=consent("ev_1", state, "api", number=number)))
    assert not walk.is_out((OURS, THEM)) and walk.is_out(("+15550100002", THEM))


@pytest.mark.parametrize("rule, spoil", BREAKAGES, ids=lambda one: getattr(one, "__name__", None))
def test_a_broken_history_is_reported_under_its_rule(rule, spoil):
    history = build()
    spoil(history)
    assert rule in {name for name, _ in checker.check(history)}


def test_every_rule_of_consent_has_a_history_that_breaks_it():
    assert {rule.__name__ for rule in consent_rules.RULES} <= {rule for rule, _ in BREAKAGES}
