"""What one case record says about whose it is, and the keyed hashes by which records find each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hub.domain.events.base import Event
from hub.domain.events.case import CaseRegistered, CaseUpdated
from hub.domain.ids import CaseKey
from hub.domain.order import OrderKey
from hub.domain.pathway.fact import Fact, State

KeyedHash = Callable[[bytes], bytes]
IDENTITY_EVENTS = (CaseRegistered, CaseUpdated)
"""The only events that change a record's evidence."""


class Evidence(State, frozen=True):
    """What one case record says about identity, each trait with the event that claimed it last.

    `traits` holds family_name, birth_name, given_name, birth_date (ISO 8601 text) and birth_place as far as they are
    known; `reference` is the other network's case that the record names.
    """

    case: CaseKey
    traits: dict[str, Fact[str]] = {}
    reference: Fact[CaseKey] | None = None
    last: OrderKey | None = None


def learn(evidence: Evidence, event: CaseRegistered | CaseUpdated) -> Evidence:
    """Take into account one more event of the case, canonically after all others; an absent trait is unchanged."""
    raise NotImplementedError


def gather(case: CaseKey, ordered_events: Iterable[Event]) -> Evidence:
    """Read a case's evidence from its events in canonical order, without the voided ones; other events say nothing."""
    raise NotImplementedError


def trait_key(evidence: Evidence, keyed_hash: KeyedHash) -> bytes | None:
    """Give the keyed hash of the normalised traits that link on exact agreement, or None where one is unknown."""
    raise NotImplementedError


def presence_keys(events: Iterable[Event], keyed_hash: KeyedHash) -> frozenset[bytes]:
    """Give the keys by which a case finds every case that it could be linked with at any time, voided events included."""
    raise NotImplementedError


def case_presence_key(case: CaseKey, keyed_hash: KeyedHash) -> bytes:
    """Give the key that a case and every case that ever named it have in common."""
    raise NotImplementedError
