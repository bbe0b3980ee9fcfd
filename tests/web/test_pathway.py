"""The pathway page over HTTP: who sees what of whom, as it is and as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.domain.access import Reader
from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.referent import ReferentAssigned
from tests.integration.access import logged
from tests.integration.hubs import folder
from tests.integration.people import (
    AUDITOR,
    DPO,
    EXPERT,
    FORMER,
    HEALTH,
    LEAD,
    MANAGER,
    NOBODY,
    OTHER,
    REFERENT,
    linked,
    unlinked,
)
from tests.unit.pathway.builders import CE, FT, event, moment, registered
from tests.web.pathway_pages import Pages, main_of, pathway_pages, text_of
from tests.web.sites import FORM_TOKEN


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with folder() as path, pathway_pages(path) as found:
        yield found


def test_the_head_says_who_where_and_with_whom(pages: Pages) -> None:
    shown = text_of(main_of(pages.read(REFERENT)))

    assert "Ana ZOLA" in shown
    assert "référent France Travail depuis le 1er mars 2021" in shown
    assert "délégation à Cap emploi en cours jusqu’au 1er octobre 2021" in shown
    assert "29 février 1980 (41 ans)" in shown
    assert "dossier 12345678901" in shown
    assert "dossier CE-1" in shown
    assert "vous êtes référent de cette personne" in shown


def test_what_is_overdue_comes_first_and_leads_to_where_it_stands(pages: Pages) -> None:
    html = pages.read(REFERENT)
    due = html.partition('id="a-faire"')[2].partition("</section>")[0]

    assert due.index("en retard") < due.index("octobre")
    assert "de 14" in text_of(due)
    where = re.search(r'href="([^"]*liste=placements#placements-1)"', due)
    assert where is not None
    assert 'id="placements-1"' in pages.read(REFERENT, "?liste=placements")
    opened = text_of(html.partition('id="en-cours"')[2].partition("</section>")[0])
    assert "Délégation en cours" in opened
    assert "Diagnostic croisé contribution reçue" in opened


def test_details_come_on_demand_and_name_the_event_behind_each_fact(pages: Pages) -> None:
    brief, whole = pages.read(REFERENT), pages.read(REFERENT, "?liste=tout")

    assert "zz description" not in text_of(brief.partition('id="details"')[2])
    details = whole.partition('id="details"')[2]
    for text in ("zz description", "zz contribution", "zz action", "zz summary", "zz comment", "fin prévue"):
        assert text in details
    for each in pages.life:
        if type(each).__name__ != "ReferentAssigned":
            assert f"/parcours/{pages.person_id}/evenements/{each.meta.event_id}" in whole
    assert "Rien d’enregistré pour : rendez-vous" in details.replace("\N{NO-BREAK SPACE}", " ")
    assert 'name="fait" value="delegation:D-12"' in details


@pytest.mark.parametrize("below", ["", "?liste=tout", "?au=2021-01-14", "?au=2021-01-14&connu=2021-03-02"])
def test_the_lead_of_a_site_reads_nothing_of_health(pages: Pages, below: str) -> None:
    html = pages.read(LEAD, below)

    for each in HEALTH:
        assert each not in html, each
    assert "Données de santé masquées" in html
    assert "parce qu’un conseiller de votre site" in html


def test_a_lead_of_a_site_is_shown_no_health_in_an_event(pages: Pages) -> None:
    for each in pages.life:
        html = pages.read(LEAD, f"/evenements/{each.meta.event_id}")
        for word in HEALTH:
            assert word not in html, (type(each).__name__, word)


@pytest.mark.parametrize("reader", [OTHER, MANAGER, DPO])
def test_whoever_may_not_read_learns_nothing(pages: Pages, reader: Reader) -> None:
    for below in ("", "?au=2021-01-14", "?liste=tout", f"/evenements/{pages.event('Placed')}"):
        unseen, nobody = pages.get(reader, below), pages.get(reader, below, NOBODY)
        assert unseen.status_code == nobody.status_code == 403
        assert "ZOLA" not in unseen.text
        assert _neutral(unseen.text) == _neutral(nobody.text)


def _neutral(html: str) -> str:
    """Take away what differs from request to request: ids of people, and by which the log names a request."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|<code>.*?</code>", "", html)


def test_nobody_is_sent_to_log_in(pages: Pages) -> None:
    assert pages.get(None).status_code == 303


def test_each_page_is_one_entry_of_the_access_log(pages: Pages) -> None:
    for below in ("", "?au=2021-01-14&connu=2021-03-02", "?rang=3", f"/evenements/{pages.event('Placed')}"):
        before = {entry.entry_id for entry in logged(pages.site.hub.store)}
        pages.read(EXPERT, below)
        # Not the greatest id: the clock stands still here, and of entries of one microsecond ids tell no order.
        (new,) = (entry for entry in logged(pages.site.hub.store) if entry.entry_id not in before)
        assert (new.kind, new.outcome, new.reader_id) == ("read", "shown", EXPERT.reader_id)


