"""The top of a pathway's screen: who, where they are, with whom, their case records, and what is open or due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from rich import box
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from hub.audit.agenda import expected, open_rows
from hub.audit.leading import leading
from hub.audit.moments import day_in_france, paris
from hub.cli.frieze import LANES, STYLES
from hub.cli.moments import day_text, moment_text
from hub.cli.notes import contradiction
from hub.domain.codes import label
from hub.domain.pathway.correction import undone
from hub.domain.pathway.leading import Term
from hub.projections import labels, remarks, wording
from hub.projections.facts import event_of, row_name
from hub.projections.view import View

if TYPE_CHECKING:
    from rich.console import RenderableType

Row = dict[str, Any]
_TO_SETTLE = " (à arbitrer)"
_FIRST_YEAR = 1900
"""A day of an earlier year was never meant as a date: it is written, and nothing is counted from it."""


def heading(view: View, as_of: datetime | None, known_at: datetime | None, shown_at: datetime) -> RenderableType:
    """Say who the person is, in which phase, with which referent, and of when the picture is."""
    row = next(iter(view.tables["pathway"]), None)
    lines = [*_moment(as_of, known_at), *(_person(view, row, day_in_france(shown_at)) if row else ())]
    name = _name(row, contested(view))
    return Panel(
        Text("\n").join(lines), title=Text(name, style="bold"), title_align="left", box=box.ROUNDED, padding=(0, 1)
    )


def contested(view: View) -> set[str]:
    """Name the facts about which the networks contradict each other."""
    return {row["fact"] for row in view.tables["contradiction"]}


def _name(row: Row | None, in_dispute: set[str]) -> str:
    if row is None:
        return "Parcours"
    if row["erased"]:
        return "Personne effacée"
    said = [row["given_name"], (row["family_name"] or "").upper()]
    mark = _TO_SETTLE if in_dispute & {"given_name", "family_name"} else ""
    return " ".join(part for part in said if part) + mark if any(said) else "Identité inconnue"


def _moment(as_of: datetime | None, known_at: datetime | None) -> Iterator[Text]:
    if as_of is not None:
        yield Text(f"Tel qu'il était le {moment_text(as_of)}", style="bold yellow")
    if known_at is not None:
        yield Text(f"Tel que le hub le connaissait le {moment_text(known_at)}", style="bold yellow")


def _person(view: View, row: Row, today: date) -> Iterator[Text]:
    when = {line["event_id"]: line["occurred_at"] for line in view.timeline}
    if row["erased"]:
        told = day_text(when[event_of(row, "erased")])
        yield Text(f"Effacement enregistré le {told} : plus rien n'est montré", style="red")
        yield _line("Motif", label("erasure_reason", row["erased"]))
        yield _line("Personne", "", row["person_id"])
        return
    if view.linked_since:
        names = ", ".join(f"{labels.network(case.network)} {case.local_id}" for case in view.linked_since)
        yield Text(f"Dossiers rapprochés depuis : {names}", style="yellow")
    if row["phase"]:
        since = when.get(event_of(row, "phase"))
        yield _line("Phase", labels.phase(row["phase"]), f" depuis le {day_text(since)}" if since else "")
        yield from _referents(view, today)
        yield from _identity(view)
        yield from _titles(view)
    count = row["event_count"]
    opened, last = day_text(row["opened_at"]), day_text(row["last_event_at"])
    yield _line("Parcours", f"ouvert le {opened}", f", {count} événement{'s' * (count > 1)}, le dernier le {last}")
    yield _line("Personne", "", row["person_id"])


def _line(name: str, value: str, rest: str = "") -> Text:
    return Text.assemble((f"{name:<10}", "dim"), (value, "bold"), rest)


def _referents(view: View, today: date) -> Iterator[Text]:
    """Say who leads on a day, or led last, and who is named for a later one."""
    leads = leading(view, today)
    if leads.last is not None and leads.ended_on is not None:
        ended = f" du {day_text(leads.last.from_date)} au {day_text(leads.ended_on)}, plus depuis lors"
        yield _referent(leads.last, ended)
    elif leads.referent is None:
        yield _line("Référent", "aucun")
    else:
        yield _referent(leads.referent, f" depuis le {day_text(leads.referent.from_date)}")
    if leads.following is not None:
        yield _referent(leads.following, f" à partir du {day_text(leads.following.from_date)}")


def _referent(term: Term, when: str) -> Text:
    site = f", site {term.site}" if term.site else ""
    return _line("Référent", term.adviser, f" ({labels.network(term.network)}{site}){when}")


def _identity(view: View) -> Iterator[Text]:
    kept = {each["fact"]: each["value"] for each in view.tables["claim"] if each["accepted_by"]}
    shown = {fact: remarks.claimed(fact, value, day_text) for fact, value in kept.items()}
    for fact in contested(view) & shown.keys():
        shown[fact] += _TO_SETTLE
    parts = [f"né(e) le {shown['birth_date']}" if "birth_date" in shown else ""]
    parts.append(f"commune {shown['commune']}" if "commune" in shown else "")
    parts.append(shown.get("availability", ""))
    for name, said in (("Identité", parts), ("Contact", [shown.get("phone", ""), shown.get("email", "")])):
        text = " · ".join(part for part in said if part)
        if text:
            yield _line(name, "", text)


def _titles(view: View) -> Iterator[Text]:
    for row in view.tables["title"]:
        end = f"au {day_text(row['valid_to'])}" if row["valid_to"] else "sans limite"
        yield _line("Titre", label("title", row["title"]), f" du {day_text(row['valid_from'])} {end}")


def records(view: View) -> RenderableType:
    """Say which case records the pathway is made of, and why they are one person's."""
    table = Table.grid(padding=(0, 2))
    for row in view.tables["leg"]:
        network = Text(labels.network(row["network"]), style=f"bold {STYLES[LANES[row['network']]]}")
        table.add_row(network, row["case_record"].partition("/")[2].lstrip("/"), _leg(row))
    pairs: dict[tuple[str, str, str], list[Row]] = {}
    for row in view.links:
        pairs.setdefault((row["status"], row["left_case"], row["right_case"]), []).append(row)
    for (status, left, right), rows in pairs.items():
        table.add_row(*_link(status, (left, right), rows))
    return table


