"""Reading the first page within one look: a handful of queries, each about the reader's caseload alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hub.access import grants
from hub.access.guard import Look
from hub.access.listing import Listed
from hub.api import duties
from hub.api.queries import caseload, contradictions, news, notices, overview, todo
from hub.api.queries.suggestions import is_open
from hub.api.services import Services
from hub.audit.moments import day_in_france
from hub.projections import suggestions
from hub.web.home import people
from hub.web.home.marking import Start
from hub.web.home.people import Choice, Slice
from hub.web.home.tasks import Viewer
from hub.web.naming.names import UNNAMED, Names

FEW = 5
"""Tasks of each kind that the first page shows; the rest has a page of its own."""
ACTS = 24
"""News that the first page shows."""
NOTICES_COUNTED = 20
"""Readings for a reason that are counted: of more, it is said that there are as many."""
PEOPLE_COMPARED = 300
"""People of the caseload whose case records are compared with others for a count."""


class Found(NamedTuple):
    """What the queries gave: rows, and the people whom they are about.

    `pairs` is how many are open of the people `compared`, who are some of those `comparable`.
    """

    expected: dict[todo.Group, todo.Some]
    contested: contradictions.OfPeople
    notices: list[grants.Notice]
    notices_total: int
    pairs: int
    compared: int
    comparable: int
    news: news.News
    everyone: int
    is_cut: bool
    slice: Slice
    duties: dict[int, dict[str, Any]]
    advisers: Mapping[int, str]
    people: dict[int, Listed]
    lines: dict[str, news.Line]


def read(
    services: Services, look: Look, start: Start, choice: Choice, after: Sequence[Any] | None, names: Names = UNNAMED
) -> Found:
    """Read what the first page shows; whoever it names is recorded, once."""
    today = day_in_france(look.now)
    expected = dict(todo.first_of_each(look, FEW))
    contested = contradictions.of_people(look, None, FEW)
    stated = reasons(look, None, NOTICES_COUNTED)
    new = news.since(services, look, start.position, ACTS)
    outlines = overview.outlines(look, people.wanted(choice, today))
    wanted = [row.pathway_no for row in outlines.rows]
    advisers = _advisers(look, wanted, names) if choice.sort == "conseiller" else {}
    page = people.cut(people.chosen(outlines.rows, choice, advisers), after)
    in_page = [row.pathway_no for row in page.shown]
    named = [each.pathway_no for some in expected.values() for each in some.first]
    named += [row.pathway_no for row in contested.rows] + [each.pathway_no for each in stated[:FEW]]
    found = caseload.recorded(look, [*named, *(act.pathway_no for act in new.acts), *in_page])
    listed = [found[number] for number in in_page if number in found]
    comparable = look.accompanied(look.asked.reader)
    compared = comparable[:PEOPLE_COMPARED]
    return Found(
        expected,
        contested,
        stated[:FEW],
        len(stated),
        sum(is_open(pair.found) for pair in suggestions.about(look.connection, look.tables, compared)),
        len(compared),
        len(comparable),
        new,
        outlines.everyone,
        outlines.is_cut,
        page,
        duties.duties(look.connection, look.tables, listed, today),
        advisers or (_advisers(look, in_page, names) if is_lead(look) else {}),
        found,
        news.lines(look, new.acts, found),
    )


def is_lead(look: Look) -> bool:
    """Tell whether the page is a site's, not an adviser's."""
    return "adviser" not in look.asked.reader.roles


def viewer_of(look: Look, names: Names = UNNAMED) -> Viewer:
    """Give who looks."""
    return Viewer(look.asked.reader, is_lead(look), day_in_france(look.now), names)


def reasons(look: Look, after: int | None, limit: int) -> list[grants.Notice]:
    """Give who read a person of the reader's for a reason; the lead of a site is told of none."""
    if is_lead(look):
        return []
    earliest, day = look.now - notices.KEPT, day_in_france(look.now)
    reader = look.asked.reader
    return grants.notices(look.connection, look.tables, reader, day=day, since=earliest, after=after, limit=limit)


def _advisers(look: Look, pathway_nos: Sequence[int], names: Names) -> dict[int, str]:
    network = look.asked.reader.network
    return {number: names.adviser(network, code) for number, code in overview.advisers(look, pathway_nos).items()}


def told(look: Look, found: Found, names: Names = UNNAMED) -> list[people.Person]:
    """Say of each person of the list what it shows."""
    reader, today = look.asked.reader, day_in_france(look.now)
    return [
        people.told(found.people[number], found.duties[number], found.advisers.get(number, ""), reader, today, names)
        for number in (row.pathway_no for row in found.slice.shown)
        if number in found.people
    ]