def test_a_stated_reason_opens_the_page_and_says_for_how_long(pages: Pages) -> None:
    pages.state_reason(OTHER, pages.stranger_id)
    html = pages.read(OTHER, person_id=pages.stranger_id)

    assert "Jo VERNE" in html
    assert re.search(r"Consultation motivée.{0,20}encore (3.h.59|4.h.00)", text_of(html))
    pages.state_reason(DPO, pages.stranger_id)
    assert "protection des données" in pages.read(DPO, person_id=pages.stranger_id)


def test_a_former_referent_is_told_until_when_they_read(pages: Pages) -> None:
    pages.clock.moment = pages.clock.moment.replace(month=3, day=20)
    try:
        shown = text_of(pages.read(FORMER))
    finally:
        pages.clock.moment = pages.clock.moment.replace(month=4, day=15)
    assert "vous étiez référent de cette personne ; vous pouvez le lire jusqu’au 31 mars 2021 inclus." in shown


def test_pages_lead_on_only_where_the_reader_may_go(pages: Pages) -> None:
    adviser, auditor = pages.read(REFERENT), pages.read(AUDITOR)

    for page in ("fiche", "acces", "pourquoi"):
        assert f'href="/parcours/{pages.person_id}/{page}"' in adviser
        assert pages.get(REFERENT, f"/{page}").status_code == 200
    assert "/rejeu" not in adviser
    assert f"/parcours/{pages.person_id}/rejeu" in auditor
    assert f"/parcours/{pages.person_id}/acces" in auditor


def test_any_event_names_the_person(pages: Pages) -> None:
    answer = pages.get(REFERENT, person_id=pages.event("Placed"))

    assert answer.status_code == 200
    assert answer.headers["Content-Location"] == f"/parcours/{pages.person_id}"
    assert f'action="/parcours/{pages.person_id}"' in answer.text


def test_the_pathway_is_shown_as_it_was_and_what_was_otherwise(pages: Pages) -> None:
    shown = text_of(main_of(pages.read(REFERENT, "?au=2021-01-13")))

    assert "Vous voyez le parcours au 13 janvier 2021" in shown
    assert "Référent : A-0 (France Travail) alors, A-1 (France Travail) aujourd’hui" in shown
    assert "Délégation D-12 : proposée alors, en cours aujourd’hui" in shown
    assert "en attente de réponse" in shown
    assert "Revenir à aujourd’hui" in shown
    assert "Placement" not in shown.partition("Frise")[2].partition("Le parcours en détail")[0]


def test_a_rank_is_a_day_and_the_last_one_is_today(pages: Pages) -> None:
    assert "Vous voyez le parcours au 5 janvier 2021" in text_of(pages.read(REFERENT, "?rang=1"))
    assert "Vous voyez le parcours" not in pages.read(REFERENT, "?rang=99999")
    html = pages.read(REFERENT, "?au=2021-01-05")
    assert 'href="/parcours/' + pages.person_id + '?au=2021-01-04"' in html
    assert 'href="/parcours/' + pages.person_id + '?au=2021-01-06"' in html
    assert ">5\N{NO-BREAK SPACE}janvier\N{NO-BREAK SPACE}2021</output>" in html


def test_what_was_known_then_leaves_out_what_came_later(pages: Pages) -> None:
    assert "n’avait pas commencé" in pages.read(REFERENT, "?connu=2021-03-01")
    assert "Ana" in pages.read(REFERENT, "?connu=2021-03-02")
    assert "n’avait pas commencé" in pages.read(REFERENT, "?au=2020-12-31")


def test_a_day_is_shown_with_what_is_known_today_or_with_what_was_known_then(tmp_path: Path) -> None:
    first = registered(FT, "2021-03-01", family_name="Zola", given_name="Ana", birth_date="1980-02-29")
    named = event(ReferentAssigned, "2021-03-02", FT, adviser="A-1", role="referent", from_date="2021-03-02")
    held: dict[str, Any] = {"starts_at": moment("2021-03-03T09:00:00Z"), "status": "held", "mode": "phone"}
    held["place"] = "remote"
    late = event(AppointmentRecorded, "2021-03-03", FT, appointment_id="R-9", **held)
    last = event(AppointmentRecorded, "2021-04-05", FT, appointment_id="R-10", **held)
    with pathway_pages(tmp_path, [first, named]) as own:
        own.take(late, last)
        with_today, as_then = own.read(REFERENT, "?au=2021-03-03"), own.read(REFERENT, "?au=2021-03-03&alors=oui")
        same = own.read(REFERENT, "?au=2021-03-03&connu=2021-03-03")
        at_rank, today = own.read(REFERENT, "?rang=2&alors=oui"), own.read(REFERENT, "?alors=oui")
        path = f"/parcours/{own.person_id}"

    assert "au 3 mars 2021, avec ce qu’on en sait aujourd’hui" in text_of(with_today)
    assert late.meta.event_id in with_today
    for page in (as_then, same, at_rank):
        assert "au 3 mars 2021, avec ce que le hub savait ce jour-là" in text_of(page)
        assert late.meta.event_id not in page.partition('id="frieze"')[2]
        assert 'name="alors" value="oui"' in page
        assert f'href="{path}?au=2021-03-02&amp;alors=oui"' in page
        assert _shown(page, "su-alors")
        assert not _shown(page, "su-aujourdhui")
    assert _shown(with_today, "su-aujourdhui")
    assert f'href="{path}?au=2021-03-03&amp;alors=oui"' in with_today
    assert 'name="alors"' not in with_today
    assert "Vous voyez le parcours" not in today
    assert 'name="alors" value="oui"' in today
    assert late.meta.event_id in today


