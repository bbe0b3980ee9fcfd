"""The page of the delegation figures, from what was found to what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hub.domain.pathway.delegation import ANSWER_WITHIN
from hub.projections.delegation_figures import department_of
from hub.web.charts import bars, lines
from hub.web.charts.bars import HIDDEN, Bars, Values
from hub.web.charts.lines import Lines
from hub.web.naming.names import UNNAMED, Names
from hub.web.steering import columns, figures, words
from hub.web.steering.columns import Column
from hub.web.steering.departments import by_name, label_of, name_of, site_label
from hub.web.steering.figures import Figures, Found, Line
from hub.web.steering.filters import BY_NAME, NAME, Filters
from hub.web.steering.french_csv import Value
from hub.web.words import NBSP

PER_PAGE = 20
EVOLUTION = 5
"""Quarters: the one that is shown, and back to the same one of the year before."""


class Headline(NamedTuple):
    """A figure that comes first: its value, what it is, and what it compares to."""

    value: str
    label: str
    compared: str


class Row(NamedTuple):
    """A line of a table, with the address that shows it alone, if there is one."""

    label: str
    href: str | None
    values: tuple[str, ...]


class Head(NamedTuple):
    """A column's head: `href` sorts by it, `sorted` is how the lines are sorted by it now (as of `aria-sort`)."""

    label: str
    href: str
    sorted: str | None


class Table(NamedTuple):
    """The lines of sites or départements: their chart and their table, the same lines in both."""

    title: str
    first: Head
    now: tuple[Head, ...]
    in_quarter: tuple[Head, ...]
    rows: tuple[Row, ...]
    chart: Bars
    previous: str | None
    next: str | None
    said: str


def headlines(found: Found, filters: Filters) -> list[Headline]:
    """Give the four figures that come first."""
    whole, before = found.whole, found.quarters[-2][1]
    than = found.quarters[-2][0].label
    now, earlier = (words.answers(each["accepted"], each["declined"]) for each in (whole, before))
    quarter = filters.quarter.label
    late = f"dont en retard{NBSP}: {words.number(whole['overdue'])}"
    waiting = f"Sans réponse{NBSP}: {words.number(whole['unanswered'])}, {late}"
    shown = [
        Headline(words.number(whole["open"]), "délégations ouvertes aujourd’hui", waiting),
        Headline(words.number(now), f"réponses au {quarter}", words.compared(now, earlier, than=than)),
        Headline(
            words.percent(whole["in_time_share"]),
            f"des réponses données en {ANSWER_WITHIN.days}{NBSP}jours au plus",
            words.compared(whole["in_time_share"], before["in_time_share"], unit="point", units="points", than=than),
        ),
    ]
    if found.has_median:
        median = whole["median_days"]
        told = words.compared(median, before["median_days"], unit="jour", units="jours", than=than)
        shown.insert(2, Headline(words.days(median), "délai médian de réponse", told))
    return shown


def evolution(found: Found) -> tuple[Bars, Lines | None, list[Row]]:
    """Give the charts of the last quarters and the lines of their table; no line of medians where there are none."""
    quarters = found.quarters
    answered = bars.stacked(
        "evolution",
        f"Réponses par trimestre{NBSP}: acceptées, puis refusées",
        "Barres horizontales, une par trimestre. Les nombres sont dans le tableau qui suit.",
        ("Acceptées", "Refusées"),
        (Values(quarter.label, _counts(each, ("accepted", "declined"))) for quarter, each in quarters),
    )
    medians = [(quarter.short, each["median_days"]) for quarter, each in quarters]
    delay = None
    if any(value is not None for _, value in medians):
        delay = lines.line(
            "delai",
            "Délai médian de réponse, en jours",
            "Une courbe, un point par trimestre. Les nombres sont dans le tableau qui suit.",
            medians,
            say=words.number,
            limit=(ANSWER_WITHIN.days, f"Attendu{NBSP}: {ANSWER_WITHIN.days}{NBSP}jours au plus"),
        )
    shown = evolution_columns(found)
    return answered, delay, [Row(quarter.label, None, _said(each, shown)) for quarter, each in quarters]


def evolution_columns(found: Found) -> list[Column]:
    """Give the columns of the evolution; without the median where there is none of the whole scope."""
    return [each for each in columns.EVOLUTION if found.has_median or each.measure != "median_days"]


