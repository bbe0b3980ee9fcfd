"""Who the person is to each network: titles, referents, what each claims side by side, case records and their links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from hub.audit.viewing import decided
from hub.domain.codes import label
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.domain.pathway.claim import FACTS
from hub.domain.pathway.leading import Leading
from hub.projections import labels, wording
from hub.projections.facts import event_of, row_name
from hub.projections.view import TableRow, View
from hub.web import words
from hub.web.pathway import phrases
from hub.web.pathway.acts import Act, Acts, Badge, Item, status

_LEG = {"open": "info"}
_OF_TITLE = frozenset({"title", "valid_from", "network"})
_OF_REFERENT = frozenset({"assignment_id", "network", "adviser", "role"})
_OF_LEG = frozenset({"case_record", "network", "updated_at", "other_case"})
_LINK = {"linked": "success", "suggested": "warning", "separated": "warning"}


class Claim(NamedTuple):
    """What one case record says of a fact."""

    value: str
    case: str
    act: Act
    is_kept: bool


class Claims(NamedTuple):
    """A fact as each network claims it, side by side; `kept_by` says by which rule a value is shown."""

    fact: str
    label: str
    by_network: Mapping[str, tuple[Claim, ...]]
    kept_by: str
    decision: Act | None
    is_contested: bool


class Evidence(NamedTuple):
    """Why two case records are linked, proposed or kept apart; `pair` are their keys, `cases` what they are called."""

    pair: tuple[str, str]
    cases: tuple[str, str]
    state: Badge
    reasons: tuple[tuple[str, str | None], ...]


def titles(view: View, acts: Acts, today: date) -> Iterator[Item]:
    """Give the titles to the obligation of employment over time."""
    for row in view.tables["title"]:
        until = f"au {words.day(row['valid_to'])}" if row["valid_to"] else "sans limite"
        is_over = row["valid_to"] is not None and row["valid_to"] < today
        state = Badge("expiré", "warning") if is_over else Badge("en vigueur", "success")
        if row["valid_from"] > today:
            state = Badge("à venir", "info")
        name = words.typed(label("title", row["title"]))
        title = f"{name}, du {words.day(row['valid_from'])} {until}"
        steps = tuple(acts.steps("title", row, _OF_TITLE | {"valid_to"}))
        yield Item((f"title:{row['title']}",), title, state, steps, row_name("title", row))


def referents(view: View, acts: Acts, leads: Leading, today: date) -> Iterator[Item]:
    """Give the referents over time; `leads` tells who the one of today is."""
    current = leads.referent and leads.referent.event_id
    for row in view.tables["referent"]:
        role = words.typed(label("referent_role", row["role"]))
        period = f"du {words.day(row['from_date'])}"
        period += f" au {words.day(row['until_date'])}" if row["until_date"] else ""
        state = Badge("actuel", "info") if row["event_id"] == current else None
        if row["from_date"] > today:
            state = Badge("à venir", "info")
        steps = acts.steps("referent", row, _OF_REFERENT | {"from_date", "until_date"})
        yield Item(
            (f"referent:{row['adviser']}",),
            f"{acts.names.of(row['network'], row['adviser'])}, {role}, {period}",
            state,
            tuple(step for step in steps if step.act.event_id == row["event_id"]),
            row_name("referent", row),
        )


def claims(view: View, acts: Acts) -> list[Claims]:
    """Give every fact that someone claims, with both networks' claims side by side."""
    contested = {row["fact"] for row in view.tables["contradiction"]}
    by_fact: dict[str, list[TableRow]] = {}
    for row in view.tables["claim"]:
        by_fact.setdefault(row["fact"], []).append(row)
    return [_claims(fact, by_fact[fact], acts, is_contested=fact in contested) for fact in FACTS if fact in by_fact]


def _claims(fact: str, rows: list[TableRow], acts: Acts, *, is_contested: bool) -> Claims:
    by_network = {
        network: tuple(_claim(fact, row, acts) for row in rows if row["network"] == network)
        for network in (FRANCE_TRAVAIL, CAP_EMPLOI)
    }
    kept = next((row for row in rows if row["accepted_by"] is not None), None)
    rule = "" if kept is None else words.typed(wording.coded("claim", "accepted_by", kept["accepted_by"]) or "")
    is_settled = kept is not None and kept["accepted_by"] == "settled"
    decision = acts.act(event_of(kept, "accepted_by")) if kept is not None and is_settled else None
    return Claims(fact, phrases.fact(fact), by_network, rule, decision, is_contested)


def _claim(fact: str, row: TableRow, acts: Acts) -> Claim:
    said = phrases.claimed(fact, row["value"])
    return Claim(said, phrases.case(row["case_record"]), acts.act(row["event_id"]), row["accepted_by"] is not None)


def legs(view: View, acts: Acts) -> Iterator[Item]:
    """Give the case records: what each says of itself."""
    for row in view.tables["leg"]:
        steps = acts.steps("leg", row, _OF_LEG)
        state = status("leg", row["status"], _LEG)
        name = (f"case:{row['case_record']}",)
        yield Item(name, phrases.case(row["case_record"]), state, tuple(steps), row_name("leg", row))


def links(view: View, acts: Acts) -> list[Evidence]:
    """Give the pairs of case records with what links or parts them, each reason with its event if it can be shown.

    What proposes a link may be an event about someone else.
    """
    told = decided(view) | {row["event_id"] for row in view.links if acts.knows(row["event_id"])}
    pairs: dict[tuple[str, str, str], list[TableRow]] = {}
    for row in view.links:
        pairs.setdefault((row["status"], row["left_case"], row["right_case"]), []).append(row)
    return [
        Evidence(
            (left, right),
            (phrases.case(left), phrases.case(right)),
            status("link", state, _LINK),
            tuple((_reason(row), row["event_id"] if row["event_id"] in told else None) for row in rows),
        )
        for (state, left, right), rows in pairs.items()
    ]


def _reason(row: TableRow) -> str:
    because = row["skipped_because"]
    said = f", mais {wording.coded('link', 'skipped_because', because)}" if because else ""
    return words.typed(f"{labels.link_rule(row['rule'])}{said}")
