"""The checker's own test: a good history passes, and for each rule one that breaks it is found.

Every breakage starts from the same good history and spoils one thing. It must be reported under the
rule that it breaks; other rules may notice it too.
"""

import copy

import pytest

import bulk_rules
import checker
import consent_rules
import rate_rules
import schedule_rules
import webhook_rules
from organisation import ASKED_NUMBER, DESK_NUMBER
from history import (Claim, Close, Conversation, Event, EventsView, History, Inbound, ListingView,
                     Message, Read, Reply, Report, Send)

OURS, THEIRS = "+15550100001", "+15551230001"
FIRST, SECOND = "cv_1", "cv_2"
DESK, ASKED = "cv_3", "cv_4"  # One that its inbox gives to somebody; one that is asked about.


def build_events():
    """One pair: two inbound messages, two replies, a close, and a second conversation."""
    def event(kind, conversation, **fields):
        seq = len(events) + 1
        events.append(Event(seq, kind, f"digest{seq}", conversation=conversation, **fields))

    events = []
    message, delivery = "conversation.message.created", "delivery.updated"
    event("conversation.created", FIRST, ours=OURS, theirs=THEIRS, users=("alice",))
    event(message, FIRST, message="ms_1", index=1, direction="inbound", body="a", provider_id="SMa")
    event(message, FIRST, message="ms_2", index=2, direction="inbound", body="b", provider_id="SMb")
    event(message, FIRST, message="ms_3", index=3, direction="outbound", body="r1")
    event(delivery, FIRST, message="ms_3", state="sending")
    event(delivery, FIRST, message="ms_3", state="sent", provider_id="SM1")
    event(delivery, FIRST, message="ms_3", state="delivered", provider_id="SM1")
    event(message, FIRST, message="ms_4", index=4, direction="outbound", body="r2")
    event(delivery, FIRST, message="ms_4", state="sending")
    event(delivery, FIRST, message="ms_4", state="queued")
    event(delivery, FIRST, message="ms_4", state="sending")
    event(delivery, FIRST, message="ms_4", state="sent", provider_id="SM2")
    event(delivery, FIRST, message="ms_4", state="undelivered", provider_id="SM2",
          error_code=31001)
    event("conversation.updated", FIRST, user="alice", index=4)
    event("conversation.closed", FIRST)
    event("conversation.created", SECOND, ours=OURS, theirs=THEIRS, previous=FIRST,
          users=("alice", "bob"))
    event(message, SECOND, message="ms_5", index=1, direction="inbound", body="c",
          provider_id="SMc")
    event("conversation.claimed", SECOND, user="alice", users=("alice",))
    event("conversation.updated", SECOND, state="transferred", user="bob", users=("bob",))
    event("conversation.released", SECOND, user="bob", users=("alice", "bob"))
    event("conversation.created", DESK, ours=DESK_NUMBER, theirs=THEIRS, users=(), team="desk",
          waiting=True)
    event(message, DESK, message="ms_d", index=1, direction="inbound", body="d", provider_id="SMd")
    event("conversation.claimed", DESK, user="dora", assigned=True, waiting=False)
    event("conversation.released", DESK, user="dora", users=(), waiting=True)
    event("conversation.claimed", DESK, user="emil", assigned=True, waiting=False)
    event("conversation.updated", DESK, step=1)
    event("conversation.participant_added", DESK, user="fay")
    event("conversation.created", ASKED, ours=ASKED_NUMBER, theirs=THEIRS, users=(), team="asked",
          waiting=False)
    event(message, ASKED, message="ms_e", index=1, direction="inbound", body="e", provider_id="SMe")
    event("conversation.updated", ASKED, outcome="answered", users=("dora", "fay"), waiting=False)
    return events


def build_conversations():
    first = Conversation(
        FIRST, OURS, THEIRS, "closed", "", 4, "", "", False, {"alice": 4},
        [Message(1, "ms_1", "inbound", "a", "SMa"), Message(2, "ms_2", "inbound", "b", "SMb"),
         Message(3, "ms_3", "outbound", "r1", "SM1", "delivered"),
         Message(4, "ms_4", "outbound", "r2", "SM2", "undelivered")], {"closed"})
    second = Conversation(SECOND, OURS, THEIRS, "active", FIRST, 1, "", "", False,
                          {"alice": 0, "bob": 0},
                          [Message(1, "ms_5", "inbound", "c", "SMc")], {"active"})
    desk = Conversation(DESK, DESK_NUMBER, THEIRS, "active", "", 1, "desk", "emil", False,
                        {"emil": 0, "fay": 0}, [Message(1, "ms_d", "inbound", "d", "SMd")],
                        {"active"})
    asked = Conversation(ASKED, ASKED_NUMBER, THEIRS, "active", "", 1, "asked", "", False,
                         {"dora": 0, "fay": 0}, [Message(1, "ms_e", "inbound", "e", "SMe")],
                         {"active"})
    return {FIRST: first, SECOND: second, DESK: desk, ASKED: asked}


