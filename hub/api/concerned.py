"""Whom a decision concerns: at least one of them is the reader's, and the other is known to go with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from sqlalchemy import select

from hub.access.guard import UNSEEN, Look
from hub.access.listing import Listed, listed
from hub.access.recording import OWN, Person
from hub.domain.access import Sight, Verdict
from hub.domain.ids import NETWORKS, CaseKey
from hub.domain.pathway.leg import case_text
from hub.errors import Denied, Usage
from hub.projections import searching, suggestions

TO_DECIDE = Verdict(Sight.WITHOUT_HEALTH, None)
"""What is seen of a record that the reader does not accompany: who it says the person is."""


def check_pair(look: Look, left: CaseKey, right: CaseKey, may_undo: Callable[[], bool]) -> None:
    """Make sure that the reader may decide about two case records, and record whom they concern.

    Args:
        may_undo: tells whether the reader took the decision that stands, not long ago, and only goes back on it: they
            may, though nobody of the two is theirs any more.

    Raises:
        Denied: they may not, or there is no such record. The attempt is recorded.
    """
    people = _whose(look, left, right)
    own = [each for each in people if _is_own(each)]
    others = [each for each in people if not _is_own(each)]
    if not own:
        may_decide = may_undo()
    else:
        may_decide = all(_sees(look, each) for each in others) or _go_together(look, own[0], left, right)
    if not may_decide:
        _refuse(look, others)
    _record(look, people)


def one_pathway(look: Look, left: CaseKey, right: CaseKey, has_decided: Callable[[], bool]) -> bool:
    """Tell whether two case records share one pathway, and record whom they concern.

    Args:
        has_decided: tells whether the reader took the decision that stands, and not long ago.

    Raises:
        Denied: the reader sees neither person, or there is no such record. The attempt is recorded.
    """
    people = _whose(look, left, right)
    if not any(_is_own(each) or _sees(look, each) for each in people) and not has_decided():
        _refuse(look, people)
    _record(look, people)
    return people[0].pathway_no == people[-1].pathway_no


def check_claims(look: Look, case: CaseKey, fact: str) -> None:
    """Make sure that the reader may settle whose claim about a fact stands, and record the person.

    Raises:
        Denied: they may not, or there is no such record. The attempt is recorded.
        Usage: the networks do not both claim it.
    """
    person = _seen(look, case)
    if {network for network, _ in _claims(look, person, fact)} != set(NETWORKS):
        raise Usage("the networks do not both claim this fact, so there is nothing to settle")


def kept_network(look: Look, case: CaseKey, fact: str) -> str | None:
    """Give the network whose claim about a fact someone decided to stand, and record the person.

    Raises:
        Denied: the reader does not see the person, or there is no such record. The attempt is recorded.
    """
    claims = _claims(look, _seen(look, case), fact)
    return next((network for network, accepted_by in claims if accepted_by == "settled"), None)


def _whose(look: Look, *cases: CaseKey) -> list[Listed]:
    """Give the people of case records in the order of these, each once."""
    numbers = [each.pathway_no for case in cases for each in searching.by_case(look.connection, look.tables, case)]
    found = listed(look, numbers)
    if len(numbers) < len(cases) or len(found) < len(set(numbers)):
        look.entry.refuse(Person.nobody(" ".join(map(case_text, cases))))
        raise Denied(UNSEEN)
    return list(found.values())


def _seen(look: Look, case: CaseKey) -> Listed:
    (person,) = _whose(look, case)
    if not _is_own(person) and not _sees(look, person):
        _refuse(look, [person])
    _record(look, [person])
    return person


def _is_own(person: Listed) -> bool:
    return person.verdict.ground in OWN


def _sees(look: Look, person: Listed) -> bool:
    """Tell whether the reader stated a reason for a person, which still counts."""
    return look.recorder.has_reason(look.connection, look.asked.reader, person.person, look.now)


def _go_together(look: Look, own: Listed, left: CaseKey, right: CaseKey) -> bool:
    """Tell whether the hub suggests two case records together, or links or keeps them apart."""
    first, second = sorted((left, right))
    link = look.tables.link
    between = select(link.c.left_case).where(
        link.c.left_case == case_text(first), link.c.right_case == case_text(second)
    )
    if look.connection.execute(between).first() is not None:
        return True
    pairs = suggestions.about(look.connection, look.tables, [own.pathway_no])
    return any((pair.left.case, pair.right.case) == (first, second) for pair in pairs)


def _claims(look: Look, person: Listed, fact: str) -> list[tuple[str, str | None]]:
    claim = look.tables.models["claim"]
    query = select(claim.c.network, claim.c.accepted_by)
    rows = look.connection.execute(query.where(claim.c.pathway_no == person.pathway_no, claim.c.fact == fact))
    return [(row.network, row.accepted_by) for row in rows]


def _record(look: Look, people: list[Listed]) -> None:
    for each in people:
        look.entry.read(each.person, each.verdict if _is_own(each) else TO_DECIDE)


def _refuse(look: Look, people: list[Listed]) -> NoReturn:
    for each in people:
        look.entry.refuse(each.person)
    raise Denied(UNSEEN)
