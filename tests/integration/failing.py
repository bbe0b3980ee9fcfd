"""An installation that may be broken, and how one tells that it goes on."""

from __future__ import annotations

from pathlib import Path

from hub.settings import Settings
from hub.wiring import Hub
from tests.integration.feeds import digest_of_region
from tests.integration.hubs import consume, digest_of, sums_of

PEOPLE = 15
STORES = ("hub.db", "keys.db", "log.db")


def impatient(data: Path) -> Hub:
    return Hub(Settings(data=data, busy_timeout_ms=1))


def check_it_goes_on(data: Path) -> None:
    """Catch up, and compare with a hub that nothing happened to."""
    with Hub(Settings(data=data)) as hub:
        consume(hub)
        assert sums_of(hub).adds_up
        assert digest_of(hub) == digest_of_region(PEOPLE)
