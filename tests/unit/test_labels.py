"""Everything that the read model shows has French words, and a timeline line shows nothing sensitive."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

import hub.domain.pathway
import hub.domain.subjects
from hub.domain.events.base import Event, Sensitive
from hub.domain.events.case import CaseClosed
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.events.delegation import DelegationProposed
from hub.domain.events.diagnosis import DiagnosisCompleted
from hub.domain.events.expertise import ExpertiseRequested
from hub.domain.events.placement import FollowUpRecorded, FollowUpStarted, Placed
from hub.domain.events.plan import ActionPlanAgreed
from hub.domain.events.service import ServicePrescribed
from hub.domain.events.title import DisabilityTitleRecorded
from hub.domain.ids import NETWORKS
from hub.domain.order import order_key
from hub.domain.pathway import claim, lifecycle
from hub.domain.pathway.pathway import fold
from hub.projections import alert, labels
from hub.projections.event_label import timeline_label
from hub.projections.models import PERSON_MODELS, SUBJECT_MODELS
from tests import strategies
from tests.unit.pathway.builders import CE, EMPLOYER, FT, event, registered

FREE_TEXTS = {"partner", "title", "comment", "reason", "summary", "project", "description"}
"""Fields that hold a text of someone's own in one event type or another."""


def modules() -> Iterator[ast.Module]:
    for package in (hub.domain.pathway, hub.domain.subjects):
        for path in Path(package.__path__[0]).glob("*.py"):
            yield ast.parse(path.read_text(encoding="utf-8"))


def rules_in(module: ast.Module) -> Iterator[str]:
    """Give the rules that a module names: in an anomaly or alert, or as a code of three words or more elsewhere."""
    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Name(id="Anomaly" | "Alert"), args=[ast.Constant(value=str() as rule), *_]):
                yield rule
            case ast.Constant(value=str() as text) if re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+){2,}", text):
                yield text


def test_every_rule_of_the_domain_has_words_and_no_words_are_left_over() -> None:
    assert {rule for module in modules() for rule in rules_in(module)} == set(labels.RULES)


def test_every_event_type_has_a_name() -> None:
    assert set(labels.EVENTS) == set(EVENT_TYPES)


def test_every_phase_network_and_claimed_fact_has_words() -> None:
    phases = {phase for phase, _ in lifecycle.MOVES.values()} | {lifecycle.INTAKE, lifecycle.CLOSED}

    assert phases <= set(labels.PHASES)
    assert set(NETWORKS) < set(labels.NETWORKS)
    assert set(claim.FACTS) == set(labels.FACTS)


@given(st.lists(strategies.events(among=strategies.CASE_TYPES), max_size=8, unique_by=lambda one: one.meta.event_id))
def test_every_status_rule_and_phase_that_a_pathway_shows_has_words(events: list[Event]) -> None:
    state = fold(sorted(events, key=order_key))

    for model in PERSON_MODELS:
        names = [name for name, _ in (*model.key, *model.columns)]
        for row in model.rows(state):
            shown = dict(zip(names, row, strict=False))
            if model.name in labels.STATUSES:
                assert shown["status"] in labels.STATUSES[model.name]
            if shown.get("phase") and model.name == "pathway":
                assert shown["phase"] in labels.PHASES
            if model is alert.MODEL:
                assert shown["rule"] in labels.RULES


def test_words_of_statuses_are_for_read_models_that_have_one() -> None:
    models = [*PERSON_MODELS, *(model for models in SUBJECT_MODELS.values() for model in models)]
    with_status = {model.name for model in models if "status" in dict(model.columns)}

    # An appointment's status is a code of the contract; links are no read model of a state.
    assert with_status - {"appointment"} == set(labels.STATUSES) - {"link"}


def test_a_code_without_words_shows_as_it_is() -> None:
    words = (labels.network, labels.event_type, labels.phase, labels.rule, labels.fact, labels.link_rule)

    assert {word("brand_new") for word in words} == {"brand_new"}
    assert labels.status("delegation", "brand_new") == labels.status("brand_new", "brand_new") == "brand_new"
    assert labels.status("delegation", "active") == "en cours"
    assert labels.rule("sequence_gap").startswith("Numéro manquant")


@pytest.mark.parametrize("event_type", EVENT_TYPES)
@settings(max_examples=20)
@given(drawn=st.data())
def test_every_event_has_one_line(event_type: str, drawn: st.DataObject) -> None:
    event = drawn.draw(strategies.events(event_type))

    line = timeline_label(event)

    assert line.strip() == line != ""
    assert line.isprintable()
    assert "None" not in line
    assert not line.endswith((":", ","))


