"""Who looked at what is written about the person, and why: by role and network, as often as they did."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from hub.domain import access
from hub.ledger.accesslooks import Looks
from hub.projections import labels
from hub.web import words
from hub.web.sheet import plain
from hub.web.sheet.plain import Line

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


class _Counted(NamedTuple):
    """How often, and when last."""

    times: int
    last: datetime

    def and_(self, other: _Counted) -> _Counted:
        return _Counted(self.times + other.times, max(self.last, other.last))


def looks(counted: Iterable[Looks]) -> tuple[Line, ...]:
    """Say who looked, why, how often and when last; that the person stands on a list is no look, and said apart."""
    found: dict[_Group, _Counted] = {}
    refused = 0
    is_listed = False
    for each in counted:
        if each.outcome in _NOT_NOW:
            continue
        if each.outcome != "shown":
            refused += each.times
        elif each.is_list:
            is_listed = True
        else:
            group, times = _Group(_who(each), _why(each)), _Counted(each.times, each.last)
            found[group] = found[group].and_(times) if group in found else times
    lines = [_line(group, times) for group, times in found.items()]
    if refused:
        lines.append(
            Line(
                f"{_times(refused).capitalize()}, une personne a demandé à voir sans en avoir le droit.",
                note="Parcours Hub a dit non.",
            )
        )
    if is_listed:
        lines.append(
            Line("Votre nom apparaît aussi dans des listes de travail.", note="Ces fois ne sont pas comptées.")
        )
    return tuple(lines)


def _who(each: Looks) -> str:
    role = next((role for role in access.ROLES if role in each.roles and role in _WHO), None)
    if role is None or each.is_command_line:
        return "Une personne qui fait marcher Parcours Hub"
    return _WHO[role].format(labels.network(each.network) if each.network else "votre région")


def _why(each: Looks) -> str:
    if each.ground == "break_glass":
        return _REASONS.get(each.reason or "", "Pourquoi : cette personne a donné une raison.")
    if each.ground is None:
        return "Pourquoi : pour savoir si vous étiez déjà connu."
    return _WHY.get(each.ground, "Pourquoi : cette personne a donné une raison.")


def _line(group: _Group, counted: _Counted) -> Line:
    last = plain.on(counted.last)
    when = f"C’était {last}." if counted.times == 1 else f"La dernière fois{words.NBSP}: {last}."
    return Line(f"{group.who} a regardé {_times(counted.times)}.", note=f"{when} {words.typed(group.why)}")


def _times(number: int) -> str:
    return f"{words.figure(number)}{words.NBSP}fois"
