"""Delegation figures over HTTP: what a manager sees of the sites in their scope, and what is left out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from hub.api.documents.figures import DelegationReport
from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.domain.events.delegation import DelegationAccepted, DelegationCancelled, DelegationDeclined, DelegationProposed
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.ledger.database import reading
from hub.projections import generations
from hub.projections.delegation_figures import Delay, SiteCounts, counts, delays
from tests.integration.apis import Api, an_api
from tests.integration.hubs import SteppingClock, folder, take
from tests.unit.pathway.builders import OPS, event, registered

NOW = datetime(2021, 7, 2, 9, tzinfo=UTC)
PATH = "/api/v1/figures/delegations"
LYON, VILLEURBANNE, TASSIN, BOURG = "69123", "69266", "69244", "01053"


def a_manager(*departments: str, sites: tuple[str, ...] = ()) -> Reader:
    return Reader("m", frozenset({"manager"}), departments=frozenset(departments), sites=frozenset(sites))


def a_lead(site: str) -> Reader:
    return Reader("l", frozenset({"site_lead"}), network=FRANCE_TRAVAIL, sites=frozenset({site}))


def delegated(number: int, site: str, *steps: tuple[str, str]) -> list[Event]:
    """Give a person whose accompaniment a site proposed to delegate, and what became of it: (step, time)."""
    case = CaseKey(FRANCE_TRAVAIL, "", f"{number:011d}")
    named: dict[str, Any] = {"delegation_id": f"D-{number}"}
    made: list[Event] = [registered(case, "2021-01-04", family_name=f"Nom{number}", site=site)]
    other = CaseKey(CAP_EMPLOI, OPS, f"CE-{number}")
    for step, at in steps:
        match step:
            case "proposed":
                made.append(event(DelegationProposed, at, case, site=site, ground="compensation", **named))
            case "accepted":
                made.append(event(DelegationAccepted, at, other, site=None, **named))
            case "declined":
                made.append(event(DelegationDeclined, at, other, site=None, motive="no_capacity", **named))
            case _:
                made.append(event(DelegationCancelled, at, case, site=site, motive="withdrawn", **named))
    if len(made) > 2:
        made.insert(1, registered(other, "2021-01-05", other=case, site=None))
    return made


def history() -> list[Event]:
    """Give delegations of four sites, all proposed in the second quarter.

    Lyon: 7 accepted after 1 to 7 days, 6 declined after 10. Villeurbanne: 8 accepted after a day, 5 declined after 3.
    Tassin: 9 overdue, 5 that are not yet. Bourg: 3 proposed, and one withdrawn.
    """
    made: list[Event] = []
    start = datetime(2021, 5, 3, 8, tzinfo=UTC)

    def after(days: int) -> str:
        return (start + timedelta(days=days)).isoformat()

    for number in range(1, 8):
        made += delegated(number, LYON, ("proposed", after(0)), ("accepted", after(number)))
    for number in range(8, 14):
        made += delegated(number, LYON, ("proposed", after(0)), ("declined", after(10)))
    for number in range(14, 22):
        made += delegated(number, VILLEURBANNE, ("proposed", after(0)), ("accepted", after(1)))
    for number in range(22, 27):
        made += delegated(number, VILLEURBANNE, ("proposed", after(0)), ("declined", after(3)))
    for number in range(30, 39):
        made += delegated(number, TASSIN, ("proposed", "2021-06-16T23:59:00+00:00"))
    for number in range(40, 45):
        made += delegated(number, TASSIN, ("proposed", "2021-06-17T00:00:00+00:00"))
    for number in range(50, 53):
        made += delegated(number, BOURG, ("proposed", "2021-06-30"))
    return made + delegated(53, BOURG, ("proposed", "2021-05-03"), ("cancelled", "2021-05-04"))


@pytest.fixture(scope="module")
def api(engine: str) -> Iterator[Api]:
    assert engine
    with folder() as path, an_api(path, clock=SteppingClock(NOW)) as running:
        take(running.hub, history())
        yield running


def found(api: Api, reader: Reader, **query: str) -> dict[str, Any]:
    answer = api.client(reader).get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    DelegationReport.model_validate_json(answer.content)
    document: dict[str, Any] = answer.json()
    return document


def by_site(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["site"]: row for row in document["sites"]}


def test_each_site_is_counted_as_its_delegations_stand(api: Api) -> None:
    since, until = datetime(2021, 4, 1, tzinfo=UTC), datetime(2021, 7, 1, tzinfo=UTC)
    with reading(api.hub.store) as connection:
        tables = generations.live(connection)
        counted = counts(connection, tables, NOW.date(), since, until)
        delayed = delays(connection, tables, since, until)

    assert counted == [
        SiteCounts(BOURG, open=3, unanswered=3, overdue=0, accepted=0, declined=0),
        SiteCounts(LYON, open=7, unanswered=0, overdue=0, accepted=7, declined=6),
        SiteCounts(TASSIN, open=14, unanswered=14, overdue=9, accepted=0, declined=0),
        SiteCounts(VILLEURBANNE, open=8, unanswered=0, overdue=0, accepted=8, declined=5),
    ]
    assert delayed.sites == {LYON: Delay(7.0, 13), VILLEURBANNE: Delay(1.0, 13)}
    assert delayed.departments == {"69": Delay(3.0, 26)}
    assert delayed.total == Delay(3.0, 26)


def test_overdue_is_what_the_alerts_call_overdue(api: Api) -> None:
    with reading(api.hub.store) as connection:
        alert = generations.live(connection).models["alert"]
        query = select(func.count()).where(alert.c.rule == "delegation_awaits_answer", alert.c.due_on < NOW.date())
        assert connection.scalar(query) == 9


def test_a_manager_sees_the_sites_of_their_department_and_no_small_count(api: Api) -> None:
    document = found(api, a_manager("69"))

    sites = by_site(document)
    assert set(sites) == {LYON, VILLEURBANNE, TASSIN}
    assert [sites[site]["open"] for site in (LYON, VILLEURBANNE, TASSIN)] == [7, 8, 14]
    assert [sites[site]["median_days"] for site in (LYON, VILLEURBANNE, TASSIN)] == [7.0, 1.0, None]
    # Tassin accepted none: Lyon's 7 are hidden with it, or the département's total would tell.
    assert [sites[site]["accepted"] for site in (LYON, VILLEURBANNE, TASSIN)] == [None, 8, None]
    assert [row["department"] for row in document["departments"]] == ["69"]
    assert document["total"] is None


def test_one_site_asked_for_shows_no_more_than_it_does_among_all(api: Api) -> None:
    among_all = by_site(found(api, a_manager("69")))

    for site, row in among_all.items():
        assert found(api, a_manager("69"), site=site)["sites"] == [row]
        assert found(api, a_manager(sites=(site,)))["sites"] == [row]
        assert found(api, a_lead(site))["sites"] == [row]


def test_who_leads_a_site_gets_no_departement_and_no_total(api: Api) -> None:
    document = found(api, a_lead(LYON))

    assert set(by_site(document)) == {LYON}
    assert (document["departments"], document["total"]) == ([], None)


def test_a_national_manager_sees_all_and_the_total(api: Api) -> None:
    document = found(api, a_manager("*"))

    assert [row["department"] for row in document["departments"]] == ["01", "69"]
    assert set(by_site(document)) == {LYON, VILLEURBANNE, TASSIN, BOURG}
    # Bourg has 3 open, and no other département but Rhône could cover it: the total goes instead.
    assert [row["open"] for row in document["departments"]] == [None, 29]
    assert document["total"] == {
        "open": None, "unanswered": None, "overdue": None, "accepted": None, "declined": None, "median_days": 3.0
    }  # fmt: skip


def test_corse_is_one_departement_to_the_codes_of_its_sites(api: Api) -> None:
    assert found(api, a_manager("2A"))["sites"] == found(api, a_manager("2B"), department="2A")["sites"] == []
    assert api.client(a_manager("2A")).get(PATH, params={"department": "69"}).status_code == 403


@pytest.mark.parametrize(
    ("reader", "query"),
    [
        (a_manager(), {}),
        (a_manager("38"), {"site": LYON}),
        (a_manager("38"), {"department": "69"}),
        (a_manager(sites=(LYON,)), {"site": TASSIN}),
        (Reader("l", frozenset({"site_lead"}), departments=frozenset({"69"})), {}),
        (Reader("a", frozenset({"adviser"}), network=FRANCE_TRAVAIL, adviser="A-1"), {}),
        (Reader("d", frozenset({"dpo", "auditor", "operator", "publisher"})), {}),
    ],
)
def test_figures_outside_of_the_scope_are_refused(api: Api, reader: Reader, query: dict[str, str]) -> None:
    answer = api.client(reader).get(PATH, params=query)

    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    [
        {"quarter": "2021-Q5"},
        {"quarter": "2021-05"},
        {"quarter": "2021-Q2' OR 1=1"},
        {"site": "69123' OR '1'='1"},
        {"site": "%"},
        {"department": "*"},
        {"department": "6%"},
    ],
)
def test_what_is_no_quarter_site_or_departement_is_refused(api: Api, query: dict[str, str]) -> None:
    assert api.client(a_manager("*")).get(PATH, params=query).status_code == 422


def test_the_quarter_is_the_last_that_is_over_and_its_days_are_those_of_france(api: Api) -> None:
    document = found(api, a_manager("69"))

    assert (document["quarter"], document["as_of"]) == ("2021-Q2", "2021-07-02")
    assert (document["since"], document["until"]) == ("2021-03-31T22:00:00Z", "2021-06-30T22:00:00Z")
    assert {row["median_days"] for row in found(api, a_manager("69"), quarter="2021-Q1")["sites"]} == {None}


def test_the_figures_come_as_csv_to_who_asks_for_it(api: Api) -> None:
    answer = api.client(a_manager("69")).get(PATH, headers={"Accept": "text/csv"})

    assert answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [line["level"] for line in lines] == ["site", "site", "site", "department"]
    (lyon,) = (line for line in lines if line["site"] == LYON)
    assert (lyon["open"], lyon["accepted"], lyon["median_days"]) == ("7", "", "7.0")


def test_unchanged_figures_are_not_sent_again(api: Api) -> None:
    client = api.client(a_manager("69"))
    tag = client.get(PATH).headers["ETag"]

    assert client.get(PATH, headers={"If-None-Match": tag}).status_code == 304