def build():
    """A history that keeps every rule."""
    good = History()
    for sid, body, sent in (("SMa", "a", 1.0), ("SMb", "b", 2.0), ("SMc", "c", 8.0)):
        good.inbound[sid] = Inbound(sid, OURS, THEIRS, body, sent, sent + 0.5)
    for sid, body, ours in (("SMd", "d", DESK_NUMBER), ("SMe", "e", ASKED_NUMBER)):
        good.inbound[sid] = Inbound(sid, ours, THEIRS, body, 10.0, 10.5)
    good.answered = {ASKED}
    good.inbound["SMgone"] = Inbound("SMgone", OURS, THEIRS, "never acknowledged", 9.0, None)
    good.replies["r1"] = Reply("key1", FIRST, "r1", 3.0, 3.5, {"ms_3"})
    good.replies["r2"] = Reply("key2", FIRST, "r2", 4.0, 4.5, {"ms_4"})
    good.replies["late"] = Reply("key3", FIRST, "late", 7.0, None, set(), "conversation_closed")
    good.closes = [Close(FIRST)]
    good.reads = [Read(FIRST, "alice", 4)]
    good.claims = [Claim(SECOND, "alice"), Claim(SECOND, "bob")]
    good.reports = [Report("SM2", "undelivered", 31001, True),
                    Report("SM1", "delivered", 0, True)]
    good.sends = [Send("SM1", OURS, THEIRS, "r1", True), Send("", OURS, THEIRS, "r2", False),
                  Send("SM2", OURS, THEIRS, "r2", True)]
    good.events = build_events()
    good.conversations = build_conversations()
    seen = [(event.seq, event.kind, event.digest) for event in good.events]
    good.views = [EventsView("from the beginning", 0, seen[:9]),
                  EventsView("from the middle", 6, seen[6:]), EventsView("in vain", 99, [])]
    good.listings = [ListingView(FIRST, [(1, "ms_1", "a"), (2, "ms_2", "b")])]
    return good


def event(history, kind, place=0):
    return [one for one in history.events if one.kind == kind][place]


def drop(history, found):
    history.events.remove(found)


def append(history, **fields):
    seq = history.events[-1].seq + 1
    history.events.append(Event(seq, digest=f"digest{seq}", **fields))


def message(history, conversation, index):
    return history.conversations[conversation].messages[index - 1]


# One function a breakage: (rule that must notice, what is spoiled).
BREAKAGES = []


def breaks(rule):
    def note(spoil):
        BREAKAGES.append((rule, spoil))
        return spoil
    return note


@breaks("acknowledged_inbound_is_kept")
def an_acknowledged_callback_is_gone(history):
    drop(history, event(history, "conversation.message.created", 1))


@breaks("acknowledged_replies_are_kept")
def an_acknowledged_reply_is_gone(history):
    drop(history, event(history, "conversation.message.created", 2))


@breaks("acknowledged_replies_are_kept")
def a_reply_has_another_id_than_its_answer_said(history):
    event(history, "conversation.message.created", 2).message = "ms_9"


@breaks("acknowledged_closes_are_kept")
def an_acknowledged_close_is_gone(history):
    drop(history, event(history, "conversation.closed"))


@breaks("acknowledged_closes_are_kept")
def a_closed_conversation_is_active_in_the_end(history):
    history.conversations[FIRST].state = "active"


@breaks("acknowledged_claims_are_kept")
def an_acknowledged_claim_is_gone(history):
    drop(history, event(history, "conversation.claimed"))


@breaks("acknowledged_claims_are_kept")
def an_acknowledged_transfer_is_gone(history):
    drop(history, event(history, "conversation.updated", 1))


@breaks("claims_have_one_winner")
def two_users_claim_it(history):
    append(history, kind="conversation.claimed", conversation=SECOND, user="alice",
           users=("alice",))
    append(history, kind="conversation.claimed", conversation=SECOND, user="bob", users=("bob",))


