"""A showcase: few people who show what a region shows, for a demonstration."""

from __future__ import annotations

from collections import Counter
from datetime import date

from hub.domain.ids import FRANCE_TRAVAIL
from hub.producers.simulation.cooperation import UNSEEN_SCRIPT
from hub.producers.simulation.feed import feed
from hub.producers.simulation.moments import day_of
from hub.producers.simulation.people import Person, person
from hub.producers.simulation.population import Population

SHOWN, PLAIN = Population(480, 1, is_showcase=True), Population(480, 1)


def people(population: Population) -> list[Person]:
    return [person(population, index) for index in range(population.people)]


def test_the_same_showcase_gives_the_same_lines() -> None:
    assert [sent.line for sent in feed(SHOWN._replace(people=40), lambda _: None)] == [
        sent.line for sent in feed(SHOWN._replace(people=40), lambda _: None)
    ]


def test_a_showcase_lives_around_few_agencies_and_has_registered_lately() -> None:
    assert len({each.agency for each in people(SHOWN)}) == 2 < len({each.agency for each in people(PLAIN)})
    lately = [each for each in people(SHOWN) if each.registered_on >= day_of(date(2021, 10, 1))]
    assert len(lately) > 0.75 * SHOWN.people
    opens = [SHOWN.opens(index) for index in range(SHOWN.people + 1)]
    assert opens == sorted(opens)


def test_a_showcase_delegates_more_often() -> None:
    def delegations(population: Population) -> int:
        drafts = [sent.draft for sent in feed(population, lambda _: None)]
        return Counter(draft.type for draft in drafts if draft is not None)["DelegationProposed"]

    assert delegations(SHOWN) > 2 * delegations(PLAIN)


def test_some_of_a_showcase_are_registered_again_under_another_name_and_nobody_says_so() -> None:
    drafts = [sent.draft for sent in feed(SHOWN, lambda _: None)]
    registered: dict[str, list[str]] = {}
    for draft in drafts:
        if draft is not None and draft.type == "CaseRegistered" and not draft.repeat:
            registered.setdefault(draft.fields["contact"]["phone"], []).append(draft.fields["traits"]["family_name"])
    twice = [
        each
        for each in people(SHOWN)
        if each.script == UNSEEN_SCRIPT
        and each.first == FRANCE_TRAVAIL
        and len(set(registered[f"06 39 98 {each.index // 100:02} {each.index % 100:02}"])) == 2
    ]
    assert len(twice) >= 5
