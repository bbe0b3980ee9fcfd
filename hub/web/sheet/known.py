"""What was recorded about the person, by theme, in plain words, by whom and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.projections import nomenclature, remarks
from hub.projections.facts import event_of
from hub.projections.free_texts import FreeText
from hub.projections.view import TableRow, View
from hub.web import words
from hub.web.pathway import phrases
from hub.web.sheet import plain
from hub.web.sheet.plain import Block, Line

MOST = 8
"""Lines of one theme."""
_CLAIMED = {
    "family_name": "Votre nom :",
    "birth_name": "Votre nom de naissance :",
    "given_name": "Votre prénom :",
    "birth_date": "Votre date de naissance :",
    "birth_place": "Votre lieu de naissance :",
    "phone": "Votre téléphone :",
    "email": "Votre e-mail :",
    "commune": "Votre commune :",
}
_FAMILY_NAMES = frozenset({"family_name", "birth_name"})
_TEXTS = {
    "needs": "Vos besoins :",
    "constraints": "Ce qui est difficile pour vous :",
    "contribution": "L’avis d’un conseiller :",
    "description": "Un besoin pour votre travail :",
    "summary": "La réponse d’un conseiller :",
    "comment": "Des nouvelles de votre travail :",
}


class Sources:
    """Says of each event who wrote it, and when."""

    def __init__(self, view: View) -> None:
        self._lines = {line["event_id"]: line for line in view.timeline}

    def note(self, event_id: str) -> str | None:
        """Say who wrote what an event set."""
        line = self._lines.get(event_id)
        return None if line is None else f"{plain.network(line['network'])} l’a écrit {plain.on(line['occurred_at'])}."


def themes(view: View, texts: list[FreeText], today: date) -> tuple[Block, ...]:
    """Give what was recorded, theme by theme; themes without anything are left out."""
    sources = Sources(view)
    blocks = (
        Block("Qui vous êtes", tuple(_identity(view, sources))),
        Block("Votre handicap", tuple(_handicap(view, sources, today))[:MOST]),
        Block("Votre travail", tuple(_work(view, sources, today))[-MOST:]),
        Block("Les aides que vous avez eues", tuple(_helped(view, sources))[-MOST:]),
        Block("Ce que vos conseillers ont écrit", tuple(_texts(texts, sources))[-MOST:]),
    )
    return tuple(block for block in blocks if block.lines)


def _identity(view: View, sources: Sources) -> Iterator[Line]:
    contested = {row["fact"]: row for row in view.tables["contradiction"]}
    kept = {row["fact"]: row for row in view.tables["claim"] if row["accepted_by"]}
    for fact, name in _CLAIMED.items():
        if fact in contested:
            row = contested[fact]
            for network, said in _versions(fact, row).items():
                yield Line(f"{name[:-1].rstrip()} selon {plain.network(network)}{words.NBSP}:", said)
            yield Line("Dites à votre conseiller ce qui est juste.")
        elif fact in kept:
            row = kept[fact]
            yield Line(name, _said(fact, row["value"]), sources.note(event_of(row, "value")))


def _versions(fact: str, row: TableRow) -> dict[str, str]:
    """Say what each network claims; two places of one name are told apart by their codes."""
    claims = {network: row[f"{network}_value"] for network in (FRANCE_TRAVAIL, CAP_EMPLOI)}
    said = {network: _said(fact, value) for network, value in claims.items()}
    if len(set(said.values())) > 1:
        return said
    return {network: phrases.claimed(fact, value) for network, value in claims.items()}


def _said(fact: str, value: str) -> str:
    if fact in remarks.PLACES:
        return words.typed(nomenclature.place(value))
    # Capitals as at the head of every page, however a network types them.
    return value.upper() if fact in _FAMILY_NAMES else phrases.claimed(fact, value)


def _handicap(view: View, sources: Sources, today: date) -> Iterator[Line]:
    for row in view.tables["title"]:
        yield Line(_holds(row, today), plain.title(row["title"]), _until(row, sources, today))
    for row in view.tables["need"]:
        if row["phase"]:
            yield Line(
                "Un besoin est noté pour :", plain.label("need_phase", row["phase"]), sources.note(row["event_id"])
            )
    for row in view.tables["need_measure"]:
        yield Line("Une aide est en place :", plain.label("measure", row["measure"]), sources.note(row["event_id"]))
    for row in view.tables["adaptation"]:
        what = plain.label("adaptation", row["adaptation"])
        yield Line("Votre poste de travail est adapté :", what, sources.note(row["event_id"]))


def _holds(row: TableRow, today: date) -> str:
    if row["valid_to"] and row["valid_to"] < today:
        return "Vous aviez :"
    return "Vous allez avoir :" if row["valid_from"] > today else "Vous avez :"


def _until(row: TableRow, sources: Sources, today: date) -> str | None:
    end = row["valid_to"]
    said = ""
    if end is not None and end.year < words.FOREVER:
        said = f" C’est fini depuis {plain.on(end)}." if end < today else f" Cela dure jusqu’au {words.day(end)}."
    if row["valid_from"] > today and (end is None or end >= today):
        said = f" Cela commence {plain.on(row['valid_from'])}.{said}"
    note = sources.note(row["event_id"])
    return f"{note or ''}{said}".strip() or None


def _work(view: View, sources: Sources, today: date) -> Iterator[Line]:
    for row in view.tables["candidacy"]:
        yield _job("Un employeur a reçu votre candidature.", row, sources)
    for row in view.tables["placement"]:
        yield _job(_contract(row, today), row, sources)


def _job(said: str, row: TableRow, sources: Sources) -> Line:
    """Say the occupation, where it is known, and the employer's number."""
    note, number = sources.note(row["event_id"]), words.siret(row["siret"] or "inconnu")
    if not row.get("rome"):
        return Line(f"{said} Le numéro de l’employeur :", number, note)
    return Line(
        f"{said} Le métier :", plain.occupation(row["rome"]), f"Numéro de l’employeur : {number}. {note or ''}".strip()
    )


