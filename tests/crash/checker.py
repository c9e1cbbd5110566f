"""The history checker: rules that every run must keep, whatever was killed when.

Each rule is a pure function from a history to the sentences that say how it was broken; none when
it was kept. README.md says what each is for and how it was seen to fail.
"""

import bisect
import collections

import bulk_rules
import consent_rules
import rate_rules
import schedule_rules
import webhook_rules
from organisation import ANSWERS, ASKED_NUMBER, DESK_MAX_OPEN, DESK_NUMBER, TEAMS

# How far a delivery has come (mission, section 6). All final states come last; what may follow what
# is in `may_follow`.
RANK = {"scheduled": 0, "queued": 1, "sending": 2, "unknown": 3, "sent": 4, "delivered": 5,
        "read": 6, "undelivered": 7, "failed": 7, "canceled": 7, "expired": 7}
FINAL = {"delivered", "read", "undelivered", "failed", "canceled", "expired"}
SENT_FOR_CERTAIN = {"sent", "delivered", "read", "undelivered"}
OUTCOMES = SENT_FOR_CERTAIN | {"unknown", "failed", "canceled", "expired"}

VIOLATIONS_MAX = 20  # Of one rule; more of the same helps nobody.


def may_follow(before, after):
    """Whether a delivery may go from one state to another."""
    if before == "sending" and after == "queued":
        return True  # The carrier asked to try again later.
    if before in FINAL:
        return before == "delivered" and after == "read"
    return RANK[after] > RANK[before]


def created_messages(history):
    """The events of messages, in order."""
    return [event for event in history.events if event.kind == "conversation.message.created"]


def by_conversation(history):
    """Conversation → the events of its messages, in order."""
    found = collections.defaultdict(list)
    for event in created_messages(history):
        found[event.conversation].append(event)
    return found


def pairs(history):
    """Conversation → (our number, their number), by the events that created them."""
    return {event.conversation: (event.ours, event.theirs) for event in history.events
            if event.kind == "conversation.created"}


def inbound_events(history):
    """Carrier id → the events of inbound messages with it."""
    found = collections.defaultdict(list)
    for event in created_messages(history):
        if event.direction == "inbound":
            found[event.provider_id].append(event)
    return found


def name_of(body, pair):
    """What an outbound text is known by. Every reply's text is unique; what answers a wish is the
    same for everybody, so its pair belongs to it."""
    return (body, pair) if body in ANSWERS else body


def outbound_events(history):
    """Name of a text → the events of outbound messages with it."""
    between = pairs(history)
    found = collections.defaultdict(list)
    for event in created_messages(history):
        if event.direction == "outbound":
            found[name_of(event.body, between.get(event.conversation))].append(event)
    return found


def taken_by_carrier(history):
    """Name of a text → the carrier ids under which it was taken."""
    found = collections.defaultdict(list)
    for send in history.sends:
        if send.accepted:
            found[name_of(send.body, (send.ours, send.theirs))].append(send.sid)
    return found


# -- what was acknowledged is there, and nothing else is ------------------------------------------


def acknowledged_inbound_is_kept(history):
    """I1: a callback that was answered with 200 is a message."""
    kept = inbound_events(history)
    for message in history.inbound.values():
        if message.acknowledged is not None and message.sid not in kept:
            yield f"inbound {message.sid} of cycle {message.cycle} was acknowledged and is lost"


def acknowledged_replies_are_kept(history):
    """I1: a reply that was answered with 201 is a message, under the id of its answer."""
    kept = outbound_events(history)
    for reply in history.replies.values():
        if reply.acknowledged is None:
            continue
        ids = {event.message for event in kept.get(reply.body, [])}
        if not ids:
            yield f"reply {reply.key} of cycle {reply.cycle} was acknowledged and is lost"
        elif not reply.messages <= ids:
            yield f"reply {reply.key} was answered as {sorted(reply.messages)}, is {sorted(ids)}"


