"""The list of people and the words of tasks, without a store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.api.queries.overview import Outline
from hub.domain.access import Reader
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.projections import labels
from hub.web.home import address, tasks
from hub.web.home.address import Given
from hub.web.home.people import Choice, begins_with, chosen, cut, wanted
from hub.web.naming.names import Adviser, Names
from hub.web.turns import by
from tests.web.homes import BOTH, COLLEAGUE, LEAD, MINE, OTHERS

TODAY = date(2021, 7, 2)
NOW = datetime(2021, 7, 2, 9, tzinfo=UTC)


def outline(number: int, family: str | None = None, given_name: str | None = None, due: date | None = None) -> Outline:
    """Give a person of a caseload."""
    return Outline(number, family, given_name, "job_search", NOW - timedelta(days=number), due)


def test_names_are_sorted_as_a_french_reader_expects() -> None:
    rows = [outline(n, name) for n, name in enumerate(["Zola", "Évrard", "eluard", "ÉCHENOZ", "d’Ormesson", None])]

    found = [row.family_name for row in chosen(rows, Choice(), {})]

    assert found == ["d’Ormesson", "ÉCHENOZ", "eluard", "Évrard", "Zola", None]


@pytest.mark.parametrize("start", ["lé", "LE", "lesage z", "zoé", "zoe le", "  Le ", ""])
def test_a_name_begins_without_regard_to_accents_capitals_and_order(start: str) -> None:
    assert begins_with(outline(1, "Lesage", "Zoé"), start)


@pytest.mark.parametrize("start", ["sage", "oé", "lesagez", "é"])
def test_what_stands_within_a_name_is_no_beginning(start: str) -> None:
    assert not begins_with(outline(1, "Lesage", "Zoé"), start)


def test_whoever_has_nothing_due_comes_after_those_who_have() -> None:
    days = [None, TODAY, TODAY - timedelta(days=1), date.max, None]
    rows = [outline(number, "N", due=day) for number, day in enumerate(days)]

    found = [row.pathway_no for row in chosen(rows, Choice("echeance"), {})]

    assert found == [2, 1, 0, 3, 4]


def test_an_advisers_people_stand_together_and_nobodys_at_the_end() -> None:
    advisers = {1: "B", 2: "A", 4: "B"}
    rows = [outline(number, f"N{number}") for number in range(5)]

    assert [row.pathway_no for row in chosen(rows, Choice("conseiller"), advisers)] == [2, 1, 4, 0, 3]


@given(st.text(max_size=3), st.text(min_size=1, max_size=3))
def test_whoever_has_a_name_that_begins_so_is_read(start: str, rest: str) -> None:
    initials = wanted(Choice(name=start), TODAY).initials

    for name in (start + rest, (start + rest).upper(), "É" + rest):
        if initials is not None and begins_with(outline(1, name), start):
            assert name[0] in initials or not name[0].isascii()


@given(st.integers(0, 40), st.integers(1, 7))
def test_pages_together_are_the_list_forward_and_back(count: int, size: int) -> None:
    rows = [outline(number) for number in range(count)]
    forward, key = [cut(rows, None, size)], cut(rows, None, size).following
    while key is not None:
        forward.append(cut(rows, key, size))
        key = forward[-1].following
    assert [row for page in forward for row in page.shown] == rows

    back, key = [forward[-1]], forward[-1].previous
    while key is not None:
        back.append(cut(rows, key or None, size))
        key = back[-1].previous
    assert [page.shown for page in back] == [page.shown for page in reversed(forward)]


@given(st.integers(2, 30), st.integers(1, 7), st.data())
def test_whoever_leaves_between_two_pages_takes_nobody_along(count: int, size: int, data: st.DataObject) -> None:
    rows = [outline(number) for number in range(count)]
    first = cut(rows, None, size)
    gone = data.draw(st.sampled_from(rows))
    rest = [row for row in rows if row != gone]

    if first.following is not None:
        second = cut(rest, first.following, count)
        assert second.shown == [row for row in rows[size:] if row != gone]


@pytest.mark.parametrize("after", [[0, 10**9], [5, -3], [99, 0], [0, 1]])
def test_a_key_of_another_list_gives_some_page(after: list[int]) -> None:
    rows = [outline(number) for number in range(4)]

    assert cut(rows, after, 2).total == 4


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-1, "en retard de\u00a01\u00a0jour"),
        (-60, "en retard de\u00a060\u00a0jours"),
        (-61, "en retard de\u00a02\u00a0mois"),
        (-78, "en retard de\u00a02\u00a0mois"),
        (-89, "en retard de\u00a03\u00a0mois"),
        (-567, "en retard de\u00a01\u00a0an et 6\u00a0mois"),
        (-800, "en retard de\u00a02\u00a0ans et 2\u00a0mois"),
        (0, "aujourd’hui"),
        (1, "dans\u00a01\u00a0jour"),
        (30, "dans\u00a030\u00a0jours"),
    ],
)
def test_a_day_is_said_as_far_as_it_is(days: int, said: str) -> None:
    assert tasks.when(TODAY + timedelta(days=days), TODAY) == said


def test_nothing_is_counted_from_a_day_that_nobody_meant() -> None:
    assert tasks.when(date.min, TODAY) == "en retard"
    assert tasks.when(date.max, TODAY).startswith("dans\u00a0")


@pytest.mark.parametrize(
    ("network", "reader", "said"),
    [
        (FRANCE_TRAVAIL, MINE, "à vous"),
        (FRANCE_TRAVAIL, BOTH, "à vous"),
        (FRANCE_TRAVAIL, BOTH._replace(roles=frozenset({"site_lead"})), "à votre réseau"),
        (FRANCE_TRAVAIL, COLLEAGUE, "à votre réseau"),
        (FRANCE_TRAVAIL, LEAD, "à votre réseau"),
        (FRANCE_TRAVAIL, OTHERS, "à\u00a0France\u00a0Travail"),
        (CAP_EMPLOI, MINE, "à\u00a0Cap\u00a0emploi"),
        (CAP_EMPLOI, OTHERS, "à votre réseau"),
        (None, MINE, "aux deux réseaux"),
    ],
)
def test_who_must_act_is_said_to_each_reader(network: str | None, reader: Reader, said: str) -> None:
    assert by(network, reader, (FRANCE_TRAVAIL, "A-17")) == said


def test_a_referent_who_is_to_act_is_named() -> None:
    names = Names({(FRANCE_TRAVAIL, "A-17"): Adviser("Adèle Bailly")})

    told = [by(FRANCE_TRAVAIL, reader, (FRANCE_TRAVAIL, "A-17"), names) for reader in (MINE, COLLEAGUE, OTHERS)]

    assert told == ["à vous", "à Adèle Bailly, de votre réseau", "à Adèle Bailly, France\u00a0Travail"]
    assert by(CAP_EMPLOI, MINE, (FRANCE_TRAVAIL, "A-17"), names) == "à\u00a0Cap\u00a0emploi"


def test_every_phase_has_an_address_and_back() -> None:
    assert set(address.PHASES.values()) == set(labels.PHASES)
    assert Given(phase="recherche-emploi").choice().phase == "job_search"


def test_an_address_says_what_is_asked_for_and_nothing_else() -> None:
    assert Given().address() == "/accueil"
    assert Given("site", "echeance").address(after="A-b_", part="#personnes") == (
        "/accueil?vue=site&tri=echeance&suite=A-b_#personnes"
    )
