"""What the schemas mark as sensitive is what redaction takes out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from hub.codec.jsonform import to_json
from hub.codec.sensitive import REDACTED, redact, sensitive_paths
from hub.domain.events.base import Event
from hub.domain.events.catalogue import EVENT_TYPES
from hub.errors import UnknownSchema
from tests.strategies import events


def leaves(value: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        return [leaf for name, inner in value.items() for leaf in leaves(inner, (*path, name))]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner, path)]
    return [(path, value)]


def test_identity_health_and_the_case_itself_are_sensitive() -> None:
    assert sensitive_paths("CaseRegistered") == {
        ("meta", "scope"),
        ("meta", "local_id"),
        *(("traits", name) for name in ("family_name", "birth_name", "given_name", "birth_date", "birth_place")),
        *(("contact", name) for name in ("email", "phone", "commune")),
        *(("other_case", name) for name in ("network", "scope", "local_id")),
    }
    assert ("description",) in sensitive_paths("CompensationNeedIdentified")
    assert ("left", "local_id") in sensitive_paths("RecordsLinked")


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_the_case_of_every_event_is_sensitive(event_type: str) -> None:
    assert {("meta", "scope"), ("meta", "local_id")} <= sensitive_paths(event_type)


def test_an_event_without_schema_is_refused_rather_than_taken_for_harmless() -> None:
    with pytest.raises(UnknownSchema):
        sensitive_paths("CaseMoved")


@settings(max_examples=200)
@given(events())
def test_redaction_replaces_every_sensitive_value_and_no_other(event: Event) -> None:
    sensitive = sensitive_paths(type(event).__name__)
    redacted = leaves(redact(event))
    assert [path for path, _ in redacted] == [path for path, _ in leaves(to_json(event))]
    for (path, after), (_, before) in zip(redacted, leaves(to_json(event)), strict=True):
        assert after == (REDACTED if path in sensitive else before)


@given(events("CompensationNeedIdentified"))
def test_a_redacted_event_can_be_logged_as_json(event: Event) -> None:
    assert json.loads(json.dumps(redact(event)))["description"] == REDACTED
