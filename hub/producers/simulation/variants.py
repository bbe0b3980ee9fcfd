"""How the second network knows the same person: exactly, with a slip of the pen, or hardly at all."""

from __future__ import annotations

from random import Random
from typing import Any

from hub.producers.simulation.moments import date_of, day_text
from hub.producers.simulation.people import Identity

EXACT, MISSPELT, PLACEHOLDER, WITHOUT_PLACE = "exact", "misspelt", "placeholder", "without_place"
RESPELT = "respelt"
"""Misspelt in every family name, and in nothing else; never drawn."""

_UNKNOWN_NAMES = ("INCONNU", "X", "NON RENSEIGNE", "SNP")
_SHARES = ((EXACT, 0.66), (MISSPELT, 0.88), (WITHOUT_PLACE, 0.95), (PLACEHOLDER, 1.0))


def variant(rng: Random) -> str:
    """Draw how well the second network knows the person: two thirds exactly, a fifth misspelt."""
    draw = rng.random()
    return next(kind for kind, up_to in _SHARES if draw < up_to)


def traits(identity: Identity, kind: str, rng: Random) -> dict[str, Any]:
    """Give the traits as the second network writes them down."""
    known = identity.traits()
    if kind == WITHOUT_PLACE:
        del known["birth_place"]
    elif kind == PLACEHOLDER:
        known["family_name"] = rng.choice(_UNKNOWN_NAMES)
        known.pop("birth_name", None)
        known["birth_date"] = "1900-01-01"
        known["birth_place"] = "99999"
    elif kind == MISSPELT:
        _slip(known, identity, rng)
    elif kind == RESPELT:
        known |= {name: _misspelt(known[name], rng) for name in ("family_name", "birth_name") if name in known}
    elif rng.random() < 0.4:
        # Legacy systems write capitals without hyphens: the same name all the same.
        for name in ("family_name", "birth_name"):
            if name in known:
                known[name] = known[name].upper()
    return known


def _slip(known: dict[str, Any], identity: Identity, rng: Random) -> None:
    draw = rng.random()
    born_on = date_of(identity.born_on)
    if draw < 0.55:
        name = "birth_name" if "birth_name" in known else "family_name"
        known[name] = _misspelt(known[name], rng)
    elif draw < 0.75:
        known["given_name"] = _misspelt(known["given_name"], rng)
    elif born_on.day <= 12 and born_on.day != born_on.month:
        known["birth_date"] = f"{born_on.year}-{born_on.day:02d}-{born_on.month:02d}"
    else:
        known["birth_date"] = day_text(identity.born_on + (10 if born_on.day <= 15 else -10))


def _misspelt(name: str, rng: Random) -> str:
    at = rng.randrange(1, max(2, len(name) - 1))
    if not name[at].isalpha():
        at -= 1  # hyphens and spaces count for nothing when names are compared
    draw = rng.random()
    if draw < 0.4:
        return name[:at] + name[at] + name[at:]
    if draw < 0.7 and len(name) > 3:
        return name[:at] + name[at + 1 :]
    return name[:at] + ("o" if name[at] not in "oô" else "u") + name[at + 1 :]
