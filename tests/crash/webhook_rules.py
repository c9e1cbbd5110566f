"""What the history must keep to of mission 10: a webhook is told everything, rightly and in order.

As in `checker.py`, of which these are a part: each rule is a pure function from a history to the
sentences that say how it was broken.
"""

import collections


def told_events(history, webhook):
    """The events that a webhook is for, in order."""
    return [event for event in history.events if event.kind in history.told[webhook]]


def posts_of(history, webhook):
    """What came to its endpoint, in order."""
    return [post for post in history.posts if post.webhook == webhook]


def a_webhook_has_every_event(history):
    """Mission 10: a consumer that was away misses nothing; each event was taken in the end."""
    for webhook in history.told:
        taken = {post.id for post in posts_of(history, webhook) if post.taken}
        for event in told_events(history, webhook):
            if event.id not in taken:
                yield f"{webhook} never got {event.id} ({event.kind}) at {event.seq}"


def a_webhook_is_told_what_the_journal_says(history):
    """I2, and mission 10: what was posted is in the journal, of its types, in the same words."""
    for webhook in history.told:
        wording = {event.id: event.wording for event in told_events(history, webhook)}
        for post in posts_of(history, webhook):
            if post.id not in wording:
                yield f"{post.id} was posted to {webhook}, for which the journal does not have it"
            elif post.wording != wording[post.id]:
                yield f"{post.id} was posted to {webhook} in other words than the events show"


def a_webhook_is_told_a_conversation_in_order(history):
    """Mission 10, I3: no event came for the first time before each earlier one was taken."""
    for webhook in history.told:
        lines = collections.defaultdict(list)
        for event in told_events(history, webhook):
            if event.conversation:
                lines[event.conversation].append(event.id)
        place = {one: at for line in lines.values() for at, one in enumerate(line)}
        come, taken, first_untaken = set(), set(), collections.Counter()
        for post in posts_of(history, webhook):
            if post.id not in place:
                continue
            line = lines[post.conversation]
            first = first_untaken[post.conversation]
            if post.taken:
                taken.add(post.id)
                while first < len(line) and line[first] in taken:
                    first += 1
                first_untaken[post.conversation] = first
            elif post.id not in come:
                come.add(post.id)
                if place[post.id] > first:
                    yield f"{webhook} was told {post.id} before it had taken {line[first]}"


RULES = (
    a_webhook_has_every_event,
    a_webhook_is_told_what_the_journal_says,
    a_webhook_is_told_a_conversation_in_order,
)
