"""HTTP/1.1 on a kept connection, as cheaply as Python allows, so that the load is one."""

import asyncio
import json

EXCHANGE_S = 60.0  # Bounds a hang; a connection that takes this long counts as lost.

# What an exchange with a broker that is killed at any moment may end with.
LOST = (OSError, EOFError, asyncio.TimeoutError, asyncio.LimitOverrunError)


class Connection:
    """One client's connection; opened again after every loss."""

    def __init__(self, broker):
        self._broker = broker
        self._reader = None
        self._writer = None

    async def _open(self):
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                self._broker.host, self._broker.port, limit=1 << 20)

    def close(self):
        if self._writer is not None:
            self._writer.transport.abort()
            self._reader = self._writer = None

    async def exchange(self, verb, target, body=b"", headers=()):
        """Sends a request and returns (status, body). Raises one of LOST without an answer."""
        try:
            async with asyncio.timeout(EXCHANGE_S):
                await self._open()
                self._writer.write(request(verb, target, body, headers))
                return await self._answer()
        except BaseException:
            self.close()
            raise

    async def abandon(self, verb, target, body=b"", headers=()):
        """Sends a request and goes away without waiting for the answer."""
        try:
            async with asyncio.timeout(EXCHANGE_S):
                await self._open()
                self._writer.write(request(verb, target, body, headers))
                await self._writer.drain()
        finally:
            self.close()

    async def _answer(self):
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        status = int(head[9:12])
        length = 0
        for line in head.split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line[15:])
        body = await self._reader.readexactly(length) if length else b""
        if b"\r\nconnection: close" in head:
            self.close()
        return status, body


def request(verb, target, body, headers):
    """The bytes of a request."""
    lines = [f"{verb} {target} HTTP/1.1", "Host: parley", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def code_of(body):
    """The code of a problem document; empty when the body is none."""
    try:
        return json.loads(body).get("code", "")
    except ValueError:
        return ""
