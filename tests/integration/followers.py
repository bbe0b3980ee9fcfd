"""The followers' side of the stream of changes: reads server-sent events as a browser does, and connects again."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Heard(NamedTuple):
    """One message."""

    event: str
    id: str
    document: Any


class Refused(Exception):
    """The server did not open a stream."""


@dataclass
class Follower:
    """A client that keeps the id of the last message, and goes on with it wherever it connects again."""

    port: int
    token: str
    last_id: str = ""
    heard: list[Heard] = field(default_factory=list)
    hellos: int = 0
    comments: list[str] = field(default_factory=list)
    _fields: dict[str, str] = field(default_factory=dict)

    @property
    def positions(self) -> list[int]:
        """Give the ids of the changes, in the order in which they came."""
        return [int(each.id) for each in self.heard]

    async def connected_once(self) -> None:
        """Connect and hear until the stream ends.

        Raises:
            Refused: the status was not 200.
            OSError: the server is away.
        """
        self._fields = {}
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            going_on = f"Last-Event-ID: {self.last_id}\r\n" if self.last_id else ""
            writer.write(
                f"GET /api/v1/changes HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {self.token}\r\n"
                f"{going_on}Connection: close\r\n\r\n".encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head.split(b"\r\n", 1)[0]:
                raise Refused(head.decode())
            async for line in _lines(reader):
                self._take(line)
        finally:
            writer.close()

    async def follow(self, is_over: Callable[[], bool]) -> None:
        """Connect again and again until told that it is over."""
        while not is_over():
            with suppress(OSError, Refused, asyncio.IncompleteReadError):
                await self.connected_once()
            await asyncio.sleep(0.05)

    def _take(self, line: str) -> None:
        """Process one line by WHATWG HTML, section 9.2.6."""
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line and name:
            self._fields[name] = value
        elif line:
            self.comments.append(value)
        else:
            fields, self._fields = self._fields, {}
            self.last_id = fields.get("id", self.last_id)
            if "data" in fields:
                self._dispatch(Heard(fields["event"], self.last_id, json.loads(fields["data"])))

    def _dispatch(self, heard: Heard) -> None:
        if heard.event == "hello":
            self.hellos += 1
        else:
            self.heard.append(heard)


async def _lines(reader: asyncio.StreamReader) -> AsyncIterator[str]:
    """Give the lines of a chunked body; one that the connection's end cuts off is none."""
    body = b""
    while True:
        try:
            size = int(await reader.readuntil(b"\r\n"), 16)
            if not size:
                return
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        *whole, body = body.split(b"\n")
        for line in whole:
            yield line.decode()


async def until(condition: Callable[[], bool], deadline_s: float = 30.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end, "it did not come in time"
        await asyncio.sleep(0.02)
