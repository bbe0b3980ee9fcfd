"""Failures are pages, whatever a client sends along."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.homes import MINE
from tests.web.sites import Site, a_site

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
