"""The replay page: each event with what it changed, for auditors, in either order, without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from hub.domain.access import Reader
from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.base import Event
from hub.domain.events.case import CaseUpdated
from hub.ledger.accessqueries import entries
from hub.ledger.database import reading
from tests.integration.hubs import SteppingClock, take
from tests.integration.people import AUDITOR, DPO, HEALTH, LEAD, MANAGER, NOBODY, NOW, REFERENT, a_life, erased
from tests.unit.pathway.builders import CE, FT, event, moment, registered, voided
from tests.web.sites import Site, a_site

MANY = FT._replace(local_id="11111111111")
GONE = FT._replace(local_id="22222222222")
HOSTILE = '<script>alert("x")</script>שלום"'
PLACEHOLDERS = ("france_travail", "cap_emploi", "DelegationProposed", "delegation_id", "france-travail", "None", "{{")


def many() -> list[Event]:
    """Give 300 appointments in a month."""
    return [
        registered(MANY, "2021-01-04", family_name=HOSTILE, given_name="Zoé"),
        *(
            event(
                AppointmentRecorded,
                f"2021-03-{1 + number % 30:02}",
                MANY,
                appointment_id=f"R-{number}",
                starts_at=moment(f"2021-04-{1 + number % 30:02}T10:00:00Z"),
                status="planned",
                mode="phone",
                place="agency",
            )
            for number in range(300)
        ),
    ]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    clock = SteppingClock(moment("2021-03-02T08:00:00Z"))
    life, crowd = a_life(), many()
    gone = [registered(GONE, "2021-01-04", family_name="Hugo"), erased(GONE, "2021-02-01")]
    said = event(CaseUpdated, "2021-01-20", CE, traits={"family_name": "Solaz"}, contact=None, other_case=None)
    free: dict[str, Any] = {"volume_other_slow_per_hour": 10_000, "volume_other_stop_per_day": 10_000}
    with a_site(tmp_path_factory.mktemp("replay"), clock=clock, **free) as running:
        take(running.hub, [*life, *crowd, *gone])
        clock.moment = moment("2021-04-01T08:00:00Z")
        take(running.hub, [said, voided(life[2], "2021-04-01")])
        clock.moment = moment(NOW)
        PEOPLE.update(own=life[0].meta.event_id, many=crowd[0].meta.event_id, gone=gone[0].meta.event_id)
        yield running


PEOPLE: dict[str, str] = {}


def get(site: Site, reader: Reader = AUDITOR, who: str = "own", **params: Any) -> httpx2.Response:
    """Ask for the page."""
    return site.client(reader).get(f"/parcours/{PEOPLE.get(who, who)}/rejeu", params=params)


def step_of(site: Site, label: str, reader: Reader = AUDITOR, **params: Any) -> str:
    """Find the step of an event by its label in the list of all, and give its page."""
    listed = get(site, reader, **params).text
    found = re.search(rf'pas=(\d+)"><bdi>{label}</bdi>', listed)
    assert found, label
    return get(site, reader, pas=found[1], **params).text


def test_a_step_says_what_its_event_changed(site: Site) -> None:
    page = step_of(site, "Délégation acceptée")
    assert re.search(r"<del>.*?proposée.*?</del>.*?<ins>.*?en cours.*?</ins>", page, re.DOTALL)
    assert "Délégation D-12" in page
    assert re.search(r"levé.*?Délégation proposée en attente de réponse", page, re.DOTALL)
    assert "sceau vérifié" in page


def test_no_code_of_the_program_stands_on_any_step(site: Site) -> None:
    total = int(re.search(r"Étape 1 sur (\d+)", get(site).text)[1])  # type: ignore[index]
    for order in ("effet", "arrivee"):
        for number in range(1, total + 1):
            page = get(site, pas=number, ordre=order).text
            text = re.sub(r"<[^>]*>", " ", page)
            assert [word for word in PLACEHOLDERS if word in text] == [], (number, order)
            assert re.search(r"\b[a-z]+_[a-z_]+\b", text.replace("zz_", "")) is None, (number, order)


def test_steps_lead_on_to_each_other_and_any_number_shows_the_nearest(site: Site) -> None:
    first, last = get(site, pas=0), get(site, pas=999)
    assert "Étape précédente" not in first.text
    assert 'rel="next" href="/parcours/' in first.text
    assert "Étape suivante" not in last.text
    assert "Étape 1 sur" in first.text
    assert get(site, pas=-1).status_code == 422
    assert get(site, pas="x").status_code == 422
    assert get(site, ordre="hasard").status_code == 422


def test_a_void_takes_back_only_as_the_hub_learned_it(site: Site) -> None:
    assert "Référent" in step_of(site, "Événement annulé", ordre="arrivee").partition("Ce qu’il a changé")[2]
    assert "Rien de ce que montre le parcours." in step_of(site, "Événement annulé", ordre="effet")
    assert "Cet événement a été annulé" in step_of(site, "Référent désigné", ordre="effet")


@pytest.mark.parametrize("order", ["effet", "arrivee"])
def test_an_auditor_without_a_reason_sees_no_health_data_on_any_step(site: Site, order: str) -> None:
    total = int(re.search(r"Étape 1 sur (\d+)", get(site).text)[1])  # type: ignore[index]
    for number in range(1, total + 1):
        page = get(site, pas=number, ordre=order).text
        assert [word for word in HEALTH if word in page] == []
    assert "ne vous est pas montré" in step_of(site, "Titre BOE enregistré")


def test_three_hundred_events_are_listed_page_by_page_and_hostile_names_are_shown_as_text(site: Site) -> None:
    page = get(site, who="many", pas=150)
    assert "Étape 150 sur 301" in page.text
    assert len(page.content) < 45_000
    assert "<script>alert" not in page.text
    assert "&lt;SCRIPT&gt;" in page.text
    assert page.text.count("<li value=") == 25
    assert "pas=151" in page.text


def test_of_an_erased_person_only_the_erasure_is_replayed(site: Site) -> None:
    page = get(site, who="gone").text
    assert "Personne effacée" in page
    assert "Étape 1 sur 1" in page
    assert "Hugo" not in page.title()
    assert "ne change rien" not in page


@pytest.mark.parametrize("reader", [REFERENT, LEAD, MANAGER])
def test_who_does_not_watch_over_reading_does_not_replay(site: Site, reader: Reader) -> None:
    assert get(site, reader).status_code == 403


def test_an_officer_replays_for_a_stated_reason_and_nobody_learns_who_is_here(site: Site) -> None:
    answers = [get(site, DPO, who) for who in ("own", NOBODY)]
    assert [each.status_code for each in answers] == [403, 403]
    bodies = [re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|<code>[0-9a-f]+</code>", "", each.text) for each in answers]
    assert bodies[0] == bodies[1]
    reason = {"code": "data_request", "text": "La personne demande ses données."}
    site.api.client(DPO).post(f"/api/v1/pathways/{PEOPLE['own']}/reasons", json=reason)
    assert "zz_title" in step_of(site, "Titre BOE enregistré", DPO)


def test_each_page_is_an_entry_of_the_access_log(site: Site) -> None:
    get(site)
    with reading(site.hub.store) as connection:
        (last,) = entries(connection, reader_id=AUDITOR.reader_id, limit=1)
    assert (last.through, last.kind, last.outcome) == ("GET /parcours/{person_id}/rejeu", "read", "shown")
    assert {row.ground for row in last.people} == {"audit"}
