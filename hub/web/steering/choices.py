"""What a reader can choose on a figures page, and in words what they chose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from hub.api.queries.figures import Scope, departments_of
from hub.projections.delegation_figures import department_of
from hub.web.naming.names import Names
from hub.web.steering.departments import by_name, label_of, name_of, site_label
from hub.web.steering.figures import Found
from hub.web.steering.filters import MOST_SITES, Filters
from hub.web.steering.quarters import Quarter
from hub.web.words import NBSP, day

Options = list[tuple[str, str]]


class Fields(NamedTuple):
    """The choices of each filter; a filter without any is not shown."""

    quarters: Options
    departments: Options
    sites: Options


def fields(filters: Filters, quarters: Sequence[Quarter], every: Iterable[str], scope: Scope, names: Names) -> Fields:
    """Give the choices that a scope has; what is chosen now is always among them."""
    mine = [site for site in every if site and scope.has_site(site)]
    departments = departments_of(mine)
    sites = [site for site in mine if filters.department in {None, department_of(site)}]
    if len(sites) > MOST_SITES and filters.department is None:
        sites = []
    if filters.site and filters.site not in sites:
        sites = sorted([*sites, filters.site])
    periods = [*quarters] if filters.quarter in quarters else sorted([*quarters, filters.quarter], reverse=True)
    return Fields(
        [(each.code, f"{each.label}{f'{NBSP}(en cours)' if each == quarters[0] else ''}") for each in periods],
        [("", "Tous"), *((name, label_of(name)) for name in departments)] if len(departments) > 1 else [],
        [("", "Tous"), *((site, site_label(site, names)) for site in by_name(sites, names))] if len(sites) > 1 else [],
    )


def said(filters: Filters, found: Found, today: date, names: Names) -> str:
    """Say what is shown: where, when, and of which day."""
    return f"{_where(filters, found, names)}, {filters.quarter.label}. Situation au {day(today)}."


def _where(filters: Filters, found: Found, names: Names) -> str:
    if filters.site is not None:
        return site_label(filters.site, names)
    if filters.department is not None:
        return f"Département {name_of(filters.department)}, tous ses sites que vous suivez"
    if len(found.sites) == 1:
        return site_label(found.sites[0].code, names)
    if len(found.departments) == 1 and all(
        department_of(each.code) == found.departments[0].code for each in found.sites
    ):
        return f"Département {name_of(found.departments[0].code)}, tous ses sites"
    return "Tous les sites que vous suivez"
