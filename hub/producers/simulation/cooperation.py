"""Where the two networks meet over a person: sent on and starting again, delegation, expertise, crossed diagnosis."""

from __future__ import annotations

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.producers.simulation import intake, linking, rollout, texts, variants
from hub.producers.simulation.draft import Draft
from hub.producers.simulation.life import Life, Record
from hub.producers.simulation.moments import day_text, workday

SEPARATE, JOINT, CROSSED_DYNAMIC, SHOWN = "separate", "joint", "crossed_dynamic", "shown"

_WAYS = {
    SEPARATE: (("re_referral", 0.55), ("delegation", 0.8), ("expertise", 0.88), ("named", 1.0)),
    CROSSED_DYNAMIC: (("re_referral", 0.45), ("delegation", 0.58), ("expertise", 0.88), ("named", 1.0)),
    JOINT: (
        ("re_referral", 0.03),
        ("delegation", 0.3),
        ("expertise", 0.5),
        ("crossed_diagnosis", 0.93),
        ("named", 1.0),
    ),
    SHOWN: (
        ("re_referral", 0.1),
        ("delegation", 0.86),
        ("expertise", 0.91),
        ("crossed_diagnosis", 0.98),
        ("named", 1.0),
    ),
}
"""How the networks meet, as cumulated shares: re-referrals are the rule before they work together, the exception after.

The Rhône experimented with crossed expertise without delegation from 2018 on (interview of 2018). A showcase's networks
do all of it at once, and delegate most.
"""
_DECLINED, _DECLINED_SHOWN, _UNANSWERED_SHOWN, _GIVEN_UP_SHOWN = 0.2, 0.28, 0.1, 0.6
_GROUNDS = ("compensation", "compensation", "health_assessment", "workstation", "project")
_GROUND_OF = {"compensation": "compensation", "workstation": "workstation", "rights": "health_assessment"}
_OF_SEARCH = ("job_search", "training", "project")
_KEY_MOMENTS = {
    "compensation": ("diagnosis", "project"),
    "workstation": ("recruitment", "integration"),
    "rights": ("diagnosis",),
    "project": ("diagnosis", "project"),
    "job_search": ("project", "recruitment"),
    "training": ("training",),
}
"""When each topic comes up."""
_CONCLUSIONS = {
    FRANCE_TRAVAIL: (("joint", "reinforced", "guided"), ("job_search_central", "autonomy", "person_choice")),
    CAP_EMPLOI: (("joint", "cap_emploi"), ("compensation_central", "compensation_central", "person_choice")),
}
"""What a crossed diagnosis concludes where a network leads: modality and reason."""
_ANSWER_SCALE, _ANSWER_SCALE_SHOWN = 5.0, 6.0
CANCELLED_SCRIPT, DECLINED_SCRIPT, REFUSED_SCRIPT = 5, 11, 17
SCRIPTED = {CANCELLED_SCRIPT: "delegation", DECLINED_SCRIPT: "delegation", REFUSED_SCRIPT: "expertise"}
UNSEEN_SCRIPT = 2
"""Of a showcase: sent on, and registered again under another spelling, so that the records wait for somebody's look."""
_SHOWN_SCRIPTED = {**SCRIPTED, UNSEEN_SCRIPT: "re_referral"}


def cooperate(life: Life, day: int) -> None:
    """Bring the second network in; who leads from then on is the life's."""
    if life.integrated(day):
        setting = SHOWN if life.population.is_showcase else JOINT
    elif life.person.agency.departement == "69" and day >= rollout.CROSSED_DYNAMIC_FROM:
        setting = CROSSED_DYNAMIC
    else:
        setting = SEPARATE
    draw = life.rng.random()
    scripted = _SHOWN_SCRIPTED if life.population.is_showcase else SCRIPTED
    way = scripted.get(life.person.script) or next(way for way, up_to in _WAYS[setting] if draw < up_to)
    if way == "delegation" and life.person.first == FRANCE_TRAVAIL:
        delegate(life, day)
    elif way == "expertise":
        ask_for_expertise(life, day)
    elif way == "crossed_diagnosis":
        diagnose_together(life, day)
    elif way == "re_referral":
        refer_again(life, day)
    else:
        intake.assign_referent(life, join(life, day), day + 3)


