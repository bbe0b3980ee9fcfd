"""The W3C's Nu HTML checker, as npm publishes it; Java runs it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.browser.axe import fetched
from tests.servers.run import ServerUnavailable

CHECK_TIMEOUT_S = 120


def errors(pages: Sequence[Path]) -> list[str]:
    """Give what is no valid HTML in pages, a fault a line with where it is.

    Raises:
        ServerUnavailable: there is no Java, or no checker.
    """
    java = shutil.which("java")
    if java is None:
        raise ServerUnavailable("the HTML checker runs on Java, which was not found")
    checker = fetched() / "vnu-jar" / "build" / "dist" / "vnu.jar"
    command = [java, "-jar", str(checker), "--errors-only", "--format", "json", *map(str, pages)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=CHECK_TIMEOUT_S)
    found = json.loads(done.stderr)["messages"]
    return [
        f"{Path(each['url']).stem} line {each.get('lastLine')}: {each['message']} {each.get('extract', '')[:200]}"
        for each in found
    ]
