"""Whose turn it is: who is to act on something that is expected, as its reader is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from hub.domain.access import Reader, roles_of
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, NETWORKS
from hub.projections import labels
from hub.projections.view import TableRow, View
from hub.web.naming.names import UNNAMED, Names
from hub.web.words import NBSP

_ACTS: Mapping[str, str] = MappingProxyType({"follow_up_due": CAP_EMPLOI, "delegation_awaits_answer": CAP_EMPLOI})
"""Whose act is awaited where the rule alone tells."""
_STANDING = ("referent", "delegation", "expertise", "diagnosis")
"""Who of a network acts first, by the ground on which they accompany the person."""

YOURS = "à vous"
"""What is said to whoever is to act themselves."""

Referent = tuple[str | None, str | None]
"""A person's referent: their network, and their id in it; neither where there is none."""


def acting(rule: str, asked: str | None, referents: str | None) -> str | None:
    """Give the network that is to act: the one that was asked, or that the rule names, else the referent's."""
    return asked or _ACTS.get(rule) or referents


def by(network: str | None, reader: Reader, referent: Referent, names: Names = UNNAMED) -> str:
    """Say to a reader which network is to act; what a network does is the referent's to do, who is named if known."""
    is_own = network is not None and network == reader.network
    if is_own and referent == (network, _own(reader)):
        return YOURS
    adviser = referent[1] if network == referent[0] else None
    if network in NETWORKS and adviser is not None and (known := names.known(network, adviser)) is not None:
        return f"à {known.name}, {'de votre réseau' if is_own else _said(network)}"
    return "à votre réseau" if is_own else _to(network)


class Holder(NamedTuple):
    """Who accompanies a person in a network, or the site that is asked to where `adviser` is None; and about what."""

    network: str
    adviser: str | None
    site: str | None
    about: str


class Turns(NamedTuple):
    """Who can be asked to act for a person, as one reader is told: the first to act first, and sites by network.

    `leading` is the network of the referent who accompanies the person, None where there is none.
    """

    reader: Reader
    names: Names
    holders: tuple[Holder, ...]
    sites: Mapping[str, str]
    leading: str | None

    def say(self, network: str | None, about: str = "") -> str:
        """Say whose turn it is in a network: the adviser there, else their site, else the network alone.

        `about`: what is expected, as an alert names it: whoever took it on comes before others.
        """
        if network not in NETWORKS:
            return _to(network)
        holder = self._holder(str(network), about)
        is_own = network == self.reader.network
        of = "de votre réseau" if is_own else _said(network)
        if holder is not None and holder.adviser is not None:
            if is_own and holder.adviser == _own(self.reader):
                return YOURS
            known = self.names.known(network, holder.adviser) is not None
            called = self.names.said(network, holder.adviser)
            return f"{'à' if known else 'au'} {called}, {of}"
        site = holder.site if holder is not None and holder.site else self.sites.get(str(network))
        to = "à votre réseau" if is_own else _to(network)
        return to if site is None else f"{to}, {self.names.at(site)}"

    def _holder(self, network: str, about: str) -> Holder | None:
        there = [each for each in self.holders if each.network == network]
        there.sort(key=lambda each: (each.adviser is None, each.about != about))
        return next(iter(there), None)


def turns_of(view: View, today: date, reader: Reader, names: Names) -> Turns:
    """Say of a view who accompanies the person on a day, and where."""
    leads = {f"referent:{row['assignment_id']}" for row in view.tables["referent"] if row["role"] == "referent"}
    rows = [row for row in view.tables["accompaniment"] if is_now(row, today)]
    rows.sort(key=lambda row: (row["about"] not in leads, _STANDING.index(row["capacity"])))
    found = tuple(Holder(row["network"], row["adviser"], row["site"], row["about"]) for row in rows)
    leading = next((each.network for each in found if each.about in leads), None)
    return Turns(reader, names, found, _sites(view.tables["leg"]), leading)


def is_now(row: TableRow, today: date) -> bool:
    """Tell of a row of `accompaniment` whether it goes on beyond a day; it ends within its last one."""
    return row["from_date"] <= today and (row["until_date"] is None or row["until_date"] > today)


def _sites(legs: Sequence[TableRow]) -> dict[str, str]:
    """Give each network's site: of an open record before one that is closed."""
    ordered = sorted(legs, key=lambda row: row["status"] == "open")
    return {row["network"]: row["site"] for row in ordered if row["site"]}


def _own(reader: Reader) -> str | None:
    """Give the code under which a reader is an adviser, None where they are none."""
    return reader.adviser if "adviser" in roles_of(reader) else None


def _to(network: str | None) -> str:
    return f"à{NBSP}{_said(network)}" if network in {FRANCE_TRAVAIL, CAP_EMPLOI} else "aux deux réseaux"


def _said(network: str | None) -> str:
    return labels.network(network or "").replace(" ", NBSP)
