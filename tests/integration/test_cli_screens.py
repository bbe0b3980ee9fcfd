"""What an adviser reads: the pathway in two lanes, at any width and any moment, and why each fact is so."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.case import CaseUpdated
from hub.domain.events.compensation import CompensationNeedIdentified
from hub.domain.events.delegation import DelegationAccepted, DelegationEnded, DelegationProposed
from hub.domain.events.expertise import ExpertiseDelivered, ExpertiseRequested
from hub.domain.events.referent import ReferentAssigned
from tests.integration.commands import done, run, taken
from tests.unit.pathway.builders import CE, FT, event, registered, voided

CASE = "/".join(FT)
BORN: dict[str, Any] = {"family_name": "Lefèvre", "given_name": "Zoé", "birth_date": "1985-03-12"}
PROPOSED = event(DelegationProposed, "2020-03-02", delegation_id="D-12", ground=None, planned_end="2020-12-31")
MISSED = event(
    AppointmentRecorded,
    "2020-02-03",
    appointment_id="R-1",
    starts_at=datetime(2020, 2, 3, 9, tzinfo=UTC),
    status="held",
    mode="phone",
    place="remote",
)
STORY = (
    registered(FT, "2020-01-06", contact={"email": "zoe@exemple.fr"}, **BORN),
    event(ReferentAssigned, "2020-01-07", adviser="FT-1", role="referent", from_date="2020-01-07"),
    event(CaseUpdated, "2020-01-20", availability="immediate"),
    event(CaseUpdated, "2020-01-27", availability="immediate"),
    MISSED,
    voided(MISSED, "2020-02-10"),
    PROPOSED,
    registered(CE, "2020-03-04", other=FT, contact={"email": "z.lefevre@exemple.fr"}),
    event(DelegationAccepted, "2020-03-09", CE, delegation_id="D-12"),
    event(CompensationNeedIdentified, "2020-03-16", CE, need_id="N-1", phase="project", description="Poste assis."),
    event(ExpertiseRequested, "2020-04-01", request_id="E-1", topic="training", ground="project"),
    event(ExpertiseDelivered, "2020-04-20", CE, request_id="E-1", summary="Formation à distance possible."),
    event(ExpertiseRequested, "2020-05-04", CE, request_id="E-2", topic="job_search", ground="project"),
    event(DelegationEnded, "2020-10-05", CE, delegation_id="D-12", motive="goal_reached"),
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub with one person's story; tests only read it."""
    folder = tmp_path_factory.mktemp("hub") / "data"
    taken(folder, *STORY)
    return folder


def screen(data: Path, *options: str, columns: int = 100) -> list[str]:
    ran = run(data, "pathway", CASE, *options, env={"COLUMNS": str(columns)})
    assert ran.code == 0, ran.err
    return ran.out.splitlines()


def line_with(lines: list[str], text: str) -> str:
    return next(line for line in lines if text in line)


def test_the_top_says_who_in_which_phase_with_whom_and_in_which_records(data: Path) -> None:
    top = "\n".join(screen(data))

    assert "Zoé LEFÈVRE" in top
    assert re.search(r"Phase +accompagnement depuis le 09/03/2020", top)
    assert re.search(r"Référent +FT-1 \(France Travail, site 69244\) depuis le 07/01/2020", top)
    assert "né(e) le 12/03/1985" in top
    assert re.search(r"Cap emploi +44022013500014/CE-1 +ouvert depuis le 04/03/2020", top)
    assert "identifiant de l'autre réseau" in top


def test_what_is_due_open_or_contradicted_is_said_before_the_frieze(data: Path) -> None:
    lines = screen(data)
    said = "\n".join(lines[lines.index("À suivre") : lines.index(line_with(lines, "FRANCE TRAVAIL"))])

    assert re.search(r"en retard de \d+ j +Demande d'appui en attente de réponse \(appui E-2\)", said)
    assert re.search(r"identifié +besoin de compensation : projet +need:N-1", said)
    assert re.search(r"à arbitrer +adresse électronique : « zoe@exemple.fr » selon France Travail", said)
    assert "délégation" not in said


