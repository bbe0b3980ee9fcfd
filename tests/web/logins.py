"""Pages with their real logins: at the local issuer, or at a provider whose every answer a test chooses.

with a_login_site(tmp_path) as site, site.browser() as browser:
    browser.log_in("camille")
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2
from sqlalchemy import func, select

from hub.api.issuer import WEB_CLIENT, LocalIssuer, LocalUser, create_local_issuer
from hub.api.tokens import Verifier, verifier_of
from hub.ledger import tables
from hub.ledger.database import reading
from hub.web.login.provider import LANDING, LEFT
from hub.wiring.web import serve_pages
from tests.integration.apis import NO_TLS, TIMEOUT_S, Api, an_api
from tests.integration.tokens import AUDIENCE, RSA, Provider, a_provider, as_json, signed

CAMILLE = LocalUser("camille", "Camille <Durand>", frozenset({"adviser"}), "france_travail", "ft-69123-04")
SACHA = LocalUser("sacha", "Sacha Petit", frozenset({"site_lead"}), "cap_emploi", sites=frozenset({"69123"}))
NOBODY = LocalUser("nobody", "Noé Personne", frozenset())
CLIENT = "the pages: them"
SESSION = "session"
OPAQUE = "0pAque-token_of.ProConnect~4"


class Time:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **spans: float) -> None:
        """Let time pass, or go back."""
        self.now += timedelta(**spans)


class Browser(httpx2.Client):
    """A browser without a window: it keeps cookies, and sends what browsers send with forms."""

    def __init__(self, url: str) -> None:
        super().__init__(base_url=url, timeout=TIMEOUT_S, trust_env=False, verify=NO_TLS)
        self.url = url

    def asked(self, **params: str) -> dict[str, str]:
        """Begin a login, and give what the provider is asked."""
        sent = self.get("/connexion/aller", params=params)
        assert sent.status_code == 303, sent.text
        return {"at": sent.headers["Location"], **dict(parse_qsl(urlsplit(sent.headers["Location"]).query))}

    def chosen(self, user: str, **params: str) -> str:
        """Choose who one is at the local issuer, and give where that leads."""
        page = self.asked(**params)["at"]
        back = self.post(page, data={"login": user})
        assert back.status_code == 303, back.text
        return str(back.headers["Location"])

    def log_in(self, user: str = "camille", **params: str) -> httpx2.Response:
        """Log in at the local issuer."""
        return self.get(self.chosen(user, **params))

    def form(self, path: str, page: str = "/composants", /, **fields: str) -> httpx2.Response:
        """Send a form with the token of a page, from a page of the hub."""
        token = self.token(page)
        return self.post(path, data={"jeton": token, **fields}, headers={"Origin": self.url})

    def token(self, page: str = "/accessibilite") -> str:
        """Give the token that the forms of a page carry."""
        found = re.search(r'name="jeton" value="([^"]+)"', self.get(page).text)
        assert found is not None
        return found[1]

    def is_logged_in(self) -> bool:
        """Tell whether the first page leads to another one than the login's."""
        return not str(self.get("/").headers["Location"]).startswith("/connexion")

    def session(self) -> str | None:
        """Give the value of the session's cookie."""
        return self.cookies.get(SESSION)


class LoginSite:
    """Running pages with their real logins."""

    def __init__(self, api: Api, clock: Time) -> None:
        self.api = api
        self.url = api.url
        self.time = clock

    @contextmanager
    def browser(self) -> Iterator[Browser]:
        """Open a browser that has never been here."""
        with Browser(self.url) as found:
            yield found

    def count(self) -> int:
        """Count the sessions of the store."""
        with reading(self.api.hub.store) as connection:
            return connection.scalar(select(func.count()).select_from(tables.web_session)) or 0

    @property
    def events(self) -> list[str]:
        """What its log says of logins."""
        return [line["event"] for line in self.api.log if line["event"] != "request"]


