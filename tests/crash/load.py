"""The mixed load of a crash run: a carrier, users and readers that never give up, and remember all.

Every client repeats what was not answered, under the same id, until it is: as carriers do, and as
users of idempotency keys should. What it sent, when, and what it was answered goes into the
history.
"""

import asyncio
import collections
import datetime
import json
import random
import time

import websockets

import directory_file
import twilio_callbacks
from organisation import (ASKED_NUMBER, BULK_NUMBER, DESK_NUMBER, HELP, OPT_IN, OPT_IN_AGAIN,
                          OPT_OUT, TEAMS)
from history import (EDITION, Claim, Close, EventsView, Inbound, Job, ListingView, Read, Reply,
                     Report, consent_of, digest_of, send_of, split_edition)
from wire import LOST, Connection, code_of

NUMBERS = (  # (our number, how many outside parties, who answers there)
    (directory_file.ALICE_NUMBER, 150, {"user": "alice"}),
    (directory_file.SUPPORT_NUMBER, 60, {"user": "alice"}),
    (directory_file.SPARE_NUMBER, 30, None),
    (DESK_NUMBER, 40, {"team": "desk"}),
    (ASKED_NUMBER, 40, {"team": "asked"}),
)
AUTHORS = {f"sms:{ours}": author for ours, _, author in NUMBERS}
AUTHORS[f"sms:{BULK_NUMBER}"] = None  # Nobody else writes there.
# So many that nobody gets more than a pair's deliveries are remembered for: 64, after which a late
# report finds its delivery no more.
BULK_PARTIES = [f"+1555{40}{place:05d}" for place in range(900)]
BULK_LINES = (1, 80)
PAIRS = [(ours, f"+1555{number}{place:05d}")
         for number, (ours, count, _) in enumerate(NUMBERS, 31) for place in range(count)]
HOT_PAIRS = PAIRS[:2] + PAIRS[150:152] + PAIRS[-1:]  # These race: a tenth of all callbacks.

CLIENTS = {"inbound": 32, "reply": 8, "schedule": 8, "close": 2, "read": 2, "report": 3,
           "listing": 1, "team": 4, "start": 2, "consent": 1, "bulk": 3}
PAUSES_S = {"reply": 0.02, "schedule": 0.1, "close": 0.25, "read": 0.02, "report": 0.02,
            "listing": 0.05, "team": 0.03, "start": 0.05, "consent": 0.1, "bulk": 0.4}
# What people say instead of an ordinary text, now and then: more come back than leave.
WORDS = (OPT_OUT,) * 4 + (OPT_IN,) * 6 + (OPT_IN_AGAIN,) * 6 + (HELP,) * 2
WORDS_RATE = 0.02
RETRY_PAUSE_S, RETRY_PAUSE_MAX_S = 0.002, 0.05
SCHEDULED_S = (1.1, 4.0)  # How far ahead.
RECENT_MAX = 2000
LISTINGS_MAX = 3000
PAGE = 500

AUTHORIZATION = ("Authorization", f"Bearer {directory_file.KEY}")
JSON = ("Content-Type", "application/json")
NDJSON = ("Content-Type", "application/x-ndjson")


