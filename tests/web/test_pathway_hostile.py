"""The pathway page with what nobody expects: names with markup, long and mirrored texts, much and nothing at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.base import Event
from hub.domain.events.compensation import CompensationNeedIdentified
from hub.domain.events.delegation import DelegationProposed
from hub.domain.events.diagnosis import DiagnosisCompleted
from hub.domain.events.expertise import ExpertiseRequested
from hub.domain.events.placement import FollowUpStarted, Placed
from hub.domain.events.referent import ReferentAssigned
from tests.integration.hubs import folder
from tests.integration.people import AUDITOR, REFERENT
from tests.unit.pathway.builders import CE, EMPLOYER, FT, event, registered
from tests.web.pathway_pages import Pages, main_of, pathway_pages, text_of

MARKUP = "<script>alert(1)</script>\"'&amp;{{7*7}}"
MIRRORED = "שָׁלוֹם מַרְיָם"
LONG = "L" * 200
EMOJI = "👩🏽‍🦽 Zoé"


def referent(at: str = "2021-01-06") -> Event:
    return event(ReferentAssigned, at, FT, adviser="A-1", role="referent", from_date=at)


def hostile() -> list[Event]:
    need: dict[str, Any] = {"need_id": "N-1", "phase": "diagnosis", "description": f"{MARKUP} {'é' * 3_900}"}
    return [
        registered(FT, "2021-01-04", family_name=MARKUP, given_name=EMOJI, birth_date="1980-02-29", birth_name=LONG),
        registered(CE, "2021-01-05", other=FT, family_name=MIRRORED, given_name=LONG, birth_date="1980-02-29"),
        referent(),
        event(CompensationNeedIdentified, "2021-01-19", CE, rome=None, siret=None, **need),
        event(DiagnosisCompleted, "2021-01-20", FT, themes=[], needs=MIRRORED, constraints=EMOJI),
        event(DelegationProposed, "2021-01-21", FT, delegation_id="D-1", ground=None, planned_end=None),
        event(
            ExpertiseRequested,
            "2021-01-22",
            FT,
            request_id="E-1",
            topic="unheard_of",
            key_moment=None,
            ground=None,
            partner=MARKUP,
        ),
    ]


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with folder() as path, pathway_pages(path, hostile()) as found:
        yield found


@pytest.mark.parametrize("below", ["", "?liste=tout", "?au=2021-01-20"])
def test_hostile_texts_are_shown_as_they_are_and_run_nothing(pages: Pages, below: str) -> None:
    html = main_of(pages.read(REFERENT, below))

    assert "<script>alert" not in html
    assert "{{7*7}}" in html
    assert MIRRORED.upper() in html or MIRRORED in html
    assert MARKUP.upper() in text_of(html) or MARKUP in text_of(html)


def test_a_long_text_is_cut_and_read_whole_on_its_event(pages: Pages) -> None:
    html = pages.read(REFERENT, "?liste=besoins")
    assert "Lire tout le texte" in html
    assert html.count("é" * 401) == 0
    whole = pages.read(REFERENT, f"/evenements/{pages.event('CompensationNeedIdentified')}")
    assert "é" * 3_900 in whole
    assert "<script>alert" not in whole


def test_the_form_of_a_hostile_claim_can_be_sent(pages: Pages) -> None:
    html = pages.read(REFERENT)
    mark = re.search(r'name="fait" value="family_name"><input type="hidden" name="vu" value="([0-9a-f]+)"', html)
    assert mark is not None
    refused = pages.settle(REFERENT, fait="family_name", vu=mark[1], raison=f'"><script>{"x" * 3_000}')
    assert refused.status_code == 422
    assert "<script>x" not in refused.text
    assert "x" * 3_000 in refused.text


@pytest.fixture(scope="module")
def busy() -> Iterator[Pages]:
    """A person followed for thirty years, with three hundred appointments in one month and sixty checkpoints."""
    start = datetime(2021, 1, 1, 8, tzinfo=UTC)
    met = [
        event(
            AppointmentRecorded,
            (start + timedelta(hours=2 * number)).isoformat(),
            FT,
            appointment_id=f"R-{number}",
            starts_at=start + timedelta(hours=2 * number),
            status="held",
            mode="phone",
            place="remote",
        )
        for number in range(300)
    ]
    years = [referent(f"{year}-03-01") for year in range(1991, 2021)]
    due = [date(2021, 3, 1) + timedelta(days=each) for each in range(60)]
    life = [
        registered(FT, "1991-01-04", family_name="Zola", given_name="Ana", birth_date="1970-02-28"),
        registered(CE, "1991-02-04", other=FT, family_name="Zola", given_name="Ana", birth_date="1970-02-28"),
        *years,
        *met,
        event(Placed, "2021-02-01", FT, placement_id="L-1", siret=EMPLOYER, contract="cdi", starts_on="2021-02-01"),
        event(FollowUpStarted, "2021-02-02", CE, placement_id="L-1", due_on=due),
    ]
    with folder() as path, pathway_pages(path, life) as found:
        yield found


def test_much_is_paged_and_counted(busy: Pages) -> None:
    html = busy.read(REFERENT)
    assert 'Rendez-vous <span class="h-muted">(300)</span>' in html
    first, last = busy.read(REFERENT, "?liste=rendez-vous"), busy.read(REFERENT, "?liste=rendez-vous&page=6")
    assert 'id="rendez-vous-50"' in first
    assert 'id="rendez-vous-51"' not in first
    assert "Page suivante" in first
    assert 'id="rendez-vous-50"' in last
    assert "Page suivante" not in last.partition('id="rendez-vous"')[2].partition("</details>")[0]
    ids = {
        each
        for page in range(1, 7)
        for each in re.findall(r"appointment:R-\d+", busy.read(REFERENT, f"?liste=rendez-vous&page={page}"))
    }
    assert len(ids) == 300


def test_much_stays_light(busy: Pages) -> None:
    html = busy.read(REFERENT)
    frieze = html[html.index('id="frieze"') : html.index('id="details"')]

    assert len(html.encode()) - len(frieze.encode()) < 40_000
    assert "Les 48 échéances suivantes" in text_of(html)
    assert "Vous voyez le parcours au 1er mars 1991" in text_of(busy.read(REFERENT, "?rang=2"))


def test_almost_nothing_is_shown_as_such() -> None:
    life = [registered(FT, "2021-01-04"), referent()]
    with folder() as path, pathway_pages(path, life) as pages:
        shown = text_of(main_of(pages.read(REFERENT)))
        without_health = text_of(main_of(pages.read(AUDITOR)))

    assert "Aucune échéance, hors données de santé." in without_health
    assert "besoin" not in without_health.partition("En cours")[2].partition("Accompagnement")[0]
    assert "ni besoin" in shown
    assert "Identité inconnue" in shown
    assert "Aucune échéance." in shown
    assert "Rien de déclaré." in shown
    assert "Ni délégation" in shown
    for missing in ("Contradictions", "Anomalies", "Réorientations", "Besoins de compensation"):
        assert f"{missing} (" not in shown