@breaks("claims_have_one_winner")
def what_nobody_held_is_released(history):
    append(history, kind="conversation.released", conversation=SECOND, user="bob",
           users=("alice", "bob"))


@breaks("participants_follow_from_events")
def somebody_takes_part_whom_no_event_brought(history):
    history.conversations[SECOND].reads["eve"] = 0


@breaks("participants_follow_from_events")
def a_released_user_did_not_come_back(history):
    del history.conversations[SECOND].reads["alice"]


@breaks("participants_follow_from_events")
def who_was_called_in_does_not_take_part(history):
    del history.conversations[DESK].reads["fay"]


@breaks("participants_follow_from_events")
def the_default_route_is_not_taken(history):
    history.conversations[ASKED].reads = {"emil": 0}


@breaks("every_open_conversation_is_somebodys_or_waits")
def a_conversation_of_the_desk_is_nobodys(history):
    history.conversations[DESK].claimed_by = ""


@breaks("every_open_conversation_is_somebodys_or_waits")
def a_conversation_that_was_asked_about_is_nobodys(history):
    history.conversations[ASKED].reads = {}


@breaks("nobody_waits_while_somebody_has_room")
def a_conversation_waits_in_vain(history):
    history.conversations[DESK].claimed_by = ""
    history.conversations[DESK].waiting = True


@breaks("an_inbox_gives_to_its_people_and_not_too_much")
def a_conversation_is_given_to_a_stranger(history):
    event(history, "conversation.claimed", 1).user = "bob"


@breaks("an_inbox_gives_to_its_people_and_not_too_much")
def one_is_given_more_than_the_maximum(history):
    for place in range(3):
        append(history, kind="conversation.created", conversation=f"cv_d{place}",
               ours=DESK_NUMBER, theirs=f"+1555123{place:04}", users=(), team="desk", waiting=True)
        append(history, kind="conversation.claimed", conversation=f"cv_d{place}", user="emil",
               assigned=True, waiting=False)


@breaks("an_escalation_comes_once_between_replies")
def a_step_is_taken_twice(history):
    append(history, kind="conversation.updated", conversation=DESK, step=1)


@breaks("an_escalation_comes_once_between_replies")
def a_step_is_taken_that_the_inbox_does_not_ask_for(history):
    append(history, kind="conversation.updated", conversation=ASKED, step=1)


@breaks("every_question_is_settled_once")
def a_question_is_settled_twice(history):
    append(history, kind="conversation.updated", conversation=ASKED, outcome="timed_out")


@breaks("every_question_is_settled_once")
def a_question_is_never_settled(history):
    event(history, "conversation.updated", 3).outcome = ""


@breaks("every_question_is_settled_once")
def an_answer_is_nobodys(history):
    history.answered.clear()


@breaks("nothing_is_invented")
def a_text_of_the_data_action_is_in_another_conversation(history):
    history.automatic.add(f"auto 1 {ASKED}")
    append(history, kind="conversation.message.created", conversation=DESK, message="ms_6",
           index=2, direction="outbound", body=f"auto 1 {ASKED}")


@breaks("acknowledged_reads_are_kept")
def an_acknowledged_read_position_is_gone(history):
    history.conversations[FIRST].reads["alice"] = 3


@breaks("acknowledged_reads_are_kept")
def a_read_position_goes_back(history):
    append(history, kind="conversation.updated", conversation=FIRST, user="alice", index=2)


@breaks("acknowledged_reports_are_kept")
def an_acknowledged_report_is_gone(history):
    message(history, FIRST, 3).state = "sent"


@breaks("no_answer_was_unexpected")
def a_callback_was_answered_with_500(history):
    history.unexpected.append("callback SMa was answered 500")


@breaks("nothing_is_invented")
def an_inbound_message_comes_from_nowhere(history):
    append(history, kind="conversation.message.created", conversation=SECOND, message="ms_6",
           index=2, direction="inbound", body="boo", provider_id="SMghost")


@breaks("nothing_is_invented")
def an_inbound_message_has_other_words(history):
    event(history, "conversation.message.created", 0).body = "A"


@breaks("nothing_is_invented")
def an_inbound_message_is_in_another_pairs_conversation(history):
    history.inbound["SMa"].theirs = "+15551230002"


@breaks("nothing_is_invented")
def a_reply_comes_from_nowhere(history):
    append(history, kind="conversation.message.created", conversation=SECOND, message="ms_6",
           index=2, direction="outbound", body="boo")


