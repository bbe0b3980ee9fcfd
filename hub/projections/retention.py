"""Read models of retention in employment: retentions, workplace adaptations and transitions."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.pathway.fact import Fact
from hub.domain.pathway.pathway import Pathway
from hub.domain.pathway.retention import transition_after, transition_due_on
from hub.projections.readmodel import DAY, MOMENT, TEXT, ReadModel, Row, names, row

COLUMNS = (
    ("siret", TEXT),
    ("site", TEXT),
    ("origin", TEXT),
    ("risk", TEXT),
    ("opened_at", MOMENT),
    ("concluded_at", MOMENT),
    ("outcome", TEXT),
    ("transition_due_on", DAY),
    ("transition_started_at", MOMENT),
)
NAMES = names(COLUMNS)


def retention_rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per retention; a transition is expected by `transition_due_on` when the person was not retained."""
    for retention in pathway.retentions.by_id.values():
        last = retention.concluded_at or retention.opened_at
        if last is None:
            continue
        transition = transition_after(pathway.retentions, retention)
        facts = (
            retention.siret,
            retention.site,
            retention.origin,
            retention.risk,
            retention.opened_at,
            retention.concluded_at,
            retention.outcome,
            transition_due_on(retention),
            Fact(transition.started_at, transition.event_id) if transition else None,
        )
        yield row((retention.retention_id,), NAMES, facts, last.event_id)


def adaptation_rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per workplace adapted; `need_id` joins it to the need that it answers (M21)."""
    for adaptation in pathway.retentions.adaptations:
        yield (
            adaptation.event_id,
            adaptation.retention_id,
            adaptation.placement_id,
            adaptation.need_id,
            adaptation.adaptation,
            adaptation.adapted_on,
            adaptation.event_id,
            None,
        )


def transition_rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per transition started."""
    for transition in pathway.retentions.transitions:
        yield (
            transition.event_id,
            transition.network,
            transition.retention_id,
            transition.project_rome,
            transition.started_at,
            transition.event_id,
            None,
        )


MODELS = (
    ReadModel(
        name="retention",
        key=(("retention_id", TEXT),),
        columns=COLUMNS,
        parts=("retentions",),
        rows=retention_rows,
    ),
    ReadModel(
        name="adaptation",
        key=(("adaptation_id", TEXT),),
        columns=(
            ("retention_id", TEXT),
            ("placement_id", TEXT),
            ("need_id", TEXT),
            ("adaptation", TEXT),
            ("adapted_on", DAY),
        ),
        parts=("retentions",),
        rows=adaptation_rows,
    ),
    ReadModel(
        name="transition",
        key=(("transition_id", TEXT),),
        columns=(
            ("network", TEXT),
            ("retention_id", TEXT),
            ("project_rome", TEXT),
            ("started_at", MOMENT),
        ),
        parts=("retentions",),
        rows=transition_rows,
    ),
)
