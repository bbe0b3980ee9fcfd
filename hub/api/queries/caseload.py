"""The people whom a reader accompanies, or of the sites they lead, as an operation or a page lists them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement

from hub.access import ties
from hub.access.asking import Asked
from hub.access.guard import Look
from hub.access.listing import Listed, listed
from hub.api.duties import duties
from hub.api.leading import leads, leads_next
from hub.audit.moments import day_in_france
from hub.domain import access
from hub.domain.access import Reader, Sight
from hub.ledger import bulk


class Listing(NamedTuple):
    """A page of documents, and the key after which the next one begins, None on the last one."""

    items: list[dict[str, Any]]
    following: list[Any] | None


def as_role(asked: Asked, role: access.Role | None) -> Asked:
    """Ask as one of the reader's roles alone; None: as all of them."""
    if role is None:
        return asked
    return asked._replace(reader=asked.reader._replace(roles=asked.reader.roles & {role}))


def accompanied(look: Look, after: int | None, limit: int) -> Listing:
    """List people with their referent, on which ground the reader accompanies them, and what is open and due."""
    reader, today = look.asked.reader, day_in_france(look.now)
    numbers = ties.caseload(look.connection, look.tables, reader, today, after=after, limit=limit + 1)
    shown, following = numbers[:limit], numbers[limit - 1 :][1:]
    people = recorded(look, shown)
    to_do = duties(look.connection, look.tables, people.values(), day_in_france(look.now))
    items = [_accompanied(each, reader, today) | to_do[each.pathway_no] for each in people.values()]
    return Listing(items, [shown[-1]] if following else None)


def recorded(look: Look, pathway_nos: Sequence[int]) -> dict[int, Listed]:
    """Give the people of a list that the reader sees, recorded."""
    found = listed(look, pathway_nos)
    people = {number: each for number, each in found.items() if each.verdict.sight is not Sight.NOTHING}
    look.entry.list([(each.person, each.verdict) for each in people.values()])
    return people


def is_of(look: Look, pathway_no: ColumnElement[int]) -> ColumnElement[bool]:
    """Say in SQL that a pathway is of the reader's caseload."""
    return bulk.within(look.connection, pathway_no, look.accompanied(look.asked.reader))


def who(found: Listed) -> dict[str, Any]:
    """Name a person."""
    row = found.row
    return {"person_id": row.person_id, "family_name": row.family_name, "given_name": row.given_name}


def held(found: Listed, reader: Reader, today: date) -> list[access.Tie]:
    """Give the ties by which the reader accompanies a person, or leads the site, the oldest first."""
    mine = [
        tie
        for tie in found.ties
        if access.holds(tie, today) and (access.is_own(reader, tie) or access.is_led(reader, tie))
    ]
    return sorted(mine, key=lambda tie: (tie.from_date, tie.ground))


def _accompanied(found: Listed, reader: Reader, today: date) -> dict[str, Any]:
    row = found.row
    return {
        **who(found),
        "phase": row.phase,
        "referent": leads(found.leading),
        "next_referent": leads_next(found.leading),
        "networks": found.networks,
        "ground": found.verdict.ground,
        "ties": [
            {"ground": tie.ground, "from_date": tie.from_date, "until_date": tie.until_date}
            for tie in held(found, reader, today)
        ],
    }
