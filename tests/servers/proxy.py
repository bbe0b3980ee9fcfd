"""A TCP proxy on loopback: the network between a client and a server, which a test can cut."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Coroutine

CHUNK_BYTES = 65_536
ANSWER_S = 10
# Closing with this option resets the connection, so that the other side sees it at once.
RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Forwards connections from its port to a server's, as long as the test lets it.

    Args:
        port: where clients connect; it stays the same over cuts.
        server: the loopback port to forward to.
    """

    def __init__(self, port: int, server: int) -> None:
        self.port = port
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"proxy-{port}", daemon=True)
        self._listening: socket.socket | None = None
        self._flowing = asyncio.Event()
        self._answering = asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self.heal()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """Reset all connections and refuse new ones."""
        self._run(self._cut())

    def freeze(self) -> None:
        """Let nothing through in either direction, as when packets are lost: connections stay, and nobody is told."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def mute(self) -> None:
        """Let what clients say through and hold back the answers: the server does as asked, and nobody is told."""
        self._loop.call_soon_threadsafe(self._answering.clear)

    def heal(self) -> None:
        """Let everything through again; what was held back while frozen arrives late, as TCP would send it again."""
        self._run(self._heal())

    def _run(self, action: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(action, self._loop).result(ANSWER_S)

    async def _heal(self) -> None:
        if self._listening is None:
            self._listening = socket.create_server(("127.0.0.1", self.port))
            self._listening.setblocking(False)
            self._loop.add_reader(self._listening, self._accept, self._listening)
        self._flowing.set()
        self._answering.set()

    async def _cut(self) -> None:
        if self._listening is not None:
            self._loop.remove_reader(self._listening)
            self._listening.close()
            self._listening = None
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            while self._connections:
                self._connections.pop().cancel()
            await asyncio.wait(others, timeout=0.01)

    def _accept(self, listening: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionAbortedError):
            client, _ = listening.accept()
            connection = asyncio.create_task(self._forward(client))
            self._connections.add(connection)
            connection.add_done_callback(self._connections.discard)
            connection.add_done_callback(lambda _: client.close())  # also when it was cut before it began

    async def _forward(self, client: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=client)
        writers = [writer]
        try:
            await self._flowing.wait()
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._server)
            writers.append(server_writer)
            async with asyncio.TaskGroup() as both_ways:
                both_ways.create_task(self._pump(reader, server_writer, self._flowing))
                both_ways.create_task(self._pump(server_reader, writer, self._flowing, self._answering))
        except* (OSError, asyncio.CancelledError):  # cut, or one side is gone: so is the other
            for each in writers:
                _reset(each)
        finally:
            for each in writers:
                each.close()
            await asyncio.gather(*(each.wait_closed() for each in writers), return_exceptions=True)

    @staticmethod
    async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *gates: asyncio.Event) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            for gate in gates:
                await gate.wait()
            writer.write(chunk)
            await writer.drain()
        for gate in gates:
            await gate.wait()
        writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
