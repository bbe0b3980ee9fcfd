"""Read models of the joint action plan: one row per version, one per action of the current version (M6)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from hub.domain.pathway.pathway import Pathway
from hub.domain.pathway.plan import by_number, current
from hub.projections.readmodel import COUNT, DAY, MOMENT, TEXT, ReadModel, Row, encode_events


def rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per version; `joint` is 1 when both networks own actions, `replaced_at` when the next was agreed."""
    ordered = by_number(pathway.plans)
    for version, following in zip_longest(ordered, ordered[1:]):
        yield (
            version.event_id,
            version.plan_version,
            version.agreed_at,
            version.network,
            version.adviser,
            version.site,
            len(version.actions),
            int(version.is_joint),
            following.agreed_at if following else None,
            version.event_id,
            encode_events({"replaced_at": following.event_id}) if following else None,
        )


def action_rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per action of the current version, in the plan's order from 1."""
    version = current(pathway.plans)
    if version is None:
        return
    for position, action in enumerate(version.actions, start=1):
        yield (
            position,
            version.plan_version,
            action.action_id,
            action.theme,
            action.title,
            action.owner,
            action.due_on,
            version.event_id,
            None,
        )


MODELS = (
    ReadModel(
        name="plan",
        key=(("agreement_id", TEXT),),
        columns=(
            ("plan_version", COUNT),
            ("agreed_at", MOMENT),
            ("network", TEXT),
            ("adviser", TEXT),
            ("site", TEXT),
            ("actions", COUNT),
            ("joint", COUNT),
            ("replaced_at", MOMENT),
        ),
        parts=("plans",),
        rows=rows,
    ),
    ReadModel(
        name="plan_action",
        key=(("position", COUNT),),
        columns=(
            ("plan_version", COUNT),
            ("action_id", TEXT),
            ("theme", TEXT),
            ("title", TEXT),
            ("owner", TEXT),
            ("due_on", DAY),
        ),
        parts=("plans",),
        rows=action_rows,
    ),
)