def acknowledged_closes_are_kept(history):
    """I1: a close that was answered with 200 stays."""
    closed = {event.conversation for event in history.events
              if event.kind == "conversation.closed"}
    for close in history.closes:
        end = history.conversations.get(close.conversation)
        if close.conversation not in closed or end is None or end.state != "closed":
            yield f"the close of {close.conversation} was acknowledged and is lost"


def acknowledged_reads_are_kept(history):
    """I1: a read position that was answered with 200 stays, and positions only move on."""
    for read in history.reads:
        end = history.conversations.get(read.conversation)
        # Whom a claim has removed is not shown in the end; a release brings the position back.
        if end is None or end.reads.get(read.user, read.index) < read.index:
            yield f"{read.user} had read {read.conversation} up to {read.index}, which is lost"
    positions = {}
    for event in history.events:
        if event.kind == "conversation.updated" and event.user and event.state != "transferred":
            key = (event.conversation, event.user)
            if event.index <= positions.get(key, 0):
                yield f"the read position of {key} went from {positions[key]} to {event.index}"
            positions[key] = event.index


def acknowledged_claims_are_kept(history):
    """I1: a claim, or a transfer to a user, that was answered with 200 is in the journal."""
    held = {(event.conversation, event.user) for event in history.events
            if event.kind == "conversation.claimed" or event.state == "transferred"}
    for claim in history.claims:
        if (claim.conversation, claim.user) not in held:
            yield f"the claim of {claim.conversation} by {claim.user} was acknowledged and is lost"


def claims_have_one_winner(history):
    """Mission 4.5: nobody claims what another holds, and what is released was held."""
    holders = {}
    for event in history.events:
        held_by = holders.get(event.conversation)
        if event.kind == "conversation.claimed":
            if held_by is not None:
                yield f"{event.user} claimed {event.conversation}, which {held_by} held"
            holders[event.conversation] = event.user
        elif event.kind == "conversation.released":
            if held_by != event.user:
                yield f"{event.conversation} was released by {event.user}, {held_by} held it"
            holders[event.conversation] = None
        elif event.state == "transferred":
            holders[event.conversation] = event.user or None


class Places:
    """Whose each conversation is by the journal's word, followed event by event."""

    def __init__(self):
        self.users = collections.defaultdict(set)  # Who takes part.
        self.team = {}
        self.holder = {}      # Who has it; absent: nobody.

    def follow(self, event):
        conversation = event.conversation
        self.team.update({conversation: event.team} if event.team is not None else {})
        if event.users is not None:
            self.users[conversation] = set(event.users)
        if event.kind == "conversation.claimed":
            # Who was called in besides the team stays when the inbox gives it to somebody.
            guests = self.users[conversation] - set(TEAMS.get(self.team.get(conversation), ()))
            self.users[conversation] = {event.user} | (guests if event.assigned else set())
            self.holder[conversation] = event.user
        elif event.kind == "conversation.participant_added":
            self.users[conversation].add(event.user)
        elif event.kind == "conversation.participant_removed":
            self.users[conversation].discard(event.user)
        if event.kind in ("conversation.released", "conversation.closed"):
            self.holder.pop(conversation, None)
        elif event.state == "transferred":
            self.holder.pop(conversation, None)
            if event.user:
                self.holder[conversation] = event.user


def participants_follow_from_events(history):
    """Who takes part in the end is whom the journal's word on it names."""
    places = Places()
    for event in history.events:
        places.follow(event)
    for conversation in history.conversations.values():
        if set(conversation.reads) != places.users[conversation.id]:
            yield (f"{sorted(conversation.reads)} take part in {conversation.id}, the events say "
                   f"{sorted(places.users[conversation.id])}")


# -- inboxes that give conversations out, escalations, data actions --------------------------------


