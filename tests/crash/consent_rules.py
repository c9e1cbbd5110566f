"""What the history must keep to of mission 5: I7, nobody who opted out is sent to.

As in `checker.py`, of which these are a part: each rule is a pure function from a history to the
sentences that say how it was broken.
"""

import collections
import dataclasses

import directory_file
from organisation import GOODBYE, OPT_IN, OPT_IN_AGAIN, OPT_OUT

OPTED_OUT_CODE = 21610
STATES = {OPT_OUT: "opted_out", OPT_IN: "opted_in", OPT_IN_AGAIN: "opted_in"}
# Through which number a record about all of them is made: the organisation's first.
FIRST_NUMBER = directory_file.ALICE_NUMBER


class Walk:
    """The journal followed event by event: who talks to whom, and who wants messages."""

    def __init__(self):
        self.pairs = {}     # Conversation → (our number, their number)
        self.messages = {}  # Message → the event that brought it.
        self.newest = {}    # (their number, our number or nothing) → (place, state)
        self._place = 0

    def follow(self, event):
        """Takes one more event in."""
        self._place += 1
        if event.kind == "conversation.created":
            self.pairs[event.conversation] = (event.ours, event.theirs)
        elif event.kind == "conversation.message.created":
            self.messages[event.message] = event
        elif event.consent:
            self.newest[event.consent.address, event.consent.number] = (self._place,
                                                                        event.consent.state)

    def is_out(self, pair):
        """Whether the newest word on this number, or on all of them, is an opt-out."""
        ours, theirs = pair
        _, state = max(self.newest.get((theirs, number), (0, "")) for number in (ours, ""))
        return state == "opted_out"

    def pair_of(self, event):
        """Between whom an event's conversation is."""
        return self.pairs.get(event.conversation, ("", ""))


def nobody_who_opted_out_is_sent_to(history):
    """I7: no message is taken, and no attempt begun, but for the one confirmation."""
    walk = Walk()
    for event in history.events:
        out = walk.is_out(walk.pair_of(event))
        walk.follow(event)
        if event.direction == "outbound" and event.body != GOODBYE and out:
            yield f"{event.message} was taken at {event.seq}, for whom has opted out"
        elif event.kind == "delivery.updated" and event.state == "sending" and out:
            message = walk.messages.get(event.message)
            if message is None or message.body != GOODBYE:
                yield f"{event.message} was begun at {event.seq}, for whom has opted out"


def an_opt_out_is_confirmed_once(history):
    """Mission 5: one confirmation of each opt-out, and none of what was said again."""
    walk, unconfirmed = Walk(), set()
    for event in history.events:
        was_out = walk.is_out(walk.pair_of(event))
        walk.follow(event)
        if event.consent and event.consent.source == "keyword":
            unconfirmed.discard(event.conversation)
            if event.consent.state == "opted_out" and not was_out:
                unconfirmed.add(event.conversation)
        elif event.direction == "outbound" and event.body == GOODBYE:
            if event.conversation not in unconfirmed:
                yield f"{event.message} confirms no opt-out, or one that is confirmed"
            unconfirmed.discard(event.conversation)


def an_opt_out_cancels_what_waits(history):
    """Mission 5: what is queued in the pair is canceled at once: with it, before anything else."""
    walk, queued, doomed = Walk(), collections.defaultdict(set), set()
    for event in history.events:
        walk.follow(event)
        pair = walk.pair_of(event)
        if event.message in doomed and (event.state, event.error_code) == ("canceled",
                                                                           OPTED_OUT_CODE):
            doomed.discard(event.message)
        while doomed and event.state != "canceled":
            yield f"{doomed.pop()} was not canceled with the opt-out before {event.seq}"
        if event.direction == "outbound" and event.body != GOODBYE:
            queued[pair].add(event.message)
        elif event.kind == "delivery.updated":
            queued[pair].discard(event.message)
            message = walk.messages.get(event.message)
            if event.state == "queued" and message and message.body != GOODBYE:
                queued[pair].add(event.message)
        elif event.consent and event.consent.state == "opted_out":
            pair = (event.consent.number or FIRST_NUMBER, event.consent.address)
            doomed = queued.pop(pair, set())
    for message in doomed:
        yield f"{message} was not canceled with the last opt-out"


def every_wish_is_recorded_once(history):
    """Mission 5: what a person has said, and what a person inside has written down."""
    walk, due = Walk(), {}
    for event in history.events:
        was_out = walk.is_out(walk.pair_of(event))
        walk.follow(event)
        if event.direction == "inbound" and event.body in STATES:
            if event.body != OPT_IN_AGAIN or was_out:
                due[event.message] = event
        elif event.consent and event.consent.source == "keyword":
            said = due.pop(event.consent.message, None)
            expected = said and (*reversed(walk.pair_of(said)), STATES[said.body],
                                 said.conversation, said.body)
            found = (event.consent.address, event.consent.number, event.consent.state,
                     event.consent.conversation, event.consent.text)
            if found != expected:
                yield f"{event.consent.id} says {found}, was {expected}"
    for message in due:
        yield f"what {message} said is not recorded"
    yield from posted_and_not_recorded(history)


def posted_and_not_recorded(history):
    """The half of the rule above that is about `POST /v1/consents`."""
    recorded = collections.defaultdict(list)
    for event in history.events:
        if event.consent and event.consent.source == "api":
            recorded[event.consent.id].append(event.consent)
            if event.consent.text not in history.remarks:
                yield f"{event.consent.id} was never posted"
    for wish in history.wishes:
        if recorded[wish.id] != [wish]:
            yield f"{wish.id} was acknowledged as {wish}, the events say {recorded[wish.id]}"


def the_carriers_refusal_is_an_opt_out(history):
    """Mission 5: whom the carrier does not send to, because of an opt-out, has opted out."""
    walk, refused = Walk(), None
    for event in history.events:
        consent = event.consent
        if refused and not (consent and consent.message == refused.message
                            and (consent.source, consent.state) == ("carrier", "opted_out")
                            and (consent.number, consent.address) == walk.pair_of(refused)):
            yield f"the refusal of {refused.message} at {refused.seq} is not recorded"
        elif consent and consent.source == "carrier" and not refused:
            yield f"{consent.id} says that the carrier has refused, which it has not"
        refused = None
        if (event.kind == "delivery.updated" and event.state == "failed"
                and event.error_code == OPTED_OUT_CODE and not walk.is_out(walk.pair_of(event))):
            refused = event
        walk.follow(event)
    if refused:
        yield f"the refusal of {refused.message} at {refused.seq} is not recorded"


def the_list_of_consents_is_the_events(history):
    """Mission 5: records are append-only, and the list has all of them; the newest counts."""
    told = [event.consent for event in history.events if event.consent]
    newest = {(one.address, one.number): one for one in told}
    for name, listed, expected in (("history", history.consents, told),
                                   ("list", history.newest_consents, newest.values())):
        listed, expected = counted(listed), counted(expected)
        for record in listed - expected:
            yield f"the {name} has {record}, no event says so"
        for record in expected - listed:
            yield f"the {name} lacks {record}"


def counted(records):
    """Records as tuples, and how often each is there."""
    return collections.Counter(dataclasses.astuple(one) for one in records)


RULES = (
    nobody_who_opted_out_is_sent_to,
    an_opt_out_is_confirmed_once,
    an_opt_out_cancels_what_waits,
    every_wish_is_recorded_once,
    the_carriers_refusal_is_an_opt_out,
    the_list_of_consents_is_the_events,
)
