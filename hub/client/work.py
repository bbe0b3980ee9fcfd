"""Operations of whoever accompanies people: their caseload, finding people, and deciding about case records."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from hub.client import documents
from hub.client.listing import Listing
from hub.client.operations import Operations, quoted, stated
from hub.client.requests import Decision, Reason


class WorkOperations(Operations):
    """What is to be done, and for whom."""

    def caseload(
        self, *, role: str | None = None, limit: int | None = None
    ) -> Listing[documents.Caseload, documents.Accompanied]:
        """List the people whom one accompanies; `role` is as what, for a reader who is both adviser and lead."""
        return self._list("/caseload", documents.Caseload, documents.Accompanied, role=role, limit=limit)

    def alerts(
        self,
        *,
        role: str | None = None,
        rule: str | None = None,
        due_before: date | None = None,
        overdue: bool | None = None,
        limit: int | None = None,
    ) -> Listing[documents.Alerts, documents.Due]:
        """List what is expected by a day, by that day."""
        wanted: dict[str, Any] = {"role": role, "rule": rule, "due_before": due_before, "overdue": overdue}
        return self._list("/caseload/alerts", documents.Alerts, documents.Due, **wanted, limit=limit)

    def contradictions(
        self, *, role: str | None = None, limit: int | None = None
    ) -> Listing[documents.Contradictions, documents.Contradiction]:
        """List what the networks contradict each other about."""
        path = "/caseload/contradictions"
        return self._list(path, documents.Contradictions, documents.Contradiction, role=role, limit=limit)

    def notices(
        self, *, since: datetime | None = None, limit: int | None = None
    ) -> Listing[documents.Notices, documents.Notice]:
        """List who read a person of one's own for a stated reason, newest first."""
        return self._list("/caseload/notices", documents.Notices, documents.Notice, since=since, limit=limit)

    def search(
        self,
        *,
        family_name: str | None = None,
        birth_name: str | None = None,
        given_name: str | None = None,
        birth_date: date | None = None,
        birth_place: str | None = None,
        case: documents.CaseRef | None = None,
        reason: Reason | None = None,
    ) -> list[documents.FoundPerson]:
        """Find people by the birth date and a name at least, or by a case record; nearest first.

        Without a reason, only people whom one accompanies are found.
        """
        body = stated(
            family_name=family_name,
            birth_name=birth_name,
            given_name=given_name,
            birth_date=birth_date,
            birth_place=birth_place,
            case=case,
            reason=None if reason is None else reason._asdict(),
        )
        return self._post("/cases/search", body, documents.SearchResult).items

    def look_up(
        self,
        *,
        given_name: str,
        birth_date: date,
        birth_place: str,
        family_name: str | None = None,
        birth_name: str | None = None,
    ) -> documents.Match | None:
        """Learn before opening a case whether a pathway exists, who leads it and how to join it; None if it does not.

        Args:
            birth_place: Insee code of the commune; 99 and the country's three digits abroad.
            family_name: the name; it or `birth_name` is needed.
            birth_name: the name at birth, where the person has another now.
            given_name: the first name.
            birth_date: the day of birth.
        """
        body = stated(
            given_name=given_name,
            birth_date=birth_date,
            birth_place=birth_place,
            family_name=family_name,
            birth_name=birth_name,
        )
        found = self._post("/intake-lookups", body, dict[str, Any])
        return msgspec.convert(found, documents.Match) if found.get("match") else None

    def suggestions(self, *, limit: int | None = None) -> Listing[documents.Suggestions, documents.Suggested]:
        """List pairs of case records that may be one person's."""
        return self._list("/suggestions", documents.Suggestions, documents.Suggested, limit=limit)

    def decide(self, decision: Decision) -> documents.Taken:
        """Decide about two case records or a contradiction; one that was not answered is not sent again.

        It is durable then, and takes effect once a worker has taken it in: `decision` tells.
        """
        return self._post("/decisions", decision, documents.Taken, is_repeatable=False)

    def decision(self, event_id: str) -> documents.State:
        """Learn whether a decision has been taken in, and what it came to."""
        return self._get(f"/decisions/{quoted(event_id)}", documents.State)

    def figures(
        self, *, quarter: str | None = None, site: str | None = None, department: str | None = None
    ) -> documents.DelegationReport:
        """Read the figures of delegations of the sites in one's scope; `quarter` as in 2021-Q2."""
        wanted = {"quarter": quarter, "site": site, "department": department}
        return self._get("/figures/delegations", documents.DelegationReport, **wanted)
