"""Read models of diagnoses: one row per version of a network's own, one per crossed diagnosis (M3).

Needs, constraints and contributions are health data in free text: they stay in the pathway's state, out of the tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.domain.pathway.diagnosis import CrossedDiagnosis
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.pathway import Pathway
from hub.projections.readmodel import COUNT, MOMENT, TEXT, ReadModel, Row, names, row

CROSSED_COLUMNS = (
    ("status", TEXT),
    ("site", TEXT),
    ("opened_at", MOMENT),
    ("opened_by", TEXT),
    ("france_travail_adviser", TEXT),
    ("cap_emploi_adviser", TEXT),
    ("france_travail_contributed_at", MOMENT),
    ("cap_emploi_contributed_at", MOMENT),
    ("concluded_at", MOMENT),
    ("modality", TEXT),
    ("lead_network", TEXT),
    ("reason", TEXT),
)
CROSSED_NAMES = names(CROSSED_COLUMNS)


def rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per version of a network's own diagnosis; `version` counts from 1 per network, themes have commas."""
    versions: Counter[str] = Counter()
    for diagnosis in pathway.diagnoses.versions:
        versions[diagnosis.network] += 1
        yield (
            diagnosis.event_id,
            diagnosis.network,
            versions[diagnosis.network],
            diagnosis.completed_at,
            diagnosis.adviser,
            diagnosis.site,
            ",".join(diagnosis.themes),
            diagnosis.event_id,
            None,
        )


def crossed_rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per crossed diagnosis; modality, lead network and reason only of a conclusion that holds."""
    for crossed in pathway.diagnoses.crossed.values():
        status = crossed.status
        conclusion = crossed.conclusion
        yield row(
            (crossed.crossed_diagnosis_id,),
            CROSSED_NAMES,
            (
                status,
                crossed.site,
                crossed.opened_at,
                crossed.opened_by,
                crossed.france_travail_adviser,
                crossed.cap_emploi_adviser,
                _contributed_at(crossed, FRANCE_TRAVAIL),
                _contributed_at(crossed, CAP_EMPLOI),
                crossed.concluded_at,
                Fact(conclusion.modality, conclusion.event_id) if conclusion else None,
                Fact(conclusion.lead_network, conclusion.event_id) if conclusion else None,
                Fact(conclusion.reason, conclusion.event_id) if conclusion else None,
            ),
            status.event_id,
        )


def _contributed_at(crossed: CrossedDiagnosis, network: str) -> Fact[datetime] | None:
    contribution = crossed.contributions.get(network)
    return Fact(contribution.contributed_at, contribution.event_id) if contribution else None


MODELS = (
    ReadModel(
        name="diagnosis",
        key=(("diagnosis_id", TEXT),),
        columns=(
            ("network", TEXT),
            ("version", COUNT),
            ("completed_at", MOMENT),
            ("adviser", TEXT),
            ("site", TEXT),
            ("themes", TEXT),
        ),
        parts=("diagnoses",),
        rows=rows,
    ),
    ReadModel(
        name="crossed_diagnosis",
        key=(("crossed_diagnosis_id", TEXT),),
        columns=CROSSED_COLUMNS,
        parts=("diagnoses",),
        rows=crossed_rows,
    ),
)
