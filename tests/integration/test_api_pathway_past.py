"""The pathway over HTTP as it was: what the command line shows too, days in France, later links, erased people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub.audit.viewing import document
from hub.ledger.database import reading
from hub.projections import generations
from hub.projections.finding import find
from tests.integration.people import (
    AUDITOR,
    EVERYTHING,
    HEALTH,
    NOW,
    REFERENT,
    STRANGER,
    People,
    erased,
    linked,
    people,
    unlinked,
)
from tests.unit.pathway.builders import CE, FT, moment, registered

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture(scope="module")
def shared(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with people(tmp_path_factory.mktemp(engine)) as found:
        yield found


@pytest.fixture
def hub(shared: People) -> People:
    """People whom all tests of the module read; each begins at the same moment."""
    shared.at(NOW)
    return shared


@pytest.fixture
def own(tmp_path: Path) -> Iterator[People]:
    """People of a test that changes them."""
    with people(tmp_path) as found:
        yield found


def shown_by_cli(hub: People, as_of: str | None, known_at: str | None) -> dict[str, Any]:
    """Give what `hub pathway --format json` shows."""
    times = moment(as_of) if as_of else None, moment(known_at) if known_at else None
    with reading(hub.api.hub.store) as connection:
        tables = generations.live(connection)
        viewer = hub.api.hub.viewer
        view = viewer.view(connection, tables, find(connection, tables, hub.person_id), *times)
        shown: dict[str, Any] = json.loads(_encoded(document(view, viewer.decisions(connection, view), *times)))
        return shown


def _encoded(value: Any) -> bytes:
    return msgspec.json.encode(value)


@pytest.mark.parametrize(
    ("as_of", "known_at"),
    [(None, None), ("2021-01-31T23:00:00Z", None), ("1990-01-01T00:00:00Z", None), (None, NOW), (NOW, "2021-01-01Z")],
)
def test_a_view_is_what_the_command_line_shows(hub: People, as_of: str | None, known_at: str | None) -> None:
    if known_at == "2021-01-01Z":
        known_at = "2021-01-01T00:00:00Z"
    params = {name: value for name, value in (("as_of", as_of), ("known_at", known_at)) if value}
    found, expected = hub.read(REFERENT, **params), shown_by_cli(hub, as_of, known_at)

    assert {name: found[name] for name in expected if name != "timeline"} == {
        name: value for name, value in expected.items() if name != "timeline"
    }
    assert hub.read(REFERENT, "timeline", **params, limit=500)["items"] == expected["timeline"]


def test_a_day_means_its_end_in_france(hub: People) -> None:
    by_day = hub.read(REFERENT, as_of="2021-01-13")
    by_time = hub.read(REFERENT, as_of="2021-01-13T23:59:59.999999+01:00")
    assert by_day == by_time
    assert by_day["tables"]["delegation"][0]["status"] == "proposed"
    assert hub.read(REFERENT)["tables"]["delegation"][0]["status"] == "active"


@pytest.mark.parametrize(
    "wrong", ["yesterday", "2021-02-30", "2021-03-01T12:00", "20210301", "", "2021-03-01T12:00:00 01:00"]
)
@pytest.mark.parametrize("parameter", ["as_of", "known_at"])
def test_a_wrong_moment_is_named(hub: People, parameter: str, wrong: str) -> None:
    answer = hub.get(REFERENT, "", params={parameter: wrong})
    assert answer.status_code == 422
    assert [each["parameter"] for each in answer.json()["errors"]] == [parameter]
    assert not wrong or wrong not in answer.text


def test_a_record_linked_later_is_in_the_pathway_and_named_in_its_past(own: People) -> None:
    own.at("2021-04-16T12:00:00Z")
    later = CE._replace(local_id="CE-77")
    own.take(registered(later, "2021-04-15"), linked(FT, later, "2021-04-16"))

    now = own.read(REFERENT)
    assert later.local_id in {each["local_id"] for each in now["cases"]}
    assert [each["type"] for each in now["decisions"]] == ["RecordsLinked"]
    then = own.read(REFERENT, known_at=NOW)
    assert later.local_id not in {each["local_id"] for each in then["cases"]}
    assert [each["local_id"] for each in then["linked_since"]] == [later.local_id]


def test_the_past_does_not_show_a_person_who_was_linked_by_mistake(own: People) -> None:
    own.at("2021-04-16T12:00:00Z")
    own.take(linked(FT, STRANGER, "2021-04-16"))
    together = "2021-04-16T12:00:01Z"
    assert STRANGER.local_id in {each["local_id"] for each in own.read(REFERENT)["cases"]}
    own.at("2021-04-17T12:00:00Z")
    own.take(unlinked(FT, STRANGER, "2021-04-17"))

    assert "Verne" not in own.get(REFERENT, "").text
    for path in ("", "timeline", "facts", "claims"):
        then = own.get(REFERENT, path, params={"known_at": together})
        assert then.status_code == 403
        assert "Verne" not in then.text
    assert own.state_reason(REFERENT, own.stranger_id).status_code == 201
    assert "Verne" in own.get(REFERENT, "claims", params={"known_at": together}).text


def test_of_an_erased_person_only_the_erasure_is_shown(own: People) -> None:
    own.at("2021-04-16T12:00:00Z")
    own.take(erased(FT, "2021-04-16"), erased(CE, "2021-04-16"))

    assert own.get(REFERENT, "").status_code == 403
    assert own.state_reason(AUDITOR, code="audit").status_code == 201
    found = own.read(AUDITOR)
    assert found["erased"] == "request"
    assert (found["cases"], found["links"], found["free_texts"], found["decisions"]) == ([], [], [], [])
    for path in EVERYTHING:
        for params in ({}, {"as_of": "2021-02-01"}, {"known_at": NOW}):
            text = own.get(AUDITOR, path, params=params).text
            assert [marker for marker in (*HEALTH, "Zola", FT.local_id, CE.local_id) if marker in text] == []
    assert own.get(AUDITOR, f"events/{own.life[4].meta.event_id}").status_code == 404
