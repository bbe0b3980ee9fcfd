"""Logging in at the local issuer, in a browser's cookies: one answer counts, and it leads to pages of the hub."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.web.login.entrance import LONGEST_S
from hub.web.login.returning import own_path
from tests.web.logins import Browser, LoginSite, a_login_site, led_to

PERSON = "/parcours/01890a5d-0000-7000-8000-000000000001"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoginSite]:
    with a_login_site(tmp_path_factory.mktemp("login")) as running:
        yield running


@pytest.fixture
def browser(site: LoginSite) -> Iterator[Browser]:
    with site.browser() as opened:
        yield opened


def test_whoever_is_not_logged_in_is_led_to_the_login_and_back(browser: Browser) -> None:
    sent = browser.get("/")
    assert led_to(sent) == f"{browser.url}/connexion"
    there = f"{PERSON}?au=2021-03-01&filtre=x%20y"
    sent = browser.get(there)
    if sent.status_code == 303:
        assert parse_qs(urlsplit(led_to(sent)).query)["retour"] == [there]
    page = browser.get("/connexion", params={"retour": there})
    assert page.status_code == 200
    assert "Se connecter" in page.text
    ways_in = re.findall(r'href="(/connexion/aller[^"]*)"', page.text)
    assert len(ways_in) == 1
    back = browser.log_in(retour=there)
    assert led_to(back) == browser.url + there


def test_a_login_greets_and_opens_the_pages(browser: Browser) -> None:
    assert led_to(browser.log_in()) == f"{browser.url}/"
    assert browser.is_logged_in()
    page = browser.get("/accessibilite").text
    assert "Camille &lt;Durand&gt;" in page
    assert "Camille <Durand>" not in page
    assert led_to(browser.get("/connexion")) == f"{browser.url}/"


def test_the_provider_is_asked_with_pkce_for_no_more_than_needed(browser: Browser, site: LoginSite) -> None:
    one, other = browser.asked(), browser.asked()
    assert urlsplit(one["at"])[:3] == urlsplit(f"{site.url}/issuer/authorize")[:3]
    assert set(one) == {
        *("at", "response_type", "client_id", "redirect_uri", "scope", "state", "nonce"),
        *("code_challenge", "code_challenge_method"),
    }
    assert (one["response_type"], one["code_challenge_method"], one["scope"]) == ("code", "S256", "openid")
    assert one["redirect_uri"] == f"{site.url}/connexion/retour"
    for name in ("state", "nonce", "code_challenge"):
        assert len(one[name]) == 43
        assert one[name] != other[name]


def test_the_cookie_is_the_browsers_alone(browser: Browser) -> None:
    back = browser.log_in()
    told = {each.partition("=")[0]: each for each in back.headers.get_list("set-cookie")}
    session = told["session"]
    assert {part.strip() for part in session.split(";")[1:]} == {"HttpOnly", "Path=/", "SameSite=lax"}
    assert re.fullmatch(r"session=[A-Za-z0-9_-]{43}", session.partition(";")[0])
    (login,) = (each for name, each in told.items() if name.startswith("login-"))
    assert "Max-Age=0" in login
    assert not [name for name in browser.cookies if name.startswith("login-")]


def test_a_new_login_has_a_new_name_and_ends_the_one_before(browser: Browser, site: LoginSite) -> None:
    browser.log_in()
    before = browser.session()
    browser.log_in("sacha")
    assert browser.session() not in {None, before}
    with site.browser() as thief:
        thief.cookies.set("session", before or "")
        assert not thief.is_logged_in()


def test_a_session_that_someone_planted_is_not_taken_over(browser: Browser, site: LoginSite) -> None:
    planted = "A" * 43
    browser.cookies.set("session", planted, domain="127.0.0.1")
    back = browser.log_in()
    (given_,) = (each for each in back.headers.get_list("set-cookie") if each.startswith("session="))
    assert planted not in given_
    with site.browser() as attacker:
        attacker.cookies.set("session", planted)
        assert not attacker.is_logged_in()


def test_several_tabs_log_in_at_once(browser: Browser) -> None:
    first, second = browser.chosen("camille", retour="/a"), browser.chosen("camille", retour="/b")
    assert led_to(browser.get(second)) == f"{browser.url}/b"
    assert led_to(browser.get(first)) == f"{browser.url}/a"


def test_logins_that_are_given_up_do_not_pile_up_cookies(browser: Browser) -> None:
    for _ in range(11):
        browser.chosen("camille")
    last = browser.chosen("camille", retour="/last")
    assert len([name for name in browser.cookies if name.startswith("login-")]) <= 6
    assert led_to(browser.get(last)) == f"{browser.url}/last"


def test_a_login_counts_in_the_browser_that_began_it_alone(browser: Browser, site: LoginSite) -> None:
    stolen = browser.chosen("camille")
    with site.browser() as victim:
        refused = victim.get(stolen)
        assert refused.status_code == 403
        assert "La connexion n’a pas abouti" in refused.text
        assert victim.session() is None
    state = parse_qs(urlsplit(stolen).query)["state"][0]
    assert browser.get(stolen.replace(state, state[::-1])).status_code == 403
    assert led_to(browser.get(stolen)) == f"{browser.url}/"


def test_a_login_counts_once(browser: Browser, site: LoginSite) -> None:
    back = browser.chosen("camille")
    kept = {name: value for name, value in browser.cookies.items() if name.startswith("login-")}
    browser.get(back)
    # Loaded again by whoever is logged in, it leads on; with the cookie put back by a thief, the code is used up.
    assert led_to(browser.get(back)) == f"{browser.url}/"
    with site.browser() as thief:
        thief.cookies.update(kept)
        again = thief.get(back)
        assert again.status_code == 403
        assert thief.session() is None
        assert 'href="/connexion' in again.text


def test_a_login_that_takes_too_long_begins_again(browser: Browser, site: LoginSite) -> None:
    back = browser.chosen("camille")
    site.time.passes(seconds=LONGEST_S + 1)
    assert browser.get(back).status_code == 403


@pytest.mark.parametrize("place", [0, 20, -2])
def test_a_changed_cookie_is_none(browser: Browser, place: int) -> None:
    back = browser.chosen("camille")
    (name,) = (name for name in browser.cookies if name.startswith("login-"))
    text = list(browser.cookies[name])
    text[place] = "A" if text[place] != "A" else "B"
    browser.cookies.clear()
    browser.cookies.set(name, "".join(text), domain="127.0.0.1")
    assert browser.get(back).status_code == 403


def test_one_attempts_cookie_does_not_stand_for_anothers(browser: Browser) -> None:
    mine, other = browser.chosen("camille"), browser.chosen("sacha")
    names = [name for name in browser.cookies if name.startswith("login-")]
    values = [browser.cookies[name] for name in names]
    browser.cookies.clear()
    for name, value in zip(names, reversed(values), strict=True):
        browser.cookies.set(name, value, domain="127.0.0.1")
    assert [browser.get(each).status_code for each in (mine, other)] == [403, 403]


def test_an_account_may_be_named_beforehand(browser: Browser) -> None:
    page = browser.get("/connexion", params={"compte": "sacha"})
    (way_in,) = re.findall(r'href="(/connexion/aller[^"]*)"', page.text)
    at = browser.get(way_in.replace("&amp;", "&")).headers["Location"]
    assert parse_qs(urlsplit(at).query)["login_hint"] == ["sacha"]
    chosen = browser.get(at).text
    assert re.findall(r'name="login" value="(\w+)"', chosen) == ["sacha", "camille", "nobody"]
    for odd in ('"><script>', "a b", "x" * 101, "é"):
        assert "login_hint" not in browser.asked(compte=odd)


def test_whoever_is_logged_in_may_become_someone_else(browser: Browser) -> None:
    browser.log_in()
    page = browser.get("/connexion", params={"compte": "sacha"})
    assert page.status_code == 200
    assert "Vous êtes déjà connecté" in page.text


def test_whoever_has_no_role_is_told_and_not_let_in(browser: Browser, site: LoginSite) -> None:
    before = site.count()
    refused = browser.log_in("nobody")
    assert refused.status_code == 403
    assert "aucun rôle" in refused.text
    assert browser.session() is None
    assert site.count() == before


@pytest.mark.parametrize(
    "evil",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/%2fevil.example",
        "/%5cevil.example",
        "/%252fevil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/x\r\nSet-Cookie: a=b",
        "/x\\..\\..",
        "",
        "evil",
        "@evil.example",
        "/é",
        "/" + "x" * 1_001,
        "/connexion",
        "/connexion/aller?retour=/",
        "/deconnexion",
        "/api/v1/caseload",
        "/issuer/authorize",
    ],
)
def test_a_login_leads_to_pages_of_the_hub_only(browser: Browser, evil: str) -> None:
    assert led_to(browser.log_in(retour=evil)) == f"{browser.url}/"
    page = browser.get("/connexion", params={"retour": evil, "compte": "a"}).text
    assert re.findall(r'href="(/connexion/aller[^"]*)"', page) == ["/connexion/aller?retour=%2F&amp;compte=a"]


@given(st.text(alphabet=st.sampled_from("/\\%25cf.:@?#\t\r\nevil\x00é"), max_size=30).map(lambda text: "/" + text))
def test_no_text_leads_elsewhere(text: str) -> None:
    path = own_path(text)
    for read in (path, unquote(path), unquote(unquote(path)), path.replace("\\", "/")):
        parts = urlsplit(read)
        assert (parts.scheme, parts.netloc) == ("", "")
        assert not read.partition("?")[0].replace("\\", "/").startswith("//")
    assert not set(path) & set("\t\r\n\x00")
