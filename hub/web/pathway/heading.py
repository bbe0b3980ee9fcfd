"""The head of a pathway: who, where they are in it, with whom, in a sentence and in facts with their events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from hub.audit.leading import ended_by, led_until
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
    """What the eye meets first; `ended` says of an accompaniment that has ended how it did."""

    name: str
    summary: str
    ended: Ended | None
    phase: Said | None
    referent: Said | None
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
    ended = ended_of(view, acts)
    return Head(
        name_of(row),
        summary(view, row, today, ended),
        ended,
        _phase(row, acts),
        _referent(view, row, acts),
        _lead(view, row, acts),
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
    parts = [phrases.SITUATIONS.get(row["phase"], "Phase inconnue")]
    since, until = _assigned_on(view, row), led_until(view)
    if row["referent_adviser"] and until is not None:
        parts.append(f"sans référent depuis le {words.day(until)}")
    elif row["referent_adviser"]:
        begun = f" depuis le {words.day(since)}" if since else ""
        parts.append(f"référent {labels.network(row['referent_network'])}{begun}")
    else:
        parts.append("sans référent")
    parts += _delegated(view)
    if row["phase"] != "closed":
        parts += _late(view, today)
    return f"{', '.join(parts)}."


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


def _assigned_on(view: View, row: TableRow) -> date | None:
    by = event_of(row, "referent_adviser")
    return next((each["from_date"] for each in view.tables["referent"] if each["event_id"] == by), None)


def _referent(view: View, row: TableRow, acts: Acts) -> Said | None:
    if not row["referent_adviser"]:
        return None
    since = _assigned_on(view, row)
    names, network = acts.names, row["referent_network"]
    parts = [f"{names.adviser_and_code(network, row['referent_adviser'])}, {labels.network(network)}"]
    if row["referent_site"]:
        parts.append(names.at(row["referent_site"]))
    until = led_until(view)
    if until is not None and since is not None and since < until:
        parts.append(f"du {words.day(since)} au {words.day(until)}")
    elif until is not None:
        parts.append(f"jusqu’au {words.day(until)}")
    elif since is not None:
        parts.append(f"depuis le {words.day(since)}")
    return Said(
        "Référent" if until is None else "Dernier référent",
        ", ".join(parts),
        acts.act(event_of(row, "referent_adviser")),
        "referent_adviser",
    )


def _lead(view: View, row: TableRow, acts: Acts) -> Said | None:
    """Say which network leads: as the last crossed diagnosis concluded, else the referent's; once it ended, none."""
    if ended_by(view) is not None:
        return None
    concluded = [each for each in view.tables["crossed_diagnosis"] if each["lead_network"]]
    if concluded:
        last = max(concluded, key=lambda each: each["concluded_at"].timestamp() if each["concluded_at"] else 0.0)
        name = f"crossed_diagnosis:{last['crossed_diagnosis_id']}.lead_network"
        said = f"{labels.network(last['lead_network'])}, selon le diagnostic croisé"
        return Said("Réseau pilote", said, acts.act(event_of(last, "lead_network")), name)
    if row["referent_network"] and led_until(view) is None:
        said = f"{labels.network(row['referent_network'])}, réseau du référent"
        return Said("Réseau pilote", said, acts.act(event_of(row, "referent_network")), "referent_network")
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
