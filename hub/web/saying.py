"""Failures in French: what happened, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from hub import errors
from hub.api import problems
from hub.domain import access
from hub.domain.access import may
from hub.web.session import Session
from hub.web.words import count

_PERSON = re.compile(r"/parcours/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/.*)?")
_MINUTE_S = 60


class Link(NamedTuple):
    """Where to go on."""

    label: str
    path: str


class Said(NamedTuple):
    """A failure as its page shows it; `links` are what to do next, the best first."""

    title: str
    text: str
    links: tuple[Link, ...] = ()


_LATER = "Réessayez dans quelques instants. Si cela dure, prévenez l’assistance."
_AGAIN = "Revenez à la page précédente, rechargez-la, puis recommencez."
_SAID: Mapping[str, Said] = {
    errors.Denied.code: Said(
        "Accès refusé",
        "Vous n’accompagnez pas cette personne, ou elle n’existe pas, ou votre rôle ne permet pas cette action.",
    ),
    errors.NotFound.code: Said("Page introuvable", "L’adresse est inexacte, ou la page n’existe plus."),
    errors.Forgotten.code: Said("Page introuvable", "L’adresse est inexacte, ou la page n’existe plus."),
    "method_not_allowed": Said("Action impossible ici", "Cette adresse ne se consulte pas ainsi. " + _AGAIN),
    "invalid_request": Said(
        "Demande incomplète ou inexacte",
        "Une information de l’adresse ou du formulaire n’a pas la forme attendue. Rien n’a été enregistré. " + _AGAIN,
    ),
    errors.RecordTooLarge.code: Said(
        "Votre envoi est trop long",
        "Rien n’a été enregistré. Revenez à la page précédente, raccourcissez le texte, puis recommencez.",
    ),
    "request_timeout": Said(
        "Votre envoi a pris trop de temps",
        "Il n’est pas arrivé en entier, et rien n’a été enregistré. Vérifiez votre connexion au réseau, revenez à la "
        "page précédente, puis recommencez.",
    ),
    "too_busy": Said("Service momentanément surchargé", "Rien n’a été enregistré. " + _LATER),
    "unsupported_media_type": Said("Demande impossible", "Rien n’a été enregistré. " + _AGAIN),
    errors.Usage.code: Said(
        "Demande impossible",
        "Cette demande ne peut pas être exécutée telle quelle. Rien n’a été enregistré. " + _AGAIN,
    ),
    errors.TokenInvalid.code: Said(
        "Votre connexion a pris fin",
        "Rien n’a été enregistré. Connectez-vous, puis recommencez.",
    ),
    errors.FormRefused.code: Said(
        "Ce formulaire n’est plus valable",
        "Il a été ouvert pendant une connexion précédente, ou il vient d’un autre site. Rien n’a été enregistré. "
        + _AGAIN,
    ),
    errors.ReadingSlowed.code: Said(
        "Consultations trop rapprochées",
        "Vous avez consulté beaucoup de personnes en peu de temps. Par précaution, la suite attend un peu ; rien "
        "d’autre n’est à faire.",
    ),
    errors.ReadingStopped.code: Said(
        "Consultations suspendues",
        "Vous avez consulté plus de personnes en un jour qu’il n’est prévu. Le délégué à la protection des données "
        "peut lever la suspension : contactez-le, ou votre responsable.",
    ),
    errors.TooManyRequests.code: Said("Trop de demandes", "Votre navigateur a envoyé trop de demandes en une minute."),
    errors.StoreUnavailable.code: Said(
        "Service momentanément indisponible",
        "Les données ne sont pas accessibles pour le moment. Rien n’a été enregistré. " + _LATER,
    ),
    errors.Contended.code: Said(
        "Modification simultanée",
        "Quelqu’un d’autre modifie la même chose en ce moment. Rien n’a été enregistré. " + _AGAIN,
    ),
    errors.LogUnavailable.code: Said(
        "Enregistrement momentanément impossible",
        "L’enregistrement n’a pas été confirmé. Rechargez la page pour vérifier avant de recommencer.",
    ),
    errors.RegistryUnavailable.code: Said(
        "Enregistrement momentanément impossible",
        "Rien n’a été enregistré. " + _LATER,
    ),
    errors.ContentConflict.code: Said(
        "Déjà enregistré autrement",
        "La même demande a déjà été enregistrée avec un autre contenu. Rechargez la page pour voir où elle en est.",
    ),
    errors.IssuerUnavailable.code: Said(
        "Service de connexion indisponible",
        "Le service de connexion de votre organisation ne répond pas. " + _LATER,
    ),
    "expired": Said(
        "La connexion n’a pas abouti",
        "Elle a pris trop de temps, elle a déjà servi, ou elle a commencé dans un autre navigateur. Recommencez ; les "
        "cookies doivent être acceptés pour ce site.",
    ),
    "cancelled": Said(
        "Connexion abandonnée",
        "Le service de connexion n’a pas confirmé qui vous êtes. Recommencez, ou voyez avec votre organisation si "
        "votre compte est actif.",
    ),
    "refused": Said(
        "Connexion refusée",
        "La réponse du service de connexion n’est pas valable. Recommencez. Si cela se reproduit, prévenez "
        "l’assistance : elle en trouve la raison par la référence ci-dessous.",
    ),
    "weak": Said(
        "Une connexion plus sûre est nécessaire",
        "Parcours Hub demande un second facteur (code, application, clé ou carte). Activez-le sur votre compte "
        "professionnel, puis reconnectez-vous.",
    ),
    "nobody": Said(
        "Votre compte n’ouvre pas encore Parcours Hub",
        "Vous êtes bien identifié, mais aucun rôle ne vous est attribué ici. Demandez-le à votre responsable ou à "
        "l’assistance.",
    ),
}
_NOT_YOURS = Said(
    "Accès refusé", "Votre rôle ne donne pas accès à cette page. Les vôtres sont dans le menu, en haut de la page."
)
_OUT_OF_SCOPE = Said(
    "Ces chiffres ne sont pas les vôtres",
    "Le département ou le site demandé n’est pas de ceux que vous suivez. Une adresse que l’on vous a transmise peut "
    "avoir été choisie pour d’autres sites.",
)
_WRONG_ADDRESS = Said(
    "Adresse inexacte",
    "La page existe, mais la fin de son adresse, après le point d’interrogation, n’a pas la forme attendue.",
)
_FIGURES = "/pilotage/"
_OTHER = Said("Une erreur est survenue", "Elle a été notée. " + _LATER)
_NOWHERE = frozenset({errors.NotFound.code, errors.Forgotten.code})
_LOGINS = frozenset(
    {"expired", "cancelled", "refused", "weak", errors.TokenInvalid.code, errors.IssuerUnavailable.code}
)


_PAIR_NOT_YOURS = Said(
    "Accès refusé",
    "Vous n’accompagnez aucune de ces deux personnes, ou ces dossiers n’existent pas, ou votre rôle ne permet pas "
    "cette action. Si vous veniez de décider, un autre conseiller a pu décider depuis : la dernière décision compte.",
)


def said_of(code: str, *, method: str, path: str, wait_s: int | None, session: Session | None, login: str) -> Said:
    """Say a failure by its code, or why a login failed.

    Args:
        path: of the page that failed.
        login: where to log in so that one comes back.
    """
    found = _SAID.get(code, _OTHER)
    if code == errors.Denied.code and method == "GET" and not path.startswith(("/parcours/", "/rapprochements/")):
        found = _OUT_OF_SCOPE if _is_out_of_scope(path, session) else _NOT_YOURS
    if code == errors.Denied.code and path.startswith("/rapprochements/"):
        found = _PAIR_NOT_YOURS
    is_wrong_address = code == "invalid_request" and method == "GET"
    if is_wrong_address:
        found = _WRONG_ADDRESS
    text = found.text
    if wait_s is not None and code in {errors.ReadingSlowed.code, errors.TooManyRequests.code}:
        text += f" Réessayez dans {_duration(wait_s)}."
    without_end = (Link("Ouvrir la page sans la fin de l’adresse", path),) if is_wrong_address and path else ()
    return Said(found.title, text, (*without_end, *_links(code, path, session, login)))


def _links(code: str, path: str, session: Session | None, login: str) -> Iterator[Link]:
    if code in _LOGINS:
        yield Link("Se connecter", login)
    elif code == "nobody":
        yield Link("Se connecter avec un autre compte", login)
    person = _PERSON.fullmatch(path)
    if code == errors.Denied.code and person and session is not None and may(session.reader, access.BREAK_GLASS):
        yield Link("Indiquer un motif pour consulter ce parcours", f"/parcours/{person[1]}/motif")
    if code == errors.Denied.code and _is_out_of_scope(path, session):
        yield Link("Voir les chiffres de vos sites", "/pilotage/delegations")
    if code in _NOWHERE and session is not None and may(session.reader, access.SEARCH):
        yield Link("Rechercher une personne", "/recherche")
    if session is not None or code not in _LOGINS | {"nobody"}:
        yield Link("Aller à la page d’accueil", "/")


def _is_out_of_scope(path: str, session: Session | None) -> bool:
    return path.startswith(_FIGURES) and session is not None and may(session.reader, access.FIGURES)


def _duration(seconds: int) -> str:
    if seconds < _MINUTE_S:
        return count(seconds, "seconde", "secondes")
    return count(-(-seconds // _MINUTE_S), "minute", "minutes")


NAMED = frozenset(_SAID) | {problems.DEFECT}
"""What has words of its own; all else is said as a defect."""
