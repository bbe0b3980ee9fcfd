"""A form as it was filled in: its values, read into what they mean, and in French what is wrong with each.

What people fill in is told them where it is wrong; what the page wrote itself (`own`, `one`) comes back as it was, or
the form is none of the page's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Annotated, Literal, TypeVar

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError

from hub.domain import ids
from hub.domain.identity import traits
from hub.projections import nomenclature
from hub.web.days import day_of
from hub.web.login.forgery import FIELD
from hub.web.words import typed

LONGEST_NAME = 200
_Code = TypeVar("_Code", bound=str)
_NIR = "Ce texte contient ce qui ressemble à un numéro de sécurité sociale : retirez-le, le hub n’en garde aucun."
_NO_PLACE = (
    "Aucune commune et aucun pays n’ont ce nom : vérifiez l’orthographe, ou donnez le code Insee, 5 caractères, par "
    "exemple 69244. Ce n’est pas le code postal."
)
_OVERSEAS = "C’est le nom d’un département d’outre-mer : donnez la commune de naissance, par son nom ou son code Insee."
_UNPRINTABLE = "Ce texte contient des caractères qui ne s’affichent pas : saisissez-le de nouveau."


async def _given(request: Request) -> dict[str, str]:
    form = await request.form(max_files=0)
    return {name: str(value) for name, value in form.items() if name != FIELD}


Given = Annotated[dict[str, str], Depends(_given)]
"""The fields of a form, but for its secret."""


class Fields:
    """The values of a form by field, blanks around them left out, and what is wrong, in the order of the fields.

    Raises:
        RequestValidationError: the form has fields that the page does not.
    """

    def __init__(self, given: Mapping[str, str], known: Sequence[str]) -> None:
        unknown = given.keys() - set(known)
        if unknown:
            raise _none_of_the_page("")
        self.values = {name: given.get(name, "").strip() for name in known}
        self.wrong: dict[str, str] = {}

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Give what is wrong, by field."""
        return [(name, self.wrong[name]) for name in self.values if name in self.wrong]

    def refuse(self, field: str, text: str) -> None:
        """Say what is wrong with a field; what was said first stays."""
        self.wrong.setdefault(field, text)

    def own(self, field: str, pattern: str) -> str:
        """Read what the page itself wrote: a mark, a number, an address.

        Raises:
            RequestValidationError: it is not of this pattern.
        """
        value = self.values[field]
        if re.fullmatch(pattern, value, re.DOTALL) is None:
            raise _none_of_the_page(field)
        return value

    def number(self, field: str, most: int) -> int | None:
        """Read a number that the page itself wrote; None where it wrote none.

        Raises:
            RequestValidationError: it is none, or more than `most`.
        """
        text = self.own(field, f"[0-9]{{0,{len(str(most))}}}")
        if text and int(text) > most:
            raise _none_of_the_page(field)
        return int(text) if text else None

    def one(self, field: str, among: Iterable[_Code]) -> _Code | Literal[""]:
        """Read one of the codes that the page offers, or none.

        Raises:
            RequestValidationError: the page does not offer it.
        """
        value = self.values[field]
        found = next((code for code in among if code == value), None)
        if value and found is None:
            raise _none_of_the_page(field)
        return found or ""

    def text(self, field: str, longest: int, *, least: int = 0) -> str | None:
        """Read a text; None where it is empty or wrong."""
        value = self.values[field]
        if not value and not least:
            return None
        if len(value) > longest:
            self.refuse(field, too_long(value, longest))
        elif len(value) < least:
            self.refuse(field, f"Ce texte est trop court : {least} caractères au moins.")
        elif not _holds(ids.printable, value):
            self.refuse(field, _UNPRINTABLE)
        elif not _holds(ids.no_nir, value):
            self.refuse(field, _NIR)
        return None if field in self.wrong else value

    def name(self, field: str, trait: str) -> str | None:
        """Read a name; None where it is empty or wrong."""
        value = self.text(field, LONGEST_NAME)
        if value is not None and not traits.is_known(trait, value):
            self.refuse(field, "Donnez le nom en entier : une initiale ou « inconnu » ne désigne personne.")
            return None
        return value

    def day(self, field: str) -> str | None:
        """Read a birth date by ISO 8601; None where it is empty or wrong."""
        value = self.values[field]
        if not value:
            return None
        day = day_of(value)
        read = "" if day is None else day.isoformat()
        if day is None:
            self.refuse(field, "Donnez une date qui existe, sous la forme jj/mm/aaaa : par exemple 17/05/1980.")
        elif not traits.is_known("birth_date", read):
            self.refuse(
                field, "Cette date veut dire « inconnue » dans les fichiers : donnez la vraie date de naissance."
            )
            return None
        return read or None

    def place(self, field: str) -> str | None:
        """Read a place of birth, by its Insee code or its name; None where it is empty or wrong."""
        value = self.values[field].upper()
        if not value:
            return None
        if not _holds(ids.insee_commune, value):
            return self._called(field)
        if not traits.is_known("birth_place", value):
            self.refuse(field, "Ce code ne désigne aucune commune : ceux qui finissent par 000 sont des codes postaux.")
        return None if field in self.wrong else value

    def _called(self, field: str) -> str | None:
        text = self.values[field]
        codes = nomenclature.places_called(text)
        named = typed(", ".join(nomenclature.place_and_kind(code) for code in codes))
        if nomenclature.is_overseas(text):
            self.refuse(field, typed(f"{_OVERSEAS} Une commune a aussi ce nom : {named}." if codes else _OVERSEAS))
        elif len(codes) == 1:
            return codes[0]
        elif codes:
            self.refuse(field, typed(f"Plusieurs lieux ont ce nom : donnez le code du bon, {named}."))
        else:
            self.refuse(field, _NO_PLACE)
        return None

    def choice(self, field: str, among: Collection[str], text: str) -> str | None:
        """Read the code of a choice; None where there is none, which is wrong."""
        value = self.values[field]
        if value not in among:
            self.refuse(field, text)
            return None
        return value


def _none_of_the_page(field: str) -> RequestValidationError:
    return RequestValidationError([{"type": "form", "loc": ("body", field)}])


def too_long(text: str, longest: int) -> str:
    """Say that a text is longer than its field takes."""
    return f"Ce texte est trop long : {longest} caractères au plus, il en a {len(text)}."


def _holds(check: Callable[[str], str], value: str) -> bool:
    try:
        check(value)
    except ValueError:
        return False
    return True
