"""Whose turn it is: which network is to act on something that is expected, as its reader is told."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hub.domain.access import Reader, roles_of
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.projections import labels
from hub.projections.view import View
from hub.web.words import NBSP

_ACTS: Mapping[str, str] = MappingProxyType({"follow_up_due": CAP_EMPLOI, "delegation_awaits_answer": CAP_EMPLOI})
"""Whose act is awaited where the rule alone tells."""

YOURS = "à vous"
"""What `by` says to whoever is to act themselves."""

Referent = tuple[str | None, str | None]
"""A person's referent: their network, and their id in it; neither where there is none."""


def acting(rule: str, asked: str | None, referents: str | None) -> str | None:
    """Give the network that is to act: the one that was asked, or that the rule names, else the referent's."""
    return asked or _ACTS.get(rule) or referents


def referent_of(view: View) -> Referent:
    """Give a person's referent as a view has them."""
    row = next(iter(view.tables["pathway"]), None)
    return (None, None) if row is None else (row["referent_network"], row["referent_adviser"])


def by(network: str | None, reader: Reader, referent: Referent) -> str:
    """Say to a reader which network is to act; what their own network does is the referent's to do."""
    if network is not None and network == reader.network:
        is_theirs = "adviser" in roles_of(reader) and (reader.network, reader.adviser) == referent
        return YOURS if is_theirs else "à votre réseau"
    if network in {FRANCE_TRAVAIL, CAP_EMPLOI}:
        return f"à{NBSP}{labels.network(network).replace(' ', NBSP)}"
    return "aux deux réseaux"
