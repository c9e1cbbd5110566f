"""What a crash run did and saw: the material that the checker judges.

Plain data. Moments are of one monotonic clock in one process, so that "acknowledged before the
other was sent" is certain when the numbers say so.
"""

import dataclasses
import hashlib
import json


@dataclasses.dataclass(slots=True)
class Inbound:
    """A callback of the carrier; sent again with the same id until it was acknowledged."""

    sid: str
    ours: str
    theirs: str
    body: str
    first_sent: float = 0.0
    acknowledged: float | None = None
    cycle: int = 0


@dataclasses.dataclass(slots=True)
class Reply:
    """A reply under an idempotency key; sent again with the same key until it was answered."""

    key: str
    conversation: str
    body: str
    first_sent: float = 0.0
    acknowledged: float | None = None
    messages: set = dataclasses.field(default_factory=set)  # The ids in the answers: one, always.
    refusal: str = ""                                       # The code of a final refusal.
    cycle: int = 0
    send_at: str = ""       # When it is to leave; empty: at once.
    edition: int = 0        # The last one that was acknowledged, and …
    edition_asked: int = 0  # … the last one that was asked for. Some are refused: too late.
    editions: int = 0       # How many were acknowledged.


@dataclasses.dataclass(slots=True)
class Close:
    """A close that was answered with 200."""

    conversation: str


@dataclasses.dataclass(slots=True)
class Read:
    """A read position that was answered with 200."""

    conversation: str
    user: str
    index: int


@dataclasses.dataclass(slots=True)
class Claim:
    """A claim, or a transfer to a user, that was answered with 200."""

    conversation: str
    user: str


@dataclasses.dataclass(slots=True)
class Consent:
    """A record of consent, as an event or the list has it. `number` and `message` may be empty."""

    id: str
    address: str
    number: str
    state: str
    source: str
    conversation: str
    message: str
    text: str


@dataclasses.dataclass(slots=True)
class Report:
    """A delivery report of the run's own; error codes are unique to their report."""

    sid: str
    state: str
    error_code: int = 0
    acknowledged: bool = False


@dataclasses.dataclass(slots=True)
class Send:
    """A request to send that reached the carrier simulator; refused ones have no sid."""

    sid: str
    ours: str
    theirs: str
    body: str
    accepted: bool
    edition: int = 0
    received_ms: int = 0  # Unix time.


@dataclasses.dataclass(slots=True)
class Event:
    """One event of `GET /v1/events`: the fields that rules look at, and a digest of all of it."""

    seq: int
    kind: str
    digest: str
    conversation: str = ""
    message: str = ""
    index: int = 0
    direction: str = ""
    body: str = ""
    provider_id: str = ""
    ours: str = ""
    theirs: str = ""
    state: str = ""
    error_code: int = 0
    previous: str = ""
    user: str = ""
    users: tuple = None  # Who takes part from then on; None when the event is not about that.
    team: str = None     # Whose it is from then on; None when the event is not about that.
    waiting: bool = None  # For the inbox to give it to somebody; None: not about that.
    assigned: bool = False  # A claim that the inbox has made.
    step: int = 0           # Of an escalation.
    outcome: str = ""       # Of a question to the data action.
    consent: Consent = None
    id: str = ""
    wording: str = ""       # A digest of everything but its place in the journal.
    at: str = ""
    send_at: str = ""       # Of a message that was edited: from then on.


@dataclasses.dataclass(slots=True)
class Post:
    """An event that came to a webhook's endpoint, and the same again when that had taken it."""

    webhook: str
    id: str
    wording: str  # As `Event.wording`.
    conversation: str
    taken: bool


@dataclasses.dataclass(slots=True)
class EventsView:
    """What one reader of events saw from its start position on, over all its reconnections."""

    reader: str
    after: int
    seen: list = dataclasses.field(default_factory=list)  # (seq, kind, digest), as they came.


@dataclasses.dataclass(slots=True)
class ListingView:
    """One answer to a listing of a conversation's messages from its first."""

    conversation: str
    seen: list = dataclasses.field(default_factory=list)  # (index, id, body), as they came.