def join(life: Life, day: int, because: Draft | None = None) -> Record:
    """Register at the second network, which knows of the first: by its number, or by exactly the same traits."""
    second = life.second = life.record(life.other_network())
    is_named = life.chance(0.8) or because is None or life.population.is_showcase
    names_case = life.first.number if is_named else None
    traits = variants.traits(life.person.identity, variants.EXACT, life.rng)
    registered = intake.register(life, second, day, traits, names_case)
    if because is not None:
        registered.causation_id = because.event_id
    elif life.chance(0.5):
        intake.diagnose(life, second, day + life.days(5, 20))
    if life.chance(0.3):
        linking.contradict(life, day + life.days(20, 120))
    return second


def refer_again(life: Life, day: int) -> None:
    """Send the person to the other network's front door, where all starts again some 30 days later."""
    second = life.second = life.record(life.other_network())
    is_unseen = life.population.is_showcase and life.person.script == UNSEEN_SCRIPT
    knows = variants.RESPELT if is_unseen else variants.variant(life.rng)
    arrives = day + life.days(20, 40)
    traits = variants.traits(life.person.identity, knows, life.rng)
    intake.register(life, second, arrives, traits).re_referral = True
    intake.open_file(life, second, arrives)
    if not is_unseen:
        linking.explain(life, second, arrives, knows)
    if life.chance(0.35):
        life.first.closed_on = arrives + life.days(15, 60)
        life.state(life.first, "CaseClosed", life.first.closed_on, {"motive": "other"})
    if life.chance(0.3):
        linking.contradict(life, arrives + life.days(20, 120))


def delegate(life: Life, day: int) -> None:
    """Propose a delegation to Cap emploi; accepted after some ten days in most cases, reviewed, and ended one day."""
    delegation_id = {"delegation_id": life.reference("del")}
    fields = {**delegation_id, "planned_end": day_text(workday(day + life.days(180, 365)))}
    if life.chance(0.93):
        fields["ground"] = life.rng.choice(_GROUNDS)
    proposed = life.state(life.first, "DelegationProposed", day, fields)
    draw, script, is_showcase = life.rng.random(), life.person.script, life.population.is_showcase
    if script == CANCELLED_SCRIPT or draw < 0.07:
        cancelled = {**delegation_id, "motive": life.rng.choice(("error", "person_declined", "moved"))}
        life.state(life.first, "DelegationCancelled", day + life.days(2, 20), cancelled, proposed)
        return
    if is_showcase and life.chance(_UNANSWERED_SHOWN):
        if life.chance(_GIVEN_UP_SHOWN):
            given_up = {**delegation_id, "motive": "capacity"}
            life.state(life.first, "DelegationCancelled", day + life.days(90, 150), given_up, proposed)
        return
    answered = day + 2 + int(life.rng.gammavariate(2.0, _ANSWER_SCALE_SHOWN if is_showcase else _ANSWER_SCALE))
    second = join(life, answered, proposed)
    if script == DECLINED_SCRIPT or draw < (_DECLINED_SHOWN if is_showcase else _DECLINED):
        declined = {**delegation_id, "motive": life.rng.choice(("capacity", "not_concerned", "person_declined"))}
        life.state(second, "DelegationDeclined", answered + 1, declined, proposed)
        second.closed_on = answered + 8
        life.state(second, "CaseClosed", second.closed_on, {"motive": "other"})
        return
    accepted = life.state(second, "DelegationAccepted", answered + 1, {**delegation_id, "motive": "fits"}, proposed)
    intake.assign_referent(life, second, answered + 1, accepted)
    _carry_on(life, second, answered + 1, delegation_id, proposed)


