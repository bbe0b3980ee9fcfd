"""Style and scripts as they are sent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.web.sites import a_site


def test_a_page_names_each_of_its_files_by_its_content_and_a_browser_keeps_it(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        client = site.client()
        addresses = re.findall(r'(?:src|href)="(/statique/[^"]+)"', client.get("/accessibilite").text)
        assert len(addresses) >= 3
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["Cache-Control"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("accepted", "coding"), [("gzip, br", "gzip"), ("gzip;q=0", None), ("identity", None)])
def test_files_are_compressed_for_whoever_takes_it_and_are_the_same(
    tmp_path: Path, accepted: str, coding: str | None
) -> None:
    with a_site(tmp_path) as site:
        answer = site.client().get("/statique/hub.css", headers={"Accept-Encoding": accepted})

        assert answer.headers.get("Content-Encoding") == coding
        assert answer.headers["Vary"] == "Accept-Encoding"
        own = Path(__file__).parents[2] / "hub" / "web" / "static" / "hub.css"
        assert answer.content == own.read_bytes()


def test_there_is_no_way_out_of_the_folder(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        for name in ("nothing.css", "..%2fapp.py", "%2e%2e/app.py", ".css"):
            assert site.client().get(f"/statique/{name}").status_code == 404
