"""An organisation's endpoint for webhooks: remembers what it is told, answers as a test says."""

import threading

from data_action_endpoint import CUT, Question
from loopback_server import LoopbackServer


class WebhookEndpoint:
    """Answers on a loopback port, 204 unless `answering` says otherwise."""

    def __init__(self):
        self._guard = threading.Lock()
        self._posts = []
        self._held = 0
        self._answer = lambda event: 204
        self._free = threading.Event()
        self._free.set()
        self._server = LoopbackServer(self._serve)

    @property
    def url(self):
        return self._server.origin + "/events"

    def answering(self, answer):
        """`answer` makes a status, or CUT, of the event's JSON."""
        with self._guard:
            self._answer = answer

    def hold(self):
        """Lets nobody have an answer until `let_go()`."""
        self._free.clear()

    def let_go(self):
        self._free.set()

    def posts(self):
        """Everything that came, also what was refused."""
        with self._guard:
            return list(self._posts)

    def held(self):
        """How many have no answer yet."""
        with self._guard:
            return self._held

    def events(self):
        """The same, as events."""
        return [post.json() for post in self.posts()]

    def stop(self):
        self.let_go()
        self._server.stop()

    def _serve(self, handler):
        length = int(handler.headers.get("Content-Length", "0"))
        post = Question({name.lower(): value for name, value in handler.headers.items()},
                        handler.rfile.read(length))
        with self._guard:
            self._posts.append(post)
            self._held += 1
            answer = self._answer(post.json())
        self._free.wait()
        with self._guard:
            self._held -= 1
        if answer == CUT:
            handler.close_connection = True
            return
        handler.send_response(answer)
        if answer != 204:
            handler.send_header("Content-Length", "0")
        handler.end_headers()
