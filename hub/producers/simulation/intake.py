"""The door of a network: registration, titles, diagnosis, referent, and what a person declares month by month."""

from __future__ import annotations

from typing import Any

from hub.domain.ids import FRANCE_TRAVAIL
from hub.producers.simulation import names
from hub.producers.simulation.draft import Draft
from hub.producers.simulation.life import Life, Record
from hub.producers.simulation.moments import day_text, workday
from hub.producers.simulation.people import CaseNumber

_THEMES = ("health", "mobility", "project", "training", "job_search", "rights", "compensation", "digital", "housing")
_TITLES = ("rqth",) * 8 + ("aah", "pension_invalidite", "at_mp", "carte_mobilite_inclusion")
_NO_END = "9999-12-31"


def register(
    life: Life, record: Record, day: int, traits: dict[str, Any], names_case: CaseNumber | None = None
) -> Draft:
    """Register the person: the record's leg is open from that day."""
    person = life.person
    fields: dict[str, Any] = {"traits": traits, "contact": contact(life)}
    if names_case is not None:
        fields["other_case"] = names_case.reference()
    is_employed = person.is_employee and record is life.first
    fields["public"] = "employee" if is_employed else "job_seeker"
    if record.number.network == FRANCE_TRAVAIL:
        fields["category"] = str(1 + int(life.rng.random() ** 3 * 5))
    record.opened_on = day
    return life.state(record, "CaseRegistered", day, fields)


def contact(life: Life) -> dict[str, str]:
    """Give how to reach the person; telephone numbers are of the block kept for fiction (Arcep, 06 39 98)."""
    identity = life.person.identity
    provider = ("exemple.fr", "courriel.example", "exemple.com")[life.person.index % 3]
    local = f"{names.plain(identity.given_name)}.{names.plain(identity.family_name)}{identity.born_on % 100}"
    return {
        "email": f"{local}@{provider}",
        "phone": f"06 39 98 {life.person.index // 100 % 100:02d} {life.person.index % 100:02d}",
        "commune": life.person.home.code,
    }


def record_title(life: Life, record: Record, day: int) -> None:
    """Record a title of the obligation to employ: for one to five years, or without end for one in six."""
    valid_from = day - life.days(0, 400)
    fields = {"title": life.rng.choice(_TITLES), "valid_from": day_text(valid_from)}
    if life.chance(0.85):
        years = life.days(1, 5)
        is_over = valid_from + 365 * years <= day
        fields["valid_to"] = day_text(valid_from + 365 * (years + is_over))
    elif life.chance(0.5):
        fields["valid_to"] = _NO_END
    life.state(record, "DisabilityTitleRecorded", day, fields)


def diagnose(life: Life, record: Record, day: int) -> None:
    """Complete the network's own diagnosis."""
    fields: dict[str, Any] = {"themes": life.rng.sample(_THEMES, life.days(1, 3))}
    if life.chance(0.7):
        fields["needs"] = life.rng.choice(life.situation.needs)
    if life.chance(0.35):
        fields["constraints"] = life.constraint
    life.state(record, "DiagnosisCompleted", day, fields)


def assign_referent(life: Life, record: Record, day: int, because: Draft | None = None) -> None:
    """Make the record's adviser the person's referent."""
    fields = {"adviser": record.adviser, "role": "referent", "from_date": day_text(workday(day))}
    life.led_from(day, record)
    life.state(record, "ReferentAssigned", day, fields, because)


def change_adviser(life: Life, record: Record, day: int) -> None:
    """Give the record another adviser, who is the referent from then on."""
    record.adviser = life.record(record.number).adviser
    assign_referent(life, record, day)


def update(life: Life, record: Record, day: int) -> None:
    """Record what the person declares: mostly the availability, sometimes a new way to be reached."""
    fields: dict[str, Any] = {}
    draw = life.rng.random()
    if draw < 0.12:
        fields["contact"] = changed_contact(life)
    if draw > 0.06:
        fields["availability"] = (
            "immediate" if draw < 0.85 else life.rng.choice(("part_time", "part_time", "unavailable"))
        )
    if record.number.network == FRANCE_TRAVAIL and draw > 0.93:
        fields["category"] = str(life.days(1, 5))
    life.state(record, "CaseUpdated", day, fields)


def changed_contact(life: Life) -> dict[str, str]:
    """Give one way to reach the person that is new: it contradicts what the other network still holds."""
    draw = life.rng.random()
    if draw < 0.5:
        return {"phone": other_phone(life)}
    if draw < 0.8:
        return {"commune": names.home_near(life.person.home, life.rng).code}
    identity = life.person.identity
    local = f"{names.plain(identity.given_name)[:1]}.{names.plain(identity.family_name)}{life.person.index}"
    return {"email": f"{local}@exemple.fr"}


def other_phone(life: Life) -> str:
    """Give another telephone number of the block kept for fiction."""
    return f"06 39 98 {life.days(0, 99):02d} {life.days(0, 99):02d}"


def open_file(life: Life, record: Record, day: int) -> None:
    """Do what follows a registration in each network, alone: title, referent, own diagnosis."""
    if life.chance(0.72):
        record_title(life, record, day + life.days(0, 15))
    assign_referent(life, record, day + life.days(1, 6))
    if life.chance(0.9):
        diagnose(life, record, day + life.days(5, 25))
