"""Operations of whoever watches over the hub, and about who one is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hub.client import documents
from hub.client.listing import Listing
from hub.client.operations import Operations


class AccessOperations(Operations):
    """The access log, its alarms, the quarantine, and the state of the hub."""

    def access_entries(
        self,
        *,
        person_id: str | None = None,
        reader_id: str | None = None,
        kind: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> Listing[documents.Entries, documents.LoggedEntry]:
        """Read the access log, newest first."""
        wanted: dict[str, Any] = {"person_id": person_id, "reader_id": reader_id, "kind": kind}
        path = "/access-entries"
        return self._list(
            path, documents.Entries, documents.LoggedEntry, **wanted, since=since, until=until, limit=limit
        )

    def alarms(
        self, *, is_open: bool | None = None, limit: int | None = None
    ) -> Listing[documents.Alarms, documents.AlarmRaised]:
        """List the readers who were stopped, newest first."""
        return self._list("/access-alarms", documents.Alarms, documents.AlarmRaised, open=is_open, limit=limit)

    def release(self, alarm_no: int, reason: str) -> documents.AlarmRaised:
        """Let a stopped reader read again."""
        path = f"/access-alarms/{alarm_no}/release"
        return self._post(path, {"reason": reason}, documents.AlarmRaised, is_repeatable=False)

    def quarantine(
        self,
        *,
        state: str | None = None,
        reason: str | None = None,
        topic: str | None = None,
        limit: int | None = None,
    ) -> Listing[documents.HeldRecords, documents.HeldRecord]:
        """List what broke the contract, the oldest first."""
        wanted: dict[str, Any] = {"state": state, "reason": reason, "topic": topic, "limit": limit}
        return self._list("/quarantine", documents.HeldRecords, documents.HeldRecord, **wanted)

    def quarantined(self, entry_id: int) -> documents.HeldRecordOpened:
        """See how a held record is made."""
        return self._get(f"/quarantine/{entry_id}", documents.HeldRecordOpened)

    def redrive(self, entry_id: int, note: str) -> documents.Redriven:
        """Send a held record through the gate again."""
        return self._post(f"/quarantine/{entry_id}/redrive", {"note": note}, documents.Redriven, is_repeatable=False)

    def me(self) -> documents.Me:
        """Learn who the hub takes one for."""
        return self._get("/me", documents.Me)

    def status(self) -> documents.Status:
        """Read the state of the hub."""
        return self._get("/status", documents.Status)
