"""A small HTTP client for the application's side, and the shapes that the API answers with.

Every answer that comes through here is held against config/openapi.json."""

import dataclasses
import http.client
import json
import urllib.parse

import contract
import waiting


@dataclasses.dataclass
class Response:
    """One answer, complete."""

    status: int
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The stable code of a problem document; empty when the answer is none."""
        if self.headers.get("content-type", "").startswith("application/problem+json"):
            return self.json()["code"]
        return ""


def exchange(host, port, verb, target, body=None, headers=None, timeout_s=60.0):
    """One request on a connection of its own. The answer must be one that the document has."""
    connection = http.client.HTTPConnection(host, port, timeout=timeout_s)
    try:
        connection.request(verb, target, body=body, headers=headers or {})
        answer = connection.getresponse()
        fields = {name.lower(): value for name, value in answer.getheaders()}
        response = Response(answer.status, fields, answer.read())
    finally:
        connection.close()
    contract.contract().check(verb, target, response)
    return response


class Api:
    """The application side of one broker, spoken to with one API key."""

    def __init__(self, broker, key):
        self._broker = broker
        self._key = key

    def request(self, verb, path, body=None, query=None, headers=None):
        target = path
        query = {name: value for name, value in (query or {}).items() if value is not None}
        if query:
            target += "?" + urllib.parse.urlencode(query)
        fields = dict(headers or {})
        if self._key is not None:
            fields["Authorization"] = f"Bearer {self._key}"
        if body is not None:
            fields.setdefault("Content-Type", "application/json")
            if not isinstance(body, bytes):
                body = json.dumps(body).encode()
        return exchange(self._broker.host, self._broker.port, verb, target, body, fields)

    def get(self, path, **query):
        return self.request("GET", path, query=query)

    def post(self, path, body, idempotency_key=None):
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return self.request("POST", path, body=body, headers=headers)

    def read(self, path, **query):
        """A GET that must be answered with 200."""
        answer = self.get(path, **query)
        assert answer.status == 200, (path, query, answer)
        return answer.json()

    def pages(self, path, **query):
        """Every page of a list, each as its list of items."""
        cursor = None
        while True:
            page = self.read(path, cursor=cursor, **query)
            yield page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def items(self, path, **query):
        """Every item of a list, over all its pages."""
        return [item for page in self.pages(path, **query) for item in page]

    # What the tests ask for by name.

    def conversations(self, **query):
        return self.items("/v1/conversations", **query)

    def conversation(self, conversation):
        return self.read(f"/v1/conversations/{conversation}")

    def messages(self, conversation, **query):
        return self.items(f"/v1/conversations/{conversation}/messages", **query)

    def bodies(self, conversation):
        return [message["body"] for message in self.messages(conversation)]

    def events(self, after=0, types=None):
        """Every event after a position, as the journal has them now."""
        found = []
        page = self.read("/v1/events", after=after, types=types, limit=1000)
        while True:
            found += page["items"]
            if page["next"] is None:
                return found
            page = self.read("/v1/events", cursor=page["next"], types=types, limit=1000)

    def reply(self, conversation, body, user="alice", key=None):
        return self.post(f"/v1/conversations/{conversation}/messages",
                         {"user": user, "body": body}, idempotency_key=key)

    def replied(self, conversation, body, user="alice", key=None):
        """A reply that must be accepted; returns the message."""
        answer = self.reply(conversation, body, user, key)
        assert answer.status == 201, answer
        return answer.json()

    def act(self, conversation, action, **body):
        """One of the actions on a conversation: claim, release, transfer, …"""
        return self.post(f"/v1/conversations/{conversation}/{action}", body)

    def acted(self, conversation, action, **body):
        """An action that must succeed; returns the conversation."""
        answer = self.act(conversation, action, **body)
        assert answer.status == 200, (action, body, answer)
        return answer.json()

    def remove_participant(self, conversation, user):
        return self.request("DELETE", f"/v1/conversations/{conversation}/participants/{user}")

    def start(self, sender, to, user="alice", body=None, key=None):
        """Starts a conversation."""
        asked = {"from": sender, "to": [to], "user": user}
        if body is not None:
            asked["body"] = body
        return self.post("/v1/conversations", asked, idempotency_key=key)

    def close(self, conversation, user=None):
        body = {"user": user} if user else {}
        return self.post(f"/v1/conversations/{conversation}/close", body)

    def delivery_states(self, message):
        """The states one message's delivery went through, in the order of events."""
        return [event["data"]["state"] for event in self.events(types="delivery.updated")
                if event["data"]["message"] == message]

    def await_state(self, message, state):
        """Waits until a message's delivery has been in a state; returns all states so far."""
        return waiting.until(
            lambda: (lambda states: states if state in states else None)(
                self.delivery_states(message)),
            f"delivery state {state} of {message}")
