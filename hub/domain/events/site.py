"""Sites: separate, pilot or integrated, by wave; planned and actual dates are told apart."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from hub.domain.events.base import Code, CodeList, NoCaseEvent
from hub.domain.ids import Safir, Subject


class SiteModeChanged(NoCaseEvent):
    """Site pilote, généralisation: the mode of a site from a day on."""

    emitters = ("hub",)
    safir: Safir
    mode: Annotated[Code, CodeList("site_mode")]
    wave: Annotated[Code, CodeList("wave")]
    date_kind: Annotated[Code, CodeList("date_kind")]
    from_date: date

    @property
    def subject(self) -> Subject:
        """The site."""
        return Subject("site", "", "", self.safir)
