"""How the hub is doing, in words: one sentence first, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hub.api.queries.operating import MOST_ALARMS, Look
from hub.consumers.survey import Backlog
from hub.domain.topics import OF_NETWORK
from hub.projections import labels
from hub.web.operating.choosing import Choice
from hub.web.operating.reasons import QUARANTINE, reason
from hub.web.words import count, figure

LATE = timedelta(minutes=1)
"""How old the oldest unread record of a partition may be before it counts as late."""
_PARTS = {
    "store": "Base de données",
    "keys": "Coffre des clés",
    "issuer": "Fournisseur d’identité",
    "log": "Journal d’événements",
}
_NETWORK_OF = {topic: network for network, topic in OF_NETWORK.items()}
_UNKNOWN = "not_asked_yet"


class Finding(NamedTuple):
    """Something that is not as it should be: `kind` is that of a notice, `href` where to go on."""

    kind: str
    text: str
    href: str | None = None


class Part(NamedTuple):
    """A part that the hub needs, and whether it answers."""

    name: str
    state: str
    kind: str


class Partition(NamedTuple):
    """A partition of the log: how much of it is to be read, for how long, and what went wrong with it."""

    source: str
    number: int
    held: str
    behind: str
    waits: str
    state: str
    kind: str
    incident: str | None


class Held(NamedTuple):
    """What quarantine holds for one reason, and where it is shown."""

    label: str
    entries: str
    href: str


class Health(NamedTuple):
    """The page's model; `kind` is that of the worst finding, `said` the sentence that stands first."""

    kind: str
    said: str
    findings: tuple[Finding, ...]
    parts: tuple[Part, ...]
    partitions: tuple[Partition, ...] | None
    topics: tuple[tuple[str, str], ...]
    held: tuple[Held, ...]
    facts: tuple[tuple[str, str], ...]
    rebuild: str | None


def health(look: Look, parts: Mapping[str, str | None]) -> Health:
    """Make the page's model from a look at the hub and what its parts said last."""
    findings = tuple(sorted(_findings(look, parts), key=lambda each: ("error", "warning").index(each.kind)))
    partitions = None if look.backlog is None else tuple(_partition(each, look.at) for each in look.backlog)
    return Health(
        findings[0].kind if findings else "success",
        findings[0].text if findings else "Tout suit.",
        findings[1:],
        tuple(_part(name, failure) for name, failure in parts.items()),
        partitions,
        tuple((labels.network(network), topic) for network, topic in OF_NETWORK.items()),
        tuple(
            Held(reason(code).label, figure(entries), Choice(code).href())
            for code, entries in look.store.held.by_reason.items()
        ),
        tuple(_facts(look)),
        _rebuild(look),
    )


def ago(since: datetime, now: datetime) -> str:
    """Say for how long: `3 min`, `2 h`, `5 jours`."""
    seconds = max(0, int((now - since).total_seconds()))
    if seconds < 60:
        return count(seconds, "seconde", "secondes")
    if seconds < 3_600:
        return count(seconds // 60, "minute", "minutes")
    if seconds < 86_400:
        return count(seconds // 3_600, "heure", "heures")
    return count(seconds // 86_400, "jour", "jours")


def _findings(look: Look, parts: Mapping[str, str | None]) -> Iterator[Finding]:
    lost = sum(each.incident is not None for each in look.backlog or ())
    late = sum(_is_late(each, look.at) for each in look.backlog or ())
    if lost:
        yield Finding(
            "error", f"{count(lost, 'partition arrêtée', 'partitions arrêtées')} : le journal a perdu des événements."
        )
    for name, failure in parts.items():
        if failure is not None and failure != _UNKNOWN and not (name == "log" and look.backlog is None):
            yield Finding("error", f"{_PARTS.get(name, name)} : pas de réponse.")
    if look.backlog is None:
        yield Finding("error", "Le journal d’événements ne répond pas : le retard n’est pas connu.")
    if late:
        yield Finding("warning", f"{count(late, 'partition', 'partitions')} en retard.")
    if look.generation.is_outdated:
        yield Finding("warning", "Le modèle de lecture vient d’une autre version du hub : exécutez « hub rebuild ».")
    if look.alarms:
        more = " ou plus" if look.alarms >= MOST_ALARMS else ""
        yield Finding(
            "warning", f"{count(look.alarms, 'lecteur arrêté', 'lecteurs arrêtés')}{more} pour trop de consultations."
        )
    if held := look.store.held.total:
        waiting = count(held, "enregistrement attend", "enregistrements attendent")
        yield Finding("warning", f"{waiting} une décision en quarantaine.", QUARANTINE)


def _is_late(backlog: Backlog, now: datetime) -> bool:
    if not backlog.lag_events or backlog.incident or backlog.next_appended_ms is None:
        return False
    return now - _moment(backlog.next_appended_ms) > LATE


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _part(name: str, failure: str | None) -> Part:
    if failure is None:
        return Part(_PARTS.get(name, name), "répond", "success")
    if failure == _UNKNOWN:
        return Part(_PARTS.get(name, name), "pas encore interrogé", "neutral")
    return Part(_PARTS.get(name, name), "ne répond pas", "error")


def _partition(backlog: Backlog, now: datetime) -> Partition:
    waits = "" if not backlog.lag_events else "depuis un temps inconnu"
    if backlog.lag_events and backlog.next_appended_ms is not None:
        waits = ago(_moment(backlog.next_appended_ms), now)
    if backlog.incident:
        state, kind = "arrêtée", "error"
    elif _is_late(backlog, now):
        state, kind = "en retard", "warning"
    else:
        state, kind = ("à lire", "info") if backlog.lag_events else ("à jour", "success")
    return Partition(
        source(backlog.topic),
        backlog.partition,
        figure(backlog.held_events),
        figure(backlog.lag_events),
        waits,
        state,
        kind,
        backlog.incident,
    )


def source(topic: str) -> str:
    """Say whose events stand on a topic."""
    return labels.network(_NETWORK_OF[topic]) if topic in _NETWORK_OF else topic


def _facts(look: Look) -> Iterator[tuple[str, str]]:
    last = look.lately.last_at
    yield "Dernier événement accepté", f"il y a {ago(last, look.at)}" if last else "aucun"
    yield "Événements de la dernière heure", figure(look.lately.hour)
    yield "Événements des dernières 24 heures", figure(look.lately.day)
    yield "Événements acceptés en tout", figure(look.store.position)
    left = look.store.position - look.told
    told = "à jour" if not left else f"{count(left, 'événement', 'événements')} à transmettre"
    yield "Envoi aux réseaux", told
    since = look.generation.live_at
    yield (
        "Génération du modèle de lecture",
        f"n° {look.generation.number}" + (f", depuis {ago(since, look.at)}" if since else ""),
    )


def _rebuild(look: Look) -> str | None:
    found = look.store.building
    if found is None:
        return None
    return (
        f"Reconstruction en cours (génération n° {found.number}) : {figure(found.heard)} dossiers lus, "
        f"{figure(found.done)} établis, sur {figure(found.total)}."
    )
