"""The webhooks' endpoint of a crash run: takes what is posted, or fails in one of several ways; for
one of the two webhooks it is down for whole cycles.

It notes each event as it comes and once more when it takes it, in that order: what may come next is
judged by what was taken before."""

import asyncio
import dataclasses
import hashlib
import hmac
import json
import random

import organisation
from history import post_of

LATE_S = 1.5 * organisation.WEBHOOK_TIMEOUT_MS / 1000
AWAY = "farewells"  # Whose endpoint is down in every second cycle.


class Hook:
    """HTTP/1.1 on a loopback port, in the run's own event loop."""

    def __init__(self, history, seed):
        self.history = history
        self.history.told = dict(organisation.WEBHOOKS)
        self.taken = {webhook: set() for webhook in organisation.WEBHOOKS}  # The ids of events.
        self.is_away = False
        self._noise = random.Random(f"{seed} hook")
        self._server = None

    async def start(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/events"

    async def _serve(self, reader, writer):
        try:
            while True:
                fields = fields_of(await reader.readuntil(b"\r\n\r\n"))
                body = await reader.readexactly(int(fields["content-length"]))
                status = await self._judge(fields, body)
                if status is None:
                    break
                writer.write(f"HTTP/1.1 {status} .\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError):
            pass  # The broker was killed.
        finally:
            writer.transport.abort()

    async def _judge(self, fields, body):
        """The status; None cuts the connection."""
        if not is_signed(fields.get("parley-signature", ""), body):
            self.history.unexpected.append(f"a post to a webhook is not signed: {fields}")
        post = post_of(fields.get("parley-webhook", ""), json.loads(body))
        self.history.posts.append(post)
        if self.is_away and post.webhook == AWAY:
            return 503
        kind = self._noise.random()
        if kind < 0.01:
            return None
        if kind < 0.02:
            return 500
        if kind < 0.021:
            await asyncio.sleep(LATE_S)  # The try has been given up by then.
        # Not awaited from here on: what was taken stands before whatever follows from it.
        self.history.posts.append(dataclasses.replace(post, taken=True))
        self.taken[post.webhook].add(post.id)
        return 204


def fields_of(head):
    """The header fields of a request, by their names in lower case."""
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines if line)}


def is_signed(signature, body):
    """Whether the signature is that of the body under the webhook's secret."""
    parts = dict(part.partition("=")[::2] for part in signature.split(","))
    expected = hmac.new(organisation.WEBHOOK_SECRET.encode(),
                        parts.get("t", "").encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts.get("v1", ""))
