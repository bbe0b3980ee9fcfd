"""Decisions about two case records that stand: which records they are about, and whose these are now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from hub.domain.events.link import MatchRejected, RecordsLinked, RecordsUnlinked
from hub.domain.ids import CaseKey, uuid_bytes
from hub.projections import records
from hub.projections.records import CaseRow
from hub.projections.tables import Tables

TYPES = frozenset(kind.__name__ for kind in (RecordsLinked, RecordsUnlinked, MatchRejected))
"""The types of their events."""


class Pairing(NamedTuple):
    """The two case records of a decision, the one first whose key comes first.

    `kind` is what it left them as: `decision` for one person's, `unlinked` or `rejected`.
    """

    kind: str
    left: CaseRow
    right: CaseRow

    @property
    def refs(self) -> tuple[bytes, bytes]:
        """Give the references of both records."""
        return self.left.subject_ref, self.right.subject_ref

    @property
    def is_of_both_networks(self) -> bool:
        """Tell whether each of the records is another network's."""
        return self.left.case.network != self.right.case.network


def standing(connection: Connection, tables: Tables, events: Iterable[tuple[bytes, bytes]]) -> dict[bytes, Pairing]:
    """Give those of some decisions that stand, by event id; one that a later one replaced is left out.

    Args:
        events: the event id and the subject's reference of each, which is that of the first record.
    """
    subject_of = dict(events)
    case, link = tables.case_record.c, tables.link.c
    rows = records.select_in(connection, (case.case_no, case.subject_ref), case.subject_ref, set(subject_of.values()))
    numbers = {row.case_no for row in rows}
    columns = (link.event_id, link.left_case, link.right_case, link.status, link.rule)
    found = [
        (uuid_bytes(row.event_id), row)
        for row in records.select_in(connection, columns, link.case_no, numbers)
        if row.status == "separated" or (row.status == "linked" and row.rule == "decision")
    ]
    pairs = {
        key: (row.rule, CaseKey(*row.left_case.split("/")), CaseKey(*row.right_case.split("/")))
        for key, row in found
        if key in subject_of
    }
    named = records.named(connection, tables, {case for _, *both in pairs.values() for case in both})
    return {
        key: Pairing(kind, named[left], named[right])
        for key, (kind, left, right) in pairs.items()
        if left in named and right in named
    }
