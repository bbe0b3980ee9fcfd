"""The component page: what pages are made of, in every state. It holds no data, and is for everyone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from hub.web.asking import Site

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


@router.get("/composants")
def components(request: Request, web: Site) -> Response:
    """Show every component beside the call that makes it."""
    return web.renderer.page(request, "design.html", values=VALUES)
