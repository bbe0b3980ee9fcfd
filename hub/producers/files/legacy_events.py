"""What a checked row of the legacy flat file says, as events that come out the same each time the row is read.

The adapter has no memory: an event's id is a keyed hash of all that the event says. A row read again, or found again in
an overlapping export, gives the same events under the same ids, and a row that changed gives others. So what never
changes and what does are kept apart: CaseRegistered holds the day of registration and the public alone and is dated by
that day; all else is stated as of the row's `date_maj`, and a later row's statement replaces an earlier one's.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from hub.codec.defects import invalid
from hub.domain.events.base import UNNUMBERED_FROM, Event
from hub.domain.events.case import CaseRegistered, CaseUpdated
from hub.domain.events.delegation import DelegationProposed
from hub.domain.events.referent import ReferentAssigned
from hub.domain.events.title import DisabilityTitleRecorded
from hub.domain.ids import FRANCE_TRAVAIL
from hub.producers.files.legacy_cells import Row, slug

ACTOR = "legacy-file"
"""The file does not say who recorded what; the adviser that it names is the referent."""

_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)
_ORDER = (CaseRegistered, CaseUpdated, DisabilityTitleRecorded, ReferentAssigned, DelegationProposed)
_CAP_EMPLOI = frozenset({"ce", "cap_emploi"})
_FRANCE_TRAVAIL = frozenset({"ft", "france_travail", "pe", "pole_emploi"})
_NO_END = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """The checked cells of a row; `None` is unknown. Those in `..._at` are days as moments, none after `written_at`."""

    scope: str
    local_id: str
    written_at: datetime | None
    site: str | None
    registered_at: datetime | None
    public: str
    category: str | None
    traits: Mapping[str, str | date | None]
    contact: Mapping[str, str | None]
    other_case: Mapping[str, str] | None
    adviser: str | None
    structure: str | None
    followed_from: date | None
    followed_at: datetime | None
    planned_end: date | None
    title: str | None
    title_from: date | None
    title_to: date | None
    title_at: datetime | None

    @property
    def is_delegated(self) -> bool:
        """The case is followed by Cap emploi."""
        return self.structure is not None and slug(self.structure) in _CAP_EMPLOI

    def add_remarks(self, row: Row) -> None:
        """Name what the row holds and no event says, since something else of it is unknown."""
        if row.text("date_inscription") is None:
            row.remark("date_inscription", "no registration: its day is unknown")
        if self.structure and not self.is_delegated and slug(self.structure) not in _FRANCE_TRAVAIL:
            row.remark(
                "struct_suivi", "no delegation: not a structure of the two networks; expected FT, PE, CE or CAP EMPLOI"
            )
        if self.is_delegated and row.text("suivi_debut") is None:
            row.remark("struct_suivi", "no delegation: suivi_debut is unknown")
        if self.adviser and row.text("suivi_debut") is None:
            row.remark("conseiller", "no referent: suivi_debut is unknown")
        if self.title and row.text("titre_debut") is None:
            row.remark("titre_boe", "no title: titre_debut is unknown")


def events_of(row: CaseRow, id_key: bytes) -> tuple[Event, ...]:
    """Give the events of a row, none if it says nothing.

    Raises:
        InvalidEvent: the cells pass one by one and make no event together.
    """
    return tuple(_event(row, id_key, *stated) for stated in _stated(row, id_key))


Stated = tuple[type[Event], datetime, datetime, dict[str, Any]]


def _stated(row: CaseRow, id_key: bytes) -> Iterator[Stated]:
    """Give what a row says: the event type, when it occurred and was recorded, and its fields."""
    written_at = row.written_at
    if written_at is None:
        return
    if row.registered_at:
        yield CaseRegistered, row.registered_at, row.registered_at, {"traits": {}, "public": row.public}
    claims = {
        "traits": _known(row.traits),
        "contact": _known(row.contact),
        "other_case": row.other_case,
        "category": row.category,
    }
    if any(claims.values()) or row.site:
        yield CaseUpdated, written_at, written_at, _known(claims)
    if row.title and row.title_from and row.title_at:
        title = {"title": row.title, "valid_from": row.title_from, "valid_to": row.title_to}
        yield DisabilityTitleRecorded, row.title_at, written_at, _known(title)
    if row.followed_from and row.followed_at:
        if row.adviser:
            referent = {"adviser": row.adviser, "role": "referent", "from_date": row.followed_from}
            yield ReferentAssigned, row.followed_at, written_at, referent
        if row.is_delegated:
            key = f"{row.scope}/{row.local_id}/{row.followed_from}".encode()
            delegation_id = f"file-{hmac.digest(id_key, key, 'sha256')[:16].hex()}"
            planned_end = None if row.planned_end == _NO_END else row.planned_end
            delegation = {"delegation_id": delegation_id, "planned_end": planned_end}
            yield DelegationProposed, row.followed_at, written_at, _known(delegation)


def _known(fields: Mapping[str, object]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _event(
    row: CaseRow, id_key: bytes, model: type[Event], occurred: datetime, recorded: datetime, fields: dict[str, Any]
) -> Event:
    meta: dict[str, Any] = {
        "network": FRANCE_TRAVAIL,
        "scope": row.scope,
        "local_id": row.local_id,
        "sequence": UNNUMBERED_FROM + int((recorded - _EPOCH).total_seconds()) * 8 + _ORDER.index(model),
        "occurred_at": occurred,
        "recorded_at": recorded,
        "actor_id": ACTOR,
        "organisation": FRANCE_TRAVAIL,
    }
    # Where the case was when it was registered is unknown: the site is today's.
    if row.site and model is not CaseRegistered:
        meta["site"] = row.site
    said = json.dumps([model.__name__, meta, fields], sort_keys=True, default=str).encode()
    meta["event_id"] = _event_id(hmac.digest(id_key, said, "sha256"))
    try:
        return model.model_validate({"meta": meta, **fields})
    except ValidationError as error:
        # Not chained: pydantic's error still holds the values.
        raise invalid(model.__name__, error) from None


def _event_id(digest: bytes) -> str:
    """Give a UUID of version 8 (RFC 9562, section 5.8): its other bits are the caller's own."""
    octets = bytearray(digest[:16])
    octets[6] = octets[6] & 0x0F | 0x80
    octets[8] = octets[8] & 0x3F | 0x80
    return str(UUID(bytes=bytes(octets)))
