"""A pathway whose accompaniment has ended, over HTTP: today, on a day before, as known on a day, and taken up again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from hub.domain.events.case import CaseClosed, CaseReopened
from hub.domain.events.placement import FollowUpRecorded, FollowUpStarted
from hub.domain.events.referent import ReferentAssigned
from tests.integration.hubs import folder
from tests.integration.people import REFERENT
from tests.unit.pathway.builders import CE, FT, event, registered, voided
from tests.web.pathway_pages import Pages, pathway_pages, text_of

TRAITS: dict[str, Any] = {
    "family_name": "Zola",
    "given_name": "Ana",
    "birth_date": "1980-02-29",
    "birth_place": "69123",
}
ASSIGNED = event(ReferentAssigned, "2021-01-06", FT, adviser="A-1", role="referent", from_date="2021-01-06")
STARTED = event(FollowUpStarted, "2021-01-12", placement_id="P-1", due_on=["2021-02-01"])
DONE = event(FollowUpRecorded, "2021-02-02", placement_id="P-1", due_on="2021-02-01", state="in_post")
VOID = voided(DONE, "2021-02-10", CE)
CLOSED = (event(CaseClosed, "2021-04-02", CE, motive="other"), event(CaseClosed, "2021-04-05", FT, motive="moved"))


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    """Pages of a person whom both networks left in April; the hub heard of it, and of a void, some days later."""
    life = [registered(FT, "2021-01-04", **TRAITS), registered(CE, "2021-01-05", other=FT, **TRAITS)]
    with folder() as path, pathway_pages(path, [*life, ASSIGNED, STARTED, DONE]) as found:
        found.take(VOID, *CLOSED)
        yield found


def said(pages: Pages, below: str = "") -> str:
    return text_of(pages.read(REFERENT, below))


def test_the_top_says_that_it_has_ended_and_what_is_left(pages: Pages) -> None:
    html, text = pages.read(REFERENT), said(pages)
    assert "Accompagnement terminé depuis le 5 avril 2021, 1 échéance dépassée." in text
    assert "1 échéance reste à traiter malgré la fin" in text
    assert "motif : déménagement" in text
    assert "Dernier référent" in text
    assert "à vous" not in text
    for each in CLOSED:
        assert f"/evenements/{each.meta.event_id}" in html


def test_a_point_due_again_leads_to_what_was_done_and_to_its_void(pages: Pages) -> None:
    html = pages.read(REFERENT)
    assert "fait le 2 février 2021" in said(pages)
    assert "puis annulé le 10 février 2021" in said(pages)
    due = html[html.index('id="a-faire"') : html.index('id="en-cours"')]
    assert f"/evenements/{DONE.meta.event_id}" in due
    assert f"/evenements/{VOID.meta.event_id}" in due


def test_on_a_day_before_the_end_nothing_had_ended(pages: Pages) -> None:
    text = said(pages, "?au=2021-02-15")
    assert "Accompagnement terminé" not in text
    assert "référent France Travail depuis le 6 janvier 2021" in text
    assert "puis annulé le 10 février 2021" in text


def test_on_a_day_before_the_void_it_is_said_without_its_day(pages: Pages) -> None:
    assert "annulé depuis" in said(pages, "?au=2021-02-05")


def test_the_sheet_and_the_api_say_the_same(pages: Pages) -> None:
    sheet = said(pages, "/fiche")
    assert "Personne ne vous accompagne en ce moment." in sheet
    assert "C’était une erreur." in sheet
    answer = pages.site.api.client(REFERENT).get(f"/api/v1/pathways/{pages.person_id}").json()
    assert answer["phase"] == "closed"
    assert answer["due"][0]["undone"] == [{"event_id": DONE.meta.event_id, "void_id": VOID.meta.event_id}]


def test_what_the_hub_knew_before_it_heard_of_the_end_has_none_and_a_record_reopened_goes_on() -> None:
    life = [registered(FT, "2021-01-04", **TRAITS), registered(CE, "2021-01-05", other=FT, **TRAITS)]
    with folder() as path, pathway_pages(path, [*life, ASSIGNED, STARTED, DONE]) as pages:
        before = pages.clock.moment.date().isoformat()
        pages.clock.moment += timedelta(days=2)
        pages.take(VOID, *CLOSED)
        pages.clock.moment += timedelta(days=1)
        assert "Accompagnement terminé depuis" in said(pages)
        then = said(pages, f"?au={before}&connu={before}")
        assert "Accompagnement terminé" not in then
        assert "puis annulé" not in then
        pages.take(event(CaseReopened, pages.clock.moment.date().isoformat(), FT))
        now = said(pages)
        assert "Accompagnement terminé depuis" not in now.partition("Remonter le temps")[0]
        assert "référent France Travail" in now
