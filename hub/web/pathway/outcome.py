"""What became of a decision that a reader just took."""

from __future__ import annotations

from typing import NamedTuple

from hub.api.queries.decisions import Progress
from hub.projections.facts import event_of
from hub.projections.view import View
from hub.web import words
from hub.web.pathway import phrases
from hub.web.pathway.acts import Acts
from hub.web.words import NBSP


class Outcome(NamedTuple):
    """What to tell; `is_awaited` while no worker has taken the decision in."""

    kind: str
    title: str
    text: str
    is_awaited: bool


_AWAITED = Outcome(
    "info",
    "Votre arbitrage est enregistré",
    "Il prend effet dans quelques secondes, dès que le hub l’a traité.",
    is_awaited=True,
)
_OVERTAKEN = Outcome(
    "warning",
    "Votre arbitrage a été dépassé",
    "Il est enregistré, mais un autre arbitrage ou une nouvelle déclaration est arrivé après le vôtre.",
    is_awaited=False,
)


_UNCONFIRMED = Outcome(
    "warning",
    "L’enregistrement de votre arbitrage n’a pas été confirmé",
    "Voici ce qui vaut maintenant. Si votre arbitrage n’y figure pas, recommencez-le.",
    is_awaited=False,
)

KEPT = Outcome(
    "warning",
    "Votre premier arbitrage est conservé",
    "Ce formulaire avait déjà servi : ce que vous avez envoyé d’abord a été enregistré, et ce que vous venez "
    "d’envoyer, qui est différent, ne l’a pas été. Pour en changer, arbitrez de nouveau sur cette page.",
    is_awaited=False,
)


def outcome_of(view: View, acts: Acts, event_id: str, progress: Progress) -> Outcome:
    """Tell whether a settlement stands: its claim is the one that is shown."""
    if progress == "unconfirmed":
        return _UNCONFIRMED
    if progress != "taken_in":
        return _AWAITED
    for row in view.tables["claim"]:
        if row["accepted_by"] == "settled" and event_of(row, "accepted_by") == event_id:
            said = phrases.claimed(row["fact"], row["value"])
            text = f"{words.capital(phrases.fact(row['fact']))}{NBSP}: «{NBSP}{said}{NBSP}» est la valeur retenue."
            return Outcome("success", "Votre arbitrage a pris effet", text, is_awaited=False)
    return _OVERTAKEN if acts.knows(event_id) else _AWAITED
