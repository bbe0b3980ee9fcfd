"""How figures are said: counts, delays and shares, and what they compare to."""

from __future__ import annotations

from hub.web.charts.bars import HIDDEN
from hub.web.words import NBSP, count, figure


def number(value: float | None) -> str:
    """Say a number with a comma, or that it is hidden."""
    if value is None:
        return HIDDEN
    if isinstance(value, int) or value == int(value):
        return figure(int(value))
    return figure(int(value)) + "," + f"{value:.1f}".rpartition(".")[2]


def days(value: float | None) -> str:
    """Say a delay: `8,5 jours`."""
    return HIDDEN if value is None else f"{number(value)}{NBSP}{'jour' if value < 2 else 'jours'}"


def percent(value: float | None) -> str:
    """Say a share: `83 %`."""
    return HIDDEN if value is None else f"{number(value)}{NBSP}%"


def compared(now: float | None, before: float | None, *, unit: str = "", units: str = "", than: str) -> str:
    """Say how a figure differs from the one before: `8 de plus qu’au 1er trimestre 2021`."""
    if now is None or before is None:
        return f"Comparaison masquée avec le {than}"
    by = round(abs(now - before), 1)
    if not by:
        return f"Comme au {than}"
    more = "de plus" if now > before else "de moins"
    noun = unit if by < 2 else units
    return f"{number(by)}{NBSP}{noun}{' ' if noun else ''}{more} qu’au {than}"


def answers(accepted: float | None, declined: float | None) -> float | None:
    """Add answers up where both are shown."""
    return None if accepted is None or declined is None else accepted + declined


def delegations(value: int) -> str:
    """Say how many delegations."""
    return count(value, "délégation", "délégations")
