"""The marks of the overview: events of a lane, joined where they are dense, with the names of the most telling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from hub.web.frieze.entries import Entry, Lane
from hub.web.frieze.scale import Scale

NEAR: Final = (15, 24, 36, 54)
"""Marks nearer than that are joined; of more marks than a drawing should have, those nearer than the next."""
MOST: Final = 40
_MOST_NAMES: Final = 12
"""Marks of a lane that have a name."""
CHARACTER: Final = 8.3
"""The width of a character of the labels, with the space that readers may set between letters (WCAG 1.4.12).

Nothing measures text here: rather more than less.
"""
ROWS: Final = 3

_NAMES: Final[dict[str, tuple[str, int]]] = {
    "CaseRegistered": ("", 100),
    "PathwayClosed": ("Sortie", 97),
    "PathwayReopened": ("Reprise", 97),
    "Placed": ("Placement", 95),
    "CrossedDiagnosisConcluded": ("Diagnostic croisé conclu", 94),
    "RetentionOpened": ("Maintien", 92),
    "RetentionConcluded": ("Issue du maintien", 92),
    "TransitionStarted": ("Transition", 92),
    "PersonErased": ("Données effacées", 92),
    "CaseClosed": ("", 88),
    "CaseReopened": ("", 88),
    "CrossedDiagnosisOpened": ("Diagnostic croisé", 84),
    "DiagnosisCompleted": ("Diagnostic", 82),
    "ActionPlanAgreed": ("Plan d’action", 78),
    "CompensationMeasureImplemented": ("Mesure", 76),
    "CompensationNeedIdentified": ("Besoin", 74),
    "WorkplaceAdapted": ("Aménagement", 74),
    "CepOpened": ("CEP", 72),
    "CepConcluded": ("CEP conclu", 70),
    "FollowUpStarted": ("Suivi durable", 68),
    "RecordsLinked": ("Rapprochement", 66),
    "RecordsUnlinked": ("Dissociation", 66),
    "DelegationProposed": ("Proposée", 64),
    "DelegationAccepted": ("Acceptée", 64),
    "DelegationDeclined": ("Refusée", 64),
    "DelegationEnded": ("Fin de délégation", 63),
    "DelegationCancelled": ("Annulée", 62),
    "CrossedDiagnosisContributed": ("Contribution", 60),
    "ServicePrescribed": ("Prestation", 58),
    "ExpertiseRequested": ("Appui demandé", 56),
    "ExpertiseDelivered": ("Appui rendu", 56),
    "ExpertiseDeclined": ("Appui refusé", 56),
    "ReferentAssigned": ("Référent", 50),
    "FollowUpRecorded": ("Suivi", 48),
    "CandidacyProposed": ("Mise en relation", 44),
    "AppointmentRecorded": ("Rendez-vous", 40),
    "DisabilityTitleRecorded": ("Titre BOE", 38),
    "CompensationNeedRefined": ("Besoin affiné", 36),
    "ContradictionSettled": ("Arbitrage", 34),
    "CandidacyAnswered": ("Réponse", 10),
    "ServiceCompleted": ("Fin de prestation", 18),
    "ServiceAbandoned": ("Abandon", 18),
    "EventVoided": ("Annulation", 14),
    "DelegationReviewed": ("Point d’étape", 10),
}
"""What the overview calls an event, empty for its own title, and how telling it is; other events have no name there."""


class Mark(NamedTuple):
    """One event or several near each other; `label` has a row from 1 next to the lane, 0 where there is no room."""

    x: int
    entries: tuple[Entry, ...]
    label: str
    label_x: int
    row: int
    is_faded: bool

    @property
    def is_flagged(self) -> bool:
        """Tell whether something in it asks for attention."""
        return any(entry.is_flagged for entry in self.entries)

    @property
    def is_voided(self) -> bool:
        """Tell whether all of it was voided."""
        return all(entry.is_voided for entry in self.entries)


def width_of(text: str) -> int:
    """Give the width that a label may take."""
    return round(len(text) * CHARACTER) + 4


def marks_of(entries: Sequence[Entry], scale: Scale, shown: frozenset[str] | None) -> dict[Lane, list[Mark]]:
    """Make the marks of each lane; `shown` are the ids of the events that a filter leaves, None for all."""
    lanes: tuple[Lane, ...] = ("ft", "both", "ce")
    of_lane = {lane: [entry for entry in entries if entry.lane == lane] for lane in lanes}
    groups: dict[Lane, list[list[tuple[int, Entry]]]] = {}
    for near in NEAR:
        groups = {lane: _groups(own, scale, near) for lane, own in of_lane.items()}
        if sum(map(len, groups.values())) <= MOST:
            break
    return {lane: _labelled([_mark(group, shown) for group in own], scale.right) for lane, own in groups.items()}


def _groups(entries: Sequence[Entry], scale: Scale, near: int) -> list[list[tuple[int, Entry]]]:
    """Join the events that are near each other, within twice that."""
    groups: list[list[tuple[int, Entry]]] = []
    for x, entry in sorted(((scale.x(entry.moment), entry) for entry in entries), key=lambda pair: pair[0]):
        if groups and x - groups[-1][-1][0] < near and x - groups[-1][0][0] <= 2 * near:
            groups[-1].append((x, entry))
        else:
            groups.append([(x, entry)])
    return groups


def _mark(group: list[tuple[int, Entry]], shown: frozenset[str] | None) -> Mark:
    x = round((group[0][0] + group[-1][0]) / 2)
    entries = tuple(entry for _, entry in group)
    is_faded = shown is not None and not any(entry.event_id in shown for entry in entries)
    return Mark(x, entries, "", 0, 0, is_faded)


def _telling(mark: Mark) -> tuple[int, Entry]:
    standing = [entry for entry in mark.entries if not entry.is_voided] or list(mark.entries)
    best = max(standing, key=lambda entry: _NAMES.get(entry.event_type, ("", 0))[1])
    return _NAMES.get(best.event_type, ("", 0))[1], best


def _labelled(marks: list[Mark], right: int) -> list[Mark]:
    """Name the most telling marks first, each in the nearest row where its name and the line to it cross nothing."""
    taken: list[list[tuple[int, int]]] = [[] for _ in range(ROWS)]
    placed = dict(enumerate(marks))
    for number in sorted(placed, key=lambda n: (-_telling(marks[n])[0], n)):
        if sum(mark.row > 0 for mark in placed.values()) == _MOST_NAMES:
            break
        weight, best = _telling(marks[number])
        if weight == 0:
            continue
        text = _NAMES[best.event_type][0] or best.title
        x = marks[number].x
        start = min(x - 4, right - width_of(text))
        row = _free_row(taken, x, start, start + width_of(text))
        if row:
            taken[row - 1].append((start - 3, start + width_of(text) + 3))
            for below in taken[: row - 1]:
                below.append((x - 2, x + 2))
            placed[number] = marks[number]._replace(label=text, label_x=start, row=row)
    return list(placed.values())


def _free_row(taken: list[list[tuple[int, int]]], x: int, start: int, end: int) -> int:
    for row in range(1, ROWS + 1):
        is_free = all(end < left or start > right for left, right in taken[row - 1])
        reaches = all(x + 2 < left or x - 2 > right for below in taken[: row - 1] for left, right in below)
        if is_free and reaches:
            return row
    return 0
