"""How long a login lasts: told on every page, before it ends, and nothing that was written is lost with it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.web.logins import Browser, LoginSite, a_login_site

MINUTE, HOUR = 60, 3_600
WRITTEN = 'Vu au guichet,\nsans rendez-vous </textarea><b>"'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoginSite]:
    with a_login_site(tmp_path_factory.mktemp("lasting")) as running:
        yield running


@pytest.fixture
def browser(site: LoginSite) -> Iterator[Browser]:
    with site.browser() as opened:
        opened.log_in()
        yield opened


def lasts(browser: Browser) -> tuple[int, int, int]:
    """Read off a page how many seconds the login lasts: without use, with a use, and at most."""
    page = browser.get("/compte").text
    told = re.search(r'data-left="(\d+)" data-idle="(\d+)" data-most="(\d+)"', page)
    assert told
    return int(told[1]), int(told[2]), int(told[3])


def test_the_login_page_says_how_long_a_login_lasts_unused(site: LoginSite) -> None:
    with site.browser() as nobody:
        page = nobody.get("/connexion").text
    assert "Après 30\N{NO-BREAK SPACE}minutes sans activité" in page
    assert "data-left" not in page
    assert "lasting.js" not in page


def test_every_use_lengthens_a_login_until_the_longest_there_is(browser: Browser, site: LoginSite) -> None:
    assert lasts(browser) == pytest.approx((30 * MINUTE, 30 * MINUTE, 8 * HOUR), abs=60)
    site.time.passes(minutes=20)
    left, _, most = lasts(browser)
    assert (left, most) == pytest.approx((30 * MINUTE, 8 * HOUR - 20 * MINUTE), abs=60)
    for _ in range(16):
        site.time.passes(minutes=28)
        left, _, most = lasts(browser)
    assert left == most < 30 * MINUTE


def test_a_page_says_in_words_when_the_login_ends(browser: Browser) -> None:
    page = browser.get("/compte").text
    assert re.search(r"Sans activité, votre connexion s’arrête à \d{1,2}\xa0h\xa0\d\d", page)
    assert "après 30\N{NO-BREAK SPACE}minutes sans activité, et au plus tard le" in page


def test_what_was_written_comes_back_when_the_login_has_ended(browser: Browser, site: LoginSite) -> None:
    token = browser.token()
    site.time.passes(hours=1)
    fields = {"jeton": token, "texte": WRITTEN, "motif": "emergency", "nom": "Le Goff"}
    page = browser.post("/recherche", data=fields, headers={"Origin": browser.url})
    assert page.status_code == 401
    assert "Vu au guichet,\nsans rendez-vous &lt;/textarea&gt;&lt;b&gt;&#34;</textarea>" in page.text
    assert "emergency" not in page.text
    assert "Le Goff" not in page.text


def test_a_form_of_an_earlier_login_gives_back_what_was_written(browser: Browser) -> None:
    page = browser.post("/recherche", data={"jeton": "x", "texte": WRITTEN}, headers={"Origin": browser.url})
    assert page.status_code == 403
    assert "Vu au guichet," in page.text


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_nothing_that_another_site_sends_is_shown(browser: Browser, origin: str) -> None:
    page = browser.post("/recherche", data={"jeton": "x", "texte": WRITTEN}, headers={"Origin": origin})
    assert page.status_code == 403
    assert "guichet" not in page.text
