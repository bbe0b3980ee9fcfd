"""The local issuer's endpoints: discovery, keys, tokens, a login with PKCE, userinfo, and a logout.

Source: OpenID Connect Core 1.0; RFC 6749 (OAuth 2.0), RFC 7636 (PKCE), RFC 9700 (best current practice).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from hub.api.issuer.minting import WEB_CLIENT, LocalIssuer
from hub.api.issuer.pages import choosing, refusal
from hub.codec.loopback import is_loopback
from hub.errors import TokenInvalid, Usage

LARGEST_FORM_BYTES = 16 * 1024
LONGEST_VALUE = 2_048
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_HOSTS = ["127.0.0.1", "localhost", "[::1]", "::1"]


def create_local_issuer(issuer: LocalIssuer) -> Starlette:
    """Make the application; the server mounts it at the path of the issuer's address.

    It answers under names of this machine only, so that no page of another site reaches it by a name of its own.

    Raises:
        Usage: the issuer's address is not this machine's.
    """
    if not is_loopback(urlsplit(issuer.url).hostname or ""):
        raise Usage("the local issuer asks nobody for a password, so it serves this machine only; listen on 127.0.0.1")
    endpoints = _Endpoints(issuer)
    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", endpoints.discovery),
            Route("/jwks", endpoints.jwks),
            Route("/authorize", endpoints.authorize, methods=["GET", "POST"]),
            Route("/token", endpoints.token, methods=["POST"]),
            Route("/userinfo", endpoints.userinfo),
            Route("/logout", endpoints.logout),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=_HOSTS)],
    )


class _Endpoints:
    def __init__(self, issuer: LocalIssuer) -> None:
        self._issuer = issuer

    async def discovery(self, _request: Request) -> Response:
        url = self._issuer.url
        return JSONResponse(
            {
                "issuer": url,
                "authorization_endpoint": f"{url}/authorize",
                "token_endpoint": f"{url}/token",
                "userinfo_endpoint": f"{url}/userinfo",
                "end_session_endpoint": f"{url}/logout",
                "jwks_uri": f"{url}/jwks",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "client_credentials"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
                "code_challenge_methods_supported": ["S256"],
                "scopes_supported": ["openid"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def jwks(self, _request: Request) -> Response:
        return JSONResponse(self._issuer.jwks())

    async def authorize(self, request: Request) -> Response:
        asked = _once(request.query_params.multi_items())
        redirect_uri = asked.get("redirect_uri", "")
        if asked.get("client_id") != WEB_CLIENT or redirect_uri not in self._issuer.redirect_uris:
            return refusal("L’application ou son adresse de retour (redirect_uri) n’est pas connue de ce hub.")
        if (wrong := _wrong(asked)) is not None:
            return self._back(asked, {"error": wrong})
        if request.method == "GET":
            return choosing(self._issuer.users.values(), redirect_uri, asked.get("login_hint"))
        form = await _form(request)
        user = self._issuer.users.get((form or {}).get("login", ""))
        if user is None:
            return self._back(asked, {"error": "access_denied"})
        code = self._issuer.code(user, redirect_uri, asked["code_challenge"], asked.get("nonce"))
        return self._back(asked, {"code": code})

    async def token(self, request: Request) -> Response:
        form = await _form(request)
        if form is None:
            return _failed("invalid_request")
        if form.get("grant_type") == "client_credentials":
            return _granted(self._issuer.token_by_secret(*_credentials(request, form)), "invalid_client", 401)
        if form.get("grant_type") != "authorization_code":
            return _failed("unsupported_grant_type")
        if form.get("client_id") != WEB_CLIENT:
            return _failed("invalid_client", 401)
        found = self._issuer.token_by_code(
            form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", "")
        )
        return _granted(found, "invalid_grant", 400)

    async def userinfo(self, request: Request) -> Response:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            return JSONResponse(self._issuer.userinfo(token if kind.lower() == "bearer" else ""))
        except TokenInvalid:
            return Response(status_code=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})

    async def logout(self, request: Request) -> Response:
        """Send a browser back: nobody is logged in here for longer than a click."""
        asked = _once(request.query_params.multi_items())
        uri = asked.get("post_logout_redirect_uri", "")
        if uri not in self._issuer.logout_uris:
            return refusal("L’adresse de retour (post_logout_redirect_uri) n’est pas connue de ce hub.")
        return RedirectResponse(f"{uri}?{urlencode({'state': asked['state']})}" if "state" in asked else uri, 303)

    def _back(self, asked: Mapping[str, str], told: Mapping[str, str]) -> Response:
        state = {"state": asked["state"]} if "state" in asked else {}
        uri = asked["redirect_uri"]
        query = urlencode({**told, **state, "iss": self._issuer.url})
        return RedirectResponse(f"{uri}{'&' if urlsplit(uri).query else '?'}{query}", 303)


def _wrong(asked: Mapping[str, str]) -> str | None:
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in asked.get("scope", "").split():
        return "invalid_scope"
    if asked.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(asked.get("code_challenge", "")):
        return "invalid_request"
    return None


def _once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Take parameters that stand once and are not too long; RFC 6749, section 3.1, forbids the others."""
    names = [name for name, _ in pairs]
    return {name: value for name, value in pairs if names.count(name) == 1 and len(value) <= LONGEST_VALUE}


async def _form(request: Request) -> dict[str, str] | None:
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > LARGEST_FORM_BYTES:
            return None
    try:
        return _once(parse_qsl(content.decode(), max_num_fields=50))
    except ValueError:
        return None


def _credentials(request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote_plus(name), unquote_plus(secret)


def _granted(found: Mapping[str, Any] | None, error: str, status: int) -> Response:
    if found is None:
        return _failed(error, status)
    return JSONResponse(found, headers={"Cache-Control": "no-store"})


def _failed(error: str, status: int = 400) -> Response:
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="parcours-hub local issuer"'
    return JSONResponse({"error": error}, status, headers)
