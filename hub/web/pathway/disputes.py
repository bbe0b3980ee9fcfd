"""What the networks contradict each other about: both claims side by side, and what whoever decides must have seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.projections import labels
from hub.projections.facts import event_of
from hub.projections.view import TableRow, View
from hub.web.pathway import phrases
from hub.web.pathway.acts import Act, Acts
from hub.web.words import NBSP

_MARK_BYTES = 12
_ISOLATE, _END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


class Side(NamedTuple):
    """One network's claim: its value in words, whose case record says so, and the event."""

    network: str
    value: str
    case: str
    act: Act

    @property
    def key(self) -> CaseKey:
        """The case record's key."""
        return CaseKey(*self.case.split("/"))

    @property
    def case_words(self) -> str:
        """The case record in words."""
        return phrases.case(self.case)


class Dispute(NamedTuple):
    """A fact about which the networks differ; `kept` is the network whose claim someone chose, None while open.

    `mark` changes with the claims and with every decision about them: a form that carries another was filled in
    before someone else acted.
    """

    fact: str
    label: str
    sides: tuple[Side, Side]
    kept: str | None
    decision: Act | None
    mark: str

    @property
    def is_open(self) -> bool:
        """Tell whether nobody has settled it."""
        return self.kept is None

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Give what can be chosen, by network; each value is isolated, since it may be written from right to left."""
        return [
            (side.network, f"«{NBSP}{_ISOLATE}{side.value}{_END}{NBSP}» selon {labels.network(side.network)}")
            for side in self.sides
        ]


def disputes(view: View, acts: Acts) -> list[Dispute]:
    """Give the contradictions that are open, then those that were settled, whose claims still differ."""
    return [*_open(view, acts), *_settled(view, acts)]


def _open(view: View, acts: Acts) -> Iterable[Dispute]:
    for row in view.tables["contradiction"]:
        fact = row["fact"]
        sides = (_side(row, acts, FRANCE_TRAVAIL), _side(row, acts, CAP_EMPLOI))
        yield Dispute(fact, phrases.fact(fact), sides, None, None, _mark(fact, sides, ""))


def _side(row: TableRow, acts: Acts, network: str) -> Side:
    column = f"{network}_value"
    said = phrases.claimed(row["fact"], row[column])
    return Side(network, said, row[f"{network}_case"], acts.act(event_of(row, column)))


def _settled(view: View, acts: Acts) -> Iterable[Dispute]:
    for kept in (row for row in view.tables["claim"] if row["accepted_by"] == "settled"):
        fact, decision = kept["fact"], event_of(kept, "accepted_by")
        claims = [row for row in view.tables["claim"] if row["fact"] == fact]
        latest = [_latest(claims, acts, network) for network in (FRANCE_TRAVAIL, CAP_EMPLOI)]
        if None in latest:
            continue
        one, other = (
            Side(row["network"], phrases.claimed(fact, row["value"]), row["case_record"], acts.act(row["event_id"]))
            for row in latest
            if row is not None
        )
        if one.value != other.value:
            sides, by = (one, other), acts.act(decision)
            yield Dispute(fact, phrases.fact(fact), sides, kept["network"], by, _mark(fact, sides, decision))


def _latest(claims: Iterable[TableRow], acts: Acts, network: str) -> TableRow | None:
    """Give a network's claim that counts: the one kept, else the last."""
    own = [row for row in claims if row["network"] == network]
    kept = [row for row in own if row["accepted_by"] is not None]
    return max(kept or own, key=lambda row: _when(acts.act(row["event_id"]).moment), default=None)


def _when(moment: datetime | None) -> float:
    return moment.timestamp() if moment is not None else 0.0


def _mark(fact: str, sides: tuple[Side, Side], decision: str) -> str:
    seen = f"{fact}|{sides[0].act.event_id}|{sides[1].act.event_id}|{decision}"
    return hashlib.blake2b(seen.encode(), digest_size=_MARK_BYTES).hexdigest()
