"""Which counts of a table may be shown, so that no small one is told, nor found by subtracting those that are.

The table has two levels: sites add up to départements, départements to the whole. Suppression in statistical tables as
in the handbook of Hundepool et al., Statistical Disclosure Control (2012), chapter 4: small cells first, then others
beside them, until no total gives one away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from hub.domain.access import SMALLEST_SHOWN

Sites = Mapping[str, int]
"""Counts by site."""


class Shown(NamedTuple):
    """The counts that may be shown, None for the others: by site, by département, and of all."""

    sites: dict[str, int | None]
    departments: dict[str, int | None]
    total: int | None


def is_small(count: int, whole: int | None = None) -> bool:
    """Tell whether a count is too small to be shown, or leaves too small a rest of the whole that is shown beside it.

    Zero is small: it says something of everyone. Nothing left says no more than the two equal counts themselves.
    """
    return count < SMALLEST_SHOWN or (whole is not None and 0 < whole - count < SMALLEST_SHOWN)


def shown(counts: Mapping[str, Sites], wholes: Mapping[str, Sites] | None = None) -> Shown:
    """Choose what may be shown of counts by département and site; `wholes` are shown too, and each holds its count.

    Of a département with a small site, the next larger sites are hidden as well: their count differs, so that nobody
    can tell which of the hidden ones is which. Where no other is left, the département is hidden with all its sites,
    and the same is done among départements; where that would hide them all, the whole is hidden instead. Every measure
    is a table of its own: nothing shown beside it adds up to it.
    """
    wholes = wholes or {}
    small_sites = {name: _small(sites, wholes.get(name)) for name, sites in counts.items()}
    hidden_sites = {name: _covered(sites, small_sites[name]) for name, sites in counts.items()}
    totals = {name: sum(sites.values()) for name, sites in counts.items()}
    small = _small(totals, {name: sum(sites.values()) for name, sites in wholes.items()})
    must_close = {name for name in totals if hidden_sites[name] is None or name in small}
    closed = _covered(totals, must_close)
    total = sum(totals.values())
    whole = sum(sum(sites.values()) for sites in wholes.values()) if wholes else None
    hides_total = closed is None or closed == totals.keys()
    if closed is None or hides_total:
        closed = must_close
    return Shown(
        {
            site: None if name in closed or site in (hidden_sites[name] or ()) else count
            for name, sites in counts.items()
            for site, count in sites.items()
        },
        {name: None if name in closed else count for name, count in totals.items()},
        None if hides_total or is_small(total, whole) else total,
    )


def _small(counts: Sites, wholes: Sites | None) -> set[str]:
    return {name for name, count in counts.items() if is_small(count, wholes.get(name) if wholes else None)}


def _covered(counts: Sites, hidden: set[str]) -> set[str] | None:
    """Give what to hide with what must be hidden, or None where nothing can cover it: then their total is hidden."""
    if not hidden:
        return hidden
    values = {counts[name] for name in hidden}
    covers = [count for name, count in counts.items() if name not in hidden and values != {count}]
    if not covers:
        return None
    # All of that size: to hide the first alone would tell that the others come after it.
    return hidden | {name for name, count in counts.items() if count == min(covers)}