@breaks("nothing_is_invented")
def a_reply_is_in_another_conversation(history):
    history.replies["r1"].conversation = SECOND


@breaks("nothing_is_there_twice")
def a_carrier_id_is_there_twice(history):
    append(history, kind="conversation.message.created", conversation=SECOND, message="ms_6",
           index=2, direction="inbound", body="a", provider_id="SMa")


@breaks("nothing_is_there_twice")
def a_reply_is_there_twice(history):
    append(history, kind="conversation.message.created", conversation=FIRST, message="ms_6",
           index=5, direction="outbound", body="r1")


@breaks("the_same_key_gets_the_same_answer")
def one_key_has_two_answers(history):
    history.replies["r1"].messages.add("ms_8")


@breaks("what_was_refused_is_not_there")
def a_refused_reply_is_there(history):
    append(history, kind="conversation.message.created", conversation=FIRST, message="ms_6",
           index=5, direction="outbound", body="late")


@breaks("events_have_one_order")
def two_events_change_places(history):
    history.events[3], history.events[4] = history.events[4], history.events[3]


@breaks("events_have_one_order")
def an_event_is_told_twice(history):
    history.events.insert(3, copy.copy(history.events[2]))


@breaks("indexes_have_no_gaps")
def an_index_is_left_out(history):
    event(history, "conversation.message.created", 3).index = 5


@breaks("indexes_have_no_gaps")
def two_messages_have_one_index(history):
    event(history, "conversation.message.created", 1).index = 1


@breaks("listings_and_events_agree")
def a_listing_has_another_order(history):
    messages = history.conversations[FIRST].messages
    messages[0], messages[1] = messages[1], messages[0]


@breaks("listings_and_events_agree")
def a_listing_lacks_a_message(history):
    history.conversations[FIRST].messages.pop()


@breaks("listings_and_events_agree")
def the_last_index_is_wrong(history):
    history.conversations[FIRST].last_index = 3


@breaks("listings_and_events_agree")
def a_conversation_with_messages_does_not_exist(history):
    del history.conversations[SECOND]


@breaks("what_was_acknowledged_first_stands_first")
def a_later_message_stands_before_an_earlier_one(history):
    history.inbound["SMa"].first_sent = 2.8
    history.inbound["SMa"].acknowledged = 2.9


@breaks("what_was_acknowledged_first_stands_first")
def a_reply_stands_after_what_came_later(history):
    history.replies["r2"].first_sent = 0.1
    history.replies["r2"].acknowledged = 0.2


@breaks("one_conversation_is_open_for_a_pair")
def a_second_conversation_is_opened_beside_the_first(history):
    append(history, kind="conversation.created", conversation="cv_3", ours=OURS, theirs=THEIRS,
           previous=SECOND)


@breaks("one_conversation_is_open_for_a_pair")
def a_conversation_is_closed_twice(history):
    append(history, kind="conversation.closed", conversation=FIRST)


@breaks("one_conversation_is_open_for_a_pair")
def a_message_comes_into_a_closed_conversation(history):
    append(history, kind="conversation.message.created", conversation=FIRST, message="ms_6",
           index=5, direction="inbound", body="d", provider_id="SMd")


@breaks("one_conversation_is_open_for_a_pair")
def a_message_comes_before_its_conversation(history):
    history.events[0], history.events[1] = history.events[1], history.events[0]


@breaks("conversations_link_to_the_one_before")
def the_link_to_the_one_before_is_missing(history):
    event(history, "conversation.created", 1).previous = ""


@breaks("lists_agree_with_states")
def a_closed_conversation_is_still_listed_as_active(history):
    history.conversations[FIRST].listed_as.add("active")


@breaks("lists_agree_with_states")
def a_conversation_is_in_no_list(history):
    history.conversations[SECOND].listed_as.clear()


@breaks("readers_saw_a_prefix")
def a_reader_saw_what_is_not_there(history):
    history.views[0].seen.append((10, "delivery.updated", "vanished"))


@breaks("readers_saw_a_prefix")
def a_reader_missed_an_event(history):
    del history.views[0].seen[4]


@breaks("readers_saw_a_prefix")
def a_reader_saw_other_content(history):
    seq, kind, _ = history.views[1].seen[0]
    history.views[1].seen[0] = (seq, kind, "other")


