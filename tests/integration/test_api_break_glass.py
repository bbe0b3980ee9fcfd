"""Break-glass over HTTP: a reason opens a person for some hours, whoever asks, and tells nothing by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import pytest

from hub.access.grants import LONGEST_TEXT
from tests.integration.people import (
    AUDITOR,
    DPO,
    MANAGER,
    NOBODY,
    OTHER,
    REFERENT,
    People,
    people,
)
from tests.unit.pathway.builders import moment

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[People]:
    with people(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def refusing(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """People of whom every test is refused what it asks for: they stay as they are."""
    with people(tmp_path_factory.mktemp(engine)) as found:
        yield found


def test_a_reason_opens_the_pathway_until_its_hours_are_over(hub: People) -> None:
    assert hub.get(OTHER, "").status_code == 403
    stated = hub.state_reason(OTHER)
    assert (stated.status_code, stated.json()["code"]) == (201, "emergency")

    until = moment(stated.json()["until"])
    assert until - hub.clock.moment == timedelta(hours=4)
    seen = hub.read(OTHER)["seen"]
    assert (seen["sight"], seen["ground"]) == ("full", "break_glass")
    assert abs(moment(seen["until"]) - until) < timedelta(seconds=1)

    hub.clock.moment = until + timedelta(seconds=1)
    assert hub.get(OTHER, "").status_code == 403


def test_a_reason_counts_for_one_reader_and_one_person(hub: People) -> None:
    hub.state_reason(OTHER)
    assert hub.get(OTHER, f"/api/v1/pathways/{hub.stranger_id}").status_code == 403
    assert hub.get(OTHER._replace(reader_id="test|colleague"), "").status_code == 403


def test_the_reason_is_told_to_whoever_looks_who_looked(hub: People) -> None:
    hub.state_reason(OTHER, code="replacement", text="Remplacement de Mme Dupont, absente.")
    entries = hub.read(AUDITOR, "accesses")["items"]
    assert [(each["kind"], each["code"], each["reader_id"], each["sight"]) for each in entries] == [
        ("break_glass", "replacement", OTHER.reader_id, "nothing")
    ]
    assert "Dupont" not in str(entries)


def test_a_reason_for_nobody_is_answered_like_any_other(hub: People) -> None:
    known, unknown = hub.state_reason(OTHER), hub.state_reason(OTHER, NOBODY)

    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert known.headers.keys() == unknown.headers.keys()
    assert hub.get(OTHER, f"/api/v1/pathways/{NOBODY}").status_code == 403


def test_a_reason_for_nobody_takes_no_less_time_than_for_anybody(hub: People) -> None:
    def took(person_id: str) -> float:
        began = perf_counter()
        hub.state_reason(OTHER, person_id)
        return perf_counter() - began

    times = [(took(hub.person_id), took(NOBODY)) for _ in range(15)]
    known, unknown = median(each for each, _ in times), median(each for _, each in times)
    assert unknown > known / 3, "both are recorded in the same way"


def test_whoever_guesses_is_stopped_by_reasons_for_nobody_too(tmp_path: Path) -> None:
    with people(tmp_path, volume_other_slow_per_hour=3, volume_other_stop_per_day=5) as hub:
        answers = [hub.state_reason(OTHER, NOBODY[:-1] + digit) for digit in "0123456789"]
    codes = [each.status_code for each in answers]
    assert codes[:3] == [201] * 3
    assert 429 in codes
    assert codes[-1] == 403
    assert answers[-1].json()["type"].endswith("reading_stopped")


@pytest.mark.parametrize(
    "stated",
    [
        {"code": "curiosity"},
        {"text": ""},
        {"text": "  \n\t "},
        {"text": "x" * (LONGEST_TEXT + 1)},
        {"text": None},
        {"until": "2099-01-01T00:00:00Z"},
    ],
)
def test_a_reason_that_says_nothing_is_refused(refusing: People, stated: dict[str, Any]) -> None:
    for person_id in (refusing.person_id, NOBODY):
        assert refusing.state_reason(OTHER, person_id, **stated).status_code == 422
    assert refusing.get(OTHER, "").status_code == 403


def test_any_characters_may_say_why(hub: People) -> None:
    for text in ("\x00 a", "\U0001f600 'quoted' \"twice\" <b>", "é" * LONGEST_TEXT):
        assert hub.state_reason(OTHER, text=text).status_code == 201


def test_a_text_that_is_no_text_is_refused(refusing: People) -> None:
    path = f"/api/v1/pathways/{refusing.person_id}/reasons"
    for body in (b'{"code":"emergency","text":"\\ud800"}', b'{"code":"emergency","text":"\xff"}', b"[", b""):
        answer = refusing.api.client(OTHER).post(path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in {400, 422}


def test_who_reads_nobody_states_no_reason(refusing: People) -> None:
    assert refusing.state_reason(MANAGER).status_code == 403
    assert refusing.api.client().post(f"/api/v1/pathways/{refusing.person_id}/reasons").status_code == 401


def test_each_role_sees_after_a_reason_what_its_office_needs(hub: People) -> None:
    for reader, ground in ((AUDITOR, "audit"), (DPO, "data_protection"), (OTHER, "break_glass")):
        assert hub.state_reason(reader).status_code == 201
        seen = hub.read(reader)["seen"]
        assert (seen["sight"], seen["ground"]) == ("full", ground)
        assert seen["until"] is not None
    assert hub.read(REFERENT)["seen"]["ground"] == "referent"
