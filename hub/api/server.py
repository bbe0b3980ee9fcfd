"""The server: uvicorn on a socket that listens, which ends without cutting off anyone whom it can still answer."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from anyio import to_thread
from starlette.types import ASGIApp

from hub.api.connection import connections

FINISH_S = 15
"""For requests in hand when the server is told to end; then they are cut off."""
_KEEP_ALIVE_S = 65
"""Longer than proxies keep a connection that nobody uses, so that none is closed while a request comes in on it."""


class Server(uvicorn.Server):
    """Answers until it is told to end; then it listens no more, and finishes what it has in hand.

    Args:
        stopping: told first of all, so that streams end by themselves and their followers connect elsewhere.
        proxies: addresses whose `X-Forwarded-For` and `-Proto` are believed, with commas.
        threads: how many operations are worked on at the same time.
        head_timeout_s: how long a client may take to send the head of a request.
    """

    def __init__(
        self, app: ASGIApp, *, stopping: Callable[[], object], proxies: str, head_timeout_s: float, threads: int
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=connections(head_timeout_s),
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                forwarded_allow_ips=proxies,
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=FINISH_S,
            )
        )
        self._stopping = stopping
        self._threads = threads

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin; operations get their threads."""
        to_thread.current_default_thread_limiter().total_tokens = self._threads
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End, in order."""
        self._stopping()
        await super().shutdown(sockets)


def listening_at(host: str, port: int) -> socket.socket:
    """Listen, before anything else is opened; port 0 takes a free one.

    Raises:
        OSError, OverflowError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2_048)
