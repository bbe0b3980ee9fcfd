"""The pages of the list: as much at once as a page may weigh, so that a long history is not slow to read or load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hub.web.frieze.folding import Row

_HEAVIEST: Final = 12_500
"""Bytes of the rows of one page, by estimate."""
_CRUMB: Final = 2_500
"""What is left for the last page is told with the page before it, if it weighs less."""
_ROW: Final = 420
_FIELD: Final = 20
_NOTE: Final = 60
_FOLDED: Final = 200


def pages_of(rows: Sequence[Row]) -> list[list[Row]]:
    """Part rows into pages, in the order shown."""
    pages: list[list[Row]] = [[]]
    weights = [weight_of(row) for row in rows]
    weight, left = 0, sum(weights)
    for row, heavy in zip(rows, weights, strict=True):
        if pages[-1] and weight + heavy > _HEAVIEST and left > _CRUMB:
            pages.append([])
            weight = 0
        pages[-1].append(row)
        weight += heavy
        left -= heavy
    return pages


def weight_of(row: Row) -> int:
    """Estimate how many bytes a row takes as HTML."""
    if len(row.entries) > 1:
        return _ROW + _FOLDED * len(row.entries)
    entry = row.first
    texts = [*(note.text + note.quote for note in entry.notes), *(name + text for name, text in entry.fields)]
    length = len((entry.title + entry.detail).encode()) + sum(len(text.encode()) for text in texts)
    return _ROW + length + _FIELD * len(entry.fields) + _NOTE * len(entry.notes)
