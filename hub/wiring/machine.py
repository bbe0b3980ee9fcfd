"""The machine's clock."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Give the present moment, UTC."""
    return datetime.now(UTC)
