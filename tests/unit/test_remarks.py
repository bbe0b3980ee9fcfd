"""What every screen says of claims, of anomalies and of what explains a change."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.events.candidacy import CandidacyAnswered, CandidacyProposed
from hub.domain.events.compensation import CompensationMeasureImplemented, CompensationNeedIdentified
from hub.domain.events.placement import FollowUpRecorded, FollowUpStarted, Placed
from hub.domain.pathway.pathway import fold
from hub.projections import remarks, wording
from hub.projections.event_label import timeline_label
from hub.web import words
from hub.web.pathway import phrases
from tests.unit.pathway.builders import CE, EMPLOYER, event, registered

STORY = (
    registered(CE, "2020-03-04"),
    event(CompensationNeedIdentified, "2020-04-01", CE, need_id="N-1", phase="access", description="Poste assis."),
    event(CompensationMeasureImplemented, "2020-04-15", CE, need_id="N-1", measure="transport"),
    event(CandidacyProposed, "2020-04-02", CE, candidacy_id="C-1", siret=EMPLOYER, rome="M1607"),
    event(CandidacyAnswered, "2020-04-10", CE, candidacy_id="C-1", result="hired"),
    event(Placed, "2020-04-20", CE, placement_id="P-1", siret=EMPLOYER, contract="cdi", starts_on="2020-05-01"),
    event(FollowUpStarted, "2020-05-02", CE, placement_id="P-1", due_on=["2020-06-01"]),
    event(FollowUpRecorded, "2020-06-01", CE, placement_id="P-1", due_on="2020-06-01", state="difficult"),
)


def test_what_explains_a_change_names_the_thing_and_says_its_value() -> None:
    said = {each.name: (each.thing_id, each.said) for each in remarks.remarks(fold(STORY))}

    assert said == {
        "constat": (None, "difficultés"),
        "mise en relation": ("C-1", f"Secrétariat (M1607), SIRET {EMPLOYER}"),
        "besoin": ("N-1", "accès à l'emploi"),
    }


@pytest.mark.parametrize(
    ("fact", "value", "said"),
    [
        ("commune", "69244", "Tassin-la-Demi-Lune (69244)"),
        ("birth_place", "99352", "Algérie (99352)"),
        ("birth_place", "2A004", "Ajaccio (2A004)"),
        ("commune", "99999", "99999"),
        ("birth_date", "1985-03-12", "12/3/1985"),
        ("birth_date", "inconnue", "inconnue"),
        ("availability", "part_time", "temps partiel"),
        ("family_name", "D'Aubigné", "D'Aubigné"),
        ("email", "69244", "69244"),
    ],
)
def test_a_claim_is_said_in_words(fact: str, value: str, said: str) -> None:
    assert remarks.claimed(fact, value, lambda day: f"{day.day}/{day.month}/{day.year}") == said


def test_a_page_sets_official_names_as_print_does_and_leaves_a_persons_own_text() -> None:
    assert phrases.claimed("commune", "01001") == "L’Abergement-Clémenciat (01001)"
    assert phrases.claimed("family_name", "D'Aubigné : x") == "D'Aubigné : x"


@given(fact=st.sampled_from(["birth_place", "commune", "birth_date", "availability", "email"]), text=st.text())
def test_any_claim_can_be_said(fact: str, text: str) -> None:
    assert isinstance(remarks.claimed(fact, text, date.isoformat), str)
    assert isinstance(phrases.claimed(fact, text), str)


@pytest.mark.parametrize("column", ["rome", "requested_rome", "project_rome"])
def test_an_occupation_of_a_row_is_said_by_name(column: str) -> None:
    assert wording.coded("candidacy", column, "K2204") == "Nettoyage de locaux (K2204)"
    assert wording.coded("candidacy", column, "<b>") == "<b>"
    assert wording.coded("candidacy", column, None) is None


def test_the_line_of_a_candidacy_names_both_occupations() -> None:
    proposed = event(CandidacyProposed, candidacy_id="C-1", siret=EMPLOYER, rome="M1602", requested_rome="K2204")

    assert timeline_label(proposed) == (
        "Mise en relation : métier Opérations administratives (M1602), demandé : Nettoyage de locaux (K2204), "
        f"SIRET {EMPLOYER}"
    )


def test_pages_group_the_digits_of_a_siret_and_copying_it_keeps_them() -> None:
    grouped = "732\N{NARROW NO-BREAK SPACE}829\N{NARROW NO-BREAK SPACE}320\N{NARROW NO-BREAK SPACE}00074"

    assert words.siret("73282932000074") == grouped
    assert words.typed("Placement : SIRET 73282932000074, CDI") == (
        f"Placement{words.NBSP}: SIRET{words.NBSP}{grouped}, CDI"
    )
    assert phrases.value("placement", "siret", "73282932000074") == grouped
    assert "".join(grouped.split()) == "73282932000074"
    assert words.siret("123") == "123"
    assert words.typed("dossier 73282932000074") == "dossier 73282932000074"