@dataclasses.dataclass(slots=True)
class Message:
    """A message as the listing has it in the end."""

    index: int
    id: str
    direction: str
    body: str
    provider_id: str = ""
    state: str = ""  # Of the delivery; empty for inbound ones.
    edition: int = 0


@dataclasses.dataclass(slots=True)
class Conversation:
    """A conversation as it is in the end."""

    id: str
    ours: str
    theirs: str
    state: str
    previous: str
    last_index: int
    team: str = ""
    claimed_by: str = ""
    waiting: bool = False
    reads: dict = dataclasses.field(default_factory=dict)     # User → read position.
    messages: list = dataclasses.field(default_factory=list)  # Of `Message`.
    listed_as: set = dataclasses.field(default_factory=set)   # The states that list it.


@dataclasses.dataclass(slots=True)
class Line:
    """What became of a line of a bulk job, by its results."""

    number: int
    to: str
    state: str
    message: str = ""


@dataclasses.dataclass(slots=True)
class JobEnd:
    """A bulk job as it is in the end."""

    state: str
    accepted: int
    counts: dict
    lines: list = dataclasses.field(default_factory=list)  # Of `Line`.


@dataclasses.dataclass(slots=True)
class Job:
    """A bulk job under an idempotency key; uploaded again with the same key until answered."""

    key: str
    lines: dict                                  # Recipient → the text, unique to the line.
    ids: set = dataclasses.field(default_factory=set)  # In the answers: one, always.
    acknowledged: bool = False
    canceled: bool = False                       # Somebody has asked for it …
    cancel_acknowledged: bool = False            # … and was answered with 200.
    retried: bool = False                        # Its failed lines may have been sent again.
    end: JobEnd = None


@dataclasses.dataclass
class History:
    """Everything of one run."""

    inbound: dict = dataclasses.field(default_factory=dict)        # sid → Inbound
    replies: dict = dataclasses.field(default_factory=dict)        # body → Reply
    jobs: dict = dataclasses.field(default_factory=dict)           # key → Job
    again: set = dataclasses.field(default_factory=set)  # Texts of lines that may come again.
    closes: list = dataclasses.field(default_factory=list)
    cancels: list = dataclasses.field(default_factory=list)  # Messages: answered with 200.
    reads: list = dataclasses.field(default_factory=list)
    claims: list = dataclasses.field(default_factory=list)
    automatic: set = dataclasses.field(default_factory=set)  # Texts that the data action asked for.
    answered: set = dataclasses.field(default_factory=set)   # Conversations it answered about.
    remarks: set = dataclasses.field(default_factory=set)   # Texts of records that were posted.
    wishes: list = dataclasses.field(default_factory=list)  # Of `Consent`: answered with 201.
    reports: list = dataclasses.field(default_factory=list)
    sends: list = dataclasses.field(default_factory=list)          # As the simulator logged them.
    told: dict = dataclasses.field(default_factory=dict)    # Webhook → the types of its events.
    posts: list = dataclasses.field(default_factory=list)   # To webhooks, as they came.
    views: list = dataclasses.field(default_factory=list)
    listings: list = dataclasses.field(default_factory=list)
    unexpected: list = dataclasses.field(default_factory=list)     # Answers nobody should get.
    events: list = dataclasses.field(default_factory=list)         # In the end, in order.
    conversations: dict = dataclasses.field(default_factory=dict)  # id → Conversation, in the end.
    consents: list = dataclasses.field(default_factory=list)         # Listed in the end: all …
    newest_consents: list = dataclasses.field(default_factory=list)  # … and how it is.


# A text that was edited is the first one, this, and how often it was edited.
EDITION = " / edition "
# What an edition changes, in the words of the event that has created the message too.
EDITED_FIELDS = ("body", "send_at", "edited_at", "segments")


def split_edition(body):
    """The text that a message began with, which it is known by, and its edition."""
    first, _, edition = body.partition(EDITION)
    return first, int(edition or 0)


def without_edition(document):
    """An event without what is shown otherwise once a scheduled message was edited."""
    data = document.get("data") or {}
    if not data.get("send_at"):
        return document
    return {**document, "data": {name: value for name, value in data.items()
                                 if name not in EDITED_FIELDS}}


