"""Failures are pages, whatever a client sends along."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.web.finding import OPERATOR
from tests.web.homes import MINE
from tests.web.sites import FORM_TOKEN, Site, a_site

NO_ADDRESSES = ["http://[", "//[::1", "http://[1.2", "\\", "é"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_site(tmp_path_factory.mktemp("failures")) as running:
        yield running


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_a_page_before_that_has_no_address_is_passed_over(site: Site, address: str) -> None:
    told = site.client(MINE).get("/nulle-part", headers=[(b"Referer", address.encode())])
    assert (told.status_code, "Page introuvable" in told.text) == (404, True)


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_a_part_of_a_page_that_has_no_address_leads_to_the_login(site: Site, address: str) -> None:
    led = site.client().get("/accueil", headers=[(b"HX-Request", b"true"), (b"HX-Current-URL", address.encode())])
    assert (led.status_code, led.headers["HX-Redirect"]) == (401, "/connexion")


MISTYPED = "0179c90f-b91d-712c-a145-c35dc56e28a"
BELOW_A_PERSON = ["", "/acces", "/pourquoi", "/evenements/x", "/motif", "/fiche"]
WITH_AN_ID = {
    **{f"/parcours/{MISTYPED}{below}": MINE for below in BELOW_A_PERSON},
    **{f"/rapprochements/{reference}": MINE for reference in ("a" * 3_000,)},
    **{f"/exploitation/quarantaine/{number}": OPERATOR for number in ("x", "0", 10**30)},
}


@pytest.mark.parametrize("path", WITH_AN_ID)
def test_an_address_with_a_slip_in_it_leads_nowhere_and_says_how_to_go_on(site: Site, path: str) -> None:
    reader = WITH_AN_ID[path]
    told = site.client(reader).get(path)
    assert (told.status_code, "Page introuvable" in told.text) == (404, True)
    assert ('href="/recherche"' in told.text.partition("<main")[2]) is (reader is MINE)
    assert 'href="/"' in told.text.partition("<main")[2]


def test_forms_sent_to_an_address_with_a_slip_in_it_are_answered_alike(site: Site) -> None:
    for below in ("/motif", "/pourquoi", "/contradictions"):
        told = site.client(MINE).post(f"/parcours/{MISTYPED}{below}", data={"jeton": FORM_TOKEN})
        assert (told.status_code, "Page introuvable" in told.text) == (404, True), below


def test_a_slip_in_an_address_leads_whoever_is_not_logged_in_to_the_login(site: Site) -> None:
    told = site.client().get(f"/parcours/{MISTYPED}", follow_redirects=False)
    assert (told.status_code, told.headers["Location"]) == (303, f"/connexion?retour=/parcours/{MISTYPED}")


def address(site: Site) -> tuple[str, int]:
    """Give where a site listens."""
    parts = urlsplit(site.url)
    return str(parts.hostname), int(parts.port or 80)


TOO_LONG = {"nom": "x" * 70_000}
COMPRESSED = {"Content-Encoding": "gzip", "Content-Type": "application/x-www-form-urlencoded"}


def test_a_form_that_is_too_long_is_refused_in_french(site: Site) -> None:
    told = site.client(MINE).post("/recherche", data=TOO_LONG)
    assert (told.status_code, told.headers["Content-Type"]) == (413, "text/html; charset=utf-8")
    assert "Votre envoi est trop long" in told.text
    assert "record_too_large" not in told.text
    assert int(told.headers["Content-Length"]) == len(told.content)
    assert "style-src 'self'" in told.headers["Content-Security-Policy"]
    assert told.headers["X-Request-Id"] in told.text


def test_a_form_in_an_unknown_coding_is_refused_in_french(site: Site) -> None:
    told = site.client(MINE).post("/recherche", content=b"x", headers=COMPRESSED)
    assert (told.status_code, "Demande impossible" in told.text) == (415, True)


def test_a_body_that_never_comes_whole_is_refused_in_french(tmp_path: Path) -> None:
    with a_site(tmp_path, api_timeout_s=1) as slow, socket.create_connection(address(slow)) as line:
        line.sendall(b"POST /recherche HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx")
        line.settimeout(20)
        told = b""
        while part := line.recv(65_536):
            told += part
    assert told.startswith(b"HTTP/1.1 408")
    assert "Votre envoi a pris trop de temps" in told.decode()


def test_the_apis_clients_are_answered_with_a_document_all_the_same(site: Site) -> None:
    told = site.client(MINE).post("/api/v1/search", content=b"x" * 70_000)
    assert (told.status_code, told.headers["Content-Type"]) == (413, "application/problem+json")
    assert told.json()["type"].endswith("record_too_large")
