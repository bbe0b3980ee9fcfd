"""Everyday support by one record's adviser: appointments, plans, services, candidacies, compensation needs."""

from __future__ import annotations

from typing import Any

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.producers.simulation import intake, texts
from hub.producers.simulation.employers import Employer
from hub.producers.simulation.life import Life, Record
from hub.producers.simulation.moments import day_text, moment_text, workday

_WORKSHOP, _TRAINING, _IMMERSION = ("job_search_workshop", 1, 4), ("training", 40, 180), ("immersion", 5, 18)
_FRANCE_TRAVAIL_SERVICES = (
    _WORKSHOP,
    _TRAINING,
    _IMMERSION,
    ("prestation_projet", 42, 56),
    ("skills_assessment", 30, 80),
)
_CAP_EMPLOI_SERVICES = (
    _WORKSHOP,
    _TRAINING,
    _IMMERSION,
    ("psop", 20, 60),
    ("pas", 20, 90),
    ("emploi_accompagne", 180, 360),
)
"""Each with the least and the most days that it lasts."""
_APPOINTMENT_S = 1_800


def accompany(life: Life, begins: int, ends: int) -> None:
    """See the person and take in what they declare, every month or two, from one day to another."""
    day = begins + life.days(10, 40)
    while day < ends:
        record = life.lead(day)
        appointment(life, record, day)
        if life.chance(0.95):
            intake.update(life, record, day + life.days(5, 30))
        if life.chance(0.02):
            intake.change_adviser(life, record, day + 10)
        day += life.days(40, 90)


def appointment(life: Life, record: Record, day: int) -> None:
    """Record an appointment; one in six was planned before, and then held, missed or cancelled."""
    place, mode = _place(life, record, day)
    was_planned = life.chance(0.16)
    status = life.rng.choice(("held", "held", "missed", "cancelled")) if was_planned else "held"
    fields = {"appointment_id": life.reference("rdv"), "starts_at": "", "status": status, "mode": mode, "place": place}
    told = life.state(record, "AppointmentRecorded", day, fields)
    fields["starts_at"] = moment_text(told.occurred - _APPOINTMENT_S)
    if was_planned:
        life.state(record, "AppointmentRecorded", day - life.days(5, 14), {**fields, "status": "planned"})


def _place(life: Life, record: Record, day: int) -> tuple[str, str]:
    """Draw where they meet: Cap emploi's advisers receive at the agency once the networks work together there."""
    draw = life.rng.random()
    if draw < 0.25:
        return "remote", ("phone", "video", "phone")[int(draw * 12)]
    if record.number.network == FRANCE_TRAVAIL:
        return ("agency" if draw < 0.97 else "other"), "on_site"
    if draw > 0.85 and life.person.is_employee and record is life.first:
        return "employer", "on_site"
    at_agency = 0.82 if life.integrated(day) else 0.3
    is_known_there = any(each and each.number.network == FRANCE_TRAVAIL for each in (life.first, life.second))
    return ("agency" if is_known_there and draw < at_agency else "cap_emploi"), "on_site"


def agree_plan(life: Life, day: int, until: int) -> None:
    """Agree a plan; where both networks work together, each owns some of its actions; two in five are revised."""
    own, other = life.lead(day).number.network, life.other_network().network
    is_joint = life.second is not None and (life.integrated(day) or life.chance(0.2))
    for version in range(1, 3 if life.chance(0.4) else 2):
        if day >= until:
            return
        actions = []
        for number, (theme, title) in enumerate(life.rng.sample(texts.ACTIONS, life.days(2, 4)), start=1):
            owner = (CAP_EMPLOI if theme in {"compensation", "rights"} else own) if is_joint else own
            if is_joint and number == 1:
                owner = other
            action = {"action_id": f"a{version}.{number}", "theme": theme, "title": title, "owner": owner}
            actions.append({**action, "due_on": day_text(workday(day + life.days(30, 120)))})
        life.state(life.lead(day), "ActionPlanAgreed", day, {"plan_version": version, "actions": actions})
        day += life.days(60, 120)


