"""Operations about one person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from hub.client import documents
from hub.client.listing import Listing
from hub.client.operations import Operations, pathway_of, quoted
from hub.client.rows import SECTIONS
from hub.client.sections import R, Section


class PeopleOperations(Operations):
    """What is read of one person; `as_of` and `known_at` show it as it was then, and as it was known then."""

    def pathway(
        self, person_id: str, *, as_of: datetime | date | None = None, known_at: datetime | date | None = None
    ) -> documents.Pathway:
        """Read a person's pathway, whole."""
        return self._get(pathway_of(person_id), documents.Pathway, as_of=as_of, known_at=known_at)

    def section(
        self,
        person_id: str,
        row: type[R],
        *,
        as_of: datetime | date | None = None,
        known_at: datetime | date | None = None,
    ) -> Section[R]:
        """Read the rows of one kind: `section(person_id, rows.DelegationRow)`."""
        path = f"{pathway_of(person_id)}/{SECTIONS[row]}"
        return self._get(path, Section[row], as_of=as_of, known_at=known_at)  # type: ignore[valid-type]

    def timeline(
        self,
        person_id: str,
        *,
        as_of: datetime | date | None = None,
        known_at: datetime | date | None = None,
        types: Sequence[str] | None = None,
        network: str | None = None,
        start: datetime | date | None = None,
        end: datetime | date | None = None,
        voided: bool | None = None,
        order: str | None = None,
        limit: int | None = None,
    ) -> Listing[documents.Timeline, documents.TimelineLine]:
        """Read a person's events in canonical order; `order="desc"` gives the last one first.

        Args:
            types: only events of these types.
            network: only what this network recorded.
            start: what occurred then or later.
            end: what occurred then or earlier; a day to its end in France.
            voided: only voided events, or none.
            limit: how many stand on a page.
        """
        wanted = {"type": types, "network": network, "from": start, "to": end, "voided": voided, "order": order}
        path = f"{pathway_of(person_id)}/timeline"
        moments = {"as_of": as_of, "known_at": known_at}
        return self._list(path, documents.Timeline, documents.TimelineLine, **moments, **wanted, limit=limit)

    def history(
        self, person_id: str, *, order: str | None = None, limit: int | None = None
    ) -> Listing[documents.History, documents.HistoryStep]:
        """Replay a person's pathway event by event; `order="acceptance"` as the hub took the events in.

        Args:
            limit: how many stand on a page.
        """
        path = f"{pathway_of(person_id)}/history"
        return self._list(path, documents.History, documents.HistoryStep, order=order, limit=limit)

    def facts(
        self, person_id: str, *, as_of: datetime | date | None = None, known_at: datetime | date | None = None
    ) -> documents.Facts:
        """List the facts that can be explained."""
        return self._get(f"{pathway_of(person_id)}/facts", documents.Facts, as_of=as_of, known_at=known_at)

    def explain(
        self,
        person_id: str,
        fact: str,
        *,
        as_of: datetime | date | None = None,
        known_at: datetime | date | None = None,
    ) -> documents.Explanation:
        """Read why a fact is as it is, by a name that `facts` gives."""
        path = f"{pathway_of(person_id)}/explanations"
        params = {"as_of": as_of, "known_at": known_at}
        return self._post(path, {"fact": fact}, documents.Explanation, params=params)

    def event(self, person_id: str, event_id: str) -> documents.EventOfPerson:
        """Read an event about a person, and what it set."""
        return self._get(f"{pathway_of(person_id)}/events/{quoted(event_id)}", documents.EventOfPerson)

    def state_reason(self, person_id: str, code: str, text: str) -> documents.ReasonStated:
        """State why one must read a person whom one does not accompany; their referent learns of it."""
        body = {"code": code, "text": text}
        path = f"{pathway_of(person_id)}/reasons"
        return self._post(path, body, documents.ReasonStated, is_repeatable=False)

    def report(self, person_id: str) -> documents.Report:
        """Make the report that a person may ask for: all that the hub holds of them, and who looked."""
        return self._get(f"{pathway_of(person_id)}/report", documents.Report)

    def accesses(self, person_id: str, *, limit: int | None = None) -> Listing[documents.Accesses, documents.Access]:
        """List who looked at a person, newest first."""
        path = f"{pathway_of(person_id)}/accesses"
        return self._list(path, documents.Accesses, documents.Access, limit=limit)