def _shown(page: str, link: str) -> bool:
    return re.search(rf'<a id="{link}"[^>]* aria-current="true"', page) is not None


@pytest.mark.parametrize("day", ["hier", "2021-02-30", "0001-01-01", "9999-12-31", "31/13/2021"])
def test_what_is_no_day_is_told_and_today_is_shown(pages: Pages, day: str) -> None:
    answer = pages.get(REFERENT, f"?au={day}")

    assert answer.status_code == 422
    assert "Indiquez un jour" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "Ana" in answer.text


@pytest.mark.parametrize("below", ["?liste=nulle-part", "?liste=besoins&page=9999", "?au=&connu=", "?page=2"])
def test_odd_addresses_show_the_page(pages: Pages, below: str) -> None:
    assert "Ana" in pages.read(REFERENT, below)


@pytest.mark.parametrize("below", ["?page=0", "?rang=-1", "?decision=x"])
def test_malformed_addresses_are_refused(pages: Pages, below: str) -> None:
    answer = pages.get(REFERENT, below)
    assert (answer.status_code, "Adresse inexacte" in answer.text) == (422, True)
    assert f'href="/parcours/{pages.person_id}"' in answer.text


def test_an_event_that_no_address_can_name_is_found_nowhere(pages: Pages) -> None:
    assert pages.get(REFERENT, "/evenements/x").status_code == 404


def test_whoever_asks_why_is_answered_now_and_not_about_the_past(pages: Pages) -> None:
    html = pages.read(REFERENT, "?liste=tout")
    facts = set(re.findall(r'name="fait" value="([^"]+)"', html)) - {"family_name", "given_name"}
    assert {"phase", "referent_adviser", "delegation:D-12", "need:N-1"} <= facts

    client = pages.site.client(REFERENT)
    for fact in sorted(facts):
        answer = client.post(f"/parcours/{pages.person_id}/pourquoi", data={"jeton": FORM_TOKEN, "fait": fact})
        assert answer.status_code == 200, fact
    assert 'name="fait"' not in pages.read(REFERENT, "?au=2021-01-20&liste=tout")


def test_a_past_with_somebody_elses_record_is_not_shown_and_says_why(pages: Pages) -> None:
    answer = pages.get(OTHER, "?au=2021-01-14")

    assert answer.status_code == 403
    assert f'href="/parcours/{pages.person_id}"' in answer.text
    assert f'href="/parcours/{pages.person_id}/motif"' in answer.text


def test_records_that_parted_show_nothing_of_the_other_person(tmp_path: Path) -> None:
    first = registered(FT, "2021-01-04", family_name="Zola", given_name="Ana", birth_date="1980-02-29")
    other = registered(CE, "2021-01-05", family_name="Perec", given_name="Lou", birth_date="1990-02-28")
    named = event(ReferentAssigned, "2021-01-06", FT, adviser="A-1", role="referent", from_date="2021-01-06")
    with pathway_pages(tmp_path, [first, other, named]) as own:
        own.take(linked(FT, CE, "2021-03-03"))
        own.clock.moment += timedelta(days=1)
        assert "PEREC" in own.read(REFERENT, "?liste=tout").upper()
        own.take(unlinked(FT, CE, "2021-04-15"))
        for below in ("", "?liste=tout", "?liste=liens"):
            assert "PEREC" not in own.read(REFERENT, below).upper()
            assert CE.local_id not in own.read(REFERENT, below)
        for below in ("?connu=2021-04-15", "?au=2021-04-15&connu=2021-04-15", "?au=2021-04-15&alors=oui"):
            before = own.get(REFERENT, below)
            assert before.status_code == 403
            assert "PEREC" not in before.text.upper()
            assert (f'href="/parcours/{own.person_id}?au=2021-04-15"' in before.text) is ("au=" in below)
        assert own.get(REFERENT, "?au=2021-04-15").status_code == 200


def test_actions_of_the_plan_whose_day_is_over_are_said_where_nothing_else_is_due(pages: Pages) -> None:
    pages.clock.moment = pages.clock.moment.replace(year=2022)
    try:
        shown = main_of(pages.read(LEAD))
    finally:
        pages.clock.moment = pages.clock.moment.replace(year=2021)
    (href,) = re.findall(r'<a href="([^"]*)">\d+\sactions? du plan dont la date est passée</a>', shown)
    assert href == f"/parcours/{pages.person_id}?liste=plan#plan"