def _carry_on(life: Life, second: Record, begun: int, delegation_id: dict[str, str], proposed: Draft) -> None:
    """Review a delegation, and end it; of those that go on most are prolonged in time, and some are forgotten."""
    day, outcome = begun, "continue"
    for _ in range(life.days(0, 2)):
        day += life.days(60, 110)
        outcome = life.rng.choice(("continue", "continue", "adjust", "end"))
        review = {**delegation_id, "outcome": outcome}
        if outcome != "end" and life.chance(0.4):
            review["planned_end"] = day_text(workday(day + 120))
        life.state(second if life.chance(0.6) else life.first, "DelegationReviewed", day, review, proposed)
        if outcome == "end":
            break
    if outcome == "end" or life.chance(0.7):
        day += life.days(5, 20) if outcome == "end" else life.days(30, 90)
        motive = life.rng.choice(("goal_reached", "goal_reached", "returned", "person_declined"))
        life.state(second, "DelegationEnded", day, {**delegation_id, "motive": motive}, proposed)
        intake.assign_referent(life, life.first, day + 1)
        return
    life.delegated = delegation_id, proposed
    if life.chance(0.7):
        day += life.days(60, 110)
        prolonged = {
            **delegation_id,
            "outcome": "continue",
            "planned_end": day_text(workday(day + life.days(300, 400))),
        }
        life.state(second, "DelegationReviewed", day, prolonged, proposed)


def ask_for_expertise(life: Life, day: int) -> None:
    """Ask the other network, which answers from a record of its own; the referent stays."""
    if life.first.closed_on is not None and life.first.closed_on <= day:
        return
    partner = life.person.first == CAP_EMPLOI and life.chance(0.15)
    asks_cap_emploi = partner or life.person.first == FRANCE_TRAVAIL
    topic = life.rng.choice(("compensation", "workstation", "rights", "project") if asks_cap_emploi else _OF_SEARCH)
    asks = {"request_id": life.reference("exp"), "topic": topic, "key_moment": life.rng.choice(_KEY_MOMENTS[topic])}
    if life.chance(0.9):
        asks["ground"] = _GROUND_OF.get(topic, "project")
    if partner:
        asks["partner"] = life.rng.choice(texts.PARTNERS)
    requested = life.state(life.first, "ExpertiseRequested", day, asks)
    if life.person.script != REFUSED_SCRIPT and life.chance(0.1):
        return
    answered = day + life.days(3, 25)
    if partner:
        adviser = life.first
    elif life.second is None:
        adviser = join(life, answered, requested)
    else:
        adviser = life.second
    if life.person.script == REFUSED_SCRIPT or life.chance(0.1):
        refusal = {"request_id": asks["request_id"], "motive": life.rng.choice(("capacity", "not_concerned"))}
        life.state(adviser, "ExpertiseDeclined", answered + 1, refusal, requested)
    else:
        answer = {"request_id": asks["request_id"], "summary": texts.SUMMARIES[topic]}
        life.state(adviser, "ExpertiseDelivered", answered + 1, answer, requested)


def diagnose_together(life: Life, day: int) -> None:
    """Make a crossed diagnosis of both advisers, who conclude who leads; some wait for a contribution for ever."""
    crossed_id = {"crossed_diagnosis_id": life.reference("cross")}
    second = life.record(life.other_network())
    advisers = {record.number.network: record.adviser for record in (life.first, second)}
    opens = {
        **crossed_id,
        "france_travail_adviser": advisers[FRANCE_TRAVAIL],
        "cap_emploi_adviser": advisers[CAP_EMPLOI],
    }
    opened = life.state(life.first, "CrossedDiagnosisOpened", day, opens)
    adviser, second = second.adviser, join(life, day + life.days(1, 8), opened)
    second.adviser = adviser
    by_both = life.chance(0.92)
    for record in (life.first, second) if by_both else (life.first,):
        contribution = {**crossed_id, "contribution": life.rng.choice(texts.CONTRIBUTIONS[record.number.network])}
        life.state(record, "CrossedDiagnosisContributed", day + life.days(9, 18), contribution, opened)
    if not by_both and life.chance(0.7):
        return
    lead = second if life.chance(0.45) else life.first
    modalities, reasons = _CONCLUSIONS[lead.number.network]
    concludes = {
        **crossed_id,
        "modality": life.rng.choice(modalities),
        "lead_network": lead.number.network,
        "reason": life.rng.choice(reasons),
    }
    concluded = life.state(life.first, "CrossedDiagnosisConcluded", day + 20, concludes, opened)
    if life.chance(0.25):
        life.state(second, "CrossedDiagnosisConcluded", day + 21, dict(concludes), opened)
    if lead is second:
        intake.assign_referent(life, second, day + 22, concluded)
