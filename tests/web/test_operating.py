"""The operators' first page: one sentence that is right, and what it rests on; nothing of a person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request

from hub.api.queries.operating import Lately, Look
from hub.consumers.survey import Backlog, HeldRecords, StoreLook
from hub.domain.access import Reader
from hub.domain.ids import FRANCE_TRAVAIL
from hub.errors import LogUnavailable
from hub.ledger import accessqueries
from hub.ledger.database import reading
from hub.projections.generations import LIVE, Generation
from hub.projections.models import shape
from hub.projections.progress import Building
from hub.web.operating.health import ago, health
from hub.web.session import Session
from tests.integration.hubs import SteppingClock, consume, publish, take
from tests.integration.people import a_life
from tests.integration.test_quarantine_flow import BAD, NAME, append
from tests.web.sites import KnownLogins, Site, a_site

PATH = "/exploitation"
NOW = datetime(2021, 7, 2, 9, tzinfo=UTC)
OPERATOR = Reader("https://login.example|op-7", frozenset({"operator"}))
ALL_WELL: dict[str, str | None] = {"issuer": None, "keys": None, "log": None, "store": None}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with a_site(tmp_path) as running:
        yield running


def text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


def get(site: Site, query: str = "") -> str:
    answer = site.client(OPERATOR).get(PATH + query)
    assert answer.status_code == 200, text(answer.text)
    return answer.text


def said(html: str) -> str:
    """Give the sentence that stands first."""
    found = re.search(r'<p class="h-notice-title">(.*?)</p>', html)
    assert found
    return text(found[1])


def a_backlog(
    partition: int = 0, *, lag: int = 0, since: timedelta | None = None, incident: str | None = None
) -> Backlog:
    at_ms = None if since is None else int((NOW - since).timestamp() * 1000)
    return Backlog("france-travail.case-events.v1", partition, 100, lag, at_ms, incident)


def a_look(*backlog: Backlog, **changes: Any) -> Look:
    store = StoreLook([], 40, HeldRecords(changes.pop("held", {}), None), changes.pop("building", None))
    live = Generation(3, LIVE, changes.pop("shape", shape()), 0, NOW, NOW - timedelta(days=2))
    whole = {"backlog": list(backlog), "told": 40, "alarms": 0, **changes}
    return Look(at=NOW, store=store, lately=Lately(NOW - timedelta(minutes=3), 5, 20), generation=live, **whole)


def test_a_hub_that_has_read_everything_says_so(site: Site) -> None:
    take(site.hub, a_life())
    html = get(site)

    assert said(html) == "Tout suit."
    events = f"Événements de la dernière heure {len(a_life())}"
    assert events in text(html)
    assert "Rien n’attend en quarantaine." in text(html)
    assert text(html).count("à jour") >= 9


def test_what_is_still_to_be_read_is_told_by_partition(site: Site) -> None:
    publish(site.hub, a_life())
    assert "à lire" in text(get(site))
    consume(site.hub)
    assert "à lire" not in re.sub(r"<thead>.*?</thead>|<p class=\"h-hint\">.*?</p>", "", get(site), flags=re.DOTALL)


def test_what_quarantine_holds_is_told_by_reason(site: Site) -> None:
    append(site.hub, *(BAD[each]() for each in ("no value", "an empty value", "a social security number")))
    consume(site.hub)
    html = get(site)

    assert said(html) == "3 enregistrements attendent une décision en quarantaine."
    assert re.findall(r'motif=([\w-]+)">[^<]+</a>\s: (\d+)', html) == [("illisible", "2"), ("evenement-invalide", "1")]
    assert NAME not in html


def test_a_read_model_of_another_version_is_told_with_what_to_do() -> None:
    found = health(a_look(shape="of another version"), {})

    assert found.kind == "warning"
    assert (
        found.said == "Le modèle de lecture vient d’une autre version du hub\u00a0: exécutez «\u00a0hub rebuild\u00a0»."
    )
    assert health(a_look(), {}).kind == "success"


def test_an_empty_hub_has_a_page(site: Site) -> None:
    assert "Dernier événement accepté aucun" in text(get(site))


def test_a_log_that_is_away_takes_nothing_else_with_it(site: Site) -> None:
    def away() -> None:
        raise LogUnavailable("kafka.example:9092 does not answer")

    take(site.hub, a_life())
    object.__setattr__(site.api.services, "admin", away)
    html = get(site)

    assert said(html) == "Le journal d’événements ne répond pas : le retard n’est pas connu."
    assert "kafka.example" not in html
    assert f"Événements acceptés en tout {len(a_life())}" in text(html)


def test_it_is_looked_at_again_until_that_is_paused(site: Site) -> None:
    followed, paused = get(site), get(site, "?suivi=non")

    assert re.search(r'id="etat"[^>]* data-hx-get="/exploitation" data-hx-trigger="every 10s"', followed)
    assert "hx-trigger" not in paused
    assert 'href="/exploitation?suivi=non"' in followed
    assert "Actualisation en pause." in text(paused)


@pytest.mark.parametrize(("headers", "is_use"), [({}, True), ({"HX-Request": "true"}, False)])
def test_looking_again_on_its_own_keeps_no_session_alive(
    site: Site, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], *, is_use: bool
) -> None:
    uses: list[bool] = []
    known = KnownLogins.session

    def noted(logins: KnownLogins, request: Request, *, is_use: bool = True) -> Session | None:
        uses.append(is_use)
        return known(logins, request, is_use=is_use)

    client = site.client(OPERATOR)
    monkeypatch.setattr(KnownLogins, "session", noted)
    assert client.get(PATH, headers=headers).status_code == 200
    assert uses == [is_use]


@pytest.mark.parametrize(
    "reader",
    [
        Reader("a", frozenset({"adviser", "site_lead"}), network=FRANCE_TRAVAIL, adviser="A-1"),
        Reader("m", frozenset({"manager"}), departments=frozenset({"*"})),
        Reader("d", frozenset({"dpo", "auditor", "publisher"})),
    ],
)
def test_the_page_is_for_operators_alone(site: Site, reader: Reader) -> None:
    assert site.client(reader).get(PATH).status_code == 403


def test_nothing_is_recorded_since_nobody_is_shown(site: Site) -> None:
    take(site.hub, a_life())
    get(site)

    with reading(site.hub.store) as connection:
        assert accessqueries.entries(connection, reader_id=OPERATOR.reader_id) == []


@pytest.mark.parametrize(
    ("look", "parts", "kind", "sentence"),
    [
        (a_look(a_backlog()), ALL_WELL, "success", "Tout suit."),
        (a_look(a_backlog(lag=9, since=timedelta(seconds=40))), ALL_WELL, "success", "Tout suit."),
        (a_look(a_backlog(lag=9, since=timedelta(minutes=2))), ALL_WELL, "warning", "1 partition en retard."),
        (
            a_look(*(a_backlog(n, lag=9, since=timedelta(hours=n + 1)) for n in range(2))),
            ALL_WELL,
            "warning",
            "2 partitions en retard.",
        ),
        (a_look(a_backlog(lag=9)), ALL_WELL, "success", "Tout suit."),
        (
            a_look(a_backlog(lag=100, incident="the topic was recreated"), a_backlog(1, lag=9, since=timedelta(1))),
            ALL_WELL,
            "error",
            "1 partition arrêtée : le journal a perdu des événements.",
        ),
        (a_look(), {**ALL_WELL, "issuer": "issuer_unavailable"}, "error", "Fournisseur d’identité : pas de réponse."),
        (a_look(), {**ALL_WELL, "issuer": "not_asked_yet"}, "success", "Tout suit."),
        (a_look(alarms=1), ALL_WELL, "warning", "1 lecteur arrêté pour trop de consultations."),
        (a_look(alarms=100), ALL_WELL, "warning", "100 lecteurs arrêtés ou plus pour trop de consultations."),
        (a_look(held={"undecodable": 1}), ALL_WELL, "warning", "1 enregistrement attend une décision en quarantaine."),
    ],
)
def test_the_sentence_is_that_of_the_worst(look: Look, parts: dict[str, str | None], kind: str, sentence: str) -> None:
    found = health(look, parts)

    assert (found.kind, found.said.replace("\N{NO-BREAK SPACE}", " ")) == (kind, sentence)


def test_no_code_of_the_program_is_shown() -> None:
    parts = {**ALL_WELL, "store": "store_unavailable", "keys": "no answer for 70 s", "issuer": "not_asked_yet"}
    found = health(a_look(a_backlog(), held={"something_new": 2}), parts)

    assert [each.state for each in found.parts] == ["pas encore interrogé", "ne répond pas", "répond", "ne répond pas"]
    assert [(each.label, each.href) for each in found.held] == [("Autre motif", "/exploitation/quarantaine")]


def test_networks_that_were_not_told_everything_and_a_rebuild_are_told() -> None:
    building = Building(4, 1_200, 300, 5_000, NOW)
    found = health(a_look(told=28, building=building), ALL_WELL)

    assert dict(found.facts)["Envoi aux réseaux"].replace("\N{NO-BREAK SPACE}", " ") == "12 événements à transmettre"
    assert found.rebuild is not None
    assert "génération n° 4" in found.rebuild.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("since", "words"),
    [
        (timedelta(seconds=-5), "0 seconde"),
        (timedelta(seconds=59), "59 secondes"),
        (timedelta(minutes=61), "1 heure"),
        (timedelta(days=3), "3 jours"),
    ],
)
def test_a_time_ago_is_said_in_one_unit(since: timedelta, words: str) -> None:
    assert ago(NOW - since, NOW).replace("\N{NO-BREAK SPACE}", " ") == words


def test_the_day_is_counted_by_the_hubs_own_clock(tmp_path: Path) -> None:
    clock = SteppingClock(NOW)
    with a_site(tmp_path, clock=clock) as site:
        take(site.hub, a_life())
        clock.moment = NOW + timedelta(hours=2)
        said_now = text(get(site))

    assert "Événements de la dernière heure 0" in said_now
    assert f"Événements des dernières 24 heures {len(a_life())}" in said_now
