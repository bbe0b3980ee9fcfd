"""A login that was refused, as a browser sees it."""

from __future__ import annotations

import httpx2

from tests.web.logins import Browser


def refused(answer: httpx2.Response, browser: Browser, title: str = "Connexion refusée", status: int = 403) -> None:
    assert (answer.status_code, title in answer.text) == (status, True), answer.text
    assert browser.session() is None
    assert not any(each.startswith("session=") for each in answer.headers.get_list("set-cookie"))
