"""Who accompanies the person today, and where the person stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from hub.audit.leading import leading
from hub.domain.pathway.leading import Term
from hub.projections.view import TableRow, View
from hub.web.naming.names import Names
from hub.web.sheet import plain
from hub.web.sheet.plain import Line


class Adviser(NamedTuple):
    """Somebody who accompanies the person: their number at their network, their site, and what they do.

    What is None is not known: the sheet has a line to fill in.
    """

    network: str
    number: str
    site: str | None
    does: str
    name: str | None = None
    phone: str | None = None
    site_name: str | None = None


_DOES = {
    "referent": "Cette personne est votre conseiller principal.",
    "delegation": "Cette personne vous accompagne aussi.",
    "expertise": "Cette personne aide votre conseiller principal.",
    "diagnosis": "Cette personne a parlé avec vous de vos besoins.",
}


def advisers(view: View, today: date, names: Names) -> tuple[Adviser, ...]:
    """Give who accompanies the person, each once, the referent first."""
    rows = [row for row in view.tables["accompaniment"] if row["adviser"] and _is_now(row, today)]
    leads = leading(view, today).referent
    rows.sort(key=lambda row: list(_DOES).index(_capacity(row, leads)))
    found: dict[tuple[str, str], Adviser] = {}
    for row in rows:
        key = row["network"], row["adviser"]
        name, phone = names.known(*key) or (None, None)
        place = names.sites.get(row["site"])
        found.setdefault(key, Adviser(*key, row["site"], _DOES[_capacity(row, leads)], name, phone, place))
    return tuple(found.values())


def _capacity(row: TableRow, leads: Term | None) -> str:
    """Give in which capacity somebody accompanies the person: one is the referent, a co-referent helps them."""
    if row["capacity"] != "referent" or (leads is not None and row["accompaniment_id"] == leads.event_id):
        return str(row["capacity"])
    return "delegation"


def _is_now(row: TableRow, today: date) -> bool:
    begun = row["from_date"] is None or row["from_date"] <= today
    return begun and (row["until_date"] is None or row["until_date"] > today)


def networks(view: View) -> tuple[tuple[str, str], ...]:
    """Give the networks that have a record of the person, each with a sentence that explains it."""
    known = dict.fromkeys(row["network"] for row in view.tables["leg"])
    return tuple((each, plain.NETWORKS[each]) for each in plain.NETWORKS if each in known)


def standing(view: View) -> tuple[Line, ...]:
    """Say where the person stands."""
    row = next(iter(view.tables["pathway"]), None)
    if row is None or row["phase"] is None:
        return ()
    said = plain.PHASES.get(row["phase"], "Vos conseillers vous aident à avancer.")
    return (Line(said), *_records(view))


def _records(view: View) -> Iterator[Line]:
    for leg in view.tables["leg"]:
        if leg["status"] == "open" and leg["opened_at"]:
            yield Line(f"{plain.network(leg['network'])} vous suit depuis {plain.on(leg['opened_at'])}.")
        elif leg["status"] == "closed" and leg["closed_at"]:
            yield Line(f"{plain.network(leg['network'])} ne vous suit plus depuis {plain.on(leg['closed_at'])}.")
