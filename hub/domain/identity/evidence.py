"""What one case record says about whose it is, and the keyed hashes by which records find each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import field

from hub.domain.events.base import CaseEvent, Event
from hub.domain.events.case import CaseRegistered, CaseUpdated
from hub.domain.identity import traits
from hub.domain.ids import CaseKey
from hub.domain.order import OrderKey, order_key
from hub.domain.pathway.fact import Fact, State

KeyedHash = Callable[[bytes], bytes]
"""A keyed hash such as HMAC-SHA256: without its key, nobody can try out names and birth dates."""

IDENTITY_EVENTS = (CaseRegistered, CaseUpdated)
"""The only events that change a record's evidence."""

# One hash function serves several kinds of keys: a first byte of its own keeps each from ever meeting another.
_TRAITS, _BIRTH, _CASE = b"\x01", b"\x02", b"\x03"


class Evidence(State, frozen=True):
    """What one case record says about identity, each trait with the event that claimed it last.

    `traits` holds family_name, birth_name, given_name, birth_date (ISO 8601 text) and birth_place as far as they are
    known; `reference` is the other network's case that the record names.
    """

    case: CaseKey
    traits: dict[str, Fact[str]] = field(default_factory=dict)
    reference: Fact[CaseKey] | None = None
    last: OrderKey | None = None


def learn(evidence: Evidence, *events: CaseRegistered | CaseUpdated) -> Evidence:
    """Take into account more events of the case, in canonical order and after all others.

    An absent trait is unchanged, and so is one whose new value means unknown (`traits`): a clerk who types X takes
    nothing back. A case of the record's own network is no reference.
    """
    claimed, reference = dict(evidence.traits), evidence.reference
    for event in events:
        event_id = event.meta.event_id
        for trait, text in _claims(event):
            if traits.is_known(trait, text):
                claimed[trait] = Fact(text, event_id)
        if (named := _named(event)) is not None:
            reference = Fact(named, event_id)
    return Evidence(evidence.case, claimed, reference, order_key(events[-1]) if events else evidence.last)


def gather(case: CaseKey, ordered_events: Iterable[Event]) -> Evidence:
    """Read a case's evidence from its events in canonical order, without the voided ones; other events say nothing."""
    return learn(Evidence(case), *(event for event in ordered_events if isinstance(event, IDENTITY_EVENTS)))


def trait_key(evidence: Evidence, keyed_hash: KeyedHash) -> bytes | None:
    """Give the keyed hash of the normal birth name (else family name), first given name, birth date and birth place.

    None where one of the four is unknown, or where the birth does not tell one person from others.
    """
    family = traits.name(latest(evidence, _family(evidence)))
    given = traits.given_name(latest(evidence, "given_name"))
    birth = traits.birth(latest(evidence, "birth_date"), latest(evidence, "birth_place"))
    if not family or not given or birth is None:
        return None
    return hash_of(_TRAITS, (family, given, *birth), keyed_hash)


def trait_events(evidence: Evidence) -> tuple[str, ...]:
    """Give the ids of the events that the trait key rests on, sorted."""
    used = (_family(evidence), "given_name", "birth_date", "birth_place")
    return tuple(sorted({evidence.traits[trait].event_id for trait in used if trait in evidence.traits}))


def presence_keys(events: Iterable[Event], keyed_hash: KeyedHash) -> frozenset[bytes]:
    """Give the keys by which a case finds every case that a reference or its traits could link it with, at any time.

    Takes all events of one case in any order, voided ones included: a date claimed by one event meets a place claimed
    by another. Two cases that share a trait key at any time share one of these, and so do a case and those it names.
    """
    dates: set[str] = set()
    places: set[str] = set()
    cases: set[CaseKey] = set()
    for event in events:
        if isinstance(event, CaseEvent):
            cases.add(event.case)
        if isinstance(event, IDENTITY_EVENTS):
            if event.traits is not None:
                dates.add(str(event.traits.birth_date or ""))
                places.add(event.traits.birth_place or "")
            if (named := _named(event)) is not None:
                cases.add(named)
    births = {traits.birth(date, place) for date in dates for place in places}
    keys = {hash_of(_BIRTH, birth, keyed_hash) for birth in births if birth}
    return frozenset(keys | {case_presence_key(case, keyed_hash) for case in cases})


def case_presence_key(case: CaseKey, keyed_hash: KeyedHash) -> bytes:
    """Give the key that a case and every case that ever named it have in common."""
    return hash_of(_CASE, case, keyed_hash)


def hash_of(kind: bytes, parts: Iterable[str], keyed_hash: KeyedHash) -> bytes:
    """Hash texts that hold no control character, so that no two lists of them give the same bytes."""
    return keyed_hash(kind + "\x1f".join(parts).encode())


def latest(evidence: Evidence, trait: str) -> str:
    """Give a trait as it was claimed last, or an empty text."""
    fact = evidence.traits.get(trait)
    return fact.value if fact else ""


def _family(evidence: Evidence) -> str:
    return "birth_name" if "birth_name" in evidence.traits else "family_name"


def _claims(event: CaseRegistered | CaseUpdated) -> Iterable[tuple[str, str]]:
    if event.traits is None:
        return ()
    # Not by the model's own iterator, which costs as much again as everything that `learn` does with a claim.
    return [(trait, str(value)) for trait, value in vars(event.traits).items() if value is not None]


def _named(event: CaseRegistered | CaseUpdated) -> CaseKey | None:
    if event.other_case is None or event.other_case.network == event.meta.network:
        return None
    return event.other_case.key
