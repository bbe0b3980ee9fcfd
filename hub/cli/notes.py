"""What the frieze says under an event: what does not fit or is contradicted, free texts, and what explains a change.

Sensitive values are read from the state: no line of a list holds them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import Any

from rich.text import Text

from hub.cli.moments import day_text
from hub.projections import free_texts, labels, remarks
from hub.projections.view import View


def notes(view: View) -> dict[str, list[Text]]:
    """Give the notes of a view by event."""
    found: defaultdict[str, list[Text]] = defaultdict(list)
    said = (_values(view), _free_texts(view), _re_referrals(view), _anomalies(view), _contradictions(view))
    for event_id, note in chain(*said):
        found[event_id].append(note)
    return dict(found)


def _values(view: View) -> Iterator[tuple[str, Text]]:
    for each in remarks.remarks(view.state):
        name = f"{each.name} {each.thing_id}" if each.thing_id is not None else each.name
        yield each.event_id, Text(f"{name} : {each.said}", style="italic")


def _free_texts(view: View) -> Iterator[tuple[str, Text]]:
    for each in free_texts.free_texts(view.state):
        yield each.event_id, Text(f"{free_texts.WORDS[each.field]} : « {each.text} »", style="italic")


def _re_referrals(view: View) -> Iterator[tuple[str, Text]]:
    for row in view.tables["re_referral"]:
        yield row["event_id"], Text(f"↻ {remarks.re_referral(row)}", style="bold red")


def _anomalies(view: View) -> Iterator[tuple[str, Text]]:
    for row in view.tables["alert"]:
        if row["kind"] == "anomaly":
            yield row["event_id"], Text(f"⚠ {remarks.rule(row, day_text)}", style="yellow")


def _contradictions(view: View) -> Iterator[tuple[str, Text]]:
    for row in view.tables["contradiction"]:
        yield row["event_id"], Text(f"≠ {contradiction(row)}", style="red")


def contradiction(row: dict[str, Any]) -> str:
    """Say what each network claims."""
    fact = row["fact"]
    values = (row[column] for column in ("france_travail_value", "cap_emploi_value"))
    one, other = (remarks.claimed(fact, value, day_text) for value in values)
    return f"{labels.fact(fact)} : « {one} » selon France Travail, « {other} » selon Cap emploi"
