"""Who may do what: every reader, every operation, and what comes of it. The tables are read, not computed."""

from __future__ import annotations

from typing import NamedTuple

from hub.domain.access import Reader, Role, Sight
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL

FULL, PART, NONE = Sight.FULL, Sight.WITHOUT_HEALTH, Sight.NOTHING

MAY: dict[str, str] = {
    "adviser": "person reason search look_up lists decide changes me",
    "site_lead": "person reason search look_up lists decide changes figures me",
    "manager": "figures me",
    "auditor": "person reason search log me",
    "dpo": "person reason search log report release me",
    "publisher": "publish look_up me",
    "operator": "status mend me",
}
"""What a role may do at all; the rows of `OPERATIONS` use these words."""


class Row(NamedTuple):
    """A reader: what they see of the person, of somebody else and of somebody erased; on which ground.

    `states` is the person for whom they stated a reason before. Whoever has no `reader` sends no token.
    """

    reader: Reader | None
    own: Sight
    other: Sight
    erased: Sight
    ground: str | None = None
    states: bool = False
    decides: bool = False
    """Whether they may decide about the person's case records."""


def _reader(name: str, role: Role | None, network: str | None = None, adviser: str | None = None) -> Reader:
    return Reader(f"test|{name}", frozenset({role} if role else ()), network, adviser)


def _lead(name: str, network: str, site: str) -> Reader:
    return _reader(name, "site_lead", network)._replace(sites=frozenset({site}))


def _adviser(name: str, network: str | None, adviser: str | None) -> Reader:
    return _reader(name, "adviser", network, adviser)


_FIGURES = Reader("test|manager", frozenset({"manager"}), departments=frozenset({"69"}))
_FT, _CE = FRANCE_TRAVAIL, CAP_EMPLOI
READERS: dict[str, Row] = {
    #                                                                            own   other erased
    "referent": Row(_adviser("referent", _FT, "A-1"), FULL, NONE, NONE, "referent", decides=True),
    "by delegation": Row(_adviser("delegate", _CE, "A-1"), FULL, NONE, NONE, "delegation", decides=True),
    "by expertise": Row(_adviser("expert", _FT, "A-2"), FULL, NONE, NONE, "expertise", decides=True),
    "by diagnosis": Row(_adviser("diagnosis", _CE, "C-1"), FULL, NONE, NONE, "diagnosis", decides=True),
    "former, 30 days ago": Row(_adviser("former-30", _FT, "A-30"), FULL, NONE, NONE, "referent", decides=True),
    "former, 31 days ago": Row(_adviser("former-31", _FT, "A-0"), NONE, NONE, NONE),
    "unrelated": Row(_adviser("unrelated", _CE, "C-9"), NONE, NONE, NONE),
    "unrelated, for a reason": Row(_adviser("reasoned", _CE, "C-8"), FULL, NONE, NONE, "break_glass", states=True),
    "same id, other network": Row(_adviser("namesake", _CE, "A-30"), NONE, NONE, NONE),
    "without an adviser id": Row(_adviser("nameless", _FT, None), NONE, NONE, NONE),
    "without a network": Row(_adviser("stateless", None, "A-1"), NONE, NONE, NONE),
    "lead of the site": Row(_lead("lead", _FT, "69244"), PART, PART, NONE, "site"),
    "lead, for a reason": Row(_lead("lead-r", _FT, "69244"), FULL, PART, NONE, "break_glass", True),
    "lead of another site": Row(_lead("lead-2", _FT, "69001"), NONE, NONE, NONE),
    "lead of the other network": Row(_lead("lead-3", _CE, "69001"), NONE, NONE, NONE),
    "manager": Row(_FIGURES, NONE, NONE, NONE),
    "auditor": Row(_reader("auditor", "auditor"), PART, PART, PART, "audit"),
    "auditor, for a reason": Row(_reader("auditor-r", "auditor"), FULL, PART, PART, "audit", True),
    "data protection officer": Row(_reader("dpo", "dpo"), NONE, NONE, NONE),
    "officer, for a reason": Row(_reader("dpo-r", "dpo"), FULL, NONE, NONE, "data_protection", True),
    "publisher": Row(_reader("ft-system", "publisher", _FT), NONE, NONE, NONE),
    "other publisher": Row(_reader("ce-system", "publisher", _CE), NONE, NONE, NONE),
    "system with every role": Row(
        Reader("test|system", frozenset({"adviser", "dpo", "auditor"}), _FT, "A-1", is_system=True), NONE, NONE, NONE
    ),
    "operator": Row(_reader("operator", "operator"), NONE, NONE, NONE),
    "without a role": Row(_reader("none", None, _FT, "A-1"), NONE, NONE, NONE),
    "without a token": Row(None, NONE, NONE, NONE),
}


