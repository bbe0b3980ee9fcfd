"""Logging in at an OpenID provider by authorization code with PKCE, and out again.

Source: OpenID Connect Core 1.0, section 3.1; RFC 7636 (PKCE), RFC 9207 (`iss`), RFC 9700; OpenID Connect RP-Initiated
Logout 1.0; ProConnect's documentation for service providers.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from threading import BoundedSemaphore
from typing import Literal, NamedTuple
from urllib.parse import quote_plus, urlencode, urlsplit

from hub.api.tokens.http import IssuerHttp, Refused, document
from hub.api.tokens.issuer import Provider
from hub.api.tokens.remembered import Allowance
from hub.errors import IssuerUnavailable, LoginFailed, TokenInvalid
from hub.telemetry.logs import Log
from hub.web.login.proving import Identities, Proofs, Proven

LANDING = "/connexion/retour"
"""Where the provider sends a browser after a login; it has to be registered there."""
LEFT = "/deconnexion/retour"
"""The same after a logout."""
RANDOM_BYTES = 32
"""Of state, nonce and PKCE verifier: 43 characters; ProConnect wants 32 or more."""
LONGEST_CODE = 2_048
_AT_ONCE = 4
"""Logins that wait for the provider at the same time: one that hangs must not hold every thread of the hub."""
_WAIT_S = 2.0
_UNKNOWN_AT_ONCE, _UNKNOWN_PER_SECOND = 50, 5.0
"""Codes that turn out to be none and are asked about."""

ClientAuth = Literal["auto", "basic", "post"]


class ClientOfProvider(NamedTuple):
    """The hub's pages as a client of the provider; without a secret they are a public one, which PKCE protects.

    `prompt` and `scope` are sent as they are; `auth` says how the secret is sent, by default as the provider prefers.
    """

    client_id: str
    secret: str | None
    auth: ClientAuth
    scope: str
    prompt: str


class Attempt(NamedTuple):
    """What a login under way is recognised by: each is random, and only its own browser has it."""

    state: str
    nonce: str
    verifier: str


class LoginProvider:
    """The provider of the hub's settings, as its pages use it. Threads may share it."""

    def __init__(
        self,
        identities: Identities,
        http: IssuerHttp,
        client: ClientOfProvider,
        web_url: str,
        clock: Callable[[], float],
        log: Log,
    ) -> None:
        self._identities = identities
        self._http = http
        self._client = client
        self._web_url = web_url
        self._log = log
        self._proofs = Proofs(identities, http, client.client_id)
        self._slots = BoundedSemaphore(_AT_ONCE)
        self._unknown = Allowance(_UNKNOWN_AT_ONCE, _UNKNOWN_PER_SECOND, clock)

    def way_in(self, attempt: Attempt, login_hint: str | None) -> str:
        """Give the address at which a browser logs in.

        Raises:
            IssuerUnavailable: the provider is away, or lets nobody log in.
        """
        provider = self._identities.issuer.current()
        entrance = provider.entrance
        if entrance.authorization is None or entrance.token is None:
            raise IssuerUnavailable("the provider's discovery document has no safe authorization or token endpoint")
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._web_url + LANDING,
            "scope": self._client.scope,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": _challenge(attempt.verifier),
            "code_challenge_method": "S256",
        }
        if self._client.prompt:
            asked["prompt"] = self._client.prompt
        if login_hint is not None:
            asked["login_hint"] = login_hint
        return _with(entrance.authorization, {**asked, **self._level(provider)})

    def come_back(self, sent: Mapping[str, str], attempt: Attempt) -> Proven:
        """Give who logged in, of what a browser brought back from there.

        Raises:
            LoginFailed: it does not count.
            IssuerUnavailable: the provider cannot confirm it now.
        """
        provider = self._identities.issuer.current()
        try:
            _ensure_from(provider, sent)
            if "error" in sent:
                raise _refusal(sent["error"])
            return self._proofs.read(self._redeemed(sent.get("code", ""), attempt, provider), provider, attempt.nonce)
        except TokenInvalid as error:
            self._log.warning("login_refused", error=error)
            raise LoginFailed("what the provider sent does not count", "refused") from error
        except LoginFailed as error:
            self._log.warning("login_refused", error=error, reason=error.why)
            raise

    def way_out(self, id_token: str, state: str) -> str | None:
        """Give the address at which a browser logs out of the provider too, None if there is none or it is away."""
        try:
            url = self._identities.issuer.current().entrance.end_session
        except IssuerUnavailable:
            return None
        if url is None:
            return None
        left = {"id_token_hint": id_token, "post_logout_redirect_uri": self._web_url + LEFT, "state": state}
        return _with(url, left)

    def _level(self, provider: Provider) -> dict[str, str]:
        """Ask for a level of login, so that a person is led to a second factor instead of being refused."""
        levels = sorted(self._identities.levels)
        if not levels:
            return {}
        if not provider.entrance.takes_claims:
            return {"acr_values": " ".join(levels)}
        return {"claims": json.dumps({"id_token": {"acr": {"essential": True, "values": levels}}})}

    def _redeemed(self, code: str, attempt: Attempt, provider: Provider) -> Mapping[str, object]:
        url = provider.entrance.token
        if not 1 <= len(code) <= LONGEST_CODE or not code.isascii() or url is None:
            raise LoginFailed("the provider sent no code", "refused")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._web_url + LANDING,
            "code_verifier": attempt.verifier,
        }
        headers = {"Accept": "application/json"}
        self._prove_client(provider, headers, form)
        if not self._unknown.take():
            raise IssuerUnavailable("too many logins with unknown codes; try again in a second")
        if not self._slots.acquire(timeout=_WAIT_S):
            raise IssuerUnavailable(f"{url} is slow, and too many logins wait for it; try again in a second")
        try:
            reply = self._http.post(url, headers, form)
        except Refused as error:
            self._log.warning("login_refused", error=error)
            raise LoginFailed("the provider refuses the code, or the hub as its client", "expired") from error
        finally:
            self._slots.release()
        self._unknown.give_back()
        return document(url, reply.content)

    def _prove_client(self, provider: Provider, headers: dict[str, str], form: dict[str, str]) -> None:
        client_id, secret = self._client.client_id, self._client.secret
        if secret is None:
            form["client_id"] = client_id
        elif self._is_basic(provider):
            # RFC 6749, section 2.3.1: both are form-encoded before they are joined.
            pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": client_id, "client_secret": secret}

    def _is_basic(self, provider: Provider) -> bool:
        if self._client.auth != "auto":
            return self._client.auth == "basic"
        methods = provider.entrance.methods
        return not methods or "client_secret_basic" in methods


def _ensure_from(provider: Provider, sent: Mapping[str, str]) -> None:
    """Refuse what another provider sent, whose code this one must not be asked about (RFC 9207, section 2.4)."""
    said = sent.get("iss")
    if said != provider.issuer and (said is not None or provider.entrance.names_itself):
        raise TokenInvalid("the login comes back from another provider (`iss`)")


def _refusal(error: str) -> LoginFailed | IssuerUnavailable:
    if error == "access_denied":
        return LoginFailed("the person gave up, or the provider refused them", "cancelled")
    if error in {"server_error", "temporarily_unavailable"}:
        return IssuerUnavailable(f"the provider cannot log anyone in now ({error})")
    if error in {"login_required", "interaction_required", "account_selection_required", "consent_required"}:
        return LoginFailed("the provider needs the person to do more", "expired")
    return LoginFailed("the provider refuses the hub's request; check its client and HUB_WEB_SCOPE there", "refused")


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _with(url: str, query: Mapping[str, str]) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(query)}"
