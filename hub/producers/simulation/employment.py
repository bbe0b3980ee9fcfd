"""Work: placements and their follow-up, retention of employees, what comes when it fails, and CEP."""

from __future__ import annotations

from typing import Any

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.producers.simulation import intake, support, texts
from hub.producers.simulation.employers import ROMES, Employer
from hub.producers.simulation.life import Life, Record
from hub.producers.simulation.moments import day_text, workday

_CONTRACTS = ("cdd", "cdd", "cdi", "cdi", "interim", "cui", "apprenticeship")
_PUBLIC_CONTRACTS = ("public", "public", "cdd")
_LASTS_DAYS = {"cdd": (90, 330), "interim": (20, 90), "cui": (180, 360), "apprenticeship": (365, 730)}
"""How long contracts that end last; the others do not."""
_KEPT_ON = 0.45
_ENDS_FOR = {"lasting_employment": "goal_reached", "retained": "goal_reached", "moved": "moved"}
_CLOSES_FOR = {
    "lasting_employment": "employment",
    "retained": "employment",
    "moved": "moved",
    "retirement": "retirement",
    "person_left": "cancelled_by_person",
}
"""What a delegation and a case end for, where the pathway does."""
_CHECKPOINT_DAYS = (30, 90, 180, 365)
NOT_RETAINED_SCRIPT = 8


def place(life: Life, employer: Employer, day: int) -> int | None:
    """Place the person, follow up where Cap emploi knows them, and give the day on which the job ended, if it did."""
    starts = workday(day + life.days(3, 21))
    contract = life.rng.choice(_PUBLIC_CONTRACTS if employer.is_public else _CONTRACTS)
    ends = workday(starts + life.days(*_LASTS_DAYS[contract])) if contract in _LASTS_DAYS else None
    lost_on = _placed(life, employer, contract, starts, ends)
    if lost_on is not None or ends is None:
        return lost_on
    if contract == "interim" or not life.chance(_KEPT_ON):
        return ends + 1
    kept = {"placement_id": life.reference("plc"), "siret": employer.siret, "contract": "cdi", "rome": employer.rome}
    begins = workday(ends + 1)
    life.state(life.lead(begins), "Placed", begins, {**kept, "starts_on": day_text(begins)})
    return None


def _placed(life: Life, employer: Employer, contract: str, starts: int, ends: int | None) -> int | None:
    """State a placement and its follow-up, and give the day on which the contract was broken, if it was."""
    job: dict[str, Any] = {"siret": employer.siret, "contract": contract, "starts_on": day_text(starts)}
    if ends is not None:
        job["ends_on"] = day_text(ends)
    placement_id, record, expert = life.reference("plc"), life.lead(starts), life.cap_emploi(starts)
    life.state(record, "Placed", starts - life.days(0, 2), {"placement_id": placement_id, **job, "rome": employer.rome})
    both = [each for each in (life.first, life.second) if each is not None and each.is_open(starts)]
    if len(both) > 1 and record in both and life.chance(0.4):
        # Both networks count the placement; the follow-up is stated under Cap emploi's own id of it.
        other = both[0] if record is both[1] else both[1]
        own_id = life.reference("plc")
        life.state(other, "Placed", starts + life.days(0, 12), {"placement_id": own_id, **job, "rome": employer.rome})
        placement_id = own_id if other is expert else placement_id
    if expert is None:
        return None
    if (ends is None or ends - starts > 150) and life.chance(0.22):
        adapt(life, expert, starts + life.days(10, 60), {"placement_id": placement_id}, employer)
    return _follow_up(life, expert, placement_id, (starts, ends)) if life.chance(0.75) else None


def _follow_up(life: Life, expert: Record, placement_id: str, job: tuple[int, int | None]) -> int | None:
    starts, ends = job
    due = [workday(starts + days) for days in _CHECKPOINT_DAYS[: life.days(2, 4)]]
    due = [day for day in due if ends is None or day <= ends] or [workday(starts + 15)]
    announces = {"placement_id": placement_id, "due_on": [day_text(day) for day in due]}
    started = life.state(expert, "FollowUpStarted", starts + life.days(2, 10), announces)
    for day in due:
        if life.chance(0.12):
            continue
        broken = life.chance(0.07)
        state = "ended" if broken else life.rng.choice(("good", "good", "good", "watch", "difficult"))
        point = {"placement_id": placement_id, "due_on": day_text(day), "state": state}
        if life.chance(0.5) and not broken:
            point["comment"] = life.rng.choice(texts.FOLLOW_UPS[state])
        life.state(expert, "FollowUpRecorded", day + life.days(-3, 12), point, started)
        if broken:
            return day
    return None


