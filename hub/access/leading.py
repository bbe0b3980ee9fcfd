"""Who leads which pathway on a day, read from the live generation: what `hub.domain.pathway.leading` says, in SQL."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from hub.domain.pathway.leading import Leading, Term, leading_on
from hub.ledger import bulk
from hub.projections.records import chunks
from hub.projections.tables import Tables


def leading_of(connection: Connection, tables: Tables, pathway_nos: Iterable[int], day: date) -> dict[int, Leading]:
    """Tell who leads each of these pathways on a day, and who is named for a later one; each has an entry."""
    numbers = list(dict.fromkeys(pathway_nos))
    referent, time = tables.models["referent"], tables.models["accompaniment"]
    columns = [referent.c[name] for name in ("assignment_id", *Term._fields[1:-1])]
    of_term = and_(time.c.pathway_no == referent.c.pathway_no, time.c.accompaniment_id == referent.c.assignment_id)
    query = (
        select(referent.c.pathway_no, *columns, time.c.from_date, time.c.until_date)
        .outerjoin_from(referent, time, of_term)
        .where(referent.c.role == "referent", _goes_beyond(referent.c.until_date, day))
        .where(bulk.among(connection, referent.c.pathway_no, "wanted"))
    )
    terms: dict[int, dict[str, Term]] = {number: {} for number in numbers}
    for chunk in chunks(numbers):
        for number, event_id, *rest, start, end in connection.execute(query, {"wanted": chunk}):
            term = terms[number].get(event_id, Term(event_id, *rest))
            times = term.times if start is None else (*term.times, (start, end))
            terms[number][event_id] = term._replace(times=times)
    return {number: leading_on(of.values(), day) for number, of in terms.items()}


def is_named(
    tables: Tables, pathway_no: ColumnElement[int], network: str, adviser: str, day: date
) -> ColumnElement[bool]:
    """Say in SQL that an adviser is the one named referent of a pathway on a day, also once their network has left."""
    referent = tables.models["referent"].c
    numbers = select(referent.pathway_no).where(
        referent.network == network,
        referent.adviser == adviser,
        referent.role == "referent",
        referent.from_date <= day,
        _goes_beyond(referent.until_date, day),
    )
    return pathway_no.in_(numbers)


def _goes_beyond(until: ColumnElement[date | None], day: date) -> ColumnElement[bool]:
    return or_(until.is_(None), until > day)
