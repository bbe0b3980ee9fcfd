"""The site map: every page that there is, each where the menu leads to it, with a sentence on what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from hub.domain import access
from hub.domain.access import Action, may
from hub.web.home import sections
from hub.web.menu import menu_of
from hub.web.session import Session
from hub.web.words import typed

PATH = "/plan-du-site"
_TO_DO = "Ce qui est à faire"


class Place(NamedTuple):
    """A page, and what is in it where that is not said by its name.

    `path` is empty where it opens from the one above it alone, about a person or a record.
    """

    label: str
    said: str
    path: str = ""
    action: Action | None = None
    inside: tuple[Place, ...] = ()


class Part(NamedTuple):
    """Pages under a heading of the map."""

    title: str
    places: tuple[Place, ...]


_OF_A_PERSON = Place(
    "Parcours d’une personne",
    "Ce que les deux réseaux ont fait pour elle, aujourd’hui ou à une date passée. Son nom y mène.",
    action=access.READ_PERSON,
    inside=(
        Place("Événement d’un parcours", "Ce qu’un réseau a enregistré un jour, mot pour mot.", "", access.READ_PERSON),
        Place(
            "Pourquoi cette donnée",
            "Les événements et la règle dont vient ce qui est affiché ; de là, expliquer une autre donnée.",
            "",
            access.READ_PERSON,
        ),
        Place("Fiche de la personne", "Ce qui est écrit sur elle, pour le lui remettre.", "", access.READ_PERSON),
        Place("Consultations du parcours", "Qui l’a consulté, quand et à quel titre.", "", access.READ_PERSON),
        Place("Rejeu du parcours", "Événement par événement, ce que chacun a changé.", "", access.READ_ACCESS_LOG),
        Place(
            "Motif de consultation",
            "Dire pourquoi consulter une personne que vous n’accompagnez pas.",
            "",
            access.BREAK_GLASS,
        ),
    ),
)
_MENU: Mapping[str, Place] = MappingProxyType(
    {
        "/accueil": Place(
            "",
            "Les personnes suivies, ce qui est à faire, et ce que l’autre réseau a fait depuis la dernière visite.",
            inside=(Place(_TO_DO, "En entier, ce dont la première page montre le début."), _OF_A_PERSON),
        ),
        "/audit": Place(
            "",
            "Vérifier que le registre n’a pas été modifié, rejouer un parcours, voir les alertes de consultation.",
            inside=(
                Place(
                    "Vérifier tout le registre",
                    "Toutes ses entrées, depuis le début, et la comparaison avec l’empreinte notée.",
                    "/audit/registre",
                ),
                _OF_A_PERSON,
            ),
        ),
        "/journal": Place("", "Chaque consultation : qui, quand, quelle personne, à quel titre."),
        "/recherche": Place("", "Retrouver une personne par ses traits d’identité ou par un identifiant."),
        "/prise-en-charge": Place("", "Avant d’ouvrir un dossier, savoir si la personne est déjà connue d’un réseau."),
        "/rapprochements": Place(
            "",
            "Les dossiers qui pourraient être ceux d’une même personne.",
            inside=(
                Place("Deux dossiers", "Les comparer, puis les réunir, ou les dire distincts.", "", access.DECIDE),
            ),
        ),
        "/pilotage/delegations": Place(
            "", "Délégations proposées, acceptées, refusées et en retard, par site ; les chiffres pour un tableur."
        ),
        "/exploitation": Place("", "La santé du service : retard de lecture, dernier passage de chaque tâche."),
        "/exploitation/quarantaine": Place(
            "",
            "Les enregistrements retenus, et pourquoi.",
            inside=(
                Place("Enregistrement en quarantaine", "Ce qui le retient, et le reprendre.", "", access.OPERATE),
                Place("Reprendre plusieurs enregistrements", "Tous ceux d’une même raison.", "", access.OPERATE),
            ),
        ),
    }
)
"""What is said of each entry of the menu, and the pages that one opens from it."""
_ACCOUNT = Place("Mon compte", "Vos rôles et vos sites, la durée de la connexion, se déconnecter partout.", "/compte")
_LOGIN = Place("Se connecter", "L’entrée, avec un compte professionnel.", "/connexion")
_FOR_ALL = (
    Place("Déclaration d’accessibilité", "Ce qui a été vérifié ou non, et à qui écrire.", "/accessibilite"),
    Place("Plan du site", "Cette page.", PATH),
    Place("Composants", "Ce dont les pages sont faites, pour qui les développe.", "/composants"),
)


def map_of(session: Session | None) -> tuple[Part, ...]:
    """Give the pages that whoever is logged in may open, in the order of the menu; those for everyone to nobody."""
    if session is None:
        return (Part("Sans connexion", (_LOGIN, *_FOR_ALL)),)
    mine = tuple(
        _shown(_MENU[entry.path]._replace(label=entry.label, path=entry.path), session)
        for entry in menu_of(session, "")
    )
    return (*((Part("Vos pages", mine),) if mine else ()), Part("Ce service", (_ACCOUNT, *_FOR_ALL)))


def _shown(place: Place, session: Session) -> Place:
    """Give a place with those in it that are for the reader."""
    inside = _tasks(session) if place.label == _TO_DO else place.inside
    mine = [each for each in inside if each.action is None or may(session.reader, each.action)]
    return place._replace(said=typed(place.said), inside=tuple(_shown(each, session) for each in mine))


def _tasks(session: Session) -> tuple[Place, ...]:
    kinds = ((slug, sections.kind_of(slug, session.reader.network).title) for slug in sections.KINDS)
    return tuple(Place(title, "", f"{sections.PATH}?quoi={slug}") for slug, title in kinds)