def prescribe(life: Life, day: int, until: int) -> int:
    """Prescribe a service or a training not had before, and record how it went; some are never heard of again.

    Args:
        until: the day of hiring, which ends what is under way.

    Returns:
        The day on which it ends.
    """
    record = life.lead(day)
    pool = _FRANCE_TRAVAIL_SERVICES if record.number.network == FRANCE_TRAVAIL else _CAP_EMPLOI_SERVICES
    service, least, most = life.rng.choice([each for each in pool if each[0] not in life.prescribed] or pool)
    life.prescribed.add(service)
    service_id = life.reference("svc")
    begins = workday(day + life.days(7, 45))
    ends = workday(begins + life.days(least, most))
    fields = {"service_id": service_id, "service": service, "starts_on": day_text(begins), "ends_on": day_text(ends)}
    prescribed = life.state(record, "ServicePrescribed", day, fields)
    draw = life.rng.random()
    if ends > until or draw < 0.14:
        motive = "employment" if ends > until else life.rng.choice(("health", "other"))
        stopped = workday(max(begins, until) if ends > until else begins + (ends - begins) // 2)
        ended = {"service_id": service_id, "ended_on": day_text(stopped), "motive": motive}
        life.state(record, "ServiceAbandoned", stopped + 1, ended, prescribed)
        return stopped
    if draw < 0.9:
        life.state(
            record, "ServiceCompleted", ends + 1, {"service_id": service_id, "ended_on": day_text(ends)}, prescribed
        )
    return ends


def propose_candidacies(life: Life, begins: int, ends: int) -> tuple[Employer, int] | None:
    """Put the person forward to employers until one hires or time is over; give the employer and the day of hiring.

    Candidacies fit the occupation asked for more often once the networks work together.
    """
    day = begins
    for _ in range(life.days(1, 4)):
        if day >= ends:
            return None
        record, fits = life.lead(day), life.chance(0.8 if life.integrated(day) else 0.6)
        employer = life.employer(None if fits else life.situation.near)
        candidacy = {
            "candidacy_id": life.reference("mer"),
            "siret": employer.siret,
            "rome": employer.rome if fits else life.rng.choice(life.situation.occupations),
            "requested_rome": employer.rome,
        }
        proposed = life.state(record, "CandidacyProposed", day, candidacy)
        answered_on = day + life.days(4, 30)
        result = _result(life, fits=fits)
        if result is not None:
            answer: dict[str, Any] = {"candidacy_id": candidacy["candidacy_id"], "result": result}
            answer["relevance"] = life.rng.choice(("high", "high", "medium") if fits else ("medium", "low", "low"))
            life.state(record, "CandidacyAnswered", answered_on, answer, proposed)
        if result == "hired":
            return employer, answered_on
        day += life.days(10, 60)
    return None


def _result(life: Life, *, fits: bool) -> str | None:
    draw = life.rng.random()
    if draw < (0.28 if fits else 0.02):
        return "hired"
    if draw < 0.5:
        return "interview"
    return ("rejected", "rejected", "withdrawn", "no_answer", None)[int((draw - 0.5) * 10)]


def compensate(life: Life, day: int, employer: Employer | None = None) -> str:
    """Follow a need for compensation from its first mention to the measure, refined with the workstation; give its id.

    Only Cap emploi puts a measure in place, so a need that the other network alone knows stays open.
    """
    need_id, record = life.reference("need"), life.lead(day)
    fields: dict[str, Any] = {"need_id": need_id, "phase": "diagnosis"}
    fields["description"] = life.rng.choice(life.situation.needs)
    if employer is not None:
        fields.update(phase="workstation", siret=employer.siret, description=life.situation.at_work)
    life.state(record, "CompensationNeedIdentified", day, fields)
    if employer is None and life.chance(0.6):
        refines_on = day + life.days(20, 90)
        refined = {"need_id": need_id, "phase": life.rng.choice(("project", "access", "workstation"))}
        refined.update(description=life.situation.at_work, rome=life.rng.choice(life.situation.occupations))
        life.state(life.cap_emploi(refines_on) or life.lead(refines_on), "CompensationNeedRefined", refines_on, refined)
    measured_on = day + life.days(95, 200)
    expert = life.cap_emploi(measured_on)
    if expert is not None and life.chance(0.65):
        measure = {"need_id": need_id, "measure": life.rng.choice(life.situation.measures)}
        measure["funder"] = _funder(life, measure["measure"], employer)
        closes = {"closes_need": life.chance(0.8)}
        life.state(expert, "CompensationMeasureImplemented", measured_on, {**measure, **closes})
    return need_id


def _funder(life: Life, measure: str, employer: Employer | None) -> str:
    if measure == "working_time":
        return "employer"
    if employer is not None and employer.is_public:
        return "fiphfp"
    return life.rng.choice(("agefiph", "agefiph", "agefiph", "fiphfp" if employer is None else "employer"))
