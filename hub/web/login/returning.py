"""Where a login leads back to: pages of the hub, and nothing else, whatever an address says."""

from __future__ import annotations

import re
from urllib.parse import unquote

FIRST = "/"
LONGEST = 1_000
_OWN = re.compile(r"/(?![/\\])[!-~]*")
"""A path with its query, in visible ASCII: what begins with `//` or `/\\` is another host to a browser."""
_NOT_PAGES = ("/connexion", "/deconnexion", "/statique", "/api", "/issuer")


def is_own(text: str) -> bool:
    """Tell whether an address is a path of this host."""
    plain = text
    for _ in range(3):  # what some proxy decodes once more must not become another host
        if _OWN.fullmatch(plain) is None or "\\" in plain:
            return False
        plain = unquote(plain).partition("?")[0].partition("#")[0]
    return True


def own_path(text: str | None) -> str:
    """Give a path of the hub's pages as it is, and the first page instead of anything else."""
    if text is None or len(text) > LONGEST or not is_own(text):
        return FIRST
    path = text.partition("?")[0].partition("#")[0]
    if any((path + "/").startswith(other + "/") for other in _NOT_PAGES):
        return FIRST
    return text
