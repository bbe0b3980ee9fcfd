"""What becomes of a settlement when the pathway, or somebody else's decision, moved on meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from hub.domain.access import Reader
from hub.domain.events.case import CaseUpdated
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.ledger import submissions
from hub.ledger.database import writing
from tests.integration.hubs import consume, folder
from tests.integration.people import REFERENT
from tests.unit.pathway.builders import CE, event
from tests.web.pathway_pages import Pages, pathway_pages, text_of
from tests.web.settling import a_contradiction, mark_of, section

BOTH_LEAD = Reader("test|deciding", frozenset({"site_lead"}), FRANCE_TRAVAIL, "L-1", sites=frozenset({"69244"}))


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    with pathway_pages(tmp_path, a_contradiction()) as found:
        yield found


@pytest.fixture(scope="module")
def shared() -> Iterator[Pages]:
    """Pages for tests in which nothing is decided."""
    with folder() as path, pathway_pages(path, a_contradiction()) as found:
        yield found


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
