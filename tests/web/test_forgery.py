"""No page takes a form that is not the hub's own; no page answers under another name, or without its headers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
import pytest
from fastapi.routing import iter_route_contexts

from hub.domain.access import ROLES, Reader
from hub.web.app import ROUTERS
from hub.web.login.forgery import MOST_FIELDS, OPEN
from tests.servers.run import wait_until
from tests.web.sites import FORM_TOKEN, Site, a_site

ANYONE = Reader("anyone", frozenset(ROLES) - {"publisher"}, "france_travail", "ft-1", sites=frozenset({"69123"}))
PERSON = "01890a5d-0000-7000-8000-000000000001"
FORM = "application/x-www-form-urlencoded"
GOOD = f"jeton={FORM_TOKEN}"
SAFE = {"GET", "HEAD"}


def routes() -> list[tuple[str, str]]:
    """Give method and path of every route of the pages, with values that are well-formed."""
    contexts = [context for router in ROUTERS for context in iter_route_contexts(router.routes)]
    return sorted(
        (method, re.sub(r"\{[^}]*\}", PERSON, context.path or ""))
        for context in contexts
        for method in context.methods or ()
    )


CHANGING = [path for method, path in routes() if method not in SAFE]
FORGERIES: Mapping[str, tuple[dict[str, str | None], str]] = {
    "from another site": ({"Origin": "https://evil.example"}, GOOD),
    "from another port": ({"Origin": "http://127.0.0.1:1"}, GOOD),
    "from a sandbox": ({"Origin": "null"}, GOOD),
    "from a name that begins alike": ({"Origin": "{url}.evil.example"}, GOOD),
    "without origin, from another site": ({"Origin": None, "Sec-Fetch-Site": "cross-site"}, GOOD),
    "without origin, from the same domain": ({"Origin": None, "Sec-Fetch-Site": "same-site"}, GOOD),
    "without origin, typed": ({"Origin": None, "Sec-Fetch-Site": "none"}, GOOD),
    "without origin, from an old browser": ({"Origin": None, "Sec-Fetch-Site": None}, GOOD),
    "without a token": ({}, "x=1"),
    "with an empty token": ({}, "jeton="),
    "with another token": ({}, f"jeton={FORM_TOKEN}x"),
    "with a token beside ASCII": ({}, "jeton=%C3%A9"),
    "with a token in the address": ({}, "x=1"),
    "as JSON": ({"Content-Type": "application/json"}, f'{{"jeton": "{FORM_TOKEN}"}}'),
    "as plain text": ({"Content-Type": "text/plain"}, GOOD),
    "in parts": (
        {"Content-Type": "multipart/form-data; boundary=x"},
        f'--x\r\nContent-Disposition: form-data; name="jeton"\r\n\r\n{FORM_TOKEN}\r\n--x--\r\n',
    ),
    "with two tokens": ({}, f"{GOOD}&{GOOD}"),
    "with a field twice": ({}, f"{GOOD}&a=1&a=2"),
    "with many fields": ({}, GOOD + "".join(f"&f{number}=1" for number in range(MOST_FIELDS))),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_site(tmp_path_factory.mktemp("forgery")) as running:
        yield running


@pytest.fixture(scope="module")
def browser(site: Site) -> httpx2.Client:
    return site.client(ANYONE)


def sent(
    browser: httpx2.Client, site: Site, path: str, headers: Mapping[str, str | None], body: str
) -> httpx2.Response:
    given: dict[str, str] = {"Origin": site.url, "Sec-Fetch-Site": "same-origin", "Content-Type": FORM}
    for name, value in headers.items():
        given.pop(name)
        if value is not None:
            given[name] = value.replace("{url}", site.url)
    request = browser.build_request("POST", path, content=body.encode(), headers=given)
    for name in {"Origin", "Sec-Fetch-Site"} - set(given):
        del request.headers[name]
    return browser.send(request)


def title_of(page: httpx2.Response) -> str:
    found = re.search(r"<h1[^>]*>([^<]+)</h1>", page.text)
    return "" if found is None else found[1]


def test_there_are_forms_to_forge() -> None:
    assert "/deconnexion" in CHANGING
    assert len(CHANGING) > 5
    assert set(CHANGING) >= OPEN


def test_pages_are_read_or_sent_a_form_and_nothing_else() -> None:
    assert {method for method, _ in routes()} <= {"GET", "POST"}


@pytest.mark.parametrize("path", CHANGING)
def test_no_route_takes_a_forged_form(browser: httpx2.Client, site: Site, path: str) -> None:
    for name, (headers, body) in FORGERIES.items():
        if path in OPEN and "token" in name and "two" not in name:
            continue
        given = sent(browser, site, f"{path}?jeton={FORM_TOKEN}" if "address" in name else path, headers, body)
        assert given.status_code in {400, 403}, (name, given.text)
        assert title_of(given) in {"Ce formulaire n’est plus valable", "Demande impossible"}, name
        assert "Rien n’a été enregistré" in given.text


@pytest.mark.parametrize("path", [path for path in CHANGING if path not in OPEN])
def test_no_route_takes_a_form_of_nobody(site: Site, path: str) -> None:
    given = sent(site.client(), site, path, {}, GOOD)
    assert given.status_code == 401
    assert "Votre connexion a pris fin" in given.text


@pytest.mark.parametrize("path", [path for path in CHANGING if not path.startswith("/deconnexion")])
def test_every_route_takes_the_hubs_own_form(browser: httpx2.Client, site: Site, path: str) -> None:
    for headers in ({}, {"Origin": None}):
        given = sent(browser, site, path, headers, GOOD)
        assert given.status_code < 500, given.text
        assert title_of(given) not in {"Ce formulaire n’est plus valable", "Votre connexion a pris fin"}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_are_refused_with_those_there_are(browser: httpx2.Client, method: str) -> None:
    given = browser.request(method, "/deconnexion")
    assert (given.status_code, given.headers["Allow"]) == (405, "POST")
    assert "Action impossible ici" in given.text
    given = browser.request(method, "/accessibilite")
    assert (given.status_code, given.headers["Allow"]) == (405, "GET, HEAD")


def test_a_head_is_a_page_without_its_text(browser: httpx2.Client) -> None:
    given = browser.head("/accessibilite")
    assert (given.status_code, given.content) == (200, b"")
    assert int(given.headers["Content-Length"]) > 1_000
    assert browser.head("/deconnexion").status_code == 405


def test_a_form_that_is_too_large_is_refused_before_it_is_read(browser: httpx2.Client, site: Site) -> None:
    assert sent(browser, site, "/affichage", {}, "a=" + "x" * 70_000).status_code == 413


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost", "127.0.0.1", "127.0.0.1:1", "[::1]", "a@127.0.0.1", ""],
)
@pytest.mark.parametrize("path", ["/", "/accessibilite", "/connexion", "/statique/hub.css", "/none"])
def test_pages_answer_under_their_own_name_only(browser: httpx2.Client, site: Site, path: str, host: str) -> None:
    given = browser.get(path, headers={"Host": host})
    assert given.status_code in {400, 421}
    if given.status_code == 421:
        assert site.url in given.text
        assert "Set-Cookie" not in given.headers


def test_the_api_answers_under_other_names_too(site: Site) -> None:
    given = site.api.client().get("/api/v1/openapi.json", headers={"Host": "hub.internal"})
    assert given.status_code == 200


def answers(browser: httpx2.Client, site: Site) -> Iterator[httpx2.Response]:
    """Give answers of each kind."""
    for path in ("/", "/accessibilite", "/connexion", "/none", f"/parcours/{PERSON}"):
        yield browser.get(path)
    yield browser.get("/", headers={"Host": "evil.example"})
    yield browser.post("/deconnexion", data={"jeton": "x"})
    yield browser.put("/")
    yield site.client().get("/")
    yield site.client().post("/deconnexion", data={"jeton": FORM_TOKEN})


def test_every_answer_has_the_headers_that_keep_a_browser_safe(browser: httpx2.Client, site: Site) -> None:
    for given in answers(browser, site):
        policy = given.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        expected: dict[str, Any] = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Frame-Options": "DENY",
            "Cache-Control": "no-store",
        }
        assert {name: given.headers.get(name) for name in expected} == expected, given.url
        assert "camera=()" in given.headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in given.headers
        assert "Server" not in given.headers


def test_a_defect_is_a_page_too(browser: httpx2.Client, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("Dupont")

    monkeypatch.setattr(type(site.api.services.quota), "take", broken)
    given = browser.get("/")
    assert (given.status_code, given.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert "Une erreur est survenue" in given.text
    assert "Dupont" not in given.text

    def lines() -> dict[str, dict[str, Any]]:
        return {line["event"]: line for line in site.api.log if line.get("request_id", "-") in given.text}

    wait_until(lambda: "request" in lines(), deadline_s=20, what="the defect's line")
    assert lines()["request"]["code"] == "internal_error"
    assert lines()["request_failed"]["error_kind"] == "builtins.ZeroDivisionError"


def test_too_many_requests_are_told_with_the_time_to_wait(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site.api.services.quota, "per_window", 0)
    given = site.client(ANYONE).get("/")
    assert given.status_code == 429
    assert 0 < int(given.headers["Retry-After"]) <= 60
    assert re.search(r"Réessayez dans \d+\xa0(secondes?|minutes?)\.", given.text)
