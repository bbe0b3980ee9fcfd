"""The head of a pathway: who, where they are in it, with whom, in a sentence and in facts with their events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from hub.audit.leading import ended_by, leading
from hub.domain.pathway.leading import Leading, Term
from hub.projections import labels
from hub.projections.facts import event_of
from hub.projections.view import TableRow, View
from hub.web import words
from hub.web.pathway import phrases
from hub.web.pathway.acts import Act, Acts
from hub.web.pathway.ended import Ended, ended_of


class Said(NamedTuple):
    """A fact of the head: its value, the event behind it, and its name for whoever asks why."""

    term: str
    value: str
    act: Act | None
    fact: str
    is_contested: bool = False


class Record(NamedTuple):
    """A case record: of which network, its number there, its state."""

    network: str
    number: str
    state: str
    since: datetime | None
    is_open: bool
    site: str | None


class Head(NamedTuple):
    """What the eye meets first; `ended` says of an accompaniment that has ended how it did.

    `referent` is the one of the day, or the last one where nobody is, `following` whoever is named for a later day.
    """

    name: str
    summary: str
    ended: Ended | None
    phase: Said | None
    referent: Said | None
    following: Said | None
    lead: Said | None
    identity: tuple[Said, ...]
    records: tuple[Record, ...]
    opened_at: datetime
    last_event_at: datetime
    event_count: int


def head_of(view: View, acts: Acts, today: date) -> Head | None:
    """Say who the person is and where they stand; None of a view without any event."""
    row = next(iter(view.tables["pathway"]), None)
    if row is None:
        return None
    ended, leads = ended_of(view, acts), leading(view, today)
    return Head(
        name_of(row),
        summary(view, row, today, ended),
        ended,
        _phase(row, acts),
        _referent(row, leads, acts),
        _following(row, leads, acts),
        _lead(view, row, leads, acts),
        tuple(_identity(view, acts, today)),
        tuple(_record(leg) for leg in view.tables["leg"]),
        row["opened_at"],
        row["last_event_at"],
        row["event_count"],
    )


def name_of(row: TableRow) -> str:
    """Name the person."""
    parts = [row["given_name"], (row["family_name"] or "").upper()]
    return " ".join(part for part in parts if part) or "Identité inconnue"


def summary(view: View, row: TableRow, today: date, ended: Ended | None) -> str:
    """Tell the situation in one plain sentence."""
    if ended is not None:
        return f"{', '.join((ended.title, *_late(view, today)))}."
    parts = [phrases.SITUATIONS.get(row["phase"], "Phase inconnue"), *_contract_over(view, row["phase"], today)]
    parts += _led(leading(view, today))
    parts += _delegated(view)
    if row["phase"] != "closed":
        parts += _late(view, today)
    return f"{', '.join(parts)}."


def _contract_over(view: View, phase: str | None, today: date) -> Iterator[str]:
    """Say that the last contract is over where the phase goes on as if it were not: nobody has said what follows."""
    ends = [row["ends_on"] for row in view.tables["placement"]]
    if phase in {"employment", "follow_up"} and ends and all(end is not None and end < today for end in ends):
        yield f"contrat terminé le {words.day(max(ends))}, suite inconnue"


def _led(leads: Leading) -> Iterator[str]:
    if leads.referent is not None:
        since = words.day(leads.referent.from_date)
        yield f"référent {labels.network(leads.referent.network)} depuis le {since}"
    else:
        yield "sans référent" + (f" depuis le {words.day(leads.ended_on)}" if leads.ended_on else "")
    if leads.following is not None:
        start = words.day(leads.following.from_date)
        yield f"nouveau référent {labels.network(leads.following.network)} à partir du {start}"


def _delegated(view: View) -> Iterator[str]:
    for row in view.tables["delegation"]:
        if row["status"] == "active":
            end = f" jusqu’au {words.day(row['planned_end'])}" if row["planned_end"] else ""
            yield f"délégation à Cap emploi en cours{end}"
        elif row["status"] == "proposed":
            since = f" depuis le {words.day(row['proposed_at'])}" if row["proposed_at"] else ""
            yield f"délégation à Cap emploi en attente de réponse{since}"


def _late(view: View, today: date) -> Iterator[str]:
    alerts = [row for row in view.tables["alert"] if row["kind"] == "alert" and phrases.late(row["due_on"], today)]
    if alerts:
        yield words.count(len(alerts), "échéance dépassée", "échéances dépassées")


def _phase(row: TableRow, acts: Acts) -> Said | None:
    if not row["phase"]:
        return None
    phase = words.capital(words.typed(labels.phase(row["phase"])))
    return Said("Phase", phase, acts.act(event_of(row, "phase")), "phase")


def _referent(row: TableRow, leads: Leading, acts: Acts) -> Said | None:
    """Say who leads, or led last."""
    if leads.referent is not None:
        said = f"{_who(leads.referent, acts)}, depuis le {words.day(leads.referent.from_date)}"
        return _named("Référent", row, leads.referent, said, acts)
    if leads.last is None or leads.ended_on is None:
        return None
    since, until = leads.last.from_date, words.day(leads.ended_on)
    when = f"du {words.day(since)} au {until}" if since < leads.ended_on else f"jusqu’au {until}"
    return _named("Dernier référent", row, leads.last, f"{_who(leads.last, acts)}, {when}", acts)


def _following(row: TableRow, leads: Leading, acts: Acts) -> Said | None:
    """Say who is named for a later day."""
    if leads.following is None:
        return None
    start = f"à partir du {words.day(leads.following.from_date)}{words.NBSP}: "
    return _named("Prochain référent", row, leads.following, start + _who(leads.following, acts), acts)


def _who(term: Term, acts: Acts) -> str:
    names = acts.names
    parts = [f"{names.adviser_and_code(term.network, term.adviser)}, {labels.network(term.network)}"]
    if term.site:
        parts.append(names.at(term.site))
    return ", ".join(parts)


def _named(name: str, row: TableRow, term: Term, said: str, acts: Acts, column: str = "adviser") -> Said:
    is_last = event_of(row, "referent_adviser") == term.event_id
    fact = f"referent_{column}" if is_last else f"referent:{term.event_id}.{column}"
    return Said(name, said, acts.act(term.event_id), fact)


def _lead(view: View, row: TableRow, leads: Leading, acts: Acts) -> Said | None:
    """Say which network leads: as the last crossed diagnosis concluded, else the referent's; once it ended, none."""
    if ended_by(view) is not None:
        return None
    concluded = [each for each in view.tables["crossed_diagnosis"] if each["lead_network"]]
    if concluded:
        last = max(concluded, key=lambda each: each["concluded_at"].timestamp() if each["concluded_at"] else 0.0)
        name = f"crossed_diagnosis:{last['crossed_diagnosis_id']}.lead_network"
        said = f"{labels.network(last['lead_network'])}, selon le diagnostic croisé"
        return Said("Réseau pilote", said, acts.act(event_of(last, "lead_network")), name)
    if leads.referent is not None:
        said = f"{labels.network(leads.referent.network)}, réseau du référent"
        return _named("Réseau pilote", row, leads.referent, said, acts, "network")
    return None


