"""The API as a program: its services from an open installation, its server, its telemetry, and its end."""

from __future__ import annotations

import gc
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from datetime import datetime
from importlib.metadata import version
from urllib.parse import urlsplit

from sqlalchemy import Engine

from hub.access.appending import AccessLog
from hub.access.guard import Guard
from hub.access.recording import Recorder
from hub.api import health
from hub.api.app import Application, create_app
from hub.api.bodies import BodyLimits
from hub.api.following import Following
from hub.api.front import Watch
from hub.api.health import Look, Readiness
from hub.api.issuer import WEB_CLIENT, LocalIssuer, create_local_issuer
from hub.api.quota import Quota
from hub.api.server import FINISH_S, Server, listening_at
from hub.api.services import Services, Tokens
from hub.api.slots import Slots
from hub.api.tokens import Verifier
from hub.audit.viewing import Viewer
from hub.codec.loopback import is_loopback
from hub.consumers.mending import Mending
from hub.domain.topics import INBOUND
from hub.errors import Usage
from hub.ledger.accesslog import AccessKeys
from hub.ledger.database import reading
from hub.log.port import TopicAdmin
from hub.projections import generations
from hub.settings import Settings
from hub.telemetry.apimetrics import ApiMetrics
from hub.telemetry.libraries import routed
from hub.telemetry.logs import Log
from hub.telemetry.watchdog import HUNG, log_stacks
from hub.web.address import address_of
from hub.wiring import naming
from hub.wiring.accesslog import access_log
from hub.wiring.demonstration import consuming
from hub.wiring.encryption import warn_of_clear_text
from hub.wiring.hub import Hub
from hub.wiring.localissuer import PATH, Opened, bracketed, local_issuer, opened
from hub.wiring.machine import from_then, now
from hub.wiring.outdated import warn_of_outdated
from hub.wiring.tokens import tokens_of
from hub.wiring.traces import traced
from hub.wiring.web import serve_pages

THREADS = 16
"""For operations, each of which may hold a connection to the store; more would only wait for each other."""
CLOSE_S = 5.0
"""For closing log and stores once the last request was answered."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def services_of(
    hub: Hub,
    tokens: Tokens,
    recorder: Recorder,
    watch: Watch,
    is_stopping: Callable[[], bool],
    parts: Callable[[], Mapping[str, str | None]] = dict,
) -> Services:
    """Put together what the operations work with; the hub stays the caller's to close."""
    settings = hub.settings
    return Services(
        store=hub.store,
        codec=hub.codec,
        keystore=hub.keystore,
        keyed_hash=hub.keyed_hash,
        replay=hub.replay,
        viewer=Viewer(hub.replay, hub.codec, hub.keystore),
        guard=Guard(hub.store, recorder, hub.now),
        recorder=recorder,
        access_keys=AccessKeys(hub.master),
        tokens=tokens,
        submissions=hub.submissions(),
        admin=hub.admin,
        quarantine=hub.quarantine,
        mending=Mending(hub.store, hub.quarantine, hub.gate, hub.acceptance, hub.now),
        publish_slots=Slots(settings.publish_at_once, settings.api_timeout_s),
        cursor_key=hub.master.derive("api-cursor"),
        now=hub.now,
        random_bytes=os.urandom,
        watch=watch,
        limits=BodyLimits(settings.api_max_body_bytes, settings.api_timeout_s),
        quota=Quota(settings.api_requests_per_minute, time.monotonic),
        parts=parts,
        is_stopping=is_stopping,
    )


def serve(
    settings: Settings,
    log: Log,
    told: Callable[[Opened], object] | None = None,
    *,
    today: datetime | None = None,
    began: Callable[[], object] = lambda: None,
) -> None:
    """Open the hub and answer requests until SIGTERM or SIGINT, then finish those in hand; the process ends after it.

    Args:
        told: makes the hub its own OpenID provider, and is told who may log in where.
        today: the moment that the hub takes for now, and goes on from: for demonstrations, whose pages say so. Then it
            also takes in what the log holds, as a worker does.
        began: told once everything is open.

    Raises:
        Usage: the address is taken.
        HubError: the hub cannot be opened.
    """
    with ExitStack() as around:
        around.enter_context(routed(log, time.monotonic))
        warn_of_clear_text(settings, log)
        around.enter_context(traced())
        listening = around.enter_context(closing(_listening(settings)))
        port = listening.getsockname()[1]
        clock = now if today is None else from_then(today)
        hub = around.enter_context(Hub(settings, clock, connections=THREADS + settings.publish_at_once))
        warn_of_outdated(hub.store, log)
        issuer, settings = (None, settings) if told is None else _own_provider(hub, settings, port, log)
        app, readiness = _with_pages(hub, issuer, settings, log, today)
        if told is not None and issuer is not None:
            told(opened(issuer, settings.web_url or ""))
        around.enter_context(readiness)
        if today is not None:
            around.enter_context(consuming(hub, log))
        _settle()
        began()
        log.info("serving", host=settings.api_host, port=port)
        _server(app, readiness, settings, log).run(sockets=[listening])


def _settle() -> None:
    """Let the collector never look again at what was made by now and stays, which takes it 0.1 s."""
    gc.collect()
    gc.freeze()


