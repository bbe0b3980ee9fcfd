"""What the sources' bookkeeping shows: sequences, clocks and codes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.base import UNNUMBERED_FROM, CodeList, Event
from hub.domain.events.case import CaseClosed, CaseUpdated
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.events.correction import ContradictionSettled, EventVoided
from hub.domain.events.diagnosis import DiagnosisCompleted
from hub.domain.events.plan import ActionPlanAgreed
from hub.domain.ids import CaseKey
from hub.domain.pathway import source
from hub.domain.pathway.leg import case_text
from hub.domain.pathway.pathway import Pathway, anomalies
from hub.domain.pathway.source import Run, Source
from tests.unit.pathway.builders import CE, FT, arriving, event, moment, pathway, registered, rules, voided


def update(sequence: int, at: str = "2021-03-01", case: CaseKey = FT) -> CaseUpdated:
    return event(CaseUpdated, at, case, sequence=sequence, category="1")


def about(state: Pathway, rule: str) -> list[tuple[str, str]]:
    return [(found.about, found.event_id) for found in anomalies(state) if found.rule == rule]


def gaps_of(sequences: list[int]) -> list[tuple[int, int]]:
    return [(low + 1, high - 1) for low, high in pairwise(sorted(set(sequences))) if high > low + 1]


def test_a_gap_in_a_sequence_is_an_anomaly_until_the_missing_events_arrive() -> None:
    seen = [update(3), update(4), update(7)]

    assert about(pathway(*seen), "sequence_gap") == [(f"case:{case_text(FT)}#5-6", seen[2].meta.event_id)]
    assert about(arriving([seen, [update(6)], [update(5)]]), "sequence_gap") == []


def test_a_source_that_begins_before_the_hub_has_no_gap() -> None:
    assert about(pathway(update(40), update(41)), "sequence_gap") == []


def test_each_case_has_its_own_sequence() -> None:
    state = pathway(update(1), update(2), update(7, case=CE), update(8, case=CE))

    assert about(state, "sequence_gap") == []
    assert about(state, "sequence_reused") == []


def test_a_sequence_number_used_again_is_an_anomaly_of_the_later_event() -> None:
    first, again = update(2, "2021-03-01"), update(2, "2021-04-05")

    state = pathway(update(1), again, first, update(3))

    assert about(state, "sequence_reused") == [(f"case:{case_text(FT)}#2", again.meta.event_id)]


def test_a_voided_event_keeps_its_place_in_the_sequence() -> None:
    wrong = update(2)
    void = event(EventVoided, sequence=3, voided_event_id=wrong.meta.event_id, reason="entry_error")

    assert about(pathway(update(1), wrong, void), "sequence_gap") == []


def test_a_decision_has_no_place_in_a_sequence() -> None:
    decision = event(ContradictionSettled, fact="phone", kept_network="cap_emploi", reason="Vérifié", sequence=9)
    only = update(1)

    assert pathway(only, decision).source.runs == {case_text(FT): (Run(1, 1, only.meta.event_id),)}


@given(st.lists(st.integers(1, 30), max_size=25))
def test_gaps_and_reuse_are_exactly_those_of_the_numbers_seen(sequences: list[int]) -> None:
    state = source.follow(Source(), map(update, sequences))

    found = list(source.anomalies(state))
    expected = {f"case:{case_text(FT)}#{low}-{high}" for low, high in gaps_of(sequences)}
    assert {one.about for one in found if one.rule == "sequence_gap"} == expected
    assert sum(one.rule == "sequence_reused" for one in found) == len(sequences) - len(set(sequences))


@pytest.mark.parametrize(
    ("occurred_at", "expected"), [("2021-03-02T00:00:01", 1), ("2021-03-02T00:00:00", 0), ("2021-02-01", 0)]
)
def test_a_clock_more_than_a_day_ahead_is_an_anomaly(occurred_at: str, expected: int) -> None:
    ahead = event(CaseUpdated, occurred_at, recorded_at="2021-03-01")

    assert (
        about(pathway(ahead), "clock_in_future") == [(f"event:{ahead.meta.event_id}", ahead.meta.event_id)] * expected
    )


def test_an_appointment_may_be_dated_by_its_day() -> None:
    planned = event(
        AppointmentRecorded,
        "2021-04-05",
        recorded_at="2021-03-01",
        appointment_id="R-1",
        starts_at=moment("2021-04-05"),
        status="planned",
        mode="phone",
        place="agency",
    )

    assert about(pathway(planned), "clock_in_future") == []


def test_a_code_outside_its_list_is_an_anomaly_wherever_it_stands() -> None:
    alone = event(CaseClosed, "2021-03-01", motive="abducted")
    listed = event(DiagnosisCompleted, "2021-03-02", themes=["project", "magic"])
    nested = event(
        ActionPlanAgreed,
        "2021-03-03",
        plan_version=1,
        actions=[{"action_id": "A-1", "theme": "levitation", "title": "Atelier", "owner": "cap_emploi"}],
    )

    assert about(pathway(alone, listed, nested), "unknown_code") == [
        ("code:closing_motive=abducted", alone.meta.event_id),
        ("code:theme=magic", listed.meta.event_id),
        ("code:theme=levitation", nested.meta.event_id),
    ]


def test_known_and_absent_codes_are_no_anomaly() -> None:
    assert about(pathway(event(CaseUpdated, category=None, availability="training")), "unknown_code") == []


def test_a_voided_events_clock_and_codes_no_longer_count() -> None:
    wrong = event(CaseClosed, "2022-03-01", recorded_at="2021-03-01", motive="abducted")

    state = arriving([[wrong], [voided(wrong)]])

    assert (about(state, "unknown_code"), about(state, "clock_in_future")) == ([], [])


def marks(annotation: Any) -> Iterator[str]:
    """Find every code list marked anywhere in a type, by a walk of its own."""
    if isinstance(annotation, CodeList):
        yield annotation.name
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for field in annotation.model_fields.values():
            yield from (mark.name for mark in field.metadata if isinstance(mark, CodeList))
            yield from marks(field.annotation)
    else:
        for part in get_args(annotation):
            yield from marks(part)


@pytest.mark.parametrize("kind", EVENT_TYPES.values(), ids=lambda kind: kind.__name__)
def test_every_marked_field_of_the_catalogue_is_checked(kind: type[Event]) -> None:
    plain, listed = source.coded_fields(kind)

    assert sorted([mark[1] for mark in plain] + [mark[2] for mark in listed]) == sorted(marks(kind))


def test_a_source_that_numbers_nothing_has_neither_gaps_nor_reuse() -> None:
    first = registered(FT)
    later = [
        event(CaseUpdated, f"2021-0{month}-01", FT, sequence=UNNUMBERED_FROM + number)
        for month, number in ((1, 7), (2, 90), (3, 90))
    ]

    assert rules(pathway(first, *later)) == []
