"""The read model of anomalies and alerts: one row each, gone with their reason."""

from __future__ import annotations

from datetime import date

import pytest

from hub.domain.events.delegation import DelegationAccepted, DelegationProposed
from hub.domain.events.placement import FollowUpStarted, Placed
from hub.domain.pathway.fact import Alert, Anomaly
from hub.domain.pathway.pathway import Pathway
from hub.projections import alert
from hub.projections.alert import MODEL
from tests.unit.pathway.builders import EMPLOYER, event, pathway, registered


def rows(state: Pathway, kind: str) -> list[tuple[object, ...]]:
    return [row for row in MODEL.rows(state) if row[0] == kind]


def test_an_anomaly_has_a_row_until_the_missing_fact_arrives() -> None:
    intake = registered()
    accepted = event(DelegationAccepted, "2021-03-10", delegation_id="D-1")
    proposed = event(DelegationProposed, "2021-03-01", delegation_id="D-1", ground="compensation")

    shown = rows(pathway(intake, accepted), "anomaly")

    event_id = accepted.meta.event_id
    about = "delegation:D-1"
    assert ("anomaly", "delegation_without_proposal", about, event_id, None, event_id, None) in shown
    assert about not in str(rows(pathway(intake, accepted, proposed), "anomaly"))


def test_an_alert_has_a_row_with_the_day_it_is_due() -> None:
    job = event(Placed, placement_id="P-1", siret=EMPLOYER, contract="cdi", starts_on="2021-03-01")
    follow_up = event(FollowUpStarted, "2021-03-02", placement_id="P-1", due_on=["2021-06-01", "2021-09-01"])

    state = pathway(registered(), job, follow_up)

    days = [row[4] for row in rows(state, "alert") if row[1] == "follow_up_due"]
    assert days == [date(2021, 6, 1), date(2021, 9, 1)]


def test_the_same_thing_said_twice_is_one_row_with_the_earlier_day(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = Anomaly("sequence_reused", "case:1", "e-1")
    late, soon = (Alert("title_expires", "title:rqth", "e-2", date(2021, month, 1)) for month in (9, 6))
    monkeypatch.setattr(alert, "anomalies", lambda _: iter([twice, twice]))
    monkeypatch.setattr(alert, "alerts", lambda _: iter([late, soon, late]))

    assert list(MODEL.rows(pathway())) == [
        ("anomaly", "sequence_reused", "case:1", "e-1", None, "e-1", None),
        ("alert", "title_expires", "title:rqth", "e-2", date(2021, 6, 1), "e-2", None),
    ]


def test_every_part_of_a_pathway_that_can_show_an_anomaly_is_watched() -> None:
    bookkeeping = {"first", "last", "events", "erasures"}

    assert set(MODEL.parts) == set(Pathway.__struct_fields__) - bookkeeping
