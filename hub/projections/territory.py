"""Read models of territorial diagnoses: one row per version, and the figures that each network published."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.domain.pathway.fact import Fact
from hub.domain.subjects.territory import Territory, versions
from hub.projections.readmodel import COUNT, MOMENT, NUMBER, TEXT, ReadModel, Row, names, row

COLUMNS = (
    ("status", TEXT),
    ("france_travail_published_at", MOMENT),
    ("cap_emploi_published_at", MOMENT),
)
NAMES = names(COLUMNS)


def version_rows(territory: Territory) -> Iterator[Row]:
    """Give a row per version; it holds when both networks published the same figures."""
    for version in versions(territory):
        status = version.status
        said = (version.by_network.get(network) for network in (FRANCE_TRAVAIL, CAP_EMPLOI))
        published = [Fact(one.published_at, one.event_id) if one else None for one in said]
        yield row((version.version,), NAMES, (status, *published), status.event_id)


def figure_rows(territory: Territory) -> Iterator[Row]:
    """Give a row per figure and network; `line` counts a publication's figures from 1."""
    for published in territory.publications:
        for line, figure in enumerate(published.figures, 1):
            yield (
                published.version,
                published.network,
                line,
                figure.indicator,
                figure.unit,
                figure.value,
                published.event_id,
                None,
            )


MODELS = (
    ReadModel(
        name="territorial_diagnosis",
        key=(("diagnosis_version", COUNT),),
        columns=COLUMNS,
        parts=("publications",),
        rows=version_rows,
    ),
    ReadModel(
        name="territorial_figure",
        key=(("diagnosis_version", COUNT), ("network", TEXT), ("line", COUNT)),
        columns=(("indicator", TEXT), ("unit", TEXT), ("value", NUMBER)),
        parts=("publications",),
        rows=figure_rows,
    ),
)
