"""Read models of the networks' claims about a person, and of the facts about which they contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.domain.pathway.claim import accepted, contradictions, rule
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.pathway import Pathway
from hub.projections.readmodel import TEXT, ReadModel, Row, encode_events, names, row

CONTRADICTION_COLUMNS = (
    ("france_travail_case", TEXT),
    ("france_travail_value", TEXT),
    ("cap_emploi_case", TEXT),
    ("cap_emploi_value", TEXT),
)
CONTRADICTION_NAMES = names(CONTRADICTION_COLUMNS)


def claim_rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per fact and case record; `accepted_by` is the rule by which this claim is the value to show."""
    for fact, claimed in pathway.claims.by_fact.items():
        chosen, chosen_by = accepted(pathway.claims, fact), rule(pathway.claims, fact)
        for case, claim in claimed.by_case.items():
            by = chosen_by if claim == chosen else None
            yield (
                fact,
                case,
                case.partition("/")[0],
                claim.value,
                by.value if by else None,
                claim.event_id,
                encode_events({"accepted_by": by.event_id}) if by and by.event_id != claim.event_id else None,
            )


def contradiction_rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per fact about which the networks differ and which nobody has settled, with both claims."""
    for contradiction in contradictions(pathway.claims):
        by_network = {claim.network: claim for claim in contradiction.claims}
        facts: list[Fact[str]] = []
        for network in (FRANCE_TRAVAIL, CAP_EMPLOI):
            claim = by_network[network]
            facts += (Fact(claim.case, claim.event_id), Fact(claim.value, claim.event_id))
        yield row((contradiction.fact,), CONTRADICTION_NAMES, facts, contradiction.claims[-1].event_id)


MODELS = (
    ReadModel(
        name="claim",
        key=(("fact", TEXT), ("case_record", TEXT)),
        columns=(("network", TEXT), ("value", TEXT), ("accepted_by", TEXT)),
        parts=("claims",),
        rows=claim_rows,
    ),
    ReadModel(
        name="contradiction",
        key=(("fact", TEXT),),
        columns=CONTRADICTION_COLUMNS,
        parts=("claims",),
        rows=contradiction_rows,
    ),
)
