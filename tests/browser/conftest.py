"""A browser for each module, and the region that it visits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import chromium
from tests.browser.region import Served, served
from tests.browser.visiting import PATIENCE_MS, Visitors
from tests.servers.fixtures import or_skip
from tests.servers.run import Run


@pytest.fixture(scope="session")
def region(servers_run: Run) -> Served:
    """The served region that all browsers of the run visit."""
    return served(servers_run)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; no longer than a module, since its driver's event loop would be in the way of others."""
    expect.set_options(timeout=PATIENCE_MS)
    browsers = chromium()
    with or_skip():
        browser = browsers.__enter__()
    try:
        yield browser
    finally:
        browsers.__exit__(None, None, None)


@pytest.fixture(scope="module")
def everyone(browser: Browser, region: Served, servers_run: Run) -> Visitors:
    """Whoever visits the region in a module."""
    return Visitors(browser, region, servers_run)


@pytest.fixture
def visitors(everyone: Visitors) -> Iterator[Visitors]:
    """Whoever visits the region: each in a browser context of their own, but for those who only look."""
    with everyone.closing() as visitors:
        yield visitors
