"""Every page is valid HTML as it is sent (RGAA 8.2): what a browser mends for its reader, a screen reader may not."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Response

from tests.browser.checker import errors
from tests.browser.sights import SIGHTS, Sight
from tests.browser.visiting import Visitors
from tests.servers.fixtures import or_skip

FAULTY = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Une page</title></head>
<body><p id="a"><a href="/"><a href="/">un</a></a></p><p id="a">deux</p><button hx-get="/"></button></body></html>"""


def test_every_page_is_valid_as_it_is_sent(visitors: Visitors, tmp_path: Path) -> None:
    pages = [_sent(sight, visitors, tmp_path) for sight in SIGHTS]
    with or_skip():
        assert errors(pages) == []


def test_the_checker_finds_what_is_wrong(tmp_path: Path) -> None:
    page = tmp_path / "faulty.html"
    page.write_text(FAULTY)
    with or_skip():
        said = " ".join(errors([page]))
    assert "Duplicate ID" in said
    assert "hx-get" in said
    assert "Start tag “a” seen" in said


def _sent(sight: Sight, visitors: Visitors, folder: Path) -> Path:
    """Go to a page without scripts, and keep what the server sent last."""
    page = visitors.desk(sight.login, scripts=False)
    documents: list[Response] = []

    def note(answer: Response) -> None:
        if answer.request.resource_type == "document" and not 300 <= answer.status < 400:
            documents.append(answer)

    page.on("response", note)
    sight.open(page, visitors.region)
    page.wait_for_load_state()
    page.remove_listener("response", note)
    kept = folder / f"{sight.name}.html"
    kept.write_bytes(documents[-1].body())
    return kept
