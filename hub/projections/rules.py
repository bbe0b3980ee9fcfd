"""The rules by which facts of the read models were chosen, in one French sentence each, for whoever asks why.

Everywhere, events stand in canonical order (when they occurred, or were recorded if that is earlier) and a voided event
counts for nothing; the sentences say what the read model does on top of that.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

MODELS: Mapping[str, str] = MappingProxyType(
    {
        "pathway": (
            "Le parcours réunit tous les événements des dossiers rapprochés ; le dernier événement en fixe l'état."
        ),
        "leg": (
            "Chaque dossier dit lui-même son état : le dernier événement de ce dossier qui donne la donnée l'emporte."
        ),
        "claim": "Chaque dossier garde la dernière valeur qu'il a déclarée, sans effacer celle de l'autre réseau.",
        "contradiction": (
            "Les dernières déclarations des deux réseaux diffèrent, et personne ne les a encore départagées."
        ),
        "title": (
            "Chaque titre vaut de sa date de début à sa date de fin ; la dernière déclaration de la même "
            "période l'emporte."
        ),
        "referent": (
            "Une désignation vaut à partir de sa date, jusqu'au jour où la suivante du même rôle prend effet."
        ),
        "delegation": (
            "Tous les événements qui portent cet identifiant font une seule délégation, quel que soit leur ordre "
            "d'arrivée ; "
            "le dernier qui donne la donnée l'emporte."
        ),
        "expertise": (
            "La demande et la réponse qui portent cet identifiant font un seul appui ; le référent ne change pas."
        ),
        "re_referral": (
            "Une inscription qui ne nomme pas le dossier de l'autre réseau, alors que celui-ci accompagnait déjà la "
            "personne, sans délégation, appui ni diagnostic croisé qui l'explique, est une réorientation."
        ),
        "diagnosis": "Chaque diagnostic d'un réseau est une nouvelle version ; les précédentes restent.",
        "crossed_diagnosis": (
            "Un diagnostic croisé n'est conclu que si les deux réseaux ont contribué et que leurs conclusions "
            "concordent."
        ),
        "need": (
            "Un besoin reste le même de sa première mention à la mesure qui le couvre ; sa dernière version l'emporte."
        ),
        "need_version": (
            "Chaque mention du besoin est une version, avec son auteur ; la première est l'identification."
        ),
        "need_measure": "Chaque mesure mise en place pour le besoin est gardée, avec son auteur et son financeur.",
        "plan": "Chaque version convenue du plan d'action remplace la précédente, qui reste dans l'historique.",
        "plan_action": "Les actions sont celles de la version du plan d'action en vigueur.",
        "service": (
            "Les événements qui portent cet identifiant font une seule prestation ; le plus avancé en fixe l'état."
        ),
        "appointment": "Le dernier événement qui porte l'identifiant du rendez-vous en donne l'état.",
        "candidacy": "La mise en relation et sa réponse qui portent cet identifiant vont ensemble.",
        "placement": (
            "Même personne, même SIRET et même jour de début : c'est un seul placement, même déclaré par les "
            "deux réseaux."
        ),
        "placement_report": "Chaque déclaration de placement est gardée telle que son réseau l'a faite.",
        "follow_up": "Chaque échéance prévue du suivi durable attend le point qui porte sa date.",
        "retention": "Le signalement et l'issue qui portent cet identifiant font un seul maintien.",
        "adaptation": "Chaque aménagement de poste déclaré est gardé tel quel.",
        "transition": (
            "Chaque transition professionnelle engagée est gardée, avec le maintien qu'elle suit s'il est indiqué."
        ),
        "cep": (
            "L'ouverture et la conclusion qui portent cet identifiant font un seul conseil en évolution "
            "professionnelle."
        ),
        "alert": (
            "Une anomalie ou une attente se calcule des événements du parcours et disparaît dès que le fait "
            "manquant arrive."
        ),
        "accompaniment": (
            "Un conseiller accompagne la personne comme référent, par une délégation, un appui ou un diagnostic, tant "
            "que son réseau la suit ; une demande sans réponse s'adresse à l'autre réseau, sur son site."
        ),
        "timeline": (
            "Chaque événement accepté a une ligne, à sa place dans l'ordre canonique ; annulé, il reste visible."
        ),
        "link": (
            "Deux dossiers sont rapprochés par la décision d'une personne, sinon par l'identifiant de l'autre "
            "réseau, sinon "
            "par des traits d'identité égaux ; une dissociation ou un non-doublon l'emporte sur toute règle "
            "automatique."
        ),
        "employer_contact": (
            "Un seul interlocuteur par établissement et par sujet : la dernière désignation en date vaut."
        ),
        "employer_action": "Les déclarations qui portent cet identifiant font une seule action envers l'employeur.",
        "site_mode": (
            "Le mode d'un site vaut de sa date jusqu'au changement suivant ; le prévu et le réel restent distincts."
        ),
        "territorial_diagnosis": (
            "Un diagnostic territorial est partagé quand les deux réseaux publient les mêmes chiffres."
        ),
        "territorial_figure": "Chaque réseau garde les chiffres qu'il a publiés dans cette version.",
        "roadmap_target": "Un objectif vaut quand les deux réseaux fixent la même révision dans les mêmes termes.",
    }
)
"""The rule of each read model, by its name; `timeline` and `link` are the tables beside them."""

COLUMNS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("pathway", "person_id"): (
            "L'identifiant de la personne est celui du premier événement de son parcours, dans l'ordre canonique."
        ),
        ("pathway", "phase"): (
            "La phase est celle où mène le dernier acte qui la change ; un acte qui fait revenir en arrière ne "
            "la change pas. Quand tous les dossiers sont clos, l'accompagnement est terminé jusqu'à ce que l'un rouvre."
        ),
        ("pathway", "opened_at"): "Le parcours commence avec son premier événement dans l'ordre canonique.",
        ("pathway", "last_event_at"): "C'est la date du dernier événement du parcours dans l'ordre canonique.",
        ("pathway", "event_count"): "Tous les événements acceptés du parcours comptent, les annulés aussi.",
        ("pathway", "erased"): "Un effacement ne laisse du parcours que le fait de l'effacement.",
        **{
            ("pathway", column): (
                "Le référent désigné en dernier est celui de la désignation dont la date d'effet est la plus récente, "
                "quel que soit le réseau ; si cette date est à venir, il ne l'est qu'à partir de ce jour."
            )
            for column in ("referent_network", "referent_adviser", "referent_site")
        },
        **{
            ("pathway", column): (
                "La valeur montrée est celle du réseau retenu par un arbitrage, sinon la dernière déclarée par un "
                "réseau."
            )
            for column in ("family_name", "given_name", "birth_date")
        },
        ("leg", "status"): "Le dossier est ouvert depuis sa dernière ouverture, ou clos par la fin qui l'a suivie.",
        ("claim", "accepted_by"): (
            "La valeur montrée est celle du réseau retenu par un arbitrage, sinon la dernière déclarée par un réseau."
        ),
        ("delegation", "status"): (
            "L'état est l'étape la plus avancée qui est connue : annulée, terminée, refusée ou en cours selon "
            "la dernière réponse, sinon proposée."
        ),
        ("expertise", "status"): "L'état est celui de la réponse si elle est connue, sinon la demande attend.",
        (
            "expertise",
            "answer_due_on",
        ): "La réponse est attendue 15 jours après la demande, 30 pour celle d'un partenaire.",
        ("need", "status"): "Le besoin est couvert par la première mesure qui le ferme ; sans elle, il reste ouvert.",
        ("placement", "contract"): (
            "Quand les deux réseaux déclarent le placement, la dernière déclaration l'emporte."
        ),
        ("placement", "placed_at"): "La première déclaration du placement en donne la date.",
        ("follow_up", "status"): (
            "L'échéance est réalisée par le point qui porte sa date, ou sans objet quand le contrat a pris fin avant."
        ),
        ("retention", "transition_due_on"): (
            "Après un maintien sans succès, une transition est attendue sous 30 jours."
        ),
        ("accompaniment", "until_date"): (
            "L'accompagnement s'arrête avec ce qui l'a fondé, ou quand le réseau clôt ses dossiers ou que la personne "
            "sort du parcours."
        ),
        ("referent", "until_date"): "La désignation suivante du même rôle met fin à celle-ci.",
    }
)
"""The rule of a column where it is another than its read model's."""


def sentence(model: str, column: str | None = None) -> str:
    """Give the French sentence that says how a fact of a read model is chosen."""
    if column is not None and (model, column) in COLUMNS:
        return COLUMNS[model, column]
    return MODELS[model]
