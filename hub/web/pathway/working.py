"""The things of a person's work: candidacies, placements and their follow-up, retention, counsel, transitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from hub.domain.codes import label
from hub.projections.facts import event_of, row_name
from hub.projections.view import TableRow, View
from hub.web import words
from hub.web.pathway import phrases
from hub.web.pathway.acts import Acts, Badge, Item, Step, joined, passage, status
from hub.web.pathway.undoing import Undone, undone_of

_CANDIDACY = {"proposed": "info"}
_RESULTS = {"hired": "success"}
_OUTCOMES = {"not_retained": "warning"}
_OF_CANDIDACY = frozenset({"candidacy_id", "network", "result"})
_OF_REPORT = frozenset({"report_id", "network", "siret", "starts_on"})
_OF_RETENTION = frozenset({"retention_id", "outcome"})
_OF_ADAPTATION = frozenset({"adaptation_id", "retention_id", "placement_id"})
_OF_TRANSITION = frozenset({"transition_id", "network", "retention_id"})
_OF_CEP = frozenset({"cep_id", "public"})


class Checkpoint(NamedTuple):
    """A point of lasting follow-up; `event_id` is the event that gives its state, `lateness` in days.

    `undone` are the records of it that were voided.
    """

    due_on: date
    state: Badge
    finding: str | None
    recorded_at: datetime | None
    event_id: str
    lateness: int
    undone: tuple[Undone, ...] = ()


def candidacies(view: View, acts: Acts) -> Iterator[Item]:
    """Give the candidacies with the employers' answers."""
    for row in view.tables["candidacy"]:
        state = status("candidacy", row["status"], _CANDIDACY)
        if row["result"]:
            result = words.typed(label("candidacy_result", row["result"]))
            state = Badge(result, _RESULTS.get(row["result"], "neutral"))
        yield Item(
            (f"candidacy:{row['candidacy_id']}",),
            f"Mise en relation {row['candidacy_id']}",
            state,
            tuple(acts.steps("candidacy", row, _OF_CANDIDACY)),
            row_name("candidacy", row),
        )


def placements(view: View, acts: Acts, today: date) -> Iterator[Item]:
    """Give the placements, one for both networks, with what is followed up and what was adapted."""
    for row in view.tables["placement"]:
        ids = [each for each in (row["france_travail_id"], row["cap_emploi_id"]) if each]
        reports = [each for each in view.tables["placement_report"] if _is_of(each, row)]
        steps = [step for each in reports for step in acts.steps("placement_report", each, _OF_REPORT)]
        steps += _adaptations(view, acts, "placement_id", ids)
        checkpoints = [each for each in view.tables["follow_up"] if each["placement_id"] in ids]
        names = [f"placement:{each}" for each in ids]
        names += [f"follow_up:{each['placement_id']}:{each['due_on']}" for each in checkpoints]
        kind = f", {label('contract', row['contract'])}" if row["contract"] else ""
        yield Item(
            tuple(names),
            words.typed(f"SIRET {row['siret']}{kind}, à partir du {words.day(row['starts_on'])}"),
            None,
            joined([*steps, *_followed(acts, checkpoints)]),
            row_name("placement", row),
            table=tuple(_checkpoint(view, acts, each, today) for each in checkpoints),
        )


def _is_of(report: TableRow, placement: TableRow) -> bool:
    return (report["siret"], report["starts_on"]) == (placement["siret"], placement["starts_on"])


def stray_follow_ups(view: View, acts: Acts, today: date) -> Iterator[Item]:
    """Give the checkpoints of placements that nobody reported."""
    known = {row[column] for row in view.tables["placement"] for column in ("france_travail_id", "cap_emploi_id")}
    stray = [row for row in view.tables["follow_up"] if row["placement_id"] not in known]
    for name in dict.fromkeys(row["placement_id"] for row in stray):
        rows = [row for row in stray if row["placement_id"] == name]
        names = (f"placement:{name}", *(f"follow_up:{name}:{row['due_on']}" for row in rows))
        table = tuple(_checkpoint(view, acts, row, today) for row in rows)
        title = f"Placement {name}, que personne n’a déclaré"
        yield Item(names, title, None, joined(_followed(acts, rows)), row_name("follow_up", rows[0]), table=table)


