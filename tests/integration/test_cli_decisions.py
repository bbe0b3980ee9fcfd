"""People's decisions from the shell: suggestions looked at, records linked, unlinked, rejected; quarantine decided."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.domain.events.base import Event
from hub.domain.ids import CaseKey
from tests.integration.commands import done, run, taken
from tests.unit.pathway.builders import CE, FT, registered

BORN: dict[str, Any] = {"given_name": "Zoé", "birth_date": "1985-03-12", "birth_place": "69244"}
LEFT, RIGHT = "/".join(CE), "/".join(FT)
OTHER = CaseKey("france_travail", "", "10987654321")


def misspelt() -> tuple[Event, Event]:
    """One person, whose family name the networks spell differently."""
    return registered(FT, family_name="Lefèvre", **BORN), registered(CE, "2020-03-02", family_name="Lefebvre", **BORN)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A hub with a near match."""
    folder = tmp_path / "data"
    taken(folder, *misspelt())
    return folder


def suggested(data: Path) -> list[tuple[str, str]]:
    found = done(data, "suggestions", "--format", "json").json
    return [("/".join(each["left"].values()), "/".join(each["right"].values())) for each in found]


def people(data: Path) -> int:
    count: int = done(data, "status", "--format", "json").json["held"]["people"]
    return count


def test_a_near_match_is_suggested_with_its_reasons_in_french(data: Path) -> None:
    (found,) = done(data, "suggestions", "--format", "json").json

    assert (found["rule"], found["skipped_because"]) == ("near", None)
    assert 80 <= found["score"] < 100
    assert found["reasons"][0] == "même date de naissance"
    assert "noms proches" in found["reasons"]
    text = done(data, "suggestions").out
    assert "même prénom" in text
    assert str(found["score"]) in text


def test_a_link_joins_the_histories_and_ends_the_suggestion(data: Path) -> None:
    assert people(data) == 2

    ran = done(
        data, "link", LEFT, RIGHT, "--evidence", "confirmed_by_person", "--by", "A-9", "--comment", "Vu ensemble."
    )

    assert "share one pathway" in ran.out
    assert people(data) == 1
    assert suggested(data) == []
    document = done(data, "pathway", RIGHT, "--format", "json").json
    (decision,) = document["decisions"]
    assert (decision["type"], decision["meta"]["actor_id"], decision["comment"]) == (
        "RecordsLinked",
        "A-9",
        "Vu ensemble.",
    )
    assert "décision d'une personne" in done(data, "pathway", LEFT).out
    assert "Rapprochement de deux dossiers" in done(data, "pathway", LEFT).out


def test_an_unlink_gives_each_its_own_history_back_and_keeps_the_pair_as_undone(data: Path) -> None:
    before = [done(data, "pathway", name, "--format", "json").json["tables"] for name in (LEFT, RIGHT)]
    done(data, "link", LEFT, RIGHT, "--evidence", "adviser_review")

    ran = done(data, "unlink", RIGHT, LEFT, "--reason", "different_people")

    assert "pathway of its own" in ran.out
    assert [done(data, "pathway", name, "--format", "json").json["tables"] for name in (LEFT, RIGHT)] == before
    assert suggested(data) == []
    assert "dissociés" in done(data, "pathway", LEFT).out


def test_a_rejected_pair_is_never_proposed_again(data: Path) -> None:
    assert suggested(data) == [(LEFT, RIGHT)]

    done(data, "reject", LEFT, RIGHT)

    assert suggested(data) == []
    assert done(data, "suggestions").out == "Aucun rapprochement à examiner.\n"


def test_no_pair_is_proposed_between_pathways_that_a_person_keeps_apart(data: Path) -> None:
    third = registered(OTHER, "2020-05-04", family_name="Lefevbre", **BORN)
    taken(data, third)
    assert len(suggested(data)) == 3
    done(data, "link", "/".join(OTHER), RIGHT, "--evidence", "adviser_review")

    done(data, "reject", LEFT, RIGHT)

    assert suggested(data) == []


def test_a_link_that_a_decision_holds_back_is_suggested_with_why(tmp_path: Path) -> None:
    taken(tmp_path, registered(FT, family_name="Roux", **BORN), registered(CE, family_name="Roux", **BORN))
    assert people(tmp_path) == 1

    done(tmp_path, "unlink", LEFT, RIGHT, "--reason", "doubt")

    (found,) = done(tmp_path, "suggestions", "--format", "json").json
    assert (found["rule"], found["skipped_because"], found["score"]) == ("traits", "unlinked", 100)
    assert "cette paire a été dissociée" in " ".join(done(tmp_path, "suggestions").out.split())


