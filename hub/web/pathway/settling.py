"""The form that settles a contradiction: what was filled in, checked, and what must be told about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pydantic import ValidationError

from hub.api.documents.decisions import Settle
from hub.api.queries.resent import Said
from hub.domain.ids import NETWORKS
from hub.web.form import Fields
from hub.web.pathway.disputes import Dispute

_CHOOSE = "Choisissez la valeur à retenir."
_SAY_WHY = "Indiquez la raison de votre choix."
_TOO_LONG = "Raccourcissez la raison : 4 000 caractères au plus."
_NOT_THAT = (
    "Retirez de la raison les caractères invisibles, et tout ce qui ressemble à un numéro de sécurité sociale : "
    "il ne doit pas être enregistré."
)
_LONGEST = 4_000
FIELDS = ("fait", "vu", "formulaire", "reseau", "raison")
"""Which fact, the mark of what its reader saw, the form's own bytes, whose claim is kept and why."""


class Refused(NamedTuple):
    """A form that came to nothing; `is_late`: what it settles is not what its reader saw any more."""

    fields: Fields
    is_late: bool = False

    @property
    def fact(self) -> str:
        """Give the fact that it settles."""
        return self.fields.values["fait"]

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Give the errors, each with the place of its field on the page."""
        return [(f"{name}-{self.fact}", text) for name, text in self.fields.errors]


def said_by(fields: Fields) -> Said:
    """Give what a form decides, for a comparison with what it decided before."""
    reason = fields.values["raison"].replace("\r\n", "\n")
    return "settle", fields.values["fait"], fields.values["reseau"], reason


def checked(fields: Fields, disputes: Iterable[Dispute]) -> Settle | Refused:
    """Give the decision that a form comes to, or the form with what is wrong with it.

    Whoever filled it in must have seen what stands now: a form about other claims decides nothing.
    """
    fact, mark = fields.own("fait", ".{1,40}"), fields.own("vu", ".{1,40}")
    dispute = next((each for each in disputes if each.fact == fact), None)
    if dispute is None or dispute.mark != mark:
        return Refused(fields, is_late=True)
    kept = fields.choice("reseau", NETWORKS, _CHOOSE)
    reason = fields.values["raison"].replace("\r\n", "\n")
    if not reason or len(reason) > _LONGEST:
        fields.refuse("raison", _TOO_LONG if reason else _SAY_WHY)
    if fields.wrong:
        return Refused(fields)
    case = next(side.key for side in dispute.sides if side.network == kept)._asdict()
    decision = {"kind": "settle", "case": case, "fact": fact, "kept_network": kept, "reason": reason}
    try:
        return Settle.model_validate(decision)
    except ValidationError:
        fields.refuse("raison", _NOT_THAT)
        return Refused(fields)
