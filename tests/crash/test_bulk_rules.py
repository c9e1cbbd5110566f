"""The rules of bulk jobs, tested as `test_checker.py` tests the others: two jobs that are as they
should be, and one thing of them is spoilt at a time."""

import pytest

import bulk_rules
import checker
import test_checker
from history import Event, Job, JobEnd, Line


def event(seq, kind, **more):
    made = Event(seq, kind, f"digest{seq}")
    for name, value in more.items():
        setattr(made, name, value)
    return made


def build():
    """A history that keeps every rule: a job of three lines, and one that was canceled."""
    good = test_checker.build()
    seq = good.events[-1].seq
    done = Job("done", {"sms:+1": "text 1", "sms:+2": "text 2", "sms:+3": "text 3"}, {"bk_1"},
               True)
    done.end = JobEnd("completed", 3, {"delivered": 1, "failed": 1, "refused": 1},
                      [Line(1, "sms:+1", "delivered", "ms_b1"),
                       Line(2, "sms:+2", "failed", "ms_b2"), Line(3, "sms:+3", "refused")])
    gone = Job("gone", {"sms:+1": "text 4"}, {"bk_2"}, True, True, True)
    gone.end = JobEnd("canceled", 1, {"canceled": 1}, [Line(1, "sms:+1", "canceled")])
    good.jobs = {"done": done, "gone": gone}
    for place, state in ((1, "delivered"), (2, "failed")):
        good.events += [
            event(seq + 10 * place, "conversation.message.created", message=f"ms_b{place}",
                  direction="outbound", body=f"text {place}", conversation="cv_b"),
            event(seq + 10 * place + 1, "delivery.updated", message=f"ms_b{place}", state="sent"),
            event(seq + 10 * place + 2, "delivery.updated", message=f"ms_b{place}", state=state)]
    return good


# One function a breakage: (rule that must notice, what is spoiled).
BREAKAGES = []


def breaks(rule):
    def note(spoil):
        BREAKAGES.append((rule, spoil))
        return spoil
    return note


@breaks("acknowledged_jobs_are_kept")
def a_job_is_gone(history):
    history.jobs["done"].end = None


@breaks("acknowledged_jobs_are_kept")
def a_line_is_gone(history):
    history.jobs["done"].end.accepted = 2


@breaks("the_same_key_is_the_same_job")
def a_key_made_two_jobs(history):
    history.jobs["done"].ids.add("bk_3")


@breaks("every_job_comes_to_its_end")
def a_job_runs_for_ever(history):
    history.jobs["done"].end.state = "running"


@breaks("every_job_comes_to_its_end")
def a_line_was_left_out(history):
    history.jobs["done"].end.lines[2].state = "waiting"


@breaks("every_job_comes_to_its_end")
def a_job_canceled_itself(history):
    history.jobs["gone"].canceled = False


@breaks("every_job_comes_to_its_end")
def a_cancel_was_lost(history):
    history.jobs["gone"].end.state = "completed"


@breaks("a_job_counts_what_its_lines_are")
def the_counts_are_others(history):
    history.jobs["done"].end.counts["delivered"] = 2


@breaks("every_line_is_its_message")
def a_line_is_another_message(history):
    history.jobs["done"].end.lines[0].message = "ms_b2"


@breaks("every_line_is_its_message")
def a_line_is_no_message(history):
    history.jobs["done"].end.lines[0].message = "ms_nobody"


@breaks("every_line_is_its_message")
def a_line_is_not_as_its_message_ended(history):
    history.jobs["done"].end.lines[1].state = "sent"


@breaks("every_line_is_its_message")
def a_refused_line_is_a_message(history):
    history.jobs["done"].end.lines[2].message = "ms_b2"


@breaks("a_line_is_sent_once")
def a_recipient_got_it_twice(history):
    history.events.append(event(9001, "conversation.message.created", message="ms_b9",
                                direction="outbound", body="text 1"))


@breaks("a_line_is_sent_once")
def a_canceled_line_was_sent(history):
    history.events.append(event(9001, "conversation.message.created", message="ms_b9",
                                direction="outbound", body="text 4"))


def broken_rules(history):
    return {rule.__name__ for rule in bulk_rules.RULES if list(rule(history))}


def test_a_good_history_breaks_no_rule():
    assert broken_rules(build()) == set()


def test_a_line_that_failed_may_be_sent_again():
    history = build()
    a_recipient_got_it_twice(history)
    history.jobs["done"].retried = True
    assert "a_line_is_sent_once" not in broken_rules(history)


@pytest.mark.parametrize("rule, spoil", BREAKAGES, ids=[spoil.__name__ for _, spoil in BREAKAGES])
def test_a_breakage_is_noticed(rule, spoil):
    history = build()
    spoil(history)
    assert rule in broken_rules(history)


def test_every_rule_has_a_breakage_and_is_checked():
    assert {rule.__name__ for rule in bulk_rules.RULES} == {rule for rule, _ in BREAKAGES}
    assert set(bulk_rules.RULES) <= set(checker.RULES)
