"""Employers of the region: invented establishments, a few of which recruit much more than the others."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import NamedTuple

from stdnum import luhn

from hub.producers.simulation.reference import departements

_PER_DEPARTEMENT = 60

ROMES = ("M1607", "M1602", "K2204", "N1103", "D1106", "D1505", "K1303", "H3302", "N4105", "G1602", "M1203", "A1203")
"""Occupations (ROME) that employers ask for: those of every situation."""


class Employer(NamedTuple):
    """An establishment, the occupation that it asks for most, and whether it is a public service."""

    siret: str
    rome: str
    is_public: bool


@cache
def _of_departement(code: str) -> tuple[Employer, ...]:
    place = next(at for at, departement in enumerate(departements()) if departement.code == code)
    return tuple(
        Employer(
            _siret(place * _PER_DEPARTEMENT + number),
            ROMES[(place + number) % len(ROMES)],
            number // len(ROMES) == number % len(ROMES),
        )
        for number in range(_PER_DEPARTEMENT)
    )


def employer(departement: str, romes: tuple[str, ...], rng: Random) -> Employer:
    """Draw an employer of a département that asks for one of these: a tenth of them in almost half of the draws."""
    asking = _asking(departement, romes)
    return asking[int(rng.random() ** 3 * len(asking))]


@cache
def _asking(departement: str, romes: tuple[str, ...]) -> tuple[Employer, ...]:
    return tuple(each for each in _of_departement(departement) if each.rome in romes)


def _siret(number: int) -> str:
    siren = f"0009{number:04d}"
    siren += luhn.calc_check_digit(siren)
    return siren + "0001" + luhn.calc_check_digit(siren + "0001")