def may(row: Row) -> set[str]:
    """Give what a reader may do at all; a system is neither adviser nor officer nor auditor."""
    if row.reader is None:
        return set()
    roles = row.reader.roles - ({"adviser", "site_lead", "auditor", "dpo"} if row.reader.is_system else set())
    return {"me", *(word for role in roles for word in MAY[role].split())}


class Operation(NamedTuple):
    """What an operation is for (a word of `MAY`), and what it shows of somebody who is seen whole.

    `names`: the family name, a case record's id, or the person's id, of which the last is no secret to who asks by it.
    """

    may: str
    health: bool = False
    names: bool = False


OPERATIONS: dict[str, Operation] = {
    "read_pathway": Operation("person", health=True, names=True),
    "read_timeline": Operation("person", health=True, names=True),
    "read_history": Operation("person", health=True, names=True),
    "read_facts": Operation("person", health=True, names=True),
    "explain_fact": Operation("person", health=True, names=True),
    "read_event": Operation("person", health=True, names=True),
    "read_case_records": Operation("person", names=True),
    "read_claims": Operation("person", names=True),
    "read_contradictions": Operation("person"),
    "read_titles": Operation("person", health=True),
    "read_referents": Operation("person"),
    "read_accompaniments": Operation("person"),
    "read_delegations": Operation("person", health=True),
    "read_expertise": Operation("person", health=True),
    "read_re_referrals": Operation("person"),
    "read_diagnoses": Operation("person", health=True),
    "read_crossed_diagnoses": Operation("person"),
    "read_needs": Operation("person", health=True),
    "read_need_versions": Operation("person", health=True),
    "read_need_measures": Operation("person", health=True),
    "read_plans": Operation("person"),
    "read_plan_actions": Operation("person", health=True),
    "read_services": Operation("person", health=True),
    "read_appointments": Operation("person"),
    "read_candidacies": Operation("person"),
    "read_placements": Operation("person"),
    "read_placement_reports": Operation("person"),
    "read_follow_ups": Operation("person", health=True),
    "read_retentions": Operation("person", health=True),
    "read_adaptations": Operation("person", health=True),
    "read_transitions": Operation("person"),
    "read_ceps": Operation("person"),
    "read_alerts": Operation("person", health=True, names=True),
    "make_report": Operation("report", health=True, names=True),
    "read_accesses": Operation("log"),
    "list_access_entries": Operation("log"),
    "list_access_alarms": Operation("log"),
    "release_reader": Operation("release"),
    "list_caseload": Operation("lists", names=True),
    "list_alerts": Operation("lists", names=True),
    "list_contradictions": Operation("lists"),
    "list_notices": Operation("lists", names=True),
    "list_suggestions": Operation("lists"),
    "search_people": Operation("search", names=True),
    "look_up_at_intake": Operation("look_up", names=True),
    "decide": Operation("decide"),
    "read_decision": Operation("decide"),
    "publish": Operation("publish"),
    "delegation_figures": Operation("figures"),
    "read_me": Operation("me"),
    "read_status": Operation("status"),
    "list_quarantine": Operation("mend"),
    "read_quarantined": Operation("mend"),
    "redrive": Operation("mend"),
    "follow_changes": Operation("changes"),
    "state_a_reason": Operation("reason"),
}
"""Every operation; the last one opens a person, so it is tried last."""
