"""The names of advisers and sites by their codes; whatever has none is called by its code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, NETWORKS
from hub.projections import labels

_OF_NETWORK: Final = {"france_travail_adviser": FRANCE_TRAVAIL, "cap_emploi_adviser": CAP_EMPLOI}
_NETWORK_BESIDE: Final = {"adviser": "network", "referent_adviser": "referent_network"}
_SITES: Final = frozenset({"site", "referent_site"})
_CODE: Final = r"[A-Za-z0-9._:/-]+"
"""As `hub.domain.ids.Reference`."""
_ONE: Final = re.compile(rf"\bconseiller ({_CODE})(?=,)")
_BOTH: Final = re.compile(
    rf"\bconseillers ({_CODE}) \({labels.network(FRANCE_TRAVAIL)}\) et ({_CODE}) \({labels.network(CAP_EMPLOI)}\)"
)


class Adviser(NamedTuple):
    """Whom a code stands for: a name, and the phone at work."""

    name: str
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """Names as they were read once: advisers by network and code, sites by SAFIR code, readers by their id in the log.

    Each name is one line of text without direction marks, isolated where it is written from right to left.
    """

    advisers: Mapping[tuple[str, str], Adviser] = field(default_factory=lambda: MappingProxyType({}))
    sites: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    readers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def known(self, network: str | None, code: str) -> Adviser | None:
        """Give whom a code stands for in a network."""
        return self.advisers.get((network or "", code))

    def adviser(self, network: str | None, code: str) -> str:
        """Call an adviser by their name, as where there is little room: `Adèle Bailly`, else `ft-69901-08`."""
        found = self.known(network, code)
        return code if found is None else found.name

    def adviser_and_code(self, network: str | None, code: str) -> str:
        """Call an adviser so that they are found elsewhere too: `Adèle Bailly (ft-69901-08)`, else `ft-69901-08`."""
        found = self.known(network, code)
        return code if found is None else f"{found.name} ({code})"

    def said(self, network: str | None, code: str) -> str:
        """Call an adviser within a sentence: `Adèle Bailly (ft-69901-08)`, else `conseiller ft-69901-08`."""
        return f"conseiller {code}" if self.known(network, code) is None else self.adviser_and_code(network, code)

    def of(self, network: str, code: str) -> str:
        """Call an adviser with their network: `Adèle Bailly (ft-1, France Travail)`, else `ft-1 (France Travail)`."""
        found, of = self.known(network, code), labels.network(network)
        return f"{code} ({of})" if found is None else f"{found.name} ({code}, {of})"

    def of_any_network(self, code: str) -> str:
        """Call an adviser whose network is not said: by name where one network alone has that code."""
        found = [network for network in NETWORKS if (network, code) in self.advisers]
        return self.adviser_and_code(found[0], code) if len(found) == 1 else code

    def reader(self, reader_id: str) -> str:
        """Call whom the access log names: `Adèle Bailly (issuer|subject)`, else `issuer|subject`."""
        name = self.readers.get(reader_id)
        return reader_id if name is None else f"{name} ({reader_id})"

    def site(self, code: str) -> str:
        """Name a site, with its code: `Agence de Lyon Vaise (69901)`, else `69901`."""
        return f"{self.sites[code]} ({code})" if code in self.sites else code

    def at(self, code: str) -> str:
        """Name a site within a sentence: `Agence de Lyon Vaise (69901)`, else `site 69901`."""
        return self.site(code) if code in self.sites else f"site {code}"

    def held(self, column: str, value: Any, row: Mapping[str, Any]) -> str | None:
        """Say the value of a column of a row that holds the code of an adviser or a site; None of other columns."""
        if column in _SITES:
            return self.site(str(value))
        network = _OF_NETWORK.get(column)
        if network is None and column in _NETWORK_BESIDE:
            network = row.get(_NETWORK_BESIDE[column])
        return None if network is None else self.adviser_and_code(network, str(value))

    def in_label(self, label: str, event_type: str, network: str) -> str:
        """Say an event's label, as `hub.projections.event_label` writes it, with advisers by their names."""
        if event_type == "ReferentAssigned":
            return _ONE.sub(lambda found: self.said(network, found[1]), label)
        if event_type == "CrossedDiagnosisOpened":
            return _BOTH.sub(lambda found: self._both(found[1], found[2]), label)
        return label

    def _both(self, of_france_travail: str, of_cap_emploi: str) -> str:
        one = self.of(FRANCE_TRAVAIL, of_france_travail)
        return f"conseillers {one} et {self.of(CAP_EMPLOI, of_cap_emploi)}"


UNNAMED: Final = Names()
"""No list is kept: every code stands as it is."""