def _followed(acts: Acts, checkpoints: Iterable[TableRow]) -> list[Step]:
    events = dict.fromkeys(event for row in checkpoints for event in (row["event_id"], event_of(row, "status")))
    return [Step(acts.act(event), (), acts.passages(event)) for event in events]


def _checkpoint(view: View, acts: Acts, row: TableRow, today: date) -> Checkpoint:
    kinds = {"held": "success", "awaited": "info"}
    lateness = phrases.late(row["due_on"], today) if row["status"] == "awaited" else 0
    state = Badge("en retard", "error") if lateness else status("follow_up", row["status"], kinds)
    finding = words.typed(label("follow_up_state", row["state"])) if row["state"] else None
    about = f"follow_up:{row['placement_id']}:{row['due_on']}"
    undone = tuple(undone_of(view, about, acts)) if row["status"] == "awaited" else ()
    return Checkpoint(row["due_on"], state, finding, row["recorded_at"], event_of(row, "status"), lateness, undone)


def retentions(view: View, acts: Acts) -> Iterator[Item]:
    """Give the retentions in employment with the adaptations and transitions that belong to them."""
    for row in view.tables["retention"]:
        name = row["retention_id"]
        steps = acts.steps("retention", row, _OF_RETENTION)
        steps += _adaptations(view, acts, "retention_id", [name])
        steps += [
            step
            for each in view.tables["transition"]
            if each["retention_id"] == name
            for step in acts.steps("transition", each, _OF_TRANSITION)
        ]
        yield Item((f"retention:{name}",), f"Maintien {name}", _outcome(row), joined(steps), row_name("retention", row))


def _outcome(row: TableRow) -> Badge:
    if row["outcome"] is None:
        return Badge("en cours", "info")
    return Badge(words.typed(label("retention_outcome", row["outcome"])), _OUTCOMES.get(row["outcome"], "success"))


def _adaptations(view: View, acts: Acts, column: str, ids: list[str]) -> list[Step]:
    rows = [row for row in view.tables["adaptation"] if row[column] in ids]
    return [step for row in rows for step in acts.steps("adaptation", row, _OF_ADAPTATION)]


def stray_adaptations(view: View, acts: Acts) -> Iterator[Item]:
    """Give the adaptations that belong to no retention and no placement known."""
    retentions = {row["retention_id"] for row in view.tables["retention"]}
    known = {row[column] for row in view.tables["placement"] for column in ("france_travail_id", "cap_emploi_id")}
    for row in view.tables["adaptation"]:
        if row["retention_id"] in retentions or (row["placement_id"] is not None and row["placement_id"] in known):
            continue
        name = row["retention_id"] or row["placement_id"]
        names = (f"adaptation:{row['adaptation_id']}", f"retention:{name}")
        steps = tuple(acts.steps("adaptation", row, frozenset({"adaptation_id"})))
        yield Item(names, "Aménagement de poste", None, steps, row_name("adaptation", row))


def ceps(view: View, acts: Acts) -> Iterator[Item]:
    """Give the counsels in professional evolution: of an employee, or of a job seeker."""
    for row in view.tables["cep"]:
        public = f" ({label('public', row['public'])})" if row["public"] else ""
        state = Badge("ouvert", "info") if row["concluded_at"] is None else Badge("conclu", "success")
        steps = [_with_project(view, step, row) for step in acts.steps("cep", row, _OF_CEP)]
        title = words.typed(f"CEP {row['cep_id']}{public}")
        yield Item((f"cep:{row['cep_id']}",), title, state, tuple(steps), row_name("cep", row))


def _with_project(view: View, step: Step, row: TableRow) -> Step:
    """Add the project's text, which stands in the state alone."""
    known = view.state.ceps.by_id.get(row["cep_id"])
    project = known.project if known else None
    if project is None or project.event_id != step.act.event_id:
        return step
    return step._replace(passages=(*step.passages, passage("projet", project.value)))


def transitions(view: View, acts: Acts) -> Iterator[Item]:
    """Give the professional transitions."""
    for row in view.tables["transition"]:
        after = f" après le maintien {row['retention_id']}" if row["retention_id"] else ""
        steps = tuple(acts.steps("transition", row, _OF_TRANSITION))
        names = (f"transition:{row['transition_id']}",)
        yield Item(names, f"Transition professionnelle{after}", None, steps, row_name("transition", row))