@breaks("readers_saw_a_prefix")
def a_reader_saw_more_than_there_is(history):
    history.views[1].seen.append((18, "conversation.closed", "digest18"))


@breaks("listings_were_prefixes")
def a_listing_had_a_message_that_is_not_there(history):
    history.listings[0].seen.append((3, "ms_lost", "lost"))


@breaks("listings_were_prefixes")
def a_listing_had_a_gap(history):
    history.listings[0].seen = [(1, "ms_1", "a"), (3, "ms_3", "r1")]


@breaks("no_delivery_goes_backwards")
def a_delivery_goes_from_delivered_to_sent(history):
    append(history, kind="delivery.updated", conversation=FIRST, message="ms_3", state="sent",
           provider_id="SM1")


@breaks("no_delivery_goes_backwards")
def a_final_delivery_changes(history):
    append(history, kind="delivery.updated", conversation=FIRST, message="ms_3", state="failed",
           provider_id="SM1")


@breaks("no_delivery_goes_backwards")
def an_unknown_delivery_is_tried_again(history):
    event(history, "delivery.updated", 3).state = "unknown"


@breaks("every_report_is_on_its_message")
def a_carrier_id_is_on_another_message(history):
    event(history, "delivery.updated", 1).provider_id = "SM2"


@breaks("every_report_is_on_its_message")
def a_carrier_id_was_never_given(history):
    event(history, "delivery.updated", 2).provider_id = "SMghost"


@breaks("every_report_is_on_its_message")
def a_report_is_on_another_message(history):
    event(history, "delivery.updated", 2).error_code = 31001


@breaks("no_reply_is_sent_twice")
def the_carrier_took_a_reply_twice(history):
    history.sends.append(Send("SM3", OURS, THEIRS, "r2", True))


@breaks("every_reply_has_an_outcome")
def a_reply_is_left_queued(history):
    message(history, FIRST, 4).state = "queued"


@breaks("every_reply_has_an_outcome")
def a_reply_is_called_sent_and_was_not(history):
    del history.sends[0]


@breaks("every_reply_has_an_outcome")
def a_reply_has_another_carrier_id_than_it_was_taken_as(history):
    message(history, FIRST, 3).provider_id = "SM9"


@breaks("nothing_leaves_before_it_is_durable")
def something_was_sent_that_is_not_in_the_journal(history):
    history.sends.append(Send("SM3", OURS, THEIRS, "from nowhere", True))


@breaks("nothing_leaves_before_it_is_durable")
def a_refused_send_is_not_in_the_journal(history):
    history.sends.append(Send("", OURS, THEIRS, "from nowhere", False))


@breaks("nothing_leaves_before_it_is_durable")
def something_was_sent_without_an_attempt_in_the_journal(history):
    drop(history, event(history, "delivery.updated", 0))


@breaks("nothing_leaves_before_it_is_durable")
def something_was_sent_more_often_than_it_was_attempted(history):
    history.sends.insert(0, Send("", OURS, THEIRS, "r1", False))


@breaks("sends_go_to_the_right_ends_in_order")
def a_reply_went_to_another_number(history):
    history.sends[0].theirs = "+15551230002"


@breaks("sends_go_to_the_right_ends_in_order")
def replies_went_out_in_another_order(history):
    history.sends.reverse()


def test_a_good_history_has_no_violation():
    assert checker.check(build()) == []


def test_an_empty_history_has_no_violation():
    assert checker.check(History()) == []


@pytest.mark.parametrize("rule, spoil", BREAKAGES, ids=lambda one: getattr(one, "__name__", None))
def test_a_broken_history_is_reported_under_its_rule(rule, spoil):
    history = build()
    spoil(history)
    assert rule in {name for name, _ in checker.check(history)}


def test_every_rule_has_a_history_that_breaks_it():
    # See the test beside each of the other modules of rules.
    others = {rule.__name__ for rules in (bulk_rules, consent_rules, rate_rules, schedule_rules,
                                          webhook_rules) for rule in rules.RULES}
    assert {rule for rule, _ in BREAKAGES} | others == {rule.__name__ for rule in checker.RULES}


def test_a_rule_that_is_broken_everywhere_reports_only_its_first_violations():
    history = build()
    for count in range(100):
        history.inbound[f"SMlost{count}"] = Inbound(f"SMlost{count}", OURS, THEIRS, "x", 1.0, 2.0)
    found = checker.check(history)
    assert len(found) == checker.VIOLATIONS_MAX
