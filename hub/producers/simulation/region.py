"""What is recorded about the region and no person: modes of sites, shared territorial diagnoses, the road map."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, HUB
from hub.producers.simulation import rollout
from hub.producers.simulation.draft import Draft, event_id
from hub.producers.simulation.moments import day_of, day_text, office_hour
from hub.producers.simulation.reference import cap_emploi, communes

_ANNOUNCED_DAYS_BEFORE = 75
_YEARS = range(2018, 2023)
_DISAGREE = 0.1
_DIRECTIONS = {
    FRANCE_TRAVAIL: ("ft-dr-84", "france-travail-ara"),
    CAP_EMPLOI: ("cheops-ara", "cheops-ara"),
    HUB: (HUB, HUB),
}
_TARGETS = (
    ("taux-chomage-ara", "unemployment_rate", "per_mille", ((142, 130), (138, 124), (131, 115))),
    ("placements-ara", "placements", "count", ((9_800, 10_500), (10_200, 11_500), (9_900, 12_000))),
)
"""Road-map targets: id, indicator, unit, and (baseline, target) of each revision."""


def region(seed: int) -> list[Draft]:
    """Give the region's events in order of their arrival."""
    rng = Random(f"{seed}:region")
    drafts = [*_site_modes(rng), *_diagnoses(rng), *_targets(rng)]
    return sorted(drafts, key=lambda draft: draft.arrives)


def _site_modes(rng: Random) -> Iterator[Draft]:
    counts: dict[str, int] = {}
    for step in rollout.steps():
        safir = step.agency.safir
        for kind, from_day in (("planned", step.planned_on), ("actual", step.actual_on)):
            counts[safir] = counts.get(safir, 0) + 1
            said_on = from_day - _ANNOUNCED_DAYS_BEFORE if kind == "planned" else from_day
            fields = {"safir": safir, "mode": step.mode, "wave": step.wave, "date_kind": kind}
            yield _draft(
                rng, HUB, "SiteModeChanged", said_on, {**fields, "from_date": day_text(from_day)}, counts[safir]
            )


def _diagnoses(rng: Random) -> Iterator[Draft]:
    """Publish a diagnosis per département and year, by both networks; now and then their figures differ."""
    people = {one.departement: 0 for one in cap_emploi()}
    for commune in communes():
        people[commune.departement] += commune.population
    for departement, population in people.items():
        seekers = population * 85 // 1_000
        for version, year in enumerate(_YEARS, start=1):
            seekers = seekers * rng.randrange(94, 104) // 100
            figures = _figures(seekers, rng)
            day = day_of(date(year, 3, 1)) + rng.randrange(25)
            for network in (FRANCE_TRAVAIL, CAP_EMPLOI):
                stated = figures
                if network == CAP_EMPLOI and rng.random() < _DISAGREE:
                    stated = [{**figures[0], "value": figures[0]["value"] + 40}, *figures[1:]]
                fields = {"territory": departement, "diagnosis_version": version, "figures": stated}
                yield _draft(rng, network, "TerritorialDiagnosisPublished", day + rng.randrange(8), fields, version)


def _figures(seekers: int, rng: Random) -> list[dict[str, Any]]:
    beneficiaries = seekers * rng.randrange(78, 96) // 1_000
    return [
        {"indicator": "job_seekers", "value": seekers, "unit": "people"},
        {"indicator": "beneficiaries", "value": beneficiaries, "unit": "people"},
        {"indicator": "long_term", "value": beneficiaries * rng.randrange(55, 63) // 100, "unit": "people"},
        {"indicator": "employers_under_obligation", "value": seekers // 48, "unit": "establishments"},
    ]


def _targets(rng: Random) -> Iterator[Draft]:
    for target_id, indicator, unit, revisions in _TARGETS:
        for revision, (baseline, target) in enumerate(revisions, start=1):
            year = 2017 + 2 * revision
            fields = {
                "target_id": target_id,
                "revision": revision,
                "indicator": indicator,
                "unit": unit,
                "baseline": baseline,
                "target": target,
                "due_on": f"{year + 1}-12-31",
                "france_travail_owner": "ft-dr-84",
                "cap_emploi_owner": "cheops-ara",
            }
            day = day_of(date(year, 1, 15))
            for network in (FRANCE_TRAVAIL, CAP_EMPLOI):
                yield _draft(rng, network, "RoadmapTargetSet", day + rng.randrange(10), fields, revision)


def _draft(rng: Random, network: str, event_type: str, day: int, fields: dict[str, Any], sequence: int) -> Draft:
    occurred = office_hour(day, rng)
    recorded = occurred + rng.randrange(30, 7_200)
    actor, organisation = _DIRECTIONS[network]
    new_id = event_id(recorded, rng)
    draft = Draft(event_type, network, "", "", actor, organisation, None, occurred, recorded, new_id, fields)
    draft.sequence, draft.arrives = sequence, recorded + rng.randrange(30, 600)
    return draft
