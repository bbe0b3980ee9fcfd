"""Contradictions on the pathway's page, and the forms that settle them, for tests."""

from __future__ import annotations

import re
from typing import Any

from hub.domain.events.base import Event
from hub.domain.events.referent import ReferentAssigned
from tests.unit.pathway.builders import CE, FT, event, registered
from tests.web.pathway_pages import text_of


def a_contradiction() -> list[Event]:
    """Give a person whose name and town the networks tell differently."""
    born: dict[str, Any] = {"given_name": "Zoé", "birth_date": "1985-03-12", "birth_place": "69244"}
    return [
        registered(FT, "2021-01-04", family_name="Lefèvre", contact={"commune": "69244"}, **born),
        registered(CE, "2021-01-05", other=FT, family_name="Lefebvre", contact={"commune": "69381"}, **born),
        event(ReferentAssigned, "2021-01-06", FT, adviser="A-1", role="referent", from_date="2021-01-06"),
    ]


def mark_of(html: str, fact: str) -> str:
    found = re.search(rf'name="fait" value="{fact}"><input type="hidden" name="vu" value="([0-9a-f]+)"', html)
    assert found is not None
    return found[1]


def section(html: str) -> str:
    return text_of(html.partition('id="contradictions"')[2].partition("</section>")[0])
