"""Settling contradictions on the pathway page: by whom, with what, and against somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.domain.events.case import CaseUpdated
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.ledger import submissions
from hub.ledger.database import reading, writing
from hub.ledger.tables import ledger
from tests.integration.access import logged
from tests.integration.hubs import consume, folder
from tests.integration.people import AUDITOR, LEAD, MANAGER, OTHER, REFERENT
from tests.unit.pathway.builders import CE, FT, event, registered
from tests.web.pathway_pages import Pages, main_of, pathway_pages, text_of

BOTH_LEAD = Reader("test|deciding", frozenset({"site_lead"}), FRANCE_TRAVAIL, "L-1", sites=frozenset({"69244"}))


def a_contradiction() -> list[Event]:
    """Give a person whose name and town the networks tell differently."""
    born: dict[str, Any] = {"given_name": "Zoé", "birth_date": "1985-03-12", "birth_place": "69244"}
    return [
        registered(FT, "2021-01-04", family_name="Lefèvre", contact={"commune": "69244"}, **born),
        registered(CE, "2021-01-05", other=FT, family_name="Lefebvre", contact={"commune": "69381"}, **born),
        event(ReferentAssigned, "2021-01-06", FT, adviser="A-1", role="referent", from_date="2021-01-06"),
    ]


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    with pathway_pages(tmp_path, a_contradiction()) as found:
        yield found


@pytest.fixture(scope="module")
def shared() -> Iterator[Pages]:
    """Pages for tests in which nothing is decided."""
    with folder() as path, pathway_pages(path, a_contradiction()) as found:
        yield found


def mark_of(html: str, fact: str) -> str:
    found = re.search(rf'name="fait" value="{fact}"><input type="hidden" name="vu" value="([0-9a-f]+)"', html)
    assert found is not None
    return found[1]


def section(html: str) -> str:
    return text_of(html.partition('id="contradictions"')[2].partition("</section>")[0])


def test_both_claims_stand_side_by_side(shared: Pages) -> None:
    html = shared.read(REFERENT)
    shown = section(html)

    assert "2 à arbitrer" in shown
    assert re.search(r"Nom d’usage.*France Travail Lefèvre.*Cap emploi Lefebvre", shown)
    assert "2 contradictions à arbitrer" in text_of(html)
    assert "nom à arbitrer" in text_of(html)
    assert f"/evenements/{shared.life[1].meta.event_id}" in html


@pytest.mark.parametrize("reader", [AUDITOR, LEAD])
def test_whoever_cannot_decide_sees_the_claims_and_no_form(shared: Pages, reader: Reader) -> None:
    html = shared.read(reader)

    assert "Lefèvre" in section(html)
    assert "L’arbitrage revient à un conseiller" in section(html)
    assert "/contradictions" not in html
    assert shared.settle(reader, fait="family_name", vu="0", reseau=CAP_EMPLOI, raison="Vu.").status_code == 403


@pytest.mark.parametrize("reader", [OTHER, MANAGER])
def test_whoever_does_not_see_the_person_settles_nothing(shared: Pages, reader: Reader) -> None:
    mark = mark_of(shared.read(REFERENT), "family_name")
    answer = shared.settle(reader, fait="family_name", vu=mark, reseau=CAP_EMPLOI, raison="Vu.")

    assert answer.status_code == 403
    assert "Lef" not in answer.text


def test_a_settlement_takes_effect_and_is_told(pages: Pages) -> None:
    mark = mark_of(pages.read(REFERENT), "family_name")
    answer = pages.settle(REFERENT, fait="family_name", vu=mark, reseau=FRANCE_TRAVAIL, raison="Vu sur sa carte.")

    assert answer.status_code == 303
    where = answer.headers["Location"]
    query = "decision=[0-9a-f-]{36}&dit=[0-9a-f]{16}"
    assert re.fullmatch(rf"/parcours/{pages.person_id}\?{query}#contradictions", where)
    newest = max(logged(pages.site.hub.store), key=lambda entry: entry.entry_id)
    assert (newest.kind, newest.outcome) == ("decide", "shown")
    below = where.removeprefix(f"/parcours/{pages.person_id}").partition("#")[0]
    waiting = pages.read(REFERENT, below)
    assert "Votre arbitrage est enregistré" in waiting
    assert f"{escape(below)}&amp;essai=1" in waiting
    assert 'name="vu"' not in waiting

    consume(pages.site.hub)
    taken_in = pages.read(REFERENT, below)
    assert "Votre arbitrage a pris effet" in taken_in
    assert "« Lefèvre » est la valeur retenue" in text_of(taken_in)
    assert "essai=" not in taken_in
    assert "1 à arbitrer" in section(taken_in)
    assert "Zoé LEFÈVRE" in text_of(taken_in)
    assert "Arbitrer autrement" in section(taken_in)


def form_of(html: str, fact: str) -> str:
    found = re.search(rf'name="fait" value="{fact}">.*?name="formulaire" value="([0-9a-f]{{32}})"', html)
    assert found is not None
    return found[1]


def settlements(pages: Pages) -> int:
    """Count the settlements that the hub has taken in."""
    consume(pages.site.hub)
    with reading(pages.site.hub.store) as connection:
        query = select(func.count()).select_from(ledger).where(ledger.c.event_type == "ContradictionSettled")
        return int(connection.execute(query).scalar_one())


def test_a_form_sent_thrice_at_once_settles_once(pages: Pages) -> None:
    html = pages.read(REFERENT)
    filled = {"fait": "family_name", "vu": mark_of(html, "family_name"), "formulaire": form_of(html, "family_name")}
    filled |= {"reseau": FRANCE_TRAVAIL, "raison": "Vu sur sa carte."}

    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(lambda _: pages.settle(REFERENT, **filled), range(3)))
    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert settlements(pages) == 1

    late = pages.settle(REFERENT, **filled)
    assert (late.status_code, late.headers["Location"]) == (303, answers[0].headers["Location"])
    assert settlements(pages) == 1


def test_two_facts_settled_from_one_page_are_two_decisions(pages: Pages) -> None:
    html = pages.read(REFERENT)
    for fact in ("family_name", "commune"):
        filled = {"fait": fact, "vu": mark_of(html, fact), "formulaire": form_of(html, fact)}
        assert pages.settle(REFERENT, **filled, reseau=CAP_EMPLOI, raison="Vu.").status_code == 303
    assert settlements(pages) == 2


@pytest.mark.parametrize("form", ["", "zz", "ab" * 15, "AB" * 16])
def test_a_form_without_its_number_settles_nothing(shared: Pages, form: str) -> None:
    mark = mark_of(shared.read(REFERENT), "family_name")
    answer = shared.settle(REFERENT, fait="family_name", vu=mark, reseau=CAP_EMPLOI, raison="Vu.", formulaire=form)
    assert answer.status_code == 422


@pytest.mark.parametrize("is_taken_in", [False, True])
@pytest.mark.parametrize(
    "other", [{"reseau": FRANCE_TRAVAIL, "raison": "Vu."}, {"reseau": CAP_EMPLOI, "raison": "Su."}]
)
def test_a_form_sent_again_with_something_else_says_that_the_first_settlement_stands(
    pages: Pages, other: dict[str, str], is_taken_in: bool
) -> None:
    html = pages.read(REFERENT)
    form = {"fait": "family_name", "vu": mark_of(html, "family_name"), "formulaire": form_of(html, "family_name")}
    first = pages.settle(REFERENT, **form, reseau=CAP_EMPLOI, raison="Vu.")
    if is_taken_in:
        consume(pages.site.hub)
    second = pages.settle(REFERENT, **form, **other)
    consume(pages.site.hub)

    def told(answer: Any) -> str:
        return pages.read(
            REFERENT, answer.headers["Location"].removeprefix(f"/parcours/{pages.person_id}").partition("#")[0]
        )

    assert "Votre premier arbitrage est conservé" in told(second)
    assert "Votre arbitrage a pris effet" in told(first)
    assert settlements(pages) == 1


def test_it_can_be_settled_otherwise(pages: Pages) -> None:
    for network, name in ((FRANCE_TRAVAIL, "LEFÈVRE"), (CAP_EMPLOI, "LEFEBVRE"), (FRANCE_TRAVAIL, "LEFÈVRE")):
        mark = mark_of(pages.read(REFERENT), "family_name")
        answer = pages.settle(REFERENT, fait="family_name", vu=mark, reseau=network, raison="Vu.")
        assert answer.status_code == 303
        consume(pages.site.hub)
        pages.clock.moment += timedelta(minutes=1)
        assert f"Zoé {name}" in text_of(main_of(pages.read(REFERENT)))


def test_whoever_saw_something_else_settles_nothing_and_sees_what_stands_now(pages: Pages) -> None:
    mark = mark_of(pages.read(BOTH_LEAD), "family_name")
    first = pages.settle(REFERENT, fait="family_name", vu=mark, reseau=CAP_EMPLOI, raison="Vu.")
    assert first.status_code == 303
    consume(pages.site.hub)

    late = pages.settle(BOTH_LEAD, fait="family_name", vu=mark, reseau=FRANCE_TRAVAIL, raison="Autre avis.")
    assert late.status_code == 409
    assert "Entre-temps, quelqu’un a arbitré" in late.text
    assert "Zoé LEFEBVRE" in text_of(late.text)
    again = pages.settle(
        BOTH_LEAD, fait="family_name", vu=mark_of(late.text, "family_name"), reseau=FRANCE_TRAVAIL, raison="Autre avis."
    )
    assert again.status_code == 303


def test_a_claim_made_meanwhile_is_not_settled_unseen(pages: Pages) -> None:
    mark = mark_of(pages.read(REFERENT), "family_name")
    pages.take(event(CaseUpdated, "2021-02-01", CE, traits={"family_name": "Lefebure"}))

    answer = pages.settle(REFERENT, fait="family_name", vu=mark, reseau=CAP_EMPLOI, raison="Vu.")
    assert answer.status_code == 409
    assert "Lefebure" in section(answer.text)


def test_a_decision_that_another_overtook_is_told_so(pages: Pages) -> None:
    mark = mark_of(pages.read(REFERENT), "family_name")
    answer = pages.settle(REFERENT, fait="family_name", vu=mark, reseau=CAP_EMPLOI, raison="Vu.")
    consume(pages.site.hub)
    pages.take(event(CaseUpdated, "2021-05-01", CE, traits={"family_name": "Lefebure"}))

    below = answer.headers["Location"].removeprefix(f"/parcours/{pages.person_id}").partition("#")[0]
    assert "Votre arbitrage a été dépassé" in pages.read(REFERENT, below)


def test_of_two_who_settle_at_once_each_is_told_what_came_of_theirs(pages: Pages) -> None:
    mark = mark_of(pages.read(REFERENT), "family_name")
    where = []
    for reader, network in ((REFERENT, CAP_EMPLOI), (BOTH_LEAD, FRANCE_TRAVAIL)):
        answer = pages.settle(reader, fait="family_name", vu=mark, reseau=network, raison="Vu.")
        assert answer.status_code == 303
        where.append(answer.headers["Location"].removeprefix(f"/parcours/{pages.person_id}").partition("#")[0])
        pages.clock.moment += timedelta(seconds=1)
    consume(pages.site.hub)

    assert "Votre arbitrage a été dépassé" in pages.read(REFERENT, where[0])
    assert "Votre arbitrage a pris effet" in pages.read(BOTH_LEAD, where[1])


def test_a_decision_about_somebody_else_or_that_nobody_took_tells_nothing(shared: Pages) -> None:
    for decision in (shared.stranger_id, shared.person_id, "0fffffff-0000-4000-8000-000000000000"):
        html = shared.read(REFERENT, f"?decision={decision}")
        assert "Votre arbitrage" not in html
        assert 'name="vu"' in html


def test_a_settlement_that_the_log_never_confirmed_may_be_lost(pages: Pages) -> None:
    lost = UUID("0fffffff-0000-4000-8000-000000000001")
    with writing(pages.site.hub.store) as connection:
        submissions.enter(connection, {lost.bytes: b"\x00" * 16}, stamp=pages.clock.moment)
    below = f"?decision={lost}"
    assert "Votre arbitrage est enregistré" in pages.read(REFERENT, below)

    pages.clock.moment += timedelta(minutes=2)
    told = pages.read(REFERENT, below)
    assert "n’a pas été confirmé" in told
    assert 'name="vu"' in told


@pytest.mark.parametrize(
    ("filled", "told"),
    [
        ({"raison": "Vu."}, "Choisissez la valeur à retenir."),
        ({"reseau": "hub", "raison": "Vu."}, "Choisissez la valeur à retenir."),
        ({"reseau": CAP_EMPLOI, "raison": "  "}, "Indiquez la raison de votre choix."),
        ({"reseau": CAP_EMPLOI, "raison": "x" * 4_001}, "Raccourcissez la raison"),
        ({"reseau": CAP_EMPLOI, "raison": "x" * 30_000}, "Raccourcissez la raison"),
        ({"reseau": CAP_EMPLOI, "raison": "Vu\x07."}, "Retirez de la raison"),
    ],
)
def test_a_form_filled_in_wrongly_comes_back_as_it_was(shared: Pages, filled: dict[str, str], told: str) -> None:
    mark = mark_of(shared.read(REFERENT), "family_name")
    answer = shared.settle(REFERENT, fait="family_name", vu=mark, **filled)

    assert answer.status_code == 422
    assert told in answer.text
    assert 'id="erreurs"' in answer.text
    (target,) = set(re.findall(r'href="#(champ-[^"]+)"', answer.text))
    assert f'id="{target}"' in answer.text
    assert 'aria-invalid="true"' in answer.text or "h-wrong" in answer.text
    if "reseau" in filled and filled["reseau"] == CAP_EMPLOI:
        assert re.search(r'value="cap_emploi" checked', answer.text)
    if filled["raison"].strip() and len(filled["raison"]) < 10:
        assert filled["raison"] in answer.text


def test_fields_that_the_form_does_not_have_are_refused(shared: Pages) -> None:
    mark = mark_of(shared.read(REFERENT), "family_name")
    answer = shared.settle(REFERENT, fait="family_name", vu=mark, reseau=CAP_EMPLOI, raison="Vu.", kept="x")
    assert answer.status_code == 422


def test_nothing_is_settled_in_the_past(shared: Pages) -> None:
    html = shared.read(REFERENT, "?au=2021-01-20")

    assert 'name="vu"' not in html
    assert "sur le parcours d’aujourd’hui" in section(html)
