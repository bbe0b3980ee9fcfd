"""Who leads a pathway, as store, view, page and sheet tell it: the same one, on any day of any history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hub.access.leading import is_named, leading_of
from hub.audit.leading import leading
from hub.domain.events.base import Event
from hub.domain.events.case import CaseClosed, CaseReopened
from hub.domain.events.link import RecordsLinked
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.domain.pathway.leading import Leading
from hub.ledger.database import reading
from hub.projections import generations
from hub.projections.finding import find
from hub.projections.view import View
from hub.web.naming.names import UNNAMED
from hub.web.pathway.acts import Acts
from hub.web.pathway.heading import head_of
from hub.web.sheet.around import advisers
from hub.wiring import Hub
from tests.integration.hubs import a_hub, examples, take
from tests.unit.pathway.builders import CE, FT, ref, registered, voided
from tests.unit.pathway.builders import event as built

pytestmark = pytest.mark.usefixtures("engine")

MAIN = "Cette personne est votre conseiller principal."
FIRST = date(2021, 1, 4)
ADVISERS = tuple((network, adviser) for network in (FRANCE_TRAVAIL, CAP_EMPLOI) for adviser in ("A-1", "A-2", "A-9"))
DAYS = st.integers(1, 20).map(lambda number: FIRST + timedelta(days=number))


def named(day: date, since: date, case: CaseKey, adviser: str, role: str) -> Event:
    return built(ReferentAssigned, day.isoformat(), case, adviser=adviser, role=role, from_date=since)


def turned(kind: type[CaseClosed | CaseReopened], day: date, case: CaseKey) -> Event:
    fields: dict[str, Any] = {"motive": "other"}
    return built(kind, day.isoformat(), case, **fields)


def histories() -> st.SearchStrategy[list[Event]]:
    """Give a person of both networks, whose referents are named for days before and after, and whose records close."""
    cases = st.sampled_from((FT, CE))
    roles = st.sampled_from(("referent", "referent", "referent", "co_referent"))
    naming = st.builds(named, DAYS, DAYS, cases, st.sampled_from(("A-1", "A-2")), roles)
    turning = st.builds(turned, st.sampled_from((CaseClosed, CaseReopened)), DAYS, cases)
    link = built(RecordsLinked, FIRST.isoformat(), left=ref(FT), right=ref(CE), evidence="adviser_review")
    begun = [registered(FT, FIRST.isoformat()), registered(CE, FIRST.isoformat()), link]

    def with_voids(told: list[Event]) -> st.SearchStrategy[list[Event]]:
        some = st.lists(st.sampled_from(told), max_size=1) if told else st.just([])
        return some.map(lambda out: [*begun, *told, *(voided(each, "2021-03-01") for each in out)])

    return st.lists(st.one_of(naming, naming, turning), max_size=7).flatmap(with_voids)


def stored(hub: Hub, day: date) -> tuple[View, Leading, set[tuple[str, str]]]:
    """Give the view, who leads as the store says, and of whom it says that they are the one named."""
    with reading(hub.store) as connection:
        tables = generations.live(connection)
        found = find(connection, tables, "/".join(FT))
        assert found.pathway_no is not None
        number = tables.models["pathway"].c.pathway_no
        told = leading_of(connection, tables, [found.pathway_no, -1], day)
        assert told.pop(-1) == Leading()
        told_of = {
            who
            for who in ADVISERS
            if connection.scalar(select(number).where(number == found.pathway_no, is_named(tables, number, *who, day)))
        }
        return hub.viewer.view(connection, tables, found), told[found.pathway_no], told_of


def on_screen(view: View, day: date) -> Iterator[str]:
    """Give whom the page names as the referent of the day."""
    head = head_of(view, Acts(view.timeline), day)
    assert head is not None
    if head.referent is not None and head.referent.term == "Référent":
        yield head.referent.value.partition(",")[0]


def test_on_any_day_of_any_history_store_view_page_and_sheet_name_the_same_referent_or_none(engine: str) -> None:
    @examples(engine)
    @given(histories(), DAYS)
    def holds_of(history: list[Event], day: date) -> None:
        with a_hub() as hub:
            take(hub, history)
            view, told, named_then = stored(hub, day)

        assert told == leading(view, day)
        last = told.referent or told.last
        assert named_then == ({(last.network, last.adviser)} if last else set())
        own = [told.referent.adviser] if told.referent else []
        assert list(on_screen(view, day)) == own
        assert [each.number for each in advisers(view, day, UNNAMED) if each.does == MAIN] == own

    holds_of()


def test_at_midnight_the_next_referent_leads_without_any_event() -> None:
    with a_hub() as hub:
        start = FIRST + timedelta(days=28)
        take(
            hub,
            [
                registered(FT, FIRST.isoformat()),
                named(FIRST, FIRST, FT, "A-1", "referent"),
                named(FIRST + timedelta(days=1), start, FT, "A-2", "referent"),
            ],
        )
        for day, adviser, following in ((start - timedelta(days=1), "A-1", "A-2"), (start, "A-2", None)):
            view, told, named_then = stored(hub, day)
            assert (told.adviser, told.following and told.following.adviser) == (adviser, following)
            assert named_then == {(FRANCE_TRAVAIL, adviser)}
            assert list(on_screen(view, day)) == [adviser]