class Scene(LoginSite):
    """Pages whose provider a test plays.

    Attributes:
        answer: what its token endpoint says instead of `tokens`.
    """

    def __init__(self, api: Api, clock: Time, provider: Provider) -> None:
        super().__init__(api, clock)
        self.provider = provider

    def id_token(self, nonce: str, /, **changed: Any) -> str:
        """Sign an ID token, good but for what a test changes."""
        return signed(RSA, {"alg": "RS256", "kid": RSA.kid, "typ": "JWT"}, self.id_claims(nonce, **changed))

    def id_claims(self, nonce: str, /, **changed: Any) -> dict[str, Any]:
        """Give the claims of a good ID token; None leaves one out."""
        said = {"aud": CLIENT, "nonce": nonce, "acr": "eidas2", "name": "Zoé Lefèvre"}
        return self.provider.claims(**{**said, **changed})

    def says(self, id_token: str, access_token: str = OPAQUE, **more: Any) -> None:
        """Let the token endpoint answer with tokens."""
        answer = {"access_token": access_token, "token_type": "Bearer", "id_token": id_token, **more}
        self.provider.answers["/token"] = lambda _form: as_json(answer)

    def returns(
        self, browser: Browser, asked: dict[str, str], *, cookie: str | None = None, **sent: str | None
    ) -> httpx2.Response:
        """Let the provider send a browser back."""
        headers = {} if cookie is None else {"Cookie": cookie}
        params = {"code": "a-code", "state": asked["state"], "iss": self.provider.url, **sent}
        given = {name: value for name, value in params.items() if value is not None}
        return browser.get(LANDING, params=given, headers=headers)

    def log_in(self, browser: Browser, **changed: Any) -> httpx2.Response:
        """Log in with a good ID token but for what a test changes."""
        asked = browser.asked()
        self.says(self.id_token(asked["nonce"], **changed))
        return self.returns(browser, asked)


@contextmanager
def a_login_site(folder: Path, **settings: Any) -> Iterator[LoginSite]:
    """Serve pages where one logs in at the local issuer."""
    clock = Time()
    with an_api(folder, clock=clock) as api:
        issuer = LocalIssuer(
            f"{api.url}/issuer",
            audience=AUDIENCE,
            users=[CAMILLE, SACHA, NOBODY],
            systems=[],
            redirect_uris=[api.url + LANDING],
            logout_uris=[api.url + LEFT],
            seed=b"s" * 32,
            random_bytes=api.services.random_bytes,
            now=clock,
        )
        api.app.mount("/issuer", create_local_issuer(issuer))
        serve_here(api, verifier_at(issuer.url, clock, api), web_client_id=WEB_CLIENT, **settings)
        yield LoginSite(api, clock)


@contextmanager
def a_scene(folder: Path, said: dict[str, Any] | None = None, **settings: Any) -> Iterator[Scene]:
    """Serve pages where one logs in at a provider that a test plays; `said` is of its discovery document."""
    clock = Time()
    with a_provider() as provider, an_api(folder, clock=clock) as api:
        endpoints = {"authorization_endpoint": "authorize", "token_endpoint": "token", "end_session_endpoint": "end"}
        provider.said |= {name: f"{provider.url}/{path}" for name, path in endpoints.items()}
        provider.said |= {"authorization_response_iss_parameter_supported": True, **(said or {})}
        verifier = provider.verifier(
            directory=settings.pop("directory", None), levels=settings.pop("levels", ""), now=clock, log=api_log(api)
        )
        serve_here(api, verifier, **{"web_client_id": CLIENT, **settings})
        yield Scene(api, clock, provider)


def verifier_at(url: str, clock: Time, api: Api) -> Verifier:
    """Make a verifier as the hub has it."""
    return verifier_of(
        url,
        audience=AUDIENCE,
        claims={},
        directory=None,
        client_id=None,
        client_secret=None,
        levels="",
        ca_file=None,
        now=clock,
        clock=time.monotonic,
        log=api_log(api),
    )


def serve_here(api: Api, verifier: Verifier, **settings: Any) -> None:
    """Serve the pages beside an API."""
    given = api.hub.settings.model_copy(update={"web_url": api.url, **settings})
    serve_pages(api.app, api.services, api.hub, verifier, given, api_log(api))


def api_log(api: Api) -> Any:
    """Give the log that an API writes to."""
    return api.services.watch.log


def led_to(answer: httpx2.Response) -> str:
    """Give where an answer leads, as a browser would resolve it."""
    assert answer.status_code == 303, answer.text
    return urljoin(str(answer.url), answer.headers["Location"])
