"""Who looked at what is written about the person, and why: by role and network, as often as they did."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from hub.domain import access
from hub.ledger.accessqueries import Logged
from hub.projections import labels
from hub.web import words
from hub.web.sheet import plain
from hub.web.sheet.plain import Line

_BESIDE = frozenset({"access_log", "quarantine", "purge", "release"})
"""What shows nothing of a person."""
_NOT_NOW = frozenset({"slowed", "stopped"})
"""Whoever asked for too many people was shown nothing, though they may have had the right to."""
_WHO = {
    "adviser": "Un conseiller de {}",
    "site_lead": "Un responsable de {}",
    "auditor": "Une personne qui contrôle Parcours Hub",
    "dpo": "La personne qui protège vos informations",
    "publisher": "Un ordinateur de {}",
}
_OWN = "Pourquoi : cette personne vous accompagne."
_WHY = {
    "referent": _OWN,
    "delegation": _OWN,
    "expertise": _OWN,
    "diagnosis": _OWN,
    "site": "Pourquoi : cette personne dirige le lieu où vous êtes suivi.",
    "audit": "Pourquoi : c’est un contrôle.",
    "data_protection": "Pourquoi : pour protéger vos droits.",
    "command_line": "Pourquoi : pour faire marcher Parcours Hub.",
}
_REASONS = {
    "emergency": "Pourquoi : c’était urgent.",
    "replacement": "Pourquoi : pour remplacer un collègue.",
    "person_request": "Pourquoi : vous l’avez demandé.",
    "complaint": "Pourquoi : pour répondre à une plainte.",
    "audit": "Pourquoi : c’est un contrôle.",
    "data_request": "Pourquoi : pour répondre à une demande sur vos informations.",
}


class _Group(NamedTuple):
    who: str
    why: str


def looks(entries: Iterable[Logged]) -> tuple[Line, ...]:
    """Say who looked, why, how often and when last; entries come newest first."""
    found: dict[_Group, list[Logged]] = {}
    refused = 0
    reasons: dict[str, str] = {}
    for entry in sorted(entries, key=lambda each: each.entry_id):
        if entry.kind in _BESIDE:
            continue
        if entry.outcome in _NOT_NOW:
            continue
        if entry.outcome != "shown":
            refused += 1
        elif entry.kind == "break_glass":
            reasons[entry.reader_id] = _REASONS.get(entry.code or "", "")
        else:
            found.setdefault(_Group(_who(entry), _why(entry, reasons)), []).append(entry)
    lines = [_line(group, of_group) for group, of_group in found.items()]
    if refused:
        lines.append(
            Line(
                f"{_times(refused).capitalize()}, une personne a demandé à voir sans en avoir le droit.",
                note="Parcours Hub a dit non.",
            )
        )
    return tuple(lines)


def _who(entry: Logged) -> str:
    role = next((role for role in access.ROLES if role in entry.roles and role in _WHO), None)
    if role is None or entry.reader_id.startswith("cli:"):
        return "Une personne qui fait marcher Parcours Hub"
    return _WHO[role].format(labels.network(entry.network) if entry.network else "votre région")


def _why(entry: Logged, reasons: dict[str, str]) -> str:
    ground = max(entry.people, key=lambda row: row.sight).ground if entry.people else None
    if ground == "break_glass":
        return reasons.get(entry.reader_id) or "Pourquoi : cette personne a donné une raison."
    if ground is None:
        return "Pourquoi : pour savoir si vous étiez déjà connu."
    return _WHY.get(ground, "Pourquoi : cette personne a donné une raison.")


def _line(group: _Group, entries: list[Logged]) -> Line:
    last = plain.on(entries[-1].at)
    when = f"C’était {last}." if len(entries) == 1 else f"La dernière fois{words.NBSP}: {last}."
    return Line(f"{group.who} a regardé {_times(len(entries))}.", note=f"{when} {words.typed(group.why)}")


def _times(number: int) -> str:
    return f"{number}{words.NBSP}fois"
