"""What the adviser's screen says beside events, of contested and odd values, of the past and of erased people."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from hub.domain.events.candidacy import CandidacyAnswered, CandidacyProposed
from hub.domain.events.compensation import CompensationMeasureImplemented, CompensationNeedIdentified
from hub.domain.events.delegation import DelegationAccepted, DelegationDeclined, DelegationProposed
from hub.domain.events.erasure import PersonErased
from hub.domain.events.expertise import ExpertiseRequested
from hub.domain.events.placement import FollowUpRecorded, FollowUpStarted, Placed
from hub.domain.events.referent import ReferentAssigned
from hub.domain.events.retention import RetentionOpened, WorkplaceAdapted
from hub.domain.events.title import DisabilityTitleRecorded
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from tests.integration.commands import done, run, taken
from tests.unit.pathway.builders import CE, EMPLOYER, FT, event, registered

CASE = "/".join(FT)
GONE = CaseKey(FRANCE_TRAVAIL, "", "22345678901")
GONE_TOO = CaseKey(CAP_EMPLOI, CE.scope, "CE-2")
BORN: dict[str, Any] = {"family_name": "Lefèvre", "given_name": "Zoé", "birth_date": "1985-03-12"}
STORY = (
    registered(FT, "2020-01-06", contact={"commune": "07010"}, **BORN),
    registered(CE, "2020-03-04", other=FT, contact={"commune": "07012"}, **{**BORN, "birth_date": "1985-03-13"}),
    event(DisabilityTitleRecorded, "2020-03-05", title="rqth", valid_from="2020-01-01"),
    event(ReferentAssigned, "2020-03-06", adviser="FT-1", role="referent", from_date="2020-03-06"),
    event(DelegationProposed, "2020-03-07", delegation_id="D-1", ground="compensation", planned_end="2020-12-31"),
    event(DelegationAccepted, "2020-03-09", CE, delegation_id="D-1"),
    event(DelegationProposed, "2020-03-08", delegation_id="D-2", ground="compensation"),
    event(DelegationAccepted, "2020-03-11", CE, delegation_id="D-2"),
    event(DelegationDeclined, "2020-03-13", CE, delegation_id="D-2", motive="capacity"),
    event(CompensationNeedIdentified, "2020-04-01", CE, need_id="N-1", phase="hiring", description="Poste assis."),
    event(CandidacyProposed, "2020-04-02", candidacy_id="C-1", siret=EMPLOYER, rome="M1607"),
    event(CandidacyAnswered, "2020-04-10", candidacy_id="C-1", result="hired"),
    event(CompensationMeasureImplemented, "2020-04-15", need_id="N-1", measure="transport"),
    event(Placed, "2020-04-20", placement_id="P-1", siret=EMPLOYER, contract="cdi", starts_on="2020-05-01"),
    event(FollowUpStarted, "2020-05-02", placement_id="P-1", due_on=["2020-06-01", "0001-01-01"]),
    event(FollowUpRecorded, "2020-06-01", placement_id="P-1", due_on="2020-06-01", state="difficult"),
    event(RetentionOpened, "2020-07-01", retention_id="M-1", siret=EMPLOYER, origin="employer", risk="high"),
    event(WorkplaceAdapted, "2020-07-15", retention_id="M-1", adaptation="premises", adapted_on="2020-07-14"),
)
ERASURE = event(PersonErased, "2021-05-03", GONE, reason="person_request")
OTHERS = (
    registered(GONE, "2020-01-06", family_name="Noir", given_name="Ida", birth_date="1970-01-01"),
    registered(GONE_TOO, "2020-02-03", other=GONE),
    event(ExpertiseRequested, "2020-04-01", GONE, request_id="E-9", topic="training", ground="project"),
    ERASURE,
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub with one person's story and an erased person; tests only read it."""
    folder = tmp_path_factory.mktemp("hub") / "data"
    taken(folder, *STORY, *OTHERS)
    return folder


def screen(data: Path, case: str = CASE, *options: str) -> list[str]:
    ran = run(data, "pathway", case, *options, env={"COLUMNS": "160"})
    assert ran.code == 0, ran.err
    return ran.out.splitlines()


@pytest.mark.parametrize(
    ("under", "said"),
    [
        ("● Point de suivi réalisé", "constat : difficultés"),
        ("● Aménagement de poste réalisé", "aménagement : locaux"),
        ("● Signalement pour maintien", "risque : risque élevé"),
        ("● Titre BOE enregistré", "titre : RQTH"),
        ("● Réponse à la mise en relation", f"mise en relation C-1 : Secrétariat (M1607), SIRET {EMPLOYER}"),
        ("● Mesure de compensation", "besoin N-1 : hiring"),
        ("● Délégation refusée", "⚠ Délégation à la fois acceptée et refusée (délégation D-2)"),
    ],
)
def test_what_explains_a_change_stands_under_its_event(data: Path, under: str, said: str) -> None:
    lines = screen(data)

    place = next(place for place, line in enumerate(lines) if under in line)
    below = " ".join(" ".join(lines[place + 1 : place + 4]).split())
    assert said in re.sub("[┃┊] *", "", below)


def test_the_heading_marks_what_the_networks_contradict_each_other_about(data: Path) -> None:
    top = "\n".join(screen(data)[:12])

    assert "né(e) le 13/03/1985 (à arbitrer) · commune Arcens (07012) (à arbitrer)" in top
    assert "Zoé LEFÈVRE ─" in top


