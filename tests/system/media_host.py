"""A host of files, as carriers have them: serves what a test puts there, and notes who asked."""

import threading

from loopback_server import LoopbackServer

CUT = "cut"  # The connection ends in the middle of the body.


class MediaHost:
    """Files on a loopback port, by path. `hold()` lets nobody have an answer until `let_go()`."""

    def __init__(self):
        self._guard = threading.Lock()
        self._answers = {}
        self._asked = []
        self._free = threading.Event()
        self._free.set()
        self._server = LoopbackServer(self._serve)

    @property
    def url(self):
        return self._server.origin

    def put(self, path, *answers):
        """What the path is answered with, one after the other, the last one for ever: the bytes of
        a file, a status, (status, fields), (CUT, bytes) or a function of a chunked body's pieces.
        Returns the file's URL."""
        with self._guard:
            self._answers[path] = list(answers)
        return self.url + path

    def asked(self, path=None):
        """The requests so far as (path, Authorization)."""
        with self._guard:
            return [one for one in self._asked if path in (None, one[0])]

    def hold(self):
        self._free.clear()

    def let_go(self):
        self._free.set()

    def stop(self):
        self.let_go()
        self._server.stop()

    def _serve(self, handler):
        with self._guard:
            self._asked.append((handler.path, handler.headers.get("Authorization")))
            left = self._answers.get(handler.path, [404])
            answer = left.pop(0) if len(left) > 1 else left[0]
        self._free.wait()
        if isinstance(answer, bytes):
            self._send(handler, 200, {"Content-Length": len(answer)}, answer)
        elif isinstance(answer, int):
            self._send(handler, answer, {"Content-Length": 2}, b"no")
        elif callable(answer):
            self._send(handler, 200, {"Transfer-Encoding": "chunked"}, b"")
            for piece in answer():
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            handler.wfile.write(b"0\r\n\r\n")
        elif answer[0] == CUT:
            self._send(handler, 200, {"Content-Length": len(answer[1])},
                       answer[1][:len(answer[1]) // 2])
            handler.close_connection = True
        else:
            self._send(handler, answer[0], {"Content-Length": 0, **answer[1]}, b"")

    @staticmethod
    def _send(handler, status, fields, body):
        handler.send_response(status)
        for name, value in fields.items():
            handler.send_header(name, str(value))
        handler.end_headers()
        handler.wfile.write(body)
