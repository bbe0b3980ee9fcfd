"""What the frieze says under an event: what does not fit, what the networks contradict each other about, free texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from rich.text import Text

from hub.domain.codes import label
from hub.projections import free_texts, labels, wording
from hub.projections.view import View


def notes(view: View) -> dict[str, list[Text]]:
    """Give the notes of a view by event."""
    found: defaultdict[str, list[Text]] = defaultdict(list)
    for event_id, note in (*_free_texts(view), *_re_referrals(view), *_anomalies(view), *_contradictions(view)):
        found[event_id].append(note)
    return dict(found)


def _free_texts(view: View) -> Iterator[tuple[str, Text]]:
    for each in free_texts.free_texts(view.state):
        yield each.event_id, Text(f"{free_texts.WORDS[each.field]} : « {each.text} »", style="italic")


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
    return label(fact, value) if fact == "availability" else value


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
