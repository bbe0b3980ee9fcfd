"""The joint action plan of both networks: M6."""

from __future__ import annotations

from datetime import date
from typing import Any

from hub.domain.events.plan import ActionPlanAgreed
from hub.domain.ids import CaseKey
from hub.domain.pathway.plan import anomalies, current
from hub.projections.plan import MODELS
from tests.unit.pathway.builders import (
    CE,
    FT,
    event,
    explained,
    moment,
    named,
    pathway,
    same_in_any_order,
    table,
    voided,
)

PLAN, ACTION = MODELS


def action(owner: str = "france_travail", action_id: str = "A-1", **fields: Any) -> dict[str, Any]:
    return {"action_id": action_id, "theme": "job_search", "title": "refaire le CV", "owner": owner, **fields}


BY_FT = action()
BY_CE = action("cap_emploi", "A-2", theme="compensation", title="essai de poste", due_on=date(2021, 6, 1))


def agreed(
    at: str = "2021-03-01", case: CaseKey = FT, version: int = 1, actions: tuple[dict[str, Any], ...] = (BY_FT, BY_CE)
) -> ActionPlanAgreed:
    return event(ActionPlanAgreed, at, case, plan_version=version, actions=list(actions))


def test_a_joint_plan_holds_actions_of_both_networks_with_their_owners() -> None:
    plan = agreed()

    state = pathway(plan)

    (row,) = table(PLAN, state)
    assert (row["joint"], row["actions"], row["replaced_at"]) == (1, 2, None)
    assert table(ACTION, state) == [
        {
            "position": 1,
            "plan_version": 1,
            "action_id": "A-1",
            "theme": "job_search",
            "title": "refaire le CV",
            "owner": "france_travail",
            "due_on": None,
        },
        {
            "position": 2,
            "plan_version": 1,
            "action_id": "A-2",
            "theme": "compensation",
            "title": "essai de poste",
            "owner": "cap_emploi",
            "due_on": date(2021, 6, 1),
        },
    ]
    assert {by for events in explained(ACTION, state) for by in events.values()} == {plan.meta.event_id}


def test_a_plan_with_one_networks_actions_is_fine_and_not_joint() -> None:
    state = pathway(agreed(actions=(BY_FT,)))

    assert table(PLAN, state)[0]["joint"] == 0
    assert named(anomalies(state.plans)) == []


def test_a_version_replaces_the_one_before_and_all_are_kept() -> None:
    first, second = agreed(), agreed("2021-05-03", CE, 2, (BY_CE,))

    state = pathway(first, second)

    assert [(row["plan_version"], row["replaced_at"]) for row in table(PLAN, state)] == [
        (1, moment("2021-05-03")),
        (2, None),
    ]
    assert explained(PLAN, state)[0]["replaced_at"] == second.meta.event_id
    assert explained(PLAN, state)[0]["joint"] == first.meta.event_id
    assert [row["action_id"] for row in table(ACTION, state)] == ["A-2"]
    assert named(anomalies(state.plans)) == []


def test_a_version_number_that_goes_back_is_an_anomaly_and_does_not_stand() -> None:
    second, back = agreed("2021-03-01", version=2), agreed("2021-05-03", version=1, actions=(BY_FT,))

    state = pathway(second, back)

    assert [(found.rule, found.event_id) for found in anomalies(state.plans)] == [
        ("plan_version_goes_back", back.meta.event_id)
    ]
    now = current(state.plans)
    assert now is not None
    assert now.event_id == second.meta.event_id
    assert named(anomalies(pathway(second, back, voided(back)).plans)) == []


def test_the_same_number_with_other_content_is_an_anomaly_and_the_later_one_stands() -> None:
    first, other = agreed(), agreed("2021-03-02", CE, 1, (BY_CE,))

    state = pathway(first, other)

    assert [(found.rule, found.event_id) for found in anomalies(state.plans)] == [
        ("plan_version_with_other_content", other.meta.event_id)
    ]
    assert [row["action_id"] for row in table(ACTION, state)] == ["A-2"]


def test_both_networks_stating_the_same_version_agree() -> None:
    state = pathway(agreed(), agreed("2021-03-02", CE))

    assert named(anomalies(state.plans)) == []
    assert len(table(PLAN, state)) == 2


def test_actions_sharing_an_id_keep_a_row_each() -> None:
    state = pathway(agreed(actions=(action(title="premier"), action(title="second"))))

    assert [(row["position"], row["title"]) for row in table(ACTION, state)] == [(1, "premier"), (2, "second")]


def test_no_plan_has_no_rows() -> None:
    state = pathway()

    assert current(state.plans) is None
    assert table(PLAN, state) == table(ACTION, state) == []


def test_any_order_of_arrival_gives_the_same_plan() -> None:
    state = same_in_any_order(agreed(), agreed("2021-04-01", CE, 2), agreed("2021-05-01", FT, 3, (BY_FT,)))

    now = current(state.plans)
    assert now is not None
    assert now.plan_version == 3
