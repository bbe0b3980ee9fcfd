"""What does not fit in a pathway: the rule in words, the event that shows it, what makes it go away, and who does that.

Only networks state what happens: the hub has pages for its own decisions, and asks for the rest in a network's system.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from hub.domain.access import Reader
from hub.domain.ids import NETWORKS
from hub.projections import labels
from hub.projections.view import View
from hub.web import words
from hub.web.pathway import phrases
from hub.web.pathway.acts import Act, Acts
from hub.web.pathway.disputes import disputes
from hub.web.pathway.remedies import REMEDIES, UNKNOWN, Remedy
from hub.web.turns import YOURS, Turns

_SECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "delegation": "delegations",
        "expertise": "appuis",
        "crossed_diagnosis": "diagnostics-croises",
        "diagnosis": "diagnostics",
        "need": "besoins",
        "plan": "plan",
        "service": "prestations",
        "appointment": "rendez-vous",
        "candidacy": "mises-en-relation",
        "placement": "placements",
        "follow_up": "placements",
        "retention": "maintien",
        "cep": "cep",
        "transition": "transitions",
        "referent": "referents",
        "title": "titres",
        "case": "dossiers",
        "fact": "declarations",
    }
)
"""The section of a pathway's page that shows a thing, by the kind that its name begins with."""


class Link(NamedTuple):
    """Where the hub itself has what settles something: in words, and the section of the pathway's page."""

    text: str
    section: str


class Anomaly(NamedTuple):
    """One thing that does not fit; `by` says whose turn it is, `whom` how they do it or whom to ask.

    `section` is where the thing stands on the pathway's page, empty where nowhere.
    """

    rule: str
    about: str
    name: str
    act: Act
    when: str
    whom: str
    by: str
    section: str
    link: Link | None

    @property
    def is_mine(self) -> bool:
        """Tell whether it is the reader who is to act."""
        return self.by == YOURS


class ReReferral(NamedTuple):
    """A registration that started again what the other network was doing."""

    act: Act
    to_network: str
    from_network: str


class _Asking(NamedTuple):
    """Who reads: whose turn it is as they are told, whether they decide here, and what can be decided about."""

    turns: Turns
    decides: bool
    disputed: frozenset[str]
    has_links: bool


def anomalies(view: View, acts: Acts, turns: Turns, *, decides: bool) -> list[Anomaly]:
    """Give the anomalies, the latest event first; `decides`: the reader may settle contradictions and undo links."""
    disputed = frozenset(each.fact for each in disputes(view, acts))
    asking = _Asking(turns, decides, disputed, bool(view.links))
    rows = [row for row in view.tables["alert"] if row["kind"] == "anomaly"]
    found = [_anomaly(row["rule"], row["about"], acts.act(row["event_id"]), acts, asking) for row in rows]
    return sorted(found, key=lambda each: each.act.moment.timestamp() if each.act.moment else 0.0, reverse=True)


def _anomaly(rule: str, about: str, act: Act, acts: Acts, asking: _Asking) -> Anomaly:
    remedy = REMEDIES.get(rule, UNKNOWN)
    network = _acting(remedy, act.network)
    return Anomaly(
        words.typed(labels.rule(rule)),
        phrases.about(about, acts.names),
        about,
        act,
        remedy.when,
        _whom(remedy, network, asking.turns.reader),
        _turn(remedy, network, about, asking),
        _SECTIONS.get(about.partition(":")[0], ""),
        _link(rule, about, asking),
    )


def _acting(remedy: Remedy, emitter: str | None) -> str | None:
    """Give the network that is to act; None where it is both, none, or unknown."""
    if remedy.who in NETWORKS:
        return remedy.who
    if emitter in NETWORKS and remedy.who in {"emitter", "other"}:
        return emitter if remedy.who == "emitter" else _other(emitter)
    return None


def _other(network: str | None) -> str:
    return next(each for each in NETWORKS if each != network)


def _turn(remedy: Remedy, network: str | None, about: str, asking: _Asking) -> str:
    if remedy.who == "kept":
        return "au réseau retenu"
    if remedy.who == "decide":
        return "à vous, ou à un autre conseiller de la personne" if asking.decides else "à un conseiller de la personne"
    if remedy.who == "hub":
        return "à l’exploitation du hub"
    if network is None and remedy.who != "either":
        return "au réseau qui envoie cet événement"
    return asking.turns.say(network, about)


def _whom(remedy: Remedy, network: str | None, reader: Reader) -> str:
    own = reader.network if reader.network in NETWORKS else None
    if network is not None and network == own:
        return f"à saisir dans votre logiciel de {labels.network(network)}, qui l’enverra au hub"
    if network is not None:
        return f"à demander à {labels.network(network)}, qui envoie cet événement"
    if remedy.who == "either" and own is not None:
        return f"à saisir dans votre logiciel de {labels.network(own)}, ou à demander à {labels.network(_other(own))}"
    return {
        "either": "à demander au réseau concerné, France Travail ou Cap emploi",
        "kept": "à demander au réseau retenu",
        "decide": "à décider dans le hub",
        "hub": "à demander à l’exploitation du hub",
    }.get(remedy.who, "à demander au réseau qui l’envoie")


def _link(rule: str, about: str, asking: _Asking) -> Link | None:
    if rule == "settlement_without_claim" and about.partition(":")[2] in asking.disputed:
        return Link("Arbitrer cette donnée" if asking.decides else "Voir la contradiction", "contradictions")
    if rule == "void_of_a_decision" and asking.has_links:
        return Link("Revoir les rapprochements" if asking.decides else "Voir les rapprochements", "liens")
    return None


def re_referrals(view: View, acts: Acts) -> list[ReReferral]:
    """Give the re-referrals in order."""
    return [
        ReReferral(acts.act(row["event_id"]), labels.network(row["to_network"]), labels.network(row["from_network"]))
        for row in view.tables["re_referral"]
    ]
