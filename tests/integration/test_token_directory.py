"""The directory: who it finds, what it refuses, and how a change of the file takes effect."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.api.tokens.directory import EFFECT_WITHIN_S, MOST_DEFECTS, directory_of
from hub.domain.access import Reader
from hub.errors import Usage
from tests.integration.tokens import SUBJECT, Provider, a_provider, written
from tests.unit.telemetry import Clock, Lines

SIRET = "73282932000074"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with a_provider() as found:
        yield found


def reader(provider: Provider, path: Path, **claims: Any) -> Reader:
    return provider.verifier(directory=path).reader(provider.token(**claims))


WAYS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"sub": SUBJECT}, {}),
    ({"email": "Zoe.L@Example.fr"}, {"email": "zoe.l@example.FR"}),
    ({"siret": SIRET, "uid": "u-4"}, {"siret": SIRET, "uid": "u-4"}),
]


@pytest.mark.parametrize(("found_by", "claims"), WAYS)
def test_roles_come_from_the_entry_alone(
    provider: Provider, tmp_path: Path, found_by: dict[str, Any], claims: dict[str, Any]
) -> None:
    entry = {
        **found_by,
        "roles": ["site_lead"],
        "network": "france_travail",
        "adviser": "A-17",
        "organisation": "ft-69",
        "sites": ["69123"],
        "departments": ["69"],
        "note": "until June",
    }
    path = written(tmp_path, [entry])
    found = reader(provider, path, roles=["dpo"], network="cap_emploi", adviser="C-4", **claims)
    assert found == Reader(
        f"{provider.url}|{SUBJECT}",
        frozenset({"site_lead"}),
        "france_travail",
        "A-17",
        "ft-69",
        frozenset({"69123"}),
        frozenset({"69"}),
    )


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"sub": "another"},
        {"email": "zoe.l@example.fr.attacker.example"},
        {"email": "zoe.l@example.fr", "email_verified": False},
        {"email": "zoe.l@example.fr", "email_verified": "false"},
        {"email": "zoe.l@example.fr", "email_verified": [True]},
        {"email": ["zoe.l@example.fr"]},
        {"siret": SIRET, "uid": "u-5"},
        {"siret": "35600000000048", "uid": "u-4"},
        {"uid": "u-4"},
        {"sub": "feed", "roles": ["publisher"]},
        {"client_id": "feed"},
    ],
)
def test_whoever_it_does_not_find_has_no_role(provider: Provider, tmp_path: Path, claims: dict[str, Any]) -> None:
    path = written(
        tmp_path,
        [
            {"sub": "someone", "roles": ["adviser"]},
            {"email": "zoe.l@example.fr", "roles": ["adviser"]},
            {"siret": SIRET, "uid": "u-4", "roles": ["adviser"]},
            {"client": "feed", "roles": ["publisher"], "network": "cap_emploi"},
        ],
    )
    found = reader(provider, path, **claims)
    assert (found.roles, found.network, found.adviser) == (frozenset(), None, None)


def test_what_is_surer_is_found_first(provider: Provider, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        [
            {"email": "zoe.l@example.fr", "roles": ["dpo"]},
            {"siret": SIRET, "uid": "u-4", "roles": ["manager"]},
            {"sub": SUBJECT, "roles": ["adviser"]},
        ],
    )
    claims = {"email": "zoe.l@example.fr", "siret": SIRET, "uid": "u-4"}
    assert reader(provider, path, **claims).roles == {"adviser"}
    assert reader(provider, path, **claims, sub="else").roles == {"manager"}


def test_a_system_is_found_by_its_client_id(provider: Provider, tmp_path: Path) -> None:
    path = written(tmp_path, [{"client": "feed", "roles": ["publisher"], "network": "cap_emploi"}])
    found = reader(provider, path, sub="feed", azp="feed", network="france_travail", roles=["dpo"])
    assert found.is_system
    assert (found.roles, found.network) == (frozenset({"publisher"}), "cap_emploi")


GOOD: dict[str, Any] = {"sub": "s", "roles": ["adviser"]}
BROKEN: dict[str, tuple[Any, str]] = {
    "no JSON": ("{", "list of entries"),
    "nothing": ("", "list of entries"),
    "nested deep": ("[" * 100_000, "list of entries"),
    "an object": ({"entries": []}, "list of entries"),
    "nobody": ([{"roles": ["adviser"]}], "entry 1: give one of"),
    "two ways": ([GOOD, {**GOOD, "email": "a@b"}], "entry 2: give one of"),
    "uid without siret": ([{"uid": "u"}], "entry 1: give one of"),
    "siret without uid": ([{**GOOD, "siret": SIRET}], "entry 1: give one of"),
    "an unknown role": ([GOOD, {"sub": "t", "roles": ["advisor"]}], "entry 2 `roles`"),
    "an unknown network": ([{**GOOD, "network": "pe"}], "entry 1 `network`"),
    "a malformed site": ([{**GOOD, "sites": ["1"]}], "entry 1 `sites`"),
    "a malformed siret": ([{"siret": "7328293200007", "uid": "u"}], "entry 1 `siret`"),
    "an unknown field": ([{**GOOD, "secret-name": "x"}], "entry 1: has something that is none of adviser, client"),
    "an entry twice": ([GOOD, {**GOOD, "roles": []}], "entry 2 is found by the same"),
    "an address twice": ([{"email": "A@b.fr"}, {"email": "a@B.fr"}], "entry 2 is found by the same"),
    "a person who publishes": ([{"sub": "s", "roles": ["publisher"]}], "only a client"),
    "a client who advises": ([{"client": "c", "roles": ["adviser"]}], "publisher only"),
    "an entry that is a list": ([[]], "entry 1"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_directory_stops_the_start_and_names_the_entry(
    provider: Provider, tmp_path: Path, broken: str
) -> None:
    content, told = BROKEN[broken]
    path = written(tmp_path, content)
    with pytest.raises(Usage, match="HUB_DIRECTORY") as failure:
        provider.verifier(directory=path)
    assert told in str(failure.value)
    assert all(value not in str(failure.value) for value in ("secret-name", "7328293200007", "advisor", "a@b"))


def test_many_defects_are_counted(provider: Provider, tmp_path: Path) -> None:
    path = written(tmp_path, [{"sub": str(number), "roles": ["x"]} for number in range(MOST_DEFECTS + 7)])
    with pytest.raises(Usage, match="and 7 more"):
        provider.verifier(directory=path)


def test_a_missing_directory_stops_the_start(provider: Provider, tmp_path: Path) -> None:
    with pytest.raises(Usage, match="HUB_DIRECTORY cannot be read"):
        provider.verifier(directory=tmp_path / "none.json")


def test_a_change_of_the_file_takes_effect_on_tokens_seen_before(provider: Provider, tmp_path: Path) -> None:
    path = written(tmp_path, [{"sub": SUBJECT, "roles": ["dpo"]}])
    verifier = provider.verifier(directory=path)
    token = provider.token()
    assert verifier.reader(token).roles == {"dpo"}
    written(tmp_path, [{"sub": SUBJECT, "roles": []}])
    provider.passes(EFFECT_WITHIN_S)
    assert verifier.reader(token).roles == frozenset()
    assert "directory_read" in provider.lines.events


def test_whoever_was_taken_out_while_nobody_asked_is_refused_at_once(provider: Provider, tmp_path: Path) -> None:
    path = written(tmp_path, [{"sub": SUBJECT, "roles": ["dpo"]}])
    verifier = provider.verifier(directory=path)
    assert verifier.reader(provider.token()).roles == {"dpo"}
    written(tmp_path, [])
    provider.passes(600)
    assert verifier.reader(provider.token()).roles == frozenset()


@pytest.mark.parametrize("broken", ["{", '[{"sub": "s", "roles": ["x"]}]', None])
def test_a_file_that_breaks_changes_nothing_until_it_is_mended(
    provider: Provider, tmp_path: Path, broken: str | None
) -> None:
    path = written(tmp_path, [{"sub": SUBJECT, "roles": ["dpo"]}])
    verifier = provider.verifier(directory=path)
    if broken is None:
        path.unlink()
    else:
        written(tmp_path, broken)
    for _ in range(3):
        provider.passes(EFFECT_WITHIN_S)
        assert verifier.reader(provider.token()).roles == {"dpo"}
    assert provider.lines.events == ["directory_refused"]
    assert "HUB_DIRECTORY" in provider.lines.text
    written(tmp_path, [{"sub": SUBJECT, "roles": ["manager"]}])
    provider.passes(EFFECT_WITHIN_S)
    assert verifier.reader(provider.token()).roles == {"manager"}


def test_a_file_written_in_place_is_noticed(provider: Provider, tmp_path: Path) -> None:
    path = written(tmp_path, [{"sub": SUBJECT, "roles": ["dpo"]}])
    verifier = provider.verifier(directory=path)
    path.write_text(json.dumps([{"sub": SUBJECT, "roles": ["auditor"]}]))
    os.utime(path, ns=(1, 1))
    provider.passes(EFFECT_WITHIN_S)
    assert verifier.reader(provider.token()).roles == {"auditor"}


def test_a_file_that_is_no_json_is_refused_with_the_place_and_without_its_text(tmp_path: Path) -> None:
    path = written(tmp_path, '[{"sub": "Zqx"},\n {"sub": "Zqx"')
    with pytest.raises(Usage) as refused:
        directory_of(path, clock=Clock(), log=Lines().log)
    assert "line 2 column" in str(refused.value)
    assert "Zqx" not in str(refused.value)
