"""What is to be done, in words: of whom, what, by when, and which network must act."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from hub.access.grants import Notice
from hub.access.listing import Listed
from hub.api.queries.todo import Expected
from hub.domain.access import REASONS, Reader
from hub.projections import labels
from hub.web.days import is_meant
from hub.web.naming.names import UNNAMED, Names
from hub.web.turns import YOURS, acting, by
from hub.web.words import NBSP, capital, full_name, length, short_day, typed


class Viewer(NamedTuple):
    """Who looks, whether as the lead of a site, and the day in their list."""

    reader: Reader
    is_lead: bool
    today: date
    names: Names = UNNAMED

    @property
    def network(self) -> str:
        """Give their network, empty where they are of none."""
        return self.reader.network or ""


class Task(NamedTuple):
    """One thing to do about a person; `by` says which network is to act.

    `leads_to` is read out after the name where the link does not lead to the pathway itself.
    """

    name: str
    href: str
    what: str
    due_on: date | None = None
    when: str = ""
    is_late: bool = False
    by: str = ""
    leads_to: str = ""

    @property
    def is_mine(self) -> bool:
        """Tell whether it is the reader who is to act."""
        return self.by == YOURS


class Section(NamedTuple):
    """Tasks of one kind: the first of them, and how many there are in all.

    `people` says of how many people, where all tasks of one share a line.
    """

    slug: str
    title: str
    tile: str
    tasks: list[Task]
    total: int
    more: str | None = None
    people: str = ""


def href(person_id: str) -> str:
    """Give the address of a person's pathway."""
    return f"/parcours/{person_id}"


def name_of(found: Listed) -> str:
    """Name a person of a list."""
    return full_name(found.row.family_name, found.row.given_name)


def expected(items: Iterable[Expected], people: Mapping[int, Listed], viewer: Viewer) -> list[Task]:
    """Say what is expected by a day; whoever is not seen is left out."""
    return [_expected(item, people[item.pathway_no], viewer) for item in items if item.pathway_no in people]


def _expected(item: Expected, found: Listed, viewer: Viewer) -> Task:
    referent = (found.leading.network, found.leading.adviser)
    acts = acting(item.rule, item.asked, referent[0])
    return Task(
        name_of(found),
        href(found.row.person_id),
        typed(labels.rule(item.rule)),
        item.due_on,
        when(item.due_on, viewer.today),
        item.due_on < viewer.today,
        by(acts, viewer.reader, referent, viewer.names),
    )


def when(due_on: date, today: date) -> str:
    """Say how far a day is: `en retard de 12 jours`, `aujourd’hui`, `dans 3 jours`."""
    days = (due_on - today).days
    if not is_meant(due_on):
        return "en retard"
    if days < 0:
        return f"en retard de{NBSP}{length(-days)}"
    if days == 0:
        return "aujourd’hui"
    return f"dans{NBSP}{length(days)}"


def contradictions(rows: Iterable[Any], people: Mapping[int, Listed]) -> list[Task]:
    """Say for each person which facts the networks contradict each other about; what each claims is on their page."""
    facts: dict[int, list[str]] = {}
    for row in rows:
        facts.setdefault(row.pathway_no, []).append(typed(labels.fact(row.fact)))
    return [
        Task(name_of(people[number]), f"{href(people[number].row.person_id)}#contradictions", capital(", ".join(said)))
        for number, said in facts.items()
        if number in people
    ]


def notices(found: Iterable[Notice], people: Mapping[int, Listed]) -> list[Task]:
    """Say who read a person for a reason, and when."""
    return [_notice(each, people[each.pathway_no]) for each in found if each.pathway_no in people]


def _notice(notice: Notice, found: Listed) -> Task:
    of = labels.network(notice.network) if notice.network else notice.organisation
    whose = f" de {of}" if of else ""
    what = f"Consultation motivée{whose}{NBSP}: {typed(REASONS[notice.code])}"
    where = f"{href(found.row.person_id)}/acces"
    return Task(name_of(found), where, what, when=on(notice.at), leads_to="qui a consulté")


def on(moment: datetime) -> str:
    """Say the day of a moment."""
    return f"le{NBSP}{short_day(moment)}"