def lines_of(found: Found, filters: Filters, names: Names) -> Table:
    """Give the lines: départements where the scope has several whole ones and none is chosen, else sites."""
    is_by_department = shows_departments(found, filters)
    given = found.departments if is_by_department else found.sites
    ordered = in_order(given, filters, names)
    last_page = max(1, -(-len(ordered) // PER_PAGE))
    page = min(filters.page, last_page)
    here = ordered[(page - 1) * PER_PAGE : page * PER_PAGE]
    noun = "département" if is_by_department else "site"
    return Table(
        f"Par {noun}",
        _head(NAME, noun.capitalize(), filters),
        tuple(_head(each.code, each.label, filters) for each in columns.NOW),
        tuple(_head(each.code, each.label, filters) for each in columns.IN_QUARTER),
        tuple(_row(line, filters, names, is_department=is_by_department) for line in here),
        bars.nested(
            "lignes-image",
            "Ouvertes aujourd’hui, dont sans réponse, dont en retard",
            f"Barres horizontales, une par {noun}, dans l’ordre du tableau qui suit, qui donne les mêmes nombres.",
            ("Ouvertes", "Sans réponse", "En retard"),
            (
                Values(
                    name_of(line.code) if is_by_department else site_label(line.code, names),
                    _counts(line.figures, figures.NOW),
                )
                for line in here
            ),
        ),
        filters.page_href(page - 1) if page > 1 else None,
        filters.page_href(page + 1) if page < last_page else None,
        f"Lignes {(page - 1) * PER_PAGE + 1} à {(page - 1) * PER_PAGE + len(here)} sur {len(ordered)}"
        if last_page > 1
        else "",
    )


def shows_departments(found: Found, filters: Filters) -> bool:
    """Tell whether the lines are départements."""
    return filters.department is None and filters.site is None and len(found.departments) > 1


def in_order(given: Sequence[Line], filters: Filters, names: Names) -> list[Line]:
    """Sort lines by a column, those hidden last; by name, or code without one, where nothing else tells."""
    of_code = {line.code: line for line in given}
    called = [of_code[code] for code in by_name(of_code, names)]
    if filters.sort in {BY_NAME, NAME}:
        return called[::-1] if filters.is_descending else called
    measure = columns.BY_CODE[filters.sort].measure
    known = [line for line in called if line.figures[measure] is not None]
    hidden = [line for line in called if line.figures[measure] is None]
    return [*sorted(known, key=lambda line: line.figures[measure] or 0, reverse=filters.is_descending), *hidden]


def table_of(found: Found, filters: Filters, names: Names) -> tuple[list[str], list[list[Value]]]:
    """Give headers and rows of the CSV: every line whatever the page, sites after départements, then all together."""
    quarter = filters.quarter.short
    headers = [
        "Niveau",
        "Département",
        "Site",
        "Nom du site",
        *(f"{each.label} aujourd’hui" for each in columns.NOW),
        *(f"{each.label} ({quarter})" + _unit(each) for each in columns.IN_QUARTER),
    ]
    departments: list[list[Value]] = [
        ["Département", label_of(line.code), "", "", *_plain(line.figures)]
        for line in in_order(found.departments, filters, names)
    ]
    sites: list[list[Value]] = [
        [
            "Site",
            label_of(department_of(line.code)),
            site_label(line.code, UNNAMED),
            names.sites.get(line.code, ""),
            *_plain(line.figures),
        ]
        for line in in_order(found.sites, filters, names)
    ]
    return headers, [*departments, *sites, ["Ensemble", "", "", "", *_plain_of_all(found)]]


def _counts(found: Figures, measures: Sequence[str]) -> list[int | None]:
    values = (found[measure] for measure in measures)
    return [None if value is None else int(value) for value in values]


def _said(found: Figures, shown: Sequence[Column]) -> tuple[str, ...]:
    return tuple(each.say(found[each.measure]) for each in shown)


def _plain(found: Figures) -> list[Value]:
    values = (found[each.measure] for each in columns.ALL)
    return [HIDDEN if value is None else value for value in values]


def _plain_of_all(found: Found) -> list[Value]:
    """Give the values of the whole scope: a median that there is none of is empty, not hidden."""
    values = zip(columns.ALL, _plain(found.whole), strict=True)
    return [value if found.has_median or each.measure != "median_days" else "" for each, value in values]


def _unit(column: Column) -> str:
    return {"median_days": ", jours", "in_time_share": ", %"}.get(column.measure, "")


def _head(code: str, label: str, filters: Filters) -> Head:
    now = filters.sort or NAME
    order = ("descending" if filters.is_descending else "ascending") if code == now else None
    return Head(label, f"{filters.sorted_by(code).href}#lignes", order)


def _row(line: Line, filters: Filters, names: Names, *, is_department: bool) -> Row:
    if is_department:
        chosen = filters._replace(department=line.code, sort=BY_NAME, is_descending=False, page=1)
        return Row(label_of(line.code), chosen.href if line.code else None, _said(line.figures, columns.ALL))
    chosen = filters._replace(site=line.code, sort=BY_NAME, is_descending=False, page=1)
    href = chosen.href if line.code and filters.site is None else None
    return Row(site_label(line.code, names), href, _said(line.figures, columns.ALL))
