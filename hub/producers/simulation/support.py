"""Everyday support by one record's adviser: appointments, plans, services, candidacies, compensation needs."""

from __future__ import annotations

from typing import Any

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.producers.simulation import intake, texts
from hub.producers.simulation.employers import ROMES, Employer
from hub.producers.simulation.life import Life, Record
from hub.producers.simulation.moments import day_text, moment_text

_FRANCE_TRAVAIL_SERVICES = ("job_search_workshop", "training", "prestation_projet", "immersion", "skills_assessment")
_CAP_EMPLOI_SERVICES = ("psop", "pas", "emploi_accompagne", "training", "immersion", "job_search_workshop")
_APPOINTMENT_S = 1_800
_MEASURES = ("workstation", "equipment", "transport", "human_help", "interpreting", "tutoring", "working_time")


def accompany(life: Life, record: Record, begins: int, ends: int) -> None:
    """See the person and take in what they declare, every month or two, from one day to another."""
    day = begins + life.days(10, 40)
    while day < ends:
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
        return "remote", ("phone", "video", "email")[int(draw * 12)]
    if record.number.network == FRANCE_TRAVAIL:
        return ("agency" if draw < 0.97 else "other"), "on_site"
    if draw > 0.95:
        return "employer", "on_site"
    at_agency = 0.82 if life.integrated(day) else 0.3
    return ("agency" if draw < at_agency else "cap_emploi"), "on_site"


def agree_plan(life: Life, record: Record, day: int) -> None:
    """Agree a plan; where both networks work together, each owns some of its actions; two in five are revised."""
    own, other = record.number.network, life.other_network().network
    is_joint = life.second is not None and (life.integrated(day) or life.chance(0.2))
    for version in range(1, 3 if life.chance(0.4) else 2):
        actions = []
        for number, (theme, title) in enumerate(life.rng.sample(texts.ACTIONS, life.days(2, 4)), start=1):
            owner = (CAP_EMPLOI if theme in {"compensation", "rights"} else own) if is_joint else own
            if is_joint and number == 1:
                owner = other
            action = {"action_id": f"a{version}.{number}", "theme": theme, "title": title, "owner": owner}
            actions.append({**action, "due_on": day_text(day + life.days(30, 120))})
        life.state(record, "ActionPlanAgreed", day, {"plan_version": version, "actions": actions})
        day += life.days(60, 120)


def prescribe(life: Life, record: Record, day: int) -> None:
    """Prescribe a service or a training, and record how it went; some are never heard of again."""
    pool = _FRANCE_TRAVAIL_SERVICES if record.number.network == FRANCE_TRAVAIL else _CAP_EMPLOI_SERVICES
    service_id = life.reference("svc")
    begins = day + life.days(7, 45)
    ends = begins + life.days(5, 120)
    fields = {"service_id": service_id, "service": life.rng.choice(pool), "starts_on": day_text(begins)}
    prescribed = life.state(record, "ServicePrescribed", day, {**fields, "ends_on": day_text(ends)})
    draw = life.rng.random()
    if draw < 0.72:
        done = {"service_id": service_id, "ended_on": day_text(ends)}
        life.state(record, "ServiceCompleted", ends + 1, done, prescribed)
    elif draw < 0.88:
        stopped = begins + (ends - begins) // 2
        fields = {
            "service_id": service_id,
            "ended_on": day_text(stopped),
            "motive": life.rng.choice(("health", "other")),
        }
        life.state(record, "ServiceAbandoned", stopped + 1, fields, prescribed)


def propose_candidacies(life: Life, record: Record, begins: int, ends: int) -> tuple[Employer, int] | None:
    """Put the person forward to employers until one hires or time is over; give the employer and the day of hiring.

    Candidacies fit the occupation asked for more often once the networks work together.
    """
    day = begins
    for _ in range(life.days(1, 4)):
        if day >= ends:
            return None
        employer, fits = life.employer(), life.chance(0.8 if life.integrated(day) else 0.6)
        candidacy = {
            "candidacy_id": life.reference("mer"),
            "siret": employer.siret,
            "rome": employer.rome if fits else life.rng.choice(ROMES),
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
    if draw < (0.26 if fits else 0.1):
        return "hired"
    if draw < 0.5:
        return "interview"
    return ("rejected", "rejected", "withdrawn", "no_answer", None)[int((draw - 0.5) * 10)]


def compensate(life: Life, record: Record, day: int, siret: str | None = None) -> str:
    """Follow a need for compensation from its first mention to the measure, refined with the workstation; give its id.

    Only Cap emploi puts a measure in place, so a need that the other network alone knows stays open.
    """
    need_id = life.reference("need")
    fields: dict[str, Any] = {"need_id": need_id, "phase": "diagnosis", "description": life.rng.choice(texts.NEEDS)}
    if siret is not None:
        fields.update(phase="workstation", siret=siret)
    life.state(record, "CompensationNeedIdentified", day, fields)
    expert = life.cap_emploi()
    if life.chance(0.6):
        refined = {"need_id": need_id, "phase": life.rng.choice(("project", "access", "workstation"))}
        refined.update(description=life.rng.choice(texts.REFINED), rome=life.rng.choice(ROMES))
        life.state(expert or record, "CompensationNeedRefined", day + life.days(20, 90), refined)
    if expert is not None and life.chance(0.65):
        measure = {"need_id": need_id, "measure": life.rng.choice(_MEASURES)}
        measure["funder"] = life.rng.choice(("agefiph", "agefiph", "fiphfp", "employer"))
        closes = {"closes_need": life.chance(0.8)}
        life.state(expert, "CompensationMeasureImplemented", day + life.days(95, 200), {**measure, **closes})
    return need_id
