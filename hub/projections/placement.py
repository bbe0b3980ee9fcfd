"""Read models of placements: one row each, the reports of both networks that it was made from, and its follow-up."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.pathway import Pathway
from hub.domain.pathway.placement import Checkpoint, MergedPlacement, Report, ends_on, merged, unplaced
from hub.projections.readmodel import DAY, MOMENT, TEXT, ReadModel, Row, names, row

COLUMNS = (
    ("france_travail_id", TEXT),
    ("cap_emploi_id", TEXT),
    ("placed_at", MOMENT),
    ("site", TEXT),
    ("contract", TEXT),
    ("ends_on", DAY),
    ("rome", TEXT),
)
NAMES = names(COLUMNS)
FOLLOW_UP_COLUMNS = (
    ("status", TEXT),
    ("siret", TEXT),
    ("starts_on", DAY),
    ("state", TEXT),
    ("recorded_at", MOMENT),
)
FOLLOW_UP_NAMES = names(FOLLOW_UP_COLUMNS)


def placement_rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per placement: reported first when, and on the rest the latest report that says something stands."""
    for placement in merged(pathway.placements):
        first, last = placement.reports[0], placement.reports[-1]
        backwards = placement.reports[::-1]
        named = [placement.of_network(network) for network in (FRANCE_TRAVAIL, CAP_EMPLOI)]
        facts = (
            *(Fact(report.placement_id, report.event_id) if report else None for report in named),
            Fact(first.placed_at, first.event_id),
            next((Fact(report.site, report.event_id) for report in placement.reports if report.site), None),
            Fact(last.contract, last.event_id),
            ends_on(placement.reports),
            next((Fact(report.rome, report.event_id) for report in backwards if report.rome), None),
        )
        yield row((placement.siret, placement.starts_on), NAMES, facts, last.event_id)


def report_rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per report, as its network made it."""
    for report in pathway.placements.reports:
        yield (
            report.event_id,
            report.placement_id,
            report.network,
            report.siret,
            report.starts_on,
            report.ends_on,
            report.contract,
            report.rome,
            report.site,
            report.placed_at,
            report.event_id,
            None,
        )


def follow_up_rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per checkpoint; overdue is an `awaited` one asked about after its day."""
    for placement in merged(pathway.placements):
        for checkpoint in placement.checkpoints:
            yield _follow_up(checkpoint, placement)
    for checkpoints in unplaced(pathway.placements).values():
        for checkpoint in checkpoints:
            yield _follow_up(checkpoint, None)


def _follow_up(checkpoint: Checkpoint, placement: MergedPlacement | None) -> Row:
    report: Report | None = placement.reports[0] if placement else None
    record = checkpoint.record
    facts = (
        checkpoint.status,
        Fact(report.siret, report.event_id) if report else None,
        Fact(report.starts_on, report.event_id) if report else None,
        Fact(record.state, record.event_id) if record else None,
        Fact(record.recorded_at, record.event_id) if record else None,
    )
    stated = checkpoint.due or record
    event_id = stated.event_id if stated else checkpoint.status.event_id
    return row((checkpoint.placement_id, checkpoint.due_on), FOLLOW_UP_NAMES, facts, event_id)


MODELS = (
    ReadModel(
        name="placement",
        key=(("siret", TEXT), ("starts_on", DAY)),
        columns=COLUMNS,
        parts=("placements",),
        rows=placement_rows,
    ),
    ReadModel(
        name="placement_report",
        key=(("report_id", TEXT),),
        columns=(
            ("placement_id", TEXT),
            ("network", TEXT),
            ("siret", TEXT),
            ("starts_on", DAY),
            ("ends_on", DAY),
            ("contract", TEXT),
            ("rome", TEXT),
            ("site", TEXT),
            ("placed_at", MOMENT),
        ),
        parts=("placements",),
        rows=report_rows,
    ),
    ReadModel(
        name="follow_up",
        key=(("placement_id", TEXT), ("due_on", DAY)),
        columns=FOLLOW_UP_COLUMNS,
        parts=("placements",),
        rows=follow_up_rows,
    ),
)
