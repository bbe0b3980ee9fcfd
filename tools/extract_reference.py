"""Extract the simulation's reference data from the published découpage administratif.

    python tools/extract_reference.py etalab-decoupage-administratif-6.0.0.tgz 2026-01-01

The tarball is that of the npm package `@etalab/decoupage-administratif` (`npm pack` gives it); the date is that of the
edition it holds, from the table in its README. The same arguments always give the same bytes. Communes, départements
and regions are real; the towns of the agencies are real; the SAFIR codes, the SIRET and the very existence of an agency
in a town are invented, and the file says so.
"""

from __future__ import annotations

import json
import sys
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

REGION = "84"
BIRTHPLACE_MIN_POPULATION = 5_000
TARGET = Path(__file__).resolve().parent.parent / "hub" / "producers" / "simulation" / "reference"
INHABITED = frozenset({"commune-actuelle", "arrondissement-municipal"})
SPLIT_CITIES = frozenset({"13055", "69123", "75056"})
"""Marseille, Lyon, Paris: people live and are born in an arrondissement, so the whole city would count them twice."""

AGENCY_TOWNS: Mapping[str, Sequence[str]] = {
    "01": ("01053", "01283", "01004", "01033", "01034", "01427"),
    "03": ("03185", "03310", "03190"),
    "07": ("07010", "07019", "07186"),
    "15": ("15014", "15187"),
    "26": ("26362", "26198", "26281", "26235", "26108"),
    "38": ("38185", "38185", "38151", "38421", "38169", "38544", "38053", "38563", "38553"),
    "42": ("42218", "42218", "42187", "42207", "42095", "42147"),
    "43": ("43157", "43137", "43040"),
    "63": ("63113", "63113", "63300", "63178", "63430"),
    "69": (
        *("69383", "69385", "69387", "69388", "69389", "69266", "69266", "69259", "69256", "69029", "69290", "69034"),
        *("69282", "69286", "69149", "69091", "69244", "69264"),
    ),
    "73": ("73065", "73008", "73011", "73248"),
    "74": ("74010", "74012", "74281", "74081", "74256"),
}
"""Where agencies are placed, by Insee code; a town named twice gets two."""

PILOT_TOWN = "69244"
"""Tassin-la-Demi-Lune, pilot since January 2020 (interview of the two networks of Auvergne-Rhône-Alpes, 2020)."""

Row = Sequence[Any]


def read_package(tarball: Path) -> tuple[str, list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Give the version, communes, départements and regions of the package."""
    with tarfile.open(tarball) as package:

        def member(name: str) -> Any:
            file = package.extractfile(f"package/{name}")
            if file is None:
                raise SystemExit(f"{tarball} holds no {name}; expected the npm tarball of the package")
            return json.load(file)

        return (
            member("package.json")["version"],
            member("data/communes.json"),
            member("data/departements.json"),
            member("data/regions.json"),
        )


def commune_rows(communes: Iterable[dict[str, Any]]) -> tuple[list[Row], list[Row]]:
    """Give code, population, postcodes of the region's communes, and the first two of large ones elsewhere.

    Each sorted by code; postcodes are one text, separated by spaces. Names are those of `extract_nomenclatures.py`.
    """
    inhabited = sorted(
        (
            commune
            for commune in communes
            if commune["type"] in INHABITED
            and commune["zone"] in {"metro", "drom"}
            and commune["code"] not in SPLIT_CITIES
        ),
        key=lambda commune: str(commune["code"]),
    )
    here: list[Row] = [
        (commune["code"], commune["population"], " ".join(sorted(commune["codesPostaux"])))
        for commune in inhabited
        if commune["region"] == REGION
    ]
    elsewhere: list[Row] = [
        (commune["code"], commune["population"])
        for commune in inhabited
        if commune["region"] != REGION and commune["population"] >= BIRTHPLACE_MIN_POPULATION
    ]
    return here, elsewhere


def luhn_digit(digits: str) -> str:
    """Give the digit that completes a number by the Luhn rule."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 - place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def invented_siret(departement: str) -> str:
    """Give a SIRET with valid keys in a range that is easily told from real ones: it starts with 0000."""
    siren = f"0000{departement}84"
    siren += luhn_digit(siren)
    return siren + (establishment := "0001") + luhn_digit(siren + establishment)


def agency_rows(towns: Mapping[str, str]) -> list[dict[str, str]]:
    """Place the agencies: SAFIR invented as département, 9, and a count; the wave from the interview's calendar."""
    rows = []
    for departement, codes in sorted(AGENCY_TOWNS.items()):
        for rank, code in enumerate(codes, start=1):
            twins = codes.count(code) > 1
            number = f" {codes[:rank].count(code)}" if twins else ""
            wave = "pilots_2020" if code == PILOT_TOWN else "rhone_2021" if departement == "69" else "aura_2021"
            rows.append(
                {
                    "safir": f"{departement}9{rank:02}",
                    "name": f"Agence {towns[code]}{number}",
                    "commune": code,
                    "wave": wave,
                }
            )
    return rows


def cap_emploi_rows(departements: Iterable[dict[str, Any]]) -> list[dict[str, str]]:
    """Give one Cap emploi organisation for each département of the region, seated in its chief town."""
    seats = {"69123": "69383"}
    return [
        {
            "siret": invented_siret(departement["code"]),
            "name": f"Cap emploi {departement['nom']}",
            "departement": departement["code"],
            "commune": seats.get(departement["chefLieu"], departement["chefLieu"]),
        }
        for departement in departements
        if departement["region"] == REGION
    ]


def written(document: Mapping[str, Any]) -> str:
    """Write a document as JSON with one row a line, so that a new year's edition shows as a readable difference."""

    def value(content: Any) -> str:
        if isinstance(content, list):
            rows = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in content)
            return f"[\n{rows}\n]"
        return json.dumps(content, ensure_ascii=False)

    return "{\n" + ",\n".join(f"{json.dumps(key)}: {value(content)}" for key, content in document.items()) + "\n}\n"


def main(tarball: Path, edition: date) -> None:
    """Write `communes.json` and `agencies.json`."""
    version, communes, departements, regions = read_package(tarball)
    departements = sorted((d for d in departements if d["zone"] in {"metro", "drom"}), key=lambda d: str(d["code"]))
    here, elsewhere = commune_rows(communes)
    origin = {
        "source": "npm @etalab/decoupage-administratif: Insee (code officiel géographique, populations), La Poste",
        "version": version,
        "licence": "Licence Ouverte (Etalab)",
        "date": edition.isoformat(),
    }
    documents: dict[str, dict[str, Any]] = {
        "communes.json": {
            **origin,
            "regions": [(r["code"], r["nom"]) for r in regions if r["zone"] in {"metro", "drom"}],
            "departements": [(d["code"], d["nom"], d["region"]) for d in departements],
            "region_communes": here,
            "birthplaces_elsewhere": elsewhere,
        },
        "agencies.json": {
            **origin,
            "invented": "SAFIR codes, SIRET and the presence of an agency in a town are invented; the towns are real.",
            "agencies": agency_rows({each["code"]: each["nom"] for each in communes if each["type"] in INHABITED}),
            "cap_emploi": cap_emploi_rows(departements),
        },
    }
    for name, document in documents.items():
        (TARGET / name).write_text(written(document), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: python tools/extract_reference.py TARBALL EDITION_DATE")
    main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]))
