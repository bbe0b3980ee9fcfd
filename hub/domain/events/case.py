"""Case records: registration, updates, closing and reopening of one network's file on a person."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from hub.domain.events.base import SENSITIVE, CaseEvent, CaseRef, Code, CodeList, Strict, Text
from hub.domain.ids import InseeCommune, no_nir, printable

Email = Annotated[
    str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$"), AfterValidator(printable), AfterValidator(no_nir)
]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9 .-]{6,20}$"), AfterValidator(no_nir)]


class Traits(Strict):
    """Identity traits as the network knows them; an absent one is unknown. `birth_place` is an Insee commune code."""

    family_name: Annotated[Text | None, SENSITIVE] = None
    birth_name: Annotated[Text | None, SENSITIVE] = None
    given_name: Annotated[Text | None, SENSITIVE] = None
    birth_date: Annotated[date | None, SENSITIVE] = None
    birth_place: Annotated[InseeCommune | None, SENSITIVE] = None


class Contact(Strict):
    """How to reach the person; an absent means is unknown. `commune` is the Insee code of the residence."""

    email: Annotated[Email | None, SENSITIVE] = None
    phone: Annotated[Phone | None, SENSITIVE] = None
    commune: Annotated[InseeCommune | None, SENSITIVE] = None


class CaseRegistered(CaseEvent):
    """Inscription, prise en charge: joins the person's pathway or opens the first one."""

    traits: Traits
    contact: Contact | None = None
    other_case: CaseRef | None = None
    public: Annotated[Code, CodeList("public")]
    category: Annotated[Code | None, CodeList("category")] = None


class CaseUpdated(CaseEvent):
    """Actualisation: that network's claims about the person; an absent trait is unchanged."""

    traits: Traits | None = None
    contact: Contact | None = None
    other_case: CaseRef | None = None
    availability: Annotated[Code | None, CodeList("availability")] = None
    category: Annotated[Code | None, CodeList("category")] = None


class CaseClosed(CaseEvent):
    """Cessation, radiation: closes that network's leg only."""

    motive: Annotated[Code, CodeList("closing_motive")]


class CaseReopened(CaseEvent):
    """Réinscription: that network's leg is open again."""

    motive: Annotated[Code | None, CodeList("reopening_trigger")] = None
