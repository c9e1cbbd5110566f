"""The data action's endpoint of a crash run: answers, or breaks in one of the ways that there are.

It remembers which conversations it has given a good answer for, and every text that it has asked
to be sent, so that nothing of it passes for invented."""

import asyncio
import json
import random

import organisation

LATE_S = 1.5 * organisation.ACTION_TIMEOUT_MS / 1000


class Endpoint:
    """HTTP/1.1 on a loopback port, in the run's own event loop."""

    def __init__(self, history, seed):
        self.history = history
        self._noise = random.Random(f"{seed} endpoint")
        self._server = None

    async def start(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/asked"

    async def _serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
                question = json.loads(await reader.readexactly(length))
                answer = await self._answer(question)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError, ValueError):
            pass  # The broker was killed.
        finally:
            writer.transport.abort()

    async def _answer(self, question):
        """The bytes of an answer; None cuts the connection."""
        kind = self._noise.random()
        if kind < 0.05:
            return None
        if kind < 0.1:
            return response(500, b"")
        if kind < 0.15:
            return response(200, b'{"participants": ')
        conversation = question["conversation"]["id"]
        self.history.answered.add(conversation)
        if kind < 0.25:
            await asyncio.sleep(LATE_S)  # The first try has given up by then.
        if kind < 0.4:
            return response(204, b"")
        return response(200, json.dumps(self._wishes(question)).encode())

    def _wishes(self, question):
        text = f"auto {len(self.history.automatic)} {question['conversation']['id']}"
        wishes = {"labels": ["asked"]}
        if self._noise.random() < 0.3:
            wishes["participants"] = {"add": ["bob"]}  # Of neither team.
        if self._noise.random() < 0.2:
            wishes["team"] = "desk"
        if self._noise.random() < 0.3:
            self.history.automatic.add(text)
            wishes["replies"] = [{"body": text}]
        if self._noise.random() < 0.05:
            wishes["close"] = True
        return wishes


def response(status, body):
    return (f"HTTP/1.1 {status} .\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body
