"""Rules of the history checker about what waits for its time or is called off (mission 6).
README.md says how each was seen to fail."""

import collections


def scheduled_by(history):
    """Message → the scheduled reply that it is, by the answers and by the words."""
    replies = {}
    for event in history.events:
        if event.kind == "conversation.message.created" and event.direction == "outbound":
            reply = history.replies.get(event.body)
            if reply is not None and reply.send_at:
                replies[event.message] = reply
    return replies


def nothing_scheduled_leaves_before_its_time(history):
    """No scheduled message is queued or attempted before its time, as it was last changed."""
    replies = scheduled_by(history)
    due = {message: reply.send_at for message, reply in replies.items()}
    queued = set()
    for event in history.events:
        if event.message not in due:
            continue
        if event.kind == "conversation.message.updated":
            due[event.message] = event.send_at
            if event.message in queued:
                yield f"{event.message} was edited at {event.seq}, when it was queued already"
        elif event.kind == "delivery.updated" and event.state in ("queued", "sending"):
            queued.add(event.message)
            if event.at < due[event.message]:
                yield (f"{event.message} was {event.state} at {event.at}, "
                       f"before {due[event.message]}")


def what_was_cancelled_never_leaves(history):
    """A message whose cancellation was answered with 200 stays canceled, and the carrier never
    gets it afterwards, nor had it before."""
    states = {message.id: message for conversation in history.conversations.values()
              for message in conversation.messages}
    asked = collections.Counter(send.body for send in history.sends if send.accepted)
    for message in history.cancels:
        end = states.get(message)
        if end is None or end.state != "canceled":
            yield f"{message} was cancelled, which was acknowledged, and is {end and end.state}"
        elif asked[end.body]:
            yield f"{message} was cancelled and the carrier took it {asked[end.body]} times"


def an_acknowledged_edition_is_what_leaves(history):
    """What was answered with 200 stands in the message's text, and that is what is sent."""
    replies = scheduled_by(history)
    editions = collections.Counter(event.message for event in history.events
                                   if event.kind == "conversation.message.updated")
    named = {}
    for conversation in history.conversations.values():
        for message in conversation.messages:
            reply = replies.get(message.id)
            if reply is None:
                continue
            named[message.body] = message
            if not reply.edition <= message.edition <= reply.edition_asked:
                yield (f"{message.id} has edition {message.edition}; {reply.edition} was "
                       f"acknowledged, {reply.edition_asked} asked for")
            if editions[message.id] < max(reply.editions, bool(message.edition)):
                yield (f"{message.id} was edited {editions[message.id]} times by its events, "
                       f"{reply.editions} were acknowledged")
    for send in history.sends:
        message = named.get(send.body)
        if message is not None and send.edition != message.edition:
            yield f"edition {send.edition} of {message.id} was sent, {message.edition} is right"


RULES = (
    nothing_scheduled_leaves_before_its_time,
    what_was_cancelled_never_leaves,
    an_acknowledged_edition_is_what_leaves,
)
