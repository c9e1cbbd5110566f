"""The HTTP server under the tests' carriers, endpoints and hosts."""

import http.server
import threading


class LoopbackServer:
    """HTTP/1.1 on a loopback port. Each request is for `serve(handler)`, on a thread of its own."""

    def __init__(self, serve):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body leave in one segment, so that no delayed acknowledgement slows a test.
            wbufsize = -1

            def do_GET(self):  # noqa: N802 (the name is the standard library's)
                serve(self)

            def do_POST(self):  # noqa: N802 (the name is the standard library's)
                serve(self)

            def log_message(self, format, *args):  # pylint: disable=redefined-builtin
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                """Whoever asked has gone, or was killed: that is what some tests are about."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def origin(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
