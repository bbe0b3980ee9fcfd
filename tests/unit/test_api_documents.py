"""The documents of the API: every example is one that its own document accepts."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from hub.api.documents import accesses, explanations, pathways, rows
from hub.api.documents.rows import examples_in


def documents() -> Iterator[type[BaseModel]]:
    yield from rows.ROWS.values()
    yield from pathways.SECTIONS.values()
    for module in (accesses, explanations, pathways, rows):
        for named in vars(module).values():
            if isinstance(named, type) and issubclass(named, BaseModel) and examples_in(named):
                yield named


@pytest.mark.parametrize("document", list(dict.fromkeys(documents())))
def test_an_example_keeps_its_own_document(document: type[BaseModel]) -> None:
    examples = examples_in(document)
    assert examples
    for example in examples:
        document.model_validate_json(json.dumps(example))