def held_and_waiting(conversations):
    """How many open conversations of teams each user has, and how many wait in the desk."""
    held, waiting = collections.Counter(), 0
    for one in conversations:
        if one.state != "closed" and one.team:
            held.update([one.claimed_by] if one.claimed_by else [])
            waiting += one.waiting and one.team == "desk"
    return held, waiting


def has_room(conversations):
    """Whether a conversation waits in the desk though somebody there could have it."""
    held, waiting = held_and_waiting(conversations)
    return bool(waiting) and any(held[user] < DESK_MAX_OPEN for user in TEAMS["desk"])


def every_open_conversation_is_somebodys_or_waits(history):
    """Mission 4: what comes in never vanishes, and mission 4.6: what finds nobody waits."""
    for one in history.conversations.values():
        if one.state == "closed" or not one.team:
            continue
        # Who was called in from outside the team takes part meanwhile.
        people = set(one.reads) & set(TEAMS[one.team]) if one.waiting else set(one.reads)
        if bool(people) == one.waiting:
            yield f"{one.id} of {one.team} has {sorted(one.reads)} and waiting={one.waiting}"
        if one.ours == DESK_NUMBER and bool(one.claimed_by) == one.waiting:
            yield f"{one.id} of the desk is {one.claimed_by!r}'s and waiting={one.waiting}"


def nobody_waits_while_somebody_has_room(history):
    """Mission 4.6: the queue is drained when capacity frees up."""
    if has_room(history.conversations.values()):
        held, waiting = held_and_waiting(history.conversations.values())
        yield f"{waiting} wait in the desk, its people have {dict(held)}"


def an_inbox_gives_to_its_people_and_not_too_much(history):
    """Mission 4.6: to members of the team, and to nobody more than `max_open_per_user`."""
    places, given = Places(), {}
    for event in history.events:
        before = places.holder.get(event.conversation)
        places.follow(event)
        if places.holder.get(event.conversation) != before or event.assigned:
            given.pop(event.conversation, None)
        if not event.assigned:
            continue
        team = places.team.get(event.conversation)
        if event.user not in TEAMS.get(team, ()):
            yield f"{event.conversation} of {team} was given to {event.user}"
        given[event.conversation] = event.user
        count = list(given.values()).count(event.user)
        if count > DESK_MAX_OPEN:
            yield f"{event.user} was given {count} at a time, at {event.seq}"


def an_escalation_comes_once_between_replies(history):
    """Mission 4.6: a step is taken once until somebody replies, and only in its inbox."""
    taken, places = set(), Places()
    for event in history.events:
        places.follow(event)
        if event.step:
            if event.conversation in taken:
                yield f"{event.conversation} was escalated again at {event.seq}, without a reply"
            if places.team.get(event.conversation) != "desk":
                yield f"{event.conversation} was escalated, which its inbox does not ask for"
            taken.add(event.conversation)
        elif event.direction == "outbound" and event.body not in (history.automatic
                                                                  | ANSWERS.keys()):
            taken.discard(event.conversation)
        elif event.state == "transferred" and not event.user:
            taken.discard(event.conversation)


def every_question_is_settled_once(history):
    """Mission 4.8: the data action's answer or the default route, and not both."""
    asked = {event.conversation for event in history.events
             if event.kind == "conversation.created" and event.ours == ASKED_NUMBER}
    closed = {event.conversation for event in history.events
              if event.kind == "conversation.closed"}
    settled = collections.Counter()
    for event in history.events:
        if not event.outcome:
            continue
        settled[event.conversation] += 1
        if event.conversation not in asked:
            yield f"{event.conversation} was settled as {event.outcome} and never asked about"
        elif event.outcome == "answered" and event.conversation not in history.answered:
            yield f"{event.conversation} was answered, by nobody"
    for conversation in asked:
        if settled[conversation] > 1:
            yield f"the question about {conversation} was settled {settled[conversation]} times"
        elif not settled[conversation] and conversation not in closed:
            yield f"the question about {conversation} was never settled"