def _identity(view: View, acts: Acts, today: date) -> Iterator[Said]:
    contested = {row["fact"] for row in view.tables["contradiction"]}
    kept = {row["fact"]: row for row in view.tables["claim"] if row["accepted_by"]}
    for fact in ("birth_date", "phone", "email", "commune", "availability"):
        if fact in kept:
            row = kept[fact]
            said = _born(row["value"], today) if fact == "birth_date" else phrases.claimed(fact, row["value"])
            term = "Naissance" if fact == "birth_date" else words.capital(phrases.fact(fact))
            yield Said(term, said, acts.act(row["event_id"]), fact, fact in contested)


def _born(text: str, today: date) -> str:
    try:
        born = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{words.day(born)} ({words.count(phrases.age(born, today), 'an', 'ans')})"


def _record(leg: TableRow) -> Record:
    is_open = leg["status"] == "open"
    return Record(
        leg["network"],
        leg["case_record"].rpartition("/")[2],
        words.typed(labels.status("leg", leg["status"])),
        leg["opened_at"] if is_open else leg["closed_at"],
        is_open,
        leg["site"],
    )


def names_contested(contested: Sequence[str]) -> bool:
    """Tell whether the networks differ about the person's name."""
    return not {"given_name", "family_name"}.isdisjoint(contested)
