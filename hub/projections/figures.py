"""Figures about a whole generation: SQL over its rows, never counters kept beside them."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, case, func, select

from hub.domain.ids import NETWORKS
from hub.projections.tables import Tables


class Figures(NamedTuple):
    """What a generation holds; an alert is overdue once its day is over.

    `pathways` has those of erased people too, `people` has not; `joint_pathways` have a case record of both networks.
    """

    people: int
    pathways: int
    joint_pathways: int
    case_records: dict[str, int]
    phases: dict[str, int]
    timeline_events: int
    anomalies: dict[str, int]
    alerts_awaited: int
    alerts_overdue: int
    re_referrals: int
    contradictions: int
    links: dict[str, int]


def figures(connection: Connection, tables: Tables, today: date) -> Figures:
    """Count what the generation holds, in the snapshot of the caller's transaction."""
    pathway, alert = tables.models["pathway"], tables.models["alert"]
    records = tables.case_record
    both = (
        select(records.c.pathway_no)
        .where(records.c.network.in_(NETWORKS))
        .group_by(records.c.pathway_no)
        .having(func.count(records.c.network.distinct()) == len(NETWORKS))
        .subquery()
    )
    overdue = func.coalesce(func.sum(case((alert.c.due_on < today, 1), else_=0)), 0)
    alerts = connection.execute(select(func.count(), overdue).where(alert.c.kind == "alert")).one()
    return Figures(
        people=_count(connection, select(func.count()).where(pathway.c.erased.is_(None))),
        pathways=_count(connection, select(func.count()).select_from(pathway)),
        joint_pathways=_count(connection, select(func.count()).select_from(both)),
        case_records=_by(connection, records.c.network, select(records.c.network, func.count())),
        phases=_by(
            connection, pathway.c.phase, select(pathway.c.phase, func.count()).where(pathway.c.phase.is_not(None))
        ),
        timeline_events=_count(connection, select(func.count()).select_from(tables.timeline)),
        anomalies=_by(connection, alert.c.rule, select(alert.c.rule, func.count()).where(alert.c.kind == "anomaly")),
        alerts_awaited=alerts[0] - alerts[1],
        alerts_overdue=int(alerts[1]),
        re_referrals=_count(connection, select(func.count()).select_from(tables.models["re_referral"])),
        contradictions=_count(connection, select(func.count()).select_from(tables.models["contradiction"])),
        links=_by(connection, tables.link.c.status, select(tables.link.c.status, func.count())),
    )


def _count(connection: Connection, query: Select[Any]) -> int:
    return int(connection.execute(query).scalar_one())


def _by(connection: Connection, column: Any, query: Select[Any]) -> dict[str, int]:
    """Count by a column's values, most frequent first."""
    rows = connection.execute(query.group_by(column)).all()
    return dict(sorted(((str(value), int(count)) for value, count in rows), key=lambda pair: (-pair[1], pair[0])))
