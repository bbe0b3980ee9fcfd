"""The form that settles a contradiction: what was filled in, checked, and what must be told about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pydantic import ValidationError

from hub.api.documents.decisions import Settle
from hub.domain.ids import NETWORKS
from hub.web.pathway.disputes import Dispute

_CHOOSE = "Choisissez la valeur à retenir."
_SAY_WHY = "Indiquez la raison de votre choix."
_TOO_LONG = "Raccourcissez la raison : 4 000 caractères au plus."
_NOT_THAT = (
    "Retirez de la raison les caractères invisibles, et tout ce qui ressemble à un numéro de sécurité sociale : "
    "il ne doit pas être enregistré."
)
_LONGEST = 4_000
_MOVED_ON = "Entre-temps, quelqu’un a arbitré cette contradiction, ou un réseau a déclaré une autre valeur."


class Filled(NamedTuple):
    """A form as it was filled in; `mark` is that of the dispute as its reader saw it."""

    fact: str
    kept: str
    reason: str
    mark: str
    errors: tuple[tuple[str, str], ...] = ()
    notice: str = ""

    def error(self, field: str) -> str | None:
        """Give what is wrong with a field."""
        return next((text for name, text in self.errors if name == field), None)

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Give the errors, each with the place of its field on the page."""
        return [(f"{name}-{self.fact}", text) for name, text in self.errors]


def checked(filled: Filled, disputes: Iterable[Dispute]) -> Settle | Filled:
    """Give the decision that a form comes to, or the form with what is wrong with it.

    Whoever filled it in must have seen what stands now: a form about other claims decides nothing.
    """
    dispute = next((each for each in disputes if each.fact == filled.fact), None)
    if dispute is None or dispute.mark != filled.mark:
        return filled._replace(notice=_MOVED_ON)
    reason = filled.reason.replace("\r\n", "\n").strip()
    errors = []
    if filled.kept not in NETWORKS:
        errors.append(("reseau", _CHOOSE))
    if not reason or len(reason) > _LONGEST:
        errors.append(("raison", _TOO_LONG if reason else _SAY_WHY))
    if errors:
        return filled._replace(errors=tuple(errors))
    case = next(side.key for side in dispute.sides if side.network == filled.kept)._asdict()
    decision = {
        "kind": "settle",
        "case": case,
        "fact": filled.fact,
        "kept_network": filled.kept,
        "reason": reason,
    }
    try:
        return Settle.model_validate(decision)
    except ValidationError:
        return filled._replace(errors=(("raison", _NOT_THAT),))
