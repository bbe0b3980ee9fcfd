"""The one address that pages answer under, and the headers that each of their answers has.

A page of another site that made its own name lead here would else read in a reader's browser what the hub answers it.
"""

from __future__ import annotations

from html import escape
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api.exchange import exchange_of, header
from hub.codec.loopback import is_loopback
from hub.errors import Usage

_HSTS = "max-age=31536000; includeSubDomains"
_HEADERS = {
    # With `no-referrer`, browsers would send `Origin: null` with the hub's own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}
_ELSEWHERE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Autre adresse – Parcours Hub</title></head>
<body><main><h1>Cette adresse n’est pas celle de Parcours Hub</h1>
<p>Ouvrez plutôt <a href="{url}/">{url}</a>.</p></main></body></html>
"""
_PORTS = {"http": ":80", "https": ":443"}


class Address(NamedTuple):
    """An address of pages, as browsers write it in `Origin`: scheme, host, and the port unless it is the usual one."""

    url: str
    host: str
    is_https: bool


def address_of(url: str) -> Address:
    """Read the address of the pages.

    Raises:
        Usage: it is malformed, or not encrypted where others could listen.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    is_bare = parts.path in {"", "/"} and not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in _PORTS or not host or not host.isascii() or not is_bare:
        raise Usage("HUB_WEB_URL is malformed; expected the address in readers' browsers, https://parcours.example.fr")
    if parts.scheme == "http" and not is_loopback(host):
        raise Usage(
            "HUB_WEB_URL is not encrypted, so that logins could be stolen on the way; put a proxy that speaks HTTPS in "
            "front of `hub serve` and set https://..., or use http://127.0.0.1 to try it on this machine"
        )
    shown = f"[{host}]" if ":" in host else host
    netloc = shown + (f":{port}" if port is not None and f":{port}" != _PORTS[parts.scheme] else "")
    return Address(f"{parts.scheme}://{netloc}", netloc, parts.scheme == "https")


class AtOneAddress:
    """Wraps the pages."""

    def __init__(self, app: ASGIApp, address: Address) -> None:
        self.app = app
        self._address = address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer under the pages' own address."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if self._address.is_https and scope["scheme"] != "https":
                    headers["Strict-Transport-Security"] = _HSTS  # the front sees that of others
            await send(message)

        if self._is_here(scope):
            await self.app(scope, receive, headed)
            return
        exchange_of(scope).code = "other_address"
        page = _ELSEWHERE.format(url=escape(self._address.url))
        await HTMLResponse(page, 421)(scope, receive, headed)

    def _is_here(self, scope: Scope) -> bool:
        named = [value for name, value in scope["headers"] if name == b"host"]
        if len(named) != 1:
            return False
        host = (header(scope, b"host") or b"").decode("latin-1").lower()
        scheme = "https" if self._address.is_https else "http"
        return host.removesuffix(_PORTS[scheme]) == self._address.host
