"""Visitors: logged in through the real login page, each in a context of the width, scheme and scripts asked for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Self

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.browser.region import Served
from tests.servers.run import Run

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
TWICE: ViewportSize = {"width": 640, "height": 450}
"""What 200 % zoom leaves of a desktop."""
PHONE: ViewportSize = {"width": 320, "height": 640}
"""A small phone, and what 400 % zoom leaves of a desktop (WCAG 1.4.10)."""
Scheme = Literal["light", "dark"]
PATIENCE_MS = 30_000
"""How long a page may take to show something, on a machine that does much else."""


class Visitors:
    """Makes pages of whoever is logged in; every one of them fails a test that it breaks the policy of."""

    def __init__(self, browser: Browser, region: Served, run: Run) -> None:
        self.region = region
        self._browser = browser
        self._run = run
        self._contexts: list[BrowserContext] = []
        self._desks: dict[tuple[str | None, bool], Page] = {}
        self.complaints: list[str] = []

    @contextmanager
    def closing(self) -> Iterator[Self]:
        """Close what was opened for a test at its end; what a browser complained of fails the test."""
        self.complaints.clear()
        try:
            yield self
            assert self.complaints == []
        finally:
            while self._contexts:
                self._contexts.pop().close()

    def desk(self, login: str | None, *, scripts: bool = True) -> Page:
        """Give the page at which all tests of a module look as someone: to look only, and to leave nobody changed.

        A window of its own for each would cost more than most pages do.
        """
        found = self._desks.get((login, scripts))
        if found is None:
            found = self._desks[login, scripts] = self.page(login, scripts=scripts)
            self._contexts.remove(found.context)
        found.set_viewport_size(DESKTOP)
        found.emulate_media(media="screen", color_scheme="light", forced_colors="none")
        return found

    def page(
        self,
        login: str | None,
        *,
        size: ViewportSize = DESKTOP,
        scheme: Scheme = "light",
        scripts: bool = True,
        fresh: bool = False,
        **options: Any,
    ) -> Page:
        """Open a page as someone of the local issuer, or as nobody; `fresh` logs in anew, to log out again say."""
        state = None if login is None else self._state(login, fresh=fresh)
        context = self._browser.new_context(
            base_url=self.region.url,
            viewport=size,
            color_scheme=scheme,
            java_script_enabled=scripts,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            reduced_motion="reduce",  # else colours are judged while one fades into another
            storage_state=state,
            **options,
        )
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("console", lambda said: self.complaints.append(said.text) if _is_complaint(said.text) else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda asked: self._own(asked.url))
        return page

    def _own(self, url: str) -> None:
        if not url.startswith((f"{self.region.url}/", "data:", "about:", "blob:")):
            self.complaints.append(f"a request left for {url}")

    def _state(self, login: str, *, fresh: bool) -> Any:
        """Give the cookies of someone who is logged in; the processes of a run share them."""
        if fresh:
            return self._log_in(login)
        with self._run.lock(f"login-{login}"):
            file = self._run.folder / f"login-{login}.json"
            if not file.exists():
                file.write_text(json.dumps(self._log_in(login)))
        return json.loads(file.read_text())

    def _log_in(self, login: str) -> Any:
        context = self._browser.new_context(base_url=self.region.url)
        try:
            page = context.new_page()
            log_in(page, login)
            return context.storage_state()
        finally:
            context.close()


def log_in(page: Page, login: str) -> None:
    """Log in as someone of the local issuer, from the login page on."""
    page.goto(f"/connexion?compte={login}")
    page.get_by_role("main").get_by_role("link", name="Se connecter").or_(
        page.get_by_role("main").get_by_role("button", name="Se connecter")
    ).first.click()
    page.locator(f"button[value='{login}']").click()
    page.wait_for_url(lambda url: "/issuer/" not in url and "/connexion" not in url)


@contextmanager
def led_on(page: Page) -> Iterator[None]:
    """Wait until what is pressed inside has led to another page, or with scripts has changed this one and its address.

    Whoever went on before would press what is about to be replaced.
    """
    with page.expect_navigation():
        yield
    settled(page)


def settled(page: Page) -> None:
    """Wait until no part of a page that was asked for is on its way."""
    expect(page.locator(".htmx-request")).to_have_count(0)


def _is_complaint(text: str) -> bool:
    return any(word in text for word in ("Content Security Policy", "Uncaught", "Refused to", "htmx:"))


def picture(page: Page, name: str) -> None:
    """Keep a picture of a page in the folder `HUB_TEST_PICTURES`, if one is named."""
    if file := kept(f"{name}.png"):
        page.screenshot(path=file, full_page=True)


def kept(name: str) -> Path | None:
    """Give the file of a picture in the folder `HUB_TEST_PICTURES`, which is made; None where none is named."""
    folder = os.environ.get("HUB_TEST_PICTURES")
    if not folder:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder) / name
