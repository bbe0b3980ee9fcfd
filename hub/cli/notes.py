"""What the frieze says under an event: what does not fit or is contradicted, free texts, and what explains a change.

Sensitive values are read from the state: no line of a list holds them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import Any

from rich.text import Text

from hub.cli.moments import text_of_day
from hub.domain.codes import label
from hub.domain.pathway.pathway import Pathway
from hub.projections import free_texts, labels, wording
from hub.projections.view import View


def notes(view: View) -> dict[str, list[Text]]:
    """Give the notes of a view by event."""
    found: defaultdict[str, list[Text]] = defaultdict(list)
    said = (_meant(view.state), _values(view.state), _free_texts(view))
    for event_id, note in chain(*said, _re_referrals(view), _anomalies(view), _contradictions(view)):
        found[event_id].append(note)
    return dict(found)


def _free_texts(view: View) -> Iterator[tuple[str, Text]]:
    for each in free_texts.free_texts(view.state):
        yield each.event_id, Text(f"{free_texts.WORDS[each.field]} : « {each.text} »", style="italic")


def _values(state: Pathway) -> Iterator[tuple[str, Text]]:
    """Say the coded values that explain a change, in an adviser's words."""
    for record in state.placements.records:
        yield _value(record.event_id, "état", "follow_up_state", record.state)
    for adaptation in state.retentions.adaptations:
        yield _value(adaptation.event_id, "aménagement", "adaptation", adaptation.adaptation)
    for retention in state.retentions.by_id.values():
        if retention.risk is not None:
            yield _value(retention.risk.event_id, "risque", "risk", retention.risk.value)
    for title in state.titles.by_start.values():
        yield _value(title.event_id, "titre", "title", title.title)


def _value(event_id: str, name: str, code_list: str, code: str) -> tuple[str, Text]:
    return event_id, Text(f"{name} : {label(code_list, code)}", style="italic")


def _meant(state: Pathway) -> Iterator[tuple[str, Text]]:
    """Say which candidacy an answer is about, and which need a measure."""
    for candidacy in state.candidacies.by_id.values():
        if candidacy.answered_at is not None and candidacy.siret is not None and candidacy.rome is not None:
            text = f"mise en relation {candidacy.candidacy_id} : SIRET {candidacy.siret.value}"
            yield candidacy.answered_at.event_id, Text(f"{text}, métier {candidacy.rome.value}")
    for need in state.needs.by_id.values():
        phase = f" ({label('need_phase', need.current.phase)})" if need.current is not None else ""
        for measure in need.measures:
            yield measure.event_id, Text(f"besoin {need.need_id}{phase}")


def _re_referrals(view: View) -> Iterator[tuple[str, Text]]:
    for row in view.tables["re_referral"]:
        text = f"↻ Réorientation : {labels.network(row['from_network'])} accompagnait déjà la personne"
        yield row["event_id"], Text(text, style="bold red")


def _anomalies(view: View) -> Iterator[tuple[str, Text]]:
    for row in view.tables["alert"]:
        if row["kind"] == "anomaly":
            yield row["event_id"], Text(f"⚠ {labels.rule(row['rule'])} ({thing(row['about'])})", style="yellow")


def _contradictions(view: View) -> Iterator[tuple[str, Text]]:
    for row in view.tables["contradiction"]:
        yield row["event_id"], Text(f"≠ {contradiction(row)}", style="red")


def contradiction(row: dict[str, Any]) -> str:
    """Say what each network claims."""
    fact = row["fact"]
    one, other = (claimed(fact, row[column]) for column in ("france_travail_value", "cap_emploi_value"))
    return f"{labels.fact(fact)} : « {one} » selon France Travail, « {other} » selon Cap emploi"


def claimed(fact: str, value: str) -> str:
    """Say what a network claims about a fact."""
    return text_of_day(value) if fact == "birth_date" else value


def thing(about: str) -> str:
    """Say what an anomaly or alert is about: the name of its kind in French, and its id."""
    kind, _, name = about.partition(":")
    if kind == "case":
        return f"dossier {name}"
    if kind == "event":
        return "cet événement"
    if kind == "code":
        return name
    if kind == "fact":
        return labels.fact(name)
    if kind == "title":
        return f"{wording.model(kind)} {label('title', name)}"
    return f"{wording.model(kind)} {name}"
