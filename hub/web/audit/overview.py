"""The auditor's first page: integrity, alarms, stated reasons, and how much was read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from hub.api.queries.activity import Activity
from hub.audit.integrity import LedgerVerified
from hub.ledger.accessverify import Latest
from hub.web import words
from hub.web.words import figure

VERIFIED = 1_000
"""Entries of the ledger, and of the access log, that a page verifies at once."""


class Result(NamedTuple):
    """What a verification found, in words; `findings` are what is wrong."""

    title: str
    text: str
    findings: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.findings


class DayRead(NamedTuple):
    """How much was read on a day."""

    day: date
    shown: int
    refused: int
    held_back: int


def of_ledger(found: LedgerVerified) -> Result:
    """Say what a verification of the ledger found."""
    if found.last == 0:
        return Result("Registre des événements", "Il est vide.", ())
    opened = found.last - found.first + 1 - found.unopened - found.missing - len(found.changed)
    since = f" (positions {figure(found.first)} à {figure(found.last)})"
    text = f"{words.count(opened, 'entrée vérifiée', 'entrées vérifiées')}{since}."
    if found.unopened:
        text += f" {words.count(found.unopened, 'entrée', 'entrées')} de personnes effacées ne s’ouvrent plus."
    return Result("Registre des événements", text, tuple(_wrong(found)))


def _wrong(found: LedgerVerified) -> Iterator[str]:
    for position in found.changed:
        yield f"L’entrée à la position {figure(position)} a été modifiée après son enregistrement."
    for position in found.displaced:
        yield f"L’entrée à la position {figure(position)} porte une heure antérieure à celle qui la précède."
    if found.missing:
        yield f"{words.count(found.missing, 'entrée manque', 'entrées manquent')}."


def of_log(found: Latest) -> Result:
    """Say what a verification of the access log found."""
    by = words.count(found.readers, "lecteur", "lecteurs")
    text = f"{words.count(found.entries, 'entrée vérifiée', 'entrées vérifiées')}, de {by}."
    wrong = words.count(len(found.defects), "anomalie", "anomalies")
    said = f"{wrong} dans la chaîne des entrées : des entrées ont été modifiées, ajoutées ou retirées."
    return Result("Journal des accès", text, (words.typed(said),) if found.defects else ())


def days(activity: Activity) -> tuple[DayRead, ...]:
    """Say how much was read, day by day, the latest first."""
    return tuple(_day(at, counts) for at, counts in reversed(activity.by_day.items()))


def _day(at: datetime, counts: dict[str, int]) -> DayRead:
    held_back = counts.get("slowed", 0) + counts.get("stopped", 0)
    return DayRead(at.date(), counts.get("shown", 0), counts.get("refused", 0), held_back)