def digest_of(document):
    """A digest of a JSON document that does not depend on the order of its fields."""
    text = json.dumps(without_edition(document), sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def wording_of(document):
    """A digest of what an event says, wherever it is shown."""
    return digest_of({name: value for name, value in document.items() if name != "seq"})


def bare(address):
    """An address without its channel."""
    return address.partition(":")[2] if ":" in address else address


def event_of(document):
    """An event from its JSON."""
    data = document["data"]
    kind = document["type"]
    event = Event(document["seq"], kind, digest_of(document))
    event.id = document["id"]
    event.at = document["created_at"]
    event.wording = wording_of(document)
    event.conversation = data.get("conversation") or ""  # A bulk job's have none.
    if kind == "conversation.message.created":
        event.message = data["id"]
        event.index = data["index"]
        event.direction = data["direction"]
        event.body, _ = split_edition(data["body"])
        event.provider_id = data.get("provider_id") or ""
    elif kind == "conversation.message.updated":
        event.message = data["message"]
        event.send_at = data.get("send_at") or ""
    elif kind == "conversation.created":
        event.ours = bare(data["number"])
        event.theirs = bare(data["peers"][0])
        event.previous = data.get("previous") or ""
        event.users = users_of(data)
        event.team = data["team"] or ""
        event.waiting = data["waiting"]
    elif kind == "delivery.updated":
        event.message = data["message"]
        event.state = data["state"]
        event.provider_id = data.get("provider_id") or ""
        event.error_code = data.get("error") or 0
    elif kind == "conversation.updated":
        read = data.get("read") or {}
        event.user = read.get("user", "")
        event.index = read.get("index", 0)
        if "transferred" in data:
            event.state = "transferred"
            event.user = data["claimed_by"] or ""
            event.users = users_of(data)
            event.team = data["team"] or ""
            event.waiting = data["waiting"]
        event.step = data.get("escalation_step", 0)
        event.outcome = (data.get("data_action") or {}).get("outcome", "")
        if event.outcome and "participants" in data:  # It was held back for the answer.
            event.users = users_of(data)
            event.waiting = data["waiting"]
    elif kind == "conversation.claimed":
        event.user = data["claimed_by"]
        event.assigned = data["assigned"]
        event.waiting = False
    elif kind == "conversation.released":
        event.user = data["released_by"]
        event.users = users_of(data)
        event.waiting = data["waiting"]
    elif kind in ("conversation.participant_added", "conversation.participant_removed"):
        event.user = data["user"]
    elif kind == "consent.changed":
        event.consent = consent_of({"id": document["id"], **data})
    return event


def consent_of(document):
    """A record of consent from its JSON."""
    return Consent(document["id"], bare(document["address"]), document["number"] or "",
                   document["state"], document["source"], document["conversation"] or "",
                   document["message"] or "", document["text"] or "")


def users_of(data):
    """The participants that an event names."""
    return tuple(one["user"] for one in data["participants"])


def conversation_of(document, messages):
    """A conversation from its JSON and that of its messages."""
    return Conversation(
        id=document["id"], ours=bare(document["number"]), theirs=bare(document["peers"][0]),
        state=document["state"], previous=document.get("previous") or "",
        last_index=document["last_index"], team=document["team"] or "",
        claimed_by=document["claimed_by"] or "", waiting=document["waiting"],
        reads={one["user"]: one["read_seq"] for one in document["participants"]},
        messages=[message_of(message) for message in messages])


def message_of(document):
    """A message from its JSON."""
    deliveries = document.get("deliveries") or []
    body, edition = split_edition(document["body"])
    return Message(document["index"], document["id"], document["direction"], body,
                   document.get("provider_id") or "",
                   deliveries[0]["state"] if deliveries else "", edition)


def line_of(document):
    """A line of a bulk job from its result."""
    return Line(document["line"], document["to"], document["state"], document["message"] or "")


def send_of(document):
    """A send from a line of the simulator's log."""
    body, edition = split_edition(document["body"])
    return Send(document["sid"], document["from"], document["to"], body, document["accepted"],
                edition, document["received_ms"])


def post_of(webhook, document):
    """A post that has come, from its JSON."""
    return Post(webhook, document["id"], wording_of(document),
                document["data"].get("conversation") or "", False)
