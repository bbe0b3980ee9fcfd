"""Chromium as the system has it, driven without a window and without a word to any other host."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.servers.run import ServerUnavailable

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_QUIET = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--force-color-profile=srgb", "--font-render-hinting=none"),
)


def program() -> str:
    """Give the browser's program.

    Raises:
        ServerUnavailable: there is none.
    """
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise ServerUnavailable(f"none of these browsers was found: {', '.join(_NAMES)}")
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser, and end it.

    Raises:
        ServerUnavailable: there is none on this machine.
    """
    path = program()
    with sync_playwright() as playwright:
        # Containers have no namespaces to spare for the sandbox; what it opens is our own pages.
        browser = playwright.chromium.launch(executable_path=path, args=list(_QUIET), chromium_sandbox=False)
        try:
            yield browser
        finally:
            browser.close()
