"""What the tests of scheduled sends share: a broker that takes times that are close."""

import datetime

import directory_file
import waiting
from directory_file import ALICE_NUMBER

THEM = "+15551230001"

# Mission 6 says one minute; a test does not wait that long.
SOON = {"sender": {"schedule_ahead_min_s": 1}}


def ahead(seconds):
    """The moment so many seconds from now, in RFC 3339."""
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def broker_with(make_broker, carrier, config=None, **directory):
    """A running broker that sends to `carrier` and has heard from THEM once; and the API and the
    conversation."""
    provision = directory_file.directory(api_base=carrier.api_base, **directory)
    broker = make_broker(provision=provision, config=config or SOON).start()
    broker.receive(ALICE_NUMBER, THEM, "Hello")
    return broker, broker.api(), broker.conversation_with(THEM)["id"]


def schedule(api, conversation, body, seconds, key=None, **more):
    return api.post(f"/v1/conversations/{conversation}/messages",
                    {"user": "alice", "body": body, "send_at": ahead(seconds), **more},
                    idempotency_key=key)


def scheduled(api, conversation, body, seconds, key=None, **more):
    """A scheduled reply that must be accepted; returns the message."""
    answer = schedule(api, conversation, body, seconds, key, **more)
    assert answer.status == 201, answer
    assert state_of(answer.json()) == "scheduled"
    return answer.json()


def cancel(api, message):
    return api.request("POST", f"/v1/messages/{message}/cancel")


def canceled(api, message):
    """A cancellation that must be carried out; returns the message."""
    answer = cancel(api, message)
    assert answer.status == 200, answer
    return answer.json()


def edit(api, message, **changes):
    return api.request("PATCH", f"/v1/messages/{message}", body=changes)


def state_of(message):
    """The state of a message that goes to one address."""
    delivery, = message["deliveries"]
    return delivery["state"]


def state_now(api, message):
    return state_of(api.read(f"/v1/messages/{message}"))


def sent_bodies(carrier, *bodies):
    """Waits until the carrier was given these, whatever the order, and nothing else."""
    waiting.until(lambda: len(carrier.bodies()) >= len(bodies), f"{bodies} at the carrier")
    assert sorted(carrier.bodies()) == sorted(bodies)