def test_an_answer_that_was_voided_was_answered_and_not_done(tmp_path: Path) -> None:
    delivered = event(ExpertiseDelivered, "2020-04-20", CE, request_id="E-1", summary="Formation à distance possible.")
    asked = event(ExpertiseRequested, "2020-04-01", request_id="E-1", topic="training", ground="project")
    story = (registered(FT, **BORN), registered(CE, other=FT), asked, delivered, voided(delivered, "2020-05-04", CE))
    taken(tmp_path / "data", *story)

    assert line_with(screen(tmp_path / "data"), "puis annulé").strip().startswith("répondu le 20/04/2020, puis annulé")


@pytest.mark.parametrize("columns", [60, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal_and_each_network_has_its_lane(data: Path, columns: int) -> None:
    lines = screen(data, columns=columns)

    assert max(len(line.rstrip()) for line in lines) <= columns
    lanes = line_with(lines, "FRANCE TRAVAIL")
    right = lanes.index("CAP EMPLOI")
    frieze = lines[lines.index(lanes) :]
    assert line_with(frieze, "● Inscription").index("●") == lanes.index("FRANCE")
    assert line_with(frieze, "● Prise en").index("●") == right


def test_a_delegation_spans_the_lanes_from_proposal_to_end(data: Path) -> None:
    lines = screen(data, columns=120)
    proposed, accepted, ended = (
        line_with(lines, f"Délégation {step}") for step in ("proposée", "acceptée", "terminée")
    )

    column = accepted.index("┟")
    assert proposed[column] == "╮"
    assert proposed[column - 4 : column] == "────"
    assert accepted[column + 1] == "─"
    assert ended[column] == "┖"
    between = lines[lines.index(accepted) + 1 : lines.index(ended)]
    assert {line[column] for line in between} <= {"┃"}
    below = lines[lines.index(proposed) + 1 : lines.index(accepted)]
    assert {line[column] for line in below} <= {"┊"}
    assert all(column >= len(line) or line[column] in " ─" for line in lines[lines.index(ended) + 1 :])


def test_a_request_for_expertise_has_a_line_of_its_own_until_it_is_answered_or_to_the_end(data: Path) -> None:
    lines = screen(data, columns=120)
    column = line_with(lines, "Délégation acceptée").index("┟") + 2

    asked = [line for line in lines if "● Appui demandé" in line]
    assert asked[0][column] == "╮"
    assert asked[0][column - 2] == "┃"
    assert line_with(lines, "Appui rendu")[column] == "╰"
    assert asked[1][column] == "╭"
    assert lines[-1][column] == "┊"


def test_what_does_not_fit_stands_under_its_event_and_so_do_the_free_texts(data: Path) -> None:
    lines = screen(data, columns=120)

    proposed = lines.index(line_with(lines, "Délégation proposée"))
    assert any("⚠ Délégation sans motif" in line for line in lines[proposed : proposed + 4])
    need = lines.index(line_with(lines, "Besoin de compensation identifié"))
    assert "description : « Poste assis. »" in lines[need + 1]
    joining = lines.index(line_with(lines, "● Prise en charge"))
    assert any("≠ adresse électronique" in line for line in lines[joining : joining + 3])


def test_a_voided_event_stays_and_is_marked(data: Path) -> None:
    lines = screen(data, columns=120)

    voided_at = lines.index(line_with(lines, "Rendez-vous : 03/02/2020"))
    assert "(annulé)" in lines[voided_at] + lines[voided_at + 1]
    assert run(data, "pathway", CASE, env={"FORCE_COLOR": "1", "NO_COLOR": ""}).out.count("\x1b[2;9m") >= 1


def test_updates_that_say_the_same_are_shown_as_one(data: Path) -> None:
    (update,) = [line for line in screen(data, columns=160) if "● Actualisation" in line]

    assert "disponible (× 2, jusqu'au 27/01/2020)" in update


def test_without_colour_nothing_but_text_is_written(data: Path) -> None:
    assert "\x1b" not in "\n".join(screen(data))


def test_as_of_shows_the_pathway_as_it_was_and_says_so(data: Path) -> None:
    lines = screen(data, "--as-of", "2020-03-05")
    said = "\n".join(lines)

    assert "Tel qu'il était le 05/03/2020 à 23:59" in said
    assert "Délégation acceptée" not in said
    assert re.search(r"proposée +délégation : fin prévue le 31/12/2020, depuis 3 j +delegation:D-12", said)
    assert re.search(r"le 17/03/2020 +Délégation proposée en attente de réponse", said)
    assert lines[-1].startswith("vu au 05/03/2020")


def test_a_day_ends_when_it_ends_in_france(data: Path) -> None:
    # The registration occurred at midnight UTC: at one o'clock in France, so not yet on the day before.
    before = done(data, "pathway", CASE, "--as-of", "2020-01-05", "--format", "json").json
    on_the_day = done(data, "pathway", CASE, "--as-of", "2020-01-06", "--format", "json").json

    assert before["tables"]["leg"] == []
    assert len(on_the_day["tables"]["leg"]) == 1
    assert on_the_day["as_of"] == "2020-01-06T22:59:59.999999Z"


def test_known_at_before_anything_was_known_is_an_empty_pathway(data: Path) -> None:
    ran = done(data, "pathway", CASE, "--known-at", "2020-12-31T12:00:00+01:00")

    assert "Tel que le hub le connaissait le 31/12/2020 à 12:00" in ran.out
    assert "Aucun événement à ce moment." in ran.out


def test_as_of_the_end_and_known_now_are_the_live_view(data: Path) -> None:
    live = done(data, "pathway", CASE, "--format", "json").json

    for option in ("--as-of", "--known-at"):
        replayed = done(data, "pathway", CASE, option, "2090-01-01", "--format", "json").json
        assert {**replayed, "as_of": None, "known_at": None} == live


def test_explain_names_the_event_its_source_its_times_and_the_rule(data: Path) -> None:
    ran = done(data, "explain", CASE, "delegation:D-12.status")

    assert "état : terminée  (ended)" in ran.out
    assert "Délégation terminée (DelegationEnded)" in ran.out
    assert "Cap emploi, organisme 44022013500014, conseiller A-1, site 69244" in ran.out
    assert "05/10/2020 à 02:00" in ran.out
    assert re.search(r"position \d+ du registre", ran.out)
    assert re.search(r"cap-emploi\.case-events\.v1, partition \d+, offset \d+", ran.out)
    assert "L'état est l'étape la plus avancée" in ran.out
    assert '"motive": "goal_reached"' in ran.out


def test_explain_of_a_whole_row_names_the_event_of_each_value(data: Path) -> None:
    found = done(data, "explain", CASE, "delegation:D-12", "--format", "json").json

    assert found["value"]["status"] == "ended"
    assert found["set_by"]["proposed_at"] == PROPOSED.meta.event_id
    assert found["set_by"]["status"] == STORY[-1].meta.event_id


def test_every_fact_that_is_listed_can_be_explained(data: Path) -> None:
    names = [each["fact"] for each in done(data, "explain", CASE, "--format", "json").json]

    assert {"phase", "referent_adviser", "delegation:D-12.status", "need:N-1.phase", "expertise:E-2.topic"} <= set(
        names
    )
    for name in names[::7]:
        found = done(data, "explain", CASE, name, "--format", "json").json
        assert found["event"]["content"]["meta"]["event_id"] in found["set_by"].values()
        assert found["rule"].endswith(".")


def test_a_claimed_fact_and_an_event_go_by_their_own_names(data: Path) -> None:
    claim = done(data, "explain", CASE, "email", "--format", "json").json
    assert claim["value"] == "z.lefevre@exemple.fr"
    assert "arbitrage" in claim["rule"]

    found = done(data, "explain", CASE, PROPOSED.meta.event_id, "--format", "json").json
    assert found["event"]["content"]["type"] == "DelegationProposed"


def test_explain_knows_how_it_was(data: Path) -> None:
    then = done(data, "explain", CASE, "delegation:D-12.status", "--as-of", "2020-03-05", "--format", "json").json

    assert (then["value"], then["set_by"]["status"]) == ("proposed", PROPOSED.meta.event_id)
