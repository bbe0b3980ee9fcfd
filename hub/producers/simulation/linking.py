"""What people decide about records: linked, unlinked, no match; and which of two claims stands."""

from __future__ import annotations

from hub.producers.simulation import intake, names, texts, variants
from hub.producers.simulation.life import Life, Record
from hub.producers.simulation.people import NAMESAKE_AT, TWIN_AT, TWIN_EVERY, CaseNumber, Person

_EVIDENCE = ("identity_document", "confirmed_by_person", "adviser_review")


def link(life: Life, record: Record, day: int, other: CaseNumber, evidence: str | None = None) -> None:
    """Decide that a record and another are one person's."""
    pair = {"left": record.number.reference(), "right": other.reference()}
    life.decide(record, "RecordsLinked", day, {**pair, "evidence": evidence or life.rng.choice(_EVIDENCE)})


def explain(life: Life, second: Record, arrived: int, knows: str) -> None:
    """Find out, some time after a re-referral, that both records are one person's: by an adviser, or an update."""
    draw = life.rng.random()
    if knows != variants.EXACT and draw < 0.6:
        link(life, second, arrived + life.days(15, 90), life.first.number)
    elif draw > 0.8:
        names_first = {"other_case": life.first.number.reference(), "availability": "immediate"}
        life.state(second, "CaseUpdated", arrived + life.days(30, 120), names_first)


def contradict(life: Life, day: int) -> None:
    """Let one network learn what the other does not: a new commune or telephone; most are settled in the end."""
    second = life.second
    if second is None:
        return
    claimer = life.first if life.chance(0.5) else second
    fact = "commune" if life.chance(0.5) else "phone"
    value = names.home_near(life.person.home, life.rng).code if fact == "commune" else intake.other_phone(life)
    life.state(claimer, "CaseUpdated", day, {"contact": {fact: value}})
    if life.chance(0.6):
        kept = claimer if life.chance(0.8) else life.first
        settles = {"case": claimer.number.reference(), "fact": fact, "kept_network": kept.number.network}
        reason = {"reason": life.rng.choice(texts.REASONS)}
        life.decide(kept, "ContradictionSettled", day + life.days(5, 60), {**settles, **reason})


def meet_lookalikes(life: Life, day: int, before: Person) -> None:
    """Tell a twin from the other; take a namesake for the other by mistake, and put it right."""
    record, theirs = life.first, before.first_case()
    pair = {"left": theirs.reference(), "right": record.number.reference()}
    place = life.person.index % TWIN_EVERY
    if place == TWIN_AT:
        life.decide(record, "MatchRejected", day + life.days(10, 40), {**pair, "comment": "Jumeaux."})
    elif place == NAMESAKE_AT:
        linked_on = day + life.days(10, 40)
        link(life, record, linked_on, theirs, "adviser_review")
        life.decide(record, "RecordsUnlinked", linked_on + life.days(5, 45), {**pair, "reason": "different_people"})