class Load:
    """All clients of a run, over all its cycles."""

    def __init__(self, broker, simulator, history, seed, rate):
        self.broker = broker
        self.simulator = simulator
        self.history = history
        self.rate = rate
        self.cycle = 0
        self.answered = 0        # Requests of every kind that got their answer.
        self.stopping = False
        self._seed = seed
        self._tasks = []
        self._open = {}          # Conversation → who answers there; None: nobody.
        self._team = {}          # Open conversations of teams, the newest last → their team.
        self._closed = collections.deque(maxlen=20)  # Lately, with who could answer there.
        self._last_index = {}
        self._sends = []         # The latest accepted ones.
        self._refused = collections.deque(maxlen=10)  # Pairs of the others: most are tried again.
        self._log_position = 0

    # -- life -------------------------------------------------------------------------------------

    def start(self):
        loops = {"inbound": self._inbound, "reply": self._reply, "close": self._close,
                 "schedule": self._schedule,
                 "read": self._read, "report": self._report, "listing": self._listing,
                 "team": self._teamwork, "start": self._start, "consent": self._consent,
                 "bulk": self._bulk}
        for kind, count in CLIENTS.items():
            for place in range(count):
                self._tasks.append(asyncio.create_task(
                    self._client(kind, f"{kind}-{place}", loops[kind])))
        self._readers = [asyncio.create_task(self._stream("stream-from-0", 0)),
                         asyncio.create_task(self._poll())]

    async def stop(self, patience_s):
        """Every client finishes what it began; then the readers are ended where they are. Returns
        how many clients were still without an answer when the patience ended."""
        self.stopping = True
        _, unanswered = await asyncio.wait(self._tasks, timeout=patience_s)
        for task in unanswered:
            task.cancel()
        for reader in self._readers:
            reader.cancel()
        for outcome in await asyncio.gather(*self._readers, return_exceptions=True):
            if not isinstance(outcome, asyncio.CancelledError):
                raise outcome
        return len(unanswered)

    def failure(self):
        """What ended a client, if something did: a fault of the run itself."""
        for task in [*self._tasks, *self._readers]:
            if task.done() and not task.cancelled() and task.exception():
                return task.exception()
        return None

    def add_stream(self, name, after):
        """One more live reader, which starts somewhere in the middle."""
        self._readers.append(asyncio.create_task(self._stream(name, after)))

    async def _client(self, kind, name, act):
        noise = random.Random(f"{self._seed} {name}")
        connection = Connection(self.broker)
        pause = PAUSES_S.get(kind) or CLIENTS[kind] / self.rate
        due = time.monotonic()
        while not self.stopping:
            await act(connection, noise)
            due = max(due + pause * noise.uniform(0.5, 1.5), time.monotonic() - pause)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        connection.close()

    async def _insist(self, connection, noise, *request):
        """Repeats a request until it is answered with something else than 503."""
        pause = RETRY_PAUSE_S
        while True:
            try:
                if noise.random() < 0.005:
                    await connection.abandon(*request)
                else:
                    status, body = await connection.exchange(*request)
                    if status != 503:
                        self.answered += 1
                        return status, body
            except LOST:
                pass
            await asyncio.sleep(pause)
            pause = min(pause * 2, RETRY_PAUSE_MAX_S)

    def _unexpected(self, what, status, body):
        self.history.unexpected.append(f"{what} was answered {status} {body[:200]!r}")

    # -- the carrier ------------------------------------------------------------------------------

    def _callback(self, kind, parameters):
        """The request of a signed callback."""
        path = f"/carriers/twilio/tw/{kind}"
        signature = twilio_callbacks.signature(directory_file.TOKEN, self.broker.public_url + path,
                                               parameters)
        return ("POST", path, twilio_callbacks.encode(parameters),
                (("Content-Type", twilio_callbacks.FORM), ("X-Twilio-Signature", signature)))

    async def _inbound(self, connection, noise):
        ours, theirs = noise.choice(HOT_PAIRS if noise.random() < 0.1 else PAIRS)
        sid = twilio_callbacks.new_sid()
        said = noise.choice(WORDS) if noise.random() < WORDS_RATE else f"in {sid}"
        message = Inbound(sid, ours, theirs, said, time.monotonic(), None, self.cycle)
        self.history.inbound[sid] = message
        request = self._callback("inbound",
                                 twilio_callbacks.inbound(ours, theirs, message.body, sid))
        # Now and then the carrier repeats what was acknowledged already.
        for _ in range(2 if noise.random() < 0.03 else 1):
            status, body = await self._insist(connection, noise, *request)
            if status != 200:
                self._unexpected(f"callback {sid}", status, body)
                return
            message.acknowledged = message.acknowledged or time.monotonic()

    async def _report(self, connection, noise):
        """Reports of the run's own, beside the simulator's: their error codes name them."""
        self._follow_sends()
        if not self._sends:
            return
        # Half of them on the newest sends, of which the broker may not have the answer yet.
        send = noise.choice(self._sends[-2:] if noise.random() < 0.5 else self._sends)
        state = noise.choice(("sent", "delivered", "undelivered", "undelivered", "read"))
        code = 31000 + len(self.history.reports) if state == "undelivered" else 0
        report = Report(send.sid, state, code)
        self.history.reports.append(report)
        request = self._callback("status", twilio_callbacks.status(
            send.sid, state, send.ours, send.theirs, code or None))
        status, body = await self._insist(connection, noise, *request)
        if status != 200:
            self._unexpected(f"report on {send.sid}", status, body)
            return
        report.acknowledged = True

    def _follow_sends(self):
        """Reads on in the simulator's log."""
        if not self.simulator.sends_file.exists():
            return
        with self.simulator.sends_file.open("rb") as log:
            log.seek(self._log_position)
            for line in log:
                if not line.endswith(b"\n"):
                    break
                self._log_position += len(line)
                send = send_of(json.loads(line))
                self.history.sends.append(send)
                if send.accepted:
                    self._sends.append(send)
                else:
                    self._refused.append((send.ours, send.theirs))
        del self._sends[:-RECENT_MAX]

    def finish_sends(self):
        """Takes the rest of the simulator's log into the history; the simulator has ended."""
        self._follow_sends()

    # -- users ------------------------------------------------------------------------------------

    def _some_conversation(self, noise, fits=bool):
        """One that was open when the readers last looked, whose author fits; or nothing."""
        for _ in range(10):
            if not self._open:
                return None
            conversation = noise.choice(tuple(self._open))
            if fits(self._open[conversation]):
                return conversation
        return None

    async def _reply(self, connection, noise):
        conversation = self._some_conversation(noise)
        author = self._open.get(conversation)
        if self._closed and noise.random() < 0.03:
            conversation, author = noise.choice(self._closed)
        if conversation is None:
            return
        key = twilio_callbacks.new_sid("key")
        reply = Reply(key, conversation, f"re {key}", time.monotonic(), None, set(), "", self.cycle)
        self.history.replies[reply.body] = reply
        request = ("POST", f"/v1/conversations/{conversation}/messages",
                   json.dumps({**author, "body": reply.body}).encode(),
                   (AUTHORIZATION, JSON, ("Idempotency-Key", key)))
        for _ in range(2 if noise.random() < 0.05 else 1):
            status, body = await self._insist(connection, noise, *request)
            if status in (200, 201):
                reply.messages.add(json.loads(body)["id"])
                reply.acknowledged = reply.acknowledged or time.monotonic()
                continue
            reply.refusal = code_of(body)
            if reply.acknowledged or reply.refusal not in (
                    "conversation_closed", "unfinished_deliveries", "queue_full",
                    "not_participant", "opted_out"):
                self._unexpected(f"reply {key}", status, body)
            return

    async def _schedule(self, connection, noise):
        """A reply that waits for its time; most are edited or called off meanwhile, some when it is
        too late for that."""
        conversation = self._some_conversation(noise)
        author = self._open.get(conversation)
        if conversation is None:
            return
        key = twilio_callbacks.new_sid("key")
        reply = Reply(key, conversation, f"at {key}", time.monotonic(), None, set(), "", self.cycle,
                      send_at=ahead(noise.uniform(*SCHEDULED_S)))
        self.history.replies[reply.body] = reply
        request = ("POST", f"/v1/conversations/{conversation}/messages",
                   json.dumps({**author, "body": reply.body, "send_at": reply.send_at}).encode(),
                   (AUTHORIZATION, JSON, ("Idempotency-Key", key)))
        for _ in range(2 if noise.random() < 0.05 else 1):
            status, body = await self._insist(connection, noise, *request)
            if status != 201:
                # It may take so long to be answered that its time is too close by then.
                reply.refusal = code_of(body)
                if reply.acknowledged or reply.refusal not in (
                        "conversation_closed", "unfinished_deliveries", "queue_full",
                        "not_participant", "opted_out", "bad_schedule"):
                    self._unexpected(f"scheduled {key}", status, body)
                return
            reply.messages.add(json.loads(body)["id"])
            reply.acknowledged = reply.acknowledged or time.monotonic()
        message, = reply.messages
        while noise.random() < 0.6:
            await asyncio.sleep(noise.uniform(0.0, 1.0))
            await self._edit(connection, noise, message, reply)
        if noise.random() < 0.5:
            await self._cancel(connection, noise, message)

    async def _edit(self, connection, noise, message, reply):
        reply.edition_asked += 1
        edition = reply.edition_asked
        asked = {"body": f"{reply.body}{EDITION}{edition}"}
        if noise.random() < 0.5:
            asked["send_at"] = ahead(noise.uniform(*SCHEDULED_S))
        status, body = await self._insist(connection, noise, "PATCH", f"/v1/messages/{message}",
                                          json.dumps(asked).encode(), (AUTHORIZATION, JSON))
        if status == 200:
            reply.edition = edition
            reply.editions += 1
        elif code_of(body) not in ("not_editable", "bad_schedule"):
            self._unexpected(f"edition {edition} of {message}", status, body)

    async def _cancel(self, connection, noise, message):
        status, body = await self._insist(connection, noise, "POST",
                                          f"/v1/messages/{message}/cancel", b"", (AUTHORIZATION,))
        if status == 200:
            self.history.cancels.append(message)
        elif code_of(body) != "not_cancelable":
            self._unexpected(f"cancellation of {message}", status, body)

    async def _start(self, connection, noise):
        """A send that opens or joins the pair's conversation, whichever there is by then."""
        ours, theirs = noise.choice(PAIRS[:NUMBERS[0][1]])
        key = twilio_callbacks.new_sid("key")
        sent = Reply(key, "", f"start {key}", time.monotonic(), None, set(), "", self.cycle)
        self.history.replies[sent.body] = sent
        request = ("POST", "/v1/messages",
                   json.dumps({"from": ours, "to": theirs, "user": "alice",
                               "body": sent.body}).encode(),
                   (AUTHORIZATION, JSON, ("Idempotency-Key", key)))
        for _ in range(2 if noise.random() < 0.05 else 1):
            status, body = await self._insist(connection, noise, *request)
            if status == 201:
                answer = json.loads(body)
                sent.messages.add(answer["id"])
                sent.conversation = answer["conversation"]
                sent.acknowledged = sent.acknowledged or time.monotonic()
                continue
            sent.refusal = code_of(body)
            if sent.acknowledged or sent.refusal not in (
                    "unfinished_deliveries", "queue_full", "opted_out"):
                self._unexpected(f"start {key}", status, body)
            return

    async def _consent(self, connection, noise):
        """A record of what somebody outside wants, of one number or of all of them; half of them
        while a message to that person waits. It has no idempotency key, so whoever is not answered
        may record it twice."""
        waits = self._refused and noise.random() < 0.5
        ours, theirs = noise.choice(self._refused if waits else PAIRS)
        remark = twilio_callbacks.new_sid("by telephone ")
        self.history.remarks.add(remark)
        asked = {"address": f"sms:{theirs}", "text": remark,
                 "state": "opted_out" if noise.random() < 0.4 else "opted_in"}
        if noise.random() < 0.5:
            asked["number"] = ours
        status, body = await self._insist(connection, noise, "POST", "/v1/consents",
                                          json.dumps(asked).encode(), (AUTHORIZATION, JSON))
        if status == 201:
            self.history.wishes.append(consent_of(json.loads(body)))
        else:
            self._unexpected(f"consent {remark}", status, body)

    async def _bulk(self, connection, noise):
        """A bulk job, and now and then what is done to one that runs."""
        key = twilio_callbacks.new_sid("job")
        parties = noise.sample(BULK_PARTIES, noise.randint(*BULK_LINES))
        job = Job(key, {f"sms:{to}": f"{key} {place}" for place, to in enumerate(parties)})
        self.history.jobs[key] = job
        for body in job.lines.values():
            self.history.replies[body] = Reply(body, "", body, cycle=self.cycle)
        lines = b"".join(json.dumps({"to": to, "vars": {"text": text}}).encode() + b"\n"
                         for to, text in job.lines.items())
        target = (f"/v1/bulk?from=%2B{BULK_NUMBER[1:]}&user=alice&body=%7B%7Btext%7D%7D"
                  + ("&spread_s=1" if noise.random() < 0.3 else ""))
        for _ in range(2 if noise.random() < 0.1 else 1):
            status, body = await self._insist(connection, noise, "POST", target, lines,
                                              (AUTHORIZATION, NDJSON, ("Idempotency-Key", key)))
            if status == 409 and code_of(body) == "upload_in_progress":
                continue  # The one that was abandoned is still being read.
            if status != 202:
                self._unexpected(f"job {key}", status, body)
                return
            job.ids.add(json.loads(body)["id"])
            job.acknowledged = True
        if job.acknowledged:
            await self._act_on_job(connection, noise, job)

    async def _act_on_job(self, connection, noise, job):
        plan = noise.choice(((), (), ("pause", "resume"), ("pause", "pause", "resume"),
                             ("cancel",), ("pause", "cancel"), ("retry_failed",)))
        if "retry_failed" in plan:
            self.history.again.update(job.lines.values())
        for action in plan:
            await asyncio.sleep(noise.uniform(0.0, 0.5))
            job.canceled = job.canceled or action == "cancel"
            job.retried = job.retried or action == "retry_failed"
            status, body = await self._insist(
                connection, noise, "POST", f"/v1/bulk/{next(iter(job.ids))}/{action}", b"",
                (AUTHORIZATION,))
            if status == 200:
                job.cancel_acknowledged = job.cancel_acknowledged or action == "cancel"
            elif code_of(body) != "wrong_bulk_state":  # It was over already.
                self._unexpected(f"{action} of job {job.key}", status, body)

    async def _teamwork(self, connection, noise):
        """Claims, releases and transfers, half of them on the newest few so that they race."""
        if not self._team:
            return
        known = tuple(self._team)
        conversation = noise.choice(known[-3:] if noise.random() < 0.5 else known)
        user = noise.choice(TEAMS[self._team[conversation]])
        # Of the desk's few are claimed, so that its people have room for what the inbox gives them.
        releases = 20 if self._team[conversation] == "desk" else 1
        action, asked = noise.choice((("claim", {"user": user}), ("claim", {"user": user}),
                                      ("transfer", {"to_user": user}),
                                      *[("release", {})] * releases))
        status, body = await self._insist(connection, noise, "POST",
                                          f"/v1/conversations/{conversation}/{action}",
                                          json.dumps(asked).encode(), (AUTHORIZATION, JSON))
        if status == 200 and action != "release":
            self.history.claims.append(Claim(conversation, user))
        elif status != 200 and code_of(body) not in (
                "already_claimed", "not_claimed", "not_participant", "conversation_closed"):
            self._unexpected(f"{action} of {conversation}", status, body)

    async def _close(self, connection, noise):
        # Half of them where there is most to see of what opens and closes.
        of_team = (lambda author: author is not None and "team" in author)
        conversation = self._some_conversation(
            noise, of_team if noise.random() < 0.5 else lambda _: True)
        if conversation is None:
            return
        by_alice = self._open[conversation] == {"user": "alice"} and noise.random() < 0.5
        body = json.dumps({"user": "alice"} if by_alice else {}).encode()
        status, body = await self._insist(connection, noise, "POST",
                                          f"/v1/conversations/{conversation}/close", body,
                                          (AUTHORIZATION, JSON))
        if status == 200:
            self._open.pop(conversation, None)
            self.history.closes.append(Close(conversation))
        elif code_of(body) not in ("conversation_closed", "not_participant"):
            self._unexpected(f"close of {conversation}", status, body)

    async def _read(self, connection, noise):
        conversation = self._some_conversation(noise, lambda author: author == {"user": "alice"})
        last = self._last_index.get(conversation, 0)
        if not last:
            return
        read = Read(conversation, "alice", noise.randint(max(1, last - 3), last))
        body = json.dumps({"user": read.user, "index": read.index}).encode()
        status, body = await self._insist(connection, noise, "POST",
                                          f"/v1/conversations/{conversation}/read", body,
                                          (AUTHORIZATION, JSON))
        if status == 200:
            self.history.reads.append(read)
        elif code_of(body) not in ("conversation_closed", "not_participant"):
            self._unexpected(f"read of {conversation}", status, body)

    # -- readers ----------------------------------------------------------------------------------

    async def _listing(self, connection, noise):
        conversation = self._some_conversation(noise, lambda _: True)
        if conversation is None or len(self.history.listings) >= LISTINGS_MAX:
            return
        target = f"/v1/conversations/{conversation}/messages?limit=100"
        status, body = await self._insist(connection, noise, "GET", target, b"", (AUTHORIZATION,))
        if status != 200:
            self._unexpected(target, status, body)
            return
        self.history.listings.append(ListingView(conversation, [
            (one["index"], one["id"], split_edition(one["body"])[0])
            for one in json.loads(body)["items"]]))

    async def _poll(self):
        """Reads the events page by page; from it the users know what is open."""
        view = EventsView("poller", 0)
        self.history.views.append(view)
        connection = Connection(self.broker)
        noise = random.Random(f"{self._seed} poller")
        while True:
            target = f"/v1/events?after={resume_after(view)}&limit={PAGE}"
            status, body = await self._insist(connection, noise, "GET", target, b"",
                                              (AUTHORIZATION,))
            if status != 200:
                self._unexpected(target, status, body)
                return
            items = json.loads(body)["items"]
            for document in items:
                view.seen.append((document["seq"], document["type"], digest_of(document)))
                self._learn(document)
            if len(items) < PAGE:
                await asyncio.sleep(0.02)

    def _learn(self, document):
        kind, data = document["type"], document["data"]
        conversation = data.get("conversation")
        if kind == "conversation.created":
            self._open[conversation] = None if data["unrouted"] else AUTHORS[data["number"]]
            if data["team"]:
                self._team[conversation] = data["team"]
        elif kind == "conversation.closed":
            self._team.pop(conversation, None)
            author = self._open.pop(conversation, AUTHORS[data["number"]])
            if author:
                self._closed.append((conversation, author))
        elif kind == "conversation.updated" and "transferred" in data:
            self._follow_transfer(conversation, data["team"])
        elif kind == "conversation.message.created":
            self._last_index[conversation] = data["index"]

    def _follow_transfer(self, conversation, team):
        """The data action has given it to another team."""
        if conversation in self._team and team:
            self._team[conversation] = team
        if "team" in (self._open.get(conversation) or {}) and team:
            self._open[conversation] = {"team": team}

    async def _stream(self, name, after):
        """Follows the live stream, and resumes after its last event when the broker went away."""
        view = EventsView(name, after)
        self.history.views.append(view)
        while True:
            target = (f"ws://{self.broker.host}:{self.broker.port}/v1/stream"
                      f"?after={resume_after(view)}")
            try:
                async with websockets.connect(target, extra_headers=[AUTHORIZATION],
                                              close_timeout=1, ping_interval=None) as stream:
                    async for text in stream:
                        document = json.loads(text)
                        view.seen.append((document["seq"], document["type"],
                                          digest_of(document)))
            except (*LOST, websockets.WebSocketException):
                pass
            await asyncio.sleep(RETRY_PAUSE_S)


def ahead(seconds):
    """The moment so many seconds from now, in RFC 3339."""
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def resume_after(view):
    """Where a reader goes on. An unrouted conversation's creation is told as two events of one
    position: whoever saw only the first forgets it and reads both again."""
    if view.seen and view.seen[-1][1] == "conversation.created":
        view.seen.pop()
    return view.seen[-1][0] if view.seen else view.after
