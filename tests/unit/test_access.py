"""Who may read what: every role, each relation to the person, with and without a stated reason."""

from __future__ import annotations

from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import access
from hub.domain.access import (
    DENIED,
    ROLES,
    Action,
    Limits,
    Pace,
    Reader,
    Role,
    Sight,
    Tie,
    TieGround,
    Verdict,
    holds,
    may,
    pace,
    sees,
)

TODAY = date(2021, 6, 1)
SITE = "69244"


def reader(*roles: Role, **fields: object) -> Reader:
    """Adviser A-1 of France Travail, at a site that they lead if that is their role."""
    known = {"network": "france_travail", "adviser": "A-1", "sites": frozenset({SITE}), **fields}
    return Reader("issuer|1", frozenset(roles), **known)  # type: ignore[arg-type]


def tie(
    ground: TieGround = "referent",
    network: str = "france_travail",
    adviser: str = "A-1",
    site: str | None = None,
    days: tuple[int, int | None] = (-100, None),
) -> Tie:
    """Give a tie from and until so many days from today."""
    first, last = days
    until = None if last is None else TODAY + timedelta(last)
    return Tie(ground, network, adviser, site, TODAY + timedelta(first), until)


RELATIONS = {
    "own": tie(),
    "ended 30 days ago": tie(days=(-100, -30)),
    "ended 31 days ago": tie(days=(-100, -31)),
    "from tomorrow": tie(days=(1, None)),
    "same id, other network": tie(network="cap_emploi"),
    "at their site": tie(adviser="A-9", site=SITE),
    "left their site 31 days ago": tie(adviser="A-9", site=SITE, days=(-100, -31)),
    "at their site, other network": tie(network="cap_emploi", adviser="A-9", site=SITE),
    "asked of their site": tie("delegation", adviser="", site=SITE),
    "at another site": tie(adviser="A-9", site="69001"),
}

TABLE = """
role        reason  relation                      sight           ground
adviser     -       own                           FULL            referent
adviser     -       ended 30 days ago             FULL            referent
adviser     -       ended 31 days ago             NOTHING         -
adviser     -       from tomorrow                 NOTHING         -
adviser     -       same id, other network        NOTHING         -
adviser     -       at their site                 NOTHING         -
adviser     -       left their site 31 days ago   NOTHING         -
adviser     -       at their site, other network  NOTHING         -
adviser     -       asked of their site           NOTHING         -
adviser     -       at another site               NOTHING         -
adviser     yes     own                           FULL            referent
adviser     yes     ended 30 days ago             FULL            referent
adviser     yes     ended 31 days ago             FULL            break_glass
adviser     yes     from tomorrow                 FULL            break_glass
adviser     yes     same id, other network        FULL            break_glass
adviser     yes     at their site                 FULL            break_glass
adviser     yes     left their site 31 days ago   FULL            break_glass
adviser     yes     at their site, other network  FULL            break_glass
adviser     yes     asked of their site           FULL            break_glass
adviser     yes     at another site               FULL            break_glass
site_lead   -       own                           NOTHING         -
site_lead   -       ended 30 days ago             NOTHING         -
site_lead   -       ended 31 days ago             NOTHING         -
site_lead   -       from tomorrow                 NOTHING         -
site_lead   -       same id, other network        NOTHING         -
site_lead   -       at their site                 WITHOUT_HEALTH  site
site_lead   -       left their site 31 days ago   NOTHING         -
site_lead   -       at their site, other network  NOTHING         -
site_lead   -       asked of their site           WITHOUT_HEALTH  site
site_lead   -       at another site               NOTHING         -
site_lead   yes     own                           FULL            break_glass
site_lead   yes     ended 30 days ago             FULL            break_glass
site_lead   yes     ended 31 days ago             FULL            break_glass
site_lead   yes     from tomorrow                 FULL            break_glass
site_lead   yes     same id, other network        FULL            break_glass
site_lead   yes     at their site                 FULL            break_glass
site_lead   yes     left their site 31 days ago   FULL            break_glass
site_lead   yes     at their site, other network  FULL            break_glass
site_lead   yes     asked of their site           FULL            break_glass
site_lead   yes     at another site               FULL            break_glass
auditor     -       *                             WITHOUT_HEALTH  audit
auditor     yes     *                             FULL            audit
dpo         -       *                             NOTHING         -
dpo         yes     *                             FULL            data_protection
manager     -       *                             NOTHING         -
manager     yes     *                             NOTHING         -
publisher   -       *                             NOTHING         -
publisher   yes     *                             NOTHING         -
operator    -       *                             NOTHING         -
operator    yes     *                             NOTHING         -
"""

ACTIONS = """
action           adviser site_lead manager auditor dpo publisher operator
read_person      yes     yes       -       yes     yes -         -
break_glass      yes     yes       -       yes     yes -         -
search           yes     yes       -       yes     yes -         -
look_up          yes     yes       -       -       -   yes       -
caseload         yes     yes       -       -       -   -         -
follow           yes     yes       -       -       -   -         -
decide           yes     yes       -       -       -   -         -
publish          -       -         -       -       -   yes       -
figures          -       yes       yes     -       -   -         -
read_access_log  -       -         -       yes     yes -         -
report           -       -         -       -       yes -         -
release          -       -         -       -       yes -         -
operate          -       -         -       -       -   -         yes
"""

ALL_ACTIONS = {action.name: action for action in vars(access).values() if isinstance(action, Action)}


