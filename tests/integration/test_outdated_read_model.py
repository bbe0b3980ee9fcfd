"""A read model that another version of the hub built is named wherever an operator looks, until it is rebuilt."""

from __future__ import annotations

from pathlib import Path

from hub.ledger.database import writing
from hub.projections.generations import LIVE
from hub.projections.tables import generation
from hub.settings import Settings
from hub.wiring import Hub
from hub.wiring.outdated import warn_of_outdated
from hub.wiring.worker import work
from tests.integration.commands import done, taken
from tests.integration.test_serve import serving
from tests.integration.test_telemetry_privacy import eventually
from tests.unit.pathway.builders import FT, registered
from tests.unit.telemetry import Lines

SAID = "built by another version of the hub: run `hub rebuild`"


def made_by_another_version(data: Path) -> None:
    """Give a hub whose live read model names another shape."""
    taken(data, registered(FT))
    with Hub(Settings(data=data)) as hub, writing(hub.store) as connection:
        connection.execute(generation.update().where(generation.c.state == LIVE).values(shape="another"))


def warned(data: Path) -> Lines:
    lines = Lines()
    with Hub(Settings(data=data)) as hub:
        warn_of_outdated(hub.store, lines.log)
    return lines


def test_the_status_says_that_a_rebuild_is_due_until_it_is_done(tmp_path: Path) -> None:
    data = tmp_path / "data"
    made_by_another_version(data)
    assert done(data, "status", "--format", "json").json["generation"]["outdated"] is True
    assert SAID in " ".join(done(data, "status").out.split())

    done(data, "rebuild")

    assert done(data, "status", "--format", "json").json["generation"]["outdated"] is False
    assert SAID not in " ".join(done(data, "status").out.split())
    assert warned(data).events == []


def test_a_worker_with_nothing_to_read_says_it_when_it_starts(tmp_path: Path) -> None:
    data = tmp_path / "data"
    made_by_another_version(data)
    lines = Lines()
    asked = iter(range(1_000))
    work(Settings(data=data), lines.log, lambda: next(asked) > 5)

    found = [line for line in lines.found if line["event"] == "read_model_outdated"]
    assert [(line["level"], line["generation"]) for line in found] == [("warning", 1)]


def test_the_api_says_it_when_it_starts(tmp_path: Path) -> None:
    data = tmp_path / "data"
    made_by_another_version(data)
    with serving(data, "--local-issuer") as served:
        eventually(served.is_ready)
        assert served.events.count("read_model_outdated") == 1
