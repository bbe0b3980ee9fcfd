"""What a person lives with and looks for: one situation, from which needs, measures and occupations follow."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

OFFICE = ("M1602", "M1607", "M1203")
"""Occupations (ROME): office clerk, secretary, accountant."""
SHOP = ("D1505", "D1106")
"""Cashier, shop assistant."""
STORES = ("N1103", "H3302", "N4105")
"""Warehouse, assembly, deliveries."""
SERVICES = ("K2204", "G1602", "A1203", "K1303")
"""Cleaning, kitchen, green spaces, child care."""

_TO_OFFICE = ("Évoluer vers un poste administratif.", "Obtenir une certification d'agent d'accueil.")
_TO_TRADE = (
    "Valider une expérience par un certificat professionnel.",
    "Trouver un poste à temps choisi, près du domicile.",
)


class Situation(NamedTuple):
    """A person's situation: `needs` in the words of one adviser or another, `at_work` what a workstation needs."""

    needs: tuple[str, ...]
    at_work: str
    measures: tuple[str, ...]
    adaptations: tuple[str, ...]
    occupations: tuple[str, ...]
    projects: tuple[str, ...]

    @property
    def near(self) -> tuple[str, ...]:
        """Occupations that somebody in a hurry takes for theirs."""
        return ("K1303", "N4105") if SHOP[0] in self.occupations else SHOP


_SITUATIONS = (
    Situation(
        (
            "Station debout prolongée impossible, alternance des positions nécessaire.",
            "Position assise à privilégier, marche limitée à quelques minutes.",
        ),
        "Siège ergonomique et plan de travail réglable pour le poste visé.",
        ("workstation", "equipment"),
        ("equipment", "premises"),
        OFFICE,
        _TO_OFFICE,
    ),
    Situation(
        (
            "Port de charges limité à 5 kg, gestes répétitifs de l'épaule à éviter.",
            "Épaule douloureuse\N{NO-BREAK SPACE}: ni charges lourdes ni gestes répétés en hauteur.",
        ),
        "Aide à la manutention à prévoir avec l'employeur.",
        ("equipment", "human_help"),
        ("equipment", "organisation"),
        (*OFFICE, *SHOP),
        ("Se reconvertir vers un métier sans port de charges.", *_TO_OFFICE),
    ),
    Situation(
        (
            "Perte auditive\N{NO-BREAK SPACE}: communication écrite ou amplifiée en réunion.",
            "Malentendance appareillée, lieux bruyants à éviter.",
        ),
        "Boucle magnétique et sous-titrage des réunions.",
        ("interpreting", "equipment"),
        ("equipment", "software", "training"),
        (*OFFICE, "N1103", "A1203"),
        (*_TO_OFFICE, *_TO_TRADE),
    ),
    Situation(
        (
            "Fatigabilité\N{NO-BREAK SPACE}: temps partiel ou horaires aménagés.",
            "Fatigue importante l'après-midi, pauses régulières nécessaires.",
        ),
        "Horaires décalés et une journée de télétravail par semaine.",
        ("working_time", "tutoring"),
        ("organisation",),
        (*OFFICE, *SHOP),
        _TO_OFFICE,
    ),
    Situation(
        (
            "Basse vision\N{NO-BREAK SPACE}: agrandissement d'écran et éclairage adapté.",
            "Vue très réduite, documents agrandis ou numériques.",
        ),
        "Logiciel d'agrandissement installé sur le poste.",
        ("equipment", "workstation"),
        ("software", "equipment"),
        OFFICE,
        _TO_OFFICE,
    ),
    Situation(
        (
            "Troubles de l'attention\N{NO-BREAK SPACE}: consignes écrites, environnement calme.",
            "Concentration difficile, une tâche à la fois, consignes courtes.",
        ),
        "Consignes écrites et un référent désigné dans l'équipe.",
        ("tutoring", "human_help"),
        ("organisation", "training"),
        (*STORES, *SERVICES),
        _TO_TRADE,
    ),
    Situation(
        (
            "Déplacements difficiles\N{NO-BREAK SPACE}: poste accessible, trajet court.",
            "Marche difficile, accès de plain-pied et transport adapté.",
        ),
        "Place de stationnement proche et poste au rez-de-chaussée.",
        ("transport", "workstation"),
        ("premises", "organisation"),
        OFFICE,
        _TO_OFFICE,
    ),
)


def situation(rng: Random) -> Situation:
    """Draw a situation."""
    return rng.choice(_SITUATIONS)