def _cells(text: str, gap: int) -> list[list[str]]:
    return [[cell.strip() for cell in line.split(" " * gap) if cell.strip()] for line in text.strip().splitlines()]


def _verdicts() -> list[tuple[Role, bool, str, Verdict]]:
    found: list[tuple[Role, bool, str, Verdict]] = []
    for role, reason, relation, sight, ground in _cells(TABLE, 2)[1:]:
        verdict = Verdict(Sight[sight], None if ground == "-" else ground)  # type: ignore[arg-type]
        relations = RELATIONS if relation == "*" else [relation]
        found += [(role, reason == "yes", name, verdict) for name in relations]  # type: ignore[misc]
    return found


@pytest.mark.parametrize(("role", "has_reason", "relation", "verdict"), _verdicts())
def test_a_role_sees_a_person_as_the_table_says(role: Role, has_reason: bool, relation: str, verdict: Verdict) -> None:
    assert sees(reader(role), [RELATIONS[relation]], TODAY, has_reason=has_reason) == verdict


def test_the_table_says_something_of_every_role_relation_and_reason() -> None:
    said = [(role, reason, relation) for role, reason, relation, _ in _verdicts()]
    assert len(said) == len(set(said)) == len(ROLES) * 2 * len(RELATIONS)


@pytest.mark.parametrize("line", _cells(ACTIONS, 1)[1:], ids=lambda line: line[0])
def test_a_role_may_do_what_the_table_says(line: list[str]) -> None:
    roles = _cells(ACTIONS, 1)[0][1:]
    action = ALL_ACTIONS[line[0]]
    told = ["yes" if may(reader(role), action) else "-" for role in roles]  # type: ignore[arg-type]
    assert told == line[1:]


def test_the_table_of_actions_has_every_action_and_every_role() -> None:
    head, *lines = _cells(ACTIONS, 1)
    assert sorted(head[1:]) == sorted(ROLES)
    assert sorted(line[0] for line in lines) == sorted(ALL_ACTIONS)


@pytest.mark.parametrize("ground", get_args(TieGround))
def test_each_ground_gives_its_adviser_all_of_the_person(ground: TieGround) -> None:
    assert sees(reader("adviser"), [tie(ground)], TODAY, has_reason=False) == Verdict(Sight.FULL, ground)


def test_an_adviser_who_also_leads_sees_their_own_person_in_full_and_the_others_without_health() -> None:
    both = reader("adviser", "site_lead")
    others = tie(adviser="A-9", site=SITE)
    assert sees(both, [others, tie()], TODAY, has_reason=False) == Verdict(Sight.FULL, "referent")
    assert sees(both, [others], TODAY, has_reason=False) == Verdict(Sight.WITHOUT_HEALTH, "site")


@pytest.mark.parametrize("adviser", ["", None])
def test_what_is_asked_of_a_site_belongs_to_no_adviser_without_an_id(adviser: str | None) -> None:
    nobody = tie("expertise", adviser="", site=SITE)
    assert sees(reader("adviser", adviser=adviser), [nobody], TODAY, has_reason=False) == DENIED


def test_a_tie_without_a_site_is_at_no_ones_site() -> None:
    assert sees(reader("site_lead", sites=frozenset({""})), [tie(site=None)], TODAY, has_reason=False) == DENIED


@pytest.mark.parametrize("days", [(date.min, None), (date.min, date.max), (date.min, date.min), (date.max, None)])
def test_the_first_and_the_last_day_of_the_calendar_are_days_like_others(days: tuple[date, date | None]) -> None:
    first, last = days
    found = holds(Tie("referent", "france_travail", "A-1", None, first, last), TODAY)
    assert found is (first == date.min and last != date.min)


LIMITS = Limits(60, 250, 10, 30, 500, 2_000)


@pytest.mark.parametrize(
    ("own", "other", "is_system", "expected"),
    [
        ((60, 250), (10, 30), False, Pace.FREE),
        ((61, 250), (10, 30), False, Pace.SLOWED),
        ((60, 251), (10, 30), False, Pace.STOPPED),
        ((60, 250), (11, 30), False, Pace.SLOWED),
        ((60, 250), (10, 31), False, Pace.STOPPED),
        ((0, 251), (11, 11), False, Pace.STOPPED),
        ((0, 0), (500, 2_000), True, Pace.FREE),
        ((1, 1), (500, 1_999), True, Pace.SLOWED),
        ((1, 1), (0, 2_000), True, Pace.STOPPED),
    ],
)
def test_beyond_so_many_people_a_reader_is_slowed_then_stopped(
    own: tuple[int, int], other: tuple[int, int], is_system: bool, expected: Pace
) -> None:
    counted = {"own_last_hour": own[0], "own_last_day": own[1], "other_last_hour": other[0], "other_last_day": other[1]}
    assert pace(LIMITS, is_system=is_system, **counted) is expected


@given(st.lists(st.integers(0, 3_000), min_size=4, max_size=4), st.integers(0, 3), st.booleans())
def test_reading_one_more_person_never_speeds_up(counts: list[int], which: int, is_system: bool) -> None:
    def paced(numbers: list[int]) -> Pace:
        names = ("own_last_hour", "own_last_day", "other_last_hour", "other_last_day")
        return pace(LIMITS, is_system=is_system, **dict(zip(names, numbers, strict=True)))

    more = [number + (place == which) for place, number in enumerate(counts)]
    assert paced(more) >= paced(counts)