def acknowledged_reports_are_kept(history):
    """I1: a report of a final state that was answered with 200 leaves its message final."""
    state = {message.provider_id: message.state
             for conversation in history.conversations.values()
             for message in conversation.messages if message.direction == "outbound"}
    for report in history.reports:
        final = report.acknowledged and report.state in FINAL
        if final and state.get(report.sid, report.state) not in FINAL:
            yield (f"{report.sid} was reported {report.state}, which was acknowledged; "
                   f"its message is {state[report.sid]}")


def no_answer_was_unexpected(history):
    """What a client of the run asked for is granted, or refused for a reason it reckons with."""
    yield from history.unexpected


def nothing_is_invented(history):
    """Every message was said by somebody, in these words, between these two."""
    between = pairs(history)
    told = {(event.conversation, event.index): event for event in created_messages(history)}
    for event in created_messages(history):
        pair = between.get(event.conversation)
        if event.direction == "inbound":
            said = history.inbound.get(event.provider_id)
            if said is None:
                yield f"inbound {event.provider_id} in {event.message} was never posted"
            elif said.body != event.body or (said.ours, said.theirs) != pair:
                yield f"inbound {event.provider_id} is {event.body!r} in {pair}, was {said}"
        elif event.body in ANSWERS:
            before = told.get((event.conversation, event.index - 1))
            if before is None or before.body not in ANSWERS[event.body]:
                yield f"{event.message} answers {before and before.body!r} with {event.body!r}"
        else:
            said = history.replies.get(event.body)
            if event.body in history.automatic:
                if event.conversation not in event.body:
                    yield f"{event.body!r} was said in {event.conversation}"
            elif said is None:
                yield f"reply {event.body!r} in {event.message} was never asked for"
            elif said.conversation != event.conversation:
                yield f"reply {said.key} for {said.conversation} is in {event.conversation}"


def nothing_is_there_twice(history):
    """I5: the same carrier id is one message; the same idempotency key is one message."""
    for sid, events in inbound_events(history).items():
        if len(events) > 1:
            yield f"inbound {sid} is there {len(events)} times: {[one.seq for one in events]}"
    for body, events in outbound_events(history).items():
        if len(events) > 1 and not isinstance(body, tuple) and body not in history.again:
            yield f"reply {body!r} is there {len(events)} times: {[one.seq for one in events]}"


def the_same_key_gets_the_same_answer(history):
    """I5: every answer to one idempotency key names the same message."""
    for reply in history.replies.values():
        if len(reply.messages) > 1:
            yield f"reply {reply.key} was answered as {sorted(reply.messages)}"


def what_was_refused_is_not_there(history):
    """Closed is final, and so is an opt-out: a reply that was refused for it is no message."""
    kept = outbound_events(history)
    for reply in history.replies.values():
        if reply.refusal in ("conversation_closed", "opted_out") and reply.body in kept:
            yield f"reply {reply.key} was refused as {reply.refusal} and is there"


# -- order ----------------------------------------------------------------------------------------


def events_have_one_order(history):
    """Positions in the journal only grow."""
    for before, after in zip(history.events, history.events[1:]):
        if (after.seq, after.kind) == (before.seq, before.kind) or after.seq < before.seq:
            yield f"event {after.seq} ({after.kind}) follows {before.seq} ({before.kind})"


def indexes_have_no_gaps(history):
    """I3: a conversation's messages are counted from 1 in the order of the journal."""
    for conversation, events in by_conversation(history).items():
        indexes = [event.index for event in events]
        if indexes != list(range(1, len(indexes) + 1)):
            yield f"the indexes of {conversation} are {shorten(indexes)}"


