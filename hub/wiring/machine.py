"""The machine's clock, and one that begins at another moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """Give the present moment, UTC."""
    return datetime.now(UTC)


def from_then(moment: datetime) -> Callable[[], datetime]:
    """Give a clock that shows a moment now and goes on from there: for demonstrations on data of the past."""
    began = time.monotonic()
    return lambda: moment.astimezone(UTC) + timedelta(seconds=time.monotonic() - began)
