"""What is new from the other network, grouped by person, whoever has the newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from hub.access.listing import Listed
from hub.api.queries.news import Act, Line
from hub.projections import labels
from hub.web.home.tasks import href, name_of
from hub.web.naming.names import Names
from hub.web.words import NBSP, typed

FIRST_VISIT = timedelta(days=7)
"""How far back news go on a first visit."""
LONGEST = timedelta(days=60)
"""How far back they go at most: what is older is no news, and stands in each pathway."""
MOST_OF_PERSON = 4
JOINED = "Dossier de {} rapproché, par décision de l’un des deux réseaux"
"""What a decision about two records is to whoever knew one of them; who took it stands sealed in the event alone."""


class Told(NamedTuple):
    """An act in words, with the address of its event."""

    label: str
    href: str
    occurred_at: datetime
    is_voided: bool


class OfPerson(NamedTuple):
    """What is new of one person: the newest acts, and how many more of those looked at."""

    name: str
    href: str
    acts: list[Told]
    others: int


def since(last_visit: datetime | None, now: datetime) -> datetime:
    """Give from when on what was accepted is new to whoever was here last at a moment, or never."""
    if last_visit is None:
        return now - FIRST_VISIT
    return min(now, max(last_visit, now - LONGEST))


def by_person(
    acts: Sequence[Act], people: Mapping[int, Listed], lines: Mapping[str, Line], network: str, names: Names
) -> list[OfPerson]:
    """Group acts of a network, given newest first; an act of which nothing is left to tell is left out."""
    groups: dict[int, list[Told]] = {}
    for act in acts:
        person = people.get(act.pathway_no)
        line = _joined(act, network) if act.is_link else lines.get(act.event_id)
        if line is not None and person is not None:
            address = f"{href(person.row.person_id)}/evenements/{act.event_id}"
            label = names.in_label(typed(line.label), line.event_type, network)
            told = Told(label, address, line.occurred_at, line.is_voided)
            groups.setdefault(act.pathway_no, []).append(told)
    return [
        OfPerson(
            name_of(people[number]),
            href(people[number].row.person_id),
            told[:MOST_OF_PERSON],
            max(0, len(told) - MOST_OF_PERSON),
        )
        for number, told in groups.items()
    ]


def _joined(act: Act, network: str) -> Line:
    label = JOINED.format(labels.network(network).replace(" ", NBSP))
    return Line("RecordsLinked", label, act.accepted_at, is_voided=False)
