"""Facts that need both networks: they hold when each has stated the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.domain.ids import NETWORKS
from hub.domain.pathway.fact import Fact


def standing(said: Mapping[str, Fact[Any]]) -> Fact[str]:
    """Tell whether the statements of networks, in canonical order, hold: `stated` by one alone, `holds`, or `differs`.

    The event is that of the last statement: it is the one that made them agree or differ.
    """
    last = list(said.values())[-1].event_id
    if any(network not in said for network in NETWORKS):
        return Fact("stated", last)
    one, other = (said[network].value for network in NETWORKS)
    return Fact("holds" if one == other else "differs", last)
