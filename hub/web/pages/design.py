"""The component page: what pages are made of, in every state. It holds no data, and is for everyone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from hub.web.asking import Site
from hub.web.charts import bars, lines
from hub.web.charts.bars import Values

router = APIRouter()


class _Form(NamedTuple):
    form_token: str


VALUES: Mapping[str, object] = MappingProxyType(
    {
        "session": _Form("exemple"),
        "today": date(2026, 3, 12),
        "yesterday": date(2026, 3, 11),
        "later": date(2026, 4, 2),
        "now": datetime(2026, 3, 12, 13, 5, tzinfo=UTC),
        "sites": (("75012", "Paris Daumesnil"), ("69003", "Lyon Part-Dieu"), ("59000", "Lille Centre")),
        "answers": (("accept", "Accepter la délégation"), ("decline", "Refuser, avec un motif")),
    }
)
"""What the examples are given; all invented."""
CHARTS: Mapping[str, object] = MappingProxyType(
    {
        "whole": bars.nested(
            "graphique-sites",
            "Délégations ouvertes, dont sans réponse, dont en retard",
            "Barres horizontales, une par site.",
            ("Ouvertes", "Sans réponse", "En retard"),
            (
                Values("Agence France Travail Villeurbanne Perralière", (1_284, 312, 57)),
                Values("Lyon Part-Dieu", (640, None, None)),
                Values("Tarare", (None, None, None)),
            ),
        ),
        "parts": bars.stacked(
            "graphique-trimestres",
            "Réponses par trimestre",
            "Barres horizontales, une par trimestre.",
            ("Acceptées", "Refusées"),
            (Values("4e trimestre 2025", (31, 12)), Values("1er trimestre 2026", (44, 9))),
        ),
        "line": lines.line(
            "graphique-delai",
            "Délai médian de réponse, en jours",
            "Une courbe, un point par trimestre.",
            (("T1 2025", 21.0), ("T2 2025", 14.0), ("T3 2025", None), ("T4 2025", 9.0), ("T1 2026", 10.0)),
            say="{:g}".format,
            limit=(15, "Attendu\N{NO-BREAK SPACE}: 15 jours au plus"),
        ),
    }
)
"""A chart of each kind, with long names and with figures that are hidden."""


@router.get("/composants")
def components(request: Request, web: Site) -> Response:
    """Show every component beside the call that makes it."""
    return web.renderer.page(request, "design.html", values=VALUES, drawn=CHARTS)
