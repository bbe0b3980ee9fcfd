"""`hub serve`, `hub openapi`: the HTTP API with the web pages, and its document without a server."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from hub.cli.session import session_of
from hub.cli.stopping import Stop
from hub.cli.working import Beginning, ending
from hub.errors import Usage

if TYPE_CHECKING:
    from datetime import datetime

    from hub.settings import Settings
    from hub.wiring.localissuer import Opened


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("serve", short_help="Serve the web pages and the HTTP API.")(serve)
    app.command("openapi", short_help="Write the API's OpenAPI document.")(openapi)


def serve(
    context: typer.Context,
    host: Annotated[
        str | None, typer.Option("--host", metavar="ADDRESS", help="Where to listen; by default HUB_API_HOST.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65_535, help="On which port; 0 takes a free one. By default HUB_API_PORT."),
    ] = None,
    local_issuer: Annotated[
        bool,
        typer.Option(
            "--local-issuer", help="Be the OpenID provider too, without passwords, to try it on this machine."
        ),
    ] = False,
    today: Annotated[
        str | None,
        typer.Option("--today", metavar="TIME", help="Take this for now, on a demonstration's data of the past."),
    ] = None,
) -> None:
    """Serve the web pages and the HTTP API until SIGTERM or Ctrl-C; then requests in hand are finished.

    The pages are there if HUB_WEB_URL says their address, or with --local-issuer.

    It listens without TLS: a proxy in front of it ends that. Of several on one machine each has a port of its own.
    """
    from hub.wiring.localissuer import welcome

    session = session_of(context)
    given: dict[str, Any] = {"api_host": host, "api_port": port}
    settings = session.settings(**{name: value for name, value in given.items() if value is not None})
    _refuse_unsafe(settings, local_issuer=local_issuer)
    began = None if today is None else _demonstrated(today, local_issuer=local_issuer)
    with Stop() as stop:
        told = (lambda found: session.output.say(welcome(found))) if local_issuer else None
        answer_until(stop, settings, told, began, sys.stderr)
    if stop.is_interrupt:
        raise KeyboardInterrupt


def _demonstrated(today: str, *, local_issuer: bool) -> datetime:
    from hub.audit.moments import parse_start

    if not local_issuer:
        raise Usage("--today is for demonstrations, with --local-issuer; leave it out")
    try:
        return parse_start(today)
    except Usage:
        raise Usage("--today is no day; give one as in 2023-01-02, or a time as in 2023-01-02T09:00:00+01:00") from None


def _refuse_unsafe(settings: Settings, *, local_issuer: bool) -> None:
    if not local_issuer:
        if not settings.oidc_issuer:
            raise Usage(
                "HUB_OIDC_ISSUER is not set, so that every token would be refused; set it to the address of the OpenID "
                "provider, or give --local-issuer to try the API on this machine"
            )
        return
    if settings.oidc_issuer:
        raise Usage("HUB_OIDC_ISSUER is set; unset it, or leave --local-issuer out: there is one provider")
    if settings.api_host not in {"127.0.0.1", "::1", "localhost"}:
        raise Usage(
            f"--local-issuer gives a token to whoever asks, so it serves this machine alone: listen on 127.0.0.1, not "
            f"on {settings.api_host}"
        )


def answer_until(
    stop: Stop, settings: Settings, told: Callable[[Opened], object] | None, today: datetime | None, stream: TextIO
) -> None:
    """Answer until a signal; lines of the log go to the stream.

    Raises:
        HubError: the hub cannot be opened or served; once it is served, only where someone reads the lines.
    """
    from hub.wiring.serving import serve as answer
    from hub.wiring.worker import worker_log

    log, as_json = worker_log(settings, stream)
    began = Beginning()
    with ending(log, began, as_json=as_json and stream is sys.stderr):
        answer(settings, log, told, today=today, began=began)
    log.info("stopped", signal=signal.Signals(stop.signal_number).name)


def openapi(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to write it, instead of the standard output.")
    ] = None,
) -> None:
    """Write the OpenAPI document of the HTTP API as JSON; it needs neither data nor settings."""
    import json

    from hub.api.app import Application

    text = json.dumps(Application().openapi(), indent=2, ensure_ascii=False) + "\n"
    if out is None:
        session_of(context).output.line(text.removesuffix("\n"))
    else:
        out.write_text(text, encoding="utf-8")
