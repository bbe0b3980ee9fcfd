"""The normal form of identity traits, by which two networks' spellings compare, and the values that mean unknown.

Both are deliberately strict: what is wrongly taken for unknown or different costs an automatic link and leaves a
suggestion; the opposite would put two people's lives into one pathway.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LIGATURES = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ı": "i"}
)
_SEPARATORS = re.compile(r"[\W_]+")
_JOINERS = re.compile(r"\s*[-'’‘`‐-―−]+\s*")
_DIGITS = re.compile(r"[0-9]+")

_UNKNOWN_NAMES = frozenset(
    """
    absent anonyme arenseigner aucun aucune aucunnom azerty essai indefini indetermine inconnu inconnue na nc nd neant
    nil nom nominconnu noncommunique nonconnu nonconnue nondefini none nonprecise nonrenseigne nonrenseignee nr null
    prenom prenominconnu qwerty sansnom sansobjet sansprenom sn snp so sp spr test toto undefined unknown vide
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
"""What systems and people write where a name is not known (SNP: sans nom patronymique), in normal form."""

_COMPOUND_HEADS = frozenset(
    ("anne", "charles", "jean", "louis", "marie", "mohamed", "mohammad", "mohammed", "muhammad", "paul", "pierre")
)
_COMPOUND_PARTICLES = frozenset(("abd", "abdel", "abdoul", "abdul", "al", "ben", "bou", "el"))

_UNKNOWN_DATES = frozenset({"1970-01-01"})
# Normal forms kept in memory: a case's names are asked for in several places, and given names come again and again.
# Names are personal data, so they are few, and on no disk.
_KEPT_NAMES = 4096

_FIRST_YEAR, _LAST_YEAR = "1910", "2099"
_CONVENTIONAL_DAYS = ("-01-01", "-12-31")

_CITIES = {"751": "75056", "132": "13055", "6938": "69123"}
"""Paris, Marseille and Lyon by the codes of their arrondissements (Insee, code officiel géographique)."""


def words(text: str) -> list[str]:
    """Split a name into words without accents or case: NFKD, ligatures written out, everything else is a separator.

    "D’Œuvre-Élie" gives ["d", "oeuvre", "elie"].
    """
    return _SEPARATORS.sub(" ", _fold(text)).split()


@lru_cache(maxsize=_KEPT_NAMES)
def name(text: str) -> str:
    """Give the normal form of a name: its words joined, particles kept; empty where it means unknown.

    Hyphens, apostrophes and spaces count for nothing: "Le Goff" is "LEGOFF", "d'Angelo" is "D ANGELO". Unknown are the
    words of the list above (alone, repeated or numbered), single letters, initials and one letter repeated.
    """
    parts = words(text)
    joined = "".join(parts)
    if _is_unknown(joined) or all(_is_unknown(part) for part in parts):
        return ""
    return joined


@lru_cache(maxsize=_KEPT_NAMES)
def given_name(text: str) -> str:
    """Give the normal form of the first given name; empty where it is unknown.

    A hyphen keeps a compound name whole. Legacy files write it without, so a first word that usually opens one takes
    the next along ("JEAN PIERRE" is "Jean-Pierre"): the twins Marie-Anne and Marie-Laure must not both be "marie".
    """
    if not name(text):
        return ""
    parts = _SEPARATORS.sub(" ", _JOINERS.sub("", _fold(text))).split()
    taken = 2 if parts[0] in _COMPOUND_HEADS else 1
    while taken < len(parts) and parts[taken - 1] in _COMPOUND_PARTICLES:
        taken += 1
    return name(" ".join(parts[:taken]))


def date(text: str) -> str:
    """Give a birth date as it came (ISO 8601), or empty where it means unknown.

    Unknown are the first day of Unix time (1970-01-01) and every year outside 1910 to 2099: nobody that the networks
    accompany was born there, and the zero days of databases and spreadsheets lie there (0001-01-01, 1753-01-01,
    1899-12-30, 1900-01-01, 1904-01-01, 9999-12-31).
    """
    if not _FIRST_YEAR <= text[:4] <= _LAST_YEAR or len(text) != 10 or text in _UNKNOWN_DATES:
        return ""
    return text


def place(text: str) -> str:
    """Give a birth place by its commune code, an arrondissement by its city's; empty where it means unknown.

    Unknown are the codes that end in 000 (a postcode or a zero value) or in 990 to 999 (Insee gives no commune such a
    code; 99990 and 99999 stand for an unknown country).
    """
    if text[2:] == "000" or text[2:] >= "990":
        return ""
    return _CITIES.get(text[:3]) or _CITIES.get(text[:4]) or text


def departement(place_text: str) -> str:
    """Give the département of a commune code (2A, 2B, 971 to 976 included), or the country of one abroad."""
    if place_text.startswith("99"):
        return place_text
    return place_text[:3] if place_text.startswith("97") else place_text[:2]


def birth(date_text: str, place_text: str) -> tuple[str, str] | None:
    """Give the normal date and place of a birth, or None where they do not tell one person from others.

    Abroad (99 and the country) the place is a whole country, and the 1st of January or the 31st of December is what
    civil registers write when only the year is known: together they say next to nothing.
    """
    day, commune = date(date_text), place(place_text)
    if not day or not commune or (commune.startswith("99") and day.endswith(_CONVENTIONAL_DAYS)):
        return None
    return day, commune


def is_known(trait: str, text: str) -> bool:
    """Tell whether a claimed trait says anything."""
    if trait == "birth_date":
        return bool(date(text))
    if trait == "birth_place":
        return bool(place(text))
    return bool(name(text))


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.translate(_LIGATURES)).casefold())
    kept = []
    for character in folded:
        category = unicodedata.category(character)
        if category == "Lm":  # a modifier letter, such as the apostrophe U+02BC
            kept.append("'")
        elif category[0] != "M" and category != "Cf":
            kept.append(character)
    return "".join(kept)


def _is_unknown(word: str) -> bool:
    letters = _DIGITS.sub("", word)
    return len(set(letters)) <= 1 or letters in _UNKNOWN_NAMES
