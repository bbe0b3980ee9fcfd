"""The address of the pages, as the setting has it and as browsers write it."""

from __future__ import annotations

import pytest

from hub.errors import Usage
from hub.web.address import Address, address_of


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://parcours.example.fr", Address("https://parcours.example.fr", "parcours.example.fr", is_https=True)),
        ("https://Parcours.Example.fr/", Address("https://parcours.example.fr", "parcours.example.fr", is_https=True)),
        ("https://hub.example:443", Address("https://hub.example", "hub.example", is_https=True)),
        ("https://hub.example:8443", Address("https://hub.example:8443", "hub.example:8443", is_https=True)),
        ("http://127.0.0.1:8000", Address("http://127.0.0.1:8000", "127.0.0.1:8000", is_https=False)),
        ("http://localhost:80", Address("http://localhost", "localhost", is_https=False)),
        ("http://[::1]:8000/", Address("http://[::1]:8000", "[::1]:8000", is_https=False)),
    ],
)
def test_an_address_is_written_as_browsers_do(url: str, address: Address) -> None:
    assert address_of(url) == address


@pytest.mark.parametrize(
    "url",
    [
        *("", "parcours.example.fr", "//x", "ftp://x", "https://", "https://x/hub", "https://x/?a", "https://x/#a"),
        *(
            "https://a@x",
            "https://a:b@x",
            "https://é.example",
            "https://x:99999",
            "https://[::1",
            "javascript:alert(1)",
        ),
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Usage, match=r"HUB_WEB_URL is malformed.*https://"):
        address_of(url)


@pytest.mark.parametrize("url", ["http://parcours.example.fr", "http://10.0.0.1:8000", "http://127.0.0.1.example"])
def test_plain_http_is_for_this_machine(url: str) -> None:
    with pytest.raises(Usage, match="not encrypted"):
        address_of(url)
