"""Identifiers of the domain, each with the form its issuer gives it.

Errors name the defect and the expected form and never repeat the value: an identifier can identify a person.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, StringConstraints, WithJsonSchema
from stdnum import luhn

FRANCE_TRAVAIL = "france_travail"
CAP_EMPLOI = "cap_emploi"
HUB = "hub"
NETWORKS = (FRANCE_TRAVAIL, CAP_EMPLOI)

_LA_POSTE_SIREN = "356000000"
_DIGITS = re.compile(r"[0-9]+")
_ROME = re.compile(r"[A-N][0-9]{4}")
_INSEE = re.compile(r"(?:[0-9]{2}|2A|2B)[0-9]{3}")
_DEPARTEMENT = re.compile(r"(?:0[1-9]|[1-8][0-9]|9[0-5]|2A|2B|97[1-6])")
_REGION = re.compile(r"[0-9]{2}")
_FT_CURRENT = re.compile(r"[0-9]{11}")
_FT_LEGACY = re.compile(r"[0-9]{7}[0-9A-Z]")
_CAP_EMPLOI_LOCAL = re.compile(r"[A-Za-z0-9._-]{1,64}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NIR = re.compile(
    r"(?<![0-9A-Za-z])([12])[ .-]?([0-9]{2})[ .-]?([0-9]{2})[ .-]?([0-9]{2}|2[ABab])"
    r"[ .-]?([0-9]{3})[ .-]?([0-9]{3})(?:[ .-]?([0-9]{2}))?(?![0-9A-Za-z])"
)


def _digits(value: str, length: int, name: str) -> None:
    if not value:
        raise ValueError(f"{name} is empty; expected {length} digits")
    if not _DIGITS.fullmatch(value):
        raise ValueError(f"{name} has characters other than digits; expected {length} digits")
    if len(value) != length:
        zeros = "; leading zeros may have been stripped" if len(value) < length else ""
        raise ValueError(f"{name} has {len(value)} digits; expected {length}{zeros}")


def siren(value: str) -> str:
    """Check a company's number: 9 digits with the Luhn key."""
    _digits(value, 9, "SIREN")
    if not luhn.is_valid(value):
        raise ValueError("SIREN fails its Luhn check digit; expected 9 digits with a valid key")
    return value


@lru_cache(maxsize=8_192)
def siret(value: str) -> str:
    """Check an establishment's number: 14 digits, Luhn; for La Poste the digits' sum is a multiple of 5.

    Source: Insee, Sirene; La Poste's rule since its establishments outgrew the Luhn key.
    """
    _digits(value, 14, "SIRET")
    if value.startswith(_LA_POSTE_SIREN):
        if not luhn.is_valid(value) and sum(map(int, value)) % 5:
            raise ValueError("SIRET of La Poste fails its check: the sum of its digits is not a multiple of 5")
        return value
    if not luhn.is_valid(value) or not luhn.is_valid(value[:9]):
        raise ValueError("SIRET fails its Luhn check digit; expected 14 digits with a valid key")
    return value


def safir(value: str) -> str:
    """Check a France Travail agency's code: 5 digits, leading zeros kept."""
    _digits(value, 5, "SAFIR code")
    return value


def rome(value: str) -> str:
    """Check a ROME occupation code: a letter A to N and 4 digits."""
    if not _ROME.fullmatch(value):
        raise ValueError("ROME code is malformed; expected a capital letter A to N and 4 digits, as in M1607")
    return value


def insee_commune(value: str) -> str:
    """Check an Insee commune code: 5 characters, 2A or 2B in Corse; it is not the postcode."""
    if not _INSEE.fullmatch(value):
        raise ValueError("Insee commune code is malformed; expected 5 characters, as in 69244 or 2A004")
    return value


def departement(value: str) -> str:
    """Check a département code: 01 to 95, 2A, 2B, 971 to 976."""
    if not _DEPARTEMENT.fullmatch(value) or value == "20":
        raise ValueError("département code is malformed; expected 01 to 95, 2A, 2B or 971 to 976")
    return value


def region(value: str) -> str:
    """Check an Insee region code: 2 digits, as in 84."""
    if not _REGION.fullmatch(value):
        raise ValueError("region code is malformed; expected 2 digits, as in 84")
    return value


def uuid(value: str) -> str:
    """Check and normalise a UUID: lower case, with hyphens."""
    lowered = value.lower()
    if not _UUID.fullmatch(lowered):
        raise ValueError("identifier is not a UUID; expected 36 characters, as in 01890a5d-ac96-774b-bcce-b302099a8057")
    return lowered


