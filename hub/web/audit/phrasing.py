"""How a row of a read model is named, and its columns said, to whoever audits it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hub.domain import codes
from hub.projections import labels, wording
from hub.projections.column_words import COLUMNS
from hub.projections.facts import row_name
from hub.projections.labels import FACTS
from hub.projections.view import TableRow
from hub.web import words
from hub.web.naming.names import Names
from hub.web.pathway import phrases
from hub.web.words import NBSP

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CASES = frozenset(
    {
        "case_record",
        "other_case",
        "from_case_record",
        "france_travail_case",
        "cap_emploi_case",
        "left_case",
        "right_case",
    }
)
_CLAIMED = frozenset({"value", "france_travail_value", "cap_emploi_value"})
_BY: Mapping[str, str] = MappingProxyType(
    {"leg": "case_record", "claim": "fact", "contradiction": "fact", "title": "title"}
)
"""The column by which a row is told apart where its key tells an adviser nothing."""


def titled(model: str, row: TableRow, names: Names) -> str:
    """Name a row: `Délégation D-12`, `Déclaration : téléphone`."""
    name = words.capital(words.typed(wording.model(model)))
    if model == "link":
        return f"{name}{NBSP}: {phrases.case(row['left_case'])} et {phrases.case(row['right_case'])}"
    if model == "accompaniment":
        return f"{name}{NBSP}: {said(model, 'capacity', row['capacity'], row, names)}, {_accompanies(row, names)}"
    column = _BY.get(model)
    if column is not None and row.get(column) is not None:
        about = said(model, column, row[column], row, names)
        return f"{name}{NBSP}: {about}"
    key = row_name(model, row).partition(":")[2]
    if not key or _UUID.search(key):
        return name
    return f"{name} {words.siret(_key(key)) if model == 'placement' else _key(key)}"


def _accompanies(row: TableRow, names: Names) -> str:
    if row["adviser"]:
        return names.adviser_and_code(row["network"], row["adviser"])
    return f"{labels.network(row['network'])}, à qui c’est demandé"


_WORDED = COLUMNS.keys() | FACTS.keys()
_COUNTS = frozenset({("pathway", "event_count"), ("pathway", "last_event_at"), ("accompaniment", "number")})


def _key(key: str) -> str:
    """Give a key without the times and days that are columns too."""
    return key.partition("/")[0]


def said(model: str, column: str, value: Any, row: TableRow, names: Names) -> str:
    """Say a value; what another row is named by is said as that."""
    if value is None:
        return "rien"
    if column in _CASES:
        return phrases.case(value)
    if column in _CLAIMED and row.get("fact"):
        return phrases.claimed(row["fact"], value)
    if column == "about":
        return phrases.about(value, names)
    if (model, column) == ("title", "title"):
        return words.typed(codes.label("title", value))
    return names.held(column, value, row) or phrases.value(model, column, value)


def term(column: str) -> str:
    """Say what a column holds."""
    return words.capital(words.typed(wording.column(column)))


def is_told(model: str, column: str, value: Any) -> bool:
    """Tell whether a column says something to a person: neither an id, which its row is named by, nor a count."""
    if (model, column) in _COUNTS or column == _BY.get(model) or column not in _WORDED:
        return False
    return not (isinstance(value, str) and (_UUID.fullmatch(value) or column.endswith("_id")))


def rule(row: TableRow, names: Names) -> str:
    """Say an anomaly or what is expected, and what it is about."""
    return phrases.rule(row, names)


def who(network: str, actor_id: str, organisation: str, names: Names) -> str:
    """Say who stated an event."""
    return f"{names.said(network, actor_id)}, organisme {phrases.organisation(organisation)}"
