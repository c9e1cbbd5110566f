"""The rules of webhooks, tested as `test_checker.py` tests the others: the good history is told to
two webhooks, and one thing of that is spoilt at a time."""

import dataclasses

import pytest

import checker
import test_checker
import webhook_rules
from history import Post
from organisation import WEBHOOKS
from test_checker import FIRST

FEED, FAREWELLS = WEBHOOKS


def build():
    """A history that keeps every rule."""
    good = test_checker.build()
    good.told = dict(WEBHOOKS)
    for one in good.events:
        one.id, one.wording = f"ev_{one.seq}", f"wording{one.seq}"
        for webhook, types in WEBHOOKS.items():
            if one.kind in types:
                come = Post(webhook, one.id, one.wording, one.conversation, False)
                # The first try of each third one was in vain.
                good.posts += [come] * (2 if one.seq % 3 == 0 else 1)
                good.posts.append(dataclasses.replace(come, taken=True))
    good.posts += good.posts[:2]  # What the cursor did not have yet came again.
    return good


# One function a breakage: (rule that must notice, what is spoiled).
BREAKAGES = []


def breaks(rule):
    def note(spoil):
        BREAKAGES.append((rule, spoil))
        return spoil
    return note


def posts(history, seq, webhook=FEED):
    """What came of an event to a webhook."""
    return [post for post in history.posts if (post.id, post.webhook) == (f"ev_{seq}", webhook)]


def without(history, gone):
    history.posts = [post for post in history.posts if not any(post is one for one in gone)]


@breaks("a_webhook_has_every_event")
def an_event_never_came(history):
    without(history, posts(history, 3))


@breaks("a_webhook_has_every_event")
def an_event_came_only_to_the_other_webhook(history):
    without(history, posts(history, 15, FAREWELLS))


@breaks("a_webhook_has_every_event")
def an_event_came_and_was_never_taken(history):
    without(history, [post for post in posts(history, 15) if post.taken])


@breaks("a_webhook_is_told_what_the_journal_says")
def something_came_that_is_not_in_the_journal(history):
    history.posts.append(Post(FEED, "ev_99", "wording99", FIRST, False))


@breaks("a_webhook_is_told_what_the_journal_says")
def something_came_of_a_type_that_was_not_wanted(history):
    delivery = test_checker.event(history, "delivery.updated")
    history.posts.append(Post(FEED, delivery.id, delivery.wording, FIRST, False))


@breaks("a_webhook_is_told_what_the_journal_says")
def something_came_in_other_words(history):
    posts(history, 3)[0].wording = "others"


@breaks("a_webhook_is_told_a_conversation_in_order")
def two_events_of_a_conversation_came_in_another_order(history):
    early = posts(history, 2)
    without(history, early)
    history.posts += early


@breaks("a_webhook_is_told_a_conversation_in_order")
def an_event_came_before_the_one_before_it_was_taken(history):
    taken = next(post for post in posts(history, 2) if post.taken)
    without(history, [taken])
    late = history.posts.index(posts(history, 3)[0])
    history.posts.insert(late + 1, taken)


def test_a_good_history_has_no_violation():
    assert checker.check(build()) == []


@pytest.mark.parametrize("rule, spoil", BREAKAGES, ids=lambda one: getattr(one, "__name__", None))
def test_a_broken_history_is_reported_under_its_rule(rule, spoil):
    history = build()
    spoil(history)
    assert rule in {name for name, _ in checker.check(history)}


def test_every_rule_has_a_history_that_breaks_it():
    assert {rule for rule, _ in BREAKAGES} == {rule.__name__ for rule in webhook_rules.RULES}