def uuid_bytes(normalised: str) -> bytes:
    """Give the 16 bytes of an id that `uuid` normalised, in half the time that a UUID object takes."""
    return bytes.fromhex(normalised.replace("-", ""))


_NIR_DIGITS = 15
"""13 digits and a key of 2."""


def looks_like_nir(text: str) -> bool:
    """Tell whether a text holds a social security number: 13 digits of its shape, or 15 with a right key.

    Source: Code de la sécurité sociale R. 115-1; the key is 97 - (number mod 97), with A and B of Corse as 19 and 18.
    """
    for found in _NIR.finditer(text):
        sex, year, month, place, commune, order, key = found.groups()
        if not (1 <= int(month) <= 12 or 20 <= int(month) <= 42 or 50 <= int(month) <= 99):
            continue
        if key is None:
            if " " in found.group() or 1 <= int(month) <= 12:
                return True
            continue
        number = int(sex + year + month + place.upper().replace("2A", "19").replace("2B", "18") + commune + order)
        if 97 - number % 97 == int(key):
            return True
    return False


def no_nir_as_id(value: str) -> str:
    """Refuse an identifier that is a whole social security number, its key right; a shorter one may be any number."""
    if len(value) < _NIR_DIGITS:
        return value
    digits = re.sub(r"[._:/-]", "", value)
    if len(digits) == _NIR_DIGITS and looks_like_nir(digits):
        raise ValueError("identifier is a social security number (NIR); use the source system's own id")
    return value


def no_nir(value: str) -> str:
    """Refuse a text that holds a social security number: the hub keeps it nowhere, in no form."""
    if looks_like_nir(value):
        raise ValueError("text holds what looks like a social security number (NIR); remove it")
    return value


def check_case(network: str, scope: str, local_id: str) -> None:
    """Check a case record's key in the form its network gives it.

    Raises:
        ValueError: the scope or the local id is not of that network's form.
    """
    if network == FRANCE_TRAVAIL:
        if _FT_CURRENT.fullmatch(local_id):
            if scope:
                raise ValueError('scope of an 11-digit France Travail id must be empty; expected ""')
        elif _FT_LEGACY.fullmatch(local_id):
            if not _REGION.fullmatch(scope):
                raise ValueError(
                    "an 8-character France Travail id needs its region as scope; expected 2 digits, as in 84"
                )
        else:
            raise ValueError(
                "France Travail id is malformed; expected 11 digits, "
                "or 7 digits and a digit or capital letter with its region"
            )
    elif network == CAP_EMPLOI:
        try:
            siret(scope)
        except ValueError as error:
            raise ValueError(f"scope of a Cap emploi id: {error}") from None
        no_nir_as_id(local_id)
        if not _CAP_EMPLOI_LOCAL.fullmatch(local_id):
            raise ValueError(
                "Cap emploi id is malformed; expected 1 to 64 letters, digits, dots, hyphens or underscores"
            )
    else:
        raise ValueError("a case belongs to france_travail or cap_emploi")


class CaseKey(NamedTuple):
    """A case record (dossier): one network's file on a person."""

    network: str
    scope: str
    local_id: str


class Subject(NamedTuple):
    """What an event is about: a case, an employer, a site, a territory, a road-map target, or the hub."""

    kind: str
    network: str
    scope: str
    local_id: str


def case_subject(case: CaseKey) -> Subject:
    """Give the subject that a case record is."""
    return Subject("case", case.network, case.scope, case.local_id)


Siret = Annotated[str, AfterValidator(siret)]
Safir = Annotated[str, AfterValidator(safir)]
Rome = Annotated[str, AfterValidator(rome)]
InseeCommune = Annotated[str, AfterValidator(insee_commune)]
Departement = Annotated[str, AfterValidator(departement)]
EventId = Annotated[str, AfterValidator(uuid), WithJsonSchema({"type": "string", "format": "uuid"})]
Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:/-]{1,64}$"), AfterValidator(no_nir_as_id)]
"""An id given by an upstream system to a thing (a delegation, a need, an adviser)."""


_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters but newline and tab, and those that turn the direction of what follows: they steer a screen."""


def printable(value: str) -> str:
    """Refuse what a screen would obey instead of show; right-to-left scripts and emoji are text."""
    if _UNPRINTABLE.search(value):
        raise ValueError("text has control characters; expected printable text")
    return value


ShortText = Annotated[
    str, StringConstraints(min_length=1, max_length=200), AfterValidator(printable), AfterValidator(no_nir)
]
LongText = Annotated[
    str, StringConstraints(min_length=1, max_length=4000), AfterValidator(printable), AfterValidator(no_nir)
]