def adapt(life: Life, expert: Record, day: int, about: dict[str, str], employer: Employer) -> None:
    """Adapt a workplace for a placement or a retention, mostly in answer to a need."""
    fields = {**about, "adaptation": life.rng.choice(life.situation.adaptations)}
    fields["adapted_on"] = day_text(workday(day + 60))
    if life.chance(0.7):
        fields["need_id"] = support.compensate(life, day, employer)
    life.state(expert, "WorkplaceAdapted", day + 60, fields)


def retain(life: Life, record: Record, day: int) -> int | None:
    """Work on keeping an employee in employment; give the day it failed, if it did."""
    employer = life.employer(ROMES)
    retention_id = {"retention_id": life.reference("ret")}
    opens: dict[str, Any] = {**retention_id, "siret": employer.siret}
    opens["origin"] = life.rng.choice(("employer", "occupational_doctor", "person", "partner"))
    if life.chance(0.85):
        opens["risk"] = life.rng.choice(("low", "high", "high", "unknown"))
    opened = life.state(record, "RetentionOpened", day, opens)
    if life.chance(0.6):
        adapt(life, record, day + life.days(20, 50), dict(retention_id), employer)
    if life.chance(0.08):
        return None
    concluded_on = day + life.days(110, 240)
    fails = life.person.script == NOT_RETAINED_SCRIPT or life.chance(0.35)
    outcome = "not_retained" if fails else life.rng.choice(("same_post", "same_post", "other_post"))
    life.state(record, "RetentionConcluded", concluded_on, {**retention_id, "outcome": outcome}, opened)
    if outcome != "not_retained":
        return None
    if life.chance(0.85):
        # Fast transition is the promise; one in four comes late, and some never.
        starts = concluded_on + (life.days(5, 40) if life.chance(0.75) else life.days(90, 200))
        transition: dict[str, Any] = {**retention_id, "project_rome": life.rng.choice(life.situation.occupations)}
        life.state(record, "TransitionStarted", starts, transition)
    return concluded_on


def advise(life: Life, record: Record, day: int) -> None:
    """Give the professional-development advice (CEP) that job seekers and, since 2018, employees are entitled to."""
    public = "employee" if life.person.is_employee and record is life.first else "job_seeker"
    cep_id = life.reference("cep")
    level = str(life.days(1, 3))
    opened = life.state(record, "CepOpened", day, {"cep_id": cep_id, "level": level, "public": public})
    if life.chance(0.8):
        concludes: dict[str, Any] = {"cep_id": cep_id, "project": life.rng.choice(life.situation.projects)}
        concludes["project_rome"] = life.rng.choice(life.situation.occupations)
        if life.chance(0.9):
            concludes["risk"] = life.rng.choice(("none", "low", "low", "high"))
        life.state(record, "CepConcluded", day + life.days(30, 150), concludes, opened)


def leave(life: Life, day: int, motive: str) -> None:
    """Close the legs still open and, for most, the pathway; one in four who left takes it up again.

    Most leave when all that was under way is over, a few in the middle of it.
    """
    if life.chance(0.93):
        day = max(day, life.latest_day() + 2)
    record = life.lead(day)
    if life.delegated is not None and life.chance(0.9):
        delegation_id, proposed = life.delegated
        ended = {**delegation_id, "motive": _ENDS_FOR.get(motive, "returned")}
        life.state(life.second or record, "DelegationEnded", day, ended, proposed)
    for leg in (life.first, life.second):
        if leg is not None and leg.is_open(day) and life.chance(0.8):
            leg.closed_on = day + life.days(1, 20)
            closing = _CLOSES_FOR.get(motive) or ("not_renewed" if leg.number.network == FRANCE_TRAVAIL else "other")
            life.state(leg, "CaseClosed", leg.closed_on, {"motive": closing})
    if not life.chance(0.6):
        return
    life.state(record, "PathwayClosed", day + 25, {"motive": motive})
    if motive != "retirement" and life.chance(0.25):
        _come_back(life, record, workday(day + life.days(60, 400)))


def _come_back(life: Life, record: Record, day: int) -> None:
    trigger = life.rng.choice(("person", "employer", "job_lost", "health_change"))
    life.state(record, "PathwayReopened", day, {"trigger": trigger})
    if record.closed_on is not None:
        life.state(record, "CaseReopened", day + 4, {"motive": trigger})
        record.closed_on = None
    intake.assign_referent(life, record, day + 9)
    support.accompany(life, day + 9, day + life.days(60, 150))
    if record.number.network == CAP_EMPLOI or life.chance(0.4):
        support.compensate(life, day + life.days(15, 40))
