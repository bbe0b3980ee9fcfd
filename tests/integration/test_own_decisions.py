"""Whoever decides about two records may go back on it for 30 days, though the decision ended their accompaniment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from hub.domain.access import READ_AFTER, Reader
from hub.domain.events.base import Event
from hub.domain.events.case import CaseClosed
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.ledger import accessqueries
from hub.ledger.database import reading
from hub.projections import generations, records
from hub.web.find.references import address
from hub.web.words import day
from tests.integration.hubs import consume, folder, take
from tests.unit.pathway.builders import OPS, event, moment, registered
from tests.web.finding import MINE, fill_in, hidden, hrefs, main_of, shown
from tests.web.sites import Site, a_site

DECISIONS, PATH = "/api/v1/decisions", "/rapprochements"
COLLEAGUE = Reader("colleague", frozenset({"adviser"}), network=FRANCE_TRAVAIL, adviser="A-18")
NEW_REFERENT = Reader("new", frozenset({"adviser"}), network=CAP_EMPLOI, adviser="C-4")
LINK = {"action": "rapprocher", "preuve": "adviser_review"}
UNLINK = {"action": "dissocier", "raison": "different_people"}
MANY: dict[str, Any] = {"volume_other_slow_per_hour": 1_000, "volume_other_stop_per_day": 1_000}


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.moment = moment("2021-06-15T12:00:00Z")

    def __call__(self) -> datetime:
        """Give the time."""
        self.moment += timedelta(milliseconds=1)
        return self.moment


def ft(number: int) -> CaseKey:
    return CaseKey(FRANCE_TRAVAIL, "", f"{number:011d}")


def ce(number: int) -> CaseKey:
    return CaseKey(CAP_EMPLOI, OPS, f"CE-{number}")


def two_referents(number: int) -> list[Event]:
    """Give two records that are almost alike: of an adviser's at France Travail, and later of one at Cap emploi."""
    name = f"Personne{chr(96 + number) * 3}"
    who: dict[str, Any] = {"given_name": "Zoé", "birth_date": f"1985-03-{number:02d}", "birth_place": f"690{number:02}"}
    return [
        registered(ft(number), family_name=name, **who),
        registered(ce(number), "2020-03-02", family_name=f"{name}e", **who),
        event(ReferentAssigned, "2021-01-11", ft(number), adviser="A-17", role="referent", from_date="2021-01-11"),
        event(ReferentAssigned, "2021-03-01", ce(number), adviser="C-4", role="referent", from_date="2021-03-01"),
    ]


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def site(engine: str, clock: Clock) -> Iterator[Site]:
    assert engine
    with folder() as path, a_site(path, clock=clock, **MANY) as running:
        take(running.hub, [each for number in range(1, 5) for each in two_referents(number)])
        yield running


def where(site: Site, number: int, reader: Reader = MINE) -> str:
    """Give the address of a pair for a reader."""
    with reading(site.hub.store) as connection:
        found = records.named(connection, generations.live(connection), {ft(number), ce(number)})
    first, second = (row.subject_ref for row in found.values())
    return address(site.api.services.cursor_key, reader, (first, second))


def decide(site: Site, path: str, **fields: str) -> httpx2.Response:
    """Take a decision from its page, let a worker take it in, and give the page that the reader waits at."""
    page = site.client(MINE).get(path)
    shown(page)
    sent = fill_in(site, MINE, path, **hidden(page), **fields)
    assert sent.status_code == 303, sent.text
    consume(site.hub)
    return site.client(MINE).get(sent.headers["Location"])


def pathway_of(site: Site, path: str) -> str:
    (pathway, *_) = hrefs(site.client(MINE).get(path), "/parcours/")
    return pathway


def test_who_is_shut_out_by_their_own_link_sees_that_it_took_effect_and_undoes_it(site: Site, clock: Clock) -> None:
    path = where(site, 1)
    before = site.client(MINE).get(path)
    assert "Le référent peut changer" in shown(before)
    assert "pendant 30 jours, vous pourrez encore annuler votre décision" in shown(before)
    pathway = pathway_of(site, path)

    linked = decide(site, path, **LINK)

    assert "Ces deux dossiers forment un seul parcours" in shown(linked)
    assert "Vous n’accompagnez plus cette personne" in shown(linked)
    last_day = day(clock.moment.date() + READ_AFTER).replace("\N{NO-BREAK SPACE}", " ")
    assert f"jusqu’au {last_day}" in shown(linked)
    assert "Dissocier les dossiers" in main_of(linked)
    assert hrefs(linked, "/parcours/") == []
    assert site.client(MINE).get(pathway).status_code == 403
    recent = site.client(MINE).get(PATH)
    assert path in hrefs(recent, f"{PATH}/")
    assert "Dossiers rapprochés" in shown(recent)

    undone = decide(site, path, **UNLINK)
    assert "Ces deux dossiers sont tenus à part" in shown(undone)
    assert "Vous n’accompagnez" not in shown(undone).replace("Vous n’accompagnez pas cette personne : seul", "")
    assert site.client(MINE).get(pathway).status_code == 200


def test_nothing_but_who_it_is_is_seen_and_each_look_is_recorded(site: Site) -> None:
    path = where(site, 2)
    decide(site, path, **LINK)

    site.client(MINE).get(path)

    with reading(site.hub.store) as connection:
        (entry, *_) = accessqueries.entries(connection, reader_id=MINE.reader_id, limit=1)
    assert (entry.kind, entry.outcome) == ("read", "shown")
    assert {(person.sight, person.ground, person.counted) for person in entry.people} == {(1, None, "other")}
    assert len(entry.people) == 2


