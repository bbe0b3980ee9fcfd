"""The pages of the list: as much at once as a page may weigh, so that a long history is not slow to read or load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hub.web.frieze.folding import Row

_HEAVIEST: Final = 25_000
"""Bytes of the rows of one page, by estimate."""
_ROW: Final = 430
_DETAILS: Final = 260
_FIELD: Final = 48
_NOTE: Final = 60
_FOLDED: Final = 190


def pages_of(rows: Sequence[Row]) -> list[list[Row]]:
    """Part rows into pages, in the order shown; what is left for the last page is no crumb of a few rows."""
    pages: list[list[Row]] = [[]]
    weight = 0
    for row in rows:
        heavy = weight_of(row)
        if pages[-1] and weight + heavy > _HEAVIEST:
            pages.append([])
            weight = 0
        pages[-1].append(row)
        weight += heavy
    return pages


def weight_of(row: Row) -> int:
    """Estimate how many bytes a row takes as HTML."""
    if len(row.entries) > 1:
        return _ROW + _FOLDED * len(row.entries)
    entry = row.first
    texts = [*(note.text + note.quote for note in entry.notes), *(name + text for name, text in entry.fields)]
    length = len(entry.title) * 3 + len(entry.detail) + sum(len(text.encode()) for text in texts)
    return _ROW + _DETAILS + length + _FIELD * len(entry.fields) + _NOTE * len(entry.notes)
