"""The official names behind codes that France numbers: occupations (ROME) and communes and countries (Insee).

An occupation of ROME 3 keeps its name under edition 4, which made it narrower: the broad name is true of codes given
under either. Names are kept as published; a code without one shows as it is. `docs/nomenclatures.md` says where the
files come from; `tools/extract_nomenclatures.py` writes them.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

_WRITTEN_OUT = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "’": "'"})
_BETWEEN_WORDS = re.compile(r"[^a-z0-9\t\n]+")
_BLANKS = re.compile(r"\s+")
_SAINT = re.compile(r"\bst(e?)\b")
_WITH_DEPARTEMENT = re.compile(r"(?P<name>.+?)[\s(]+(?P<departement>\d\d|2[AB]|9[78]\d)\)?", re.IGNORECASE)
_OVERSEAS = re.compile(
    r"(?:ile de )?(?:la )?(?:guadeloupe(?: 971)?|martinique(?: 972)?|guyane(?: francaise)?(?: 973)?|reunion(?: 974)?"
    r"|mayotte(?: 976)?)"
)
_ABROAD = "99"
_LONGEST = 100
"""Characters; the longest name of a place has 48."""
_NTH = re.compile(r"(?P<city>paris|lyon|marseille) (?P<number>\d{1,2})(?:er|e|eme|nd)?(?: arrondissement)?")


def occupation(code: str) -> str:
    """Name an occupation by its ROME code: `Nettoyage de locaux`."""
    return _occupations().get(code, code)


def place(code: str) -> str:
    """Name a commune of the day or of the past since 1943, or a country, by its Insee code: `Tassin-la-Demi-Lune`."""
    return _places().get(code, code)


def occupation_and_code(code: str) -> str:
    """Name an occupation and its code: `Nettoyage de locaux (K2204)`."""
    return _with_code(occupation(code), code)


def place_and_code(code: str) -> str:
    """Name a place and its code, which tells it from those of the same name: `Saint-Denis (97411)`."""
    return _with_code(place(code), code)


def places_called(text: str) -> tuple[str, ...]:
    """Give the codes of all places of a name; accents, case, hyphens and `St` for `Saint` do not matter.

    Communes of the day come first, then those of the past, then countries, each by code: `Suisse` is a commune and a
    country. `Saint-Denis (93)` and `Saint-Denis 93` tell the département, `Suisse (99)` abroad, `Paris 12` the
    arrondissement.
    """
    if len(text) > _LONGEST:
        return ()
    wanted = _BLANKS.sub(" ", _folded(text)).strip()
    if numbered := _NTH.fullmatch(wanted):
        ordinal = "1er" if int(numbered["number"]) == 1 else f"{int(numbered['number'])}e"
        wanted = f"{numbered['city']} {ordinal} arrondissement"
    line = re.compile(rf"^(\w{{5}})\t{re.escape(wanted)}$", re.MULTILINE)
    if codes := [code.upper() for names in _folded_names() for code in line.findall(names)]:
        return tuple(dict.fromkeys(codes))
    if told := _WITH_DEPARTEMENT.fullmatch(text.strip()):
        departement = told["departement"].upper()
        return tuple(code for code in places_called(told["name"]) if code.startswith(departement))
    return ()


def place_and_kind(code: str) -> str:
    """Name a place and its code, and tell a country and a commune of the past: `Suisse (99140, pays)`."""
    kind = ", pays" if code.startswith(_ABROAD) else ", ancienne commune" if code in _former() else ""
    return _with_code(place(code), code, kind)


def is_overseas(text: str) -> bool:
    """Tell whether a text names an overseas département, where births have the code of a commune: `La Réunion`."""
    return len(text) <= _LONGEST and _OVERSEAS.fullmatch(_folded(text)) is not None


def _with_code(name: str, code: str, kind: str = "") -> str:
    return code if name == code else f"{name} ({code}{kind})"


@cache
def _occupations() -> Mapping[str, str]:
    return {code: rest.partition("\t")[0] for code, rest in _rows("occupations.tsv")}


_FORMER = "former_communes.tsv.gz"
_PLACES = ("communes.tsv.gz", _FORMER, "countries.tsv")
_BY_USE = "countries_by_use.tsv"
"""Other names that people give to countries, `Grande-Bretagne`: a country may have several, and share one."""


@cache
def _places() -> Mapping[str, str]:
    return {code: name for file in _PLACES for code, name in _rows(file)}


@cache
def _former() -> frozenset[str]:
    return frozenset(code for code, _ in _rows(_FORMER))


def _rows(file: str) -> Iterator[tuple[str, str]]:
    for line in _text(file).splitlines():
        code, _, rest = line.partition("\t")
        yield code, rest


def _text(file: str) -> str:
    content = resources.files("hub.projections").joinpath("nomenclatures", file).read_bytes()
    return (gzip.decompress(content) if file.endswith(".gz") else content).decode()


@cache
def _folded_names() -> tuple[str, ...]:
    """Give the files of places folded, a line each: kept as texts, they take a tenth of an index by name."""
    return tuple(_folded(_text(file)) for file in (*_PLACES, _BY_USE))


def _folded(text: str) -> str:
    """Fold a name, or lines of codes and names with a tab between, to lower-case ASCII words with a space between."""
    plain = unicodedata.normalize("NFKD", text.translate(_WRITTEN_OUT)).encode("ascii", "ignore").decode().lower()
    return _SAINT.sub(r"saint\1", _BETWEEN_WORDS.sub(" ", plain)).replace(" \n", "\n").strip(" ")
