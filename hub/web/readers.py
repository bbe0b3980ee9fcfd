"""Who is logged in, in words: their roles and their network."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hub.domain.access import ROLES, Reader, Role
from hub.projections import labels

WORDS: Mapping[Role, str] = MappingProxyType(
    {
        "adviser": "accompagnement",
        "site_lead": "responsable de site",
        "manager": "pilotage",
        "auditor": "audit",
        "dpo": "protection des données",
        "publisher": "publication",
        "operator": "exploitation",
    }
)
"""What each role does, in words that are the same for women and men."""


def in_words(reader: Reader) -> str:
    """Say a reader's roles and network: `Responsable de site, Cap emploi`."""
    roles = ", ".join(WORDS[role] for role in ROLES if role in reader.roles) or "aucun rôle"
    network = f", {labels.network(reader.network)}" if reader.network else ""
    return roles[0].upper() + roles[1:] + network
