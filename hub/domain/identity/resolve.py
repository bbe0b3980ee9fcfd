"""Case records into people: decisions first, then named references, then equal traits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Literal, NamedTuple

from hub.domain.events.link import MatchRejected, PairDecision, RecordsLinked, RecordsUnlinked
from hub.domain.identity.evidence import Evidence, trait_events
from hub.domain.identity.partition import Partition
from hub.domain.ids import CaseKey
from hub.domain.order import OrderKey, order_key

DecisionKind = Literal["linked", "unlinked", "rejected"]
Rule = Literal["decision", "reference", "traits"]
Pair = tuple[CaseKey, CaseKey]

MOST_HOLDERS = 10
"""More records than this with the same traits are no person but a default value: nothing is suggested."""


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

    `links` names every rule that holds within a cluster, also where another joined the records before. A pair that a
    person rejected is never among the suggestions. `separations` are the decisions in force that keep two of these
    cases apart.
    """

    clusters: tuple[tuple[CaseKey, ...], ...]
    links: tuple[Link, ...]
    suggestions: tuple[Link, ...]
    separations: tuple[Decision, ...]


def decision_of(event: PairDecision) -> Decision:
    """Read the decision that an event states."""
    match event:
        case RecordsLinked():
            kind: DecisionKind = "linked"
        case RecordsUnlinked():
            kind = "unlinked"
        case MatchRejected():
            kind = "rejected"
        case _:
            raise TypeError(f"{type(event).__name__} is no decision about two case records")
    left, right = sorted((event.left.key, event.right.key))
    return Decision(kind, left, right, order_key(event), event.meta.event_id)


def resolve(
    evidences: Iterable[Evidence],
    trait_keys: Mapping[CaseKey, bytes | None],
    decisions: Iterable[Decision],
) -> Resolution:
    """Cluster case records into people: a pure function of the sets given, whatever their order and repetitions.

    The last decision about a pair counts, and what concerns a case without evidence here does nothing yet. Edges are
    added in the order of their rules (decision, reference, traits), within a rule by case keys; one that would bring
    together a pair that someone unlinked or rejected is skipped. Equal traits join records across networks only, and
    only if each network's records of these traits are one person's by the stronger rules.

    Cases that share no decision, reference or trait key do not affect each other: resolving such groups apart gives
    the same as resolving them together. Near-linear in the number of cases and edges.
    """
    by_case = {evidence.case: evidence for evidence in evidences}
    standing = _standing(decisions, by_case)
    apart = {pair: decision for pair, decision in standing.items() if decision.kind != "linked"}
    people = Partition(by_case, apart)
    stated, kept_back = _add(people, (*_decided(standing), *_referred(by_case)))
    plain, ambiguous = _same_traits(people, by_case, trait_keys)
    equal, refused = _add(people, plain)
    unclear = (edge for edge in ambiguous if not people.together(edge.left, edge.right))
    return Resolution(
        people.clusters(),
        tuple(sorted((*stated, *equal), key=_place)),
        tuple(sorted(_proposed(apart, (*kept_back, *refused, *unclear)), key=_place)),
        tuple(apart[pair] for pair in sorted(apart)),
    )


def _place(link: Link) -> tuple[CaseKey, CaseKey, str]:
    return link.left, link.right, link.rule


def _standing(decisions: Iterable[Decision], by_case: Mapping[CaseKey, Evidence]) -> dict[Pair, Decision]:
    last: dict[Pair, Decision] = {}
    for decision in decisions:
        pair = (decision.left, decision.right)
        if decision.left not in by_case or decision.right not in by_case:
            continue
        if pair not in last or last[pair].key < decision.key:
            last[pair] = decision
    return last


def _decided(standing: Mapping[Pair, Decision]) -> Iterator[Link]:
    for left, right in sorted(standing):
        decision = standing[left, right]
        if decision.kind == "linked":
            yield Link(left, right, "decision", (decision.event_id,))


def _referred(by_case: Mapping[CaseKey, Evidence]) -> Iterator[Link]:
    events: defaultdict[Pair, set[str]] = defaultdict(set)
    for case, evidence in by_case.items():
        if evidence.reference and evidence.reference.value in by_case:
            left, right = sorted((case, evidence.reference.value))
            events[left, right].add(evidence.reference.event_id)
    for left, right in sorted(events):
        yield Link(left, right, "reference", tuple(sorted(events[left, right])))


def _same_traits(
    people: Partition, by_case: Mapping[CaseKey, Evidence], trait_keys: Mapping[CaseKey, bytes | None]
) -> tuple[list[Link], list[Link]]:
    """Give the links that equal traits make, and the pairs that they leave open; both by the people known so far."""
    holders: defaultdict[bytes, list[CaseKey]] = defaultdict(list)
    for case in sorted(by_case):
        key = trait_keys.get(case)
        if key is not None:
            holders[key].append(case)
    plain: list[Link] = []
    ambiguous: list[Link] = []
    for cases in holders.values():
        first_of: dict[str, CaseKey] = {}
        for case in cases:
            first_of.setdefault(case.network, case)
        if all(people.together(case, first_of[case.network]) for case in cases):
            plain.extend(_by_traits(list(first_of.values()), by_case, None))
        elif len(cases) <= MOST_HOLDERS:
            ambiguous.extend(_by_traits(cases, by_case, "ambiguous"))
    return sorted(plain, key=_place), ambiguous


def _by_traits(cases: Sequence[CaseKey], by_case: Mapping[CaseKey, Evidence], skipped: str | None) -> Iterator[Link]:
    for left, right in combinations(cases, 2):
        events = {*trait_events(by_case[left]), *trait_events(by_case[right])}
        yield Link(left, right, "traits", tuple(sorted(events)), skipped)


def _add(people: Partition, edges: Iterable[Link]) -> tuple[list[Link], list[Link]]:
    """Join what may be joined, in the order given; the rest is for suggestions."""
    links: list[Link] = []
    skipped: list[Link] = []
    for edge in edges:
        if people.join(edge.left, edge.right):
            links.append(edge)
        else:
            skipped.append(edge._replace(skipped_because="separated"))
    return links, skipped


def _proposed(apart: Mapping[Pair, Decision], skipped: Iterable[Link]) -> Iterator[Link]:
    """Leave out the pairs that a person rejected, and tell those that a person unlinked."""
    for edge in skipped:
        decision = apart.get((edge.left, edge.right))
        if decision is None:
            yield edge
        elif decision.kind == "unlinked":
            yield edge._replace(skipped_because="unlinked")
