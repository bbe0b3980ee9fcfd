"""What was decided for the person, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from hub.audit.agenda import past_actions, planned
from hub.audit.leading import ended_by
from hub.domain.ids import CAP_EMPLOI
from hub.domain.pathway import correction
from hub.projections.view import TableRow, View
from hub.web import words
from hub.web.days import is_meant
from hub.web.sheet import plain
from hub.web.sheet.plain import Line

MOST = 12
"""Lines of one kind: a sheet is for reading; the rest can be asked for."""
_SAME_POST, _OTHER_POST, _NOT_RETAINED = "same_post", "other_post", "not_retained"


def decided(view: View, today: date) -> tuple[Line, ...]:
    """Say what was decided; once nobody accompanies the person, what was left open is no decision that holds."""
    if ended_by(view) is not None:
        return ()
    lines = [
        *_delegations(view, today),
        *_crossed(view),
        *_plan(view, today),
        *_services(view, today),
        *_retentions(view),
    ]
    return tuple(lines)[:MOST]


def _delegations(view: View, today: date) -> Iterator[Line]:
    for row in view.tables["delegation"][-3:]:
        if row["proposed_at"]:
            yield Line(
                "France Travail a demandé à Cap emploi de vous accompagner.", note=_dated(row["proposed_at"], "C’était")
            )
        if row["status"] == "active" and row["accepted_at"]:
            yield Line("Cap emploi a dit oui.", note=_dated(row["accepted_at"], "C’était"))
            if end := row["planned_end"]:
                begin = "Cap emploi vous accompagne jusqu’au" if end >= today else "C’était prévu jusqu’au"
                yield Line(f"{begin} {words.day(end)}.")
        elif row["status"] == "declined":
            yield Line("Cap emploi a dit non. France Travail continue de vous accompagner.")
        elif row["status"] == "ended" and row["ended_at"]:
            goes_on = any(leg["network"] == CAP_EMPLOI and leg["status"] == "open" for leg in view.tables["leg"])
            yield Line(
                f"Cette demande de France Travail est finie depuis {plain.on(row['ended_at'])}.",
                note="Cap emploi continue de vous suivre." if goes_on else None,
            )
        elif row["status"] == "cancelled":
            yield Line("Cette demande a été annulée.")
        elif row["status"] == "proposed":
            yield Line("Cap emploi va répondre.")


def _dated(at: datetime, begin: str) -> str:
    return f"{begin} {plain.on(at)}."


def _crossed(view: View) -> Iterator[Line]:
    for row in view.tables["crossed_diagnosis"]:
        if row["concluded_at"]:
            yield Line(
                "Vos conseillers de France Travail et de Cap emploi se sont mis d’accord.",
                note=_dated(row["concluded_at"], "C’était"),
            )
            if row["lead_network"]:
                yield Line(f"{plain.network(row['lead_network'])} vous accompagne en premier.")
        elif row["opened_at"]:
            yield Line("Un conseiller de France Travail et un conseiller de Cap emploi parlent de vos besoins.")


def _plan(view: View, today: date) -> Iterator[Line]:
    past = past_actions(view, today)
    for row in planned(view):
        what = row["title"] or "Cette action ne peut pas être montrée ici."
        network = plain.network(row["owner"])
        if row in past:
            note = f"C’était à faire avant {plain.on(row['due_on'])}, avec {network}. Demandez si c’est fait."
            yield Line("Une action était prévue :", what, note)
        else:
            until = f"À faire avant {plain.on(row['due_on'])}." if row["due_on"] else "Sans date."
            yield Line("Une action est prévue :", what, f"{network} s’en occupe avec vous. {until}")


def _services(view: View, today: date) -> Iterator[Line]:
    for row in view.tables["service"]:
        if row["status"] != "prescribed":
            continue
        is_over = row["ends_on"] is not None and row["ends_on"] < today
        begin = "Une aide était prévue pour vous :" if is_over else "Une aide est prévue pour vous :"
        what = plain.label("service", row["service"]) if row["service"] else "Cette aide ne peut pas être montrée ici."
        yield Line(begin, what, f"{plain.network(row['prescribed_by'])} l’a demandée.{_period(row, is_over=is_over)}")


def _period(row: TableRow, *, is_over: bool) -> str:
    start, end = row["starts_on"], row["ends_on"]
    if start and end:
        return f" Elle {'allait' if is_over else 'va'} du {words.day(start)} au {words.day(end)}."
    return f" Elle commence {plain.on(start)}." if start else ""


def _retentions(view: View) -> Iterator[Line]:
    for row in view.tables["retention"]:
        if row["concluded_at"] is None:
            yield Line("Cap emploi vous aide à garder votre travail.")
        elif row["outcome"] == _SAME_POST:
            yield Line("Vous gardez votre travail.", note=_dated(row["concluded_at"], "C’est décidé depuis"))
        elif row["outcome"] == _OTHER_POST:
            yield Line("Vous restez dans votre entreprise. Vous changez de poste.")
        elif row["outcome"] == _NOT_RETAINED:
            yield Line("Vous quittez votre travail. Vos conseillers vous aident à en trouver un autre.")
        else:
            # Sources have outcomes of their own: nobody is told of a loss that nobody stated.
            yield Line(
                "L’aide de Cap emploi pour garder votre travail est finie.",
                note="Demandez à votre conseiller ce qui a été décidé.",
            )


def next_up(view: View, now: datetime, today: date) -> tuple[Line, ...]:
    """Say what comes next, the nearest first."""
    found = [*_appointments(view, now), *_follow_ups(view, today), *_titles(view, today)]
    return tuple(line for _, line in sorted(found, key=lambda each: each[0]))[:MOST]


def _appointments(view: View, now: datetime) -> Iterator[tuple[date, Line]]:
    for row in view.tables["appointment"]:
        if row["status"] == "planned" and row["starts_at"] and row["starts_at"] >= now:
            where = plain.MODES.get(row["mode"]) or plain.PLACES.get(row["place"])
            note = f"C’est {where}." if where else None
            yield (
                words.in_france(row["starts_at"]),
                Line(f"Vous avez un rendez-vous {plain.at(row['starts_at'])}.", note=note),
            )


def _follow_ups(view: View, today: date) -> Iterator[tuple[date, Line]]:
    for row in view.tables["follow_up"]:
        if row["status"] != "awaited":
            continue
        if row["due_on"] >= today:
            yield row["due_on"], Line(f"Un conseiller prend de vos nouvelles {plain.on(row['due_on'])}.")
        elif is_meant(row["due_on"]):
            about = f"follow_up:{row['placement_id']}:{row['due_on']}"
            was_undone = correction.undone(view.state.corrections, about)
            note = "C’était écrit comme fait. C’était une erreur." if was_undone else None
            yield (
                row["due_on"],
                Line(
                    f"Un conseiller devait prendre de vos nouvelles {plain.on(row['due_on'])}. Ce n’est pas fait.",
                    note=note,
                ),
            )


def _titles(view: View, today: date) -> Iterator[tuple[date, Line]]:
    rows = view.tables["title"]
    whom = "votre conseiller" if ended_by(view) is None else "France Travail ou à Cap emploi"
    for row in rows:
        end = row["valid_to"]
        if end is not None and today <= end and end.year < words.FOREVER and not _is_renewed(row, rows):
            what = words.capital(plain.title(row["title"]))
            yield (
                end,
                Line(f"{what} se termine {plain.on(end)}.", note=f"Demandez à {whom} ce qu’il faut faire."),
            )


def _is_renewed(row: TableRow, rows: Sequence[TableRow]) -> bool:
    """Tell whether another record of the same title goes on beyond the end of this one, without a gap."""
    following = row["valid_to"] + timedelta(days=1)
    return any(
        each["title"] == row["title"]
        and each["valid_from"] <= following
        and (each["valid_to"] is None or each["valid_to"] > row["valid_to"])
        for each in rows
    )
