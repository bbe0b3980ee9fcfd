"""What happens to facts on their way: numbered as recorded, voided, sent late, sent twice."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from random import Random

from hub.producers.simulation.draft import Draft, event_id
from hub.producers.simulation.life import Life
from hub.producers.simulation.moments import DAY_S
from hub.producers.simulation.people import FEED_ENDS

_VOIDED, _OVERTAKES, _SENT_LATE, _SENT_TWICE = 0.005, 0.125, 0.02, 0.02
_NUMBER_SKIPPED, _NUMBER_REUSED = 0.001, 0.0005
_KEPT = frozenset({"CaseRegistered", "EventVoided"})
_SHOWN_KEPT = _KEPT | {"DelegationProposed"}
"""A delegation without its proposal is of no site, beside which the figures of a single département are hidden."""
_REASONS = ("entry_error", "entry_error", "wrong_person", "did_not_happen")


def send(life: Life) -> list[Draft]:
    """Give a life's events in the order in which they reach the hub; what comes after the feed's end is left out.

    The same event twice in the list is a repeat. A void is sent at once even where the event that it voids is held up.
    """
    drafts, rng = life.drafts, life.rng
    kept = _SHOWN_KEPT if life.population.is_showcase else _KEPT
    drafts.extend([_void(draft, rng) for draft in drafts if _is_voided(draft, kept, rng)])
    drafts.sort(key=_recorded)
    _number(drafts, rng)
    sent = []
    for draft in drafts:
        ready = max(draft.recorded, draft.arrives, life.person.registered_on * DAY_S)
        draft.arrives = ready + 30 + int(rng.random() * 600)
        draw = rng.random()
        if draw < _SENT_LATE and draft.type != "EventVoided":
            draft.arrives += int(rng.random() * 15 * DAY_S)
        sent.append(draft)
        if draw > 1 - _SENT_TWICE:
            again = replace(draft, repeat=True)
            again.arrives += int(rng.random() ** 2 * 20 * DAY_S)
            sent.append(again)
    ends = FEED_ENDS * DAY_S
    return sorted((draft for draft in sent if draft.arrives < ends), key=lambda draft: draft.arrives)


def _recorded(draft: Draft) -> int:
    return draft.recorded


def _is_voided(draft: Draft, kept: frozenset[str], rng: Random) -> bool:
    return rng.random() < _VOIDED and bool(draft.local_id) and draft.type not in kept


def _void(draft: Draft, rng: Random) -> Draft:
    """Let the emitter take an event back; one void in eight overtakes its event, which is held up on its way."""
    recorded = draft.recorded + 600 + int(rng.random() ** 2 * 9 * DAY_S)
    if rng.random() < _OVERTAKES:
        draft.arrives = recorded + DAY_S
    return replace(
        draft,
        type="EventVoided",
        occurred=recorded - 60,
        recorded=recorded,
        event_id=event_id(recorded, rng),
        fields={"voided_event_id": draft.event_id, "reason": rng.choice(_REASONS)},
        causation_id=None,
        arrives=0,
        late=False,
        re_referral=False,
    )


def _number(drafts: list[Draft], rng: Random) -> None:
    """Number each record's events from 1 as they were recorded; rarely a source skips a number or uses one twice."""
    last: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for draft in drafts:
        if draft.local_id:
            case = (draft.network, draft.scope, draft.local_id)
            draw = rng.random()
            step = 2 if draw < _NUMBER_SKIPPED else 1
            if draw > 1 - _NUMBER_REUSED and last[case]:
                step = 0
            last[case] += step
            draft.sequence = last[case]