def listings_and_events_agree(history):
    """I3: a conversation's listing shows the messages of the journal, in its order."""
    told = by_conversation(history)
    for conversation in history.conversations.values():
        listed = [(one.index, one.id, one.body) for one in conversation.messages]
        events = [(one.index, one.message, one.body) for one in told.get(conversation.id, [])]
        if listed != events:
            yield f"{conversation.id} lists {shorten(listed)}, events say {shorten(events)}"
        if conversation.last_index != len(events):
            yield f"{conversation.id} has last_index {conversation.last_index} of {len(events)}"
    for conversation in told.keys() - history.conversations.keys():
        yield f"{conversation} has messages and does not exist"


def what_was_acknowledged_first_stands_first(history):
    """I3: a message that was acknowledged before another of its pair was sent stands before it."""
    between = pairs(history)
    placed = collections.defaultdict(list)  # Pair → (first sent, acknowledged, seq, name)
    for sid, events in inbound_events(history).items():
        said = history.inbound.get(sid)
        if said is not None:
            placed[(said.ours, said.theirs)].append(
                (said.first_sent, said.acknowledged, events[0].seq, sid))
    for body, events in outbound_events(history).items():
        said = history.replies.get(body)
        if said is not None:
            placed[between.get(said.conversation)].append(
                (said.first_sent, said.acknowledged, events[0].seq, said.key))
    for pair, messages in placed.items():
        yield from order_broken(pair, messages)


def order_broken(pair, messages):
    """Goes through one pair's messages as they were sent, and keeps the last place acknowledged."""
    by_acknowledgement = sorted((one for one in messages if one[1] is not None),
                                key=lambda one: one[1])
    done, last = 0, (0, None)
    for first_sent, _, seq, name in sorted(messages, key=lambda one: one[0]):
        while done < len(by_acknowledgement) and by_acknowledgement[done][1] < first_sent:
            last = max(last, (by_acknowledgement[done][2], by_acknowledgement[done][3]),
                       key=lambda one: one[0])
            done += 1
        if seq < last[0]:
            yield f"{last[1]} was acknowledged before {name} was sent, and stands after it, {pair}"


# -- conversations --------------------------------------------------------------------------------


def one_conversation_is_open_for_a_pair(history):
    """I4, and closed is final: events of a conversation come between its beginning and its end."""
    open_now, closed, known = {}, set(), {}
    for event in history.events:
        if event.kind == "conversation.created":
            pair = (event.ours, event.theirs)
            if pair in open_now:
                yield f"{event.conversation} was opened while {open_now[pair]} was open, {pair}"
            if event.conversation in known:
                yield f"{event.conversation} was opened twice"
            open_now[pair] = event.conversation
            known[event.conversation] = pair
        elif event.kind == "conversation.closed":
            if event.conversation in closed:
                yield f"{event.conversation} was closed twice"
            closed.add(event.conversation)
            if open_now.get(known.get(event.conversation)) == event.conversation:
                del open_now[known[event.conversation]]
        elif event.kind == "conversation.message.created":
            if event.conversation in closed:
                yield f"{event.message} came into {event.conversation} after it was closed"
            if event.conversation not in known:
                yield f"{event.message} came into {event.conversation} before it was opened"


def conversations_link_to_the_one_before(history):
    """The next conversation of a pair names the one before it."""
    last = {}
    for event in history.events:
        if event.kind == "conversation.created":
            pair = (event.ours, event.theirs)
            if event.previous != last.get(pair, ""):
                yield f"{event.conversation} follows {last.get(pair)} and names {event.previous!r}"
            last[pair] = event.conversation


def lists_agree_with_states(history):
    """A conversation is listed under its state, and under no other."""
    for conversation in history.conversations.values():
        if conversation.listed_as != {conversation.state}:
            yield (f"{conversation.id} is {conversation.state} and listed as "
                   f"{sorted(conversation.listed_as)}")


# -- readers --------------------------------------------------------------------------------------


