"""Why a fact is as it is, as a page: the value, the events, the rule, what else was claimed, what was decided."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from hub.domain.access import Reader
from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.case import CaseUpdated
from hub.domain.events.correction import ContradictionSettled
from hub.ledger.accessqueries import entries
from hub.ledger.database import reading
from tests.integration.hubs import SteppingClock, take
from tests.integration.people import AUDITOR, HEALTH, MANAGER, NOBODY, NOW, OTHER, REFERENT, a_life, erased
from tests.unit.pathway.builders import CE, FT, event, moment, registered
from tests.web.sites import FORM_TOKEN, Site, a_site

MANY, GONE = (FT._replace(local_id=f"4444444444{number}") for number in range(2))
PEOPLE: dict[str, str] = {}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    clock = SteppingClock(moment(NOW))
    life = a_life()
    gone = [registered(GONE, "2021-01-04", family_name="Hugo"), erased(GONE, "2021-02-01")]
    said = [
        event(CaseUpdated, "2021-01-20", FT, traits=None, contact={"phone": "0400000000"}, other_case=None),
        event(CaseUpdated, "2021-01-21", CE, traits=None, contact={"phone": "0499999999"}, other_case=None),
        event(CaseUpdated, "2021-01-22", CE, traits={"family_name": "<b>Solaz"}, contact=None, other_case=None),
        event(
            ContradictionSettled, "2021-02-02", FT, fact="family_name", kept_network="france_travail", reason="pièce"
        ),
    ]
    held: dict[str, Any] = {"status": "held", "mode": "phone", "place": "agency"}
    crowd = [
        registered(MANY, "2021-01-04", family_name="Balzac"),
        *(
            event(AppointmentRecorded, "2021-03-01", MANY, appointment_id=f"R-{number}", starts_at=moment(NOW), **held)
            for number in range(300)
        ),
    ]
    free: dict[str, Any] = {"volume_other_slow_per_hour": 10_000, "volume_other_stop_per_day": 10_000}
    with a_site(tmp_path_factory.mktemp("explain"), clock=clock, **free) as running:
        take(running.hub, [*life, *said, *crowd, *gone])
        PEOPLE.update(own=life[0].meta.event_id, many=crowd[0].meta.event_id, gone=gone[0].meta.event_id)
        yield running


def path(who: str = "own") -> str:
    return f"/parcours/{PEOPLE.get(who, who)}/pourquoi"


def ask(site: Site, fact: str, reader: Reader = REFERENT, who: str = "own") -> httpx2.Response:
    """Ask why a fact is as it is."""
    return site.client(reader).post(path(who), data={"jeton": FORM_TOKEN, "fait": fact})


def listed(site: Site, reader: Reader = REFERENT, who: str = "own", **params: Any) -> httpx2.Response:
    """Ask what can be asked."""
    return site.client(reader).get(path(who), params=params)


def text_of(page: str) -> str:
    """Give what can be read of a page."""
    shown = html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))).replace("\u00a0", " ")
    return re.sub(r"\bzz_\w+", "", shown)


def test_a_fact_is_explained_by_its_event_and_rule(site: Site) -> None:
    page = ask(site, "delegation:D-12.status")
    assert page.status_code == 200
    said = text_of(page.text)
    assert "Délégation D-12" in said
    assert "État en cours" in said
    assert "L’état est l’étape la plus avancée qui est connue" in said
    assert "Délégation acceptée" in said
    assert "position" in said


def test_a_contested_fact_shows_both_claims(site: Site) -> None:
    said = text_of(ask(site, "phone").text)
    assert "Les deux réseaux ne disent pas la même chose" in said
    assert "0400000000" in said
    assert "0499999999" in said


def test_a_settled_fact_shows_the_decision_and_the_claim_that_was_not_kept(site: Site) -> None:
    page = ask(site, "family_name")
    said = text_of(page.text)
    assert "retenue par un arbitrage" in said
    assert "Contradiction arbitrée" in said
    assert "<b>Solaz" in said
    assert "<b>Solaz" not in page.text


def test_a_whole_row_and_an_event_can_be_asked_for(site: Site) -> None:
    assert "Fin prévue 1er octobre 2021" in text_of(ask(site, "delegation:D-12").text)
    assert "Inscription" in text_of(ask(site, PEOPLE["own"]).text)


def test_everything_that_is_listed_can_be_asked_for(site: Site) -> None:
    first = listed(site)
    parts = [html.unescape(each) for each in re.findall(r'href="(/parcours/[^"]*pourquoi\?partie=[^"]*)"', first.text)]
    assert len(parts) > 15
    client = site.client(REFERENT)
    for part in parts:
        shown = client.get(part)
        assert shown.status_code == 200, part
        for fact in re.findall(r'name="fait" value="([^"]*)"', shown.text)[:2]:
            answer = ask(site, html.unescape(fact))
            assert answer.status_code == 200, fact
            assert re.search(r"\b[a-z]+_[a-z_]+\b", text_of(answer.text)) is None, fact
        assert re.search(r"\b[a-z]+_[a-z_]+\b", text_of(shown.text)) is None, part


def test_what_is_not_there_shows_the_list_again_and_is_recorded(site: Site) -> None:
    for fact in ("", "phas", "delegation:D-13.status", "x:y.z", "../../etc", "\U0001f600"):
        answer = ask(site, fact)
        assert (answer.status_code, "n’est plus, dans le parcours" in answer.text) == (422, True), fact
        assert 'name="fait"' in answer.text
    with reading(site.hub.store) as connection:
        (last,) = entries(connection, reader_id=REFERENT.reader_id, limit=1)
    assert (last.through, last.outcome) == ("POST /parcours/{person_id}/pourquoi", "shown")
    assert ask(site, "x" * 401).status_code == 422
    assert listed(site, partie="rien").status_code == 404


def test_without_health_data_none_can_be_asked_for(site: Site) -> None:
    assert ask(site, "need:N-1.phase", AUDITOR).status_code == 422
    client = site.client(AUDITOR)
    page = client.get(path()).text
    for part in re.findall(r'href="(/parcours/[^"]*pourquoi\?partie=[^"]*)"', page):
        page += client.get(html.unescape(part)).text
    assert [word for word in HEALTH if word in page] == []


def test_a_long_part_is_listed_page_by_page(site: Site) -> None:
    page = listed(site, AUDITOR, "many", partie="Rendez-vous")
    assert len(page.content) < 45_000
    assert "Page suivante" in page.text
    last = listed(site, AUDITOR, "many", partie="Rendez-vous", page=20)
    past_the_end = listed(site, AUDITOR, "many", partie="Rendez-vous", page=500)
    assert text_of(past_the_end.text) == text_of(last.text)
    assert "Page suivante" not in last.text
    assert 'name="fait"' in last.text


def test_of_an_erased_person_only_the_erasure_is_explained(site: Site) -> None:
    assert "Hugo" not in listed(site, AUDITOR, "gone").text
    assert ask(site, "erased", AUDITOR, "gone").status_code == 200
    assert ask(site, "family_name", AUDITOR, "gone").status_code == 422


def test_who_does_not_see_the_person_asks_for_nothing(site: Site) -> None:
    assert ask(site, "phase", MANAGER).status_code == 403
    answers = [ask(site, "phase", OTHER, who) for who in ("own", NOBODY)]
    assert [each.status_code for each in answers] == [403, 403]
    assert len({re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|<code>[0-9a-f]+</code>", "", each.text) for each in answers}) == 1
