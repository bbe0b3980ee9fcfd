"""Claims: what each network says about the same fact of a person, until someone settles a contradiction."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from hub.domain.events.case import CaseRegistered, CaseUpdated
from hub.domain.events.correction import ContradictionSettled
from hub.domain.pathway.fact import Anomaly, Fact, State
from hub.domain.pathway.leg import recording_case

Handled = CaseRegistered | CaseUpdated | ContradictionSettled

NAMES = ("family_name", "birth_name", "given_name")
TRAITS = (*NAMES, "birth_date", "birth_place")
CONTACTS = ("email", "phone", "commune")
SETTLED = (*TRAITS, *CONTACTS)
"""The facts of which one value is true, so that the networks may contradict each other about them."""
FACTS = (*SETTLED, "availability")
"""The facts that both networks may claim; `birth_date` is ISO text. A category means another thing in each network,
and availability is told anew every month: the networks' words stand beside each other."""


class Claim(NamedTuple):
    """One case record's claim about a fact."""

    network: str
    case: str
    value: str
    event_id: str


class Contradiction(NamedTuple):
    """A fact about which the networks' latest claims differ, with these claims in order of their events."""

    fact: str
    claims: tuple[Claim, ...]


class Claimed(State, frozen=True):
    """The claims about one fact by case, latest last, and the network whose claim was decided to stand."""

    by_case: dict[str, Fact[str]] = {}
    kept: Fact[str] | None = None


class Claims(State, frozen=True):
    """The claims by fact; `idle` are settlements that kept a claim nobody made, as fact and event."""

    by_fact: dict[str, Claimed] = {}
    idle: tuple[tuple[str, str], ...] = ()


def evolve(state: Claims, event: Handled) -> Claims:
    """Take one more event into account.

    A network that repeats its value claims nothing: the event that set the value stays named, and a settlement holds.
    """
    match event:
        case CaseRegistered() | CaseUpdated():
            return _take(state, event)
        case ContradictionSettled():
            return _settle(state, event)


_NOTHING = Claimed()


def _take(state: Claims, event: CaseRegistered | CaseUpdated) -> Claims:
    name, event_id = recording_case(event.meta), event.meta.event_id
    changed: dict[str, Claimed] = {}
    for fact, value in _stated(event):
        claimed = state.by_fact.get(fact, _NOTHING)
        before = claimed.by_case.get(name)
        if before is None or before.value != value:
            changed[fact] = _claim(claimed, fact, name, Fact(value, event_id))
    return Claims({**state.by_fact, **changed}, state.idle) if changed else state


def _stated(event: CaseRegistered | CaseUpdated) -> Iterator[tuple[str, str]]:
    traits, contact = event.traits, event.contact
    if traits is not None:
        for fact in TRAITS:
            value = getattr(traits, fact)
            if value is not None:
                yield fact, str(value)
    if contact is not None:
        for fact in CONTACTS:
            value = getattr(contact, fact)
            if value is not None:
                yield fact, value
    if isinstance(event, CaseUpdated) and event.availability:
        yield "availability", event.availability


def _claim(claimed: Claimed, fact: str, name: str, claim: Fact[str]) -> Claimed:
    by_case = dict(claimed.by_case)
    by_case.pop(name, None)
    by_case[name] = claim
    if claimed.kept is None or _is_new(claimed, fact, name, claim.value):
        return Claimed(by_case)
    return Claimed(by_case, claimed.kept)


def _is_new(claimed: Claimed, fact: str, name: str, value: str) -> bool:
    """Tell whether none of the network's case records claims as much already."""
    network, comparable = _network(name), normalised(fact, value)
    return all(
        _network(case) != network or normalised(fact, other.value) != comparable
        for case, other in claimed.by_case.items()
    )


def _settle(state: Claims, event: ContradictionSettled) -> Claims:
    claimed, event_id = state.by_fact.get(event.fact, _NOTHING), event.meta.event_id
    if not any(_network(case) == event.kept_network for case in claimed.by_case):
        return Claims(state.by_fact, (*state.idle, (event.fact, event_id)))
    settled = Claimed(claimed.by_case, Fact(event.kept_network, event_id))
    return Claims({**state.by_fact, event.fact: settled}, state.idle)


def _network(case: str) -> str:
    return case.partition("/")[0]


@lru_cache(maxsize=16_384)
def normalised(fact: str, value: str) -> str:
    """Give the form in which two claims about a fact are compared.

    Names count without case, accents, hyphens and spaces, phone numbers as national digits, addresses in lower case.
    """
    if fact in NAMES:
        plain = unicodedata.normalize("NFKD", value.casefold().replace("œ", "oe").replace("æ", "ae"))
        return "".join(character for character in plain if character.isalnum())
    if fact == "phone":
        digits = "".join(character for character in value if character.isdigit())
        if value.startswith("+33"):
            return f"0{digits[2:]}"
        return f"0{digits[4:]}" if digits.startswith("0033") else digits
    return value.lower()


def latest(state: Claims, fact: str) -> list[Claim]:
    """Give each network's latest claim about a fact, in order of their events."""
    by_network: dict[str, Claim] = {}
    for case, claim in state.by_fact.get(fact, _NOTHING).by_case.items():
        network = _network(case)
        by_network.pop(network, None)
        by_network[network] = Claim(network, case, claim.value, claim.event_id)
    return list(by_network.values())


def contradictions(state: Claims) -> list[Contradiction]:
    """Name the facts about which the networks differ and nobody has settled, in the order of `SETTLED`."""
    found = []
    for fact in SETTLED:
        claimed = state.by_fact.get(fact)
        if claimed is None or claimed.kept is not None or len(claimed.by_case) == 1:
            continue
        if len({claim.value for claim in claimed.by_case.values()}) == 1:
            continue
        claims = latest(state, fact)
        if len({normalised(fact, claim.value) for claim in claims}) > 1:
            found.append(Contradiction(fact, tuple(claims)))
    return found


def accepted(state: Claims, fact: str) -> Fact[str] | None:
    """Give the value to show: the kept network's if that was settled, the latest claim otherwise."""
    claimed = state.by_fact.get(fact, _NOTHING)
    kept = claimed.kept
    for case, claim in reversed(claimed.by_case.items()):
        if kept is None or _network(case) == kept.value:
            return claim
    return None


def rule(state: Claims, fact: str) -> Fact[str] | None:
    """Name the rule that chose the accepted value, `settled` or `latest_claim`, and the event that it rests on."""
    chosen = accepted(state, fact)
    if chosen is None:
        return None
    kept = state.by_fact[fact].kept
    return Fact("settled", kept.event_id) if kept else Fact("latest_claim", chosen.event_id)


def anomalies(state: Claims) -> Iterator[Anomaly]:
    """Name settlements that keep a claim which that network had not made."""
    for fact, event_id in state.idle:
        yield Anomaly("settlement_without_claim", f"fact:{fact}", event_id)
