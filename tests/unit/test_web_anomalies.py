"""Anomalies with what settles them: whose turn it is, how they do it, and where the hub itself has the page for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.domain.events.case import CaseUpdated
from hub.domain.events.correction import ContradictionSettled
from hub.domain.events.diagnosis import CrossedDiagnosisContributed
from hub.domain.events.expertise import ExpertiseDelivered
from hub.domain.events.referent import ReferentAssigned
from hub.domain.events.title import DisabilityTitleRecorded
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.projections.timeline import timeline_row
from hub.projections.view import TableRow, View, of_state, timeline_rows
from hub.web.naming.names import UNNAMED
from hub.web.pathway.acts import Acts
from hub.web.pathway.anomalies import Anomaly, Link, anomalies
from hub.web.turns import turns_of
from hub.web.words import NBSP
from tests.integration.people import linked
from tests.unit.pathway.builders import CE, FT, event, pathway, registered, voided

TODAY = date(2021, 4, 15)
MINE = Reader("mine", frozenset({"adviser"}), FRANCE_TRAVAIL, "A-17")
COLLEAGUE = MINE._replace(reader_id="colleague", adviser="A-18")
THEIRS = Reader("theirs", frozenset({"adviser"}), CAP_EMPLOI, "C-9")
AUDITOR = Reader("auditor", frozenset({"auditor"}))
REFERENT = event(ReferentAssigned, "2021-01-06", FT, adviser="A-17", role="referent", from_date="2021-01-06")


def view(*events: Event) -> View:
    """Lay out what these events come to."""
    lines = timeline_rows((FT, timeline_row(each, None)) for each in events)
    return of_state(pathway(*events), (FT, CE), lines, [])


def one(reader: Reader, rule: str, *events: Event, decides: bool = True, links: Sequence[TableRow] = ()) -> Anomaly:
    """Give the only anomaly of a rule that these events show, as a reader is told."""
    of = view(registered(), REFERENT, *events)._replace(links=list(links))
    turns = turns_of(of, TODAY, reader, UNNAMED)
    found = [each for each in anomalies(of, Acts(of.timeline), turns, decides=decides) if each.rule == rule]
    assert len(found) == 1
    return found[0]


TITLE = event(DisabilityTitleRecorded, "2021-02-04", FT, title="rqth", valid_from="2021-02-01", valid_to="2021-01-01")
UNASKED = "Appui sans demande"
STRAY = event(ExpertiseDelivered, "2021-02-05", CE, request_id="E-9", summary="Sans demande.")
CONTRIBUTED = event(
    CrossedDiagnosisContributed, "2021-02-06", CE, crossed_diagnosis_id="X-9", contribution="Sans ouverture."
)
SETTLED = event(
    ContradictionSettled, "2021-02-07", FT, fact="phone", kept_network=CAP_EMPLOI, reason="Pièce d'identité présentée"
)
LINKS: list[dict[str, Any]] = [{"status": "linked"}]
HERE = "à saisir dans votre logiciel de France Travail, qui l’enverra au hub"
THERE = "à demander à France Travail, qui envoie cet événement"


@pytest.mark.parametrize(
    ("reader", "turn", "how"),
    [
        (MINE, "à vous", HERE),
        (COLLEAGUE, "au conseiller A-17, de votre réseau", HERE),
        (THEIRS, "au conseiller A-17, France Travail", THERE),
        (AUDITOR, "au conseiller A-17, France Travail", THERE),
    ],
)
def test_whoever_sent_what_does_not_fit_is_to_send_what_is_missing(reader: Reader, turn: str, how: str) -> None:
    ended = one(reader, "Titre dont la fin précède le début", TITLE)
    unasked = one(reader, UNASKED, STRAY)

    for found in (ended, unasked):
        assert (found.by.replace(NBSP, " "), found.whom, found.link) == (turn, how, None)
    assert (ended.section, unasked.section) == ("titres", "appuis")


@pytest.mark.parametrize(
    ("reader", "how"),
    [
        (MINE, "à saisir dans votre logiciel de France Travail, ou à demander à Cap emploi"),
        (THEIRS, "à saisir dans votre logiciel de Cap emploi, ou à demander à France Travail"),
        (AUDITOR, "à demander au réseau concerné, France Travail ou Cap emploi"),
    ],
)
def test_what_either_network_can_send_is_asked_of_both(reader: Reader, how: str) -> None:
    found = one(reader, "Diagnostic croisé sans ouverture", CONTRIBUTED)

    assert (found.by, found.whom) == ("aux deux réseaux", how)


def test_a_settlement_that_keeps_no_claim_leads_to_the_form_that_settles_anew() -> None:
    rule = "Arbitrage en faveur d’une donnée que le réseau n’a pas déclarée"
    before = [event(CaseUpdated, "2021-02-01", FT, contact={"phone": "0601020304"}), SETTLED]
    unclaimed = one(MINE, rule, *before)
    claimed = (*before, event(CaseUpdated, "2021-03-01", CE, contact={"phone": "0699999999"}))

    assert (unclaimed.by, unclaimed.whom) == ("au réseau retenu", "à demander au réseau retenu")
    assert (unclaimed.section, unclaimed.link) == ("declarations", None)
    assert one(MINE, rule, *claimed).link == Link("Arbitrer cette donnée", "contradictions")
    assert one(MINE, rule, *claimed, decides=False).link == Link("Voir la contradiction", "contradictions")


def test_a_decision_is_undone_where_the_hub_shows_it() -> None:
    together = linked(FT, CE, "2021-02-08")
    void = voided(event(CaseUpdated, "2021-02-08", FT), "2021-02-09")
    of_decision = void.model_copy(update={"voided_event_id": together.meta.event_id})
    rule = "Annulation d’une décision, qui ne s’annule pas"
    own = one(MINE, rule, together, of_decision, links=LINKS)

    assert (own.by, own.whom) == ("à vous, ou à un autre conseiller de la personne", "à décider dans le hub")
    assert own.link == Link("Revoir les rapprochements", "liens")
    other = one(AUDITOR, rule, together, of_decision, links=LINKS, decides=False)
    assert other.by == "à un conseiller de la personne"
    assert other.link == Link("Voir les rapprochements", "liens")
    assert one(MINE, rule, together, of_decision).link is None


def test_what_the_hub_does_not_know_is_for_those_who_run_it() -> None:
    found = one(MINE, "Code absent des listes connues", event(CaseUpdated, "2021-02-01", FT, availability="zz"))

    assert (found.by, found.whom) == ("à l’exploitation du hub", "à demander à l’exploitation du hub")
