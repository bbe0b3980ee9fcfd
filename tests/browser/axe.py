"""axe-core with its rules, those of the RGAA among them, and the Nu HTML checker, kept in a cache as npm has them.

Run by itself, it fetches what the tests need: `python -m tests.browser.axe`.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.servers.run import ServerUnavailable

LOCK = Path(__file__).with_name("package-lock.json")
TAGS = ("RGAAv4", "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
NPM_TIMEOUT_S = 300
COLOURS = ("color-contrast", "link-in-text-block")
"""The rules, of those with the tags, that another theme can break: all else of a page is the same."""
_RUN = "only => axe.run(document, {runOnly: only, resultTypes: ['violations', 'passes']})"


def violations(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """Give what breaks one of some rules on a page, or any, an element a line; the page stays as it is, unscrolled.

    Raises:
        AssertionError: the rules did not run.
    """
    page.evaluate(_source())
    only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": list(TAGS)}
    found: dict[str, Any] = page.evaluate(_RUN, only)
    assert len(found["passes"]) > (0 if rules else 10), "axe-core looked at hardly anything"
    return [
        f"{rule['id']}: {rule['help']}: {' '.join(map(str, node['target']))} {node['html'][:200]} "
        + "; ".join(each["message"] for each in [*node["any"], *node["all"], *node["none"]])[:300]
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@cache
def _source() -> str:
    folder = fetched() / "axe-core"
    french = json.loads((folder / "locales" / "fr.json").read_text())
    return f"{(folder / 'axe.min.js').read_text()};axe.configure({{locale: {json.dumps(french)}}});"


def fetched() -> Path:
    """Give the folder of the packages; the first call on a machine has npm fetch them.

    Raises:
        ServerUnavailable: they are not there, and npm cannot get them.
    """
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "parcours-hub"
    folder = caches / f"axe-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"
    caches.mkdir(parents=True, exist_ok=True)
    with (caches / "axe.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _fetch(folder)
    return folder / "node_modules"


def _fetch(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise ServerUnavailable("the accessibility rules come from npm, which was not found")
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LOCK.with_name(name), part)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=part, check=False, capture_output=True, text=True, timeout=NPM_TIMEOUT_S)
    if done.returncode != 0:
        raise ServerUnavailable(f"npm did not get axe-core and vnu-jar: {(done.stdout + done.stderr)[-2000:]}")
    part.rename(folder)


if __name__ == "__main__":
    fetched()
