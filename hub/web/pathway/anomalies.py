"""What does not fit in a pathway: the rule in words, the event that shows it, and what makes it go away."""

from __future__ import annotations

from typing import NamedTuple

from hub.domain.ids import NETWORKS
from hub.projections import labels
from hub.projections.view import View
from hub.web import words
from hub.web.naming.names import Names
from hub.web.pathway import phrases
from hub.web.pathway.acts import Act, Acts
from hub.web.pathway.remedies import REMEDIES, UNKNOWN, Remedy


class Anomaly(NamedTuple):
    """One thing that does not fit; `whom` says whom to ask."""

    rule: str
    about: str
    name: str
    act: Act
    when: str
    whom: str


class ReReferral(NamedTuple):
    """A registration that started again what the other network was doing."""

    act: Act
    to_network: str
    from_network: str


def anomalies(view: View, acts: Acts) -> list[Anomaly]:
    """Give the anomalies, the latest event first."""
    rows = [row for row in view.tables["alert"] if row["kind"] == "anomaly"]
    found = [_anomaly(row["rule"], row["about"], acts.act(row["event_id"]), acts.names) for row in rows]
    return sorted(found, key=lambda each: each.act.moment.timestamp() if each.act.moment else 0.0, reverse=True)


def _anomaly(rule: str, about: str, act: Act, names: Names) -> Anomaly:
    remedy = REMEDIES.get(rule, UNKNOWN)
    said = phrases.about(about, names)
    return Anomaly(words.typed(labels.rule(rule)), said, about, act, remedy.when, _whom(remedy, act.network))


def _whom(remedy: Remedy, network: str | None) -> str:
    who = network if remedy.who == "emitter" and network in NETWORKS else remedy.who
    if who in NETWORKS:
        return f"à demander à {labels.network(who)}, qui envoie cet événement"
    return {
        "either": "à demander au réseau concerné, France Travail ou Cap emploi",
        "settle": "à demander au réseau retenu, ou à arbitrer autrement",
        "hub": "à demander à l’exploitation du hub",
    }.get(who, "à demander au réseau qui l’envoie")


def re_referrals(view: View, acts: Acts) -> list[ReReferral]:
    """Give the re-referrals in order."""
    return [
        ReReferral(acts.act(row["event_id"]), labels.network(row["to_network"]), labels.network(row["from_network"]))
        for row in view.tables["re_referral"]
    ]
