"""What the volume alarm still allows, said before it is met."""

from __future__ import annotations

from typing import Literal, NamedTuple

from hub.access.asking import Asked
from hub.access.volume import Left
from hub.api.services import Services
from hub.ledger.database import reading

FEW = 3
"""From so many people on, what is left is worth a warning."""


class Allowance(NamedTuple):
    """What is left, in words; `kind` is that of a notice, and None where it need not stand out."""

    kind: Literal["warning", "error"] | None
    text: str


def allowance_of(services: Services, asked: Asked) -> Allowance | None:
    """Say what the reader of a page has left; None where nobody is counted."""
    with reading(services.store) as connection:
        left = services.recorder.left(connection, asked.reader, services.now())
    return None if left is None else allowance(left)


def allowance(left: Left) -> Allowance:
    """Say what is left."""
    if left.is_stopped:
        return Allowance(
            "error",
            "Votre accès aux personnes est arrêté : vous en avez demandé trop en un jour. "
            "Le délégué à la protection des données peut le rétablir.",
        )
    if not left.people:
        return Allowance(
            "warning",
            f"Vous avez atteint la limite de {left.most} par heure. Attendez quelques minutes avant la prochaine "
            "demande ; les personnes que vous accompagnez restent accessibles.",
        )
    return Allowance(
        "warning" if left.people <= FEW else None, f"Il vous en reste {left.people} sur {left.most} pour cette heure."
    )
