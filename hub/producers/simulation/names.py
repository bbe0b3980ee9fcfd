"""Pools that people are drawn from: French names, birthplaces, homes and the agency of each home."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import accumulate
from random import Random
from unicodedata import normalize

from faker.providers.person.fr_FR import Provider

from hub.producers.simulation.reference import Agency, Commune, agencies, birthplaces, communes

FAMILY_NAMES: tuple[str, ...] = tuple(Provider.last_names)
WOMEN: tuple[str, ...] = tuple(Provider.first_names_female)
MEN: tuple[str, ...] = tuple(Provider.first_names_male)

_COUNTRIES = ("99352", "99350", "99351", "99139", "99208", "99127", "99326", "99341", "99114", "99134")
"""Insee codes of countries of birth: Algeria, Morocco, Tunisia, Portugal, Turkey, Italy, and others."""


_BEGINS_IN = "69"


@cache
def _homes() -> tuple[tuple[Commune, ...], list[int]]:
    return communes(), list(accumulate(commune.population for commune in communes()))


@cache
def _homes_around(agencies_there: int) -> tuple[tuple[Commune, ...], list[int]]:
    """Give the communes whose people go to so many of the region's agencies, those of the Rhône first."""
    ranked = sorted(agencies(), key=lambda each: (each.departement != _BEGINS_IN, each.departement, each.safir))
    known = set(ranked[:agencies_there])
    homes = tuple(commune for commune in communes() if agency_of(commune) in known)
    return homes, list(accumulate(commune.population for commune in homes))


@cache
def _birthplaces() -> tuple[tuple[Commune, ...], list[int]]:
    return birthplaces(), list(accumulate(commune.population for commune in birthplaces()))


def home(rng: Random) -> Commune:
    """Draw a commune of the region by its population."""
    pool, weights = _homes()
    return rng.choices(pool, cum_weights=weights)[0]


@cache
def _homes_of(departement: str) -> tuple[tuple[Commune, ...], list[int]]:
    homes = tuple(commune for commune in communes() if commune.departement == departement)
    return homes, list(accumulate(commune.population for commune in homes))


def home_near(commune: Commune, rng: Random) -> Commune:
    """Draw a commune of the same département by its population: where people mostly move to."""
    pool, weights = _homes_of(commune.departement)
    return rng.choices(pool, cum_weights=weights)[0]


def home_around(agencies_there: int | None, rng: Random) -> Commune:
    """Draw a commune by its population: of those around so many agencies, of the whole region for None."""
    if agencies_there is None:
        return home(rng)
    pool, weights = _homes_around(agencies_there)
    return rng.choices(pool, cum_weights=weights)[0]


def birthplace(rng: Random) -> str:
    """Draw the Insee code of a birthplace: in the region for half, abroad for one in nine."""
    draw = rng.random()
    if draw < 0.5:
        return home(rng).code
    if draw > 0.89:
        return rng.choice(_COUNTRIES)
    pool, weights = _birthplaces()
    return rng.choices(pool, cum_weights=weights)[0].code


@cache
def _agencies_by_place() -> dict[str, list[Agency]]:
    found: defaultdict[str, list[Agency]] = defaultdict(list)
    for agency in agencies():
        found[agency.commune].append(agency)
        found[agency.departement].append(agency)
    return dict(found)


@cache
def agency_of(commune: Commune) -> Agency:
    """Give the agency that a commune's people go to: its own, or always the same one of its département."""
    places = _agencies_by_place()
    nearby = places.get(commune.code) or places[commune.departement]
    return nearby[int(commune.code) % len(nearby)]


@cache
def plain(name: str) -> str:
    """Write a name for an e-mail address: lower case, without accents, spaces and apostrophes."""
    folded = normalize("NFKD", name.lower())
    return "".join(
        character for character in folded if character.isascii() and (character.isalpha() or character == "-")
    )
