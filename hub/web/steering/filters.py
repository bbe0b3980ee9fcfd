"""What a reader chose to see of the delegations: it stands in the address, so that it can be kept and shared."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from hub.web.steering.quarters import Quarter

PATH = "/pilotage/delegations"
NAME = "nom"
BY_NAME = ""
MOST_SITES = 60
"""Sites that a list of choices has at most; before, a département is chosen."""


class Filters(NamedTuple):
    """The quarter, the département and site (None is all), and how the lines are sorted.

    `sort` is a column's name in addresses, empty for the name; `page` counts from 1.
    """

    quarter: Quarter
    department: str | None
    site: str | None
    sort: str = BY_NAME
    is_descending: bool = False
    page: int = 1

    @property
    def query(self) -> str:
        """Write them as an address has them, the page left out."""
        given = {
            "trimestre": self.quarter.code,
            "departement": self.department,
            "site": self.site,
            "tri": f"{'-' if self.is_descending else ''}{self.sort}" if self.sort else None,
        }
        return urlencode({name: value for name, value in given.items() if value})

    @property
    def href(self) -> str:
        """Give the page's address with them, from the first line."""
        return f"{PATH}?{self.query}"

    @property
    def csv_href(self) -> str:
        """Give the address of the same lines as CSV."""
        return f"{PATH}.csv?{self.query}"

    def page_href(self, page: int) -> str:
        """Give the address of a page of lines."""
        return f"{self.href}&page={page}#lignes"

    def sorted_by(self, column: str) -> Filters:
        """Sort by a column: the largest first, and turned round where it is sorted so already."""
        turned = not self.is_descending if column == self.sort else column != NAME
        return self._replace(sort=column, is_descending=turned, page=1)
