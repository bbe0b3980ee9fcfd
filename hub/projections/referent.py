"""Read model of referents over time: one row per assignment, until the next one of its role."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.pathway.pathway import Pathway
from hub.domain.pathway.referent import of_role
from hub.projections.readmodel import DAY, TEXT, ReadModel, Row, encode_events


def rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per assignment; `until_date` is the day the next one of its role starts."""
    roles = dict.fromkeys(assignment.role for assignment in pathway.referents.assignments)
    for role in roles:
        for assignment, following in of_role(pathway.referents, role):
            yield (
                assignment.event_id,
                role,
                assignment.network,
                assignment.adviser,
                assignment.site,
                assignment.from_date,
                following.from_date if following else None,
                assignment.event_id,
                encode_events({"until_date": following.event_id}) if following else None,
            )


MODEL = ReadModel(
    name="referent",
    key=(("assignment_id", TEXT),),
    columns=(
        ("role", TEXT),
        ("network", TEXT),
        ("adviser", TEXT),
        ("site", TEXT),
        ("from_date", DAY),
        ("until_date", DAY),
    ),
    parts=("referents",),
    rows=rows,
)