def test_a_delegation_in_force_says_until_and_since_when(data: Path) -> None:
    said = "\n".join(screen(data, CASE, "--as-of", "2020-03-19"))

    assert re.search(r"en cours +délégation : [^\n]+, fin prévue le 31/12/2020, depuis 10 j +delegation:D-1", said)
    assert re.search(r"le 31/12/2020 +Fin prévue de la délégation[^\n]+D-1", said)


def test_a_delegation_declined_after_all_was_in_force_from_its_acceptance(data: Path) -> None:
    row = next(
        row
        for row in done(data, "pathway", CASE, "--format", "json").json["tables"]["delegation"]
        if row["delegation_id"] == "D-2"
    )
    assert (row["status"], row["accepted_at"][:10], row["declined_at"][:10]) == ("declined", "2020-03-11", "2020-03-13")

    lines = screen(data)
    accepted = [line for line in lines if "● Délégation acceptée" in line][1]
    declined = next(line for line in lines if "● Délégation refusée" in line)
    assert "┟" in accepted
    assert "┖" in declined


def test_a_day_that_was_never_meant_is_written_and_not_counted_from(data: Path) -> None:
    said = "\n".join(screen(data))

    assert re.search(r"le 01/01/0001 +Point de suivi durable attendu", said)
    assert not re.search(r"en retard de \d{5,} j", said)


def test_a_view_of_the_past_names_the_records_that_were_linked_since(data: Path) -> None:
    assert "Dossiers rapprochés depuis : Cap emploi CE-1" in "\n".join(screen(data, CASE, "--as-of", "2020-02-01"))
    for options in ([], ["--as-of", "2020-03-31"]):
        assert "rapprochés depuis" not in "\n".join(screen(data, CASE, *options))
    then = done(data, "pathway", CASE, "--as-of", "2020-02-01", "--format", "json").json
    assert then["linked_since"] == [CE._asdict()]


@pytest.mark.parametrize("case", [GONE, GONE_TOO])
@pytest.mark.parametrize("options", [[], ["--as-of", "2020-06-01"]])
def test_of_an_erased_person_the_screen_shows_nothing_but_the_erasure(
    data: Path, case: CaseKey, options: list[str]
) -> None:
    name = "/".join(case)

    said = "\n".join(screen(data, name, *options))
    assert "Effacement enregistré le 03/05/2021 : plus rien n'est montré" in said
    assert said.count("Données de la personne effacées") == 1
    for word in ("●", "Inscription", "Appui", "Prise en charge", "rapprochés", "événements"):
        assert word not in said

    shown = done(data, "pathway", name, *options, "--format", "json").json
    assert [line["event_id"] for line in shown["timeline"]] == [ERASURE.meta.event_id]
    assert (shown["links"], shown["decisions"], shown["free_texts"]) == ([], [], [])


def test_what_a_person_lives_after_an_erasure_is_shown_and_nothing_from_before(tmp_path: Path) -> None:
    again = CaseKey(CAP_EMPLOI, CE.scope, "CE-3")
    back = registered(again, "2022-01-03", other=GONE, family_name="Noir", given_name="Ida")
    taken(tmp_path / "data", *OTHERS, back)

    shown = done(tmp_path / "data", "pathway", "/".join(again), "--format", "json").json
    assert [line["event_id"] for line in shown["timeline"]] == [ERASURE.meta.event_id, back.meta.event_id]
    assert "Appui" not in "\n".join(screen(tmp_path / "data", "/".join(again)))


def test_explain_of_an_erased_person_answers_about_the_erasure_alone(data: Path) -> None:
    name = "/".join(GONE)

    listed = {each["fact"] for each in done(data, "explain", name, "--format", "json").json}
    assert listed == {"erased", f"timeline:{ERASURE.meta.event_id}.label"}
    found = done(data, "explain", name, "erased", "--format", "json").json
    assert found["event"]["content"]["type"] == "PersonErased"
    for fact in ("event_count", "opened_at", OTHERS[0].meta.event_id, "need:N-1"):
        ran = run(data, "explain", name, fact)
        assert ran.code != 0
        assert "erased" in ran.err


def test_explain_writes_days_as_people_do(data: Path) -> None:
    assert "13/03/1985" in done(data, "explain", CASE, "birth_date").out
    assert "1985-03-13  (" not in done(data, "explain", CASE, "birth_date").out
    listed = done(data, "explain", CASE).out
    assert "birth_date = 13/03/1985" in listed
    assert "valeur : Arcens (07012)" in done(data, "explain", CASE, "commune").out
    assert "claim:commune/france_travail//12345678901.value = Annonay (07010)" in listed
    assert "contradiction:commune.cap_emploi_value = Arcens (07012)" in listed
    assert not re.search(r"= \d{4}-\d{2}-\d{2}$", listed, re.MULTILINE)


def test_explain_of_a_kind_of_row_lists_the_rows_that_can_be_asked(data: Path) -> None:
    for kind in ("referent", "need", "delegation"):
        rows = done(data, "explain", CASE, kind, "--format", "json").json
        assert rows
        for row in rows:
            assert row["fact"].startswith(f"{kind}:")
            assert done(data, "explain", CASE, row["fact"], "--format", "json").json["value"] == row["value"]
    assert re.search(r"need:N-1 = .*Cap emploi", done(data, "explain", CASE, "need").out)
    assert run(data, "explain", CASE, "cep").code != 0
