"""What others made is kept as they published it."""

from __future__ import annotations

import hashlib
from pathlib import Path

STATIC = Path(__file__).parents[2] / "hub" / "web" / "static"


def test_htmx_is_as_npm_publishes_version_4_0_1() -> None:
    content = (STATIC / "htmx-4.0.1.min.js").read_bytes()

    assert hashlib.sha256(content).hexdigest() == "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"
