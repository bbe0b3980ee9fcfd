"""Records in quarantine as pages show them: how they are made and what became of them, never what they say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from hub.api.queries.quarantine import Made, Opened
from hub.codec.outline import Outline
from hub.consumers.mending import Outcome
from hub.ledger.quarantine import HELD, Decision, Summary
from hub.ledger.quarantinequeries import Group
from hub.projections import labels
from hub.web.operating.health import ago, source
from hub.web.operating.reasons import QUARANTINE, STATES, Reason, reason
from hub.web.words import NBSP, count, figure

KINDS = {"held": "warning", "redriven": "success", "discarded": "neutral"}
_FORMS = {"text": "texte", "number": "nombre", "yes_no": "oui ou non", "list": "liste", "null": "vide"}
_RESULTS = {
    "accepted": ("Repris : l’événement est dans le registre.", "success"),
    "duplicate": ("Repris : le registre avait déjà cet événement.", "success"),
    "still_held": ("Toujours retenu.", "warning"),
    "decided": ("Déjà décidé par quelqu’un d’autre.", "neutral"),
    "busy": ("Pas repris : d’autres changent la même chose. Réessayez.", "warning"),
}


class Line(NamedTuple):
    """An entry in a list."""

    number: int
    href: str
    reason: str
    source: str
    place: str
    received_at: datetime
    waits: str
    state: str
    kind: str


class Tally(NamedTuple):
    """How many entries there are of a reason, and for how long the oldest waits."""

    label: str
    href: str
    entries: str
    waits: str


class Record(NamedTuple):
    """One entry, whole: `facts` and `made` are terms with their texts, `fields` paths with what stands there."""

    number: int
    reason: Reason
    detail: str
    state: str
    kind: str
    is_held: bool
    facts: list[tuple[str, str]]
    made: list[tuple[str, str]] | None
    headers: list[tuple[str, str]]
    fields: list[tuple[str, str]]
    decisions: list[Said]
    received_at: datetime


class Said(NamedTuple):
    """A decision: what, when, by whom and why."""

    what: str
    at: datetime
    by: str
    note: str


class Result(NamedTuple):
    """What became of a record that was sent through the gate again."""

    number: int
    href: str
    text: str
    kind: str
    why: str
    detail: str | None


def lines(found: Iterable[Summary], now: datetime) -> list[Line]:
    """Give the lines of a list."""
    return [
        Line(
            each.entry_id,
            f"{QUARANTINE}/{each.entry_id}",
            reason(each.reason).label,
            source(each.topic),
            _place(each),
            each.received_at,
            ago(each.received_at, now),
            STATES[each.state],
            KINDS[each.state],
        )
        for each in found
    ]


def tallies(found: Iterable[Group], hrefs: dict[str, str], now: datetime) -> list[Tally]:
    """Add up by reason, the most first; `hrefs` gives where the entries of each are shown."""
    entries: dict[str, int] = {}
    oldest: dict[str, datetime] = {}
    for each in found:
        entries[each.reason] = entries.get(each.reason, 0) + each.entries
        oldest[each.reason] = min(each.oldest_at, oldest.get(each.reason, each.oldest_at))
    ordered = sorted(entries, key=lambda code: (-entries[code], code))
    return [
        Tally(reason(code).label, hrefs.get(code, QUARANTINE), figure(entries[code]), ago(oldest[code], now))
        for code in ordered
    ]


def record(found: Opened) -> Record:
    """Give one entry as its page shows it."""
    summary = found.summary
    facts = [
        ("Source", source(summary.topic)),
        ("Place dans le journal", f"{summary.topic}, {_place(summary)}"),
    ]
    if summary.resets:
        facts.append(("Lectures recommencées avant", figure(summary.resets)))
    made = found.made
    return Record(
        summary.entry_id,
        reason(summary.reason),
        summary.detail,
        STATES[summary.state],
        KINDS[summary.state],
        summary.state == HELD,
        facts,
        None if made is None else _made(made),
        [] if made is None else _headers(made),
        [] if made is None else [(place.path, _FORMS[place.form]) for place in made.outline.fields],
        [_said(each) for each in found.decisions],
        summary.received_at,
    )


def result(outcome: Outcome) -> Result:
    """Say what became of a record."""
    text, kind = _RESULTS[outcome.result]
    why = "" if outcome.reason is None else reason(outcome.reason).label
    return Result(outcome.entry_id, f"{QUARANTINE}/{outcome.entry_id}", text, kind, why, outcome.detail)


def summed(outcomes: Sequence[Outcome]) -> str:
    """Say what became of several records: `3 repris, 1 toujours retenu`."""
    taken = sum(each.result in {"accepted", "duplicate"} for each in outcomes)
    held = sum(each.result == "still_held" for each in outcomes)
    others = len(outcomes) - taken - held
    parts = [count(taken, "enregistrement repris", "enregistrements repris")]
    if held:
        parts.append(count(held, "toujours retenu", "toujours retenus"))
    if others:
        parts.append(count(others, "laissé tel quel", "laissés tels quels"))
    return ", ".join(parts)


def _place(entry: Summary) -> str:
    return f"partition {entry.partition}, position {figure(entry.offset)}"


def _made(made: Made) -> list[tuple[str, str]]:
    outline = made.outline
    found = [
        ("Taille", "vide" if made.value_bytes is None else _bytes(made.value_bytes)),
        ("Clé", "aucune" if made.key_bytes is None else _bytes(made.key_bytes)),
        ("Numéro de schéma", "aucun" if outline.schema_id is None else str(outline.schema_id)),
        ("Type d’événement", "illisible" if outline.event_type is None else labels.event_type(outline.event_type)),
    ]
    return [*found, *_known(outline)]


def _known(outline: Outline) -> list[tuple[str, str]]:
    found = []
    if outline.network is not None:
        found.append(("Réseau annoncé", labels.network(outline.network)))
    if outline.event_id is not None:
        found.append(("Identifiant de l’événement", outline.event_id))
    return found


def _headers(made: Made) -> list[tuple[str, str]]:
    return [(each.name or "en-tête inconnu", _bytes(each.bytes)) for each in made.headers]


def _said(decision: Decision) -> Said:
    return Said(STATES[decision.state].capitalize(), decision.decided_at, decision.decided_by, decision.note)


def _bytes(number: int) -> str:
    return f"{figure(number)}{NBSP}{'octet' if number < 2 else 'octets'}"
