"""An organisation's endpoint that does exactly what a test tells it, one instruction a question."""

import collections
import dataclasses
import hashlib
import hmac
import json
import threading

from loopback_server import LoopbackServer

SECRET = "a-secret-of-the-organisation"


def answer(**members):
    """200 with what is asked for."""
    return 200, json.dumps(members).encode()


NOTHING = (204, b"")


def status(code):
    """A status without a body."""
    return code, b""


def garbage(text):
    """200 with whatever text."""
    return 200, text.encode()


CUT = "cut"  # Reads the whole request, then ends the connection without an answer.


@dataclasses.dataclass
class Question:
    """One question as it came in."""

    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)

    def is_signed_with(self, secret):
        fields = dict(part.split("=", 1) for part in self.headers["parley-signature"].split(","))
        expected = hmac.new(secret.encode(), fields["t"].encode() + b"." + self.body,
                            hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, fields["v1"])


class DataActionEndpoint:
    """Answers on a loopback port. `hold()` lets nobody have an answer until `let_go()`."""

    def __init__(self):
        self._script = collections.deque()
        self._guard = threading.Lock()
        self._asked = []
        self._free = threading.Event()
        self._free.set()
        self._server = LoopbackServer(self._serve)

    @property
    def url(self):
        return self._server.origin + "/ask"

    def then(self, *instructions):
        """Adds instructions; when they run out, nothing is asked for."""
        with self._guard:
            self._script.extend(instructions)

    def hold(self):
        self._free.clear()

    def let_go(self):
        self._free.set()

    def asked(self):
        """The questions so far."""
        with self._guard:
            return list(self._asked)

    def stop(self):
        self.let_go()
        self._server.stop()

    def _serve(self, handler):
        length = int(handler.headers.get("Content-Length", "0"))
        question = Question({name.lower(): value for name, value in handler.headers.items()},
                            handler.rfile.read(length))
        with self._guard:
            self._asked.append(question)
            instruction = self._script.popleft() if self._script else NOTHING
        self._free.wait()
        if instruction == CUT:
            handler.close_connection = True
            return
        code, body = instruction
        handler.send_response(code)
        if code != 204:
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
