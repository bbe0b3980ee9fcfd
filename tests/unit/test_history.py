"""A pathway's history: what each event changed, in the order of effect and in that of acceptance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.audit.history import Accepted, Order, Step, arranged, steps
from hub.domain.events.base import Decision, Event
from hub.domain.events.case import CaseUpdated
from hub.domain.events.correction import ContradictionSettled, EventVoided
from hub.domain.events.delegation import DelegationAccepted, DelegationProposed
from hub.domain.events.link import PairDecision, RecordsLinked
from hub.domain.events.referent import ReferentAssigned
from hub.domain.events.title import DisabilityTitleRecorded
from hub.domain.order import order_key
from hub.domain.pathway.pathway import fold
from hub.projections.models import PERSON_MODELS
from hub.projections.readmodel import names
from hub.projections.view import TableRow, as_dict, of_state
from tests import strategies
from tests.integration.hubs import EXAMPLES, renumbered
from tests.integration.people import a_life, erased
from tests.unit.pathway.builders import CE, FT, event, moment, ref, registered, voided

ORDERS: tuple[Order, ...] = ("effect", "acceptance")
_WHO = ("CaseRegistered", "CaseUpdated", "EventVoided", "ContradictionSettled", "DelegationProposed", "Placed")


@st.composite
def lives(draw: st.DrawFn) -> list[Event]:
    """Give events of one pathway of two case records, in the order in which the hub takes them in."""
    cases = st.sampled_from((FT, CE))
    one = st.one_of(
        strategies.events(among=strategies.CASE_TYPES, cases=cases), strategies.events(among=_WHO, cases=cases)
    )
    drawn = draw(st.lists(one, min_size=1, max_size=20))
    numbered = [renumbered(each, number, draw(st.integers(0, len(drawn)))) for number, each in enumerate(drawn)]
    return [each for each in numbered if not isinstance(each, PairDecision)]


def accepted(events: Iterable[Event]) -> list[Accepted]:
    """Take events in, a second after each other."""
    start = moment("2021-06-01")
    return [Accepted(each, start + timedelta(seconds=place), place + 1) for place, each in enumerate(events)]


def history(events: Iterable[Event], order: Order, **options: Any) -> list[Step]:
    """Give the steps of a history."""
    return list(steps(arranged(accepted(events), order), order, **options))


def keyed(tables: dict[str, list[TableRow]]) -> dict[str, dict[Any, TableRow]]:
    """Index rows by their keys."""
    keys = {model.name: names(model.key) for model in PERSON_MODELS}
    return {name: {tuple(row[key] for key in keys[name]): row for row in rows} for name, rows in tables.items()}


def applied(found: Sequence[Step]) -> dict[str, dict[Any, TableRow]]:
    """Make the tables from nothing but the changes."""
    tables: dict[str, dict[Any, TableRow]] = {model.name: {} for model in PERSON_MODELS}
    keys = {model.name: names(model.key) for model in PERSON_MODELS}
    for step in found:
        changes = [(each.model, each.before, each.after) for each in step.changes]
        changes += [("alert", None, row) for row in step.raised] + [("alert", row, None) for row in step.cleared]
        for model, before, after in changes:
            row = after or before or {}
            key = tuple(row[name] for name in keys[model])
            if after is None:
                del tables[model][key]
            else:
                tables[model][key] = after
    return tables


def tables_of(events: Iterable[Event]) -> dict[str, dict[Any, TableRow]]:
    """Lay out the rows of all events at once."""
    return keyed(dict(of_state(fold(sorted(events, key=order_key)), (), [], []).tables))


@pytest.mark.parametrize("order", ORDERS)
@settings(max_examples=EXAMPLES)
@given(events=lives())
def test_all_changes_together_are_the_pathway_as_it_is(order: Order, events: list[Event]) -> None:
    assert applied(history(events, order)) == tables_of(events)


@settings(max_examples=EXAMPLES)
@given(events=lives())
def test_each_step_of_acceptance_is_the_pathway_as_it_was_known_then(events: list[Event]) -> None:
    found = history(events, "acceptance")
    for place in range(len(events)):
        assert applied(found[: place + 1]) == tables_of(events[: place + 1])


@settings(max_examples=EXAMPLES)
@given(events=lives())
def test_each_step_of_effect_is_the_pathway_as_of_then(events: list[Event]) -> None:
    """Voids and decisions act whenever they were known, so the moments after the last of them are compared."""
    ordered = sorted(events, key=order_key)
    found = history(events, "effect")
    for place in range(len(ordered)):
        rest = ordered[place + 1 :]
        if not any(isinstance(each, Decision | EventVoided) for each in rest):
            assert applied(found[: place + 1]) == tables_of(ordered[: place + 1])


@pytest.mark.parametrize("order", ORDERS)
@settings(max_examples=EXAMPLES)
@given(events=lives(), start=st.integers(0, 20), length=st.integers(0, 5))
def test_a_page_of_a_history_is_a_part_of_it(order: Order, events: list[Event], start: int, length: int) -> None:
    whole = history(events, order)
    assert history(events, order, start=start, stop=start + length) == whole[start : start + length]


def step_of(found: Sequence[Step], of: Event) -> Step:
    """Find the step of an event."""
    return next(each for each in found if each.accepted.event == of)


def proposed() -> DelegationProposed:
    return event(DelegationProposed, "2021-03-01", FT, delegation_id="D-1", ground="compensation", planned_end=None)


def answered() -> DelegationAccepted:
    return event(DelegationAccepted, "2021-03-05", CE, delegation_id="D-1", motive=None)


def test_a_change_says_what_a_column_said_before_and_after() -> None:
    told, answer = proposed(), answered()
    step = step_of(history([registered(), told, answer], "effect"), answer)
    (change,) = [each for each in step.changes if each.model == "delegation"]
    assert (change.kind, change.name) == ("changed", "delegation:D-1")
    assert ("status", "proposed", "active") in change.columns()
    assert [row["rule"] for row in step.cleared] == ["delegation_awaits_answer"]
    assert step.pathway is not None
    assert step.pathway["phase"] == "accompaniment"


def test_an_anomaly_is_raised_by_the_event_that_shows_it_and_cleared_by_the_missing_one_as_the_hub_learned_it() -> None:
    told, answer = proposed(), answered()
    found = history([registered(), answer, told], "acceptance")
    assert "delegation_without_proposal" in [row["rule"] for row in step_of(found, answer).raised]
    assert "delegation_without_proposal" in [row["rule"] for row in step_of(found, told).cleared]
    assert step_of(history([registered(), answer, told], "effect"), answer).raised == []


def test_a_void_takes_back_what_its_event_had_set_in_the_order_of_acceptance_alone() -> None:
    named = event(ReferentAssigned, "2021-02-01", FT, adviser="A-9", role="referent", from_date="2021-02-01")
    void = voided(named)
    events = [registered(), named, void]
    learned, effect = history(events, "acceptance"), history(events, "effect")
    assert [(each.model, each.kind) for each in step_of(learned, void).changes if each.model == "referent"] == [
        ("referent", "removed")
    ]
    for each in effect:
        assert "referent" not in {change.model for change in each.changes}


def test_a_settlement_changes_at_its_turn_what_is_shown() -> None:
    one = registered(FT, "2021-01-04", family_name="Zola")
    other = registered(CE, "2021-01-05", family_name="Solaz")
    settled = event(
        ContradictionSettled, "2021-02-01", FT, fact="family_name", kept_network="france_travail", reason="pièce"
    )
    found = history([one, other, settled], "effect")
    assert "contradiction" in {change.model for change in step_of(found, other).changes}
    changes = {change.model: change for change in step_of(found, settled).changes}
    assert changes["contradiction"].kind == "removed"
    assert ("family_name", "Solaz", "Zola") in changes["pathway"].columns()


def test_what_is_said_again_changes_no_column() -> None:
    said: dict[str, Any] = {"title": "rqth", "valid_from": "2021-01-01", "valid_to": None}
    first, again = (event(DisabilityTitleRecorded, day, FT, **said) for day in ("2021-02-01", "2021-03-01"))
    step = step_of(history([registered(), first, again], "effect"), again)
    (change,) = [each for each in step.changes if each.model == "title"]
    assert (change.kind, change.columns()) == ("changed", [])


def test_a_decision_about_case_records_sets_the_links() -> None:
    decision = event(
        RecordsLinked, "2021-03-01", left=ref(FT), right=ref(CE), evidence="identity_document", comment=None
    )
    row = {"left_case": "a", "right_case": "b", "rule": "decision", "status": "linked", "skipped_because": None}
    links: list[TableRow] = [{**row, "event_id": decision.meta.event_id, "events": {}}]
    for order in ORDERS:
        step = step_of(history([registered(), decision], order, links=links), decision)
        assert [(each.model, each.kind) for each in step.changes] == [("link", "added")]


@pytest.mark.parametrize("order", ORDERS)
def test_of_an_erased_person_the_last_step_is_what_is_left(order: Order) -> None:
    erasure = erased(FT, "2021-05-01")
    live = fold([*sorted(a_life(), key=order_key), erasure])
    end = of_state(live, (), [], []).tables
    found = history([erasure], order, end=end)
    assert applied(found) == keyed(dict(end))
    assert [change.model for change in found[-1].changes] == ["pathway"]


def test_rows_are_named_as_in_views() -> None:
    update = event(CaseUpdated, "2021-02-01", FT, traits=None, contact={"email": "a@b.fr"}, other_case=None)
    change = next(
        each for each in step_of(history([registered(), update], "effect"), update).changes if each.model == "claim"
    )
    model = next(each for each in PERSON_MODELS if each.name == "claim")
    state = fold(sorted([registered(), update], key=order_key))
    assert change.after in [as_dict(model, row) for row in model.rows(state)]
