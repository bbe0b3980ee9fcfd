"""The roll-out: when the two networks joined at each agency of the region.

Source: interview of 2020 on the rapprochement in Auvergne-Rhône-Alpes (pilots in January 2020, Tassin-la-Demi-Lune
among them; all of the Rhône in January 2021; all of Auvergne-Rhône-Alpes in April 2021). Planned days are the
calendar's; actual ones are some days later, each agency its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from random import Random
from typing import NamedTuple

from hub.producers.simulation.moments import day_of, workday
from hub.producers.simulation.reference import Agency, agencies

PILOT, INTEGRATED = "pilot", "integrated"

_PLANNED = {
    "pilots_2020": day_of(date(2020, 1, 2)),
    "rhone_2021": day_of(date(2021, 1, 4)),
    "aura_2021": day_of(date(2021, 4, 1)),
}
_LARGEST_SLIP_DAYS = {"pilots_2020": 12, "rhone_2021": 20, "aura_2021": 25}

CROSSED_DYNAMIC_FROM = day_of(date(2018, 9, 1))
"""The Rhône's experiment of 2018: expertise of the other network without delegation (interview of 2018)."""


class Step(NamedTuple):
    """A mode that an agency takes in a wave, on the planned and on the actual day."""

    agency: Agency
    mode: str
    wave: str
    planned_on: int
    actual_on: int


def steps() -> Iterator[Step]:
    """Give every step of the roll-out, agency by agency; a pilot joins its département's general wave later."""
    for agency in agencies():
        if agency.wave == "pilots_2020":
            yield _step(agency, PILOT, agency.wave)
            yield _step(agency, INTEGRATED, "rhone_2021")
        else:
            yield _step(agency, INTEGRATED, agency.wave)


@cache
def joined_on(agency: Agency) -> int:
    """Give the actual day from which both networks work together at the agency, as a pilot or for good."""
    return _step(agency, INTEGRATED, agency.wave).actual_on


def _step(agency: Agency, mode: str, wave: str) -> Step:
    planned_on = _PLANNED[wave]
    slip = Random(f"{agency.safir}:{wave}").randrange(_LARGEST_SLIP_DAYS[wave])
    return Step(agency, mode, wave, planned_on, workday(planned_on + slip))
