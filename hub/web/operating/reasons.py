"""Why records are in quarantine, in French: what each reason means, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

QUARANTINE = "/exploitation/quarantaine"


class Reason(NamedTuple):
    """A reason: how an address names it, its label, what usually lies behind it, and what to do."""

    slug: str
    label: str
    usually: str
    then: str


REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        "undecodable": Reason(
            "illisible",
            "Illisible",
            "Un programme a écrit dans le journal sans passer par la publication prévue.",
            "Faites republier l’événement correctement par sa source, puis écartez cet enregistrement.",
        ),
        "unknown_schema": Reason(
            "schema-inconnu",
            "Schéma inconnu",
            "La source est plus récente que le hub.",
            "Mettez le hub à jour, puis reprenez tous les enregistrements de ce motif.",
        ),
        "invalid_event": Reason(
            "evenement-invalide",
            "Événement invalide",
            "Un champ manque ou est mal formé.",
            "Faites corriger la source ; elle publie l’événement sous un nouvel identifiant. Puis écartez cet "
            "enregistrement.",
        ),
        "forbidden_network": Reason(
            "reseau-non-autorise",
            "Réseau non autorisé",
            "Une source écrit à la place de l’autre réseau.",
            "Faites corriger la source, qui publie l’événement à sa place. Puis écartez cet enregistrement.",
        ),
        "content_conflict": Reason(
            "identifiant-repris",
            "Même identifiant, autre contenu",
            "Une source a réutilisé un identifiant d’événement : c’est un incident.",
            "Le premier contenu reste. Faites publier le changement sous un nouvel identifiant, puis écartez cet "
            "enregistrement.",
        ),
        "record_too_large": Reason(
            "trop-grand",
            "Trop grand",
            "L’enregistrement dépasse 1 Mio.",
            "Faites raccourcir les textes ou partager les listes par la source, puis écartez cet enregistrement.",
        ),
        "store_corrupt": Reason(
            "octets-abimes",
            "Octets abîmés",
            "Les octets gardés ont changé depuis leur arrivée.",
            "Restaurez la base depuis une sauvegarde.",
        ),
    }
)
_OTHER = Reason("", "Autre motif", "L’enregistrement ne respecte pas le contrat.", "Lisez le message technique.")
STATES: Mapping[str, str] = MappingProxyType({"held": "retenu", "redriven": "repris", "discarded": "écarté"})


def reason(code: str) -> Reason:
    """Give a reason by its code; one without words of its own is another one."""
    return REASONS.get(code, _OTHER)
