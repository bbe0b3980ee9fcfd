"""Delegation figures of the sites that a reader may have: counted, and what may not be shown left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import Connection

from hub.audit.moments import paris
from hub.domain import access, disclosure
from hub.domain.access import Reader
from hub.domain.disclosure import Shown
from hub.errors import Denied, Usage
from hub.projections.delegation_figures import Delay, counts, delays, department_of
from hub.projections.tables import Tables

CORSE = "20"
"""Both départements of Corse: the SAFIR codes of their sites do not tell them apart."""
QUARTER = r"^(?:19|20|21)[0-9]{2}-Q[1-4]$"
SITE = r"^[0-9]{5}$"
DEPARTMENT = r"^(?:[0-9]{2,3}|2[AB])$"
COUNTS: Mapping[str, str | None] = {
    "open": None,
    "unanswered": "open",
    "overdue": "unanswered",
    "accepted": None,
    "declined": None,
}
"""The measures, each with the one that holds it."""


class Scope(NamedTuple):
    """The sites and départements whose figures a request may have and asks for."""

    sites: frozenset[str]
    departments: frozenset[str]
    site: str | None
    department: str | None

    @classmethod
    def of(cls, reader: Reader, site: str | None, department: str | None) -> Scope:
        """Give the scope of a reader, narrowed to what is asked for.

        Raises:
            Denied: the reader has none, or what is asked for is outside of it.
        """
        managed = reader.departments if "manager" in access.roles_of(reader) else frozenset[str]()
        scope = cls(reader.sites, frozenset(map(safir_prefix, managed)), None, None)
        department = department and safir_prefix(department)
        if not scope.sites and not scope.departments:
            raise Denied("your token names no site and no département whose figures you may read")
        if site is not None and not scope.has_site(site):
            raise Denied("the site is not in your scope")
        if department is not None and not scope.has_department(department) and not scope.has_site_in(department):
            raise Denied("the département is not in your scope")
        return scope._replace(site=site, department=department)

    @property
    def has_all(self) -> bool:
        """It is everywhere, and nothing narrower was asked for."""
        return access.EVERYWHERE in self.departments and self.site is None and self.department is None

    def has_site(self, site: str) -> bool:
        """Tell whether the figures of a site are in the scope; those of no site are everyone's who has all."""
        if self.site not in {None, site} or self.department not in {None, department_of(site)}:
            return False
        return site in self.sites or not self.departments.isdisjoint({access.EVERYWHERE, department_of(site)})

    def has_department(self, department: str) -> bool:
        """Tell whether a whole département is in the scope."""
        if self.site is not None or self.department not in {None, department}:
            return False
        return not self.departments.isdisjoint({access.EVERYWHERE, department})

    def has_site_in(self, department: str) -> bool:
        """Tell whether a site of a département is in the scope."""
        return any(department_of(site) == department for site in self.sites)


def safir_prefix(department: str) -> str:
    """Give the digits that the SAFIR codes of a département's sites begin with."""
    return CORSE if department in {"2A", "2B"} else department


def quarter_of(name: str) -> tuple[str, datetime, datetime]:
    """Read a quarter as its first moment and the first after it, in UTC; its days are those of France.

    Raises:
        Usage: it is not written as in 2021-Q2.
    """
    if not re.fullmatch(QUARTER, name):
        raise Usage("`quarter` is not a calendar quarter; expected its form to be 2021-Q2")
    year, month = int(name[:4]), int(name[-1]) * 3 - 2
    following = (year + 1, 1) if month == 10 else (year, month + 3)
    since, until = (
        datetime.combine(date(*each, 1), time(), paris()).astimezone(UTC) for each in ((year, month), following)
    )
    return name, since, until


def last_quarter(today: date) -> str:
    """Name the last quarter that is over on a day."""
    number = (today.month - 1) // 3
    return f"{today.year}-Q{number}" if number else f"{today.year - 1}-Q4"


class Rows(NamedTuple):
    """The figures of sites, of départements, and of all: whoever asks, with what may not be shown left out."""

    sites: list[dict[str, Any]]
    departments: list[dict[str, Any]]
    total: dict[str, Any]


def delegations(connection: Connection, tables: Tables, today: date, since: datetime, until: datetime) -> Rows:
    """Count what is open, unanswered and overdue on a day, what was answered in a period, and the median delays."""
    counted = counts(connection, tables, today, since, until)
    delayed = delays(connection, tables, since, until)
    shown = shown_of({measure: {row.site: getattr(row, measure) for row in counted} for measure in COUNTS}, COUNTS)
    sites = [
        {
            "site": row.site,
            "department": department_of(row.site),
            **{measure: shown[measure].sites[row.site] for measure in COUNTS},
            "median_days": median_shown(delayed.sites.get(row.site)),
        }
        for row in counted
    ]
    departments = [
        {
            "department": name,
            **{measure: shown[measure].departments[name] for measure in COUNTS},
            "median_days": median_shown(delayed.departments.get(name)),
        }
        for name in departments_of(row.site for row in counted)
    ]
    total = {**{measure: shown[measure].total for measure in COUNTS}, "median_days": median_shown(delayed.total)}
    return Rows(sites, departments, total)


def departments_of(sites: Iterable[str]) -> list[str]:
    """Give the départements of sites, in order."""
    return sorted({department_of(site) for site in sites})


def shown_of(counted: Mapping[str, Mapping[str, int]], wholes: Mapping[str, str | None]) -> dict[str, Shown]:
    """Choose what may be shown of measures by site; `wholes` names for each the measure that holds it, if any."""
    tables = {measure: _by_department(sites) for measure, sites in counted.items()}
    return {
        measure: disclosure.shown(tables[measure], tables[whole] if whole else None)
        for measure, whole in wholes.items()
    }


def _by_department(sites: Mapping[str, int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for site, count in sites.items():
        found.setdefault(department_of(site), {})[site] = count
    return found


def median_shown(delay: Delay | None) -> float | None:
    """Give a median that is of enough answers."""
    return delay.median_days if delay is not None and delay.answers >= access.SMALLEST_SHOWN else None
