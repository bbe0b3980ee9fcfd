"""The web pages as a program: their logins and templates, from an open installation and its settings."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from hub.api.app import Application
from hub.api.services import Services
from hub.api.tokens import Verifier
from hub.api.tokens.http import IssuerHttp
from hub.errors import Usage
from hub.settings import Settings
from hub.telemetry.logs import Log
from hub.web.address import Address, address_of
from hub.web.app import add_pages
from hub.web.assets import Assets
from hub.web.login.entrance import Entrance
from hub.web.login.provider import ClientOfProvider, LoginProvider
from hub.web.login.sealing import Sealer
from hub.web.login.sessions import Limits, Sessions
from hub.web.rendering import Renderer
from hub.web.services import Web
from hub.web.themes import folders_of
from hub.wiring.hub import Hub
from hub.wiring.naming import names_of


def serve_pages(
    app: Application,
    services: Services,
    hub: Hub,
    verifier: Verifier,
    settings: Settings,
    log: Log,
    *,
    today: datetime | None = None,
    readers: Mapping[str, str] = MappingProxyType({}),
) -> Renderer:
    """Let an application serve the pages too, at `web_url`; what else it serves has to be there already.

    `today` is the moment that a demonstration began at; `readers` are names by the ids of readers, where these are
    known.

    Raises:
        Usage: a setting of the pages is missing, malformed, or unsafe, or a file that one names is wrong.
    """
    address = address_of(settings.web_url or "")
    folders = folders_of(settings.theme_dir)
    files = Assets(folders)
    sessions = Sessions(
        hub.store,
        verifier,
        hub.master.derive("web-session"),
        Limits(timedelta(minutes=settings.web_idle_minutes), timedelta(hours=settings.web_session_hours)),
        random_bytes=os.urandom,
        now=hub.now,
        is_https=address.is_https,
    )
    entrance = _entrance(hub, verifier, settings, address, sessions, log)
    renderer = Renderer(files, folders, today)
    names = names_of(settings, log, readers)
    add_pages(app, services, Web(address.url, sessions, renderer, entrance, names), files)
    return renderer


def _entrance(
    hub: Hub, verifier: Verifier, settings: Settings, address: Address, sessions: Sessions, log: Log
) -> Entrance:
    if not settings.web_client_id:
        raise Usage(
            "HUB_WEB_CLIENT_ID is not set; register the pages at the OpenID provider, with the redirect address "
            f"{address.url}/connexion/retour, and set the client's id, or unset HUB_WEB_URL to serve the API alone"
        )
    secret = settings.web_client_secret
    client = ClientOfProvider(
        settings.web_client_id,
        secret.get_secret_value() or None if secret is not None else None,
        settings.web_client_auth,
        settings.web_scope,
        settings.web_prompt,
    )
    http = IssuerHttp(clock=time.monotonic, ca_file=settings.oidc_ca_file)
    return Entrance(
        LoginProvider(verifier, http, client, address.url, time.monotonic, log),
        sessions,
        Sealer(hub.master.derive("web-login"), "login", os.urandom, hub.now),
        os.urandom,
        is_https=address.is_https,
    )