def test_suggestions_are_the_best_first_and_as_many_as_asked(tmp_path: Path) -> None:
    nearer = registered(OTHER, family_name="Lefebvre", **{**BORN, "birth_place": "69245"})
    taken(tmp_path, *misspelt(), nearer)

    found = done(tmp_path, "suggestions", "--format", "json").json

    scores = [each["score"] for each in found]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert done(tmp_path, "suggestions", "--limit", "1", "--format", "json").json == found[:1]


def test_a_decision_may_wait_for_the_consumer(data: Path) -> None:
    ran = done(data, "link", LEFT, RIGHT, "--evidence", "adviser_review", "--no-consume")

    assert "hub consume --until-caught-up" in ran.out
    assert people(data) == 2
    done(data, "consume", "--until-caught-up")
    assert people(data) == 1


def test_a_link_may_name_a_record_that_the_hub_does_not_know_yet(data: Path) -> None:
    answer = done(
        data, "link", LEFT, "france_travail//99999999999", "--evidence", "adviser_review", "--format", "json"
    ).json

    assert answer["one_pathway"] is False
    assert answer["consumed"] is True
    assert answer["topic"] == "hub.decisions.v1"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A hub with the broken records of a region in quarantine."""
    folder = tmp_path / "data"
    done(folder, "init")
    done(folder, "simulate", "--people", "12", "--out", folder / "region.jsonl")
    done(folder, "publish", "--raw", folder / "region.jsonl")
    done(folder, "consume", "--until-caught-up")
    return folder


def test_quarantine_lists_every_broken_record_with_its_reason(broken: Path) -> None:
    lines = (broken / "region.jsonl").read_text().splitlines()
    count = sum("raw" in json.loads(line) for line in lines)

    entries = done(broken, "quarantine", "list", "--format", "json").json

    assert len(entries) == count > 0
    assert {"undecodable", "unknown_schema", "forbidden_network"} <= {entry["reason"] for entry in entries}
    assert all(entry["detail"] and entry["state"] == "held" for entry in entries)
    assert len(done(broken, "quarantine", "list").out.splitlines()) == count
    first = done(broken, "quarantine", "list", "--limit", "1")
    assert len(first.out.splitlines()) == 1
    assert "--after 1 " in first.err


def test_an_entrys_original_bytes_come_out_as_they_went_in(broken: Path, tmp_path: Path) -> None:
    entry = done(broken, "quarantine", "show", "1", "--format", "json").json
    file = tmp_path / "record.bin"

    done(broken, "quarantine", "show", "1", "--bytes", file)

    value = file.read_bytes()
    assert len(value) == entry["value_bytes"]
    assert value[:32].hex(" ") == entry["value_begins"]
    assert file.stat().st_mode & 0o777 == 0o600
    again = run(broken, "quarantine", "show", "1", "--bytes", file)
    assert again.code == 1
    assert "name a new file" in again.err


def test_what_is_still_broken_stays_held_when_redriven(broken: Path) -> None:
    ran = run(broken, "quarantine", "redrive", "--all", "--reason", "undecodable", "--format", "json")

    assert ran.code == 1
    assert {result["outcome"] for result in ran.json} == {"still held"}
    assert done(broken, "status", "--format", "json").json["accounting"]["adds_up"]
    assert run(broken, "quarantine", "redrive", "1").code == 1


def test_nothing_to_redrive_is_no_failure(broken: Path) -> None:
    assert "nothing held" in done(broken, "quarantine", "redrive", "--all", "--reason", "no_such_reason").err


def test_a_discarded_record_stays_counted(broken: Path) -> None:
    before = done(broken, "status", "--format", "json").json["accounting"]

    done(broken, "quarantine", "discard", "1", "--note", "test de recette", "--by", "A-9")

    after = done(broken, "status", "--format", "json").json["accounting"]
    assert (after["quarantined"], after["discarded"]) == (before["quarantined"] - 1, 1)
    assert after["adds_up"]
    (entry,) = done(broken, "quarantine", "list", "--state", "discarded", "--format", "json").json
    assert (entry["decided_by"], entry["note"]) == ("A-9", "test de recette")
    assert "discarded 1" in done(broken, "status").out
    assert run(broken, "quarantine", "discard", "1", "--note", "encore").code == 1
    assert run(broken, "quarantine", "discard", "2", "--note", " ").code == 2


def test_the_released_schemas_are_listed_and_hold(tmp_path: Path) -> None:
    listed = done(tmp_path, "schemas", "list", "--format", "json").json

    assert {name: listed[0][name] for name in ("id", "event_type", "version")} == {
        "id": 1,
        "event_type": "CaseRegistered",
        "version": 1,
    }
    assert done(tmp_path, "schemas", "check").code == 0
    assert run(tmp_path, "schemas", "check", tmp_path).code == 1