def readers_saw_a_prefix(history):
    """Whoever read events saw, from its position on, what is still there, all and in order."""
    final = [(event.seq, event.kind, event.digest) for event in history.events]
    positions = [event.seq for event in history.events]
    for view in history.views:
        if not view.seen:
            continue
        begin = bisect.bisect_right(positions, view.after)
        expected = final[begin:begin + len(view.seen)]
        if view.seen != expected:
            place = next((place for place, (seen, there) in enumerate(zip(view.seen, expected))
                          if seen != there), len(expected))
            there = expected[place] if place < len(expected) else "nothing"
            yield (f"{view.reader} saw {view.seen[place]} as its event {place} after {view.after}; "
                   f"there is {there}")


def listings_were_prefixes(history):
    """Whoever listed a conversation from its beginning saw what is still there, without gaps."""
    final = {conversation.id: [(one.index, one.id, one.body) for one in conversation.messages]
             for conversation in history.conversations.values()}
    for view in history.listings:
        there = final.get(view.conversation, [])
        if view.seen != there[:len(view.seen)]:
            yield f"a listing of {view.conversation} was {shorten(view.seen)}, no prefix of the end"


# -- deliveries -----------------------------------------------------------------------------------


def no_delivery_goes_backwards(history):
    """I6: each step of a delivery leads forward; what is final stays."""
    state = dict.fromkeys(schedule_rules.scheduled_by(history), "scheduled")
    for event in history.events:
        if event.kind != "delivery.updated":
            continue
        before = state.get(event.message, "queued")
        first = event.message not in state
        if not (first and event.state == "queued") and not may_follow(before, event.state):
            yield f"{event.message} went from {before} to {event.state} at {event.seq}"
        state[event.message] = event.state


def every_report_is_on_its_message(history):
    """A carrier id belongs to the message that was sent under it, and so do its reports."""
    sent_as = {send.sid: send for send in history.sends if send.accepted}
    text = {event.message: event.body for event in created_messages(history)}
    reported = {report.error_code: report for report in history.reports if report.error_code}
    for event in history.events:
        if event.kind != "delivery.updated":
            continue
        if event.provider_id:
            send = sent_as.get(event.provider_id)
            if send is None:
                yield f"{event.message} is {event.provider_id}, which the carrier never gave"
            elif text.get(event.message) != send.body:
                yield f"{event.provider_id} was {send.body!r}, is {text.get(event.message)!r}"
        report = reported.get(event.error_code)
        if report is not None and report.sid != event.provider_id:
            yield f"the report on {report.sid} is on {event.message} ({event.provider_id})"


def no_reply_is_sent_twice(history):
    """I5 and the policy `hold`: the carrier took each reply at most once."""
    kept = outbound_events(history)
    for name, sids in taken_by_carrier(history).items():
        often = isinstance(name, tuple) or name in history.again
        count = len(kept[name]) if often else 1
        if len(sids) > count:
            yield f"reply {name!r} was sent {len(sids)} times, and is there {count} times"


def every_reply_has_an_outcome(history):
    """An accepted reply was sent, or its state says why not; what is called sent was."""
    taken = taken_by_carrier(history)
    for conversation in history.conversations.values():
        for message in conversation.messages:
            if message.direction != "outbound":
                continue
            name = name_of(message.body, (conversation.ours, conversation.theirs))
            if message.state not in OUTCOMES:
                yield f"reply {message.body!r} ended as {message.state!r}"
            elif message.state in SENT_FOR_CERTAIN and name not in taken:
                yield f"reply {message.body!r} is {message.state} and the carrier never had it"
            elif message.provider_id and message.provider_id not in taken.get(name, ()):
                yield (f"reply {message.body!r} is {message.provider_id}, "
                       f"the carrier took it as {taken.get(name)}")


