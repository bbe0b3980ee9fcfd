"""Settling contradictions on the pathway page: by whom, with what, and against somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from hub.domain.access import Reader
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.ledger.database import reading
from hub.ledger.tables import ledger
from tests.integration.access import logged
from tests.integration.hubs import consume, folder
from tests.integration.people import AUDITOR, LEAD, MANAGER, OTHER, REFERENT
from tests.web.pathway_pages import Pages, main_of, pathway_pages, text_of
from tests.web.settling import a_contradiction, mark_of, section


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    with pathway_pages(tmp_path, a_contradiction()) as found:
        yield found


@pytest.fixture(scope="module")
def shared() -> Iterator[Pages]:
    """Pages for tests in which nothing is decided."""
    with folder() as path, pathway_pages(path, a_contradiction()) as found:
        yield found


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

    settled = r'<a href="([^"#]*/evenements/[^"]*)">(Contradiction arbitrée(?:(?!</a>).)*)</a>'
    named = {(text_of(name), href) for href, name in re.findall(settled, main_of(pages.read(REFERENT, "?liste=tout")))}
    assert len(named) == 2
    assert len({name for name, _ in named}) == 2, "two decisions of one day have names that tell them apart"


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
