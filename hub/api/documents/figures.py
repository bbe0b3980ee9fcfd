"""The delegation figures as they are shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int | None, Field(description="A count of 5 or more; null where it is not shown.")]


class DelegationFigures(BaseModel):
    """What one site or département, or all of them, has of delegations; null where it may not be shown."""

    open: Count = Field(description="Proposed or active now.")
    unanswered: Count = Field(description="Proposed and not answered yet, now.")
    overdue: Count = Field(description="Unanswered, and the 15 days for an answer are over.")
    accepted: Count = Field(description="Accepted in the quarter.")
    declined: Count = Field(description="Declined in the quarter.")
    median_days: float | None = Field(
        description="Median days from proposal to answer, of the quarter's answers; null where they are under 5."
    )


class SiteFigures(DelegationFigures):
    """The figures of one site."""

    site: str = Field(description="The SAFIR code of the site that proposed; empty where that is not known.")
    department: str


class DepartmentFigures(DelegationFigures):
    """The figures of one département, all its sites together."""

    department: str


class DelegationReport(BaseModel):
    """The delegations of the sites in the reader's scope.

    Counts under 5 are not shown, nor others that would give one away; what is shown does not depend on who asks.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "quarter": "2021-Q2",
                    "since": "2021-03-31T22:00:00Z",
                    "until": "2021-06-30T22:00:00Z",
                    "as_of": "2021-07-02",
                    "sites": [
                        {
                            "site": "69123",
                            "department": "69",
                            "open": 34,
                            "unanswered": 12,
                            "overdue": None,
                            "accepted": 21,
                            "declined": 6,
                            "median_days": 8.5,
                        }
                    ],
                    "departments": [],
                    "total": None,
                }
            ]
        }
    )

    quarter: str
    since: datetime
    until: datetime
    as_of: date
    sites: list[SiteFigures]
    departments: list[DepartmentFigures] = Field(description="Those that are wholly in the reader's scope.")
    total: DelegationFigures | None = Field(description="Of all sites; for a reader whose scope is everywhere.")
