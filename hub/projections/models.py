"""All read models: those of a person, and those of the other subjects."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from hub.domain.pathway.pathway import FOLD_VERSION
from hub.projections import (
    accompaniment,
    alert,
    appointment,
    candidacy,
    cep,
    claim,
    compensation,
    delegation,
    diagnosis,
    employer,
    expertise,
    leg,
    pathway,
    placement,
    plan,
    referent,
    rereferral,
    retention,
    roadmap,
    service,
    site,
    territory,
    title,
)
from hub.projections.readmodel import ReadModel

_MODULES = (
    pathway,
    leg,
    claim,
    title,
    referent,
    delegation,
    expertise,
    rereferral,
    diagnosis,
    compensation,
    plan,
    service,
    appointment,
    candidacy,
    placement,
    retention,
    cep,
    alert,
    accompaniment,
)


def _models_of(module: Any) -> tuple[ReadModel[Any], ...]:
    return module.MODELS if hasattr(module, "MODELS") else (module.MODEL,)


PERSON_MODELS: tuple[ReadModel[Any], ...] = tuple(model for module in _MODULES for model in _models_of(module))
SUBJECT_MODELS: Mapping[str, tuple[ReadModel[Any], ...]] = {
    "employer": _models_of(employer),
    "site": _models_of(site),
    "territory": _models_of(territory),
    "roadmap_target": _models_of(roadmap),
}


@cache
def shape() -> str:
    """Name the fold and the tables that this program writes; a generation of another shape must be rebuilt."""
    parts = [f"fold {FOLD_VERSION}"]
    for model in (*PERSON_MODELS, *(model for models in SUBJECT_MODELS.values() for model in models)):
        columns = ",".join(f"{name}:{type_}" for name, type_ in (*model.key, *model.columns))
        parts.append(f"{model.name}({columns})")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
