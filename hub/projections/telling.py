"""Which person shows best what the hub does, for a demonstration: much in common between both networks, little text."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, case, exists, func, select

from hub.projections.tables import Tables


def most_telling(connection: Connection, tables: Tables, among: Collection[int] | None = None) -> str | None:
    """Give the id of a person with records of both networks, an accepted delegation, expertise and a placement.

    Of several, one whose story is neither too short nor too long; of nobody with all that, who comes nearest.
    `among`: only of these pathways.
    """
    pathway, records = tables.models["pathway"], tables.case_record

    def has(model: str, column: str = "event_id") -> ColumnElement[int]:
        table = tables.models[model]
        its_own = table.c.pathway_no == pathway.c.pathway_no
        return case((exists().where(its_own, table.c[column].is_not(None)), 1), else_=0)

    networks = (
        select(func.count(records.c.network.distinct()))
        .where(records.c.pathway_no == pathway.c.pathway_no)
        .scalar_subquery()
    )
    told = (
        4 * networks
        + 4 * has("delegation", "accepted_at")
        + 2 * has("placement")
        + 2 * has("expertise", "delivered_at")
        + 2 * has("need")
        + has("crossed_diagnosis")
        + has("contradiction")
        + has("re_referral")
    )
    query = select(pathway.c.person_id).where(pathway.c.erased.is_(None))
    if among is not None:
        query = query.where(pathway.c.pathway_no.in_(among))
    return connection.execute(
        query.order_by(told.desc(), func.abs(pathway.c.event_count - 30), pathway.c.person_id).limit(1)
    ).scalar()