class Unreadable:
    """Stands for a value that a line may not look at: whatever is done with it fails."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError("a line read a sensitive value")

    def __format__(self, spec: str) -> str:
        raise AssertionError("a line wrote a sensitive value")

    __str__ = __repr__ = __bool__ = __hash__ = __eq__ = __iter__ = __len__ = __getattribute__  # type: ignore[assignment]


def hidden(record: BaseModel) -> BaseModel:
    """Copy a record of the contract with every sensitive value and free text made unreadable, at any depth."""
    update: dict[str, Any] = {}
    for name, field in type(record).model_fields.items():
        value = getattr(record, name)
        if is_sensitive(field) or (name in FREE_TEXTS and isinstance(value, str) and not is_code(field)):
            update[name] = Unreadable()
        elif isinstance(value, BaseModel):
            update[name] = hidden(value)
        elif isinstance(value, list):
            update[name] = [hidden(item) if isinstance(item, BaseModel) else item for item in value]
    return record.model_copy(update=update)


def is_sensitive(field: FieldInfo) -> bool:
    return any(isinstance(mark, Sensitive) for mark in field.metadata)


def is_code(field: FieldInfo) -> bool:
    return any(type(mark).__name__ == "CodeList" for mark in field.metadata)


@pytest.mark.parametrize("event_type", EVENT_TYPES)
@settings(max_examples=20)
@given(drawn=st.data())
def test_a_line_reads_nothing_sensitive_and_no_free_text(event_type: str, drawn: st.DataObject) -> None:
    event = drawn.draw(strategies.events(event_type))

    closed = hidden(event)
    assert isinstance(closed, Event)

    assert timeline_label(closed) == timeline_label(event)


def test_unreadable_values_are_really_unreadable() -> None:
    title = hidden(event(DisabilityTitleRecorded, title="rqth", valid_from="2021-01-01"))

    with pytest.raises(AssertionError, match="sensitive"):
        f"{title.title}"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (registered(FT), "Inscription : demandeur d'emploi"),
        (registered(CE, public="employee"), "Prise en charge : salarié"),
        (event(CaseClosed, case=CE, motive="employment"), "Fin de prise en charge : reprise d'emploi"),
        (
            event(DelegationProposed, delegation_id="D-1", ground="compensation"),
            "Délégation proposée : compensation du handicap",
        ),
        (
            event(DelegationProposed, delegation_id="D-1", planned_end="2021-09-01"),
            "Délégation proposée : jusqu'au 01/09/2021",
        ),
        (event(DelegationProposed, delegation_id="D-1"), "Délégation proposée"),
        (event(DiagnosisCompleted, themes=["health", "mobility"]), "Diagnostic réalisé : santé, mobilité"),
        (event(DiagnosisCompleted, themes=[]), "Diagnostic réalisé"),
        (
            event(DisabilityTitleRecorded, title="rqth", valid_from="2021-01-01", valid_to="9999-12-31"),
            "Titre BOE enregistré : à partir du 01/01/2021",
        ),
        (
            event(
                ExpertiseRequested, request_id="X-1", topic="project", key_moment="training", partner="Mission locale"
            ),
            "Appui demandé : projet professionnel, entrée en formation, pour un partenaire",
        ),
        (
            event(
                ActionPlanAgreed,
                plan_version=2,
                actions=[{"action_id": "1", "theme": "health", "title": "Consulter", "owner": "cap_emploi"}],
            ),
            "Plan d'action convenu : version 2, 1 action (Cap emploi 1)",
        ),
        (
            event(
                ServicePrescribed, service_id="S-1", service="training", starts_on="2021-04-01", ends_on="2021-06-30"
            ),
            "Prestation prescrite : formation, du 01/04/2021 au 30/06/2021",
        ),
        (
            event(Placed, placement_id="P-1", siret=EMPLOYER, contract="cdi", starts_on="2021-04-01"),
            f"Placement : CDI, SIRET {EMPLOYER}, à partir du 01/04/2021",
        ),
        (
            event(FollowUpStarted, placement_id="P-1", due_on=["2021-07-01", "2021-10-01"]),
            "Suivi durable engagé : 2 points, du 01/07/2021 au 01/10/2021",
        ),
        (
            event(FollowUpRecorded, placement_id="P-1", due_on="2021-07-01", state="difficult"),
            "Point de suivi réalisé : échéance du 01/07/2021",
        ),
    ],
)
def test_a_line_says_what_an_adviser_looks_for(given: Event, line: str) -> None:
    assert timeline_label(given) == line


def test_a_code_that_no_list_holds_yet_shows_as_it_is() -> None:
    assert timeline_label(event(DelegationProposed, delegation_id="D-1", ground="brand_new")).endswith("brand_new")
