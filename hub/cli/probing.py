"""`hub health`: asks a worker whether it lives, for a container's health check."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from hub.errors import Usage

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 what a server listens on, not here
TIMEOUT_S = 4.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("health", short_help="Ask a worker on this machine whether it lives.")(health)


def health(
    host: Annotated[str, typer.Option("--host", envvar="HUB_METRICS_HOST", help="Where it serves its health.")] = (
        "127.0.0.1"
    ),
    port: Annotated[
        int, typer.Option("--port", envvar="HUB_METRICS_PORT", min=0, max=65_535, help="On which port.")
    ] = 0,
    ready: Annotated[bool, typer.Option("--ready", help="Ask whether it is ready: stores and log answer too.")] = False,
) -> None:
    """Ask the worker that serves its metrics here whether it lives; exit code 0 if so, 1 if not or without an answer.

    It opens neither settings nor stores, so that a health check costs next to nothing.
    """
    if not port:
        raise Usage("there is no port to ask at; set HUB_METRICS_PORT, for the worker too, or give --port")
    path = "/readyz" if ready else "/healthz"
    try:
        status, text = _asked(_EVERYWHERE.get(host, host), port, path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "no answer in time"
        sys.stderr.write(f"no answer on {host}:{port}: {reason}\n")
        raise typer.Exit(1) from error
    sys.stdout.write(text)
    if status != 200:
        raise typer.Exit(1)


def _asked(host: str, port: int, path: str) -> tuple[int, str]:
    """Ask by hand: Python's HTTP client alone would double the time that the program takes."""
    import socket

    with socket.create_connection((host, port), TIMEOUT_S) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        with connection.makefile("rb") as reply:
            answer = reply.read(4_096).decode("utf-8", "replace")
    head, _, body = answer.partition("\r\n\r\n")
    words = head.split()
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdigit():
        raise ValueError("what listens there is no worker of the hub")
    return int(words[1]), body
