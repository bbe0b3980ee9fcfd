"""What a shared address asks of the figures: sites of another département, of nobody's, and of somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.integration.hubs import SteppingClock, folder, take
from tests.integration.test_api_figures import LYON, a_manager, delegated
from tests.web.pathway_pages import text_of
from tests.web.sites import Site, a_site

PATH = "/pilotage/delegations"
EVERYWHERE = a_manager("*")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with folder() as path, a_site(path, clock=SteppingClock(datetime(2021, 7, 2, 9, tzinfo=UTC))) as running:
        take(running.hub, delegated(1, LYON, ("proposed", "2021-05-03T08:00:00+00:00")))
        yield running


def test_a_site_of_another_departement_than_the_chosen_one_is_no_longer_chosen(site: Site) -> None:
    answer = site.client(EVERYWHERE).get(PATH, params={"departement": "69", "site": "01999"})
    assert LYON in text_of(answer.text)


def test_a_choice_without_delegations_says_so_and_leads_back_to_all(site: Site) -> None:
    page = site.client(EVERYWHERE).get(PATH, params={"departement": "13"}).text
    assert "Aucune délégation n’est connue pour ce choix" in text_of(page)
    assert 'href="/pilotage/delegations?trimestre=2021-T2"' in page


@pytest.mark.parametrize("department", ["2A", "2B", "20"])
def test_a_departement_of_corse_is_asked_for_by_either_code(site: Site, department: str) -> None:
    assert site.client(EVERYWHERE).get(PATH, params={"departement": department}).status_code == 200


def test_figures_of_others_are_told_from_a_page_that_is_not_for_the_role(site: Site) -> None:
    answer = site.client(a_manager("69")).get(PATH, params={"departement": "13"})
    assert answer.status_code == 403
    assert "Ces chiffres ne sont pas les vôtres" in text_of(answer.text)
    assert 'href="/pilotage/delegations"' in answer.text