def _leg(row: Row) -> Text:
    status = labels.status("leg", row["status"])
    since = row["closed_at"] if row["status"] == "closed" else row["opened_at"]
    parts = [f"{status} depuis le {day_text(since)}" if since else status]
    if row["status"] == "closed" and row["closing_motive"]:
        parts[0] += f" ({label('closing_motive', row['closing_motive'])})"
    parts.append(label("public", row["public"]) if row["public"] else "")
    parts.append(f"site {row['site']}" if row["site"] else "")
    return Text(" · ".join(part for part in parts if part))


def _link(status: str, pair: tuple[str, str], rows: list[Row]) -> tuple[Text, str, Text]:
    style = {"linked": "green", "suggested": "yellow", "separated": "red"}.get(status, "")
    names = (" = " if status == "linked" else " | ").join(case.rpartition("/")[2] for case in pair)
    return Text(labels.status("link", status), style=style), names, Text(", ".join(_reason(row) for row in rows))


def _reason(row: Row) -> str:
    because = row["skipped_because"]
    said = f", mais {wording.coded('link', 'skipped_because', because)}" if because else ""
    return f"{labels.link_rule(row['rule'])}{said}"


def agenda(view: View, at: datetime) -> Iterator[RenderableType]:
    """Say what is overdue or due at a moment, what is open, and what the networks contradict each other about."""
    today = at.astimezone(paris()).date()
    table = Table.grid(padding=(0, 2))
    for row in expected(view):
        table.add_row(*_due(row, today))
        for said in _undone(view, row):
            table.add_row("", Text(said, style="dim"))
    for model, row in open_rows(view):
        table.add_row(*_standing(model, row, today))
    for row in view.tables["contradiction"]:
        table.add_row(Text("à arbitrer", style="red"), Text(contradiction(row)))
    if table.row_count:
        yield Text("\nÀ suivre", style="bold")
        yield table


def _due(row: Row, today: date) -> tuple[Text, Text]:
    late = (today - row["due_on"]).days
    said = Text(remarks.rule(row, day_text))
    if late > 0 and row["due_on"].year >= _FIRST_YEAR:
        return Text(f"en retard de {late} j", style="bold red"), said
    return Text(f"le {day_text(row['due_on'])}", style="yellow"), said


def _undone(view: View, row: Row) -> Iterator[str]:
    """Say why something is expected again: when it was answered, and when that was voided."""
    when = {line["event_id"]: line["occurred_at"] for line in view.timeline}
    for each in undone(view.state.corrections, row["about"]):
        done, void = when.get(each.event_id), when.get(each.void_id)
        then = f"puis annulé le {day_text(void)}" if void else "annulé depuis"
        verb = "fait" if row["about"].startswith("follow_up:") else "répondu"
        yield f"{verb} le {day_text(done)}, {then}" if done else then


def _delegation(row: Row, today: date) -> str:
    """Say why, until when and since when."""
    since = row["accepted_at"] if row["status"] == "active" else row["proposed_at"]
    age = (today - since.astimezone(paris()).date()).days if since and since.year >= _FIRST_YEAR else -1
    said = (
        label("ground", row["ground"]) if row["ground"] else "",
        f"fin prévue le {day_text(row['planned_end'])}" if row["planned_end"] else "",
        f"depuis {age} j" if age >= 0 else "",
    )
    return ", ".join(part for part in said if part)


def _standing(model: str, row: Row, today: date) -> tuple[Text, Text]:
    detail = {
        "delegation": lambda: _delegation(row, today),
        "expertise": lambda: label("expertise_topic", row["topic"]) if row["topic"] else "",
        "need": lambda: label("need_phase", row["phase"]) if row["phase"] else "",
        "service": lambda: label("service", row["service"]) if row["service"] else "",
    }.get(model, lambda: "")()
    said = Text.assemble(wording.model(model), f" : {detail}" if detail else "", (f"  {row_name(model, row)}", "dim"))
    return Text(labels.status(model, row["status"]), style="cyan"), said
