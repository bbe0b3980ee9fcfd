"""The composition root: puts the adapters together, and is the only place with a clock, randomness and settings."""

from __future__ import annotations

from hub.wiring.hub import Hub
from hub.wiring.logs import publisher_for, publisher_to
from hub.wiring.machine import now

__all__ = ["Hub", "now", "publisher_for", "publisher_to"]
