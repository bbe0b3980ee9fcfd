"""How many people are simulated, of which seed, and how they spread over the years and the region."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from hub.errors import Usage
from hub.producers.simulation.moments import day_of

FIRST_DAY = day_of(date(2018, 1, 2))
LAST_DAY = day_of(date(2022, 12, 30))
WHOLE_REGION = 1_000
"""With so many people the region is simulated whole; fewer live around some of its agencies, as many as they fill."""
_PEOPLE_OF_AGENCY, _PEOPLE_OF_SHOWN_AGENCY = 60, 240
_SHOWN_FROM, _LATELY_FROM = day_of(date(2020, 1, 2)), day_of(date(2021, 10, 1))
_LONG_AGO_IN_TEN = 2
_ADVISERS_OF_AGENCY, _ADVISERS_OF_DEPARTEMENT, _SHOWN_ADVISERS = 9, 14, 4


class Population(NamedTuple):
    """So many people of a seed.

    `is_showcase`: as a demonstration needs them, where few people must show what a region shows. They live around fewer
    agencies, of fewer advisers, most of them have registered lately, their networks delegate more often, and one in 24
    is known to each of them under another spelling, which nobody has looked at.
    """

    people: int
    seed: int
    is_showcase: bool = False

    def checked(self) -> Population:
        """Give the population itself.

        Raises:
            Usage: it is not 1 person or more.
        """
        if self.people < 1:
            raise Usage(f"cannot simulate {self.people} people; ask for 1 or more")
        return self

    def opens(self, index: int) -> int:
        """Give the first day on which the person of this index may register; it never falls from one to the next."""
        if not self.is_showcase:
            return FIRST_DAY + index * (LAST_DAY - FIRST_DAY) // self.people
        long_ago = self.people * _LONG_AGO_IN_TEN // 10
        if index < long_ago:
            return _SHOWN_FROM + index * (_LATELY_FROM - _SHOWN_FROM) // long_ago
        return _LATELY_FROM + (index - long_ago) * (LAST_DAY - _LATELY_FROM) // (self.people - long_ago)

    @property
    def agencies(self) -> int | None:
        """How many agencies they live around; None: all of the region's."""
        if self.is_showcase:
            return max(2, self.people // _PEOPLE_OF_SHOWN_AGENCY)
        return None if self.people >= WHOLE_REGION else max(2, self.people // _PEOPLE_OF_AGENCY)

    @property
    def advisers_of_agency(self) -> int:
        """How many advisers of France Travail an agency has."""
        return _SHOWN_ADVISERS if self.is_showcase else _ADVISERS_OF_AGENCY

    @property
    def advisers_of_departement(self) -> int:
        """How many advisers the Cap emploi organisation of a département has."""
        return 2 * _SHOWN_ADVISERS if self.is_showcase else _ADVISERS_OF_DEPARTEMENT
