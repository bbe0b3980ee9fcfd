"""What is new from the other network, grouped by person, whoever has the newest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from hub.access.listing import Listed
from hub.api.queries.news import Act, Line
from hub.api.queries.pairs import References
from hub.projections import labels
from hub.web.home.tasks import href, name_of
from hub.web.naming.names import Names
from hub.web.words import NBSP, typed

MOST_OF_PERSON = 4
_BY = "par décision de l’un des deux réseaux"
DECIDED: Mapping[str, str] = MappingProxyType(
    {
        "decision": f"Dossier de {{}} rapproché, {_BY}",
        "unlinked": f"Dossier de {{}} dissocié, {_BY}",
        "rejected": f"Rapprochement écarté avec un dossier de {{}}, {_BY}",
    }
)
"""What a decision about two records is to whoever knew one of them, by what it left them as; their page says more."""


class Told(NamedTuple):
    """An act in words, with the address of its event, or of what was decided."""

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


def by_person(
    acts: Sequence[Act],
    people: Mapping[int, Listed],
    lines: Mapping[str, Line],
    network: str,
    names: Names,
    pair_page: Callable[[References], str],
) -> list[OfPerson]:
    """Group acts of a network, given newest first; an act of which nothing is left to tell is left out.

    A decision about two records leads to their page, which `pair_page` gives.
    """
    groups: dict[int, list[Told]] = {}
    for act in acts:
        person, line = people.get(act.pathway_no), lines.get(act.event_id)
        if person is None:
            continue
        if act.pairing is not None:
            text = DECIDED[act.pairing.kind].format(labels.network(network).replace(" ", NBSP))
            told = Told(text, pair_page(act.pairing.refs), act.accepted_at, is_voided=False)
        elif line is not None:
            address = f"{href(person.row.person_id)}/evenements/{act.event_id}"
            label = names.in_label(typed(line.label), line.event_type, network)
            told = Told(label, address, line.occurred_at, line.is_voided)
        else:
            continue
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
