"""The search: what its form asks for, and what its results show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from pydantic import ValidationError

from hub.access.recording import OWN
from hub.api.documents.searching import Search
from hub.api.queries.search import Hit
from hub.domain import ids
from hub.domain.access import REASONS, Reader, roles_of
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.domain.pathway.leading import Term
from hub.projections import labels
from hub.web import words
from hub.web.find.reasons import LEAST_TEXT
from hub.web.form import Fields
from hub.web.naming.names import UNNAMED, Names

FIELDS = (
    *("nom", "prenom", "naissance", "lieu"),
    *("reseau", "dossier", "portee"),
    "parcours",
    *("motif", "texte"),
)
OF_CASE = frozenset({"reseau", "dossier", "portee"})
OF_REASON = frozenset({"motif", "texte"})
LONGEST_TEXT = 1_000
NETWORKS = [("", "Choisir un réseau"), *((code, labels.network(code)) for code in ids.NETWORKS)]
NO_REASON = {
    "auditor": "Aucun motif : toutes les personnes, sans données de santé",
    "dpo": "Aucun motif : personne ne sera trouvé",
    "": "Aucun motif : seulement les personnes que vous accompagnez",
}
_NEAR = 90


class Wanted(NamedTuple):
    """What a form asks for: people who are like this, or the pathway of an id."""

    search: Search | None
    person_id: str | None


class Result(NamedTuple):
    """A person found: just enough to recognise them, and where to go on.

    `is_open` tells whether the reader may open the pathway as it is; else they state a reason first. `phase`,
    `referent` and who is it from `next_from` on are for those alone who accompany the person.
    """

    name: str
    birth_year: int | None
    networks: list[str]
    likeness: str
    is_open: bool
    href: str
    phase: str | None
    referent: str | None
    next_referent: str | None
    next_from: date | None


def reason_options(reader: Reader) -> list[tuple[str, str]]:
    """Give the reasons to choose from, none of them first, in the words for a reader's role."""
    role = next((each for each in ("auditor", "dpo") if each in roles_of(reader)), "")
    return [("", NO_REASON[role]), *((code, words.capital(words.typed(text))) for code, text in REASONS.items())]


def read(given: Mapping[str, str]) -> tuple[Fields, Wanted | None]:
    """Read the form; None where something is wrong with it."""
    fields = Fields(given, FIELDS)
    if fields.values["parcours"]:
        return fields, _of_pathway(fields)
    traits = _traits(fields)
    case = _case(fields)
    reason = _reason(fields)
    if case is None and not OF_CASE & fields.wrong.keys():
        _require_enough(fields, traits)
    if fields.wrong:
        return fields, None
    try:
        return fields, Wanted(Search.model_validate({**traits, "case": case, "reason": reason}), None)
    except ValidationError:
        fields.refuse("nom", "Cette recherche ne peut pas être faite : vérifiez ce que vous avez saisi.")
        return fields, None


def _of_pathway(fields: Fields) -> Wanted | None:
    try:
        return Wanted(None, ids.uuid(fields.values["parcours"]))
    except ValueError:
        fields.refuse("parcours", "Donnez l’identifiant en entier : 36 caractères, chiffres, lettres a à f et tirets.")
        return None


def _traits(fields: Fields) -> dict[str, str]:
    said = {
        "family_name": fields.name("nom", "family_name"),
        "given_name": fields.name("prenom", "given_name"),
        "birth_date": fields.day("naissance"),
        "birth_place": fields.place("lieu"),
    }
    return {trait: value for trait, value in said.items() if value is not None}


def _require_enough(fields: Fields, traits: Mapping[str, str]) -> None:
    """Ask for what is missing: a name and a given name alone would list people."""
    if not traits and not fields.wrong:
        text = "Donnez la date de naissance et un nom, ou un numéro de dossier, ou l’identifiant d’un parcours."
        fields.refuse("nom", text)
    elif "birth_date" not in traits:
        fields.refuse("naissance", "Donnez la date de naissance : un nom seul désignerait trop de personnes.")
    elif not traits.keys() & {"family_name", "given_name"}:
        fields.refuse("nom", "Donnez un nom ou un prénom avec la date de naissance.")


def _case(fields: Fields) -> dict[str, str] | None:
    network, scope, local_id = ("".join(fields.values[name].split()) for name in ("reseau", "portee", "dossier"))
    if not local_id:
        if network or scope:
            fields.refuse("dossier", "Donnez le numéro du dossier, ou laissez vides le réseau et l’organisme.")
        return None
    if network not in ids.NETWORKS:
        fields.refuse("reseau", "Choisissez le réseau du dossier.")
        return None
    try:
        ids.check_case(network, scope, local_id)
    except ValueError:
        _explain_case(fields, network, scope, local_id)
        return None
    return {"network": network, "scope": scope, "local_id": local_id}


def _explain_case(fields: Fields, network: str, scope: str, local_id: str) -> None:
    if network == CAP_EMPLOI:
        if not _is_siret(scope):
            fields.refuse("portee", "Donnez le SIRET de l’organisme Cap emploi : 14 chiffres.")
        else:
            fields.refuse("dossier", "Un numéro Cap emploi a 64 caractères au plus : lettres, chiffres, . - et _.")
    elif network == FRANCE_TRAVAIL and len(local_id) == 8:
        fields.refuse("portee", "Un numéro France Travail de 8 caractères va avec sa région : 2 chiffres, comme 84.")
    elif scope:
        fields.refuse("portee", "Un numéro France Travail de 11 chiffres va sans région : laissez ce champ vide.")
    else:
        fields.refuse("dossier", "Un numéro France Travail a 11 chiffres, ou 8 caractères avec sa région.")


def _is_siret(text: str) -> bool:
    try:
        ids.siret(text)
    except ValueError:
        return False
    return True


def _reason(fields: Fields) -> dict[str, str] | None:
    if not fields.values["motif"]:
        if fields.values["texte"]:
            fields.refuse("motif", "Choisissez le motif que vous expliquez, ou effacez l’explication.")
        return None
    code = fields.choice("motif", REASONS, "Choisissez un motif de la liste.")
    text = fields.text("texte", LONGEST_TEXT, least=LEAST_TEXT)
    return None if code is None or text is None else {"code": code, "text": text}


def result(hit: Hit, names: Names = UNNAMED) -> Result:
    """Show a person found."""
    row: Any = hit.whose.row
    ground, leads = hit.whose.verdict.ground, hit.whose.leading
    is_open = ground in OWN or ground == "audit"
    path = f"/parcours/{row.person_id}"
    return Result(
        words.full_name(row.family_name, row.given_name),
        int(row.birth_date[:4]) if row.birth_date else None,
        hit.whose.networks,
        _likeness(hit.score),
        is_open,
        path if is_open else f"{path}/motif",
        labels.phase(row.phase) if hit.is_own else None,
        _who(leads.referent, names) if hit.is_own and leads.referent else None,
        _who(leads.following, names) if hit.is_own and leads.following else None,
        leads.following.from_date if hit.is_own and leads.following else None,
    )


def _who(term: Term, names: Names) -> str:
    return f"{names.adviser_and_code(term.network, term.adviser)}, {labels.network(term.network)}"


def _likeness(score: int) -> str:
    if score == 100:
        return "correspond exactement"
    return "très proche de votre recherche" if score >= _NEAR else "proche : vérifiez l’identité"
