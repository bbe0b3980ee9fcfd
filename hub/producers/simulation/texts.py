"""Free texts as advisers write them; they name no one."""

from __future__ import annotations

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL

CONSTRAINTS = (
    "Pas de permis, transports en commun uniquement.",
    "Garde d'enfants après 17 heures.",
    "Soins réguliers le mardi matin.",
    "Mobilité limitée au département.",
)
CONTRIBUTIONS = {
    FRANCE_TRAVAIL: (
        "Projet réaliste, accompagnement à la recherche d'emploi à renforcer.",
        "Bonne autonomie, appui ponctuel suffisant.",
        "Reconversion nécessaire, bilan à engager.",
    ),
    CAP_EMPLOI: (
        "Besoin de compensation à traiter avant toute mise en relation.",
        "Compensation simple, le poste visé demande peu d'aménagements.",
        "Restrictions à préciser avec le médecin avant de fixer le projet.",
    ),
}
SUMMARIES = {
    "compensation": "Aides mobilisables expliquées à la personne et au conseiller.",
    "workstation": "Aménagement possible, l'employeur est informé.",
    "rights": "Démarche de renouvellement du titre expliquée, dossier commencé avec la personne.",
    "project": "Restrictions précisées, pistes de métiers compatibles transmises.",
    "job_search": "Offres ciblées proposées, atelier de recherche d'emploi conseillé.",
    "training": "Formation accessible trouvée, financement à demander.",
}
FOLLOW_UPS = {
    "good": ("Intégration réussie, l'équipe est sensibilisée.", "Matériel livré et utilisé."),
    "watch": (
        "Fatigue signalée, à revoir avec le médecin du travail.",
        "Cadence soutenue, nouveau point dans un mois.",
    ),
    "difficult": ("Tensions avec l'équipe, rendez-vous à trois prévu.", "Aménagement à revoir avec l'employeur."),
}
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
