"""The pathway as a whole: left and taken up again, with the same id."""

from __future__ import annotations

from typing import Annotated

from hub.domain.events.base import CaseEvent, Code, CodeList


class PathwayClosed(CaseEvent):
    """Sortie du parcours."""

    motive: Annotated[Code, CodeList("pathway_motive")]


class PathwayReopened(CaseEvent):
    """Reprise du parcours."""

    trigger: Annotated[Code, CodeList("reopening_trigger")]
