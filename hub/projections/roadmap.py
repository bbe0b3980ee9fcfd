"""Read model of the road map: every revision of a target as each network set it, and whether it holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub.domain.pathway.fact import Fact
from hub.domain.subjects.roadmap import RoadmapTarget, revisions
from hub.projections.readmodel import COUNT, DAY, MOMENT, NUMBER, TEXT, ReadModel, Row, names, row

COLUMNS = (
    ("status", TEXT),
    ("set_at", MOMENT),
    ("indicator", TEXT),
    ("unit", TEXT),
    ("baseline", NUMBER),
    ("target", NUMBER),
    ("due_on", DAY),
    ("france_travail_owner", TEXT),
    ("cap_emploi_owner", TEXT),
)
NAMES = names(COLUMNS)


def rows(target: RoadmapTarget) -> Iterator[Row]:
    """Give a row per revision and network; both rows of a revision that holds say the same."""
    for revision in revisions(target):
        for network, setting in revision.by_network.items():
            terms = setting.terms
            own: tuple[Any, ...] = (
                setting.set_at,
                terms.indicator,
                terms.unit,
                terms.baseline,
                terms.target,
                terms.due_on,
                terms.france_travail_owner,
                terms.cap_emploi_owner,
            )
            facts = [revision.status, *(Fact(value, setting.event_id) for value in own)]
            yield row((revision.revision, network), NAMES, facts, setting.event_id)


MODEL = ReadModel(
    name="roadmap_target",
    key=(("revision", COUNT), ("network", TEXT)),
    columns=COLUMNS,
    parts=("settings",),
    rows=rows,
)
