"""The free texts of a pathway: health data in an adviser's words, kept in its state and in no table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hub.domain.pathway.pathway import Pathway


class FreeText(NamedTuple):
    """A text and the event that holds it under this field."""

    event_id: str
    field: str
    text: str


WORDS = {
    "needs": "besoins",
    "constraints": "contraintes",
    "contribution": "contribution",
    "description": "description",
    "summary": "synthèse",
    "comment": "commentaire",
}
"""The fields in French."""


def free_texts(pathway: Pathway) -> Iterator[FreeText]:
    """Give every free text that the pathway keeps, subject by subject."""
    for diagnosis in pathway.diagnoses.versions:
        if diagnosis.needs:
            yield FreeText(diagnosis.event_id, "needs", diagnosis.needs)
        if diagnosis.constraints:
            yield FreeText(diagnosis.event_id, "constraints", diagnosis.constraints)
    for crossed in pathway.diagnoses.crossed.values():
        for contribution in crossed.contributions.values():
            yield FreeText(contribution.event_id, "contribution", contribution.contribution)
    for need in pathway.needs.by_id.values():
        for version in need.versions:
            yield FreeText(version.event_id, "description", version.description)
    for request in pathway.expertise.by_id.values():
        if request.summary is not None:
            yield FreeText(request.summary.event_id, "summary", request.summary.value)
    for record in pathway.placements.records:
        if record.comment:
            yield FreeText(record.event_id, "comment", record.comment)
