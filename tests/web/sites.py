"""Running pages: the application behind a real server on a loopback port, and a browser's client for each reader.

with a_site(tmp_path) as site:
    take(site.hub, events)
    page = site.client(ADVISER).get("/accueil")
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from fastapi import Request

from hub.domain.access import Reader
from hub.web.app import add_pages
from hub.web.assets import Assets
from hub.web.naming.names import UNNAMED, Names
from hub.web.rendering import Renderer
from hub.web.services import Web
from hub.web.session import Lasting, Session
from hub.web.themes import folders_of
from tests.integration.apis import Api, an_api

COOKIE = "test-session"
FORM_TOKEN = "the-form-token"
IDLE = timedelta(minutes=30)
_LOGGED_IN = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
LASTING = Lasting(_LOGGED_IN, _LOGGED_IN + IDLE, _LOGGED_IN + timedelta(hours=8), IDLE)


class KnownLogins:
    """Knows readers by made-up cookies."""

    def __init__(self) -> None:
        self._sessions: list[Session | None] = []

    @property
    def idle(self) -> timedelta:
        """After how long without any use a login ends."""
        return IDLE

    def cookie(self, reader: Reader) -> str:
        """Log a reader in, and give the cookie's value."""
        self._sessions.append(Session(reader, "Camille Martin", FORM_TOKEN, None, LASTING))
        return str(len(self._sessions) - 1)

    def session(self, request: Request, *, is_use: bool = True) -> Session | None:
        """Give who a cookie names."""
        value = request.cookies.get(COOKIE)
        return None if value is None else self._sessions[int(value)]

    def end(self, cookie: str) -> None:
        """Log out whom a cookie names."""
        self._sessions[int(cookie)] = None


class Site:
    """Running pages with their hub."""

    def __init__(self, api: Api, logins: KnownLogins) -> None:
        self.api = api
        self.hub = api.hub
        self.url = api.url
        self._logins = logins

    def cookie(self, reader: Reader) -> dict[str, str]:
        """Give the cookie of a login."""
        return {COOKIE: self._logins.cookie(reader)}

    def log_out(self, cookie: dict[str, str]) -> None:
        """End a login."""
        self._logins.end(cookie[COOKIE])

    def client(self, reader: Reader | None = None, **options: Any) -> httpx2.Client:
        """Give a client that is logged in as a reader, or as nobody; it sends the origin that a browser would."""
        headers = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"}
        cookies = {} if reader is None else self.cookie(reader)
        return self.api.client(headers=headers, cookies=cookies, **options)


@contextmanager
def a_site(folder: Path, theme: Path | None = None, names: Names = UNNAMED, **options: Any) -> Iterator[Site]:
    """Make an installation in a folder and serve its API and pages, with a theme's; options as of `an_api`."""
    themes = folders_of(theme)
    with an_api(folder, **options) as api:
        logins, files = KnownLogins(), Assets(themes)
        add_pages(api.app, api.services, Web(api.url, logins, Renderer(files, themes), names=lambda: names), files)
        yield Site(api, logins)
