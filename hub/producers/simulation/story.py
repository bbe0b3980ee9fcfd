"""A person's life, from the first door to the last word that the networks record."""

from __future__ import annotations

from random import Random

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.producers.simulation import cooperation, employment, intake, linking, mishaps, support
from hub.producers.simulation.draft import Draft
from hub.producers.simulation.life import Life
from hub.producers.simulation.moments import DAY_S, day_text
from hub.producers.simulation.people import NAMESAKE_AT, TWIN_AT, TWIN_EVERY, person
from hub.producers.simulation.population import Population
from hub.producers.simulation.reference import cap_emploi

_MEETS_SECOND, _MEETS_SECOND_SHOWN = 0.6, 0.85
_MOVES = 0.03
_RETIRES_AT = 62
_ERASED_EVERY, _ERASED_AT = 400, 123
_CONTACT_EVERY, _CONTACT_AT = 20, 5
_ACTION_EVERY, _ACTION_AT = 15, 7


def story(population: Population, index: int) -> list[Draft]:
    """Give the events of one person in order of their arrival, repeats included; from its own random stream."""
    life = Life(population, person(population, index), Random(f"{population.seed}:{index}:life"))
    begun = life.person.registered_on
    intake.register(life, life.first, begun, life.person.identity.traits())
    intake.open_file(life, life.first, begun)
    if life.person.is_employee:
        _employed(life, begun)
    else:
        _seeking(life, begun)
    if index % TWIN_EVERY in {TWIN_AT, NAMESAKE_AT}:
        linking.meet_lookalikes(life, begun, person(population, index - 1))
    _meet_employers(life, begun)
    if index % _ERASED_EVERY == _ERASED_AT:
        _erase(life, begun + life.days(240, 500))
    return mishaps.send(life)


def _seeking(life: Life, begun: int) -> None:
    meets = begun + life.days(25, 130)
    ends = begun + life.days(150, 620)
    support.accompany(life, begun + 10, meets)
    meets_second = _MEETS_SECOND_SHOWN if life.population.is_showcase else _MEETS_SECOND
    if life.chance(meets_second) or life.person.script in cooperation.SCRIPTED:
        cooperation.cooperate(life, meets)
    if life.chance(_MOVES):
        _move(life, meets + 60)
    hired = support.propose_candidacies(life, meets + life.days(40, 160), ends) if life.chance(0.75) else None
    if hired is None and life.chance(0.1):
        hired = life.employer(), ends
    until = hired[1] if hired else ends
    _work_on_project(life, meets + 30, until)
    if life.chance(0.5):
        support.compensate(life, begun + life.days(15, 60))
    support.accompany(life, meets + 30, until)
    if hired is None:
        if life.chance(0.7):
            employment.leave(life, ends, _leaves_for(life, ends))
        return
    lost_on = employment.place(life, *hired)
    if lost_on is not None:
        support.accompany(life, lost_on, lost_on + life.days(60, 200))
    elif life.chance(0.65):
        employment.leave(life, until + life.days(190, 260), "lasting_employment")


def _leaves_for(life: Life, day: int) -> str:
    if life.age(day) >= _RETIRES_AT:
        return "retirement"
    return life.rng.choice(("person_left", "moved", "other"))


def _employed(life: Life, begun: int) -> None:
    """Keep an employee in work through Cap emploi, the former Sameth; who is not retained registers as a job seeker."""
    opened = begun + life.days(5, 30)
    support.accompany(life, begun + 10, begun + life.days(90, 200))
    if life.chance(0.45):
        employment.advise(life, life.first, opened + life.days(10, 60))
    failed_on = employment.retain(life, life.first, opened)
    if failed_on is None:
        if life.chance(0.7):
            employment.leave(life, opened + life.days(250, 320), "retained")
        return
    seeker = cooperation.join(life, failed_on + life.days(10, 60))
    intake.open_file(life, seeker, failed_on + 62)
    if life.chance(0.5):
        # A third record: the Cap emploi organisation opens one of its own beside the former Sameth's.
        _open_third(life, life.person.agency.departement, failed_on + life.days(70, 120))
    until = failed_on + life.days(150, 400)
    support.accompany(life, failed_on + 62, until)
    _work_on_project(life, failed_on + 80, until)


def _work_on_project(life: Life, day: int, until: int) -> None:
    """Agree a plan, go through services one after the other, take advice, until somebody hires."""
    if life.chance(0.6):
        support.agree_plan(life, day + life.days(0, 30), until)
    next_on = day + life.days(0, 60)
    while life.chance(0.55) and next_on < until:
        next_on = support.prescribe(life, next_on, until) + life.days(10, 40)
    advised_on = day + life.days(0, 90)
    if life.chance(0.12) and advised_on < until:
        employment.advise(life, life.lead(advised_on), advised_on)
    asked_on = day + life.days(10, 90)
    if life.second is not None and life.chance(0.3) and asked_on < until:
        cooperation.ask_for_expertise(life, asked_on)


def _move(life: Life, day: int) -> None:
    """Move the person to another département, whose Cap emploi organisation opens a record of its own."""
    day += life.days(30, 200)
    if life.cap_emploi(day) is None or life.person.first != FRANCE_TRAVAIL:
        return
    elsewhere = [one.departement for one in cap_emploi() if one.departement != life.person.agency.departement]
    _open_third(life, life.rng.choice(elsewhere), day)


def _open_third(life: Life, departement: str, day: int) -> None:
    """Open one more Cap emploi record, which names the France Travail one: a chain of three."""
    named = life.first if life.first.number.network == FRANCE_TRAVAIL else life.second
    third = life.record(life.person.cap_emploi(departement))
    intake.register(life, third, day, life.person.identity.traits(), named.number if named is not None else None)
    intake.diagnose(life, third, day + life.days(5, 30))
    intake.assign_referent(life, third, day + 5)


def _meet_employers(life: Life, day: int) -> None:
    """Let the person's adviser work with an employer, every so many people: the figures grow with the region."""
    index, siret = life.person.index, {"siret": life.employer().siret}
    if index % _CONTACT_EVERY == _CONTACT_AT:
        topic = life.rng.choice(("recruitment", "retention", "accessibility", "policy"))
        contact = {"topic": topic, "adviser": life.first.adviser, "from_date": day_text(day)}
        life.decide(life.first, "EmployerContactAssigned", day, {**siret, **contact}).sequence = index + 1
    if index % _ACTION_EVERY == _ACTION_AT:
        held_on = day + life.days(5, 60)
        networks = [FRANCE_TRAVAIL, CAP_EMPLOI] if life.integrated(held_on) or life.chance(0.3) else [life.person.first]
        action = life.rng.choice(("job_dating", "visit", "awareness", "duoday", "forum"))
        held = {"action_id": life.reference("act"), "action": action, "networks": networks}
        fields = {**siret, **held, "held_on": day_text(held_on)}
        life.decide(life.first, "EmployerActionHeld", held_on, fields).sequence = index + 1


def _erase(life: Life, day: int) -> None:
    """Erase the person at their request: the networks record nothing later, but what is under way still arrives."""
    life.drafts = [draft for draft in life.drafts if draft.recorded < day * DAY_S]
    life.state_as_hub("PersonErased", day, {"case": life.first.number.reference(), "reason": "request"})
