"""How the networks support a person: delegations, expertise, diagnoses, needs, plan, services, appointments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from hub.domain.codes import label
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.projections import labels
from hub.projections.facts import row_name
from hub.projections.view import TableRow, View
from hub.web import words
from hub.web.pathway.acts import Acts, Badge, Item, joined, status

_DELEGATION = {"proposed": "warning", "active": "info"}
_EXPERTISE = {"requested": "warning"}
_CROSSED = {"opened": "warning", "contributed": "warning", "concluded": "success"}
_NEED = {"identified": "warning", "refined": "warning", "advanced": "info", "closed": "success"}
_SERVICE = {"prescribed": "info", "completed": "success"}
_OF_DELEGATION = frozenset({"delegation_id"})
_OF_EXPERTISE = frozenset({"request_id", "from_network", "answered_by"})
_OF_CROSSED = frozenset({"crossed_diagnosis_id", "opened_by"})
_OF_DIAGNOSIS = frozenset({"diagnosis_id", "network", "version"})
_OF_VERSION = frozenset({"need_id", "version", "network", "step"})
_OF_MEASURE = frozenset({"measure_id", "need_id", "network"})
_OF_PLAN = frozenset({"agreement_id", "network", "plan_version", "joint", "replaced_at"})
_OF_SERVICE = frozenset({"service_id", "prescribed_by", "service"})
_OF_APPOINTMENT = frozenset({"appointment_id", "network", "starts_at"})


class Action(NamedTuple):
    """One action of the plan in force, and whose it is."""

    title: str
    theme: str | None
    owner: str
    due_on: date | None


class Share(NamedTuple):
    """The actions of the plan that one network carries."""

    network: str
    actions: tuple[Action, ...]


def delegations(view: View, acts: Acts) -> Iterator[Item]:
    """Give the delegations of accompaniment."""
    for row in view.tables["delegation"]:
        name = row["delegation_id"]
        steps = acts.steps("delegation", row, _OF_DELEGATION)
        state = status("delegation", row["status"], _DELEGATION)
        yield Item((f"delegation:{name}",), f"Délégation {name}", state, tuple(steps), row_name("delegation", row))


def expertise(view: View, acts: Acts) -> Iterator[Item]:
    """Give the requests for expertise with their answers."""
    for row in view.tables["expertise"]:
        topic = f" : {label('expertise_topic', row['topic'])}" if row["topic"] else ""
        yield Item(
            (f"expertise:{row['request_id']}",),
            words.typed(f"Appui {row['request_id']}{topic}"),
            status("expertise", row["status"], _EXPERTISE),
            tuple(acts.steps("expertise", row, _OF_EXPERTISE)),
            row_name("expertise", row),
        )


def crossed_diagnoses(view: View, acts: Acts) -> Iterator[Item]:
    """Give the crossed diagnoses: who contributed, and what was concluded."""
    for row in view.tables["crossed_diagnosis"]:
        name = row["crossed_diagnosis_id"]
        steps = acts.steps("crossed_diagnosis", row, _OF_CROSSED)
        state = status("crossed_diagnosis", row["status"], _CROSSED)
        missing = [
            labels.network(each) for each in (FRANCE_TRAVAIL, CAP_EMPLOI) if row[f"{each}_contributed_at"] is None
        ]
        if row["status"] != "concluded" and missing:
            state = Badge(f"{state.text}, contribution attendue : {' et '.join(missing)}", state.kind)
        yield Item(
            (f"crossed_diagnosis:{name}",),
            f"Diagnostic croisé {name}",
            Badge(words.typed(state.text), state.kind),
            tuple(steps),
            row_name("crossed_diagnosis", row),
        )


def diagnoses(view: View, acts: Acts) -> Iterator[Item]:
    """Give each version of each network's own diagnosis."""
    for row in view.tables["diagnosis"]:
        title = f"Diagnostic de {labels.network(row['network'])}, version {row['version']}"
        steps = tuple(acts.steps("diagnosis", row, _OF_DIAGNOSIS))
        yield Item((f"diagnosis:{row['diagnosis_id']}",), title, None, steps, row_name("diagnosis", row))


def needs(view: View, acts: Acts) -> Iterator[Item]:
    """Give the compensation needs, each with all its versions and measures."""
    for row in view.tables["need"]:
        name = row["need_id"]
        versions = [each for each in view.tables["need_version"] if each["need_id"] == name]
        measures = [each for each in view.tables["need_measure"] if each["need_id"] == name]
        steps = [step for each in versions for step in acts.steps("need_version", each, _OF_VERSION)]
        steps += [step for each in measures for step in acts.steps("need_measure", each, _OF_MEASURE)]
        yield Item(
            (f"need:{name}",),
            f"Besoin {name}",
            status("need", row["status"], _NEED),
            joined(steps),
            row_name("need", row),
        )


def plans(view: View, acts: Acts) -> Iterator[Item]:
    """Give the versions of the joint action plan; the one in force with the actions of both networks."""
    for row in view.tables["plan"]:
        is_in_force = row["replaced_at"] is None
        state = Badge("en vigueur", "info") if is_in_force else Badge(f"remplacé le {words.day(row['replaced_at'])}")
        steps = [step for step in acts.steps("plan", row, _OF_PLAN) if step.act.event_id == row["event_id"]]
        yield Item(
            (f"plan:{row['plan_version']}",),
            f"Plan d’action, version {row['plan_version']}",
            state,
            tuple(steps),
            row_name("plan", row),
            table=_shares(view.tables["plan_action"], row["event_id"]) if is_in_force else None,
        )


def _shares(actions: list[TableRow], agreed_by: str) -> tuple[Share, ...]:
    of_plan = [row for row in actions if row["event_id"] == agreed_by]
    by_owner = dict.fromkeys(row["owner"] for row in of_plan)
    return tuple(Share(owner, tuple(_action(row) for row in of_plan if row["owner"] == owner)) for owner in by_owner)


def _action(row: TableRow) -> Action:
    theme = words.typed(label("theme", row["theme"])) if row["theme"] else None
    return Action(row["title"] or f"Action {row['action_id']}", theme, row["owner"], row["due_on"])


def services(view: View, acts: Acts) -> Iterator[Item]:
    """Give the services and training, whichever network prescribed them."""
    for row in view.tables["service"]:
        kind = label("service", row["service"]) if row["service"] else "prestation"
        yield Item(
            (f"service:{row['service_id']}",),
            words.typed(f"{words.capital(kind)} ({row['service_id']})"),
            status("service", row["status"], _SERVICE),
            tuple(acts.steps("service", row, _OF_SERVICE)),
            row_name("service", row),
        )


def appointments(view: View, acts: Acts) -> Iterator[Item]:
    """Give the appointments."""
    kinds = {"held": "success", "planned": "info", "missed": "warning"}
    for row in view.tables["appointment"]:
        yield Item(
            (f"appointment:{row['appointment_id']}",),
            f"Rendez-vous du {words.moment(row['starts_at'])}",
            Badge(words.typed(label("appointment_status", row["status"])), kinds.get(row["status"], "neutral")),
            tuple(acts.steps("appointment", row, _OF_APPOINTMENT)),
            row_name("appointment", row),
        )
