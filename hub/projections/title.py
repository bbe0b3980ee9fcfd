"""Read model of disability titles: one row per title and first day."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.pathway.pathway import Pathway
from hub.projections.readmodel import DAY, TEXT, ReadModel, Row


def rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per title and first day, as its latest record says it; `valid_to` is the last day."""
    for title in pathway.titles.by_start.values():
        yield (title.title, title.valid_from, title.network, title.valid_to, title.event_id, None)


MODEL = ReadModel(
    name="title",
    key=(("title", TEXT), ("valid_from", DAY)),
    columns=(("network", TEXT), ("valid_to", DAY)),
    parts=("titles",),
    rows=rows,
)
