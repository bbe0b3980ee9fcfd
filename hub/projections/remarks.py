"""What screens say beside the values of a pathway: of claims, of what an anomaly is about, of what explains a change.

Pages and the terminal say the same; each writes days in its own way, and sets the texts as it prints them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from hub.domain import codes
from hub.domain.pathway.pathway import Pathway
from hub.projections import labels, nomenclature, wording

Days = Callable[[date], str]
"""How a screen writes a day."""
PLACES = frozenset({"birth_place", "commune"})
"""The facts that are a place, by its Insee code."""
CODED = PLACES | {"availability", "birth_date"}
"""The facts that networks claim by a code or a day; of the others, the text is a person's own."""


class Remark(NamedTuple):
    """What a value that explains an event is the value of, the thing's id where there are several, and its words."""

    event_id: str
    name: str
    thing_id: str | None
    said: str


def claimed(fact: str, value: str, day: Days) -> str:
    """Say what a network claims about a fact: a day, a code in words, any text as it is."""
    if fact in PLACES:
        return nomenclature.place_and_code(value)
    if fact == "availability":
        return codes.label("availability", value)
    return _day(value, day) if fact == "birth_date" else value


def case(text: str) -> str:
    """Say a case record, given as `network/scope/local_id`: the scope is told apart where records are listed."""
    network, _, rest = text.partition("/")
    return f"{labels.network(network)} {rest.rpartition('/')[2]}"


def about(text: str, day: Days, adviser: Callable[[str], str] = str) -> str:
    """Say what an anomaly or alert is about, given as `kind:name`; `adviser` calls one by their code."""
    kind, _, name = text.partition(":")
    match kind:
        case "case":
            record, has_numbers, numbers = name.partition("#")
            return f"dossier {case(record)}" + (f", numéro {_numbers(numbers)}" if has_numbers else "")
        case "event" | "pathway" | "diagnosis" | "adaptation":
            return {"event": "cet événement", "pathway": "le parcours"}.get(kind, wording.model(kind))
        case "code":
            listed, _, found = name.partition("=")
            return f"« {found} » ({wording.column(_COLUMN_OF_LIST.get(listed, listed))})"
        case "fact":
            return labels.fact(name)
        case "title":
            return codes.label("title", name)
        case "follow_up":
            placement, has_day, due_on = name.rpartition(":")
            return f"point du {_day(due_on, day)}, placement {placement}" if has_day else f"placement {name}"
        case "plan":
            return f"plan d'action, version {name}"
        case _:
            pass
    return f"{wording.model(kind)} {adviser(name) if kind == 'referent' else name}".strip()


def rule(row: Mapping[str, Any], day: Days, adviser: Callable[[str], str] = str) -> str:
    """Say an anomaly or what is expected, and what it is about; of a row of `alert`."""
    return f"{labels.rule(row['rule'])} ({about(row['about'], day, adviser)})"


def re_referral(row: Mapping[str, Any]) -> str:
    """Say that a person was sent on to the other network again; of a row of `re_referral`."""
    return f"Réorientation : {labels.network(row['from_network'])} accompagnait déjà la personne"


def remarks(state: Pathway) -> Iterator[Remark]:
    """Give the values that explain a change, and what an answer or a measure is about.

    Sensitive values are read from the state: a sight without health has none of them there.
    """
    for record in state.placements.records:
        yield Remark(record.event_id, "constat", None, codes.label("follow_up_state", record.state))
    for adaptation in state.retentions.adaptations:
        said = codes.label("adaptation", adaptation.adaptation)
        yield Remark(adaptation.event_id, "aménagement", None, said)
    for retention in state.retentions.by_id.values():
        if retention.risk is not None:
            yield Remark(retention.risk.event_id, "risque", None, codes.label("risk", retention.risk.value))
    for title in state.titles.by_start.values():
        yield Remark(title.event_id, "titre", None, codes.label("title", title.title))
    for candidacy in state.candidacies.by_id.values():
        if candidacy.answered_at is not None and candidacy.siret is not None and candidacy.rome is not None:
            said = f"{nomenclature.occupation_and_code(candidacy.rome.value)}, SIRET {candidacy.siret.value}"
            yield Remark(candidacy.answered_at.event_id, "mise en relation", candidacy.candidacy_id, said)
    for need in state.needs.by_id.values():
        if need.current is not None:
            for measure in need.measures:
                yield Remark(measure.event_id, "besoin", need.need_id, codes.label("need_phase", need.current.phase))


def _day(text: str, day: Days) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def _numbers(numbers: str) -> str:
    first, _, last = numbers.partition("-")
    return first if last in {"", first} else f"{first} à {last}"


_COLUMN_OF_LIST: Mapping[str, str] = MappingProxyType(
    {
        "adaptation": "adaptation",
        "appointment_mode": "mode",
        "appointment_status": "status",
        "candidacy_result": "result",
        "cep_level": "level",
        "closing_motive": "closing_motive",
        "delegation_motive": "end_motive",
        "expertise_topic": "topic",
        "follow_up_state": "state",
        "lead_reason": "reason",
        "need_phase": "phase",
        "pathway_motive": "closing_motive",
        "referent_role": "role",
        "reopening_trigger": "reopening_motive",
        "retention_origin": "origin",
        "retention_outcome": "outcome",
        "theme": "theme",
        "void_reason": "reason",
        "link_evidence": "reason",
        "unlink_reason": "reason",
        "erasure_reason": "reason",
        "availability": "availability",
        "review_outcome": "review_outcome",
        "site_mode": "mode",
        "employer_topic": "topic",
        "employer_action": "action",
    }
)
"""The column whose words name a code list."""
