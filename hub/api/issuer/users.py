"""Who a local issuer knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from hub.domain.access import EVERYWHERE, Role
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL

_ROLES: dict[Role, str] = {
    "adviser": "accompagnement",
    "site_lead": "responsable de site",
    "manager": "pilotage",
    "auditor": "audit",
    "dpo": "protection des données",
    "publisher": "système source",
    "operator": "exploitation",
}
_NETWORKS = {FRANCE_TRAVAIL: "France Travail", CAP_EMPLOI: "Cap emploi"}


class LocalUser(NamedTuple):
    """A person who may be chosen; `login` is also the client id with which their token is got from a command line."""

    login: str
    name: str
    roles: frozenset[Role]
    network: str | None = None
    adviser: str | None = None
    organisation: str | None = None
    sites: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """What they are, in French: role, network, what is theirs to see, and the id by which events name them."""
        roles = ", ".join(_ROLES[role] for role in sorted(self.roles))
        network = _NETWORKS.get(self.network or "")
        title = " · ".join(each for each in (roles, network, self._reach(), self.adviser) if each)
        return title[:1].upper() + title[1:]

    def _reach(self) -> str | None:
        if EVERYWHERE in self.departments:
            return "tous les sites"
        if self.departments:
            return f"département {', '.join(sorted(self.departments))}"
        return f"site {', '.join(sorted(self.sites))}" if self.sites else None

    def claims(self) -> Mapping[str, Any]:
        """Give what tokens say of them."""
        said = {
            "sub": self.login,
            "name": self.name,
            "roles": sorted(self.roles),
            "network": self.network,
            "adviser": self.adviser,
            "organisation": self.organisation,
            "sites": sorted(self.sites),
            "departments": sorted(self.departments),
            "acr": "eidas2",
        }
        return {name: value for name, value in said.items() if value not in (None, [])}


class LocalSystem(NamedTuple):
    """A network's system that publishes."""

    client_id: str
    network: str

    def claims(self) -> Mapping[str, Any]:
        """Give what tokens say of it."""
        return {"sub": self.client_id, "roles": ["publisher"], "network": self.network}
