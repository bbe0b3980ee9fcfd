"""The page of one event about a person, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.case import CaseUpdated
from hub.domain.events.expertise import ExpertiseDelivered
from tests.integration.hubs import folder
from tests.integration.people import AUDITOR, NOBODY, REFERENT, a_life, erased
from tests.unit.pathway.builders import CE, FT, event, registered, voided
from tests.web.pathway_pages import Pages, main_of, pathway_pages, text_of

MEETING = event(
    AppointmentRecorded,
    "2021-02-03",
    FT,
    appointment_id="R-1",
    starts_at="2021-02-03T10:00:00+01:00",
    status="held",
    mode="phone",
    place="remote",
)
VOID = voided(MEETING, "2021-02-04")
STRAY = event(ExpertiseDelivered, "2021-02-05", CE, request_id="E-9", summary="Sans demande.")
LINKED = event(CaseUpdated, "2021-02-06", FT, availability="immediate")
CAUSED = LINKED.model_copy(
    update={
        "meta": LINKED.meta.model_copy(
            update={"causation_id": STRAY.meta.event_id, "correlation_id": "0fffffff-0000-7000-8000-00000000aaaa"}
        )
    }
)


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with folder() as path, pathway_pages(path, [*a_life(), MEETING, VOID, STRAY, CAUSED]) as found:
        yield found


def shown(pages: Pages, event_id: str) -> str:
    return text_of(main_of(pages.read(REFERENT, f"/evenements/{event_id}")))


def test_an_event_says_who_when_where_and_what(pages: Pages) -> None:
    said = shown(pages, MEETING.meta.event_id)

    assert said.count("Rendez-vous") >= 1
    for text in ("France Travail", "A-1", "69244", "3 février 2021 à 10 h 00", "honoré", "téléphone", "à distance"):
        assert text in said, text
    assert "Accepté par le hub le 2 mars 2021" in said
    assert "Position au registre" in said


def test_a_voided_event_and_its_void_lead_to_each_other(pages: Pages) -> None:
    html = pages.read(REFERENT, f"/evenements/{MEETING.meta.event_id}")
    assert "Cet événement a été annulé" in html
    assert VOID.meta.event_id in html
    html = pages.read(REFERENT, f"/evenements/{VOID.meta.event_id}")
    assert MEETING.meta.event_id in html
    assert "Annule : Rendez-vous" in text_of(html)


def test_an_anomaly_stands_with_its_event_and_says_what_ends_it(pages: Pages) -> None:
    said = shown(pages, STRAY.meta.event_id)

    assert "Appui sans demande" in said
    assert "Disparaît quand la demande d’appui arrive" in said
    whole = text_of(main_of(pages.read(REFERENT)))
    assert re.search(r"\d+ anomalies? ", whole)
    assert "Disparaît quand la demande d’appui arrive" in whole
    for told in (said, whole):
        assert "· à vous" in told
        assert "à saisir dans votre logiciel de France Travail" in told
    paths = ("", f"/evenements/{STRAY.meta.event_id}")
    for path in paths:
        assert '<span class="h-by-me">à vous</span>' in pages.read(REFERENT, path)
        assert "h-by-me" not in main_of(pages.read(AUDITOR, path))
    assert "à saisir dans votre logiciel" not in text_of(main_of(pages.read(AUDITOR)))
    where = f'href="/parcours/{pages.person_id}?liste=appuis#appuis"'
    assert where in pages.read(REFERENT, f"/evenements/{STRAY.meta.event_id}")


def test_what_caused_an_event_is_linked_only_within_the_pathway(pages: Pages) -> None:
    html = pages.read(REFERENT, f"/evenements/{CAUSED.meta.event_id}")

    assert f"/evenements/{STRAY.meta.event_id}" in html
    assert "Lié à : un événement qui n’est pas dans ce parcours" in text_of(html)
    assert "aaaa" in html.partition("<pre")[2]
    assert "/evenements/0fffffff" not in html


def test_what_it_still_sets_can_be_asked_about(pages: Pages) -> None:
    html = pages.read(REFERENT, f"/evenements/{pages.event('DelegationProposed')}")

    assert 'name="fait" value="delegation:D-12.ground"' in html
    assert f'action="/parcours/{pages.person_id}/pourquoi"' in html


def test_an_event_of_somebody_else_is_none_of_this_person(pages: Pages) -> None:
    for event_id in (pages.stranger_id, NOBODY):
        assert pages.get(REFERENT, f"/evenements/{event_id}").status_code == 404


def test_every_event_of_a_life_has_its_page_in_french(pages: Pages) -> None:
    for each in pages.life:
        html = pages.read(REFERENT, f"/evenements/{each.meta.event_id}")
        assert "autre champ" not in html, type(each).__name__
        assert type(each).__name__ not in text_of(html)


def test_of_an_erased_person_only_the_erasure_is_left() -> None:
    life = [registered(FT, "2021-01-04", family_name="Zola", given_name="Ana", birth_date="1980-02-29")]
    gone = erased(FT, "2021-02-01")
    with folder() as path, pathway_pages(path, [*life, gone]) as pages:
        for below in ("", "?au=2021-01-10", "?liste=tout"):
            html = pages.read(AUDITOR, below, gone.meta.event_id)
            assert "Personne effacée" in html
            assert "Demande de la personne" in text_of(html)
            assert "ZOLA" not in html.upper()
            assert FT.local_id not in html
        told = pages.read(AUDITOR, f"/evenements/{gone.meta.event_id}", gone.meta.event_id)
        assert "Données de la personne effacées" in told
        assert FT.local_id not in told
        assert pages.get(AUDITOR, f"/evenements/{life[0].meta.event_id}", gone.meta.event_id).status_code == 404
