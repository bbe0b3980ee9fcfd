"""Who may read what: decisions about access, pure, from who asks, what ties them to the person, and the day.

Need-to-know: an adviser reads the people they accompany and, for 30 days, those they accompanied; anyone else only for
a stated reason. Managers see figures, never a person. What a role does not need of health is not shown to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import IntEnum
from typing import Literal, NamedTuple, get_args

Role = Literal["adviser", "site_lead", "manager", "auditor", "dpo", "publisher", "operator"]
ROLES: tuple[Role, ...] = get_args(Role)

TieGround = Literal["referent", "delegation", "expertise", "diagnosis"]
Ground = Literal["referent", "delegation", "expertise", "diagnosis", "site", "break_glass", "audit", "data_protection"]

READ_AFTER = timedelta(days=30)
"""How long whoever accompanied a person may still read them: the old referent hands over."""


class Action(NamedTuple):
    """Something that a role may do at all, whoever it is about."""

    name: str
    roles: frozenset[Role]


def _action(name: str, *roles: Role) -> Action:
    return Action(name, frozenset(roles))


READ_PERSON = _action("read_person", "adviser", "site_lead", "auditor", "dpo")
BREAK_GLASS = _action("break_glass", "adviser", "site_lead", "auditor", "dpo")
SEARCH = _action("search", "adviser", "site_lead", "auditor", "dpo")
LOOK_UP = _action("look_up", "adviser", "site_lead", "publisher")
CASELOAD = _action("caseload", "adviser", "site_lead")
FOLLOW = _action("follow", "adviser", "site_lead")
DECIDE = _action("decide", "adviser", "site_lead")
PUBLISH = _action("publish", "publisher")
FIGURES = _action("figures", "manager", "site_lead")
READ_ACCESS_LOG = _action("read_access_log", "dpo", "auditor")
REPORT = _action("report", "dpo")
RELEASE = _action("release", "dpo")
OPERATE = _action("operate", "operator")


class Reader(NamedTuple):
    """Who asks, as the token or the machine's login says.

    `reader_id` names them for good (`issuer|subject`, `cli:login`); `adviser` is the id by which events of `network`
    name this adviser; `sites` are SAFIR codes and `departments` their départements, for leads and managers.
    """

    reader_id: str
    roles: frozenset[Role]
    network: str | None = None
    adviser: str | None = None
    organisation: str | None = None
    sites: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    is_system: bool = False


class Tie(NamedTuple):
    """What made an adviser accompany a person: from a day, until a day once it ended."""

    ground: TieGround
    network: str
    adviser: str
    site: str | None
    from_date: date
    until_date: date | None


class Sight(IntEnum):
    """How much of a person is shown."""

    NOTHING = 0
    WITHOUT_HEALTH = 1
    FULL = 2


class Verdict(NamedTuple):
    """What a reader sees of a person, and on which ground; `ground` is None where they see nothing."""

    sight: Sight
    ground: Ground | None


DENIED = Verdict(Sight.NOTHING, None)


def may(reader: Reader, action: Action) -> bool:
    """Tell whether one of the reader's roles allows an action at all."""
    return not reader.roles.isdisjoint(action.roles)


def holds(tie: Tie, today: date) -> bool:
    """Tell whether a tie gives access on a day: from its first day to 30 days after its last."""
    return tie.from_date <= today and (tie.until_date is None or today <= tie.until_date + READ_AFTER)


def sees(reader: Reader, ties: Iterable[Tie], today: date, *, has_reason: bool) -> Verdict:
    """Decide what a reader sees of a person; `has_reason`: they stated why, for this person, and it still counts.

    Of several grounds the one that shows most counts, then the one named first below.
    """
    held = [tie for tie in ties if holds(tie, today)]
    found = [*_of_adviser(reader, held), *_of_site(reader, held), *_of_office(reader, has_reason=has_reason)]
    return max(found, key=lambda verdict: verdict.sight, default=DENIED)


def _of_adviser(reader: Reader, held: Iterable[Tie]) -> Iterable[Verdict]:
    if "adviser" not in reader.roles or reader.network is None or reader.adviser is None:
        return
    own = {tie.ground for tie in held if (tie.network, tie.adviser) == (reader.network, reader.adviser)}
    for ground in get_args(TieGround):
        if ground in own:
            yield Verdict(Sight.FULL, ground)


def _of_site(reader: Reader, held: Iterable[Tie]) -> Iterable[Verdict]:
    if "site_lead" not in reader.roles or reader.network is None:
        return
    if any(tie.network == reader.network and tie.site in reader.sites for tie in held):
        yield Verdict(Sight.WITHOUT_HEALTH, "site")


def _of_office(reader: Reader, *, has_reason: bool) -> Iterable[Verdict]:
    if "auditor" in reader.roles:
        yield Verdict(Sight.FULL if has_reason else Sight.WITHOUT_HEALTH, "audit")
    if "dpo" in reader.roles and has_reason:
        yield Verdict(Sight.FULL, "data_protection")
    if has_reason and not reader.roles.isdisjoint({"adviser", "site_lead"}):
        yield Verdict(Sight.FULL, "break_glass")
