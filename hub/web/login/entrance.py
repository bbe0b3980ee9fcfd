"""The way in and the way out: what a browser keeps while it is at the provider, and what it gets when it comes back.

Each attempt has a cookie of its own, named by its state, so that several tabs may log in at once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping

import msgspec
from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from hub.errors import LoginFailed
from hub.web.login.provider import RANDOM_BYTES, Attempt, LoginProvider
from hub.web.login.returning import own_path
from hub.web.login.sealing import Sealer
from hub.web.login.sessions import Sessions

LONGEST_S = 15 * 60
"""For a login at the provider, a second factor that has to be found included."""
_MOST_ATTEMPTS = 5
"""Of one browser at the same time; the oldest cookie makes room, since all of them are sent with every request."""
_NAME_CHARACTERS = 16


class Kept(msgspec.Struct, frozen=True):
    """What a browser keeps of an attempt, sealed."""

    state: str
    nonce: str
    verifier: str
    back_to: str


class Entrance:
    """Lets browsers in and out."""

    def __init__(
        self,
        provider: LoginProvider,
        sessions: Sessions,
        sealer: Sealer,
        random_bytes: Callable[[int], bytes],
        *,
        is_https: bool,
    ) -> None:
        self._provider = provider
        self._sessions = sessions
        self._sealer = sealer
        self._random_bytes = random_bytes
        self._is_https = is_https
        self._prefix = "__Host-login-" if is_https else "login-"

    def leave(self, request: Request, back_to: str | None, login_hint: str | None) -> Response:
        """Send a browser to the provider.

        Raises:
            IssuerUnavailable: the provider is away.
        """
        attempt = Attempt(*(self._random() for _ in Attempt._fields))
        kept = Kept(*attempt, own_path(back_to))
        response = RedirectResponse(self._provider.way_in(attempt, login_hint), 303)
        self._make_room(request, response)
        name = self._name(attempt.state)
        response.set_cookie(
            name,
            self._sealer.seal(kept, name),
            max_age=LONGEST_S,
            httponly=True,
            samesite="lax",
            secure=self._is_https,
            path="/",
        )
        return response

    def come_back(self, request: Request, sent: Mapping[str, str]) -> Response:
        """Begin the session of whoever comes back from the provider, and send them on to where they wanted to go.

        Raises:
            LoginFailed: this browser did not begin this login, or took too long, or it does not count.
            IssuerUnavailable: the provider cannot confirm it now.
            StoreUnavailable: the session cannot be kept now.
        """
        name = self._name(sent.get("state", ""))
        text = request.cookies.get(name)
        kept = None if text is None else self._sealer.open(text, Kept, name, longest_s=LONGEST_S)
        if kept is None or not hmac.compare_digest(kept.state.encode(), sent.get("state", "").encode()):
            raise LoginFailed("this browser did not begin this login, or too long ago", "expired")
        proven = self._provider.come_back(sent, Attempt(kept.state, kept.nonce, kept.verifier))
        response = RedirectResponse(kept.back_to, 303)
        self._sessions.begin(request, response, proven)
        self._forget(response, [name])
        return response

    def others(self, request: Request) -> int:
        """Count where else whoever is logged in here is logged in.

        Raises:
            StoreUnavailable: it cannot be told now.
        """
        return self._sessions.others(request)

    def log_out(self, request: Request, response: Response, *, everywhere: bool) -> str | None:
        """End a browser's session; give the address at which it logs out of the provider too, if there is one."""
        id_token = self._sessions.end(request, response, everywhere=everywhere)
        return None if id_token is None else self._provider.way_out(id_token, self._random())

    def _random(self) -> str:
        return base64.urlsafe_b64encode(self._random_bytes(RANDOM_BYTES)).rstrip(b"=").decode()

    def _name(self, state: str) -> str:
        return self._prefix + hashlib.sha256(state.encode()).hexdigest()[:_NAME_CHARACTERS]

    def _make_room(self, request: Request, response: Response) -> None:
        """Let go of attempts that were given up: those a browser was given first stand first in what it sends."""
        mine = [name for name in request.cookies if name.startswith(self._prefix)]
        self._forget(response, mine[: max(0, len(mine) - _MOST_ATTEMPTS + 1)])

    def _forget(self, response: Response, names: Iterable[str]) -> None:
        for name in names:
            response.delete_cookie(name, httponly=True, samesite="lax", secure=self._is_https, path="/")
