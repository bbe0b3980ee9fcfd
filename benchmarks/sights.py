"""Every page that there is, by whom and for whom it is asked for when pages are measured."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import NamedTuple

import httpx2
from sqlalchemy import select

from hub.access.ties import caseload
from hub.domain.access import Reader
from hub.domain.ids import FRANCE_TRAVAIL
from hub.ledger.database import reading
from hub.projections import generations, records
from hub.wiring import Hub
from hub.wiring.localissuer import busiest

ADVISER, LEAD, MANAGER, AUDITOR, DPO, OPERATOR = ("ft-adviser-1", "ft-lead", "ft-manager", "auditor", "dpo", "operator")
_MOST = 5_000
_SEARCHED = {"nom": "family_name", "prenom": "given_name", "naissance": "birth_date", "lieu": "birth_place"}
_LOOKED_UP = {"nom": "birth_name", "prenom": "given_name", "naissance": "birth_date", "lieu": "birth_place"}
_Form = tuple[tuple[str, str], ...]


class Ask(NamedTuple):
    """A request; with a form it is sent by POST."""

    path: str
    form: _Form | None = None


class Person(NamedTuple):
    """Someone of the store."""

    pathway_no: int
    person_id: str
    events: int


class Found(NamedTuple):
    """People to read: of the adviser, of the lead's site, of anywhere, each drawn by chance; and the longest pathway.

    `named` is what a case record says of each of anyone, by trait; `longest` is the adviser's.
    """

    own: Sequence[Person]
    site: Sequence[Person]
    anyone: Sequence[Person]
    named: Sequence[Mapping[str, str]]
    longest: Person
    own_total: int
    site_total: int


Asks = Callable[[Found, httpx2.Client], Sequence[Ask]]


class Page(NamedTuple):
    """A page: its name, who opens it (nobody: None), and the requests that are made in turn; none: it is not there."""

    name: str
    login: str | None
    asks: Asks


def found(hub: Hub, today: datetime, most: int) -> Found:
    """Draw up to so many people for each reader."""
    adviser, site = busiest(hub, FRANCE_TRAVAIL)[0]
    with reading(hub.store) as connection:
        tables = generations.live(connection)
        day = today.date()

        def of(reader: Reader) -> list[int]:
            return caseload(connection, tables, reader, day, after=None, limit=_MOST)

        own = of(Reader("", frozenset({"adviser"}), FRANCE_TRAVAIL, adviser))
        led = of(Reader("", frozenset({"site_lead"}), FRANCE_TRAVAIL, sites=frozenset({site or ""})))
        model = tables.models["pathway"].c
        known = select(model.pathway_no, model.person_id, model.event_count).where(model.erased.is_(None))
        rows = {row.pathway_no: Person(*row) for row in connection.execute(known)}
        drawn = [[rows[each] for each in numbers if each in rows] for numbers in (own, led, sorted(rows))]
        mine, led_here, anyone = (Random(1).sample(people, min(most, len(people))) for people in drawn)
        cases = records.of_pathways(connection, tables, [each.pathway_no for each in anyone])
        evidence = [next(iter(cases[each.pathway_no])).evidence.traits for each in anyone]
    named = [{trait: said.value for trait, said in traits.items()} for traits in evidence]
    longest = max(drawn[0], key=lambda each: each.events)
    return Found(mine, led_here, anyone, named, longest, len(own), len(led))


def _one(path: str, form: _Form | None = None) -> Asks:
    return lambda _found, _client: [Ask(path, form)]


def _each(path: str, whose: str = "own") -> Asks:
    return lambda found, _: [Ask(path.format(each.person_id)) for each in getattr(found, whose)]


def _longest(path: str) -> Asks:
    return lambda found, _: [Ask(path.format(found.longest.person_id))]


def _first(path: str, link: str, whose: str) -> Asks:
    """Follow the first link of a kind of each person's page."""

    def asks(found: Found, client: httpx2.Client) -> list[Ask]:
        pages = (client.get(path.format(each.person_id)).text for each in getattr(found, whose))
        return [Ask(each[1]) for each in (re.search(link, page) for page in pages) if each]

    return asks


def _links(path: str, link: str) -> Asks:
    """Follow every link of a kind of one page."""
    return lambda _, client: [Ask(each) for each in dict.fromkeys(re.findall(link, client.get(path).text))]


def _why(found: Found, client: httpx2.Client) -> list[Ask]:
    asks = []
    for each in found.own:
        path = f"/parcours/{each.person_id}/pourquoi"
        if fact := re.search(r'name="fait" value="([^"]+)"', client.get(path).text):
            asks.append(Ask(path, (("fait", fact[1]),)))
    return asks


def _why_longest(found: Found, client: httpx2.Client) -> list[Ask]:
    return _why(found._replace(own=[found.longest]), client)


