"""The page of one event: who stated what, when and where, what became of it, and what it still sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from hub.api.people import Read
from hub.domain.access import Reader, Sight
from hub.projections import labels, wording
from hub.projections.facts import Fact, facts
from hub.projections.view import View
from hub.web import words
from hub.web.naming.names import UNNAMED, Names
from hub.web.pathway import anomalies, fields, phrases
from hub.web.pathway.acts import Act, Acts, Line, term
from hub.web.pathway.anomalies import Anomaly, ReReferral
from hub.web.turns import turns_of

MOST_SET = 60
"""How many facts that an event set are told."""


class Named(NamedTuple):
    """Another event that this one names: in words, with its address where the reader sees it."""

    term: str
    text: str
    event_id: str | None


class Sets(NamedTuple):
    """A fact that the event set and that still stands; `fact` is its name for whoever asks why."""

    thing: str
    term: str
    value: str
    fact: str


class EventPage(NamedTuple):
    """One event as its page shows it."""

    title: str
    network: str
    occurred_at: datetime
    source: tuple[Line, ...]
    fields: tuple[Line, ...]
    named: tuple[Named, ...]
    voided_by: Act | None
    anomalies: tuple[Anomaly, ...]
    re_referrals: tuple[ReReferral, ...]
    contested: tuple[str, ...]
    sets: tuple[Sets, ...]
    sets_more: int
    before: Act | None
    after: Act | None
    raw: str
    is_without_health: bool


def event_page(
    found: Read, event: Mapping[str, Any], reader: Reader, today: date, names: Names = UNNAMED, *, decides: bool
) -> EventPage:
    """Lay an event out, given as `hub.api.queries.events.recorded` gives it, with the view that it belongs to.

    `today` is the day shown; `decides`: the reader may take decisions about the person.
    """
    content, view = event["content"], found.view
    meta = content["meta"]
    event_id = meta["event_id"]
    acts = Acts(view.timeline, names=names)
    line = next((each for each in view.timeline if each["event_id"] == event_id), None)
    sets = list(_sets(view, event_id, names))
    wrong = anomalies.anomalies(view, acts, turns_of(view, today, reader, names), decides=decides)
    return EventPage(
        title=words.typed(labels.event_type(content["type"]) if line is None else line["label"].partition(" : ")[0]),
        network=meta["network"],
        occurred_at=datetime.fromisoformat(meta["occurred_at"]),
        source=tuple(_source(event, names, erased=found.is_erased)),
        fields=tuple(fields.lines_of(content, names)),
        named=tuple(_named(content, acts)),
        voided_by=acts.act(line["voided_by"]) if line is not None and line["voided_by"] else None,
        anomalies=tuple(each for each in wrong if each.act.event_id == event_id),
        re_referrals=tuple(each for each in anomalies.re_referrals(view, acts) if each.act.event_id == event_id),
        contested=tuple(_contested(view, event_id)),
        sets=tuple(sets[:MOST_SET]),
        sets_more=max(0, len(sets) - MOST_SET),
        before=_beside(view, acts, event_id, -1),
        after=_beside(view, acts, event_id, 1),
        raw=msgspec.json.format(msgspec.json.encode(content), indent=2).decode(),
        is_without_health=found.sight is not Sight.FULL,
    )


def _source(event: Mapping[str, Any], names: Names, *, erased: bool) -> Iterator[Line]:
    meta = event["content"]["meta"]
    yield Line("réseau", labels.network(meta["network"]))
    if not erased:
        yield Line("conseiller", names.adviser_and_code(meta["network"], meta["actor_id"]))
        # A network that names no organisation of its own stands for itself.
        yield Line("organisme", phrases.organisation(meta["organisation"]))
        if "site" in meta:
            yield Line("site", names.site(meta["site"]))
        if meta.get("local_id"):
            yield Line("dossier", phrases.case(f"{meta['network']}/{meta.get('scope', '')}/{meta['local_id']}"))
    yield Line("survenu le", words.moment(datetime.fromisoformat(meta["occurred_at"])))
    yield Line("enregistré le", words.moment(datetime.fromisoformat(meta["recorded_at"])))
    yield Line("accepté par le hub le", words.moment(event["accepted_at"]))
    yield Line("position au registre", words.figure(event["position"]))


def _named(content: Mapping[str, Any], acts: Acts) -> Iterator[Named]:
    meta = content["meta"]
    wanted = (
        ("Annule", content.get("voided_event_id")),
        ("Causé par", meta.get("causation_id")),
        ("Lié à", meta.get("correlation_id")),
    )
    for said, event_id in wanted:
        if event_id is None or event_id == meta["event_id"]:
            continue
        if acts.knows(event_id):
            act = acts.act(event_id)
            day = f", {words.day(act.moment)}" if act.moment else ""
            yield Named(said, f"{act.title}{day}", event_id)
        else:
            yield Named(said, "un événement qui n’est pas dans ce parcours", None)


def _contested(view: View, event_id: str) -> Iterator[str]:
    for row in view.tables["contradiction"]:
        if event_id in {row["event_id"], *row["events"].values()}:
            yield phrases.fact(row["fact"])


def _sets(view: View, event_id: str, names: Names) -> Iterable[Sets]:
    for each in facts(view):
        if each.event_id == event_id and each.model not in {"timeline", "accompaniment"} and each.column is not None:
            yield Sets(_thing(each), term(each.model, each.column), _value(each, names), each.name)


def _thing(fact: Fact) -> str:
    model = words.capital(words.typed(wording.model(fact.model)))
    if fact.model == "claim":
        return words.capital(phrases.fact(fact.row["fact"]))
    return model


def _value(fact: Fact, names: Names) -> str:
    if fact.model == "claim" and fact.column == "value":
        return phrases.claimed(fact.row["fact"], fact.value)
    if fact.column in {"case_record", "other_case", "from_case_record", "france_travail_case", "cap_emploi_case"}:
        return phrases.case(fact.value)
    if fact.model == "contradiction":
        return phrases.claimed(fact.row["fact"], fact.value)
    column = str(fact.column)
    return names.held(column, fact.value, fact.row) or phrases.value(fact.model, column, fact.value)


def _beside(view: View, acts: Acts, event_id: str, step: int) -> Act | None:
    """Give the event before or after this one, of those in the timeline."""
    order = [line["event_id"] for line in view.timeline]
    if event_id not in order:
        return None
    place = order.index(event_id) + step
    return acts.act(order[place]) if 0 <= place < len(order) else None
