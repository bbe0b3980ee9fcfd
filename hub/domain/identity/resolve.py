"""Case records into people: decisions first, then named references, then equal traits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from hub.domain.events.link import PairDecision
from hub.domain.identity.evidence import Evidence
from hub.domain.ids import CaseKey
from hub.domain.order import OrderKey

DecisionKind = Literal["linked", "unlinked", "rejected"]
Rule = Literal["decision", "reference", "traits"]


class Decision(NamedTuple):
    """What a person decided about two case records; `left` is the smaller key."""

    kind: DecisionKind
    left: CaseKey
    right: CaseKey
    key: OrderKey
    event_id: str


class Link(NamedTuple):
    """Two case records that a rule takes for one person's, and the events that say so.

    `skipped_because` is None for a link in force; for a suggestion it is "unlinked" (a person undid this very pair),
    "separated" (it would bring together two other records that a person keeps apart) or "ambiguous" (several records of
    one network have these traits).
    """

    left: CaseKey
    right: CaseKey
    rule: Rule
    event_ids: tuple[str, ...]
    skipped_because: str | None = None


class Resolution(NamedTuple):
    """Every case in exactly one cluster, and why; all parts sorted.

    `separations` are the decisions in force that keep two of these cases apart.
    """

    clusters: tuple[tuple[CaseKey, ...], ...]
    links: tuple[Link, ...]
    suggestions: tuple[Link, ...]
    separations: tuple[Decision, ...]


def decision_of(event: PairDecision) -> Decision:
    """Read the decision that an event states."""
    raise NotImplementedError


def resolve(
    evidences: Iterable[Evidence],
    trait_keys: Mapping[CaseKey, bytes | None],
    decisions: Iterable[Decision],
) -> Resolution:
    """Cluster case records into people; a pure function of the sets given."""
    raise NotImplementedError
