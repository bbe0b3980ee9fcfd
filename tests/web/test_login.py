"""Logging in, staying in and getting out, in a browser's cookies, at the local issuer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from hub.api.issuer import WEB_CLIENT
from hub.ledger import tables
from hub.ledger.database import reading, writing
from hub.web.login.entrance import LONGEST_S
from hub.web.login.returning import own_path
from hub.wiring import Hub
from tests.integration.apis import serving
from tests.servers.run import wait_until
from tests.web.logins import Browser, LoginSite, a_login_site, led_to, serve_here, verifier_at

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


def test_logging_out_ends_the_session_here_and_at_the_provider(browser: Browser, site: LoginSite) -> None:
    browser.log_in()
    value = browser.session()
    page = browser.form("/deconnexion")
    assert page.status_code == 200
    assert "Vous êtes déconnecté" in page.text
    assert browser.session() is None
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page.text)
    assert found is not None
    out = browser.get(found[1].replace("&amp;", "&"))
    end = led_to(out)
    assert end.startswith(f"{site.url}/deconnexion/retour?state=")
    assert "Vous êtes déconnecté" in browser.get(end).text
    browser.cookies.set("session", value or "", domain="127.0.0.1")
    assert not browser.is_logged_in()


def test_logging_out_everywhere_ends_ones_own_sessions_alone(browser: Browser, site: LoginSite) -> None:
    with site.browser() as mine, site.browser() as others:
        browser.log_in()
        mine.log_in()
        others.log_in("sacha")
        assert browser.form("/deconnexion/partout").status_code == 200
        assert not mine.is_logged_in()
        assert not browser.is_logged_in()
        assert others.is_logged_in()


def test_a_session_that_is_not_used_ends(browser: Browser, site: LoginSite) -> None:
    browser.log_in()
    for _ in range(3):
        site.time.passes(minutes=29)
        assert browser.is_logged_in()
    site.time.passes(minutes=31)
    assert not browser.is_logged_in()


def test_a_session_ends_after_hours_however_it_is_used(browser: Browser, site: LoginSite) -> None:
    browser.log_in()
    for _ in range(8 * 60 // 25):
        site.time.passes(minutes=25)
        assert browser.is_logged_in()
    site.time.passes(minutes=25)
    assert not browser.is_logged_in()


def test_a_clock_put_back_gives_nobody_more_time(browser: Browser, site: LoginSite) -> None:
    site.time.passes(days=2)
    browser.log_in()
    site.time.passes(days=-2)
    assert not browser.is_logged_in()
    browser.log_in()
    site.time.passes(seconds=-30)
    assert browser.is_logged_in()


def test_it_is_known_when_a_reader_was_here_before(site: LoginSite) -> None:
    def last_visit(value: str | None) -> object:
        sessions = site.api.app.router.routes[-1].app.app.state.web.logins  # type: ignore[attr-defined]
        return sessions._found(value or "")[1].last_visit

    site.time.passes(days=500)
    with site.browser() as first, site.browser() as second:
        first.log_in("sacha")
        began = site.time.now
        site.time.passes(minutes=20)
        first.get("/accessibilite")
        seen = site.time.now
        site.time.passes(hours=3)
        second.log_in("sacha")
        assert last_visit(second.session()) == seen
        assert began < seen


def test_expired_sessions_are_purged(site: LoginSite) -> None:
    with site.browser() as first, site.browser() as second:
        first.log_in()
        site.time.passes(hours=9)
        second.log_in()
        assert site.count() == 1


def test_the_store_tells_nobody_who_is_logged_in(browser: Browser, site: LoginSite) -> None:
    browser.log_in()
    value = (browser.session() or "").encode()
    with reading(site.api.hub.store) as connection:
        rows = list(connection.execute(select(tables.web_session)))
    whole = b"".join(part for row in rows for part in row if isinstance(part, bytes))
    for secret in (value, b"camille", b"Camille", b"ft-69123-04", b"eyJ"):
        assert secret not in whole


def test_what_was_changed_in_the_store_is_nobodys_session(browser: Browser, site: LoginSite) -> None:
    with site.browser() as other:
        other.log_in("sacha")
        browser.log_in()
        session = tables.web_session
        with writing(site.api.hub.store) as connection:
            rows = list(connection.execute(select(session.c.session_ref, session.c.nonce, session.c.content)))
            for (ref, _, _), (_, nonce, content) in zip(rows, [*rows[1:], rows[0]], strict=True):
                changed = {"nonce": nonce, "content": content}
                connection.execute(update(session).where(session.c.session_ref == ref).values(changed))
        assert not browser.is_logged_in()
        assert not other.is_logged_in()


@pytest.mark.parametrize("value", ["", "x", "A" * 43, "A" * 44, "é" * 43, "../" * 14 + "a", '"quoted"'])
def test_a_cookie_that_is_none_opens_nothing(browser: Browser, value: str) -> None:
    sent = browser.get("/", headers={b"Cookie": f"session={value}".encode()})
    assert led_to(sent) == f"{browser.url}/connexion"


@contextmanager
def another_process(site: LoginSite) -> Iterator[LoginSite]:
    """Serve the same installation a second time."""
    with Hub(site.api.hub.settings, site.time) as hub, serving(hub) as api:
        serve_here(api, verifier_at(f"{site.url}/issuer", site.time, site.api), web_client_id=WEB_CLIENT)
        yield LoginSite(api, site.time)


def test_two_processes_share_sessions(browser: Browser, site: LoginSite) -> None:
    browser.log_in()
    with another_process(site) as second, second.browser() as there:
        there.cookies.set("session", browser.session() or "", domain="127.0.0.1")
        assert there.is_logged_in()
        assert there.form("/deconnexion", "/accessibilite").status_code == 200
        assert not browser.is_logged_in()


def test_without_the_store_pages_say_so_and_what_is_for_everyone_stays(tmp_path: Path) -> None:
    with a_login_site(tmp_path) as site, site.browser() as browser:
        browser.log_in()
        store = site.api.hub.paths.store
        site.api.hub.store.dispose()
        store.rename(store.with_suffix(".away"))
        try:
            page = browser.get("/")
            assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
            assert "Service momentanément indisponible" in page.text
            assert browser.get("/accessibilite").status_code == 200
            back = browser.get(browser.chosen("camille"))
            assert back.status_code == 503
        finally:
            site.api.hub.store.dispose()
            store.unlink(missing_ok=True)
            store.with_suffix(".away").rename(store)
        assert browser.is_logged_in()


def test_a_session_that_ended_is_told_in_forms_and_leads_parts_of_pages_to_the_login(
    browser: Browser, site: LoginSite
) -> None:
    browser.log_in()
    token = browser.token()
    site.time.passes(hours=1)
    headers = {"Origin": browser.url, "Referer": f"{browser.url}{PERSON}/notes"}
    page = browser.post("/deconnexion", data={"jeton": token}, headers=headers)
    assert page.status_code == 401
    assert "Rien n’a été enregistré" in page.text
    assert f'href="/connexion?retour={PERSON}/notes"' in page.text
    part = browser.get("/", headers={"HX-Request": "true", "HX-Current-URL": f"{browser.url}/recherche?q=x"})
    assert part.status_code == 401
    assert part.headers["HX-Redirect"] == "/connexion?retour=/recherche"
    assert part.text == ""


def test_no_secret_of_a_login_is_logged(browser: Browser, site: LoginSite) -> None:
    back = browser.chosen("camille")
    browser.get(back)
    sent = parse_qs(urlsplit(back).query)
    wait_until(lambda: "/connexion/retour" in site.api._lines.getvalue(), deadline_s=20, what="the login's line")
    text = site.api._lines.getvalue()
    for secret in (sent["code"][0], sent["state"][0], browser.session() or "-", "camille", "Camille"):
        assert secret not in text


def test_sessions_last_as_long_as_the_settings_say(tmp_path: Path) -> None:
    with a_login_site(tmp_path, web_idle_minutes=5, web_session_hours=1) as site, site.browser() as browser:
        browser.log_in()
        site.time.passes(minutes=4)
        assert browser.is_logged_in()
        site.time.passes(minutes=6)
        assert not browser.is_logged_in()


def test_the_account_page_tells_where_else_one_is_logged_in(browser: Browser, site: LoginSite) -> None:
    site.time.passes(days=1)
    browser.log_in()
    page = browser.get("/compte").text
    assert "Camille &lt;Durand&gt;" in page
    assert "Vous êtes connecté ici seulement" in page
    with site.browser() as phone, site.browser() as others:
        phone.log_in()
        others.log_in("sacha")
        assert "à 1\xa0autre endroit" in browser.get("/compte").text
        assert browser.form("/deconnexion/partout", "/compte").status_code == 200
        assert not phone.is_logged_in()
    assert browser.get("/compte").status_code == 303


def test_a_page_that_is_open_keeps_nobody_logged_in(browser: Browser, site: LoginSite) -> None:
    browser.log_in()
    statuses = []
    for _ in range(2):
        site.time.passes(minutes=20)
        with browser.stream("GET", "/accueil/nouveautes", headers={"Accept": "text/event-stream"}) as stream:
            statuses.append(stream.status_code)
    assert statuses == [200, 204]
    assert not browser.is_logged_in()
