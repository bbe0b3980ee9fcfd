"""The caseload over HTTP: the people one accompanies, what is due, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.api.documents.caseload import Alerts, Caseload, Contradictions, Notices
from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.domain.events.compensation import CompensationNeedIdentified
from hub.domain.events.delegation import DelegationAccepted, DelegationProposed
from hub.domain.events.erasure import PersonErased
from hub.domain.events.referent import ReferentAssigned
from hub.domain.events.title import DisabilityTitleRecorded
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from tests.integration.apis import Api, Noted, an_api
from tests.integration.hubs import SteppingClock, folder, take
from tests.unit.pathway.builders import OPS, event, registered

NOW = datetime(2021, 7, 2, 9, tzinfo=UTC)
PATH, ALERTS = "/api/v1/caseload", "/api/v1/caseload/alerts"
CONTRADICTIONS, NOTICES = "/api/v1/caseload/contradictions", "/api/v1/caseload/notices"
MODELS = {PATH: Caseload, ALERTS: Alerts, CONTRADICTIONS: Contradictions, NOTICES: Notices}
SITE, ELSEWHERE = "69123", "69244"
MINE = Reader("mine", frozenset({"adviser"}), network=FRANCE_TRAVAIL, adviser="A-17")
BOTH = MINE._replace(roles=frozenset({"adviser", "site_lead"}), sites=frozenset({SITE}))
LEAD = Reader("lead", frozenset({"site_lead"}), network=FRANCE_TRAVAIL, sites=frozenset({SITE}))
NOBODYS = Reader("nobodys", frozenset({"adviser"}), network=CAP_EMPLOI, adviser="A-17")
DELEGATE = Reader("delegate", frozenset({"adviser"}), network=CAP_EMPLOI, adviser="C-4")


def ft(number: int) -> CaseKey:
    return CaseKey(FRANCE_TRAVAIL, "", f"{number:011d}")


def accompanied(number: int, adviser: str, from_date: str = "2021-01-11", site: str = SITE) -> list[Event]:
    """Give a person with a referent."""
    return [
        registered(ft(number), family_name=f"Nom{number:02}", given_name="Zoé", site=site),
        event(
            ReferentAssigned, from_date, ft(number), adviser=adviser, role="referent", from_date=from_date, site=site
        ),
    ]


def history() -> list[Event]:
    """Give A-17 five people of one site: 2 has things due, 3 was handed over 20 days ago, 4 60 days ago, 5 is erased.

    6 is a colleague's of the same site, 7 one's of another.
    """
    made = [each for number in (1, 2, 3, 4, 5) for each in accompanied(number, "A-17")]
    made += accompanied(6, "A-18") + accompanied(7, "A-19", site=ELSEWHERE)
    ce = CaseKey(CAP_EMPLOI, OPS, "CE-2")
    made += [
        registered(ce, "2021-02-01", other=ft(2), family_name="NOM02", given_name="Zoe", site=None),
        event(DelegationProposed, "2021-06-01", ft(2), site=SITE, delegation_id="D-2", ground="compensation"),
        event(
            CompensationNeedIdentified, "2021-06-02", ft(2), site=SITE, need_id="N-2", phase="intake", description="x"
        ),
        event(
            DisabilityTitleRecorded, "2021-06-03", ft(2), site=SITE, title="rqth", valid_from="2020-01-01",
            valid_to="2021-12-31",
        ),
        event(
            ReferentAssigned, "2021-06-12", ft(3), adviser="A-20", role="referent", from_date="2021-06-12", site=SITE
        ),
        event(
            ReferentAssigned, "2021-05-01", ft(4), adviser="A-20", role="referent", from_date="2021-05-01", site=SITE
        ),
        event(PersonErased, "2021-03-01", ft(5), reason="request"),
    ]  # fmt: skip
    return made


@pytest.fixture(scope="module")
def noted() -> Noted:
    return Noted()


@pytest.fixture(scope="module")
def api(engine: str, noted: Noted) -> Iterator[Api]:
    assert engine
    with folder() as path, an_api(path, recorder=noted, clock=SteppingClock(NOW)) as running:
        take(running.hub, history())
        yield running


def listed(api: Api, reader: Reader, path: str = PATH, **query: Any) -> list[dict[str, Any]]:
    """Give all items, page by page as `Link` leads on."""
    items: list[dict[str, Any]] = []
    client = api.client(reader)
    answer = client.get(path, params=query)
    while True:
        assert answer.status_code == 200, answer.text
        MODELS[path].model_validate_json(answer.content)
        items += answer.json()["items"]
        following = answer.links.get("next")
        assert (following is None) == (answer.json()["next"] is None)
        if following is None:
            return items
        answer = client.get(following["url"])


def names(items: list[dict[str, Any]]) -> list[str]:
    return sorted(item["family_name"] for item in items)


def test_an_adviser_sees_those_they_accompany_and_for_30_days_those_they_did(api: Api) -> None:
    assert names(listed(api, MINE)) == ["NOM02", "Nom01", "Nom03"]


def test_the_pages_together_are_the_list(api: Api) -> None:
    whole = listed(api, LEAD)

    assert names(whole) == ["NOM02", "Nom01", "Nom03", "Nom04", "Nom06"]
    for limit in (1, 2, 3, 5):
        assert listed(api, LEAD, limit=limit) == whole


def test_each_person_is_shown_with_who_leads_my_ground_and_what_is_due(api: Api) -> None:
    found = {item["family_name"]: item for item in listed(api, MINE)}

    assert found["Nom01"] == {
        "person_id": found["Nom01"]["person_id"],
        "family_name": "Nom01",
        "given_name": "Zoé",
        "phase": "intake",
        "referent": {"network": "france_travail", "adviser": "A-17", "site": SITE},
        "next_referent": None,
        "networks": ["france_travail"],
        "ground": "referent",
        "ties": [{"ground": "referent", "from_date": "2021-01-11", "until_date": None}],
        "open_items": 0,
        "next_due_on": None,
        "is_overdue": False,
    }
    due = found["NOM02"]
    assert (due["open_items"], due["next_due_on"], due["is_overdue"]) == (2, "2021-06-16", True)
    assert due["networks"] == ["cap_emploi", "france_travail"]
    left = found["Nom03"]
    assert left["referent"]["adviser"] == "A-20"
    assert [tie["until_date"] for tie in left["ties"]] == ["2021-06-12"]


def test_the_lead_of_a_site_is_not_told_how_many_needs_are_open(api: Api) -> None:
    (found,) = (item for item in listed(api, LEAD) if item["family_name"] == "NOM02")

    assert (found["ground"], found["open_items"]) == ("site", 1)


def test_who_is_both_may_choose_as_what(api: Api) -> None:
    assert names(listed(api, BOTH)) == ["NOM02", "Nom01", "Nom03", "Nom04", "Nom06"]
    assert names(listed(api, BOTH, role="adviser")) == ["NOM02", "Nom01", "Nom03"]
    assert listed(api, MINE, role="site_lead") == []


def test_the_same_adviser_id_of_the_other_network_is_somebody_else(api: Api) -> None:
    assert listed(api, NOBODYS) == []
    assert listed(api, NOBODYS, ALERTS) == []


def test_who_answers_a_delegation_accompanies_from_then_on(api: Api) -> None:
    assert listed(api, DELEGATE) == []
    accepted = event(DelegationAccepted, "2021-06-20", CaseKey(CAP_EMPLOI, OPS, "CE-9"), site=None, delegation_id="D-9")
    meta = accepted.meta.model_copy(update={"actor_id": "C-4"})
    take(
        api.hub,
        [
            registered(ft(9), family_name="Nom09", site=ELSEWHERE),
            registered(CaseKey(CAP_EMPLOI, OPS, "CE-9"), "2021-06-01", other=ft(9), site=None),
            event(DelegationProposed, "2021-06-10", ft(9), site=ELSEWHERE, delegation_id="D-9", ground="compensation"),
            accepted.model_copy(update={"meta": meta}),
        ],
    )

    (found,) = listed(api, DELEGATE)

    assert (found["family_name"], found["ground"]) == ("Nom09", "delegation")


def test_what_is_due_comes_by_its_day_and_page_by_page(api: Api) -> None:
    due = listed(api, MINE, ALERTS)

    assert [(item["rule"], item["due_on"], item["is_overdue"]) for item in due] == [
        ("delegation_awaits_answer", "2021-06-16", True),
        ("title_expires", "2021-12-31", False),
    ]
    assert due[0]["label"] == "Délégation proposée en attente de réponse"
    assert (due[0]["about"], due[0]["family_name"]) == ("delegation:D-2", "NOM02")
    assert listed(api, MINE, ALERTS, limit=1) == due


def test_alerts_are_chosen_by_rule_day_and_whether_they_are_overdue(api: Api) -> None:
    def rules(**query: Any) -> list[str]:
        return [item["rule"] for item in listed(api, MINE, ALERTS, **query)]

    assert rules(overdue=True) == ["delegation_awaits_answer"]
    assert rules(due_before="2021-06-16") == []
    assert rules(due_before="2021-06-17") == ["delegation_awaits_answer"]
    assert rules(rule="title_expires") == ["title_expires"]
    assert rules(rule="title_expires", overdue=True) == []


def test_what_the_networks_contradict_each_other_about_is_listed_with_both_claims(api: Api) -> None:
    take(
        api.hub,
        [
            registered(ft(8), family_name="Nom08", contact={"phone": "0601020304"}, site=ELSEWHERE),
            registered(
                CaseKey(CAP_EMPLOI, OPS, "CE-8"), "2021-02-01", other=ft(8), contact={"phone": "0699999999"}, site=None
            ),
            event(ReferentAssigned, "2021-02-02", ft(8), adviser="A-8", role="referent", from_date="2021-02-02"),
        ],
    )

    (found,) = listed(api, MINE._replace(adviser="A-8"), CONTRADICTIONS)

    assert (found["fact"], found["label"]) == ("phone", "téléphone")
    assert (found["france_travail"]["value"], found["cap_emploi"]["value"]) == ("0601020304", "0699999999")
    assert listed(api, MINE, CONTRADICTIONS) == []


def test_the_lead_of_a_site_gets_no_alert_that_tells_of_health(api: Api) -> None:
    assert [item["rule"] for item in listed(api, LEAD, ALERTS)] == ["delegation_awaits_answer"]
    assert [item["rule"] for item in listed(api, LEAD, ALERTS, limit=1)] == ["delegation_awaits_answer"]


def test_no_page_leads_the_lead_of_a_site_on_to_an_alert_that_tells_of_health(api: Api) -> None:
    assert api.client(LEAD).get(ALERTS, params={"limit": 1}).json()["next"] is None
    for query in ({}, {"rule": "title_expires"}):
        assert [item["rule"] for item in listed(api, BOTH, ALERTS, limit=1, **query)].count("title_expires") == 1
        assert "title_expires" not in [item["rule"] for item in listed(api, BOTH, ALERTS, role="site_lead", **query)]


def test_lists_are_recorded_and_do_not_count(api: Api, noted: Noted) -> None:
    listed(api, MINE)

    asked, entry = noted.entries[-1]
    assert (asked.through, entry.kind, len(entry.people)) == ("GET /api/v1/caseload", "list", 3)
    assert {(shown.ground, shown.counted) for shown in entry.people.values()} == {("referent", None)}


def test_a_cursor_counts_for_its_own_list_alone_and_cannot_be_made_up(api: Api) -> None:
    client = api.client(LEAD)
    cursor = client.get(PATH, params={"limit": 1}).json()["next"]

    assert client.get(ALERTS, params={"cursor": cursor}).status_code == 400
    for made_up in ("AAAA", cursor[:-2], f"{cursor}A", "é", "1 OR 1=1", ""):
        assert client.get(PATH, params={"cursor": made_up}).status_code == 400, made_up


@pytest.mark.parametrize("path", list(MODELS))
def test_roles_that_accompany_nobody_have_no_caseload(api: Api, path: str) -> None:
    for roles in ({"manager"}, {"auditor", "dpo"}, {"publisher", "operator"}):
        reader = Reader("r", frozenset(roles), network=FRANCE_TRAVAIL, adviser="A-17")  # type: ignore[arg-type]
        assert api.client(reader).get(path).status_code == 403
    system = MINE._replace(is_system=True)
    assert api.client(system).get(path).status_code == 403


@pytest.mark.parametrize("path", list(MODELS))
def test_nobody_lists_everyone(api: Api, path: str) -> None:
    client = api.client(Reader("r", frozenset({"adviser", "site_lead"})))
    assert client.get(path).json()["items"] == []
    for query in ({"limit": 0}, {"limit": 101}, {"adviser": "A-18"}, {"site": "*"}, {"limit": "all"}):
        assert client.get(path, params=query).status_code == 422, query