def test_nobody_else_sees_a_pair_by_that(site: Site) -> None:
    path = where(site, 3)
    decide(site, path, **LINK)

    assert site.client(COLLEAGUE).get(where(site, 3, COLLEAGUE)).status_code == 403
    assert site.client(COLLEAGUE).get(path).status_code == 403
    assert "Dossiers rapprochés" not in shown(site.client(COLLEAGUE).get(PATH))
    assert site.client(NEW_REFERENT).get(where(site, 3, NEW_REFERENT)).status_code == 200


def test_it_ends_after_thirty_days(site: Site, clock: Clock) -> None:
    path = where(site, 4)
    body = {"left": ft(4)._asdict(), "right": ce(4)._asdict()}
    taken = site.api.client(MINE).post(DECISIONS, json={"kind": "link", **body, "evidence": "adviser_review"}).json()
    state = f"{DECISIONS}/{taken['event_id']}"
    consume(site.hub)

    clock.moment += READ_AFTER
    found = site.api.client(MINE).get(state)
    assert found.json()["effect"] == {"one_pathway": True, "kept_network": None}
    assert site.api.client(COLLEAGUE).get(state).status_code == 403
    assert site.client(MINE).get(path).status_code == 200

    clock.moment += timedelta(days=1)
    assert site.api.client(MINE).get(state).status_code == 403
    assert site.client(MINE).get(path).status_code == 403
    assert path not in hrefs(site.client(MINE).get(PATH), f"{PATH}/")
    undo = {"kind": "unlink", **body, "reason": "different_people"}
    assert site.api.client(MINE).post(DECISIONS, json=undo).status_code == 403


def test_it_ends_with_another_ones_decision(site: Site) -> None:
    take(site.hub, two_referents(6))
    path, body = where(site, 6), {"left": ft(6)._asdict(), "right": ce(6)._asdict()}
    decide(site, path, **LINK)
    assert site.client(MINE).get(path).status_code == 200

    again = {"kind": "link", **body, "evidence": "adviser_review"}
    assert site.api.client(NEW_REFERENT).post(DECISIONS, json=again).status_code == 202
    consume(site.hub)

    overtaken = site.client(MINE).get(path)
    assert overtaken.status_code == 403
    assert "un autre conseiller a pu décider depuis" in overtaken.text
    assert path not in hrefs(site.client(MINE).get(PATH), f"{PATH}/")
    undo = {"kind": "unlink", **body, "reason": "different_people"}
    assert site.api.client(MINE).post(DECISIONS, json=undo).status_code == 403


def test_it_is_an_undo_which_no_other_decision_renews(site: Site) -> None:
    take(site.hub, two_referents(7))
    path, body = where(site, 7), {"left": ft(7)._asdict(), "right": ce(7)._asdict()}
    linked = decide(site, path, **LINK)
    assert "Rapprocher les dossiers" not in main_of(linked)
    assert "Écarter ce rapprochement" not in main_of(linked)

    api = site.api.client(MINE)
    assert api.post(DECISIONS, json={"kind": "link", **body, "evidence": "adviser_review"}).status_code == 403
    assert api.post(DECISIONS, json={"kind": "reject", **body, "comment": "jumeaux"}).status_code == 403
    page = site.client(MINE).get(path)
    forged = {"reject": {"action": "ecarter", "pourquoi": "jumeaux"}, "link": LINK}
    for fields in forged.values():
        assert fill_in(site, MINE, path, **hidden(page), **fields).status_code == 403
    with reading(site.hub.store) as connection:
        (entry, *_) = accessqueries.entries(connection, reader_id=MINE.reader_id, limit=1)
    assert (entry.kind, entry.outcome) == ("decide", "refused")


def test_who_accompanies_nobody_any_more_and_undid_their_link_does_not_link_again(site: Site, clock: Clock) -> None:
    take(site.hub, two_referents(8))
    path, body = where(site, 8), {"left": ft(8)._asdict(), "right": ce(8)._asdict()}
    began = clock.moment
    decide(site, path, **LINK)
    take(site.hub, [event(CaseClosed, "2021-05-03", ft(8), motive="resignation")])
    clock.moment += timedelta(days=20)
    undone = decide(site, path, **UNLINK)

    assert "Ces deux dossiers sont tenus à part" in shown(undone)
    assert "Seul ce qui les identifie vous est encore montré, ici, jusqu’au" in shown(undone)
    assert "revenir sur votre décision" not in shown(undone)
    assert "Votre décision" not in shown(undone)
    again = {"kind": "link", **body, "evidence": "adviser_review"}
    assert site.api.client(MINE).post(DECISIONS, json=again).status_code == 403
    clock.moment = began


def test_the_api_lets_who_decided_undo_it_and_nobody_else(site: Site) -> None:
    body = {"left": ft(5)._asdict(), "right": ce(5)._asdict()}
    take(site.hub, two_referents(5))
    link, undo = {"kind": "link", **body, "evidence": "adviser_review"}, {"kind": "unlink", **body, "reason": "doubt"}
    assert site.api.client(MINE).post(DECISIONS, json=link).status_code == 202
    consume(site.hub)

    assert site.api.client(COLLEAGUE).post(DECISIONS, json=undo).status_code == 403
    taken = site.api.client(MINE).post(DECISIONS, json=undo)
    assert taken.status_code == 202
    consume(site.hub)
    state = site.api.client(MINE).get(f"{DECISIONS}/{taken.json()['event_id']}").json()
    assert state["effect"]["one_pathway"] is False
