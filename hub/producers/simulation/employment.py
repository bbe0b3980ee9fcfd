"""Work: placements and their follow-up, retention of employees, what comes when it fails, and CEP."""

from __future__ import annotations

from typing import Any

from hub.domain.ids import CAP_EMPLOI
from hub.producers.simulation import intake, support, texts
from hub.producers.simulation.employers import ROMES, Employer
from hub.producers.simulation.life import Life, Record
from hub.producers.simulation.moments import day_text

_CONTRACTS = ("cdd", "cdd", "cdi", "cdi", "interim", "cui", "apprenticeship", "public")
_LASTING = frozenset({"cdi", "public"})
_CHECKPOINT_DAYS = (30, 90, 180, 365)
_ADAPTATIONS = ("equipment", "organisation", "premises", "software", "training")
NOT_RETAINED_SCRIPT = 8


def place(life: Life, record: Record, employer: Employer, day: int) -> int | None:
    """Place the person, follow up where Cap emploi knows them, and give the day the job was lost, if it was."""
    starts = day + life.days(3, 21)
    contract = life.rng.choice(_CONTRACTS)
    job: dict[str, Any] = {"siret": employer.siret, "contract": contract, "starts_on": day_text(starts)}
    if contract not in _LASTING:
        job["ends_on"] = day_text(starts + life.days(60, 330))
    placement_id = life.reference("plc")
    life.state(record, "Placed", starts - life.days(0, 2), {"placement_id": placement_id, **job, "rome": employer.rome})
    expert = life.cap_emploi()
    if life.second is not None and life.second.closed_on is None and life.first.closed_on is None and life.chance(0.4):
        # Both networks count the placement; the follow-up is stated under Cap emploi's own id of it.
        other = life.first if record is life.second else life.second
        own_id = life.reference("plc")
        life.state(other, "Placed", starts + life.days(0, 12), {"placement_id": own_id, **job, "rome": employer.rome})
        placement_id = own_id if other is expert else placement_id
    if expert is None:
        return None
    if life.chance(0.18):
        adapt(life, expert, starts + life.days(10, 60), {"placement_id": placement_id}, employer.siret)
    return _follow_up(life, expert, placement_id, starts) if life.chance(0.75) else None


def _follow_up(life: Life, expert: Record, placement_id: str, starts: int) -> int | None:
    due = [starts + days for days in _CHECKPOINT_DAYS[: life.days(2, 4)]]
    announces = {"placement_id": placement_id, "due_on": [day_text(day) for day in due]}
    started = life.state(expert, "FollowUpStarted", starts + life.days(2, 15), announces)
    for day in due:
        if life.chance(0.18):
            continue
        broken = life.chance(0.07)
        state = "ended" if broken else life.rng.choice(("good", "good", "good", "watch", "difficult"))
        point = {"placement_id": placement_id, "due_on": day_text(day), "state": state}
        if life.chance(0.5) and not broken:
            point["comment"] = life.rng.choice(texts.FOLLOW_UPS)
        life.state(expert, "FollowUpRecorded", day + life.days(-3, 12), point, started)
        if broken:
            return day
    return None


def adapt(life: Life, expert: Record, day: int, about: dict[str, str], siret: str) -> None:
    """Adapt a workplace for a placement or a retention, mostly in answer to a need."""
    fields = {**about, "adaptation": life.rng.choice(_ADAPTATIONS), "adapted_on": day_text(day + 60)}
    if life.chance(0.7):
        fields["need_id"] = support.compensate(life, expert, day, siret)
    life.state(expert, "WorkplaceAdapted", day + 60, fields)


def retain(life: Life, record: Record, day: int) -> int | None:
    """Work on keeping an employee in employment; give the day it failed, if it did."""
    employer = life.employer()
    retention_id = {"retention_id": life.reference("ret")}
    opens: dict[str, Any] = {**retention_id, "siret": employer.siret}
    opens["origin"] = life.rng.choice(("employer", "occupational_doctor", "person", "partner"))
    if life.chance(0.85):
        opens["risk"] = life.rng.choice(("low", "high", "high", "unknown"))
    opened = life.state(record, "RetentionOpened", day, opens)
    if life.chance(0.6):
        adapt(life, record, day + life.days(20, 50), dict(retention_id), employer.siret)
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
        transition: dict[str, Any] = {**retention_id, "project_rome": life.rng.choice(ROMES)}
        life.state(record, "TransitionStarted", starts, transition)
    return concluded_on


def advise(life: Life, record: Record, day: int) -> None:
    """Give the professional-development advice (CEP) that job seekers and, since 2018, employees are entitled to."""
    public = "employee" if life.person.is_employee and record is life.first else "job_seeker"
    cep_id = life.reference("cep")
    level = str(life.days(1, 3))
    opened = life.state(record, "CepOpened", day, {"cep_id": cep_id, "level": level, "public": public})
    if life.chance(0.8):
        concludes: dict[str, Any] = {"cep_id": cep_id, "project": life.rng.choice(texts.PROJECTS)}
        concludes["project_rome"] = life.rng.choice(ROMES)
        if life.chance(0.9):
            concludes["risk"] = life.rng.choice(("none", "low", "low", "high"))
        life.state(record, "CepConcluded", day + life.days(30, 150), concludes, opened)


def leave(life: Life, record: Record, day: int, motive: str) -> None:
    """Close the legs still open and, for most, the pathway; one in four who left takes it up again.

    Most leave when all that was under way is over, a few in the middle of it.
    """
    if life.chance(0.93):
        day = max(day, life.latest_day() + 2)
    for leg in (life.first, life.second):
        if leg is not None and leg.opened_on is not None and leg.closed_on is None and life.chance(0.8):
            leg.closed_on = day + life.days(0, 20)
            closing = "employment" if motive in {"lasting_employment", "retained"} else "not_renewed"
            life.state(leg, "CaseClosed", leg.closed_on, {"motive": closing})
    if not life.chance(0.6):
        return
    life.state(record, "PathwayClosed", day + 21, {"motive": motive})
    if life.chance(0.25):
        _come_back(life, record, day + life.days(60, 400))


def _come_back(life: Life, record: Record, day: int) -> None:
    trigger = life.rng.choice(("person", "employer", "job_lost", "health_change"))
    if record.closed_on is not None:
        life.state(record, "CaseReopened", day, {"motive": trigger})
    life.state(record, "PathwayReopened", day + 1, {"trigger": trigger})
    intake.assign_referent(life, record, day + 2)
    support.accompany(life, record, day + 3, day + life.days(60, 150))
    if record.number.network == CAP_EMPLOI or life.chance(0.4):
        support.compensate(life, record, day + life.days(10, 40))
