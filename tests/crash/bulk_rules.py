"""What the history must keep to of mission 8: a bulk job sends each of its lines, and none twice.

As in `checker.py`, of which these are a part: each rule is a pure function from a history to the
sentences that say how it was broken.
"""

import collections

# How a line ends that became a message: as its delivery does. `refused` became none.
WITHOUT_MESSAGE = {"waiting", "refused"}


def outbound_messages(history):
    """Message → its event."""
    return {event.message: event for event in history.events
            if event.kind == "conversation.message.created" and event.direction == "outbound"}


def last_states(history):
    """Message → the state of its delivery by the journal's last word."""
    states = {}
    for event in history.events:
        if event.kind == "delivery.updated":
            states[event.message] = event.state
    return states


def acknowledged_jobs_are_kept(history):
    """I1, and mission 8: accepted means durable, every line of it."""
    for job in history.jobs.values():
        if job.acknowledged and (job.end is None or job.end.accepted != len(job.lines)):
            yield f"job {job.key} was acknowledged with {len(job.lines)} lines, is {job.end}"


def the_same_key_is_the_same_job(history):
    """I5: every answer to one idempotency key names the same job."""
    for job in history.jobs.values():
        if len(job.ids) > 1:
            yield f"job {job.key} was answered as {sorted(job.ids)}"


def every_job_comes_to_its_end(history):
    """Mission 8: no line is left out. Only a job that somebody has canceled is canceled."""
    for job in history.jobs.values():
        if job.end is None:
            continue
        if job.end.state not in ("completed", "canceled"):
            yield f"job {job.key} is {job.end.state} in the end"
        if job.end.state == "canceled" and not job.canceled:
            yield f"job {job.key} is canceled, which nobody asked for"
        if job.end.state == "completed" and job.cancel_acknowledged:
            yield f"the cancel of job {job.key} was acknowledged and is lost"
        for line in job.end.lines:
            if line.state == "waiting":
                yield f"line {line.number} of job {job.key} still waits"


def a_job_counts_what_its_lines_are(history):
    """The counts are those of the results."""
    for job in history.jobs.values():
        if job.end is None:
            continue
        counted = collections.Counter(line.state for line in job.end.lines)
        if dict(counted) != job.end.counts:
            yield f"job {job.key} counts {job.end.counts}, its lines are {dict(counted)}"


def every_line_is_its_message(history):
    """Mission 8: a line's result is its message, to its recipient, as that ended."""
    messages, states = outbound_messages(history), last_states(history)
    for job in history.jobs.values():
        for line in (job.end.lines if job.end else ()):
            body = job.lines.get(line.to)
            event = messages.get(line.message)
            if line.state in WITHOUT_MESSAGE or (line.state == "canceled" and not line.message):
                if line.message:
                    yield f"line {line.number} of job {job.key} is {line.state} and a message"
            elif event is None or event.body != body:
                yield (f"line {line.number} of job {job.key} is {line.message}, "
                       f"{event and event.body!r}, and should say {body!r}")
            elif states.get(line.message) != line.state:
                yield (f"line {line.number} of job {job.key} is {line.state}, its message "
                       f"{states.get(line.message)}")


def a_line_is_sent_once(history):
    """Mission 8: no recipient twice, but for lines that were sent again because they had failed;
    and none of a line that was canceled or refused."""
    told = collections.Counter(event.body for event in outbound_messages(history).values())
    for job in history.jobs.values():
        for line in (job.end.lines if job.end else ()):
            body = job.lines.get(line.to)
            if told[body] > 1 and not job.retried:
                yield f"line {line.number} of job {job.key} became {told[body]} messages"
            if not job.retried and not line.message and told[body]:
                yield f"line {line.number} of job {job.key} is {line.state} and was sent"


RULES = (
    acknowledged_jobs_are_kept,
    the_same_key_is_the_same_job,
    every_job_comes_to_its_end,
    a_job_counts_what_its_lines_are,
    every_line_is_its_message,
    a_line_is_sent_once,
)
