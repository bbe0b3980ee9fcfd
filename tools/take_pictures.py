"""Takes the guide's pictures anew: `python tools/take_pictures.py [--data DIR] [NAME ...]`, in a few minutes.

It makes the demo's region and another hub with many delegations in DIR, or goes on with those that are there, serves
them by `hub serve`, and photographs their pages with Chromium. Without a NAME it takes all pictures.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

from palette_png import compressed
from picture_data import make_figures, make_region
from picture_list import PICTURES, Picture
from playwright.sync_api import Browser, Page

from hub.cli.demotime import PRESENT
from tests.browser.chromium import chromium
from tests.browser.visiting import log_in
from tests.servers.run import PORTS, listens, wait_until

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "guide" / "images"
START_S = 60.0
HUBS = {"region": make_region, "figures": make_figures}


@contextmanager
def served(data: Path) -> Iterator[str]:
    """Serve a hub's pages as of the demo's day, and give their address."""
    port = _free_port()
    command = [sys.executable, "-m", "hub.cli.app", "--data", str(data), "serve", "--local-issuer"]
    command += ["--port", str(port), "--today", PRESENT.isoformat()]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as serving:  # noqa: S603
        try:
            wait_until(lambda: listens(port), deadline_s=START_S, what="the pages")
            yield f"http://127.0.0.1:{port}"
        finally:
            serving.terminate()


def _free_port() -> int:
    for port in PORTS:
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise SystemExit("no port is free")


def take(browser: Browser, url: str, picture: Picture, states: dict[str, Any], people: dict[str, str]) -> bytes:
    """Open a page, do what is to be seen, and photograph the part that matters."""
    if picture.login is not None and picture.login not in states:
        context = browser.new_context(base_url=url)
        log_in(context.new_page(), picture.login)
        states[picture.login] = context.storage_state()
        context.close()
    context = browser.new_context(
        base_url=url,
        viewport=picture.size,
        color_scheme=picture.scheme,
        locale="fr-FR",
        timezone_id="Europe/Paris",
        reduced_motion="reduce",
        storage_state=states.get(picture.login or ""),
    )
    try:
        page = context.new_page()
        page.goto(picture.path.format_map(people))
        picture.then(page)
        page.evaluate("scrollTo(0, 0)")  # what sticks to the window stands where the page begins
        return page.screenshot(full_page=True, clip=_clip(page, picture))
    finally:
        context.close()


def _clip(page: Page, picture: Picture) -> Any:
    """Give the part from one element's top to another's bottom, as wide as the window."""
    boxes = [page.locator(each).first.bounding_box() for each in (picture.first, picture.last)]
    tops = [0.0 if box is None else box["y"] for box in boxes]
    heights = [0.0 if box is None else box["height"] for box in boxes]
    top = max(0.0, tops[0] - picture.margin)
    bottom = tops[1] + heights[1] + picture.margin
    return {"x": 0, "y": top, "width": picture.size["width"], "height": min(bottom - top, picture.most)}


def main() -> None:
    """Take the pictures that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="where the hubs are, or will be made and kept")
    parser.add_argument("names", nargs="*", metavar="NAME", help=" ".join(each.name for each in PICTURES))
    given = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder = given.data or Path(temporary)
        for hub, make in HUBS.items():
            wanted = [each for each in PICTURES if each.hub == hub and (not given.names or each.name in given.names)]
            if not wanted:
                continue
            people = make(folder / hub)
            states: dict[str, Any] = {}
            # Who looks leaves a trace: the next pictures begin without it.
            copy = Path(temporary) / f"{hub}-served"
            copytree(folder / hub, copy)
            with served(copy) as url, chromium() as browser:
                for picture in wanted:
                    content = compressed(take(browser, url, picture, states, people))
                    (FOLDER / f"{picture.name}.png").write_bytes(content)
                    print(f"{picture.name}.png  {len(content) / 1000:.0f} kB", flush=True)


if __name__ == "__main__":
    main()