def _search(found: Found, _: httpx2.Client) -> list[Ask]:
    reason = (("motif", "replacement"), ("texte", "Accueil au guichet, sans rendez-vous"))
    return [Ask("/recherche", (*_typed(each, _SEARCHED), *reason)) for each in found.named]


def _look_up(found: Found, _: httpx2.Client) -> list[Ask]:
    return [Ask("/prise-en-charge", _typed({**each, **_born(each)}, _LOOKED_UP)) for each in found.named]


def _born(traits: Mapping[str, str]) -> Mapping[str, str]:
    return {"birth_name": traits.get("birth_name") or traits.get("family_name", "")}


def _typed(traits: Mapping[str, str], fields: Mapping[str, str]) -> _Form:
    return tuple((field, traits.get(trait, "")) for field, trait in fields.items())


def _middle(found: Found, _: httpx2.Client) -> list[Ask]:
    return [Ask(f"/parcours/{found.longest.person_id}/rejeu?pas={found.longest.events // 2}")]


def _middle_of_arrival(found: Found, _: httpx2.Client) -> list[Ask]:
    return [Ask(f"/parcours/{found.longest.person_id}/rejeu?pas={found.longest.events // 2}&ordre=arrivee")]


def _of_person(found: Found, _: httpx2.Client) -> list[Ask]:
    return [Ask("/journal", (("personne", found.longest.person_id),))]


PAGES: tuple[Page, ...] = (
    Page("connexion", None, _one("/connexion")),
    Page("accessibilite", None, _one("/accessibilite")),
    Page("composants", None, _one("/composants")),
    Page("accueil", ADVISER, _one("/accueil")),
    Page("accueil, par échéance", ADVISER, _one("/accueil?tri=echeance")),
    Page("accueil, site", LEAD, _one("/accueil")),
    Page("accueil, site, par conseiller", LEAD, _one("/accueil?tri=conseiller")),
    Page("accueil, site, par nom", LEAD, _one("/accueil", (("vue", "site"), ("nom", "mar")))),
    Page("à faire", ADVISER, _one("/accueil/a-faire?quoi=retard")),
    Page("parcours", ADVISER, _each("/parcours/{}")),
    Page("parcours passé", ADVISER, _each("/parcours/{}?au=2022-10-30&connu=2022-12-15")),
    Page("parcours, site", LEAD, _each("/parcours/{}", "site")),
    Page("parcours le plus long", ADVISER, _longest("/parcours/{}")),
    Page("événement", ADVISER, _first("/parcours/{}", r'href="(/parcours/[0-9a-f-]+/evenements/[0-9a-f-]+)"', "own")),
    Page("questions", ADVISER, _each("/parcours/{}/pourquoi")),
    Page("pourquoi", ADVISER, _why),
    Page("pourquoi, le plus long", ADVISER, _why_longest),
    Page("consultations", ADVISER, _each("/parcours/{}/acces")),
    Page("fiche", ADVISER, _each("/parcours/{}/fiche")),
    Page("parcours passé, le plus long", ADVISER, _longest("/parcours/{}?au=2021-10-30")),
    Page("questions, le plus long", ADVISER, _longest("/parcours/{}/pourquoi")),
    Page("fiche, le plus long", ADVISER, _longest("/parcours/{}/fiche")),
    Page("motif", ADVISER, _each("/parcours/{}/motif", "anyone")),
    Page("recherche", ADVISER, _one("/recherche")),
    Page("recherche, résultat", ADVISER, _search),
    Page("prise en charge", ADVISER, _one("/prise-en-charge")),
    Page("prise en charge, réponse", ADVISER, _look_up),
    Page("rapprochements", ADVISER, _one("/rapprochements")),
    Page("rapprochements, site", LEAD, _one("/rapprochements")),
    Page("rapprochement", LEAD, _links("/rapprochements", r'href="(/rapprochements/[^"?]+)"')),
    Page("délégations", MANAGER, _one("/pilotage/delegations")),
    Page("délégations, un trimestre", MANAGER, _one("/pilotage/delegations?trimestre=2022-T3&tri=-proposees")),
    Page("délégations, CSV", MANAGER, _one("/pilotage/delegations.csv")),
    Page("audit", AUDITOR, _one("/audit")),
    Page("rejeu", AUDITOR, _each("/parcours/{}/rejeu?pas=5", "anyone")),
    Page("rejeu, le plus long", AUDITOR, _middle),
    Page("rejeu, le plus long, par arrivée", AUDITOR, _middle_of_arrival),
    Page("journal", DPO, _one("/journal")),
    Page("journal, une personne", DPO, _of_person),
    Page("exploitation", OPERATOR, _one("/exploitation")),
    Page("quarantaine", OPERATOR, _one("/exploitation/quarantaine")),
    Page("enregistrement", OPERATOR, _links("/exploitation/quarantaine", r'href="(/exploitation/quarantaine/\d+)"')),
)
"""In the order of the matrix of the browser's tests."""
