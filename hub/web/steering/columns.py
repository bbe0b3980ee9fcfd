"""The columns of the delegation figures: what they are called, what they mean, and how their values are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from hub.domain.pathway.delegation import ANSWER_WITHIN
from hub.web.steering import words


class Column(NamedTuple):
    """A figure: `code` in addresses, `measure` in what was found, and what it means."""

    code: str
    label: str
    measure: str
    meaning: str
    say: Callable[[float | None], str] = words.number


NOW = (
    Column("ouvertes", "Ouvertes", "open", "Délégations proposées ou en cours aujourd’hui."),
    Column(
        "sans-reponse",
        "Sans réponse",
        "unanswered",
        "Parmi les délégations ouvertes, celles que Cap emploi n’a encore ni acceptées ni refusées.",
    ),
    Column(
        "en-retard",
        "En retard",
        "overdue",
        f"Parmi les délégations sans réponse, celles proposées depuis plus de {ANSWER_WITHIN.days} jours.",
    ),
)
"""As they stand today, whatever the quarter."""
IN_QUARTER = (
    Column("proposees", "Proposées", "proposed", "Délégations proposées au cours du trimestre."),
    Column("acceptees", "Acceptées", "accepted", "Délégations acceptées au cours du trimestre."),
    Column("refusees", "Refusées", "declined", "Délégations refusées au cours du trimestre."),
    Column(
        "points",
        "Points d’étape",
        "reviewed",
        "Délégations dont le dernier point d’étape a eu lieu au cours du trimestre.",
    ),
    Column("terminees", "Terminées", "ended", "Délégations acceptées qui ont pris fin au cours du trimestre."),
    Column(
        "delai",
        "Délai médian",
        "median_days",
        "Nombre de jours entre la proposition et la réponse\N{NO-BREAK SPACE}: la moitié des réponses du trimestre ont "
        "pris moins de temps, l’autre moitié plus. Il est masqué pour moins de 5 réponses.",
        words.days,
    ),
    Column(
        "a-temps",
        "À temps",
        "in_time_share",
        f"Part des réponses du trimestre données {ANSWER_WITHIN.days} jours au plus après la proposition.",
        words.percent,
    ),
)
ALL = NOW + IN_QUARTER
EVOLUTION = tuple(each for each in IN_QUARTER if each.measure not in {"reviewed", "ended"})
BY_CODE = {each.code: each for each in ALL}
