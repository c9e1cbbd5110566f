"""A carrier that does exactly what a test tells it, one instruction a send.

The simulator misbehaves at random; the rules about errors need to know which send met which one.
"""

import collections
import json
import threading
import urllib.parse

from loopback_server import LoopbackServer


def accept(sid):
    """Takes the send and names it."""
    return 201, {}, {"sid": sid, "status": "queued", "error_code": None}


def refuse(status, code, **headers):
    """Refuses the send in Twilio's words."""
    return status, headers, {"code": code, "message": "refused by the script", "status": status}


CUT = "cut"  # Reads the whole request, then ends the connection without an answer.


class ScriptedCarrier:
    """Twilio's REST API on a loopback port. `before_answer(form)` runs before each answer."""

    def __init__(self, script=()):
        self._script = collections.deque(script)
        self._guard = threading.Lock()
        self._received = []
        self.before_answer = None
        self._server = LoopbackServer(self._serve)

    @property
    def api_base(self):
        return self._server.origin

    def then(self, *instructions):
        """Adds instructions; when they run out, sends are accepted."""
        with self._guard:
            self._script.extend(instructions)

    def received(self):
        """The sends so far, as decoded forms with the path and the Authorization field."""
        with self._guard:
            return list(self._received)

    def bodies(self):
        return [send["Body"] for send in self.received()]

    def stop(self):
        self._server.stop()

    def _serve(self, handler):
        length = int(handler.headers.get("Content-Length", "0"))
        form = dict(urllib.parse.parse_qsl(handler.rfile.read(length).decode(),
                                           keep_blank_values=True))
        form[":path"] = handler.path
        form[":authorization"] = handler.headers.get("Authorization", "")
        with self._guard:
            self._received.append(form)
            count = len(self._received)
            instruction = (self._script.popleft() if self._script
                           else accept(f"SM{count:032x}"))
        if self.before_answer is not None:
            self.before_answer(form)
        if instruction == CUT:
            handler.close_connection = True
            return
        status, headers, document = instruction
        body = json.dumps(document).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), str(value))
        handler.end_headers()
        handler.wfile.write(body)
