"""The look-up before a case is opened: what its form asks for, and what it tells. It ends re-referral."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from pydantic import ValidationError

from hub.access.recording import OWN
from hub.api.documents.searching import LookUp
from hub.api.queries.intake import Known
from hub.domain.ids import CAP_EMPLOI, CaseKey
from hub.domain.pathway.leading import Term
from hub.projections import labels
from hub.web import words
from hub.web.form import Fields
from hub.web.naming.names import UNNAMED, Names

FIELDS = ("nom", "usage", "prenom", "naissance", "lieu")
"""`nom` is the name at birth, `usage` the name that the person goes by, where it is another."""


class Record(NamedTuple):
    """A network's case record of the person."""

    network: str
    is_open: bool
    site: str | None
    opened_at: datetime | None


class CaseId(NamedTuple):
    """A case record's id in its own network; `scope` names the organisation or region that gave it, in words."""

    network: str
    local_id: str
    scope: str | None


class Answer(NamedTuple):
    """A pathway that exists already: who leads it, and how to join it.

    `accompanied_by` are the networks whose record is open. `yours` is the reader's network's record, `other` the one
    to name when the reader's network registers one. `is_own`: the reader accompanies this person already. Where nobody
    leads today, `referent` is the last one, until `led_until`; `next_referent` leads from a later day on.
    """

    href: str
    is_own: bool
    is_open: bool
    accompanied_by: list[str]
    since: datetime | None
    referent: str | None
    led_until: date | None
    next_referent: str | None
    next_from: date | None
    referent_network: str | None
    referent_site: str | None
    referent_phone: str | None
    records: list[Record]
    yours: CaseId | None
    is_yours_open: bool
    other: CaseId | None


def read(given: Mapping[str, str]) -> tuple[Fields, LookUp | None]:
    """Read the form; None where something is wrong with it."""
    fields = Fields(given, FIELDS)
    said = {
        "birth_name": fields.name("nom", "birth_name"),
        "family_name": fields.name("usage", "family_name"),
        "given_name": fields.name("prenom", "given_name"),
        "birth_date": fields.day("naissance"),
        "birth_place": fields.place("lieu"),
    }
    missing = {
        "nom": ("birth_name", "Donnez le nom de naissance."),
        "prenom": ("given_name", "Donnez le prénom."),
        "naissance": ("birth_date", "Donnez la date de naissance."),
        "lieu": ("birth_place", "Donnez la commune de naissance, ou le pays."),
    }
    for field, (trait, text) in missing.items():
        if said[trait] is None:
            fields.refuse(field, text)
    if fields.wrong:
        return fields, None
    try:
        return fields, LookUp.model_validate({trait: value for trait, value in said.items() if value is not None})
    except ValidationError:
        fields.refuse("nom", "Cette vérification ne peut pas être faite : relisez ce que vous avez saisi.")
        return fields, None


def refuse_identity(fields: Fields) -> None:
    """Say of a look-up that every field of it is right, and that it still tells nobody from others."""
    fields.refuse(
        "naissance",
        "Pour une naissance à l’étranger, le 1er janvier et le 31 décembre remplacent souvent une date inconnue : "
        "cette identité ne suffit pas à reconnaître une personne.",
    )


def answer(known: Known, network: str, names: Names = UNNAMED) -> Answer:
    """Tell who leads a pathway, and how the reader's network joins it."""
    row = known.whose.row
    records = [
        Record(leg.network, leg.status == "open", leg.site and names.at(leg.site), leg.opened_at) for leg in known.legs
    ]
    opened = [each for each in records if each.is_open]
    is_own = known.whose.verdict.ground in OWN
    path = f"/parcours/{row.person_id}"
    leads = known.whose.leading
    led, following = leads.referent or leads.last, leads.following
    referent = names.known(led.network, led.adviser) if led else None
    return Answer(
        path if is_own else f"{path}/motif",
        is_own,
        known.is_open,
        list(dict.fromkeys(each.network for each in opened)),
        min((each.opened_at for each in opened if each.opened_at), default=None),
        _who(led, names) if led else None,
        leads.ended_on,
        f"{_who(following, names)}, {labels.network(following.network)}" if following else None,
        following and following.from_date,
        led and led.network,
        names.site(led.site) if led and led.site else None,
        referent.phone if referent else None,
        records,
        _case_id(known.yours),
        any(each.is_open and each.network == network for each in records),
        None if known.yours else _case_id(known.other),
    )


def _who(term: Term, names: Names) -> str:
    return names.adviser_and_code(term.network, term.adviser)


def _case_id(case: CaseKey | None) -> CaseId | None:
    if case is None:
        return None
    return CaseId(case.network, case.local_id, scope_in_words(case))


def scope_in_words(case: CaseKey) -> str | None:
    """Say which organisation or region gave a case its number."""
    if case.network == CAP_EMPLOI:
        return f"organisme {words.siret(case.scope)}"
    return f"région {case.scope}" if case.scope else None