def _with_pages(
    hub: Hub, issuer: LocalIssuer | None, settings: Settings, log: Log, today: datetime | None
) -> tuple[Application, Readiness]:
    """Make the API, with the pages where the settings say their address, and with the hub's own provider."""
    tokens = tokens_of(settings, hub.now, log)
    app, services, readiness = _application(hub, tokens, log)
    if issuer is not None:
        app.mount(PATH, create_local_issuer(issuer))
    if settings.web_url and isinstance(tokens, Verifier):
        users = () if issuer is None else issuer.users.values()
        readers = {f"{settings.oidc_issuer}|{each.login}": each.name for each in users}
        serve_pages(app, services, hub, tokens, settings, log, today=today, readers=readers).prepare()
    return app, readiness


def _own_provider(hub: Hub, settings: Settings, port: int, log: Log) -> tuple[LocalIssuer, Settings]:
    """Make the hub its own OpenID provider, and give the settings that lead API and pages to it.

    Names come from those that a demonstration wrote beside its data, unless a setting says where others are.

    Raises:
        Usage: the pages are for more than this machine, or a file of names is wrong.
    """
    here = f"http://{bracketed(settings.api_host)}:{port}"
    web_url = address_of(settings.web_url).url if settings.web_url else here
    if not is_loopback(urlsplit(web_url).hostname or ""):
        raise Usage(
            "HUB_WEB_URL is not this machine's, and --local-issuer lets in whoever comes; unset it, or leave "
            "--local-issuer out"
        )
    written = settings.data / naming.FOLDER
    settings = settings.model_copy(update={"names_dir": settings.names_dir or (written if written.is_dir() else None)})
    issuer = local_issuer(hub, here + PATH, web_url, naming.names_of(settings, log)())
    known = {"oidc_issuer": issuer.url, "web_url": web_url, "web_client_id": WEB_CLIENT, "web_client_secret": None}
    return issuer, settings.model_copy(update=known)


def _application(hub: Hub, tokens: Tokens, log: Log) -> tuple[Application, Services, Readiness]:
    metrics = ApiMetrics(version=version("parcours-hub"))
    readiness = Readiness(_looks(hub, tokens), metrics, log)
    pages = {"/healthz": health.alive, "/readyz": readiness.ready, "/metrics": metrics.page}
    watch = Watch(log, metrics, pages)
    services = services_of(hub, tokens, recorder_of(hub, watch), watch, lambda: readiness.is_stopping, readiness.parts)
    app = create_app(services)
    following: Following = app.state.following
    metrics.followers.set_function(lambda: following.followers)
    return app, services, readiness


def _server(app: Application, readiness: Readiness, settings: Settings, log: Log) -> Server:
    def stopping() -> None:
        readiness.stop()
        threading.Thread(target=_end_in_time, args=(log,), name="deadline", daemon=True).start()

    return Server(
        app,
        stopping=stopping,
        proxies=settings.api_proxies,
        head_timeout_s=settings.api_timeout_s,
        threads=THREADS,
    )


def _listening(settings: Settings) -> socket.socket:
    host, port = settings.api_host, settings.api_port
    try:
        return listening_at(host, port)
    except (OSError, OverflowError) as error:
        number = getattr(error, "errno", None) or 0
        reason = os.strerror(number) if number > 0 else "no address of this machine"
        raise Usage(
            f"the API cannot be served on {host}:{port} ({reason}); set HUB_API_HOST and HUB_API_PORT, or --host and "
            "--port, to a free address"
        ) from error


def _end_in_time(log: Log) -> None:
    """End the process where a request or a store hangs: nothing is lost, since an open transaction rolls back.

    Nothing calls it off: Python's own end waits for threads too, those of operations among them.
    """
    time.sleep(FINISH_S + CLOSE_S)
    log_stacks(log, "close_hangs", limit_s=FINISH_S + CLOSE_S)
    os._exit(HUNG)


def _looks(hub: Hub, tokens: Tokens) -> Mapping[str, Look]:
    """Give how each part is asked whether it answers."""
    return {
        "store": lambda: _asked(hub.store),
        "keys": hub.keystore.verify,
        "issuer": tokens.ready,
        "log": _LogLook(hub.admin),
    }


def _asked(store: Engine) -> None:
    with reading(store) as connection:
        generations.live(connection)


class _LogLook:
    """Asks the log for its topics, on one connection for as long as it answers."""

    def __init__(self, connect: Callable[[], TopicAdmin]) -> None:
        self._connect = connect
        self._admin: TopicAdmin | None = None

    def __call__(self) -> None:
        if self._admin is None:
            self._admin = self._connect()
        try:
            self._admin.describe(INBOUND)
        except BaseException:
            self._admin.close()
            self._admin = None
            raise


def recorder_of(hub: Hub, watch: Watch) -> AccessLog:
    """Give the access log; a reader who is slowed or stopped is counted, and an alarm is a line of the log."""

    def told(outcome: str, alarm_no: int | None) -> None:
        watch.metrics.alarmed(outcome)
        if alarm_no is not None:
            watch.log.warning("access_alarm", reason=outcome, alarm=alarm_no)

    return access_log(hub, told)
