"""Sessions after a login: how they end, what the store tells of them, and what they look like to several processes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update

from hub.api.issuer import WEB_CLIENT
from hub.ledger import tables
from hub.ledger.database import reading, writing
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