def _contract(row: TableRow, today: date) -> str:
    what, start, end = plain.CONTRACTS.get(row["contract"], "un contrat"), row["starts_on"], row["ends_on"]
    if start > today:
        return f"Vous allez avoir {what}. Il commence {plain.on(start)}."
    if end is not None and end < today:
        return f"Vous aviez {what}. Il a commencé {plain.on(start)}. Il est fini depuis {plain.on(end)}."
    until = f" Ce contrat finit {plain.on(end)}." if end is not None else ""
    return f"Vous avez {what} depuis {plain.on(start)}.{until}"


def _helped(view: View, sources: Sources) -> Iterator[Line]:
    for row in view.tables["service"]:
        if row["status"] != "prescribed":
            state = "Elle est finie." if row["status"] == "completed" else "Elle s’est arrêtée avant la fin."
            what = (
                plain.label("service", row["service"]) if row["service"] else "Cette aide ne peut pas être montrée ici."
            )
            yield Line("Une aide :", what, f"{state} {sources.note(row['event_id']) or ''}".strip())
    for row in view.tables["expertise"]:
        if row["status"] == "delivered" and row["delivered_at"]:
            yield Line(f"Un conseiller a aidé votre conseiller principal {plain.on(row['delivered_at'])}.")
    held = [row for row in view.tables["appointment"] if row["status"] == "held" and row["starts_at"]]
    if held:
        last = max(row["starts_at"] for row in held)
        times = words.count(len(held), "rendez-vous", "rendez-vous")
        yield Line(f"Vous avez eu {times}. Le dernier était {plain.on(last)}.")


def _texts(texts: list[FreeText], sources: Sources) -> Iterator[Line]:
    for each in texts:
        yield Line(_TEXTS[each.field], each.text, sources.note(each.event_id))
