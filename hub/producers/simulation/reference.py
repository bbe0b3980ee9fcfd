"""Reference data of the simulated region: real communes, and agencies and organisations placed in real towns.

The files in `reference/` carry their source, version, licence and date; `tools/extract_reference.py` writes them.
SAFIR codes, SIRET and the presence of an agency in a town are invented.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from hub.projections import nomenclature

REGION = "84"
"""Insee code of Auvergne-Rhône-Alpes, the region that is simulated."""


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune, or an arrondissement of Lyon, Marseille or Paris; `postcodes` is empty outside the region."""

    code: str
    population: int
    postcodes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name by Insee, of the one list that the hub has of them."""
        return nomenclature.place(self.code)

    @property
    def departement(self) -> str:
        """The département's code: two characters, three overseas."""
        return self.code[:3] if self.code.startswith("97") else self.code[:2]


@dataclass(frozen=True, slots=True)
class Departement:
    """A département and the Insee code of its region."""

    code: str
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class Agency:
    """A France Travail agency; `wave` is a code of the list of that name: when the two networks joined there."""

    safir: str
    name: str
    commune: str
    wave: str

    @property
    def departement(self) -> str:
        """The département's code."""
        return self.commune[:2]


@dataclass(frozen=True, slots=True)
class CapEmploi:
    """The Cap emploi organisation of a département, seated in `commune`."""

    siret: str
    name: str
    departement: str
    commune: str

    @property
    def site(self) -> str:
        """The code of the one place where its advisers sit."""
        return f"{self.departement}990"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a reference file comes from; `edition` is the day its content was in force."""

    source: str
    version: str
    licence: str
    edition: date


@cache
def _file(name: str) -> dict[str, Any]:
    text = resources.files("hub.producers.simulation").joinpath("reference", name).read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


@cache
def communes() -> tuple[Commune, ...]:
    """Give every commune of the region by code, Lyon as its nine arrondissements: where people live."""
    rows = _file("communes.json")["region_communes"]
    return tuple(Commune(code, population, tuple(codes.split())) for code, population, codes in rows)


@cache
def birthplaces() -> tuple[Commune, ...]:
    """Give the region's communes and those over 5 000 inhabitants elsewhere in France: where people were born."""
    return communes() + tuple(Commune(*row) for row in _file("communes.json")["birthplaces_elsewhere"])


@cache
def commune_by_code() -> dict[str, Commune]:
    """Give the communes of `birthplaces` by their Insee code."""
    return {commune.code: commune for commune in birthplaces()}


@cache
def departements() -> tuple[Departement, ...]:
    """Give every département of France by code."""
    return tuple(Departement(*row) for row in _file("communes.json")["departements"])


@cache
def regions() -> dict[str, str]:
    """Give the name of every region of France by its Insee code."""
    return dict(_file("communes.json")["regions"])


@cache
def agencies() -> tuple[Agency, ...]:
    """Give the region's agencies by SAFIR code."""
    return tuple(Agency(**row) for row in _file("agencies.json")["agencies"])


@cache
def cap_emploi() -> tuple[CapEmploi, ...]:
    """Give the region's Cap emploi organisations, one for each of its twelve départements, by its code."""
    return tuple(CapEmploi(**row) for row in _file("agencies.json")["cap_emploi"])


def origin() -> Origin:
    """Tell where the communes come from."""
    content = _file("communes.json")
    return Origin(content["source"], content["version"], content["licence"], date.fromisoformat(content["date"]))