def nothing_leaves_before_it_is_durable(history):
    """I2: whatever reached the carrier is in the journal, each time with the beginning of its
    attempt."""
    kept = outbound_events(history)
    begun = collections.Counter(event.message for event in history.events
                                if event.kind == "delivery.updated" and event.state == "sending")
    asked = collections.Counter(name_of(send.body, (send.ours, send.theirs))
                                for send in history.sends)
    for name, count in asked.items():
        events = kept.get(name)
        if not events:
            yield f"{name!r} was sent and is not in the journal"
            continue
        attempts = sum(begun[event.message] for event in events)
        if count > attempts:
            yield f"{name!r} was sent {count} times with {attempts} attempts in the journal"


def sends_go_to_the_right_ends_in_order(history):
    """I3: the carrier got replies between the right two, in the order of the journal."""
    between = pairs(history)
    told = {event.message: event for event in created_messages(history)}
    known_as = {event.provider_id: told.get(event.message) for event in history.events
                if event.kind == "delivery.updated" and event.provider_id}
    kept = outbound_events(history)
    queued = queued_at(history)
    last = {}
    for send in history.sends:
        # A text that many people get is known by the id that the carrier gave it.
        events = [known_as.get(send.sid)] if send.body in ANSWERS else kept.get(send.body)
        if (not send.accepted or not events or events[0] is None
                or send.body in history.again):
            continue
        pair = (send.ours, send.theirs)
        if between.get(events[0].conversation) != pair:
            yield f"{send.body!r} of {between.get(events[0].conversation)} was sent in {pair}"
        seq = queued.get(events[0].message, events[0].seq)
        if between.get(events[0].conversation) == pair and seq < last.get(pair, 0):
            yield f"{send.body!r} was sent after a later reply of {pair}"
        last[pair] = max(last.get(pair, 0), seq)


def queued_at(history):
    """Scheduled message → where in the journal its turn began."""
    scheduled, places = schedule_rules.scheduled_by(history), {}
    for event in history.events:
        if event.message in scheduled and event.state == "queued":
            places.setdefault(event.message, event.seq)
    return places


RULES = (
    acknowledged_inbound_is_kept,
    acknowledged_replies_are_kept,
    acknowledged_closes_are_kept,
    acknowledged_reads_are_kept,
    acknowledged_claims_are_kept,
    claims_have_one_winner,
    participants_follow_from_events,
    every_open_conversation_is_somebodys_or_waits,
    nobody_waits_while_somebody_has_room,
    an_inbox_gives_to_its_people_and_not_too_much,
    an_escalation_comes_once_between_replies,
    every_question_is_settled_once,
    acknowledged_reports_are_kept,
    no_answer_was_unexpected,
    nothing_is_invented,
    nothing_is_there_twice,
    the_same_key_gets_the_same_answer,
    what_was_refused_is_not_there,
    events_have_one_order,
    indexes_have_no_gaps,
    listings_and_events_agree,
    what_was_acknowledged_first_stands_first,
    one_conversation_is_open_for_a_pair,
    conversations_link_to_the_one_before,
    lists_agree_with_states,
    readers_saw_a_prefix,
    listings_were_prefixes,
    no_delivery_goes_backwards,
    every_report_is_on_its_message,
    no_reply_is_sent_twice,
    every_reply_has_an_outcome,
    nothing_leaves_before_it_is_durable,
    sends_go_to_the_right_ends_in_order,
    *consent_rules.RULES,
    *schedule_rules.RULES,
    *webhook_rules.RULES,
    *bulk_rules.RULES,
    *rate_rules.RULES,
)


def shorten(items):
    """The two ends of a list that may be long."""
    return items if len(items) <= 8 else f"{items[:4]} … {items[-4:]} ({len(items)})"


def check(history):
    """Every violation, as (rule, sentence); at most VIOLATIONS_MAX of a rule."""
    found = []
    for rule in RULES:
        sentences = []
        for sentence in rule(history):
            sentences.append(sentence)
            if len(sentences) == VIOLATIONS_MAX:
                break
        found += [(rule.__name__, sentence) for sentence in sentences]
    return found
