"""Free texts as advisers write them; they name no one."""

from __future__ import annotations

NEEDS = (
    "Station debout prolongée impossible ; alternance des positions nécessaire.",
    "Port de charges limité à 5 kg ; gestes répétitifs de l'épaule à éviter.",
    "Perte auditive : communication écrite ou amplifiée en réunion.",
    "Fatigabilité : temps partiel ou horaires aménagés.",
    "Basse vision : agrandissement d'écran et éclairage adapté.",
    "Troubles de l'attention : consignes écrites, environnement calme.",
    "Déplacements difficiles : poste accessible, trajet court.",
)
REFINED = (
    "Siège ergonomique et plan de travail réglable pour le poste visé.",
    "Aide à la manutention à prévoir avec l'employeur.",
    "Boucle magnétique et sous-titrage des réunions.",
    "Horaires décalés et une journée de télétravail par semaine.",
    "Logiciel d'agrandissement installé sur le poste.",
)
CONSTRAINTS = (
    "Pas de permis ; transports en commun uniquement.",
    "Garde d'enfants après 17 heures.",
    "Soins réguliers le mardi matin.",
    "Mobilité limitée au département.",
)
CONTRIBUTIONS = (
    "Projet réaliste ; accompagnement à la recherche d'emploi à renforcer.",
    "Besoin de compensation à traiter avant toute mise en relation.",
    "Bonne autonomie ; appui ponctuel suffisant.",
    "Reconversion nécessaire ; bilan à engager.",
)
SUMMARIES = (
    "Restrictions précisées, pistes de métiers compatibles transmises.",
    "Aides mobilisables expliquées à la personne et au conseiller.",
    "Offres ciblées proposées, atelier de recherche d'emploi conseillé.",
    "Aménagement possible ; l'employeur est informé.",
)
PROJECTS = (
    "Évoluer vers un poste administratif.",
    "Obtenir une certification d'agent d'accueil.",
    "Se reconvertir dans la logistique sans port de charges.",
)
FOLLOW_UPS = (
    "Intégration réussie, l'équipe est sensibilisée.",
    "Fatigue signalée, à revoir avec le médecin du travail.",
    "Matériel livré et utilisé.",
)
REASONS = (
    "Confirmé avec la personne lors de l'entretien.",
    "Justificatif récent présenté.",
    "Dernière déclaration vérifiée par téléphone.",
)
PARTNERS = ("Mission locale", "Association de rééducation", "Maison départementale de l'autonomie", "Centre de soins")
ACTIONS = (
    ("job_search", "Refaire le CV et la lettre"),
    ("project", "Vérifier le projet par une immersion"),
    ("compensation", "Décrire les besoins au poste visé"),
    ("training", "S'inscrire à une remise à niveau"),
    ("mobility", "Demander une aide à la mobilité"),
    ("rights", "Renouveler la RQTH"),
)
