"""The region of `hub demo` as it is by default: each of those as whom one logs in has something to see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pytest

from hub.access.asking import Asked
from hub.access.guard import Guard
from hub.api.queries import figures
from hub.cli.demotime import PRESENT
from hub.domain.access import Reader
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.ledger.database import reading
from hub.projections import generations
from hub.settings import Settings
from hub.web.home import marking
from hub.web.home.address import Given
from hub.web.home.reading import Found, read
from hub.wiring import Hub
from hub.wiring.accesslog import access_log
from hub.wiring.localissuer import busiest
from hub.wiring.serving import services_of
from tests.integration.commands import done

if TYPE_CHECKING:
    from hub.api.front import Watch
    from hub.api.services import Tokens

WEEK = timedelta(days=7)


class Demo(NamedTuple):
    """A demo that ran, and what it told."""

    hub: Hub
    told: dict[str, Any]

    def home(self, network: str) -> Found:
        """Read the first page of the adviser of a network as whom one logs in first."""
        adviser, _ = busiest(self.hub, network)[0]
        reader = Reader(f"test|{adviser}", frozenset({"adviser"}), network, adviser)
        guard = Guard(self.hub.store, access_log(self.hub), self.hub.now)
        with guard.reading(Asked(reader, "GET /accueil")) as look:
            services = services_of(self.hub, cast("Tokens", None), access_log(self.hub), cast("Watch", None), bool)
            start = marking.start(look.connection, None, look.now)
            return read(services, look, start, Given().choice(), None)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder: Path = tmp_path_factory.mktemp("demo")
    told = done(folder, "demo", "--format", "json").json
    with Hub(Settings(data=folder / "demo"), lambda: PRESENT) as hub:
        yield Demo(hub, told)


def test_managers_see_figures_of_the_region_and_of_its_sites(demo: Demo) -> None:
    _, since, until = figures.quarter_of(figures.last_quarter(PRESENT.date()))
    with reading(demo.hub.store) as connection:
        found = figures.delegations(connection, generations.live(connection), PRESENT.date(), since, until)

    # Late answers are few, and what is few is hidden.
    assert {name for name, value in found.total.items() if value is None} <= {"overdue"}
    assert all(site["open"] and site["accepted"] for site in found.sites)
    assert any(site["declined"] is None for site in found.sites)


@pytest.mark.parametrize("network", [FRANCE_TRAVAIL, CAP_EMPLOI])
def test_what_an_adviser_is_shown_first_has_something_of_each_kind(demo: Demo, network: str) -> None:
    found = demo.home(network)

    assert found.pairs
    assert found.contested.facts
    assert found.notices
    assert found.expected["overdue"].total
    assert found.expected["awaited"].total
    assert found.expected["month"].total


@pytest.mark.parametrize("network", [FRANCE_TRAVAIL, CAP_EMPLOI])
def test_news_of_a_week_came_in_that_week_and_tells_of_it(demo: Demo, network: str) -> None:
    found = demo.home(network)

    assert found.news.acts
    # What is decided about records is no line of one pathway.
    told = [found.lines[act.event_id] for act in found.news.acts if act.event_id in found.lines]
    assert told
    assert all(line.occurred_at <= PRESENT for line in told)
    # A few are recorded late, up to three weeks after the fact.
    assert all(line.occurred_at > PRESENT - timedelta(days=31) for line in told)
    assert sum(line.occurred_at > PRESENT - WEEK - timedelta(days=1) for line in told) * 2 >= len(told)


def test_the_pathway_told_has_both_networks_and_what_they_do_together(demo: Demo) -> None:
    tables = demo.told["pathway"]

    assert {case["network"] for case in tables["cases"]} == {FRANCE_TRAVAIL, CAP_EMPLOI}
    assert 25 <= len(tables["timeline"]) <= 45


def test_operators_have_records_to_decide_about_and_officers_a_reader_who_is_stopped(demo: Demo) -> None:
    assert sum(demo.told["quarantine"].values()) > 0
    assert demo.told["readings"]["stopped"] == 1
    assert demo.told["readings"]["reasons"] == 2
    assert demo.told["readings"]["shown"] > 50
